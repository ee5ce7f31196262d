"""What a password must be: long, and none that everybody tries first. No rules about kinds of signs: length counts."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files
from typing import Final

from geoplan.errors import Fault

__all__ = ["MAX_PASSWORD", "MIN_PASSWORD", "password_faults"]

MIN_PASSWORD: Final = 12
MAX_PASSWORD: Final = 200  # argon2 of a very long text is a way to keep a server busy
_FEWEST_SIGNS: Final = 5
_ROWS: Final = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
)
_LEET: Final = str.maketrans("013457@$!", "oleastasi")


@cache
def _common() -> frozenset[str]:
    text = files("geoplan_data").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


def _is_common(folded: str) -> bool:
    """Tell whether a password is a common word, rows of the keyboard, or a repetition, with signs around it."""
    core = folded.strip("0123456789.!@#$%^&*_- ")
    plain = core.translate(_LEET)
    if len(set(folded)) < _FEWEST_SIGNS or {folded, core, plain} & _common():
        return True
    if any(folded == folded[:size] * (len(folded) // size) + folded[: len(folded) % size] for size in range(1, 7)):
        return True
    rest = folded
    for row in sorted(_common() | _pieces(), key=len, reverse=True):
        rest = rest.replace(row, "")
    return len(rest) <= 2


@cache
def _pieces() -> frozenset[str]:
    """Return runs of four and more keys that lie beside each other, both ways."""
    runs = (
        row[at : at + size] for row in _ROWS for size in range(4, len(row) + 1) for at in range(len(row) - size + 1)
    )
    return frozenset(piece for run in runs for piece in (run, run[::-1]))


def password_faults(password: str, name: str = "") -> list[Fault]:
    """Return what is wrong with a password for an account.

    Parameters
    ----------
    password : str
        As typed; never repeated in a fault.
    name : str
        Account that it is for: a password does not hold it.

    Returns
    -------
    list of Fault
        Nothing where the password is good.
    """
    todo, todo_zh = "take a few words that do not belong together", "可用几个互不相干的词组成"
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        return [Fault(f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters", todo, field="password",
                      problem_zh=f"密码长度应为 {MIN_PASSWORD}–{MAX_PASSWORD} 个字符", todo_zh=todo_zh)]  # fmt: skip
    folded = unicodedata.normalize("NFKC", password).casefold()
    if name and name.casefold() in folded:
        return [Fault("the password holds the name", todo, field="password",
                      problem_zh="密码不得包含账号名", todo_zh=todo_zh)]  # fmt: skip
    if _is_common(folded):
        return [Fault("the password is one of those that are tried first", todo, field="password",
                      problem_zh="密码过于常见，容易被猜中", todo_zh=todo_zh)]  # fmt: skip
    return []

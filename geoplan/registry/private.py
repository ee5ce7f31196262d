"""Mobile numbers never stay where the public may read: every write passes through :func:`keep_mobiles_private`.

A union's register names a person's mobile in any column, in any writing: full-width digits, ``+86``, dots, spaces,
Chinese numerals. Landlines (service telephones) are public and stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from geoplan.registry.record import FIELDS

__all__ = ["hide_mobiles", "keep_mobiles_private", "take_mobiles"]

_GAP: Final = r"[\s.,·•_‐‑‒–—―−~*()\[\]/\\-]{0,3}"
_MOBILE: Final = re.compile(rf"(?<!\d)(?:(?:(?:\+|00)?86|0){_GAP})?(1{_GAP}[3-9](?:{_GAP}\d){{9}})(?!\d)")
_NUMERALS: Final = "〇零一幺二三四五六七八九"
_DIGITS: Final = str.maketrans(_NUMERALS, "001123456789")
# no look-around here: the numeral before it may be the end of a name (张三)
_SPELT: Final = re.compile(rf"([一幺]{_GAP}[三四五六七八九](?:{_GAP}[{_NUMERALS}]){{9}})")
_TEXTS: Final = tuple(spec.name for spec in FIELDS if spec.public and spec.type in {"text", "list"})


def _folded(text: str) -> str:
    """Return a text of the same length in which every digit is ASCII and invisible characters are spaces."""
    return "".join(map(_fold, text))


def _fold(sign: str) -> str:
    if sign.isascii():
        return sign
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return str(digit)
    if unicodedata.category(sign) in {"Cf", "Mn"}:  # zero-width spaces, joiners, accents: nobody sees them
        return " "
    plain = unicodedata.normalize("NFKC", sign)
    return plain if len(plain) == 1 else sign


def take_mobiles(text: str) -> tuple[str, tuple[str, ...]]:
    """Take the mobile numbers out of a text that the public may read.

    Parameters
    ----------
    text : str
        ``"中山路1号（张三１３８ 1234-5678）"``.

    Returns
    -------
    tuple of (str, tuple of str)
        The rest, in which no mobile number is left, and the numbers as eleven digits.
    """
    numbers: list[str] = []
    rest = text
    # what stood on both sides of a number may be one when they meet: look until nothing is found
    while found := _found(_folded(rest)):
        numbers += [re.sub(r"\D", "", match[1].translate(_DIGITS)) for match in found]
        for match in reversed(found):
            rest = rest[: match.start()] + rest[match.end() :]
    return (rest.strip(" ，,；;:：()（）") if numbers else text), tuple(dict.fromkeys(numbers))


def _found(folded: str) -> list[re.Match[str]]:
    return list(_MOBILE.finditer(folded)) or list(_SPELT.finditer(folded))


def hide_mobiles(text: str) -> str:
    """Return a text without mobile numbers, where there is no contact to move them to."""
    return take_mobiles(text)[0]


def keep_mobiles_private(changes: Mapping[str, Any], contact_phone: str = "") -> dict[str, Any]:
    """Move the mobile numbers of public fields to the private contact.

    Parameters
    ----------
    changes : mapping of str to object
        Checked values about to be written (see :func:`geoplan.registry.record.checked_values`).
    contact_phone : str
        The contact that is there already; numbers are added to it, or to the new one where ``changes`` has one.

    Returns
    -------
    dict of str to object
        The values to write.
    """
    clean = dict(changes)
    numbers: list[str] = []
    for name in _TEXTS:
        value = clean.get(name)
        if not value:
            continue
        parts = [take_mobiles(item) for item in ([value] if isinstance(value, str) else value)]
        found = [number for _, taken in parts for number in taken]
        if found:
            numbers += found
            clean[name] = parts[0][0] if isinstance(value, str) else tuple(rest for rest, _ in parts if rest)
    if numbers:
        known = str(clean.get("contact_phone", contact_phone) or "")
        fresh = [number for number in dict.fromkeys(numbers) if number not in re.sub(r"\D", "", _folded(known))]
        clean["contact_phone"] = ";".join(part for part in (known, *fresh) if part)
    return clean

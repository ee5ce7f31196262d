"""Staff accounts: argon2 passwords and roles. The first administrator is made by command; none is built in.

Signing in is in :mod:`geoplan.registry.sessions`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

import sqlalchemy as sa
from argon2 import PasswordHasher

from geoplan.errors import Fault, GeoplanError, InputError
from geoplan.registry.database import Register, transaction
from geoplan.registry.passwords import password_faults
from geoplan.registry.schema import account, session

__all__ = [
    "ROLES",
    "Account",
    "Role",
    "WrongPassword",
    "account_of",
    "accounts",
    "add_account",
    "change_account",
    "check_words",
    "find_account",
    "hasher",
    "may",
    "set_password",
]

Role = Literal["viewer", "editor", "reviewer", "admin"]
ROLES: Final[tuple[Role, ...]] = ("viewer", "editor", "reviewer", "admin")  # each may do what those before it may


_NAME = re.compile(r"^[\w.@-]{2,64}$")


class WrongPassword(GeoplanError):  # noqa: N818 - said to a person
    """Name or password is wrong, or the account is locked or closed; which of them is not told."""


@dataclass(frozen=True, slots=True)
class Account:
    """A member of staff: ``id, name, role, active, created_at`` (UTC), and whether a second factor is asked for."""

    id: int
    name: str
    role: Role
    active: bool
    created_at: datetime
    second_factor: bool = False


def may(role: str, needed: Role) -> bool:
    """Tell whether ``role`` includes what ``needed`` may do."""
    return role in ROLES and ROLES.index(role) >= ROLES.index(needed)


def hasher() -> PasswordHasher:
    """Return what hashes passwords."""
    return PasswordHasher()


def check_words(name: str | None, password: str | None, role: str | None) -> None:
    """Refuse a name, a password or a role that is not usable; those that are None are not looked at."""
    faults = []
    if name is not None and not _NAME.match(name):
        faults.append(Fault("a name has 2–64 letters, digits, dots, dashes or @", "choose another", field="name",
                            problem_zh="账号名应为 2–64 个字母、汉字、数字或 . - @ _", todo_zh="请更换"))  # fmt: skip
    if password is not None:
        faults += password_faults(password, name or "")
    if role is not None and role not in ROLES:
        faults.append(Fault(f"there is no role {role!r}", f"use one of {', '.join(ROLES)}", field="role",
                            problem_zh=f"没有角色“{role}”", todo_zh="请选择已有角色"))  # fmt: skip
    if faults:
        raise InputError(faults)


def account_of(row: sa.RowMapping) -> Account:
    """Return the account of a row."""
    return Account(
        int(row["id"]), row["name"], row["role"], bool(row["active"]), row["created_at"], bool(row["totp_secret"])
    )


def accounts(register: Register) -> list[Account]:
    """Return all accounts, closed ones too, by name."""
    with transaction(register) as connection:
        rows = connection.execute(sa.select(account).order_by(account.c.name)).mappings()
        return [account_of(row) for row in rows]


def add_account(register: Register, name: str, password: str, role: Role) -> Account:
    """Make an account.

    Raises
    ------
    InputError
        The name is taken or unusable, the password too short or too long, or the role unknown.
    """
    check_words(name, password, role)
    hashed = hasher().hash(password)
    with transaction(register, write=True) as connection:
        if connection.scalar(sa.select(sa.literal(1)).where(account.c.name == name)):
            raise InputError(Fault("the name is taken", "choose another", field="name",
                                   problem_zh="账号名已被使用", todo_zh="请更换"))  # fmt: skip
        connection.execute(
            sa.insert(account).values(
                name=name,
                password_hash=hashed,
                role=role,
                active=True,
                failed_logins=0,
                locked_until=None,
                created_at=datetime.now(UTC),
            )
        )
        row = connection.execute(sa.select(account).where(account.c.name == name)).mappings().one()
        return account_of(row)


def _find(connection: sa.Connection, name: str) -> sa.RowMapping:
    row = connection.execute(sa.select(account).where(account.c.name == name)).mappings().one_or_none()
    if row is None:
        raise InputError(Fault(f"there is no account {name!r}", "check the name", field="name",
                               problem_zh=f"没有账号“{name}”", todo_zh="请核对"))  # fmt: skip
    return row


def find_account(register: Register, name: str) -> Account | None:
    """Return an account by its name, closed ones too, or None."""
    with transaction(register) as connection:
        row = connection.execute(sa.select(account).where(account.c.name == name)).mappings().one_or_none()
        return None if row is None else account_of(row)


def change_account(
    register: Register,
    name: str,
    *,
    role: Role | None = None,
    active: bool | None = None,
    password: str | None = None,
    second_factor: bool | None = None,
) -> Account:
    """Change an account's role or password, close or reopen it, or take its second factor off; its sessions end.

    All of it is done or nothing. A new password lifts a lock.

    Raises
    ------
    InputError
        There is no such account, it is the last open administrator and would be none, or the password is not usable.
    """
    check_words(None, None, role)
    if password is not None:
        check_words(name, password, None)
    if second_factor:
        raise InputError(Fault("a second factor is set up by its owner", "leave it out", field="second_factor",
                               problem_zh="动态验证码须由本人启用", todo_zh="请去掉此项"))  # fmt: skip
    hashed = None if password is None else hasher().hash(password)
    with transaction(register, write=True) as connection:
        row = _find(connection, name)
        after: dict[str, object] = {
            "role": role or row["role"],
            "active": row["active"] if active is None else active,
        }
        others = connection.scalar(
            sa.select(sa.func.count()).where(
                account.c.role == "admin", account.c.active.is_(True), account.c.name != name
            )
        )
        was_admin = row["role"] == "admin" and row["active"]
        if was_admin and not others and (after["role"] != "admin" or not after["active"]):
            raise InputError(Fault("this is the last administrator", "name another first", field="name",
                                   problem_zh="这是最后一个管理员", todo_zh="请先指定另一位管理员"))  # fmt: skip
        if hashed is not None:
            after |= {"password_hash": hashed, "failed_logins": 0, "locked_until": None}
        if second_factor is False:
            after |= {"totp_secret": None, "totp_step": None}
        connection.execute(sa.update(account).where(account.c.id == row["id"]).values(after))
        connection.execute(sa.delete(session).where(session.c.account_id == row["id"]))
        return account_of(_find(connection, name))


def set_password(register: Register, name: str, password: str) -> None:
    """Set a password; the account's sessions end and its lock is lifted.

    Raises
    ------
    InputError
        There is no such account, or the password is not usable.
    """
    change_account(register, name, password=password)

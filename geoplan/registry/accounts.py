"""Staff accounts: argon2 passwords, roles, sessions. The first administrator is made by command; none is built in."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from geoplan.errors import Fault, GeoplanError, InputError
from geoplan.registry.database import Register, transaction
from geoplan.registry.schema import account, session

__all__ = [
    "ROLES",
    "Account",
    "Role",
    "Session",
    "WrongPassword",
    "accounts",
    "add_account",
    "change_account",
    "check_session",
    "log_in",
    "log_out",
    "may",
    "same_secret",
    "set_password",
]

Role = Literal["viewer", "editor", "reviewer", "admin"]
ROLES: Final[tuple[Role, ...]] = ("viewer", "editor", "reviewer", "admin")  # each may do what those before it may

MIN_PASSWORD: Final = 10
MAX_PASSWORD: Final = 200  # argon2 of a very long text is a way to keep a server busy
LOCK_AFTER: Final = 5
LOCK_TIME: Final = timedelta(minutes=15)
SESSION_TIME: Final = timedelta(hours=12)
_NAME = re.compile(r"^[\w.@-]{2,64}$")


class WrongPassword(GeoplanError):  # noqa: N818 - said to a person
    """Name or password is wrong, or the account is locked or closed; which of them is not told."""


@dataclass(frozen=True, slots=True)
class Account:
    """A member of staff: ``id, name, role, active, created_at`` (UTC)."""

    id: int
    name: str
    role: Role
    active: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in account: the token goes into the cookie and is kept here only as a digest.

    Parameters
    ----------
    token : str
        Secret of the cookie; ``""`` where the session was looked up.
    csrf : str
        Secret that every changing request must send back.
    account : Account
        Who.
    expires_at : datetime.datetime
        UTC.
    """

    token: str
    csrf: str
    account: Account
    expires_at: datetime


def may(role: str, needed: Role) -> bool:
    """Tell whether ``role`` includes what ``needed`` may do."""
    return role in ROLES and ROLES.index(role) >= ROLES.index(needed)


def _hasher() -> PasswordHasher:
    return PasswordHasher()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _check(name: str | None, password: str | None, role: str | None) -> None:
    faults = []
    if name is not None and not _NAME.match(name):
        faults.append(Fault("a name has 2–64 letters, digits, dots, dashes or @", "choose another", field="name",
                            problem_zh="账号名应为 2–64 个字母、汉字、数字或 . - @ _", todo_zh="请更换"))  # fmt: skip
    if password is not None and not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        faults.append(Fault(f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters", "choose another",
                            field="password", problem_zh=f"密码长度应为 {MIN_PASSWORD}–{MAX_PASSWORD} 个字符",
                            todo_zh="请更换"))  # fmt: skip
    if password is not None and name is not None and name.lower() in password.lower():
        faults.append(Fault("the password contains the name", "choose another", field="password",
                            problem_zh="密码不得包含账号名", todo_zh="请更换"))  # fmt: skip
    if role is not None and role not in ROLES:
        faults.append(Fault(f"there is no role {role!r}", f"use one of {', '.join(ROLES)}", field="role",
                            problem_zh=f"没有角色“{role}”", todo_zh="请选择已有角色"))  # fmt: skip
    if faults:
        raise InputError(faults)


def _account(row: sa.RowMapping) -> Account:
    return Account(int(row["id"]), row["name"], row["role"], bool(row["active"]), row["created_at"])


def accounts(register: Register) -> list[Account]:
    """Return all accounts, closed ones too, by name."""
    with transaction(register) as connection:
        rows = connection.execute(sa.select(account).order_by(account.c.name)).mappings()
        return [_account(row) for row in rows]


def add_account(register: Register, name: str, password: str, role: Role) -> Account:
    """Make an account.

    Raises
    ------
    InputError
        The name is taken or unusable, the password too short or too long, or the role unknown.
    """
    _check(name, password, role)
    hashed = _hasher().hash(password)
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
        return _account(row)


def _find(connection: sa.Connection, name: str) -> sa.RowMapping:
    row = connection.execute(sa.select(account).where(account.c.name == name)).mappings().one_or_none()
    if row is None:
        raise InputError(Fault(f"there is no account {name!r}", "check the name", field="name",
                               problem_zh=f"没有账号“{name}”", todo_zh="请核对"))  # fmt: skip
    return row


def change_account(register: Register, name: str, *, role: Role | None = None, active: bool | None = None) -> Account:
    """Change an account's role, or close or reopen it; its sessions end.

    Raises
    ------
    InputError
        There is no such account, or it is the last open administrator and would be none.
    """
    _check(None, None, role)
    with transaction(register, write=True) as connection:
        row = _find(connection, name)
        after = {"role": role or row["role"], "active": row["active"] if active is None else active}
        others = connection.scalar(
            sa.select(sa.func.count()).where(
                account.c.role == "admin", account.c.active.is_(True), account.c.name != name
            )
        )
        was_admin = row["role"] == "admin" and row["active"]
        if was_admin and not others and (after["role"] != "admin" or not after["active"]):
            raise InputError(Fault("this is the last administrator", "name another first", field="name",
                                   problem_zh="这是最后一个管理员", todo_zh="请先指定另一位管理员"))  # fmt: skip
        connection.execute(sa.update(account).where(account.c.id == row["id"]).values(after))
        connection.execute(sa.delete(session).where(session.c.account_id == row["id"]))
        return _account(_find(connection, name))


def set_password(register: Register, name: str, password: str) -> None:
    """Set a password; the account's sessions end and its lock is lifted.

    Raises
    ------
    InputError
        There is no such account, or the password is not usable.
    """
    _check(name, password, None)
    hashed = _hasher().hash(password)
    with transaction(register, write=True) as connection:
        row = _find(connection, name)
        connection.execute(
            sa.update(account)
            .where(account.c.id == row["id"])
            .values(password_hash=hashed, failed_logins=0, locked_until=None)
        )
        connection.execute(sa.delete(session).where(session.c.account_id == row["id"]))


def log_in(register: Register, name: str, password: str, *, now: datetime | None = None) -> Session:
    """Check a password and begin a session.

    After :data:`LOCK_AFTER` wrong passwords the account is locked for :data:`LOCK_TIME`. An unknown name takes as long
    as a known one.

    Raises
    ------
    WrongPassword
        Name or password is wrong, or the account is locked or closed.
    """
    now = now or datetime.now(UTC)
    with transaction(register) as connection:
        row = connection.execute(sa.select(account).where(account.c.name == name)).mappings().one_or_none()
    if len(password) > MAX_PASSWORD:
        raise WrongPassword("name or password is wrong")
    if row is None:
        _hasher().hash(password)  # the same work as for a known name
        raise WrongPassword("name or password is wrong")
    locked = row["locked_until"] is not None and row["locked_until"] > now
    good = _verified(row["password_hash"], password)
    with transaction(register, write=True) as connection:
        if not good or locked or not row["active"]:
            failed = int(row["failed_logins"]) + (0 if good else 1)
            lock = (
                {"failed_logins": 0, "locked_until": now + LOCK_TIME}
                if failed >= LOCK_AFTER
                else {"failed_logins": failed}
            )
            if not locked:
                connection.execute(sa.update(account).where(account.c.id == row["id"]).values(lock))
        else:
            return _begin(connection, row, password, now)
    raise WrongPassword("name or password is wrong")


def _verified(hashed: str, password: str) -> bool:
    try:
        return _hasher().verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _begin(connection: sa.Connection, row: sa.RowMapping, password: str, now: datetime) -> Session:
    values: dict[str, object] = {"failed_logins": 0, "locked_until": None}
    if _hasher().check_needs_rehash(row["password_hash"]):
        values["password_hash"] = _hasher().hash(password)
    connection.execute(sa.update(account).where(account.c.id == row["id"]).values(values))
    connection.execute(sa.delete(session).where(session.c.expires_at <= now))
    token, csrf, expires = secrets.token_urlsafe(32), secrets.token_urlsafe(24), now + SESSION_TIME
    connection.execute(
        sa.insert(session).values(
            token_hash=_digest(token), account_id=row["id"], csrf=csrf, created_at=now, expires_at=expires
        )
    )
    return Session(token, csrf, _account(row), expires)


def check_session(register: Register, token: str, *, now: datetime | None = None) -> Session | None:
    """Return the session of a cookie's token, or None where it is unknown, over, or its account closed."""
    now = now or datetime.now(UTC)
    query = (
        sa.select(session.c.csrf, session.c.expires_at, account)
        .join(account, account.c.id == session.c.account_id)
        .where(session.c.token_hash == _digest(token), session.c.expires_at > now, account.c.active.is_(True))
    )
    with transaction(register) as connection:
        row = connection.execute(query).mappings().one_or_none()
    return None if row is None else Session("", row["csrf"], _account(row), row["expires_at"])


def same_secret(given: str, known: str) -> bool:
    """Compare two secrets (a CSRF token) in constant time."""
    return hmac.compare_digest(given.encode(), known.encode())


def log_out(register: Register, token: str) -> None:
    """End a session; an unknown token is no error."""
    with transaction(register, write=True) as connection:
        connection.execute(sa.delete(session).where(session.c.token_hash == _digest(token)))

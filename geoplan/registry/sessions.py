"""Signing in: tries that are counted, sessions that end, passwords typed again, second factors."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa
from argon2.exceptions import InvalidHashError, VerificationError

from geoplan.errors import Fault, GeoplanError, InputError
from geoplan.registry.accounts import Account, WrongPassword, account_of, check_words, hasher
from geoplan.registry.database import Register, RegisterUnavailable, transaction
from geoplan.registry.passwords import MAX_PASSWORD
from geoplan.registry.schema import account, session
from geoplan.registry.secondfactor import matching_step

__all__ = [
    "NeedsCode",
    "Session",
    "begin_session",
    "change_own_password",
    "check_session",
    "confirm",
    "end_sessions",
    "log_in",
    "log_out",
    "same_secret",
    "sessions_of",
    "set_second_factor",
]

LOCK_AFTER: Final = 5
LOCK_TIME: Final = timedelta(minutes=15)
SESSION_TIME: Final = timedelta(hours=12)
IDLE_TIME: Final = timedelta(hours=1)
_SEEN_EVERY: Final = timedelta(minutes=1)  # how exactly the last use of a session is kept
_ID_SIGNS: Final = 16


class NeedsCode(GeoplanError):  # noqa: N818 - said to a person
    """The password is right; the account also asks for the code of its second factor."""


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
    id : str
        Names the session in a list; tells nothing of its token.
    created_at, seen_at : datetime.datetime
        When it began and when it was last used (to a minute), UTC.
    confirmed_at : datetime.datetime
        When the password was last typed in it, UTC.
    """

    token: str
    csrf: str
    account: Account
    expires_at: datetime
    id: str
    created_at: datetime
    seen_at: datetime
    confirmed_at: datetime


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def change_own_password(
    register: Register, token: str, old: str, new: str, code: str = "", *, now: datetime | None = None
) -> None:
    """Set the password of the account that a session belongs to; its other sessions end.

    Raises
    ------
    WrongPassword, NeedsCode
        The old password or the code is wrong, or the account locked: it counts as a try to sign in.
    InputError
        The new password is not usable, or is the old one.
    """
    begun = check_session(register, token, now=now)
    if begun is None:
        raise WrongPassword("the session is over")
    name = begun.account.name
    confirm(register, token, old, code, now=now)
    check_words(name, new, None)
    if new == old:
        raise InputError(Fault("the new password is the old one", "choose another", field="new",
                               problem_zh="新密码与旧密码相同", todo_zh="请更换"))  # fmt: skip
    hashed = hasher().hash(new)
    with transaction(register, write=True) as connection:
        connection.execute(sa.update(account).where(account.c.id == begun.account.id).values(password_hash=hashed))
        others = sa.delete(session).where(
            session.c.account_id == begun.account.id, session.c.token_hash != _digest(token)
        )
        connection.execute(others)


def confirm(register: Register, token: str, password: str, code: str = "", *, now: datetime | None = None) -> Session:
    """Check the password (and the code) of a session's account again, as some acts ask for; wrong ones count.

    Raises
    ------
    WrongPassword, NeedsCode
        As :func:`log_in`.
    """
    now = now or datetime.now(UTC)
    begun = check_session(register, token, now=now)
    if begun is None:
        raise WrongPassword("the session is over")
    row = _passed(register, begun.account.name, password, code, now)
    with transaction(register, write=True) as connection:
        _let_in(connection, row, password)
        this = session.c.token_hash == _digest(token)
        connection.execute(sa.update(session).where(this).values(confirmed_at=now, seen_at=now))
    return replace(begun, confirmed_at=now)


def log_in(
    register: Register,
    name: str,
    password: str,
    code: str = "",
    *,
    now: datetime | None = None,
    life: timedelta = SESSION_TIME,
) -> Session:
    """Check a password and begin a session.

    After :data:`LOCK_AFTER` wrong passwords the account is locked for :data:`LOCK_TIME`. An unknown name takes as long
    as a known one.

    Parameters
    ----------
    register : Register
        The register.
    name, password : str
        As typed.
    code : str
        Of the second factor, where the account has one.
    now : datetime.datetime, optional
        For tests.
    life : datetime.timedelta
        How long the session lasts at most.

    Returns
    -------
    Session
        With its token.

    Raises
    ------
    WrongPassword
        Name, password or code is wrong, or the account is locked or closed.
    NeedsCode
        The password is right, and the code is missing.
    """
    now = now or datetime.now(UTC)
    row = _passed(register, name, password, code, now)
    with transaction(register, write=True) as connection:
        _let_in(connection, row, password)
        return _begin(connection, row, now, life)


def begin_session(register: Register, name: str, *, subject: str, life: timedelta = SESSION_TIME) -> Session:
    """Begin a session for somebody whom another service has checked (single sign-on).

    The first time ties the account to ``subject``, the unchangeable name at that service: a name that somebody else is
    given there later does not open it.

    Raises
    ------
    WrongPassword
        There is no such open account, or it belongs to another subject.
    """
    with transaction(register, write=True) as connection:
        row = connection.execute(sa.select(account).where(account.c.name == name)).mappings().one_or_none()
        if row is None or not row["active"] or (row["oidc_subject"] or subject) != subject:
            raise WrongPassword("there is no open account of this name")
        connection.execute(sa.update(account).where(account.c.id == row["id"]).values(oidc_subject=subject))
        return _begin(connection, row, datetime.now(UTC), life)


def _passed(register: Register, name: str, password: str, code: str, now: datetime) -> sa.RowMapping:
    """Return the account whose password and code are right.

    A try is counted before it is looked at, in the transaction that reads the count: of many tries at once no more than
    :data:`LOCK_AFTER` are looked at.
    """
    if len(password) > MAX_PASSWORD:
        raise WrongPassword("name or password is wrong")
    with transaction(register, write=True) as connection:
        row = connection.execute(sa.select(account).where(account.c.name == name)).mappings().one_or_none()
        locked = row is not None and row["locked_until"] is not None and row["locked_until"] > now
        if row is not None and not locked:
            tried = int(row["failed_logins"]) + 1
            last = tried >= LOCK_AFTER
            counted = {"failed_logins": 0 if last else tried, "locked_until": now + LOCK_TIME if last else None}
            connection.execute(sa.update(account).where(account.c.id == row["id"]).values(counted))
    if row is None or locked or not row["active"]:
        hasher().hash(password)  # the same work as for a known name
        raise WrongPassword("name or password is wrong")
    if not _verified(row["password_hash"], password):
        raise WrongPassword("name or password is wrong")
    if row["totp_secret"]:
        _check_code(register, row, code, now)
    return row


def _check_code(register: Register, row: sa.RowMapping, code: str, now: datetime) -> None:
    if not code:
        with transaction(register, write=True) as connection:  # the password was right: this was no wrong try
            back = {"failed_logins": row["failed_logins"], "locked_until": None}
            connection.execute(sa.update(account).where(account.c.id == row["id"]).values(back))
        raise NeedsCode("the code of the second factor is needed")
    step = matching_step(row["totp_secret"], code, now)
    with transaction(register, write=True) as connection:
        used = connection.execute(
            sa.update(account)
            .where(account.c.id == row["id"], sa.func.coalesce(account.c.totp_step, 0) < (step or 0))
            .values(totp_step=step)
        ).rowcount  # a code passes once
    if step is None or not used:
        raise WrongPassword("name or password is wrong")


def _verified(hashed: str, password: str) -> bool:
    try:
        return hasher().verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _let_in(connection: sa.Connection, row: sa.RowMapping, password: str) -> None:
    """Forget the wrong tries, and hash the password anew where that is due."""
    values: dict[str, object] = {"failed_logins": 0, "locked_until": None}
    if hasher().check_needs_rehash(row["password_hash"]):
        values["password_hash"] = hasher().hash(password)
    connection.execute(sa.update(account).where(account.c.id == row["id"]).values(values))


def _begin(connection: sa.Connection, row: sa.RowMapping, now: datetime, life: timedelta) -> Session:
    connection.execute(sa.delete(session).where(session.c.expires_at <= now))
    token, csrf, expires = secrets.token_urlsafe(32), secrets.token_urlsafe(24), now + life
    values = {"csrf": csrf, "created_at": now, "expires_at": expires, "seen_at": now, "confirmed_at": now}
    connection.execute(sa.insert(session).values(token_hash=_digest(token), account_id=row["id"], **values))
    return Session(token, csrf, account_of(row), expires, _digest(token)[:_ID_SIGNS], now, now, now)


def check_session(
    register: Register, token: str, *, now: datetime | None = None, idle: timedelta = IDLE_TIME
) -> Session | None:
    """Return the session of a cookie's token, or None where it is unknown, over, idle too long, or its account closed.

    Parameters
    ----------
    register : Register
        The register.
    token : str
        Of the cookie.
    now : datetime.datetime, optional
        For tests.
    idle : datetime.timedelta
        A session that was not used for so long is over.

    Returns
    -------
    Session or None
        Without its token.
    """
    now = now or datetime.now(UTC)
    query = (
        sa.select(*_SESSION_COLUMNS, account)
        .join(account, account.c.id == session.c.account_id)
        .where(session.c.token_hash == _digest(token), session.c.expires_at > now, account.c.active.is_(True))
    )
    with transaction(register) as connection:
        row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    found = _session(row)
    if found.seen_at + idle <= now:
        log_out(register, token)
        return None
    if found.seen_at + _SEEN_EVERY <= now:
        with contextlib.suppress(RegisterUnavailable), transaction(register, write=True) as connection:
            this = session.c.token_hash == _digest(token)
            connection.execute(sa.update(session).where(this).values(seen_at=now))
    return found


_SESSION_COLUMNS: Final = (
    session.c.token_hash,
    session.c.csrf,
    session.c.expires_at,
    session.c.created_at.label("begun_at"),
    session.c.seen_at,
    session.c.confirmed_at,
)


def _session(row: sa.RowMapping) -> Session:
    begun = row["begun_at"]
    return Session(
        "",
        row["csrf"],
        account_of(row),
        row["expires_at"],
        row["token_hash"][:_ID_SIGNS],
        begun,
        row["seen_at"] or begun,
        row["confirmed_at"] or begun,
    )


def sessions_of(register: Register, account_id: int, *, now: datetime | None = None) -> list[Session]:
    """Return the running sessions of an account, the latest first."""
    query = (
        sa.select(*_SESSION_COLUMNS, account)
        .join(account, account.c.id == session.c.account_id)
        .where(session.c.account_id == account_id, session.c.expires_at > (now or datetime.now(UTC)))
        .order_by(session.c.created_at.desc())
    )
    with transaction(register) as connection:
        return [_session(row) for row in connection.execute(query).mappings()]


def end_sessions(register: Register, account_id: int, *, only: str = "", but: str = "") -> int:
    """End sessions of an account by their ids: all, ``only`` one, or all ``but`` one; returns how many."""
    wanted = [item.id for item in sessions_of(register, account_id)]
    chosen = [item for item in wanted if (not only or item == only) and item != but]
    ended = 0
    with transaction(register, write=True) as connection:
        for item in chosen:
            this = session.c.token_hash.startswith(item, autoescape=True)
            ended += connection.execute(sa.delete(session).where(session.c.account_id == account_id, this)).rowcount
    return ended


def set_second_factor(register: Register, account_id: int, secret: str | None, step: int | None = None) -> None:
    """Ask for a second factor from now on, or no more (``secret=None``)."""
    with transaction(register, write=True) as connection:
        values = {"totp_secret": secret, "totp_step": step}
        connection.execute(sa.update(account).where(account.c.id == account_id).values(values))


def same_secret(given: str, known: str) -> bool:
    """Compare two secrets (a CSRF token) in constant time."""
    return hmac.compare_digest(given.encode(), known.encode())


def log_out(register: Register, token: str) -> None:
    """End a session; an unknown token is no error."""
    with transaction(register, write=True) as connection:
        connection.execute(sa.delete(session).where(session.c.token_hash == _digest(token)))

"""Keys for programs (the mini-program, other systems): scopes, a rate, and only a digest is kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa

from geoplan.errors import Fault, InputError
from geoplan.registry.database import Register, transaction
from geoplan.registry.schema import api_key

__all__ = ["SCOPES", "ApiKey", "add_key", "check_key", "close_key", "keys"]

SCOPES: Final = ("public", "feed", "planner", "staff", "export")
_PREFIX: Final = "gp_"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key: what it may do (``scopes``), how often (``per_minute``), who made it; ``prefix`` tells keys apart."""

    id: int
    name: str
    prefix: str
    scopes: tuple[str, ...]
    per_minute: int
    active: bool
    created_by: str
    created_at: datetime


def _key(row: sa.RowMapping) -> ApiKey:
    return ApiKey(
        int(row["id"]), row["name"], row["prefix"], tuple(row["scopes"]), int(row["per_minute"]), bool(row["active"]),
        row["created_by"], row["created_at"],
    )  # fmt: skip


def _digest(secret: str) -> str:
    # A key is 256 random bits: a plain digest cannot be searched, and is looked up on every request.
    return hashlib.sha256(secret.encode()).hexdigest()


def add_key(
    register: Register, name: str, *, scopes: Sequence[str], per_minute: int, created_by: str
) -> tuple[str, ApiKey]:
    """Make a key.

    Parameters
    ----------
    register : Register
        The register.
    name : str
        What it is for.
    scopes : sequence of str
        Some of :data:`SCOPES`.
    per_minute : int
        Requests allowed a minute, 1 to 100,000.
    created_by : str
        Who makes it.

    Returns
    -------
    tuple of (str, ApiKey)
        The secret, shown this once, and the key.

    Raises
    ------
    InputError
        A scope is unknown, there is none, or the rate is out of range.
    """
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise InputError(Fault(f"unknown scope {', '.join(unknown)}" if unknown else "a key needs a scope",
                               f"use some of {', '.join(SCOPES)}", field="scopes",
                               problem_zh="权限范围不正确", todo_zh="请从列表中选择"))  # fmt: skip
    if not name.strip() or not 1 <= per_minute <= 100_000:
        raise InputError(Fault("a key needs a name and 1 to 100,000 requests a minute", "give both", field="per_minute",
                               problem_zh="密钥需要名称和每分钟 1–100000 次的限额", todo_zh="请填写"))  # fmt: skip
    secret = _PREFIX + secrets.token_urlsafe(32)
    values = {
        "name": name.strip(),
        "key_hash": _digest(secret),
        "prefix": secret[:10],
        "scopes": list(dict.fromkeys(scopes)),
        "per_minute": per_minute,
        "active": True,
        "created_by": created_by,
        "created_at": datetime.now(UTC),
    }
    with transaction(register, write=True) as connection:
        connection.execute(sa.insert(api_key).values(values))
        row = connection.execute(sa.select(api_key).where(api_key.c.key_hash == values["key_hash"])).mappings().one()
    return secret, _key(row)


def check_key(register: Register, secret: str) -> ApiKey | None:
    """Return the open key of a secret, or None."""
    query = sa.select(api_key).where(api_key.c.key_hash == _digest(secret), api_key.c.active.is_(True))
    with transaction(register) as connection:
        row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _key(row)


def keys(register: Register) -> list[ApiKey]:
    """Return all keys, closed ones too."""
    with transaction(register) as connection:
        return [_key(row) for row in connection.execute(sa.select(api_key).order_by(api_key.c.id)).mappings()]


def close_key(register: Register, key_id: int) -> None:
    """Close a key for good.

    Raises
    ------
    InputError
        There is no such key.
    """
    with transaction(register, write=True) as connection:
        done = connection.execute(sa.update(api_key).where(api_key.c.id == key_id).values(active=False))
        if done.rowcount == 0:
            raise InputError(Fault(f"there is no key {key_id}", "check the number", field="id",
                                   problem_zh=f"没有编号为 {key_id} 的密钥", todo_zh="请核对"))  # fmt: skip

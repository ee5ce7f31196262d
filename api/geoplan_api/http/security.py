"""Who is asking: staff by session cookie (with a CSRF token for every change), programs by API key."""

from __future__ import annotations

import hashlib
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import anyio.to_thread
from fastapi import Depends, Header, Request
from starlette.requests import HTTPConnection

from geoplan.registry import Register
from geoplan.registry.accounts import ROLES, Role, may
from geoplan.registry.apikeys import ApiKey, check_key
from geoplan.registry.sessions import Session, check_session, same_secret
from geoplan_api.http.parameters import State
from geoplan_api.http.ratelimit import RateLimiter
from geoplan_api.http.state import ServiceState
from geoplan_api.problems import ProblemError
from geoplan_api.settings import Settings

__all__ = [
    "Admin",
    "Editor",
    "KeyRing",
    "Principal",
    "RegisterEditor",
    "RegisterReviewer",
    "Reviewer",
    "Viewer",
    "check_api_key",
    "confirmed",
    "cookie_name",
    "current_session",
    "same_origin",
    "secure_cookies",
    "session_token",
]

LOOPBACK: Final = frozenset(("localhost", "127.0.0.1", "::1"))
_SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")
_KEY_LIFE_S: Final = 30.0  # a closed key stops within this time
_MOST_KEYS: Final = 1000
# What a key with this scope may do where staff need a role: at the desk, and in the register.
_SCOPE_ROLES: Final[dict[str, Role]] = {"planner": "editor", "staff": "reviewer", "export": "viewer"}
_REGISTER_ROLES: Final[dict[str, Role]] = {**_SCOPE_ROLES, "planner": "viewer"}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, once it is known.

    Parameters
    ----------
    name : str
        Account, or ``key:`` and the key's name.
    role : Role
        What they may do at the desk.
    register_role : Role
        What they may do in the register: a planner's key reads there what a viewer does.
    csrf : str
        Token of the session; empty for keys, which no browser sends by itself.
    session : Session or None
        None for keys.
    """

    name: str
    role: Role
    register_role: Role
    csrf: str = ""
    session: Session | None = None

    @property
    def sees_private(self) -> bool:
        """Whether contacts, notes and columns kept aside are shown."""
        return may(self.register_role, "editor")


class KeyRing:
    """Keys that were seen lately, so that a busy key is not looked up in the register for every request.

    Parameters
    ----------
    register : Register
        Where keys are kept.
    """

    def __init__(self, register: Register) -> None:
        self._register = register
        self._seen: OrderedDict[str, tuple[ApiKey, float]] = OrderedDict()
        self._limits: dict[int, RateLimiter] = {}

    def known(self, secret: str) -> ApiKey | None:
        """Return a key that was checked lately, without looking it up."""
        found = self._seen.get(_digest(secret))
        return found[0] if found and time.monotonic() - found[1] < _KEY_LIFE_S else None

    def check(self, secret: str) -> ApiKey | None:
        """Return the open key of a secret, or nothing."""
        key = self.known(secret) or check_key(self._register, secret)
        if key is not None and self.known(secret) is None:
            self._seen[_digest(secret)] = (key, time.monotonic())
            while len(self._seen) > _MOST_KEYS:
                self._seen.popitem(last=False)
        return key

    def wait_s(self, key: ApiKey) -> float:
        """Count a request of a key; returns the seconds until the next may pass, 0 where this one may."""
        limit = self._limits.get(key.id)
        if limit is None or limit.most != key.per_minute:
            limit = self._limits[key.id] = RateLimiter(key.per_minute, 60.0)
        return limit.wait_s("")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def secure_cookies(request: HTTPConnection, settings: Settings) -> bool:
    """Tell whether cookies of this caller go over HTTPS only: as set, else wherever it is not this very machine."""
    chosen = settings.security.secure_cookies
    return request.url.hostname not in LOOPBACK if chosen is None else chosen


def session_token(request: HTTPConnection, settings: Settings) -> str:
    """Return the secret of the session's cookie, or nothing."""
    return request.cookies.get(cookie_name(secure_cookies(request, settings)), "")


def current_session(request: HTTPConnection, state: ServiceState) -> Session | None:
    """Return the session of the caller's cookie, or None; one that was idle too long is over."""
    token = session_token(request, state.settings)
    idle = timedelta(seconds=state.settings.security.idle_s)
    return check_session(state.register, token, idle=idle) if token else None


def cookie_name(secure: bool) -> str:
    """Return the session cookie's name; over HTTPS one that no other host or path can set."""
    return "__Host-geoplan" if secure else "geoplan_session"


async def check_api_key(
    request: Request,
    x_api_key: Annotated[
        str | None, Header(max_length=200, description="Key of a program; raises its rate limit")
    ] = None,
) -> None:
    """Check the key of any request that brings one, and count it against the key's own rate."""
    if x_api_key is None:
        return
    ring: KeyRing = request.app.state.keys
    key = ring.known(x_api_key) or await anyio.to_thread.run_sync(ring.check, x_api_key)
    if key is None:
        raise ProblemError("wrong-credentials", "the API key is not known or closed", "API 密钥无效或已停用")
    wait_s = ring.wait_s(key)
    if wait_s:
        raise ProblemError("too-many", "the key's rate is used up", headers={"Retry-After": str(math.ceil(wait_s))})
    request.state.api_key = key


def principal(request: Request, state: State) -> Principal:
    """Return who asks; raises the problem "not-signed-in" where nobody is known, "csrf" where the token is missing."""
    key: ApiKey | None = getattr(request.state, "api_key", None)
    if key is not None:
        scopes = [scope for scope in key.scopes if scope in _SCOPE_ROLES]
        if not scopes:
            raise ProblemError("forbidden", "the key has no scope for this", "此密钥没有相应权限")
        desk, register = (
            max((roles[scope] for scope in scopes), key=ROLES.index) for roles in (_SCOPE_ROLES, _REGISTER_ROLES)
        )
        return Principal(f"key:{key.name}", desk, register)
    session = current_session(request, state)
    if session is None:
        raise ProblemError("not-signed-in")
    if state.settings.security.second_factor == "required" and not session.account.second_factor:
        raise ProblemError("second-factor")
    if request.method not in _SAFE_METHODS and not same_secret(request.headers.get("x-csrf-token", ""), session.csrf):
        raise ProblemError("csrf")
    return Principal(session.account.name, session.account.role, session.account.role, session.csrf, session)


def require(role: Role, *, in_register: bool = False) -> Callable[..., Awaitable[Principal]]:
    """Return a dependency that lets a role and those above it pass."""

    async def check(who: Annotated[Principal, Depends(principal)]) -> Principal:
        if not may(who.register_role if in_register else who.role, role):
            raise ProblemError("forbidden", f"this needs the role {role}")
        return who

    return check


Viewer = Annotated[Principal, Depends(require("viewer"))]
Editor = Annotated[Principal, Depends(require("editor"))]
Reviewer = Annotated[Principal, Depends(require("reviewer"))]
Admin = Annotated[Principal, Depends(require("admin"))]
RegisterEditor = Annotated[Principal, Depends(require("editor", in_register=True))]
RegisterReviewer = Annotated[Principal, Depends(require("reviewer", in_register=True))]


def confirmed(who: Principal, settings: Settings) -> None:
    """Ask for the password again where it was typed too long ago; a key has none and may not."""
    if who.session is None:
        raise ProblemError("forbidden", "this is for people, not for keys", "此操作须由人员登录后进行，密钥不可用")
    if (datetime.now(UTC) - who.session.confirmed_at).total_seconds() > settings.security.confirm_s:
        raise ProblemError("confirm")


def same_origin(request: HTTPConnection) -> None:
    """Refuse a form that another site's page sends: where there is no session yet, there is no token to ask for."""
    origin = request.headers.get("origin")
    if origin is None or origin == "null":
        return
    if urlsplit(origin).netloc != request.headers.get("host", ""):
        raise ProblemError("forbidden", "the request comes from another site", "请求来自其他网站")


def request_id(request: Request) -> str:
    """Return the id of a request, for the audit log."""
    state: Any = request.scope.get("state", {})
    return str(state.get("request_id", ""))

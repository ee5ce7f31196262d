"""Signing in and out; accounts, keys and the audit log for administrators."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from geoplan.registry.accounts import WrongPassword, accounts, add_account, change_account, find_account
from geoplan.registry.apikeys import ApiKey, add_key, close_key, keys
from geoplan.registry.audit import audit, audit_entries
from geoplan.registry.secondfactor import matching_step, new_secret, setup_address
from geoplan.registry.sessions import (
    Session,
    change_own_password,
    confirm,
    end_sessions,
    log_in,
    log_out,
    same_secret,
    sessions_of,
    set_second_factor,
)
from geoplan_api.http.parameters import State
from geoplan_api.http.ratelimit import caller_key
from geoplan_api.http.security import (
    Admin,
    confirmed,
    cookie_name,
    current_session,
    request_id,
    same_origin,
    secure_cookies,
    session_token,
)
from geoplan_api.http.state import ServiceState
from geoplan_api.problems import ProblemError
from geoplan_api.responses import NO_STORE, PRIVATE, json_answer

router = APIRouter(tags=["staff"])

RoleName = Literal["viewer", "editor", "reviewer", "admin"]
UNKNOWN: Final = "(unknown)"  # who tried to sign in by a name that no account has
AccountName = Annotated[str, Path(max_length=64)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Credentials(_Body):
    """Name and password."""

    name: str = Field(max_length=64)
    password: str = Field(max_length=200)


class SignIn(Credentials):
    """Name and password, and the code of a second factor where the account has one."""

    code: str = Field(default="", max_length=12)


class Confirming(_Body):
    """The password again."""

    password: str = Field(max_length=200)
    code: str = Field(default="", max_length=12)


class NewPassword(_Body):
    """The old password and the new one."""

    old: str = Field(max_length=200)
    new: str = Field(max_length=200)
    code: str = Field(default="", max_length=12)


class Ending(_Body):
    """Which session ends; without an id all others."""

    id: str | None = Field(default=None, min_length=16, max_length=16, pattern="^[0-9a-f]*$")


class SecondFactor(_Body):
    """The secret that an authenticator took, and its first code."""

    secret: str = Field(min_length=32, max_length=64, pattern="^[A-Z2-7]*$")
    code: str = Field(min_length=6, max_length=12)


class NewAccount(Credentials):
    """A new account."""

    role: RoleName


class AccountChange(_Body):
    """What changes on an account; what is not given stays."""

    role: RoleName | None = None
    active: bool | None = None
    password: str | None = Field(default=None, max_length=200)
    second_factor: Literal[False] | None = Field(default=None, description="false takes a lost second factor off")


class NewKey(_Body):
    """A new API key."""

    name: str = Field(min_length=1, max_length=100)
    scopes: list[Literal["public", "feed", "planner", "staff", "export"]] = Field(min_length=1, max_length=5)
    per_minute: int = Field(default=600, ge=1, le=100_000)


@router.post("/v1/login", summary="Sign in", response_class=Response, dependencies=[Depends(same_origin)])
def login(request: Request, state: State, given: SignIn) -> Response:
    """Begin a session: the answer sets a cookie and returns the CSRF token that every change must send back.

    An account with a second factor answers `#code` (401) where the password is right and `code` is missing.
    """
    _slow_down(request, state)
    life = timedelta(seconds=state.settings.security.session_s)
    try:
        session = log_in(state.register, given.name, given.password, given.code, life=life)
    except WrongPassword:
        # people type passwords where the name belongs: only a name that is one is kept
        known = find_account(state.register, given.name) is not None
        _note(request, state, given.name if known else UNKNOWN, "login.failed", "", {})
        raise ProblemError("wrong-credentials") from None
    _note(request, state, session.account.name, "login", "", {})
    return session_answer(request, state, session, json_answer(_me(session, session.csrf), cache=NO_STORE))


def session_answer(request: Request, state: ServiceState, session: Session, answer: Response) -> Response:
    """Put the session's cookie into an answer."""
    secure = secure_cookies(request, state.settings)
    answer.set_cookie(
        cookie_name(secure),
        session.token,
        expires=session.expires_at,
        path="/",
        httponly=True,
        secure=secure,
        samesite="lax",
    )
    return answer


def _slow_down(request: Request, state: ServiceState) -> None:
    wait_s = request.app.state.login_limit.wait_s(caller_key(request, state.settings.security.trust_forwarded_for))
    if wait_s:
        raise ProblemError("too-many", "too many attempts", "尝试过多", headers={"Retry-After": str(math.ceil(wait_s))})


@router.post("/v1/logout", summary="Sign out", response_class=Response, dependencies=[Depends(same_origin)])
def logout(request: Request, state: State) -> Response:
    """End the session of the cookie; without one, nothing happens."""
    token = session_token(request, state.settings)
    if token:
        log_out(state.register, token)
    answer = json_answer({"signed_in": False}, cache=NO_STORE)
    secure = secure_cookies(request, state.settings)
    answer.delete_cookie(cookie_name(secure), path="/", secure=secure, httponly=True, samesite="lax")
    return answer


@router.get("/v1/me", summary="Who is signed in", response_class=Response)
def me(request: Request, state: State) -> Response:
    """Return the account and the CSRF token of the session, or `signed_in: false`."""
    session = current_session(request, state)
    if session is None:
        single = {"single_sign_on": True} if state.settings.security.oidc_issuer else {}
        return json_answer({"signed_in": False, **single}, cache=NO_STORE)
    return json_answer(_me(session, session.csrf), cache=NO_STORE)


def _me(session: Session, csrf: str) -> dict[str, Any]:
    who = session.account
    return {
        "signed_in": True,
        "name": who.name,
        "role": who.role,
        "csrf": csrf,
        "second_factor": who.second_factor,
        "expires_at": session.expires_at,
    }


def own_session(request: Request, state: State) -> Session:
    """Return the caller's own session; a change must bring its CSRF token, also before a second factor is set up."""
    session = current_session(request, state)
    if session is None:
        raise ProblemError("not-signed-in")
    if request.method != "GET" and not same_secret(request.headers.get("x-csrf-token", ""), session.csrf):
        raise ProblemError("csrf")
    return session


Own = Annotated[Session, Depends(own_session)]


@router.post("/v1/me/confirm", summary="Type the password again", response_class=Response)
def confirm_me(request: Request, state: State, own: Own, given: Confirming) -> Response:
    """Confirm the session by its password: accounts, keys and the export of contacts ask for it now and then."""
    _slow_down(request, state)
    try:
        confirm(state.register, session_token(request, state.settings), given.password, given.code)
    except WrongPassword:
        _note(request, state, own.account.name, "confirm.failed", "", {})
        raise ProblemError("wrong-credentials") from None
    return json_answer({"confirmed": True}, cache=NO_STORE)


@router.post("/v1/me/password", summary="Change your password", response_class=Response)
def change_my_password(request: Request, state: State, own: Own, given: NewPassword) -> Response:
    """Change your own password; your other sessions end."""
    _slow_down(request, state)
    try:
        token = session_token(request, state.settings)
        change_own_password(state.register, token, given.old, given.new, given.code)
    except WrongPassword:
        _note(request, state, own.account.name, "password.failed", "", {})
        raise ProblemError("wrong-credentials") from None
    _note(request, state, own.account.name, "password.change", own.account.name, {})
    return json_answer({"changed": True}, cache=NO_STORE)


@router.get("/v1/me/sessions", summary="Where you are signed in", response_class=Response)
def my_sessions(state: State, own: Own) -> Response:
    """Return your running sessions, the latest first; `this` is the one that asks."""
    rows = [
        {
            "id": item.id,
            "this": item.id == own.id,
            "created_at": item.created_at,
            "seen_at": item.seen_at,
            "expires_at": item.expires_at,
        }
        for item in sessions_of(state.register, own.account.id)
    ]
    return json_answer({"sessions": rows}, cache=NO_STORE)


@router.post("/v1/me/sessions/end", summary="End sessions of yours", response_class=Response)
def end_my_sessions(request: Request, state: State, own: Own, given: Ending) -> Response:
    """End one of your sessions, or, without an id, all but this one."""
    ended = end_sessions(state.register, own.account.id, only=given.id or "", but="" if given.id else own.id)
    _note(request, state, own.account.name, "sessions.end", own.account.name, {"ended": ended})
    return json_answer({"ended": ended}, cache=NO_STORE)


@router.post("/v1/me/second-factor", summary="Begin to set up a second factor", response_class=Response)
def begin_second_factor(state: State, own: Own, given: Confirming, request: Request) -> Response:
    """Return a fresh secret for an authenticator, as text and as `otpauth` address for a QR code; not yet in force."""
    confirm_me(request, state, own, given)
    secret = new_secret()
    issuer = state.pack.manifest.name_en
    return json_answer({"secret": secret, "address": setup_address(secret, own.account.name, issuer)}, cache=NO_STORE)


@router.post("/v1/me/second-factor/on", summary="Ask for a second factor from now on", response_class=Response)
def second_factor_on(request: Request, state: State, own: Own, given: SecondFactor) -> Response:
    """Put the secret in force once its first code is right; your other sessions end."""
    _confirmed_lately(own, state)
    step = matching_step(given.secret, given.code, datetime.now(UTC))
    if step is None:
        raise ProblemError("bad-input", "the code does not fit; check the phone's clock", "验证码不对，请核对手机时间")
    set_second_factor(state.register, own.account.id, given.secret, step)
    end_sessions(state.register, own.account.id, but=own.id)
    _note(request, state, own.account.name, "second-factor.on", own.account.name, {})
    return json_answer({"second_factor": True}, cache=NO_STORE)


@router.post("/v1/me/second-factor/off", summary="Ask for no second factor any more", response_class=Response)
def second_factor_off(request: Request, state: State, own: Own, given: Confirming) -> Response:
    """Take your second factor off; needs the password and a code."""
    if state.settings.security.second_factor == "required":
        raise ProblemError("forbidden", "this service requires a second factor", "本服务要求使用动态验证码")
    confirm_me(request, state, own, given)
    set_second_factor(state.register, own.account.id, None)
    _note(request, state, own.account.name, "second-factor.off", own.account.name, {})
    return json_answer({"second_factor": False}, cache=NO_STORE)


def _confirmed_lately(own: Session, state: ServiceState) -> None:
    if (datetime.now(UTC) - own.confirmed_at).total_seconds() > state.settings.security.confirm_s:
        raise ProblemError("confirm")


@router.get("/v1/accounts", summary="All accounts", response_class=Response)
def list_accounts(state: State, _: Admin) -> Response:
    """Return accounts, closed ones too."""
    return json_answer({"accounts": [_account(item) for item in accounts(state.register)]}, cache=PRIVATE)


@router.post("/v1/accounts", status_code=201, summary="Make an account", response_class=Response)
def make_account(request: Request, state: State, who: Admin, given: NewAccount) -> Response:
    """Make an account; its password follows the rules of the register (12 characters at least)."""
    confirmed(who, state.settings)
    made = add_account(state.register, given.name, given.password, given.role)
    _note(request, state, who.name, "account.add", made.name, {"role": made.role})
    return json_answer(_account(made), status=201)


@router.post("/v1/accounts/{name}", summary="Change an account", response_class=Response)
def alter_account(request: Request, state: State, who: Admin, name: AccountName, given: AccountChange) -> Response:
    """Change a role, close or reopen an account, or set its password; its sessions end."""
    confirmed(who, state.settings)
    changed = change_account(
        state.register,
        name,
        role=given.role,
        active=given.active,
        password=given.password,
        second_factor=given.second_factor,
    )
    details = given.model_dump(exclude={"password"}, exclude_none=True) | {"password": given.password is not None}
    _note(request, state, who.name, "account.change", name, details)
    return json_answer(_account(changed))


@router.get("/v1/keys", summary="All API keys", response_class=Response)
def list_keys(state: State, _: Admin) -> Response:
    """Return keys without their secrets, closed ones too."""
    return json_answer({"keys": [_key(item) for item in keys(state.register)]}, cache=PRIVATE)


@router.post("/v1/keys", status_code=201, summary="Make an API key", response_class=Response)
def make_key(request: Request, state: State, who: Admin, given: NewKey) -> Response:
    """Make a key; its secret is in this answer and nowhere else."""
    confirmed(who, state.settings)
    secret, key = add_key(
        state.register, given.name, scopes=given.scopes, per_minute=given.per_minute, created_by=who.name
    )
    _note(request, state, who.name, "key.add", key.name, {"scopes": list(key.scopes)})
    return json_answer({**_key(key), "secret": secret}, status=201)


@router.post("/v1/keys/{key_id}/close", summary="Close an API key", response_class=Response)
def end_key(request: Request, state: State, who: Admin, key_id: Annotated[int, Path(ge=1, lt=1 << 31)]) -> Response:
    """Close a key for good; it stops within half a minute."""
    close_key(state.register, key_id)
    _note(request, state, who.name, "key.close", str(key_id), {})
    return json_answer({"id": key_id, "active": False})


@router.get("/v1/audit", summary="The audit log", response_class=Response)
def audit_log(
    state: State,
    _: Admin,
    before: Annotated[int | None, Query(ge=1, lt=1 << 31, description="Only entries below this number")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Return the latest acts of the staff, newest first."""
    entries = audit_entries(state.register, before=before, limit=limit)
    rows = [{name: getattr(entry, name) for name in entry.__slots__} for entry in entries]
    return json_answer({"entries": [{**row, "details": dict(row["details"])} for row in rows]}, cache=PRIVATE)


def _account(item: Any) -> dict[str, Any]:
    return {name: getattr(item, name) for name in ("name", "role", "active", "created_at", "second_factor")}


def _key(item: ApiKey) -> dict[str, Any]:
    return {name: getattr(item, name) for name in item.__slots__}


def _note(
    request: Request, state: ServiceState, actor: str, action: str, subject: str, details: dict[str, Any]
) -> None:
    audit(state.register, actor, action, subject, details=details, request_id=request_id(request))

"""Signing in and out; accounts, keys and the audit log for administrators."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from geoplan.registry.accounts import (
    WrongPassword,
    accounts,
    add_account,
    change_account,
    check_session,
    log_in,
    log_out,
    set_password,
)
from geoplan.registry.apikeys import ApiKey, add_key, close_key, keys
from geoplan.registry.audit import audit, audit_entries
from geoplan_api.http.parameters import State
from geoplan_api.http.ratelimit import caller_key
from geoplan_api.http.security import Admin, cookie_name, request_id, same_origin
from geoplan_api.http.state import ServiceState
from geoplan_api.problems import ProblemError
from geoplan_api.responses import NO_STORE, PRIVATE, json_answer

router = APIRouter(tags=["staff"])

RoleName = Literal["viewer", "editor", "reviewer", "admin"]
AccountName = Annotated[str, Path(max_length=64)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Credentials(_Body):
    """Name and password."""

    name: str = Field(max_length=64)
    password: str = Field(max_length=200)


class NewAccount(Credentials):
    """A new account."""

    role: RoleName


class AccountChange(_Body):
    """What changes on an account; what is not given stays."""

    role: RoleName | None = None
    active: bool | None = None
    password: str | None = Field(default=None, max_length=200)


class NewKey(_Body):
    """A new API key."""

    name: str = Field(min_length=1, max_length=100)
    scopes: list[Literal["public", "feed", "planner", "staff", "export"]] = Field(min_length=1, max_length=5)
    per_minute: int = Field(default=600, ge=1, le=100_000)


@router.post("/v1/login", summary="Sign in", response_class=Response, dependencies=[Depends(same_origin)])
def login(request: Request, state: State, given: Credentials) -> Response:
    """Begin a session: the answer sets a cookie and returns the CSRF token that every change must send back."""
    wait_s = request.app.state.login_limit.wait_s(caller_key(request, state.settings.security.trust_forwarded_for))
    if wait_s:
        raise ProblemError("too-many", "too many attempts", "尝试过多", headers={"Retry-After": str(math.ceil(wait_s))})
    try:
        session = log_in(state.register, given.name, given.password)
    except WrongPassword:
        audit(state.register, given.name[:64], "login.failed", request_id=request_id(request))
        raise ProblemError("wrong-credentials") from None
    audit(state.register, session.account.name, "login", request_id=request_id(request))
    answer = json_answer(_me(session.account.name, session.account.role, session.csrf), cache=NO_STORE)
    secure = state.settings.security.secure_cookies
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


@router.post("/v1/logout", summary="Sign out", response_class=Response, dependencies=[Depends(same_origin)])
def logout(request: Request, state: State) -> Response:
    """End the session of the cookie; without one, nothing happens."""
    name = cookie_name(state.settings.security.secure_cookies)
    token = request.cookies.get(name)
    if token:
        log_out(state.register, token)
    answer = json_answer({"signed_in": False}, cache=NO_STORE)
    answer.delete_cookie(name, path="/", secure=state.settings.security.secure_cookies, httponly=True, samesite="lax")
    return answer


@router.get("/v1/me", summary="Who is signed in", response_class=Response)
def me(request: Request, state: State) -> Response:
    """Return the account and the CSRF token of the session, or `signed_in: false`."""
    token = request.cookies.get(cookie_name(state.settings.security.secure_cookies), "")
    session = check_session(state.register, token) if token else None
    if session is None:
        return json_answer({"signed_in": False}, cache=NO_STORE)
    return json_answer(_me(session.account.name, session.account.role, session.csrf), cache=NO_STORE)


def _me(name: str, role: str, csrf: str) -> dict[str, Any]:
    return {"signed_in": True, "name": name, "role": role, "csrf": csrf}


@router.get("/v1/accounts", summary="All accounts", response_class=Response)
def list_accounts(state: State, _: Admin) -> Response:
    """Return accounts, closed ones too."""
    return json_answer({"accounts": [_account(item) for item in accounts(state.register)]}, cache=PRIVATE)


@router.post("/v1/accounts", status_code=201, summary="Make an account", response_class=Response)
def make_account(request: Request, state: State, who: Admin, given: NewAccount) -> Response:
    """Make an account; its password follows the rules of the register (10 characters at least)."""
    made = add_account(state.register, given.name, given.password, given.role)
    _note(request, state, who.name, "account.add", made.name, {"role": made.role})
    return json_answer(_account(made), status=201)


@router.post("/v1/accounts/{name}", summary="Change an account", response_class=Response)
def alter_account(request: Request, state: State, who: Admin, name: AccountName, given: AccountChange) -> Response:
    """Change a role, close or reopen an account, or set its password; its sessions end."""
    changed = change_account(state.register, name, role=given.role, active=given.active)
    if given.password is not None:
        set_password(state.register, name, given.password)
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
    return {"name": item.name, "role": item.role, "active": item.active, "created_at": item.created_at}


def _key(item: ApiKey) -> dict[str, Any]:
    return {name: getattr(item, name) for name in item.__slots__}


def _note(
    request: Request, state: ServiceState, actor: str, action: str, subject: str, details: dict[str, Any]
) -> None:
    audit(state.register, actor, action, subject, details=details, request_id=request_id(request))

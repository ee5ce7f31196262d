"""Single sign-on: staff of a union that has an OpenID Connect provider sign in there (code flow with PKCE).

Accounts and roles stay here: the provider says who somebody is, and an administrator has made the account of that name.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from geoplan.errors import MissingExtraError
from geoplan.registry.accounts import WrongPassword
from geoplan.registry.audit import audit
from geoplan.registry.sessions import begin_session
from geoplan_api.http.parameters import State, own_url
from geoplan_api.http.routes.accounts import UNKNOWN, session_answer
from geoplan_api.http.security import request_id, secure_cookies
from geoplan_api.problems import ProblemError
from geoplan_api.settings import SecuritySettings

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import OAuth2Client

router = APIRouter(tags=["staff"])

_ALGORITHMS: Final = ["RS256", "PS256", "ES256", "EdDSA"]
_TIMEOUT_S: Final = 10.0
_WAY_S: Final = 600  # time to sign in at the provider
_FAILED: Final = ("signing in at the provider did not succeed; begin again", "单点登录未成功，请重新开始")


def _client(security: SecuritySettings, back: str) -> OAuth2Client:
    try:
        from authlib.integrations.httpx_client import OAuth2Client
    except ModuleNotFoundError as error:
        raise MissingExtraError("single sign-on needs the extra 'oidc': pip install 'geoplan[oidc]'") from error
    secret = security.oidc_client_secret.get_secret_value()
    return OAuth2Client(
        security.oidc_client_id,
        secret,
        scope="openid profile email",
        redirect_uri=back,
        code_challenge_method="S256",
        timeout=_TIMEOUT_S,
    )


def _read(client: Any, address: str) -> dict[str, Any]:
    from httpx2 import HTTPError

    try:
        told: dict[str, Any] = client.request("GET", address, withhold_token=True).raise_for_status().json()
    except (HTTPError, ValueError):
        raise ProblemError("unavailable", "the provider does not answer", "统一身份认证服务没有应答") from None
    return told


def _provider(client: Any, security: SecuritySettings) -> dict[str, Any]:
    """Return what the provider says of itself; it must be the one that the settings name."""
    address = f"{security.oidc_issuer.rstrip('/')}/.well-known/openid-configuration"
    told = _read(client, address)
    if told.get("issuer") != security.oidc_issuer:
        raise ProblemError("unavailable", "the provider calls itself otherwise than the settings do")
    return told


def _cookie(request: Request, state: State) -> str:
    return "__Host-geoplan-sso" if secure_cookies(request, state.settings) else "geoplan_sso"


def _known(state: State) -> SecuritySettings:
    security = state.settings.security
    if not security.oidc_issuer:
        raise ProblemError("not-found", "single sign-on is not set up here", "本服务未启用单点登录")
    return security


@router.get("/v1/sso/start", summary="Sign in at the provider", response_class=Response, status_code=302)
def start(request: Request, state: State) -> Response:
    """Go to the OpenID Connect provider of the settings; it sends the browser back to `/v1/sso/back`."""
    security = _known(state)
    back = f"{own_url(request)}/v1/sso/back"
    way = {"nonce": secrets.token_urlsafe(24), "verifier": secrets.token_urlsafe(48)}
    with _client(security, back) as client:
        endpoint = _provider(client, security)["authorization_endpoint"]
        url, way["state"] = client.create_authorization_url(endpoint, nonce=way["nonce"], code_verifier=way["verifier"])
    answer = RedirectResponse(url, status_code=302, headers={"Cache-Control": "no-store"})
    secure = secure_cookies(request, state.settings)
    name = _cookie(request, state)
    value = orjson.dumps(way).hex()
    answer.set_cookie(name, value, max_age=_WAY_S, path="/", httponly=True, secure=secure, samesite="lax")
    return answer


@router.get("/v1/sso/back", summary="Come back from the provider", response_class=Response, status_code=302)
def back(
    request: Request,
    state: State,
    code: Annotated[str, Query(max_length=4000, description="As the provider gives it")] = "",
    given: Annotated[str, Query(alias="state", max_length=200, description="As it was given to the provider")] = "",
) -> Response:
    """Check what the provider says, begin a session for the account of that name, and go to the desk."""
    security = _known(state)
    try:
        way = orjson.loads(bytes.fromhex(request.cookies.get(_cookie(request, state), "")))
    except (ValueError, orjson.JSONDecodeError):
        way = {}
    if not code or not way or not secrets.compare_digest(given.encode(), str(way.get("state", "")).encode()):
        raise ProblemError("bad-request", *_FAILED)
    claims = _claims(security, f"{own_url(request)}/v1/sso/back", code, way)
    name, subject = str(claims.get(security.oidc_claim, "")), f"{security.oidc_issuer} {claims['sub']}"
    try:
        life = timedelta(seconds=security.session_s)
        session = begin_session(state.register, name, subject=subject, life=life)
    except WrongPassword:
        audit(state.register, UNKNOWN, "login.failed", "sso", request_id=request_id(request))
        raise ProblemError("forbidden", "no open account here has this name", "没有与此身份对应的账号") from None
    audit(state.register, session.account.name, "login", "sso", request_id=request_id(request))
    answer = RedirectResponse("/planner", status_code=302, headers={"Cache-Control": "no-store"})
    answer.delete_cookie(_cookie(request, state), path="/", secure=secure_cookies(request, state.settings))
    return session_answer(request, state, session, answer)


def _claims(security: SecuritySettings, back: str, code: str, way: dict[str, str]) -> dict[str, Any]:
    """Return the claims of the id token, its signature, issuer, audience, time and nonce checked."""
    with _client(security, back) as client:
        from authlib.common.errors import AuthlibBaseError
        from httpx2 import HTTPError
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        provider = _provider(client, security)
        try:
            token = client.fetch_token(provider["token_endpoint"], code=code, code_verifier=way["verifier"])
            told: Any = _read(client, provider["jwks_uri"])
            keys = KeySet.import_key_set(told)
            claims: dict[str, Any] = dict(jwt.decode(token["id_token"], keys, algorithms=_ALGORITHMS).claims)
            jwt.JWTClaimsRegistry(
                iss={"essential": True, "value": security.oidc_issuer},
                aud={"essential": True, "value": security.oidc_client_id},
                exp={"essential": True},
                sub={"essential": True},
                nonce={"essential": True, "value": way["nonce"]},
            ).validate(claims)
        except HTTPError:
            raise ProblemError("unavailable", "the provider does not answer", "统一身份认证服务没有应答") from None
        except (AuthlibBaseError, JoseError, KeyError, ValueError):
            raise ProblemError("bad-request", *_FAILED) from None
    return claims

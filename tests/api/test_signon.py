"""Single sign-on against a provider of our own: who comes in, and what is refused."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from geoplan_api import create_app
from geoplan_api.http.routes import signon
from geoplan_api.settings import SecuritySettings
from pydantic import SecretStr

from geoplan.registry.accounts import add_account
from tests.api.conftest import PASSWORD, town_settings

pytest.importorskip("authlib", reason="the extra 'oidc' is not installed")
httpx = pytest.importorskip("httpx2")
ISSUER = "https://id.example.org"


class Provider:
    """Answers like an OpenID Connect provider; what its token says can be bent."""

    def __init__(self) -> None:
        from joserfc.jwk import RSAKey

        self.key = RSAKey.generate_key(2048, {"kid": "1"})
        self.signing = self.key
        self.nonce = ""
        self.challenge = ""
        self.bent: dict[str, Any] = {}

    def __call__(self, request: Any) -> Any:
        from joserfc import jwt

        path = request.url.path
        if path.endswith("/openid-configuration"):
            names = {name: f"{ISSUER}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
            return httpx.Response(200, json={"issuer": ISSUER, **names})
        if path == "/jwks_uri":
            return httpx.Response(200, json={"keys": [self.key.as_dict(private=False)]})
        assert parse_qs(request.content.decode())["code_verifier"]
        claims = {"iss": ISSUER, "aud": "geoplan", "sub": "17", "exp": int(time.time()) + 60, "nonce": self.nonce}
        claims |= {"preferred_username": "wang", **self.bent}
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.signing)
        return httpx.Response(200, json={"access_token": "a", "token_type": "Bearer", "id_token": token})


@pytest.fixture
def provider(monkeypatch):
    made = Provider()
    plain = signon._client

    def client(security: SecuritySettings, back: str) -> Any:
        found = plain(security, back)
        found._transport = httpx.MockTransport(made)
        found._mounts = {}
        return found

    monkeypatch.setattr(signon, "_client", client)
    return made


@pytest.fixture
def client(town, tmp_path):
    security = SecuritySettings(
        secure_cookies=False,
        oidc_issuer=ISSUER,
        oidc_client_id="geoplan",
        oidc_client_secret=SecretStr("s"),
        public_url="http://testserver",
    )
    with TestClient(create_app(town_settings(town, tmp_path / "s", security=security))) as running:
        add_account(running.app.state.live.state.register, "wang", PASSWORD, "editor")
        yield running


def come_back(client: TestClient, provider: Provider, **changed: str) -> Any:
    answer = client.get("/v1/sso/start", follow_redirects=False)
    assert answer.status_code == 302
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "http://testserver/v1/sso/back"
    provider.nonce = provider.nonce or asked["nonce"]
    query = {"code": "c", "state": asked["state"], **changed}
    return client.get("/v1/sso/back", params=query, follow_redirects=False)


def test_somebody_of_the_provider_comes_in(client, provider):
    assert client.get("/v1/me").json()["single_sign_on"] is True
    answer = come_back(client, provider)
    assert (answer.status_code, answer.headers["location"]) == (302, "/planner")
    assert client.get("/v1/me").json()["name"] == "wang"
    assert client.get("/v1/jobs").status_code == 200


@pytest.mark.parametrize(
    "bent",
    [
        {"nonce": "another"},
        {"aud": "somebody-else"},
        {"iss": "https://evil.example"},
        {"exp": 1_000_000_000},
    ],
)
def test_a_token_that_is_not_for_us_is_refused(client, provider, bent):
    provider.bent = bent
    assert come_back(client, provider).status_code == 400
    assert client.get("/v1/me").json()["signed_in"] is False


def test_a_forged_token_a_foreign_state_and_a_foreign_name_are_refused(client, provider):
    from joserfc.jwk import RSAKey

    assert come_back(client, provider, state="foreign").status_code == 400
    assert come_back(client, provider, code="").status_code == 400
    provider.nonce = ""
    provider.signing = RSAKey.generate_key(2048, {"kid": "1"})
    assert come_back(client, provider).status_code == 400
    provider.signing, provider.nonce = provider.key, ""
    provider.bent = {"preferred_username": "nobody"}
    assert come_back(client, provider).status_code == 403


def test_an_account_belongs_to_the_first_subject(client, provider):
    assert come_back(client, provider).status_code == 302
    client.post("/v1/logout")
    provider.bent, provider.nonce = {"sub": "18"}, ""
    assert come_back(client, provider).status_code == 403


def test_without_the_setting_there_is_none(writable):
    assert writable.get("/v1/sso/start").status_code == 404
    assert writable.get("/v1/sso/back?code=a&state=b").status_code == 404

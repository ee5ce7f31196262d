"""Accounts over HTTP: what is confirmed again, what the audit keeps, cookies, sessions, second factors."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from geoplan_api import create_app
from geoplan_api.settings import SecuritySettings

from geoplan.registry.accounts import add_account
from geoplan.registry.audit import audit_entries
from geoplan.registry.database import transaction
from geoplan.registry.schema import session
from tests.api.conftest import PASSWORD, sign_in, town_settings


def actions(client: TestClient) -> list[tuple[str, str, str]]:
    return [(e.actor, e.action, e.subject) for e in audit_entries(client.app.state.live.state.register)]


def age_confirmation(client: TestClient, minutes: int) -> None:
    with transaction(client.app.state.live.state.register, write=True) as connection:
        connection.execute(sa.update(session).values(confirmed_at=datetime.now(UTC) - timedelta(minutes=minutes)))


def test_a_refused_account_change_is_not_made(writable):
    token = sign_in(writable, "admin")
    add_account(writable.app.state.live.state.register, "ben", PASSWORD, "viewer")
    change = {"role": "admin", "active": False, "password": "short"}
    assert writable.post("/v1/accounts/ben", json=change, headers=token).status_code == 422
    (ben,) = [row for row in writable.get("/v1/accounts").json()["accounts"] if row["name"] == "ben"]
    assert (ben["role"], ben["active"]) == ("viewer", True)
    assert "account.change" not in {action for _, action, _ in actions(writable)}


def test_a_password_typed_as_a_name_is_not_kept(writable):
    token = sign_in(writable, "admin")
    writable.post("/v1/login", json={"name": PASSWORD, "password": "wang"})
    writable.post("/v1/login", json={"name": "wang", "password": "not the password"})
    assert PASSWORD not in writable.get("/v1/audit", headers=token).text
    assert [actor for actor, action, _ in actions(writable) if action == "login.failed"] == ["wang", "(unknown)"]


def test_accounts_keys_and_contacts_ask_for_the_password_again(writable):
    token = sign_in(writable, "admin")
    age_confirmation(writable, 16)
    new = {"name": "ben", "password": "long enough for it", "role": "viewer"}
    asked = (
        ("POST", "/v1/accounts", new),
        ("POST", "/v1/accounts/wang", {"active": True}),
        ("POST", "/v1/keys", {"name": "k", "scopes": ["feed"]}),
        ("GET", "/v1/register/export.csv?contacts=true", None),
    )
    for method, path, body in asked:
        answer = writable.request(method, path, json=body, headers=token)
        assert answer.json()["type"] == "/v1/problems#confirm", path
    assert writable.get("/v1/register/export.csv").status_code == 200
    wrong = writable.post("/v1/me/confirm", json={"password": "wrong password"}, headers=token)
    assert wrong.json()["type"] == "/v1/problems#wrong-credentials"
    assert writable.post("/v1/me/confirm", json={"password": PASSWORD}).json()["type"] == "/v1/problems#csrf"
    assert writable.post("/v1/me/confirm", json={"password": PASSWORD}, headers=token).status_code == 200
    for method, path, body in (asked[0], asked[2], asked[3]):
        assert writable.request(method, path, json=body, headers=token).status_code < 300, path


def test_a_staff_key_takes_no_contacts(writable):
    token = sign_in(writable, "admin")
    secret = writable.post("/v1/keys", json={"name": "k", "scopes": ["staff"]}, headers=token).json()["secret"]
    writable.cookies.clear()
    assert writable.get("/v1/register/export.csv?contacts=true", headers={"X-API-Key": secret}).status_code == 403


def test_own_password_and_own_sessions(writable):
    token = sign_in(writable, "viewer")
    other = TestClient(writable.app)
    other.post("/v1/login", json={"name": "wang", "password": PASSWORD})
    found = writable.get("/v1/me/sessions").json()["sessions"]
    assert sorted(item["this"] for item in found) == [False, True]
    (theirs,) = [item["id"] for item in found if not item["this"]]
    assert writable.post("/v1/me/sessions/end", json={"id": theirs}).status_code == 403  # no token
    assert writable.post("/v1/me/sessions/end", json={"id": theirs}, headers=token).json() == {"ended": 1}
    assert other.get("/v1/jobs").status_code == 401
    other.post("/v1/login", json={"name": "wang", "password": PASSWORD})
    change = {"old": "not the old one", "new": "another good password"}
    assert writable.post("/v1/me/password", json=change, headers=token).status_code == 401
    assert writable.post("/v1/me/password", json={**change, "old": PASSWORD}, headers=token).status_code == 200
    assert other.get("/v1/jobs").status_code == 401
    assert writable.get("/v1/jobs").status_code == 200
    assert {"password.change", "password.failed", "sessions.end"} <= {action for _, action, _ in actions(writable)}


def test_the_settings_bound_a_session(town, tmp_path):
    security = SecuritySettings(secure_cookies=False, session_s=60, idle_s=0.8)
    with TestClient(create_app(town_settings(town, tmp_path / "s", security=security))) as client:
        sign_in(client, "viewer")
        end = datetime.fromisoformat(client.get("/v1/me").json()["expires_at"])
        assert timedelta(seconds=30) < end - datetime.now(UTC) <= timedelta(seconds=60)
        time.sleep(1.0)
        assert client.get("/v1/jobs").status_code == 401


def test_cookies_go_over_https_wherever_it_is_not_this_machine(town, tmp_path):
    with TestClient(create_app(town_settings(town, tmp_path / "s", security=SecuritySettings()))) as client:
        add_account(client.app.state.live.state.register, "wang", PASSWORD, "admin")
        body = {"name": "wang", "password": PASSWORD}
        for host, secure in (("map.example.org", True), ("192.168.1.5:8000", True), ("localhost:8000", False)):
            cookie = client.post("/v1/login", json=body, headers={"Host": host}).headers["set-cookie"]
            assert ("Secure" in cookie) is secure, host
            assert cookie.startswith("__Host-geoplan=") is secure, host


def test_a_second_factor_from_setting_up_to_taking_off(writable):
    token = sign_in(writable, "editor")
    assert writable.post("/v1/me/second-factor", json={"password": "wrong one"}, headers=token).status_code == 401
    given = writable.post("/v1/me/second-factor", json={"password": PASSWORD}, headers=token).json()
    assert given["address"].startswith("otpauth://totp/")
    totp = pyotp.TOTP(given["secret"])
    wrong = {"secret": given["secret"], "code": "000000"}
    assert writable.post("/v1/me/second-factor/on", json=wrong, headers=token).status_code in (422,)
    on = {"secret": given["secret"], "code": totp.now()}
    assert writable.post("/v1/me/second-factor/on", json=on, headers=token).status_code == 200
    writable.post("/v1/logout")
    credentials = {"name": "wang", "password": PASSWORD}
    assert writable.post("/v1/login", json=credentials).json()["type"] == "/v1/problems#code"
    later = totp.at(datetime.now(UTC) + timedelta(seconds=30))
    answer = writable.post("/v1/login", json={**credentials, "code": later})
    assert answer.json()["second_factor"] is True
    assert given["secret"] not in writable.get("/v1/me").text


def test_a_required_second_factor_opens_nothing_before_it_is_set_up(town, tmp_path):
    security = SecuritySettings(secure_cookies=False, second_factor="required")
    with TestClient(create_app(town_settings(town, tmp_path / "s", security=security))) as client:
        token = sign_in(client, "admin")
        assert client.get("/v1/jobs").json()["type"] == "/v1/problems#second-factor"
        given = client.post("/v1/me/second-factor", json={"password": PASSWORD}, headers=token).json()
        on = {"secret": given["secret"], "code": pyotp.TOTP(given["secret"]).now()}
        assert client.post("/v1/me/second-factor/on", json=on, headers=token).status_code == 200
        assert client.get("/v1/jobs").status_code == 200


def test_deleting_sharing_and_cancelling_are_noted_and_a_link_is_kept(writable):
    token = sign_in(writable, "editor")
    job = writable.post("/v1/jobs", json={"kind": "siting", "params": {"new_sites": 1}}, headers=token).json()["id"]
    writable.post(f"/v1/jobs/{job}/cancel", headers=token)
    store = writable.app.state.live.state.scenarios
    made = store.save("wang", "方案 138 1234 5678", "找张三１３８１２３４５６７８", job, {}, b"{}").id
    first = writable.post(f"/v1/scenarios/{made}/share", json={"on": True}, headers=token).json()["share"]
    again = writable.post(f"/v1/scenarios/{made}/share", json={"on": True}, headers=token).json()["share"]
    assert first == again
    shown = writable.get(f"/v1/shared/{first}")
    assert shown.status_code == 200
    assert "5678" not in shown.text
    assert "５６７８" not in shown.text
    writable.post(f"/v1/scenarios/{made}/share", json={"on": False}, headers=token)
    assert writable.get(f"/v1/shared/{first}").status_code == 404
    writable.post(f"/v1/scenarios/{made}/delete", headers=token)
    noted = {(action, subject) for actor, action, subject in actions(writable) if actor == "wang"}
    assert {
        ("job.cancel", job),
        ("scenario.share", made),
        ("scenario.unshare", made),
        ("scenario.delete", made),
    } <= noted


@pytest.mark.parametrize(
    "path", ["/v1/tiles/base.json", "/v1/style.json", "/v1/ogc", "/v1/ogc/collections/stations/items"]
)
def test_a_callers_host_is_in_no_answer_that_others_get(client, town, tmp_path, path):
    answer = client.get(path, headers={"Host": "evil.example"})
    if "evil.example" in answer.text:
        assert "public" not in answer.headers["cache-control"]
        assert "private" in answer.headers["cache-control"]


def test_with_a_public_address_the_callers_host_is_not_asked(town, tmp_path):
    security = SecuritySettings(secure_cookies=False, public_url="https://map.example.org/gp")
    with TestClient(create_app(town_settings(town, tmp_path / "s", security=security))) as client:
        answer = client.get("/v1/style.json", headers={"Host": "evil.example"})
        assert "evil.example" not in answer.text
        assert "https://map.example.org/gp/v1/" in answer.text
        assert "public" in answer.headers["cache-control"]

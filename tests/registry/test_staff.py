"""Accounts, keys, audit and what the public tells: on both databases."""

from __future__ import annotations

import concurrent.futures
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from geoplan.errors import InputError
from geoplan.registry import Conflict, Register, sessions, writing
from geoplan.registry import accounts as staff
from geoplan.registry import publicreports as told
from geoplan.registry.apikeys import add_key, check_key, close_key, keys
from geoplan.registry.audit import audit, audit_entries
from geoplan.registry.database import transaction
from geoplan.registry.passwords import password_faults
from geoplan.registry.schema import account, api_key, session
from geoplan.registry.secondfactor import matching_step, new_secret

GOOD = "correct horse 42"


@pytest.fixture(autouse=True)
def cheap_hashing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with little work, but where the real cost is looked at."""
    if "argon2" not in request.node.name:
        for room in (staff, sessions):
            monkeypatch.setattr(room, "hasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def test_a_password_is_kept_as_argon2_and_a_session_as_digests(register: Register) -> None:
    staff.add_account(register, "anna", GOOD, "admin")
    begun = sessions.log_in(register, "anna", GOOD)
    with transaction(register) as connection:
        hashed = connection.scalar(sa.select(account.c.password_hash))
        token_hash = connection.scalar(sa.select(session.c.token_hash))
    assert str(hashed).startswith("$argon2id$")
    assert GOOD not in str(hashed)
    assert token_hash != begun.token
    found = sessions.check_session(register, begun.token)
    assert found is not None
    assert (found.account.name, found.csrf, found.token) == ("anna", begun.csrf, "")
    assert sessions.same_secret(begun.csrf, found.csrf)
    sessions.log_out(register, begun.token)
    assert sessions.check_session(register, begun.token) is None


def test_wrong_names_and_passwords_say_the_same_and_five_lock(register: Register) -> None:
    staff.add_account(register, "anna", GOOD, "editor")
    now = datetime.now(UTC)
    said = set()
    for name, password in [("anna", "wrong password"), ("nobody", GOOD), ("anna", "x" * 1000)]:
        with pytest.raises(staff.WrongPassword) as caught:
            sessions.log_in(register, name, password, now=now)
        said.add(str(caught.value))
    assert len(said) == 1
    for _ in range(4):
        with pytest.raises(staff.WrongPassword):
            sessions.log_in(register, "anna", "wrong password", now=now)
    with pytest.raises(staff.WrongPassword):
        sessions.log_in(register, "anna", GOOD, now=now)  # locked
    assert sessions.log_in(register, "anna", GOOD, now=now + timedelta(minutes=16)).account.name == "anna"


def test_sessions_end(register: Register) -> None:
    staff.add_account(register, "anna", GOOD, "admin")
    staff.add_account(register, "ben", GOOD, "editor")
    token = sessions.log_in(register, "ben", GOOD).token
    assert sessions.check_session(register, token, now=datetime.now(UTC) + timedelta(hours=13)) is None
    staff.change_account(register, "ben", role="viewer")
    assert sessions.check_session(register, token) is None
    staff.change_account(register, "ben", active=False)
    with pytest.raises(staff.WrongPassword):
        sessions.log_in(register, "ben", GOOD)
    staff.change_account(register, "ben", active=True)
    token = sessions.log_in(register, "ben", GOOD).token
    staff.set_password(register, "ben", "another good one")
    assert sessions.check_session(register, token) is None


def test_the_last_administrator_stays(register: Register) -> None:
    staff.add_account(register, "anna", GOOD, "admin")
    with pytest.raises(InputError, match="last administrator"):
        staff.change_account(register, "anna", role="viewer")
    with pytest.raises(InputError, match="last administrator"):
        staff.change_account(register, "anna", active=False)
    staff.add_account(register, "ben", GOOD, "admin")
    assert staff.change_account(register, "anna", role="viewer").role == "viewer"
    assert [a.name for a in staff.accounts(register)] == ["anna", "ben"]


def test_weak_accounts_are_refused(register: Register) -> None:
    for name, password, role in [
        ("a", GOOD, "admin"),
        ("anna", "short", "admin"),
        ("anna", "anna12345678", "admin"),
        ("anna", GOOD, "king"),
    ]:
        with pytest.raises(InputError):
            staff.add_account(register, name, password, role)  # type: ignore[arg-type]
    staff.add_account(register, "anna", GOOD, "admin")
    with pytest.raises(InputError, match="taken"):
        staff.add_account(register, "anna", GOOD, "viewer")


def test_roles_include_those_below() -> None:
    assert staff.may("admin", "editor")
    assert not staff.may("viewer", "editor")
    assert not staff.may("stranger", "viewer")


def test_keys_are_shown_once_and_closed_for_good(register: Register) -> None:
    secret, key = add_key(register, "mini-program", scopes=["public", "feed"], per_minute=600, created_by="anna")
    assert check_key(register, secret) == key
    assert secret.startswith(key.prefix)
    with transaction(register) as connection:
        assert secret not in str(connection.execute(sa.select(api_key)).mappings().one())
    assert check_key(register, secret + "x") is None
    close_key(register, key.id)
    assert check_key(register, secret) is None
    assert [k.active for k in keys(register)] == [False]
    with pytest.raises(InputError):
        close_key(register, 99)
    for scopes, rate in ((["everything"], 10), ([], 10), (["public"], 0)):
        with pytest.raises(InputError):
            add_key(register, "x", scopes=scopes, per_minute=rate, created_by="anna")


def test_the_audit_log_is_append_only(register: Register) -> None:
    for k in range(3):
        audit(register, "anna", "account.add", f"ben{k}", details={"role": "viewer"}, request_id="r1")
    entries = audit_entries(register)
    assert [e.subject for e in entries] == ["ben2", "ben1", "ben0"]
    assert [e.subject for e in audit_entries(register, before=entries[1].id)] == ["ben0"]
    assert audit_entries(register, actor="carl") == []
    with pytest.raises(sa.exc.IntegrityError), transaction(register, write=True) as connection:
        connection.execute(sa.text("DELETE FROM audit_log"))


def test_public_reports_wait_for_staff(register: Register) -> None:
    with writing(register, actor="anna", reason="x") as writer:
        number = writer.add({"name": "甲驿站", "lon": 120.3, "lat": 31.5})
    report = told.add_report(register, kind="closed", station_id=number, text="门锁着", photo=b"\xff\xd8jpeg")
    assert [(r.id, r.state, r.has_photo) for r in told.reports(register)] == [(report, "open", True)]
    assert told.report_photo(register, report) == (b"\xff\xd8jpeg", "image/jpeg")
    assert told.decide_report(register, report, "accepted", actor="ben", note="checked").state == "accepted"
    assert told.reports(register) == []
    assert len(told.reports(register, state=None, station_id=number)) == 1
    with pytest.raises(Conflict):
        told.decide_report(register, report, "dismissed", actor="carl")
    about = {"kind": "broken", "station_id": number}
    bad = [
        {"kind": "rant", "station_id": number},
        {"kind": "closed"},
        {"kind": "closed", "station_id": 99},
        {"kind": "suggestion"},
        about | {"text": "x" * 1001},
        about | {"photo": b"x" * (3 * 2**20)},
    ]
    for values in bad:
        with pytest.raises(InputError):
            told.add_report(register, **values)  # type: ignore[arg-type]


def test_unmet_searches_are_counts_only_and_small_ones_stay_hidden(register: Register) -> None:
    for _ in range(5):
        told.count_unmet_search(register, "c1", "04-06")
    told.count_unmet_search(register, "c2", "04-06", by=4)
    assert told.unmet_searches(register) == [("c1", "04-06", 5)]
    assert told.unmet_searches(register, at_least=1) == [("c1", "04-06", 5), ("c2", "04-06", 4)]


def test_many_tries_at_once_are_counted_one_by_one(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 64 parallel tries no more than five are looked at, and the account is locked afterwards."""
    staff.add_account(register, "anna", GOOD, "admin")
    looked = []
    verified = sessions._verified

    def look(hashed: str, password: str) -> bool:
        looked.append(password)
        return verified(hashed, password)

    monkeypatch.setattr(sessions, "_verified", look)

    def attempt(n: int) -> bool:
        try:
            sessions.log_in(register, "anna", f"wrong password {n}")
        except staff.WrongPassword:
            return False
        return True

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert not any(pool.map(attempt, range(64)))
    assert len(looked) == 5
    with pytest.raises(staff.WrongPassword):
        sessions.log_in(register, "anna", GOOD)
    assert sessions.log_in(register, "anna", GOOD, now=datetime.now(UTC) + timedelta(minutes=16)).account.name == "anna"


def test_a_refused_change_changes_nothing(register: Register) -> None:
    staff.add_account(register, "anna", GOOD, "admin")
    staff.add_account(register, "ben", GOOD, "viewer")
    with pytest.raises(InputError):
        staff.change_account(register, "ben", role="admin", active=False, password="short")
    ben = staff.find_account(register, "ben")
    assert ben is not None
    assert (ben.role, ben.active) == ("viewer", True)
    sessions.log_in(register, "ben", GOOD)


def test_sessions_have_a_life_and_an_idle_end(register: Register) -> None:
    staff.add_account(register, "anna", GOOD, "admin")
    now = datetime.now(UTC)
    short = sessions.log_in(register, "anna", GOOD, life=timedelta(minutes=5), now=now)
    assert short.expires_at == now + timedelta(minutes=5)
    assert sessions.check_session(register, short.token, now=now + timedelta(minutes=6)) is None
    long = sessions.log_in(register, "anna", GOOD, now=now)
    for minutes in (50, 100, 150):  # used: it goes on
        assert sessions.check_session(register, long.token, now=now + timedelta(minutes=minutes)) is not None
    assert sessions.check_session(register, long.token, now=now + timedelta(minutes=211)) is None
    assert sessions.check_session(register, long.token, now=now + timedelta(minutes=151)) is None, "ended for good"


def test_own_password_and_own_sessions(register: Register) -> None:
    staff.add_account(register, "anna", GOOD, "viewer")
    staff.add_account(register, "ben", GOOD, "viewer")
    other = sessions.log_in(register, "ben", GOOD)
    first, second, third = (sessions.log_in(register, "anna", GOOD) for _ in range(3))
    assert {item.id for item in sessions.sessions_of(register, first.account.id)} == {first.id, second.id, third.id}
    assert sessions.end_sessions(register, first.account.id, only=third.id) == 1
    assert sessions.end_sessions(register, first.account.id, only=other.id) == 0
    with pytest.raises(staff.WrongPassword):
        sessions.change_own_password(register, first.token, "not the old one", "a new and better one")
    for new in (GOOD, "short", "password1234"):
        with pytest.raises(InputError):
            sessions.change_own_password(register, first.token, GOOD, new)
    sessions.change_own_password(register, first.token, GOOD, "a new and better one")
    assert sessions.check_session(register, first.token) is not None
    assert sessions.check_session(register, second.token) is None
    assert sessions.check_session(register, other.token) is not None
    sessions.log_in(register, "anna", "a new and better one")


@pytest.mark.parametrize(
    "password",
    ["password1234", "P@ssw0rd1234", "123456789012", "qwertyuiop12", "abcabcabcabc", "aaaaaaaaaaaa", "woaini1314520",
     "gonghui20242025", "Admin@2024!!!!", "elevensigns"],
)  # fmt: skip
def test_common_passwords_are_refused(password: str) -> None:
    assert password_faults(password, "anna") != []


@pytest.mark.parametrize("password", [GOOD, "梁溪区 桂花 自行车 一九三四", "Tr0ub4dor&3xyz", "another good one"])
def test_long_and_odd_passwords_are_taken(password: str) -> None:
    assert password_faults(password, "anna") == []


def test_a_second_factor_is_asked_for_and_its_code_passes_once(register: Register) -> None:
    made = staff.add_account(register, "anna", GOOD, "admin")
    secret = new_secret()
    sessions.set_second_factor(register, made.id, secret)
    now = datetime.now(UTC)
    code = pyotp.TOTP(secret).at(now)
    for _ in range(6):  # no wrong try: it locks nobody out
        with pytest.raises(sessions.NeedsCode):
            sessions.log_in(register, "anna", GOOD, now=now)
    with pytest.raises(staff.WrongPassword):
        sessions.log_in(register, "anna", GOOD, "000000" if code != "000000" else "111111", now=now)
    with pytest.raises(staff.WrongPassword):
        sessions.log_in(register, "anna", "wrong password", code, now=now)
    assert sessions.log_in(register, "anna", GOOD, code, now=now).account.second_factor
    with pytest.raises(staff.WrongPassword):
        sessions.log_in(register, "anna", GOOD, code, now=now)
    assert matching_step(secret, "１２３", now) is None
    staff.change_account(register, "anna", second_factor=False)
    sessions.log_in(register, "anna", GOOD, now=now)

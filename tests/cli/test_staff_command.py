"""Accounts from the command line: no default password, weak ones refused, the last administrator stays."""

from __future__ import annotations

import io

import pytest


@pytest.fixture
def staff(run, tiny_pack, tmp_path, monkeypatch):
    monkeypatch.setenv("GEOPLAN_DATA__FOLDER", str(tmp_path / "service"))

    def call(*arguments, password=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
        return run("staff", *arguments, "--pack", tiny_pack)

    return call


def test_the_first_administrator(staff):
    made = staff("add", "wang", "--role", "admin", "--password-stdin", password="mountain-river-lake")
    assert made.code == 0, made.err
    assert "wang (admin)" in made.out
    listed = staff("list")
    assert "wang" in listed.out
    assert "mountain-river-lake" not in listed.out


@pytest.mark.parametrize(
    ("arguments", "password", "message"),
    [
        (
            ["add", "wang", "--role", "king", "--password-stdin"],
            "mountain-river-lake",
            "no role 'king'; use one of viewer",
        ),
        (["add", "wang", "--password-stdin"], "short", "a password has"),
        (["add", "wang", "--password-stdin"], "", "a password has"),
        (["change", "nobody", "--role", "admin"], "", "no account 'nobody'"),
    ],
)
def test_bad_accounts(staff, arguments, password, message):
    ended = staff(*arguments, password=password)
    assert ended.code == 2
    assert message in ended.err


def test_the_last_administrator_stays(staff):
    assert staff("add", "wang", "--role", "admin", "--password-stdin", password="mountain-river-lake").code == 0
    assert staff("change", "wang", "--close").code == 2

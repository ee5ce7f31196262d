"""Who may show the public map in a frame."""

from __future__ import annotations

from geoplan_api import Settings
from geoplan_api.http.headers import security_headers


def test_nobody_else_frames_the_map_unless_named() -> None:
    headers = security_headers(Settings())
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"].split("; ")
    assert headers["X-Frame-Options"] == "SAMEORIGIN"


def test_a_named_site_may_frame_the_map() -> None:
    headers = security_headers(Settings(security={"embed_origins": ["https://union.example.org"]}))
    assert "frame-ancestors 'self' https://union.example.org" in headers["Content-Security-Policy"].split("; ")
    assert "X-Frame-Options" not in headers  # it knows no list, and an old one would win over the policy

"""``geoplan embed``: the frame, and what is refused."""

from __future__ import annotations


def test_the_frame_and_what_the_service_needs(run):
    ended = run("embed", "https://map.example.org/#open=1", "--height-px", "500")
    assert ended.code == 0, ended.err
    assert ended.out.startswith('<iframe src="https://map.example.org/#open=1" ')
    assert ended.out.count("<") == 2
    assert "height:500px" in ended.out
    assert "EMBED_ORIGINS" in ended.err


def test_an_address_that_is_none_is_refused(run):
    ended = run("embed", "map.example.org")
    assert ended.code == 2
    assert "must begin with https://" in ended.err

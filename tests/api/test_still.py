"""The still of a view: drawn once for a cell, tagged, and only for views that a page can have."""

from __future__ import annotations

import io

import pytest
from PIL import Image

CELL = "/v1/still/14/109340/53500/448x832.webp"


def test_a_still_is_a_small_picture_with_a_tag(client):
    answer = client.get(CELL)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
    assert "max-age" in answer.headers["cache-control"]
    assert len(answer.content) <= 60_000
    assert Image.open(io.BytesIO(answer.content)).size == (896, 1664)
    again = client.get(CELL, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert client.get(f"{CELL}?theme=dark").headers["etag"] != answer.headers["etag"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/still/14/109340/53500/450x832.webp",
        "/v1/still/14/109340/53500/4480x832.webp",
        "/v1/still/14.3/109340/53500/448x832.webp",
        "/v1/still/22/1/1/448x832.webp",
        "/v1/still/7/4000000/1/448x832.webp",
    ],
)
def test_views_that_no_page_has_are_refused(client, path):
    answer = client.get(path)
    assert answer.status_code in (404, 422)
    assert answer.json()["detail"]

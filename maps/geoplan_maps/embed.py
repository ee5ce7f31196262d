"""The snippet that puts the public map into the union's own web site."""

from __future__ import annotations

from html import escape
from urllib.parse import urlsplit

from geoplan.errors import InputError

__all__ = ["embed_snippet"]


def embed_snippet(service_url: str, *, title: str = "户外劳动者服务站点地图", height_px: int = 640) -> str:
    """Return an iframe that shows the public map.

    The service must name the embedding site in its setting ``embed_origins``; browsers refuse the frame otherwise.

    Parameters
    ----------
    service_url : str
        Address of the service, with or without a station or filters after ``#``.
    title : str
        What a screen reader says of the frame.
    height_px : int
        Height in pixels; the width follows the page.

    Returns
    -------
    str
        HTML.
    """
    parts = urlsplit(service_url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise InputError(f"{service_url!r} is not a web address; it must begin with https://")
    if not 200 <= height_px <= 4000:
        raise InputError(f"a height of {height_px} pixels is outside 200 to 4000")
    return (
        f'<iframe src="{escape(service_url, quote=True)}" title="{escape(title, quote=True)}" loading="lazy" '
        f'allow="geolocation; clipboard-write; web-share" referrerpolicy="strict-origin" '
        f'style="width:100%;height:{height_px}px;border:0;border-radius:12px"></iframe>'
    )

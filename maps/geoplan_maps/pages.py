"""The web pages as files: what to serve, under which version, and which of them a phone keeps for offline use."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, Literal

from geoplan.errors import InputError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = [
    "MEDIA_TYPES",
    "VENDOR_FILES",
    "asset",
    "asset_names",
    "page",
    "service_worker",
    "vendor_file",
    "web_version",
]

PageName = Literal["public", "planner"]
MEDIA_TYPES: Final[dict[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
}
VENDOR_FILES: Final = ("maplibre-gl.js", "maplibre-gl.css")
_VERSION_MARK: Final = "__VERSION__"
_PRECACHE_MARK: Final = "/* __PRECACHE__ */ []"
# What the public page needs to start without a network; the planner's desk is useless without the service.
_OFFLINE_FOLDERS: Final = ("css/", "js/lib/", "js/public/", "icons/")
_OFFLINE_NOT: Final = ("css/planner",)


def _web() -> Traversable:
    return files("geoplan_maps") / "web"


def _walk(folder: Traversable, prefix: str = "") -> list[str]:
    names: list[str] = []
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.is_dir():
            names += _walk(entry, f"{prefix}{entry.name}/")
        elif not entry.name.startswith("."):
            names.append(prefix + entry.name)
    return names


def asset_names() -> tuple[str, ...]:
    """Return the names of all files under ``web/``, with forward slashes, sorted."""
    return tuple(_walk(_web()))


def asset(name: str) -> tuple[bytes, str]:
    """Return one file of ``web/`` and its media type; the name must be one of :func:`asset_names`."""
    if name not in asset_names():
        raise InputError(f"there is no file {name!r} among the web pages")
    suffix = name[name.rfind(".") :]
    return _web().joinpath(*name.split("/")).read_bytes(), MEDIA_TYPES.get(suffix, "application/octet-stream")


def vendor_file(name: str) -> tuple[bytes, str]:
    """Return MapLibre's script or style from the installed package ``maplibre``, and its media type."""
    if name not in VENDOR_FILES:
        raise InputError(f"there is no vendor file {name!r}; there are {', '.join(VENDOR_FILES)}")
    suffix = name[name.rfind(".") :]
    return (files("maplibre") / "srcjs" / name).read_bytes(), MEDIA_TYPES[suffix]


@cache
def web_version() -> str:
    """Return a short hash of everything a page loads: the ``{version}`` in ``/static/{version}/…``."""
    digest = hashlib.sha256()
    for name in asset_names():
        digest.update(name.encode())
        digest.update(asset(name)[0])
    for name in VENDOR_FILES:
        digest.update(vendor_file(name)[0])
    return digest.hexdigest()[:12]


def page(name: PageName) -> str:
    """Return the HTML of a page with its addresses filled in.

    Parameters
    ----------
    name : {"public", "planner"}
        The public map, served at ``/``, or the planner's desk, served at ``/planner``.

    Returns
    -------
    str
        HTML. It loads ``/static/{version}/…``, ``/vendor/…`` and ``/v1/…`` of its own host, nothing else.
    """
    return asset(f"{name}.html")[0].decode("utf-8").replace(_VERSION_MARK, web_version())


def service_worker() -> str:
    """Return the public page's service worker, to be served at ``/sw.js`` without a long cache life."""
    version = web_version()
    kept = [
        f"/static/{version}/{name}"
        for name in asset_names()
        if name.startswith(_OFFLINE_FOLDERS) and not name.startswith(_OFFLINE_NOT)
    ]
    kept += [f"/vendor/{name}?v={version}" for name in VENDOR_FILES]
    script = asset("sw.js")[0].decode("utf-8").replace(_VERSION_MARK, version)
    return script.replace(_PRECACHE_MARK, json.dumps(["/", *kept]))

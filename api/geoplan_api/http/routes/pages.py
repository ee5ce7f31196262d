"""The pages and their files: the public map, the planner's desk, MapLibre from the installed package."""

from __future__ import annotations

import mimetypes
from functools import lru_cache
from hashlib import blake2b
from importlib.metadata import version as installed_version
from importlib.resources import files
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Path, Query
from geoplan_maps.bundle import bundle_script, bundle_sheets
from geoplan_maps.vocabulary import SCRIPT, vocabulary_script
from starlette.responses import FileResponse, Response

from geoplan_api.problems import ProblemError
from geoplan_api.responses import IMMUTABLE, raw_answer

router = APIRouter(include_in_schema=False)

_VENDOR = {"maplibre-gl.js": "maplibre-gl.js", "maplibre-gl.css": "maplibre-gl.css"}
_SHEETS = {
    "public": ("tokens", "base", "public"),
    "planner": ("tokens", "base", "planner", "planner-panels"),
}
_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".webmanifest": "application/manifest+json",
}
_LONGEST_PATH = 300
_REVALIDATE = "no-cache"  # kept, but asked for again each time: the answer is 304 unless it changed


def web_folder() -> FilePath:
    """Return the folder of the pages."""
    return FilePath(str(files("geoplan_maps"))) / "web"


@lru_cache(maxsize=1)
def vendor_folder() -> FilePath:
    """Return the folder of the installed package that holds MapLibre."""
    return FilePath(str(files("maplibre"))) / "srcjs"


@lru_cache(maxsize=1)
def vendor_version() -> str:
    """Return the version of the installed package that holds MapLibre."""
    return installed_version("maplibre")


@lru_cache(maxsize=4)
def assets_version(folder: FilePath) -> str:
    """Return a short text that changes with any file of the pages; it is part of their addresses."""
    stamp = blake2b(digest_size=5)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            stamp.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    stamp.update(vocabulary_script().encode())
    return stamp.hexdigest()


def _page(name: str) -> Response:
    folder = web_folder()
    path = folder / name
    if not path.is_file():
        raise ProblemError("not-found", f"the page {name} is not part of this installation")
    text = _stamped(path)
    return raw_answer(text.encode(), "text/html; charset=utf-8", cache=_REVALIDATE)


@router.get("/")
def public_page() -> Response:
    """Return the public map."""
    return _page("index.html")


@router.get("/planner")
def planner_page() -> Response:
    """Return the planner's desk; its data asks for a sign-in."""
    return _page("planner.html")


@router.get("/sw.js")
def service_worker() -> Response:
    """Return the service worker; it must lie at the root to reach every page."""
    path = web_folder() / "sw.js"
    if not path.is_file():
        raise ProblemError("not-found")
    return raw_answer(_stamped(path).encode(), "text/javascript", cache=_REVALIDATE)


def _stamped(path: FilePath) -> str:
    text = path.read_text(encoding="utf-8").replace("{{version}}", assets_version(web_folder()))
    return text.replace("{{maplibre}}", vendor_version())


@router.get("/vendor/{name}")
def vendor(
    name: Annotated[str, Path(max_length=40)],
    v: Annotated[str, Query(max_length=40, description="Version of the library")] = "",
) -> Response:
    """Return MapLibre's script or style sheet from the installed package; with its version it may be kept for good."""
    if name not in _VENDOR:
        raise ProblemError("not-found")
    return _file(vendor_folder() / _VENDOR[name], IMMUTABLE if v == vendor_version() else "public, max-age=86400")


@router.get("/static/{version}/bundle/{page}.{kind}")
def bundled(
    version: Annotated[str, Path(max_length=20)],
    page: Annotated[str, Path(max_length=20)],
    kind: Annotated[str, Path(max_length=4)],
) -> Response:
    """Return all modules, or all style sheets, of a page as one file."""
    if page not in _SHEETS or kind not in ("js", "css"):
        raise ProblemError("not-found")
    running = assets_version(web_folder())
    body = _bundle(web_folder(), page, kind, running)
    return raw_answer(body, _TYPES[f".{kind}"], cache=IMMUTABLE if version == running else _REVALIDATE)


@lru_cache(maxsize=8)
def _bundle(folder: FilePath, page: str, kind: str, _version: str) -> bytes:
    if kind == "js":
        return bundle_script(folder / "js" / page / "main.js").encode()
    return bundle_sheets([folder / "css" / f"{name}.css" for name in _SHEETS[page]]).encode()


@router.get("/static/{version}/{path:path}")
def static(version: Annotated[str, Path(max_length=20)], path: str) -> Response:
    """Return a file of the pages; with the running version in its address it may be kept for good."""
    cache = IMMUTABLE if version == assets_version(web_folder()) else _REVALIDATE
    if path == SCRIPT:
        return raw_answer(vocabulary_script().encode(), _TYPES[".js"], cache=cache)
    folder = web_folder().resolve()
    if "\x00" in path or len(path) > _LONGEST_PATH:  # no file has such a name, and asking for it fails
        raise ProblemError("not-found")
    wanted = (folder / path).resolve()
    if not wanted.is_relative_to(folder) or not wanted.is_file():
        raise ProblemError("not-found")
    return _file(wanted, cache)


def _file(path: FilePath, cache: str) -> Response:
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if path.stat().st_size <= 4_000_000:  # small enough to be compressed and tagged on the way out
        return raw_answer(path.read_bytes(), kind, cache=cache)
    return FileResponse(path, media_type=kind, headers={"Cache-Control": cache})

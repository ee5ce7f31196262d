"""How an answer leaves: ETag on every readable answer, 304 where nothing changed, gzip or Brotli where it pays."""

from __future__ import annotations

import gzip
import hashlib
from email.utils import parsedate_to_datetime
from typing import Final

import anyio.to_thread
import brotli
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geoplan_api.city.cache import ByteCache

__all__ = ["Delivery", "etag_of"]

_TEXT: Final = (
    "text/",
    "application/json",
    "application/geo+json",
    "application/problem+json",
    "application/vnd.oai",
    "application/vnd.mapbox-vector-tile",
    "application/x-protobuf",
    "image/svg+xml",
)
_MIN_BYTES: Final = 600  # below this, compression saves less than one packet
_THREAD_BYTES: Final = 65536  # above this, hash and compress outside the event loop
# Brotli's and gzip's: a fresh answer is made in milliseconds, a file that keeps its address is packed well, once.
_QUALITY: Final = 5
_QUALITY_KEPT: Final = 9
# Answers that carry a token are not compressed: size would tell about it (BREACH).
_SECRET_PATHS: Final = frozenset(("/v1/me", "/v1/login", "/v1/me/second-factor"))


class Delivery:
    """Adds ETag, answers 304, and compresses whole answers; streams pass untouched."""

    def __init__(self, app: ASGIApp, cache: ByteCache) -> None:
        self.app = app
        self.cache = cache

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD", "POST"):
            await self.app(scope, receive, send)
            return
        request = Headers(scope=scope)
        start: Message | None = None
        streaming = False

        async def deliver(message: Message) -> None:
            nonlocal start, streaming
            if message["type"] == "http.response.start":
                start = message
                return
            if start is None or streaming or message["type"] != "http.response.body":
                await send(message)
                return
            headers = MutableHeaders(raw=start["headers"])
            if message.get("more_body", False) or "content-encoding" in headers or start["status"] != 200:
                streaming = True
                await send(start)
                await send(message)
                return
            body = message.get("body", b"")
            await self._whole(scope, request, start, headers, body, send)

        await self.app(scope, receive, deliver)

    async def _whole(
        self, scope: Scope, request: Headers, start: Message, headers: MutableHeaders, body: bytes, send: Send
    ) -> None:
        if scope["method"] in ("GET", "HEAD") and body:
            if "etag" not in headers:
                headers["etag"] = await _etag(body)
            if _unchanged(request, headers):
                for name in ("content-length", "content-type"):
                    if name in headers:
                        del headers[name]
                start["status"] = 304
                await send(start)
                await send({"type": "http.response.body", "body": b""})
                return
        kind = headers.get("content-type", "")
        if len(body) >= _MIN_BYTES and kind.startswith(_TEXT) and scope["path"] not in _SECRET_PATHS:
            headers.add_vary_header("Accept-Encoding")
            encoding = _encoding(request.get("accept-encoding", ""))
            if encoding:
                kept_for_good = "immutable" in headers.get("cache-control", "")
                quality = _QUALITY_KEPT if kept_for_good else _QUALITY
                body = await self._compressed(body, headers.get("etag", ""), encoding, quality)
                headers["content-encoding"] = encoding
                if "etag" in headers:  # the bytes differ, the meaning does not: a weak tag says so
                    headers["etag"] = _weak(headers["etag"])
        headers["content-length"] = str(len(body))
        await send(start)
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _compressed(self, body: bytes, etag: str, encoding: str, quality: int) -> bytes:
        key = (etag, encoding)
        kept = self.cache.get(key) if etag else None
        if kept is not None:
            return kept
        if len(body) > _THREAD_BYTES:
            packed = await anyio.to_thread.run_sync(_compress, body, encoding, quality)
        else:
            packed = _compress(body, encoding, quality)
        if etag:
            self.cache.put(key, packed)
        return packed


def _compress(body: bytes, encoding: str, quality: int) -> bytes:
    if encoding == "br":
        return bytes(brotli.compress(body, quality=quality))
    return gzip.compress(body, compresslevel=quality, mtime=0)


def etag_of(body: bytes) -> str:
    """Return the strong entity tag of a body."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


async def _etag(body: bytes) -> str:
    if len(body) > _THREAD_BYTES:
        return await anyio.to_thread.run_sync(etag_of, body)
    return etag_of(body)


def _weak(tag: str) -> str:
    return tag if tag.startswith("W/") else f"W/{tag}"


def _unchanged(request: Headers, headers: MutableHeaders) -> bool:
    given = request.get("if-none-match")
    if given is not None:  # RFC 9110 §13.2.2: the date counts only where no tag was sent
        tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
        return "*" in tags or headers["etag"].removeprefix("W/") in tags
    since, modified = request.get("if-modified-since"), headers.get("last-modified")
    if since is None or modified is None:
        return False
    try:
        return parsedate_to_datetime(modified) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False


def _encoding(accepted: str) -> str:
    """Choose ``br`` or ``gzip`` from Accept-Encoding, or nothing."""
    allowed = set()
    for part in accepted.lower().split(","):
        name, _, weight = part.strip().partition(";")
        try:
            if not weight or float(weight.strip().removeprefix("q=")) > 0:
                allowed.add(name.strip())
        except ValueError:
            continue
    return "br" if "br" in allowed else "gzip" if "gzip" in allowed or "*" in allowed else ""

"""What every request passes through, as plain ASGI: its id, time, log line and headers; and bounds on body and load.

Order, outermost first (see :func:`geoplan_api.http.app.create_app`):

1. :class:`RequestContext` - id, metrics, log, security headers, and the last net under any exception;
2. CORS;
3. :class:`Gate` - refuses bodies that are too large and load that is too high before any work is done;
4. :class:`~geoplan_api.http.delivery.Delivery` - ETag, 304, gzip and Brotli;
5. :class:`~geoplan_api.http.fast_path.Express` - the questions asked most, without the framework.
"""

from __future__ import annotations

import logging
import math
import re
import time
import uuid
from typing import Any

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geoplan_api.http.ratelimit import RateLimiter, caller_key
from geoplan_api.metrics import Metrics
from geoplan_api.problems import on_error, problem_response
from geoplan_api.settings import LimitSettings

__all__ = ["Gate", "RequestContext"]

log = logging.getLogger("geoplan_api")
_UNCOUNTED = ("/v1/tiles/", "/v1/glyphs/", "/v1/health", "/v1/ready")
_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def _template(scope: Scope) -> str:
    """Return the template of the route that answered."""
    return getattr(scope.get("route"), "path", "") or "(none)"


class RequestContext:
    """Gives a request its id, counts and logs it, sets the security headers, and catches what nothing else did.

    The log names the route's template, never the path or the query: a tile's numbers are a position too.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, headers: dict[str, str]) -> None:
        self.app = app
        self.metrics = metrics
        self.headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"").decode("latin-1")
        request_id = given if _SAFE_ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        start = time.perf_counter()
        status, sent, counted = 0, 0, False

        def count() -> None:
            nonlocal counted
            if not counted:
                counted = True
                self.metrics.note(scope["method"], _template(scope), status, time.perf_counter() - start)

        async def send_with_headers(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
                raw = list(message.get("headers", []))
                present = {name for name, _ in raw}
                raw.extend(pair for pair in self.headers if pair[0] not in present)
                raw.append((b"x-request-id", request_id.encode()))
                message["headers"] = raw
            elif message["type"] == "http.response.body":
                sent += len(message.get("body", b""))
                if not message.get("more_body", False):
                    count()  # who has read an answer to its end finds it counted, by whichever process is asked
            await send(message)

        self.metrics.in_work.inc()
        try:
            await self.app(scope, receive, send_with_headers)
        except Exception as error:  # the last net: nothing may leave without an answer
            if status:
                log.error("failed while answering", exc_info=error, extra={"request_id": request_id})
                raise
            response = await on_error(Request(scope), error)
            await response(scope, receive, send_with_headers)
        finally:
            self.metrics.in_work.dec()
            count()  # an answer that broke off
            self._log(scope, request_id, status, sent, time.perf_counter() - start)

    @staticmethod
    def _log(scope: Scope, request_id: str, status: int, sent: int, seconds: float) -> None:
        if log.isEnabledFor(logging.INFO):
            extra: dict[str, Any] = {
                "request_id": request_id,
                "method": scope["method"],
                "route": _template(scope),
                "status": status,
                "duration_ms": round(seconds * 1000.0, 2),
                "bytes": sent,
            }
            log.info("request", extra=extra)


class Gate:
    """Refuses what is too large or too much before it costs memory or time."""

    def __init__(
        self, app: ASGIApp, limits: LimitSettings, upload_paths: tuple[str, ...], trust_forwarded_for: bool
    ) -> None:
        self.app = app
        self.limits = limits
        self.upload_paths = upload_paths
        self.trust_forwarded_for = trust_forwarded_for
        self.in_work = 0
        self.by_address = RateLimiter(limits.public_per_minute, 60.0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = scope["state"]["request_id"]
        if self.in_work >= self.limits.busy_requests and not scope["path"].startswith("/v1/health"):
            await problem_response("busy", request_id=request_id, headers={"Retry-After": "1"})(scope, receive, send)
            return
        wait_s = self._wait_s(scope)
        if wait_s:
            after = {"Retry-After": str(math.ceil(wait_s))}
            await problem_response("too-many", request_id=request_id, headers=after)(scope, receive, send)
            return
        upload = scope["path"].startswith(self.upload_paths)
        bound = self.limits.max_upload_bytes if upload else self.limits.max_body_bytes
        length = Headers(scope=scope).get("content-length", "")
        if length.isdigit() and int(length) > bound:
            await self._too_large(bound, request_id)(scope, receive, send)
            return
        taken = 0

        async def bounded_receive() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > bound:  # a chunked body has no length to look at beforehand
                    # an HTTPException, since the form parser turns every other one into "cannot parse"
                    raise HTTPException(413, _too_large_words(bound)[0])
            return message

        self.in_work += 1
        try:
            await self.app(scope, bounded_receive, send)
        finally:
            self.in_work -= 1

    def _wait_s(self, scope: Scope) -> float:
        """Count a request of an address; tiles and files of the pages come by the dozen and are not counted."""
        path = scope["path"]
        if self.by_address.most <= 0 or not path.startswith("/v1/") or path.startswith(_UNCOUNTED):
            return 0.0
        connection = HTTPConnection(scope)
        secret = connection.headers.get("x-api-key")
        if secret is not None and scope["app"].state.keys.known(secret) is not None:
            return 0.0  # counted against the key's own rate
        return self.by_address.wait_s(caller_key(connection, self.trust_forwarded_for))

    @staticmethod
    def _too_large(bound: int, request_id: str) -> ASGIApp:
        # The rest of the body is not read: the connection ends with this answer.
        return problem_response(
            "too-large", *_too_large_words(bound), request_id=request_id, headers={"Connection": "close"}
        )


def _too_large_words(bound: int) -> tuple[str, str]:
    return f"at most {bound:,} bytes are taken here", f"此处最多接收 {bound:,} 字节"

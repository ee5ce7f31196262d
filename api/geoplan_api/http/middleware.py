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
from collections import Counter
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
_HOSTLESS = ("/v1/health", "/v1/ready", "/metrics")  # asked by address, from the machine itself
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
                if scope["state"].get("host_told"):  # the caller's Host is in the body: for that caller only
                    raw = [pair for pair in raw if pair[0] != b"cache-control"]
                    raw.append((b"cache-control", b"private, no-cache"))
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
                raise _CutError from None
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


class _CutError(Exception):
    """An answer that could not be finished: the server must close the connection, and has nothing to log."""

    logged = True


class Gate:
    """Refuses what is too large or too much before it costs memory or time."""

    def __init__(
        self,
        app: ASGIApp,
        limits: LimitSettings,
        upload_paths: tuple[str, ...],
        trust_forwarded_for: bool,
        hosts: tuple[str, ...] = (),
    ) -> None:
        self.app = app
        self.hosts = hosts
        self.limits = limits
        self.upload_paths = upload_paths
        self.trust_forwarded_for = trust_forwarded_for
        self.in_work = 0
        self.arriving: Counter[str] = Counter()
        self.by_address = RateLimiter(limits.public_per_minute, 60.0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = scope["state"]["request_id"]
        if self.hosts and not scope["path"].startswith(_HOSTLESS) and not self._known_host(scope):
            words = ("this service does not answer to that host name", "本服务不以该主机名提供服务")
            await problem_response("bad-request", *words, request_id=request_id)(scope, receive, send)
            return
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
        arrival = _Arrival(self, receive, bound, self._caller(scope) if _has_body(scope, length) else None)
        if arrival.refused:
            await problem_response("busy", request_id=request_id, headers={"Retry-After": "1"})(scope, receive, send)
            return
        try:
            await self.app(scope, arrival, send)
        finally:
            arrival.end()

    def _known_host(self, scope: Scope) -> bool:
        host = Headers(scope=scope).get("host", "").lower()
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        return any(
            name == known or (known.startswith("*.") and name.endswith(known[1:]))
            for known in map(str.lower, self.hosts)
        )

    def _caller(self, scope: Scope) -> str:
        return caller_key(HTTPConnection(scope), self.trust_forwarded_for)

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


def _has_body(scope: Scope, length: str) -> bool:
    if length:
        return length != "0"
    return any(name == b"transfer-encoding" for name, _ in scope["headers"])


class _Arrival:
    """A request's body: bounded, and in work only once it is in, so that slow senders take nobody's turn."""

    def __init__(self, gate: Gate, receive: Receive, bound: int, caller: str | None) -> None:
        self.gate = gate
        self.receive = receive
        self.bound = bound
        self.caller = caller
        self.taken = 0
        self.working = False
        self.refused = caller is not None and (
            gate.arriving.total() >= gate.limits.max_arriving
            or gate.arriving[caller] >= gate.limits.max_arriving_of_one
        )
        if self.refused:
            return
        if caller is None:
            self._work()
        else:
            gate.arriving[caller] += 1

    async def __call__(self) -> Message:
        message = await self.receive()
        if message["type"] == "http.request":
            self.taken += len(message.get("body", b""))
            if self.taken > self.bound:  # a chunked body has no length to look at beforehand
                # an HTTPException, since the form parser turns every other one into "cannot parse"
                raise HTTPException(413, _too_large_words(self.bound)[0])
            if not message.get("more_body", False) and not self.working:
                self._leave()
                if self.gate.in_work >= self.gate.limits.busy_requests:
                    raise HTTPException(503, "the service is busy", headers={"Retry-After": "1"})
                self._work()
        return message

    def _work(self) -> None:
        self.working = True
        self.gate.in_work += 1

    def _leave(self) -> None:
        if self.caller is not None:
            self.gate.arriving[self.caller] -= 1
            if self.gate.arriving[self.caller] <= 0:
                del self.gate.arriving[self.caller]
            self.caller = None

    def end(self) -> None:
        """Give the place back, however the request ended."""
        self._leave()
        if self.working:
            self.gate.in_work -= 1


def _too_large_words(bound: int) -> tuple[str, str]:
    return f"at most {bound:,} bytes are taken here", f"此处最多接收 {bound:,} 字节"

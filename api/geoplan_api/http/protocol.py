"""HTTP on the wire with bounds: no connection may take more memory for its headers, or more time, than is set.

``geoplan serve`` gives this class to uvicorn. A browser sends its headers in a second; what trickles in for longer, or
never ends, is closed before it costs others their turn.
"""

from __future__ import annotations

from asyncio.events import TimerHandle
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from geoplan_api.settings import LimitSettings

__all__ = ["BoundedHttp"]

_LOOK_S: Final = 1.0  # how often a body in arrival is looked at
_MOST_HEADERS: Final = 100
_TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_TOO_SLOW: Final = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class _TooLargeError(Exception):
    """The headers are larger than is taken."""


class BoundedHttp(HttpToolsProtocol):
    """One connection; times and sizes are those of :class:`geoplan_api.settings.LimitSettings`."""

    def __init__(self, config: Any, *rest: Any, **named: Any) -> None:
        super().__init__(config, *rest, **named)
        settings = getattr(getattr(config.loaded_app, "state", None), "settings", None)
        self.limits: LimitSettings = LimitSettings() if settings is None else settings.limits
        self._timer: TimerHandle | None = None
        self._stalled: TimerHandle | None = None
        self._in_head = True
        self._head_bytes = 0
        self._named = 0
        self._too_large = False
        self._began_s = 0.0
        self._body_bytes = 0

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the headers of the first request."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all clocks."""
        self._stop_clock()
        if self._stalled is not None:
            self._stalled.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; while headers are incomplete they are counted, since the parser keeps them until they end."""
        if self._in_head and self._timer is None:
            self._wait_for_head()
        was_in_head = self._in_head
        super().data_received(data)
        if was_in_head and self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > self.limits.max_header_bytes and not self.transport.is_closing():
                self._refuse(_TOO_LARGE)

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._in_head, self._head_bytes, self._named = True, 0, 0

    def on_url(self, url: bytes) -> None:
        """Take a part of the address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, or a trailer after a body."""
        self._named += 1
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > self.limits.max_header_bytes or self._named > _MOST_HEADERS:
            self._too_large = True
            raise _TooLargeError

    def on_headers_complete(self) -> None:
        """Begin to wait for the body."""
        self._stop_clock()
        self._in_head = False
        self._began_s, self._body_bytes = self.loop.time(), 0
        super().on_headers_complete()
        self._timer = self.loop.call_later(_LOOK_S, self._look_at_body)

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request; another may follow on the same connection."""
        self._stop_clock()
        super().on_message_complete()
        self._in_head, self._head_bytes = True, 0

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, or too large."""
        if self._too_large:
            self._refuse(_TOO_LARGE)
        else:
            super().send_400_response(msg)

    def pause_writing(self) -> None:
        """Give a reader that takes nothing a time to go on."""
        super().pause_writing()
        self._stalled = self.loop.call_later(self.limits.body_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the reader took something."""
        super().resume_writing()
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _wait_for_head(self) -> None:
        self._timer = self.loop.call_later(self.limits.header_s, self._refuse, _TOO_SLOW)

    def _look_at_body(self) -> None:
        allowed_s = self.limits.body_s + self._body_bytes / self.limits.body_bytes_per_s
        if self.loop.time() - self._began_s > allowed_s:
            self._timer = None
            self._refuse(_TOO_SLOW)
        else:
            self._timer = self.loop.call_later(_LOOK_S, self._look_at_body)

    def _stop_clock(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, answer: bytes) -> None:
        self._stop_clock()
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(answer)
        self.transport.close()

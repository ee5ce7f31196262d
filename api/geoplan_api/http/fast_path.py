"""The short way for the questions that are asked most: the same handlers, without the framework between.

FastAPI reads a request's parameters one dependency at a time, which takes several times as long as a list or a nearest
answer itself. Here the parameters of a handler and of what it depends on are read by one pydantic model, made from the
very same annotations, and the very same handler answers. Whatever is not plain - a parameter that is unknown, given
twice or refused, an API key - goes the long way, which says what is wrong.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final, get_origin, get_type_hints
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.params import Depends
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from geoplan.errors import GeoplanError
from geoplan_api.http.delivery import etag_of
from geoplan_api.problems import ProblemError
from geoplan_api.responses import SHORT

__all__ = ["Express"]

_MOST_KEPT: Final = 2000  # answers of the running minute
_MOST_BYTES: Final = 64_000  # of one of them
_POSITIONS: Final = b"near="  # a caller's position is used for one answer and not kept


@dataclass(frozen=True, slots=True)
class _Call:
    """A handler, or what one depends on, and where each of its arguments comes from."""

    run: Callable[..., Awaitable[Any]]
    queries: tuple[str, ...]
    request: tuple[str, ...]
    needs: tuple[tuple[str, _Call], ...]


@dataclass(frozen=True, slots=True)
class _Shortcut:
    route: BaseRoute
    call: _Call
    query: type[BaseModel]


@dataclass(frozen=True, slots=True)
class _Kept:
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Express:
    """Answers the shortcuts' addresses; everything else, and everything unusual, passes on.

    Parameters
    ----------
    app : ASGIApp
        The long way.
    routes : iterable of BaseRoute
        Routes of handlers that are coroutines, read the query only, and have no path parameter.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        self.app = app
        self._shortcuts = {route.path: _shortcut(route) for route in routes}  # type: ignore[attr-defined]
        self._kept: dict[tuple[str, bytes], _Kept] = {}
        self._epoch: tuple[int, int] = (-1, -1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        shortcut = self._shortcuts.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        if shortcut is None or any(name == b"x-api-key" for name, _ in scope["headers"]):
            await self.app(scope, receive, send)
            return
        kept = self._known(scope) or await self._made(shortcut, scope)
        if kept is None:
            await self.app(scope, receive, send)
            return
        scope["route"] = shortcut.route
        await send({"type": "http.response.start", "status": 200, "headers": list(kept.headers)})
        await send({"type": "http.response.body", "body": kept.body})

    def _known(self, scope: Scope) -> _Kept | None:
        """Return the same answer of the same minute, while the register is the same."""
        epoch = (scope["app"].state.live.state.stations.version, int(time.time() // 60))
        if epoch != self._epoch:
            self._epoch = epoch
            self._kept.clear()
        return self._kept.get((scope["path"], scope["query_string"]))

    async def _made(self, shortcut: _Shortcut, scope: Scope) -> _Kept | None:
        epoch = self._epoch
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = dict(pairs)
        if len(given) < len(pairs):
            return None
        try:
            query = shortcut.query.model_validate(given).__dict__
            response: Response = await _run(shortcut.call, query, Request(scope))
        except (ValidationError, ProblemError, GeoplanError):
            return None  # the long way refuses it in full words
        body, headers = bytes(response.body), response.raw_headers
        if response.headers.get("cache-control") == SHORT and _POSITIONS not in scope["query_string"]:
            kept = _Kept([*headers, (b"etag", etag_of(body).encode())], body)
            if epoch == self._epoch and len(self._kept) < _MOST_KEPT and len(body) <= _MOST_BYTES:
                self._kept[scope["path"], scope["query_string"]] = kept
            return kept
        return _Kept(headers, body)


def _shortcut(route: Any) -> _Shortcut:
    fields: dict[str, Any] = {}
    call = _call(route.endpoint, fields)
    return _Shortcut(route, call, create_model("PlainQuery", __config__=ConfigDict(extra="forbid"), **fields))


def _call(run: Callable[..., Any], fields: dict[str, Any]) -> _Call:
    """Sort a function's arguments by where they come from, adding those from the query to ``fields``."""
    hints = get_type_hints(run, include_extras=True)
    queries, request, needs = [], [], []
    for name, parameter in inspect.signature(run).parameters.items():
        hint = hints[name]
        marks = hint.__metadata__ if get_origin(hint) is Annotated else ()
        depends = next((mark for mark in marks if isinstance(mark, Depends)), None)
        if hint is Request:
            request.append(name)
        elif depends is not None:
            assert depends.dependency is not None
            needs.append((name, _call(depends.dependency, fields)))
        else:
            queries.append(name)
            fields[name] = (hint, ... if parameter.default is inspect.Parameter.empty else parameter.default)
    return _Call(run, tuple(queries), tuple(request), tuple(needs))


async def _run(call: _Call, query: dict[str, Any], request: Request) -> Any:
    arguments = {name: query[name] for name in call.queries}
    for name in call.request:
        arguments[name] = request
    for name, need in call.needs:
        arguments[name] = await _run(need, query, request)
    return await call.run(**arguments)

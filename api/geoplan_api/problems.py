"""Problem details (RFC 9457): one table says which error is which HTTP answer, and one handler writes it.

Routes raise domain errors and never catch them to build an answer themselves.
"""

from __future__ import annotations

import errno
import json
import logging
import sqlite3
from dataclasses import dataclass
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from geoplan.errors import Cancelled, InputError, MissingExtraError
from geoplan.registry import Conflict, RegisterUnavailable
from geoplan.registry.accounts import WrongPassword
from geoplan.registry.sessions import NeedsCode
from geoplan_api.validation import fault_of

__all__ = ["PROBLEMS", "Problem", "ProblemError", "add_problem_handlers", "kind_of", "problem_response"]

log = logging.getLogger("geoplan_api")


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of refusal: its status, and what to say in both languages."""

    status: int
    title: str
    title_zh: str


PROBLEMS: Final[dict[str, Problem]] = {
    "bad-request": Problem(400, "The request could not be understood", "请求无法理解"),
    "bad-input": Problem(422, "The input has faults", "输入有误"),
    "not-signed-in": Problem(401, "Sign in first", "请先登录"),
    "wrong-credentials": Problem(401, "The name or the password is wrong", "用户名或密码不对"),
    "code": Problem(401, "The code of the second factor is needed", "请输入动态验证码"),
    "confirm": Problem(403, "Type your password again", "请再次输入密码确认"),
    "second-factor": Problem(403, "Set up your second factor first", "请先启用动态验证码"),
    "forbidden": Problem(403, "Your role does not allow this", "当前角色无权进行此操作"),
    "csrf": Problem(403, "The request lacks its CSRF token", "请求缺少防伪令牌，请刷新页面后重试"),
    "not-found": Problem(404, "There is nothing here", "没有找到"),
    "method-not-allowed": Problem(405, "This address does not take this method", "此地址不支持该方法"),
    "not-acceptable": Problem(406, "No such form of this answer", "没有这种格式的回答"),
    "conflict": Problem(409, "The state does not allow this now", "当前状态下不能进行此操作"),
    "gone": Problem(410, "This is gone", "内容已不再提供"),
    "too-large": Problem(413, "The body is too large", "上传内容过大"),
    "unsupported": Problem(415, "This kind of content is not taken", "不支持这种内容类型"),
    "too-many": Problem(429, "Too many requests", "请求过于频繁，请稍后再试"),
    "internal": Problem(500, "The service failed", "服务出错"),
    "unavailable": Problem(503, "The service cannot do this right now", "服务暂时不可用，请稍后再试"),
    "busy": Problem(503, "The service is busy", "服务繁忙，请稍后再试"),
}

# Domain errors -> problems. The first class that fits wins; OSError is looked at by its number below.
_BY_ERROR: Final[tuple[tuple[type[Exception], str], ...]] = (
    (InputError, "bad-input"),
    (UnicodeEncodeError, "bad-input"),  # text that no database keeps
    (DataError, "bad-input"),
    (WrongPassword, "wrong-credentials"),
    (NeedsCode, "code"),
    (Cancelled, "conflict"),
    (Conflict, "conflict"),
    (RegisterUnavailable, "unavailable"),
    (MissingExtraError, "unavailable"),
    (OperationalError, "unavailable"),
    (InterfaceError, "unavailable"),
    (sqlite3.OperationalError, "unavailable"),
    (TimeoutError, "unavailable"),
)
_BY_STATUS: Final = {
    400: "bad-request",
    401: "not-signed-in",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "too-large",
    415: "unsupported",
    429: "too-many",
    503: "unavailable",
}
# A full or read-only disk and exhausted handles pass: say "try again", keep running.
_PASSING: Final = {
    errno.ENOSPC,
    errno.EROFS,
    errno.EDQUOT,
    errno.EMFILE,
    errno.ENFILE,
    errno.EACCES,
    errno.EPERM,
    errno.EIO,
}


class ProblemError(Exception):
    """A refusal by name of :data:`PROBLEMS`.

    Parameters
    ----------
    kind : str
        Key of :data:`PROBLEMS`.
    detail, detail_zh : str
        What is wrong with this request, in English and in Chinese.
    headers : dict, optional
        Headers that go with the answer, such as ``Retry-After``.
    """

    def __init__(self, kind: str, detail: str = "", detail_zh: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(detail or PROBLEMS[kind].title)
        self.kind = kind
        self.detail = detail
        self.detail_zh = detail_zh
        self.headers = headers or {}


def problem_response(
    kind: str,
    detail: str = "",
    detail_zh: str = "",
    *,
    request_id: str = "",
    faults: list[dict[str, Any]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Write a problem as ``application/problem+json``."""
    problem = PROBLEMS[kind]
    body: dict[str, Any] = {
        "type": f"/v1/problems#{kind}",
        "title": problem.title,
        "title_zh": problem.title_zh,
        "status": problem.status,
    }
    if detail:
        body["detail"] = detail
    if detail_zh:
        body["detail_zh"] = detail_zh
    if request_id:
        body["instance"] = f"urn:request:{request_id}"
    if faults:
        body["faults"] = faults
    extra = {"Cache-Control": "no-store", **(headers or {})}
    if problem.status == 503:
        extra.setdefault("Retry-After", "5")
    try:
        content = orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:  # a field's name may hold half of a surrogate pair, which no UTF-8 can
        content = json.dumps(body).encode()
    return Response(
        content,
        status_code=problem.status,
        media_type="application/problem+json",
        headers=extra,
    )


def _request_id(request: Request) -> str:
    return str(request.scope.get("state", {}).get("request_id", ""))


def kind_of(error: Exception) -> str:
    """Name the problem that an exception is; ``"internal"`` when it is none we know."""
    if isinstance(error, ProblemError):
        return error.kind
    for cls, kind in _BY_ERROR:
        if isinstance(error, cls):
            return kind
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return "unavailable"
    if isinstance(error, OSError) and error.errno in _PASSING:
        return "unavailable"
    return "internal"


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return problem_response(
        error.kind, error.detail, error.detail_zh, request_id=_request_id(request), headers=error.headers
    )


async def _on_input(request: Request, error: Exception) -> Response:
    assert isinstance(error, InputError)
    faults = [
        {
            "problem": fault.problem,
            "todo": fault.todo,
            "file": fault.file,
            "row": fault.row,
            "field": fault.field,
            "sentence_zh": fault.sentence("zh"),
            "problem_zh": fault.problem_zh,
            "todo_zh": fault.todo_zh,
        }
        for fault in error.faults[:200]
    ]
    return problem_response(
        "bad-input", error.message(), error.message("zh"), request_id=_request_id(request), faults=faults
    )


async def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # The input itself is left out: it may be a position or a password.
    faults = [
        {"field": fault.field, "problem": fault.problem, "sentence_zh": fault.sentence("zh")}
        for fault in map(fault_of, error.errors()[:50])
    ]
    detail = "; ".join(f"{fault['field']}: {fault['problem']}" for fault in faults[:5])
    detail_zh = "".join(fault["sentence_zh"] for fault in faults[:5])
    return problem_response("bad-input", detail, detail_zh, request_id=_request_id(request), faults=faults)


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = _BY_STATUS.get(error.status_code, "bad-request" if error.status_code < 500 else "internal")
    detail = "" if error.detail in ("Not Found", "Method Not Allowed") else str(error.detail)
    return problem_response(kind, detail, request_id=_request_id(request), headers=dict(error.headers or {}))


async def on_error(request: Request, error: Exception) -> Response:
    """Answer any other exception; the real ones are logged once, with their trace and without the query."""
    kind = kind_of(error)
    if kind == "internal":
        log.error("failed", exc_info=error, extra={"request_id": _request_id(request)})
    else:
        log.warning(
            "unavailable" if PROBLEMS[kind].status == 503 else "refused",
            extra={"request_id": _request_id(request), "reason": type(error).__name__, "problem": kind},
        )
    return problem_response(kind, request_id=_request_id(request))


def add_problem_handlers(app: FastAPI) -> None:
    """Install the table on an application."""
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(InputError, _on_input)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    for cls in (*(cls for cls, _ in _BY_ERROR if cls is not InputError), OSError, DBAPIError):
        app.add_exception_handler(cls, on_error)

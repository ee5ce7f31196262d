"""Writing answers: JSON by orjson, with the headers that let a client or a proxy keep them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final

import numpy as np
import orjson
from starlette.responses import Response

__all__ = ["GEOJSON", "IMMUTABLE", "NO_STORE", "PRIVATE", "SHORT", "dump", "http_date", "json_answer", "raw_answer"]

GEOJSON: Final = "application/geo+json"
SHORT: Final = "public, max-age=30"  # follows the clock (open now)
STEADY: Final = "public, max-age=300"  # follows the register
IMMUTABLE: Final = "public, max-age=31536000, immutable"  # the address changes with the content
PRIVATE: Final = "private, no-cache"
NO_STORE: Final = "no-store"


def _default(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return str(value)


def dump(value: Any) -> bytes:
    """Write JSON; NaN becomes null, dates ISO 8601."""
    return orjson.dumps(value, default=_default, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)


def http_date(instant: datetime) -> str:
    """Return an instant as an HTTP date."""
    return format_datetime(instant.astimezone(UTC).replace(microsecond=0), usegmt=True)


def raw_answer(
    body: bytes,
    media_type: str = "application/json",
    *,
    cache: str = NO_STORE,
    modified: datetime | None = None,
    headers: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    """Return bytes as an answer."""
    extra = {"Cache-Control": cache, **(headers or {})}
    if modified is not None:
        extra["Last-Modified"] = http_date(modified)
    return Response(body, status_code=status, media_type=media_type, headers=extra)


def json_answer(
    value: Any,
    *,
    media_type: str = "application/json",
    cache: str = NO_STORE,
    modified: datetime | None = None,
    headers: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    """Return a value as JSON."""
    return raw_answer(dump(value), media_type, cache=cache, modified=modified, headers=headers, status=status)

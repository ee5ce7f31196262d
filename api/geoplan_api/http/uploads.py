"""What people send: bounded before it is opened; photos made anew, so that nothing of the phone stays in them."""

from __future__ import annotations

import io
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import BinaryIO, Final

from PIL import Image, ImageOps, UnidentifiedImageError

from geoplan_api.problems import ProblemError
from geoplan_api.settings import LimitSettings

__all__ = ["clean_photo", "photo_of", "register_file"]

_REGISTER_KINDS: Final = (".xlsx", ".xls", ".csv", ".txt", ".geojson", ".json", ".gpkg")
_PHOTO_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_PHOTO_PX: Final = 1600  # longest side kept: enough to read a sign by
_JPEG_MORE: Final = 2
_PATIENCE_S: Final = 10.0
_TURN: Final = threading.Lock()
_QUEUE: Final = threading.BoundedSemaphore(8)  # who waits holds a thread: others need them too


@contextmanager
def register_file(name: str, content: BinaryIO) -> Iterator[Path]:
    """Put an uploaded register on disk under a safe name for as long as it is read.

    Raises
    ------
    ProblemError
        ``unsupported`` for another kind of file.
    """
    kind = PurePath(name.replace("\\", "/")).suffix.lower()
    if kind not in _REGISTER_KINDS:
        raise ProblemError(
            "unsupported",
            f"registers come as {', '.join(_REGISTER_KINDS)}",
            f"台账文件应为 {'、'.join(_REGISTER_KINDS)}",
        )
    with tempfile.TemporaryDirectory(prefix="geoplan-") as folder:
        stem = "".join(ch for ch in PurePath(name.replace("\\", "/")).stem if ch.isalnum() or ch in "-_ ")[:60]
        path = Path(folder) / f"{stem or 'register'}{kind}"
        with path.open("wb") as file:
            while block := content.read(1 << 20):
                file.write(block)
        yield path


def photo_of(upload: BinaryIO, limits: LimitSettings) -> bytes:
    """Read an uploaded photo and make it anew (see :func:`clean_photo`), one at a time in this process.

    A picture of a few kilobytes may unpack to a hundred megabytes: several at once would fill the memory.

    Raises
    ------
    ProblemError
        As :func:`clean_photo`; ``busy`` where others have waited for their turn too long.
    """
    if not _QUEUE.acquire(blocking=False):
        raise ProblemError("busy")
    try:
        if not _TURN.acquire(timeout=_PATIENCE_S):
            raise ProblemError("busy")
        try:
            return clean_photo(upload.read(), limits)
        finally:
            _TURN.release()
    finally:
        _QUEUE.release()


def clean_photo(content: bytes, limits: LimitSettings) -> bytes:
    """Make a photo anew as JPEG: turned upright, at most 1,600 pixels a side, without EXIF, place or thumbnail.

    Raises
    ------
    ProblemError
        ``unsupported`` for what is no photo, ``too-large`` for one with too many pixels.
    """
    try:
        with warnings.catch_warnings():
            # the bound below is ours, and looked at before a pixel is unpacked
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_PHOTO_FORMATS) as photo:
                # a JPEG is decoded at the size needed, line by line; the others whole
                most = limits.max_photo_pixels * (1 if photo.format in ("PNG", "WEBP") else _JPEG_MORE)
                if photo.width * photo.height > most:
                    raise ProblemError("too-large", "the photo has too many pixels", "照片像素过大")
                photo.draft("RGB", (_PHOTO_PX, _PHOTO_PX))
                photo.thumbnail((_PHOTO_PX, _PHOTO_PX))  # before anything copies it
                upright = ImageOps.exif_transpose(photo).convert("RGB")
    except Image.DecompressionBombError:
        raise ProblemError("too-large", "the photo has too many pixels", "照片像素过大") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise ProblemError("unsupported", "photos come as JPEG, PNG or WebP", "照片应为 JPEG、PNG 或 WebP") from None
    fresh = Image.new("RGB", upright.size)  # nothing but the pixels goes over
    fresh.paste(upright)
    out = io.BytesIO()
    fresh.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()

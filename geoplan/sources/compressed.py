"""Bytes of files that may be compressed."""

from __future__ import annotations

import bz2
import gzip
import zlib
from pathlib import Path

from geoplan.errors import Fault, InputError

__all__ = ["head", "read_bytes"]


def read_bytes(path: Path) -> bytes:
    """Read a file, plain, ``.gz`` or ``.bz2``, by what it is rather than by its name.

    Raises
    ------
    InputError
        If the compressed file is cut or damaged.
    """
    raw = path.read_bytes()
    try:
        if raw[:2] == b"\x1f\x8b":
            return gzip.decompress(raw)
        return bz2.decompress(raw) if raw[:3] == b"BZh" else raw
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise InputError(
            Fault(
                "the compressed file is cut short or damaged", "download it again and check its size", path.name,
                problem_zh="压缩文件不完整或已损坏", todo_zh="请重新下载并核对文件大小",
            )
        ) from error  # fmt: skip


def head(path: Path, size: int = 4096) -> bytes:
    """Return the first bytes of a file, unpacked where it is compressed; what can be read of a cut one."""
    with path.open("rb") as stream:
        raw = stream.read(size)
    try:
        if raw[:2] == b"\x1f\x8b":
            return zlib.decompressobj(31).decompress(raw, size)
        return bz2.BZ2Decompressor().decompress(raw, size) if raw[:3] == b"BZh" else raw
    except (OSError, EOFError, zlib.error):
        return b""

"""Glyph ranges for MapLibre: signed-distance fields of the DejaVu font that ships with matplotlib.

MapLibre draws Chinese with the reader's own fonts but asks a server for every other letter. A range of 256 code
points is answered as the protocol buffer of the Mapbox "glyphs" format: per glyph a bitmap of distances to the outline
(192 on the outline, 8 pixels of falloff to each side, 3 pixels of margin) at 24 pixels an em.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import matplotlib
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import distance_transform_edt

from geoplan.errors import InputError

__all__ = ["FONT_STACKS", "glyph_range"]

# Font stacks a style may name; anything else falls back to the regular face, as text must never go missing.
FONT_STACKS: Final[dict[str, str]] = {
    "DejaVu Sans Regular": "DejaVuSans.ttf",
    "DejaVu Sans Bold": "DejaVuSans-Bold.ttf",
}
_EM_PX: Final = 24
_MARGIN_PX: Final = 3
_RADIUS_PX: Final = 8.0
_CUTOFF: Final = 0.25
_OVERSAMPLE: Final = 4  # the outline is drawn larger, its distance measured there and sampled down
_CAP_SHIFT_PX: Final = 26  # MapLibre counts a glyph's top from here, so that capitals sit centred on their line


def glyph_range(fontstack: str, start: int) -> bytes:
    """Return one range of 256 glyphs.

    Parameters
    ----------
    fontstack : str
        Comma-separated font names as MapLibre sends them; the first known one is used.
    start : int
        First code point: a multiple of 256, at most 65280.

    Returns
    -------
    bytes
        Protocol buffer; a range the font does not have comes back with no glyphs.
    """
    if start % 256 or not 0 <= start <= 65280:
        raise InputError(f"glyph range {start}-{start + 255} does not exist; ranges start at multiples of 256")
    wanted = [name.strip() for name in fontstack.split(",")]
    known = next((name for name in wanted if name in FONT_STACKS), "DejaVu Sans Regular")
    return _range(known, start, fontstack)


@cache
def _font(name: str) -> ImageFont.FreeTypeFont:
    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / FONT_STACKS[name]
    # letters one at a time need no shaping, and the shaping engine refuses some of them alone (U+2029)
    return ImageFont.truetype(str(path), _EM_PX * _OVERSAMPLE, layout_engine=ImageFont.Layout.BASIC)


@cache
def _characters(name: str) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / FONT_STACKS[name]
    return frozenset(FT2Font(str(path)).get_charmap())


@lru_cache(maxsize=64)
def _range(name: str, start: int, label: str) -> bytes:
    glyphs = [
        _field(3, _glyph(name, code)) for code in range(start, start + 256) if code in _characters(name) and code >= 32
    ]
    stack = _field(1, label.encode()) + _field(2, f"{start}-{start + 255}".encode()) + b"".join(glyphs)
    return _field(1, stack)


def _glyph(name: str, code: int) -> bytes:
    font, text = _font(name), chr(code)
    advance = round(font.getlength(text) / _OVERSAMPLE)
    left, top, right, bottom = font.getbbox(text, anchor="ls")
    if right <= left or bottom <= top:
        return _number(1, code) + _number(3, 0) + _number(4, 0) + _signed(5, 0) + _signed(6, 0) + _number(7, advance)
    x0, y0 = int(np.floor(left / _OVERSAMPLE)), int(np.floor(top / _OVERSAMPLE))
    x1, y1 = int(np.ceil(right / _OVERSAMPLE)), int(np.ceil(bottom / _OVERSAMPLE))
    width, height = x1 - x0, y1 - y0
    field = _distance_field(font, text, x0, y0, width, height)
    return (
        _number(1, code)
        + _field(2, field.tobytes())
        + _number(3, width)
        + _number(4, height)
        + _signed(5, x0)
        + _signed(6, -y0 - _CAP_SHIFT_PX)
        + _number(7, advance)
    )


def _distance_field(
    font: ImageFont.FreeTypeFont, text: str, x0: int, y0: int, width: int, height: int
) -> npt.NDArray[np.uint8]:
    pad = int(_RADIUS_PX) + _MARGIN_PX
    size = ((width + 2 * pad) * _OVERSAMPLE, (height + 2 * pad) * _OVERSAMPLE)
    image = Image.new("L", size, 0)
    origin = ((pad - x0) * _OVERSAMPLE, (pad - y0) * _OVERSAMPLE)
    ImageDraw.Draw(image).text(origin, text, fill=255, font=font, anchor="ls")
    inside = np.asarray(image) > 127
    distance = (distance_transform_edt(~inside) - distance_transform_edt(inside)) / _OVERSAMPLE
    blocks = distance.reshape(size[1] // _OVERSAMPLE, _OVERSAMPLE, size[0] // _OVERSAMPLE, _OVERSAMPLE)
    small = blocks.mean(axis=(1, 3))
    crop = pad - _MARGIN_PX
    small = small[crop : small.shape[0] - crop, crop : small.shape[1] - crop]
    shade: npt.NDArray[np.uint8] = np.clip(np.round(255.0 - 255.0 * (small / _RADIUS_PX + _CUTOFF)), 0, 255).astype(
        np.uint8
    )
    return shade


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _signed(field: int, value: int) -> bytes:
    return _number(field, (value << 1) ^ (value >> 31))


def _field(field: int, payload: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(payload)) + payload

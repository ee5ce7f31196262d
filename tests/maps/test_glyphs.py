"""The glyph protocol buffer, read back by hand: coverage, metrics and the outline's distance."""

from __future__ import annotations

import numpy as np
import pytest
from geoplan_maps.glyphs import glyph_range

from geoplan.errors import InputError


def fields(data: bytes) -> list[tuple[int, int | bytes]]:
    found: list[tuple[int, int | bytes]] = []
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    while at < len(data):
        key = varint()
        if key & 7 == 2:
            size = varint()
            found.append((key >> 3, data[at : at + size]))
            at += size
        else:
            found.append((key >> 3, varint()))
    return found


def glyphs(data: bytes) -> dict[int, dict[int, int | bytes]]:
    (_, stack), *rest = fields(data)
    assert not rest
    return {dict(fields(body))[1]: dict(fields(body)) for number, body in fields(stack) if number == 3}


def zigzag(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def test_latin_letters_are_there_with_a_margin_around_their_bitmap() -> None:
    latin = glyphs(glyph_range("DejaVu Sans Regular", 0))
    assert {ord(c) for c in "AZaz09·é"} <= set(latin)
    letter = latin[ord("H")]
    bitmap = np.frombuffer(letter[2], np.uint8).reshape(letter[4] + 6, letter[3] + 6)
    assert bitmap[0].max() < 192, "the margin lies outside the outline"
    assert bitmap.max() > 192, "the stem lies inside"
    # The crossbar: left stem, hole above the bar, right stem.
    row = bitmap[4 + 3] > 192
    assert row[:10].any()
    assert row[-10:].any()
    assert not row[len(row) // 2]


def test_capitals_sit_centred_on_their_line() -> None:
    letter = glyphs(glyph_range("DejaVu Sans Regular", 0))[ord("H")]
    # MapLibre puts the baseline 17 px above ... its line's middle lies between top and bottom of a capital.
    top = -17 - zigzag(letter[6])
    assert top + letter[4] / 2 == pytest.approx(0.0, abs=1.0)


def test_space_has_an_advance_and_no_bitmap() -> None:
    space = glyphs(glyph_range("DejaVu Sans Regular", 0))[32]
    assert space[7] > 0
    assert 2 not in space


def test_a_range_without_glyphs_is_empty_not_an_error() -> None:
    assert glyphs(glyph_range("DejaVu Sans Regular", 0x4E00)) == {}


def test_punctuation_is_there_with_the_separators_that_have_no_shape() -> None:
    found = glyphs(glyph_range("DejaVu Sans Regular", 0x2000))
    assert 2 in found[0x2019]  # the apostrophe of names such as Chong'an
    assert 2 not in found[0x2029]  # the paragraph separator, which a shaping engine refuses alone


def test_unknown_fonts_fall_back_and_bold_differs() -> None:
    assert glyphs(glyph_range("No Such Font", 0)) == glyphs(glyph_range("DejaVu Sans Regular", 0))
    assert glyphs(glyph_range("DejaVu Sans Bold,X", 0)) != glyphs(glyph_range("DejaVu Sans Regular", 0))


@pytest.mark.parametrize("start", [-256, 1, 65536])
def test_a_range_that_does_not_exist_is_refused(start: int) -> None:
    with pytest.raises(InputError, match="glyph range"):
        glyph_range("DejaVu Sans Regular", start)

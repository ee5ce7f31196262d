"""Finding names as people type them: any part, full pinyin, or pinyin initials (``smzx`` finds 市民中心)."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pypinyin import Style, lazy_pinyin

__all__ = ["Names", "fold", "initials", "pinyin"]

# Local brand names mean the same thing to the person who searches (DOMAIN §2).
_SYNONYMS: Final = (
    "工会驿站",
    "户外劳动者服务站点",
    "安康·爱心驿站",
    "爱心驿站",
    "小蜜蜂驿站",
    "清凉驿站",
    "便民暖屋",
    "司机之家",
)


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Return text as it is compared: full-width to half-width, lower case, no spaces or middle dots."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(ch for ch in plain if not ch.isspace() and ch not in "·・-_()（）")


@lru_cache(maxsize=65536)
def initials(text: str) -> str:
    """Return the first letters of the pinyin; other letters stay."""
    return "".join(lazy_pinyin(fold(text), style=Style.FIRST_LETTER))


@lru_cache(maxsize=65536)
def pinyin(text: str) -> str:
    """Return the pinyin without tones, run together."""
    return "".join(lazy_pinyin(fold(text)))


@dataclass(frozen=True, slots=True)
class Names:
    """A text index small enough to be searched by looking at every row.

    Parameters
    ----------
    folded : tuple of str
        All words of a row, folded and joined.
    first_letters, spelled : tuple of str
        Pinyin initials and full pinyin of the row's first word.
    """

    folded: tuple[str, ...]
    first_letters: tuple[str, ...]
    spelled: tuple[str, ...]

    @classmethod
    def of(cls, rows: Sequence[Sequence[str]]) -> Names:
        """Index rows of words; the first word of a row is its name."""
        return cls(
            tuple("\n".join(fold(word) for word in words) for words in rows),
            tuple(initials(words[0]) if words else "" for words in rows),
            tuple(pinyin(words[0]) if words else "" for words in rows),
        )

    def rank(self, query: str) -> list[tuple[int, int]]:
        """Return (rank, row) of the rows that match, best first.

        Rank 0 is the name itself, 1 a beginning, 2 pinyin initials from the beginning, 3 any part, 4 pinyin anywhere.
        """
        wanted = fold(query)
        if not wanted:
            return []
        for brand in _SYNONYMS:  # "工会驿站 三阳" means 三阳, whatever the station calls itself
            shorter = wanted.replace(fold(brand), "")
            if shorter and shorter != wanted:
                wanted = shorter
        latin = wanted.isascii() and len(wanted) >= 2
        found = []
        for row, words in enumerate(self.folded):
            if wanted in words:
                name = words.split("\n", 1)[0]
                found.append((0 if name == wanted else 1 if name.startswith(wanted) else 3, row))
            elif latin and self.first_letters[row].startswith(wanted):
                found.append((2, row))
            elif latin and (wanted in self.first_letters[row] or wanted in self.spelled[row]):
                found.append((4, row))
        found.sort()
        return found

"""Finding names as people type them: any part, full pinyin, or pinyin initials (``smzx`` finds 市民中心)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pypinyin import Style, lazy_pinyin

__all__ = ["Names", "fold", "initials", "pinyin", "romanised"]

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


# Generic parts of names: what an English sign says, and how a reader of pinyin may type them instead.
_GENERIC: Final = (
    ("户外劳动者服务站点", "Outdoor Workers' Station"),
    ("户外劳动者服务站", "Outdoor Workers' Station"),
    ("户外劳动者驿站", "Outdoor Workers' Station"),
    ("工会爱心驿站", "Union Care Station"),
    ("爱心驿站", "Care Station"),
    ("工会驿站", "Workers' Union Stop"),
    ("小蜜蜂驿站", "Little Bee Stop"),
    ("清凉驿站", "Cooling Stop"),
    ("便民暖屋", "Warm Room"),
    ("司机之家", "Drivers' Home"),
    ("党群服务中心", "Community Service Centre"),
    ("职工服务中心", "Workers' Service Centre"),
    ("服务中心", "Service Centre"),
    ("地铁站", "Metro Station"),
    ("驿站", "Stop"),
    ("示例", "Example"),
    ("街道", "Subdistrict"),
    ("大道", "Avenue"),
    ("公园", "Park"),
    ("广场", "Square"),
    ("路", "Road"),
    ("街", "Street"),
    ("巷", "Lane"),
    ("桥", "Bridge"),
    ("镇", "Town"),
    ("站", "Station"),
)
_TYPED: Final = (
    ("road", "lu"), ("street", "jie"), ("avenue", "dadao"), ("square", "guangchang"), ("plaza", "guangchang"),
    ("park", "gongyuan"), ("bridge", "qiao"), ("lane", "xiang"), ("metrostation", "zhan"), ("station", "zhan"),
    ("subdistrict", "jiedao"), ("town", "zhen"), ("district", "qu"), ("lake", "hu"), ("university", "daxue"),
    ("hospital", "yiyuan"), ("library", "tushuguan"), ("museum", "bowuguan"), ("east", "dong"), ("south", "nan"),
    ("west", "xi"), ("north", "bei"),
)  # fmt: skip


@lru_cache(maxsize=65536)
def romanised(name: str) -> str:
    """Return a Chinese name for readers of English: generic parts translated, proper ones in pinyin.

    ``云亭街道环镇路工会驿站`` becomes ``Yunting Subdistrict Huanzhen Road Workers' Union Stop``; Latin parts stay.
    """
    words: list[str] = []
    proper = ""
    rest = unicodedata.normalize("NFKC", name)
    while rest:
        # 路 ends the name of a road only after a name: 路通桥, 环镇路
        generic = next((g for g in _GENERIC if rest.startswith(g[0]) and (len(g[0]) > 1 or len(proper) > 1)), None)
        if generic is None:
            proper, rest = proper + rest[0], rest[1:]
            continue
        words += _proper(proper)
        words.append(generic[1])
        proper, rest = "", rest[len(generic[0]) :]
    return " ".join([*words, *_proper(proper)])


def _proper(text: str) -> list[str]:
    parts = re.findall(r"[\u3400-\u9fff]+|[^\u3400-\u9fff\s·・]+", text)
    return ["".join(lazy_pinyin(part)).capitalize() if ord(part[0]) >= 0x3400 else part for part in parts]


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Return text as it is compared: full-width to half-width, lower case, no spaces or middle dots."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(ch for ch in plain if not ch.isspace() and ch not in "·・-_()（）'’")


@lru_cache(maxsize=65536)
def initials(text: str) -> str:
    """Return the first letters of the pinyin; other letters stay."""
    return "".join(lazy_pinyin(fold(text), style=Style.FIRST_LETTER))


@lru_cache(maxsize=65536)
def pinyin(text: str) -> str:
    """Return the pinyin without tones, run together."""
    return "".join(lazy_pinyin(fold(text)))


def _in_pinyin(folded: str) -> str:
    """Return a name typed half in English as its pinyin: ``zhongshanroad`` is 中山路."""
    for english, chinese in _TYPED:
        folded = folded.replace(english, chinese)
    return folded


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
        spelled = _in_pinyin(wanted) if latin else wanted
        found = []
        for row, words in enumerate(self.folded):
            if wanted in words:
                name = words.split("\n", 1)[0]
                found.append((0 if name == wanted else 1 if name.startswith(wanted) else 3, row))
            elif latin and spelled == self.spelled[row]:
                found.append((1, row))
            elif latin and self.first_letters[row].startswith(wanted):
                found.append((2, row))
            elif latin and (wanted in self.first_letters[row] or spelled in self.spelled[row]):
                found.append((4, row))
        found.sort()
        return found

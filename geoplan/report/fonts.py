"""The font and the language of a drawing: Chinese where this machine can draw it, English where it cannot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from geoplan.errors import Fault, InputError
from geoplan.report.document import Language

__all__ = ["Lettering", "chinese_font", "lettering", "lettering_faults", "require_chinese_font"]

_SAMPLE: Final = "无锡江阴梁溪劳动者覆盖率"
_PREFERRED: Final = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei",
    "PingFang SC", "Hiragino Sans GB",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Noto Sans SC", "Sarasa Gothic SC", "Noto Serif CJK SC",
    "Source Han Serif SC", "SimSun", "FangSong", "KaiTi", "Arial Unicode MS",
)  # fmt: skip
_LATIN: Final = "DejaVu Sans"  # ships with matplotlib


@lru_cache(maxsize=8)
def _glyphs(path: str) -> Mapping[int, int]:
    """Return the glyph of each character that a font file holds; none for a file that cannot be read."""
    try:
        return FT2Font(path).get_charmap()
    except (RuntimeError, OSError):  # a damaged or removed font file is no reason to stop
        return {}


def _draws(path: str, text: str) -> bool:
    """Tell whether a font file has a glyph of its own for every character of a text.

    Fonts of last resort, such as the one that matplotlib brings, give all characters of a script the same box.
    """
    glyphs = _glyphs(path)
    if not all(ord(character) in glyphs for character in text):
        return False
    return len({glyphs[ord(character)] for character in text}) == len(set(text))


def _from_file(path: str) -> font_manager.FontProperties:
    """Return the font of a file: drawn from this file, and known by its name to formats that only name a font."""
    known = next((entry.name for entry in font_manager.fontManager.ttflist if entry.fname == path), None)
    if known is None:
        font_manager.fontManager.addfont(path)
        known = FT2Font(path).family_name
    return font_manager.FontProperties(family=[known], fname=path)


def chinese_font(
    files: Iterable[str | Path] | None = None, sample: str = _SAMPLE
) -> font_manager.FontProperties | None:
    """Return a font that has the glyphs of a Chinese sample, None where there is none.

    Parameters
    ----------
    files : iterable of path, optional
        Font files to look at, in order; by default those of the system, well-known Chinese fonts first.
    sample : str
        Characters that the font must have.
    """
    if files is None:
        manager = font_manager.fontManager
        found = next((path for path in _in_order(manager.ttflist) if _draws(path, sample)), None)
        if found is not None:
            return _from_file(found)
        # matplotlib keeps its list of fonts between runs: one installed since then is not in it
        young = sorted(set(font_manager.findSystemFonts()) - {entry.fname for entry in manager.ttflist})
        files = _in_order(font_manager.ttfFontProperty(FT2Font(path)) for path in young if _draws(path, sample))
    found = next((str(path) for path in files if _draws(str(path), sample)), None)
    return _from_file(found) if found else None


def _in_order(entries: Iterable[font_manager.FontEntry]) -> list[str]:
    """Return the files of fonts: well-known Chinese ones first, upright and of usual weight before others."""
    rank = {name: i for i, name in enumerate(_PREFERRED)}

    def order(entry: font_manager.FontEntry) -> tuple[int, bool, int]:
        weight = font_manager.weight_dict.get(entry.weight, 400) if isinstance(entry.weight, str) else entry.weight
        return rank.get(entry.name, len(rank)), entry.style != "normal", abs(int(weight) - 400)

    return list(dict.fromkeys(entry.fname for entry in sorted(entries, key=order)))


def _no_chinese(what: str, what_zh: str) -> Fault:
    return Fault(
        f"no font on this machine can draw Chinese: {what}",
        "install one (Debian: apt install fonts-noto-cjk; Windows and macOS bring one) and run the command again",
        problem_zh=f"本机没有能显示中文的字体：{what_zh}",
        todo_zh="请安装中文字体后重新运行（Debian：apt install fonts-noto-cjk；Windows 和 macOS 自带）",
    )


def require_chinese_font(file: str | Path | None = None) -> font_manager.FontProperties:
    """Return a font for Chinese text.

    Parameters
    ----------
    file : path, optional
        A font file to use instead of looking for one.

    Raises
    ------
    InputError
        There is none; the message says what to install.
    """
    font = chinese_font(None if file is None else [file])
    if font is not None:
        return font
    if file is None:
        raise InputError(_no_chinese("Chinese words cannot be drawn", "无法绘制中文"))
    raise InputError(
        Fault(
            "this font cannot draw Chinese",
            "install one (Debian: fonts-noto-cjk; Windows and macOS bring one), or name another font file",
            Path(file).name,
            problem_zh="这个字体不能显示中文",
            todo_zh="请安装中文字体（Debian：fonts-noto-cjk；Windows 和 macOS 自带），或指定别的字体文件",
        )
    )


@dataclass(frozen=True, slots=True)
class Lettering:
    """What a drawing is written with.

    Parameters
    ----------
    font : FontProperties
        The font.
    language : {"zh", "en"}
        The language that is written: English where the font cannot draw Chinese.
    """

    font: font_manager.FontProperties
    language: Language

    def said(self, zh: str, en: str) -> str:
        """Return the words in the language that is written."""
        return zh if self.language == "zh" else en

    def draws(self, text: str) -> bool:
        """Tell whether the font has every character of a text."""
        glyphs = _glyphs(str(font_manager.findfont(self.font)))
        return all(ord(character) in glyphs for character in text if not character.isspace())

    def name(self, *names: str) -> str:
        """Return the first of a thing's names (its own, an English one, its code) that the font can draw, or ``""``."""
        return next((name for name in names if name and self.draws(name)), "")


def lettering(language: Language = "zh") -> Lettering:
    """Return what a drawing is written with on this machine.

    Parameters
    ----------
    language : {"zh", "en"}
        The language wanted. Names of places are Chinese in either, so a font that draws Chinese is looked for always.
    """
    font = chinese_font()
    if font is None:
        return Lettering(font_manager.FontProperties(family=_LATIN), "en")
    return Lettering(font, language)


def lettering_faults() -> tuple[Fault, ...]:
    """Return what drawings of this machine lack and how to mend it; nothing where a font draws Chinese."""
    if chinese_font() is not None:
        return ()
    return (
        _no_chinese(
            "charts and still maps are in English, places by their codes", "图表和静态地图改用英文，地名以代码表示"
        ),
    )

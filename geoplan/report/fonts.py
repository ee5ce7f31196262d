"""A font that can draw Chinese, found among those of the system; without one a chart is refused, not drawn as boxes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from geoplan.errors import Fault, InputError

__all__ = ["chinese_font", "require_chinese_font"]

_SAMPLE: Final = "无锡江阴梁溪劳动者覆盖率"
_PREFERRED: Final = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Noto Sans SC", "Sarasa Gothic SC", "Noto Serif CJK SC",
    "Source Han Serif SC", "SimSun", "FangSong", "KaiTi", "Arial Unicode MS",
)  # fmt: skip


def _draws(path: str, sample: str) -> bool:
    try:
        glyphs = FT2Font(path).get_charmap()
    except (RuntimeError, OSError):  # a damaged font file is no reason to stop
        return False
    return all(ord(character) in glyphs for character in sample)


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
    if files is not None:
        found = next((str(path) for path in files if _draws(str(path), sample)), None)
        return font_manager.FontProperties(fname=found) if found else None
    # matplotlib's own last resort has a glyph for everything, and every one is a box
    entries = [entry for entry in font_manager.fontManager.ttflist if not entry.name.startswith("Last Resort")]
    rank = {name: i for i, name in enumerate(_PREFERRED)}
    known = sorted((e for e in entries if e.name in rank), key=lambda e: (rank[e.name], abs(int(e.weight) - 400)))
    for entry in known:
        if _draws(entry.fname, sample):
            return font_manager.FontProperties(family=[entry.name])
    seen: set[str] = set()
    for entry in entries:
        if entry.fname not in seen and _draws(entry.fname, sample):
            return font_manager.FontProperties(family=[entry.name])
        seen.add(entry.fname)
    return None


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
    if font is None:
        where = Path(file).name if file is not None else ""
        raise InputError(
            Fault(
                "this font cannot draw Chinese" if file else "no font on this machine can draw Chinese",
                "install one (Debian: fonts-noto-cjk; Windows and macOS bring one), or name a font file",
                where,
                problem_zh="这个字体不能显示中文" if file else "本机没有能显示中文的字体",
                todo_zh="请安装中文字体（Debian：fonts-noto-cjk；Windows 和 macOS 自带），或指定字体文件",
            )
        )
    return font

"""All modules of a page in one script, all its style sheets in one sheet: one question over a slow network, not forty.

The pages are written as small modules that a browser also runs as they are. What is sent is the same text, each module
in a function of its own, in the order in which they need each other; comments stay behind. Only the forms of ``import``
and ``export`` that the pages use are understood, any other is refused rather than mistranslated.
"""

from __future__ import annotations

import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from geoplan.errors import InputError
from geoplan_maps.vocabulary import SCRIPT, vocabulary_script

__all__ = ["bundle_script", "bundle_sheets", "module_order"]

_IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"(\.[^"]+)";[ \t]*\n?', re.M)
_EXPORT = re.compile(r"^export\s+(?:async\s+)?(?:function|class|const)\s+([A-Za-z_$][\w$]*)", re.M)
_UNKNOWN = re.compile(r"^(?:import\b|export\b(?!\s+(?:async\s+)?(?:function|class|const)\b))", re.M)
_DOC = re.compile(r"^[ \t]*/\*(?:(?!\*/).)*\*/[ \t]*\n", re.M | re.S)  # comments that stand on lines of their own
_LINE = re.compile(r"^[ \t]*//.*\n", re.M)
_INLINE = re.compile(r"/\*\* @\w+ [^*`\"']*\*/ ?")  # types said inside a line
_SHEET_COMMENT = re.compile(r"/\*.*?\*/\s*", re.S)


def module_order(start: Path) -> list[Path]:
    """Return a module and all that it needs, each after those it needs.

    Parameters
    ----------
    start : pathlib.Path
        Module that the page runs.

    Returns
    -------
    list of pathlib.Path
        Resolved paths; `start` is the last.

    Raises
    ------
    InputError
        Where modules need each other in a circle or one is missing.
    """
    needs: dict[Path, list[Path]] = {}
    waiting = [start.resolve()]
    while waiting:
        path = waiting.pop()
        if path in needs:
            continue
        text = _source(path)
        needs[path] = [(path.parent / name).resolve() for _, name in _IMPORT.findall(text)]
        waiting += needs[path]
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        names = " → ".join(path.name for path in error.args[1])
        raise InputError(f"these modules need each other in a circle: {names}") from None


def bundle_script(start: Path) -> str:
    """Return a module and all that it needs as one script.

    Parameters
    ----------
    start : pathlib.Path
        Module that the page runs.

    Returns
    -------
    str
        A module without imports.

    Raises
    ------
    InputError
        See :func:`module_order`; also for an ``import`` or ``export`` of another form.
    """
    order = module_order(start)
    number = {path: i for i, path in enumerate(order)}
    return "".join(_wrapped(path, number) for path in order)


def _source(path: Path) -> str:
    if path.is_file():
        return path.read_text(encoding="utf-8")
    if path.as_posix().endswith(SCRIPT):
        return vocabulary_script()
    raise InputError(f"the module {path.name} is missing")


def _wrapped(path: Path, number: dict[Path, int]) -> str:
    text = _LINE.sub("", _DOC.sub("", _source(path)))
    text = _INLINE.sub("", text)

    def bind(found: re.Match[str]) -> str:
        names = re.sub(r"\s+as\s+", ": ", " ".join(found[1].split()))
        return f"const {{ {names} }} = m{number[(path.parent / found[2]).resolve()]};\n"

    text = _IMPORT.sub(bind, text)
    unknown = _UNKNOWN.search(text)
    if unknown:
        line = text[unknown.start() :].split("\n", 1)[0]
        raise InputError(f"{path.name}: this form is not understood when pages are put together: {line}")
    names = _EXPORT.findall(text)
    text = re.sub(r"^export\s+", "", text, flags=re.M)
    return f"const m{number[path]} = (() => {{\n{text}return {{ {', '.join(names)} }};\n}})();\n"


def bundle_sheets(sheets: list[Path]) -> str:
    """Return style sheets as one, in their order, without comments.

    Parameters
    ----------
    sheets : list of pathlib.Path
        Files.

    Returns
    -------
    str
        One sheet.
    """
    return "".join(_SHEET_COMMENT.sub("", path.read_text(encoding="utf-8")) for path in sheets)

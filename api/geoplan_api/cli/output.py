"""How the command line speaks: readable tables for people, JSON for programs, one plain sentence for faults."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

__all__ = ["Steps", "bullets", "console", "demonstration_strip", "emit_json", "error_console", "figures_table", "table"]

PIPED_WIDTH: Final = 160  # columns
STRIP = "演示数据，非真实站点 · Demonstration data, not real stations"


def console(*, wide: bool = False) -> Console:
    """Return the console for results: as wide as the terminal; wide enough for every table in a file or a pipe."""
    piped = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(highlight=False, width=PIPED_WIDTH if piped or wide else None)


def error_console() -> Console:
    """Return the console for progress and faults, so that ``--json`` output stays clean."""
    return Console(stderr=True, highlight=False)


def demonstration_strip(is_demonstration: bool, out: Console) -> None:
    """Print the amber strip wherever figures come from generated records."""
    if is_demonstration:
        out.print(f"[black on dark_orange] {STRIP} [/]")


def emit_json(value: Any) -> None:
    """Print a result as JSON: UTF-8, NumPy scalars and arrays as plain numbers, no NaN."""
    text = json.dumps(_plain(value), ensure_ascii=False, indent=2, allow_nan=False)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.write(text + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return None
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *, left: int = 1) -> Table:
    """Build a table whose first ``left`` columns are text and whose others are numbers."""
    result = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for i, name in enumerate(columns):
        # folded, never cut: half a number is a wrong number
        result.add_column(name, justify="left" if i < left else "right", no_wrap=i == 0, overflow="fold")
    for row in rows:
        result.add_row(*["" if cell is None else str(cell) for cell in row])
    return result


def figures_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, names: int) -> Table:
    """Build a table whose figures stand first and are never cut; its last ``names`` columns are words that wrap."""
    result = Table(header_style="bold", box=None, pad_edge=False)
    for i, name in enumerate(columns):
        words = i >= len(columns) - names
        result.add_column(
            name,
            justify="left" if words else "right",
            no_wrap=not words,
            overflow="fold",
            min_width=4 if words else None,
        )
    for row in rows:
        result.add_row(*[Text("" if cell is None else str(cell)) for cell in row])
    return result


def bullets(lines: Sequence[str], *, style: str = "") -> Table:
    """Build a list whose bullets stay beside their text, however long it is and whatever its language."""
    result = Table.grid(padding=(0, 1))
    result.add_column(no_wrap=True, style="yellow")
    result.add_column(overflow="fold", style=style)
    for line in dict.fromkeys(lines):
        result.add_row("•", Text(line))
    return result


@dataclass
class Steps:
    """Shows the steps of a long command with a bar and keeps the time that each took.

    Parameters
    ----------
    total : int
        Number of steps.
    quiet : bool
        Show nothing (for ``--json``).
    """

    total: int
    quiet: bool = False
    seconds: dict[str, float] = field(default_factory=dict)
    _progress: Progress | None = None
    _task: Any = None

    def __enter__(self) -> Steps:
        if not self.quiet:
            self._progress = Progress(
                SpinnerColumn(),
                TextColumn("{task.description:<44}"),
                BarColumn(bar_width=24),
                TimeElapsedColumn(),
                console=error_console(),
                transient=True,
            )
            self._progress.start()
            self._task = self._progress.add_task("", total=self.total)
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time one step and show its name while it runs."""
        if self._progress is not None:
            self._progress.update(self._task, description=name)
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start
        if self._progress is not None:
            self._progress.advance(self._task)
            self._progress.console.print(f"  [green]✓[/] {name} [dim]{self.seconds[name]:.1f} s[/]")

    def note(self, text: str) -> None:
        """Change the words beside the bar, for progress within a step."""
        if self._progress is not None:
            self._progress.update(self._task, description=text)

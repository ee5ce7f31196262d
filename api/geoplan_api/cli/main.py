"""The command line's frame: the verbs, and what a fault looks like (one plain sentence, exit code 2)."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import Final

import typer

from geoplan.errors import Cancelled, GeoplanError
from geoplan_api.cli.output import error_console

__all__ = ["VERBS", "command_line", "main"]

# verb → module and what it offers: imported when asked for, so that no verb waits for the others' libraries
VERBS: Final[dict[str, tuple[str, str]]] = {
    "demo": ("geoplan_api.cli.demo", "demo"),
    "pack": ("geoplan_api.cli.pack", "app"),
    "coverage": ("geoplan_api.cli.coverage", "coverage"),
    "report": ("geoplan_api.cli.report", "report"),
    "isochrone": ("geoplan_api.cli.isochrone", "isochrone"),
    "site": ("geoplan_api.cli.site", "site"),
    "verify": ("geoplan_api.cli.verify", "verify"),
    "map": ("geoplan_api.cli.maps", "write_map"),
    "stations": ("geoplan_api.cli.stations", "app"),
    "staff": ("geoplan_api.cli.staff", "app"),
    "embed": ("geoplan_api.cli.embed", "embed"),
    "backup": ("geoplan_api.cli.backup", "backup"),
    "restore": ("geoplan_api.cli.backup", "restore"),
    "doctor": ("geoplan_api.cli.doctor", "doctor"),
    "serve": ("geoplan_api.cli.serve", "serve"),
    "bench": ("geoplan_api.cli.bench", "app"),
}
STOPPED: Final = 130  # the exit code of a command that Ctrl-C ended


def command_line(verb: str | None = None) -> typer.Typer:
    """Build the command line with one verb, or with all of them where the verb is not known (help, misspelling)."""
    app = typer.Typer(
        name="geoplan",
        help="Is the 15-minute service circle met, where is it not, and where should the next stations go?",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_frame)
    for name in [verb] if verb in VERBS else VERBS:
        module, offer = VERBS[str(name)]
        found = getattr(importlib.import_module(module), offer)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=str(name))
        else:
            app.command(str(name))(found)
    return app


def _frame() -> None:
    """Is the 15-minute service circle met, where is it not, and where should the next stations go?"""  # noqa: D400


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; exit code 2 and one sentence for bad input, 130 for Ctrl-C."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        command_line(given[0] if given else None)(given)
    except GeoplanError as error:
        words = "stopped." if isinstance(error, Cancelled) else str(error)
        error_console().print(f"geoplan: {words}", markup=False, soft_wrap=True)
        sys.exit(2)
    except OSError as error:
        error_console().print(f"geoplan: {error.strerror or error}: {error.filename or ''}", markup=False)
        sys.exit(2)
    except SystemExit as ended:
        if ended.code == STOPPED:
            error_console().print("geoplan: stopped.", markup=False)
        raise
    except (KeyboardInterrupt, SystemError) as error:
        # compiled code gives Ctrl-C back wrapped in a SystemError
        if not isinstance(error, KeyboardInterrupt) and not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        error_console().print("geoplan: stopped.", markup=False)
        sys.exit(STOPPED)

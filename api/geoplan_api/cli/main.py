"""The command line's frame: the verbs, and what a fault looks like (one plain sentence, exit code 2)."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from geoplan.errors import Cancelled, GeoplanError
from geoplan_api.cli import bench, coverage, demo, isochrone, maps, pack, report, serve, site, staff, stations
from geoplan_api.cli.output import error_console

__all__ = ["app", "main"]

app = typer.Typer(
    name="geoplan",
    help="Is the 15-minute service circle met, where is it not, and where should the next stations go?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(pack.app, name="pack")
app.add_typer(stations.app, name="stations")
app.add_typer(staff.app, name="staff")
app.add_typer(bench.app, name="bench")
app.command("demo")(demo.demo)
app.command("coverage")(coverage.coverage)
app.command("isochrone")(isochrone.isochrone)
app.command("site")(site.site)
app.command("map")(maps.write_map)
app.command("report")(report.report)
app.command("serve")(serve.serve)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; exit code 2 and one sentence for bad input, 130 for Ctrl-C."""
    try:
        app(None if arguments is None else list(arguments))
    except GeoplanError as error:
        error_console().print(
            f"[bold red]geoplan:[/] {'stopped.' if isinstance(error, Cancelled) else error}",
            soft_wrap=True,
            markup=True,
        )
        sys.exit(2)
    except OSError as error:
        error_console().print(f"geoplan: {error.strerror or error}: {error.filename or ''}", markup=False)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)

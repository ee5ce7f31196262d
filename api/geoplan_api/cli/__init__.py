"""The command line: one thin file per verb."""

from geoplan_api.cli.main import main

__all__ = ["main"]

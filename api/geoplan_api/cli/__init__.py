"""The command line: one thin file per verb."""

from geoplan_api.cli.main import app, main

__all__ = ["app", "main"]

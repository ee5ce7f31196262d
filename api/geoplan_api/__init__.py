"""The service and the command line: ``create_app(settings)`` builds the service, ``geoplan`` is the command."""

from typing import Any

__all__ = ["Settings", "create_app"]


def __getattr__(name: str) -> Any:
    """Import the service when it is asked for: the command line stands beside it and starts without it."""
    if name == "create_app":
        from geoplan_api.http.app import create_app

        return create_app
    if name == "Settings":
        from geoplan_api.settings import Settings

        return Settings
    raise AttributeError(f"module 'geoplan_api' has no attribute {name!r}")

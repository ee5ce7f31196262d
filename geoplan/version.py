"""The version of geoplan, as its package says it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

__all__ = ["package_version"]


def package_version() -> str:
    """Return the installed version; ``"0"`` when geoplan runs from a folder that was never installed."""
    try:
        return version("geoplan")
    except PackageNotFoundError:
        return "0"

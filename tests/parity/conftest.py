"""The awkward city, written once."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoplan import CityPack
from geoplan.planning import City
from tests.parity.awkward import write_awkward


@pytest.fixture(scope="session")
def awkward(tmp_path_factory) -> Path:
    """Folder of the city."""
    return write_awkward(tmp_path_factory.mktemp("awkward") / "city")


@pytest.fixture(scope="session")
def city(awkward) -> City:
    """The city, its searches shared by all tests."""
    return City(CityPack.open(awkward))

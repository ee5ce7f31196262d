"""One small city for the whole folder: generating it takes about a second."""

from __future__ import annotations

import pytest

from geoplan.demo import DemoCity, generate


@pytest.fixture(scope="session")
def town() -> DemoCity:
    return generate(seed=0, nodes=2_000)

"""What all tests share: where the real files lie, and how hypothesis searches."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

SHARED = Path(os.environ.get("GEOPLAN_SHARED", Path(__file__).resolve().parents[2] / "shared"))

settings.register_profile(
    "geoplan", deadline=None, max_examples=40, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("geoplan")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real files beside the checkout; tests that need it skip with a plain reason where it is absent."""
    if not (SHARED / "data").is_dir():
        if os.environ.get("GEOPLAN_REQUIRE_SHARED"):
            pytest.fail("the real files must be here for this run, and are not")
        pytest.skip(f"the real files are not here ({SHARED.name}/ beside the checkout is absent)")
    return SHARED

"""The service on PostgreSQL: the server stops and starts again under it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from geoplan_api import create_app
from geoplan_api.settings import DataSettings

from geoplan.registry import open_register
from tests.api.conftest import lonlat, sign_in, town_settings, write_town


@pytest.mark.postgres
def test_postgresql_stops_and_starts_again(own_postgresql, tmp_path):
    """Reads go on from memory, writes are refused with 503, and without a restart all is as before."""
    admin = sa.create_engine(f"{own_postgresql.url}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        if not connection.scalar(sa.text("SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'")):
            pytest.skip("the PostgreSQL server has no PostGIS (Debian: postgresql-15-postgis-3)")
        connection.execute(sa.text("CREATE DATABASE live"))
    admin.dispose()
    url = f"{own_postgresql.url}/live"
    open_register(url).close()
    town = write_town(tmp_path / "town")
    data = DataSettings(pack=town, folder=tmp_path / "service", register_url=url, warm=False)
    with TestClient(create_app(town_settings(town, tmp_path / "service", data=data))) as client:
        token = sign_in(client)
        change = {"changes": {"name": "停电前驿站"}, "reason": "before"}
        assert client.post("/v1/register/stations/1", json=change, headers=token).status_code == 200
        own_postgresql.stop()
        lon, lat = lonlat(4, 2)
        assert client.get("/v1/stations").json()["numberMatched"] == 6
        assert client.get(f"/v1/nearest?lon={lon}&lat={lat}").status_code == 200
        assert client.get("/v1/ready").json()["register"] is False
        change = {"changes": {"name": "停电时驿站"}, "reason": "during"}
        answer = client.post("/v1/register/stations/1", json=change, headers=token)
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) > 0
        own_postgresql.start()
        assert client.get("/v1/register/stations/1").json()["name"] == "停电前驿站"
        assert client.post("/v1/register/stations/1", json=change, headers=token).status_code == 200
        assert client.get("/v1/stations/S1").json()["properties"]["name"] == "停电时驿站"

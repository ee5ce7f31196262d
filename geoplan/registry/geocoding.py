"""Addresses without positions: a queue, and geocoders that propose. None is configured; each needs the user's own key.

A geocoder's answer is a proposal. It becomes a position only when a person takes it, or, where the user says so, when
it is the only one, exact to the house, and inside the area.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import sqlalchemy as sa

from geoplan import crs
from geoplan.errors import Fault, GeoplanError, InputError
from geoplan.registry.database import Conflict, Register, transaction
from geoplan.registry.schema import geocode_task, review_item, station
from geoplan.registry.write import writing

__all__ = [
    "Amap",
    "Answer",
    "GeocodeTask",
    "Geocoder",
    "GeocoderRefused",
    "Tencent",
    "Tianditu",
    "accept_answer",
    "run_geocoding",
    "waiting",
]

TIMEOUT_S: Final = 10.0
_MAX_BYTES: Final = 2**20


class GeocoderRefused(GeoplanError):  # noqa: N818 - key, quota or network; the queue waits
    """The service does not answer: wrong key, used-up quota, or no network."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One proposed position.

    Parameters
    ----------
    lon, lat : float
        Degrees in ``crs``.
    crs : {"gcj02", "wgs84", "cgcs2000", "bd09"}
        System of the service.
    exact : bool
        Whether the service says it found the house or the place, not only the street or district.
    text : str
        What the service says it found.
    source : str
        Name of the service.
    """

    lon: float
    lat: float
    crs: str
    exact: bool
    text: str
    source: str


class Geocoder(Protocol):
    """Anything that turns an address into proposals."""

    @property
    def name(self) -> str:
        """Name of the service."""

    def locate(self, query: str) -> list[Answer]:
        """Return proposals, best first; raise :class:`GeocoderRefused` where the service does not answer."""


def fetch_json(url: str) -> Any:
    """Fetch a JSON answer over HTTP.

    Raises
    ------
    GeocoderRefused
        No network, an HTTP error, or no JSON.
    """
    if not url.startswith(("https://", "http://")):
        raise InputError(Fault("a geocoder's address begins with https://", "correct it", field="url"))
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "geoplan"})  # noqa: S310 - the scheme is checked
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            return json.loads(answer.read(_MAX_BYTES))
    except (urllib.error.URLError, TimeoutError, OSError, ValueError) as error:
        # The address holds the user's key: it must not be part of the message.
        raise GeocoderRefused(f"the geocoder does not answer ({type(error).__name__})") from None


@dataclass(frozen=True, slots=True)
class Amap:
    """高德 geocoder (GCJ-02). ``key``: the user's Web service key; ``city`` narrows the search (name or adcode)."""

    key: str
    city: str = ""
    url: str = "https://restapi.amap.com/v3/geocode/geo"
    fetch: Callable[[str], Any] = fetch_json

    @property
    def name(self) -> str:
        """Name of the service."""
        return "amap"

    def locate(self, query: str) -> list[Answer]:
        """Return proposals, best first."""
        words = urllib.parse.urlencode({"key": self.key, "address": query, "city": self.city, "output": "JSON"})
        data = self.fetch(f"{self.url}?{words}")
        if str(data.get("status")) != "1":
            raise GeocoderRefused(f"Amap refused: {data.get('info')} ({data.get('infocode')})")
        answers = []
        for item in data.get("geocodes") or []:
            lon, _, lat = str(item.get("location", "")).partition(",")
            exact = item.get("level") in {"门牌号", "兴趣点", "门址", "单元号", "楼栋号"}
            answers.append(
                Answer(float(lon), float(lat), "gcj02", exact, str(item.get("formatted_address", "")), self.name)
            )
        return answers


@dataclass(frozen=True, slots=True)
class Tencent:
    """腾讯 geocoder (GCJ-02). ``key``: the user's key; ``city`` is put before the address."""

    key: str
    city: str = ""
    url: str = "https://apis.map.qq.com/ws/geocoder/v1/"
    fetch: Callable[[str], Any] = fetch_json

    @property
    def name(self) -> str:
        """Name of the service."""
        return "tencent"

    def locate(self, query: str) -> list[Answer]:
        """Return proposals, best first."""
        words = urllib.parse.urlencode({"key": self.key, "address": self.city + query, "output": "json"})
        data = self.fetch(f"{self.url}?{words}")
        if data.get("status") in {347, 348}:  # nothing found; too little address
            return []
        if data.get("status") != 0:
            raise GeocoderRefused(f"Tencent refused: {data.get('message')} ({data.get('status')})")
        result = data["result"]
        place = result["location"]
        exact = int(result.get("level", 0)) >= 9  # 9 and up: door number, place
        return [
            Answer(float(place["lng"]), float(place["lat"]), "gcj02", exact, str(result.get("title", "")), self.name)
        ]


@dataclass(frozen=True, slots=True)
class Tianditu:
    """天地图 geocoder (CGCS2000). ``key``: the user's ``tk``; ``city`` is put before the address."""

    key: str
    city: str = ""
    url: str = "https://api.tianditu.gov.cn/geocoder"
    fetch: Callable[[str], Any] = fetch_json

    @property
    def name(self) -> str:
        """Name of the service."""
        return "tianditu"

    def locate(self, query: str) -> list[Answer]:
        """Return proposals, best first."""
        words = urllib.parse.urlencode(
            {"ds": json.dumps({"keyWord": self.city + query}, ensure_ascii=False), "tk": self.key}
        )
        data = self.fetch(f"{self.url}?{words}")
        if str(data.get("status")) not in {"0", "404"}:
            raise GeocoderRefused(f"Tianditu refused: {data.get('msg')} ({data.get('status')})")
        place = data.get("location")
        if not place:
            return []
        exact = int(float(place.get("score", 0))) >= 90
        return [
            Answer(
                float(place["lon"]), float(place["lat"]), "cgcs2000", exact, str(place.get("keyWord", "")), self.name
            )
        ]


@dataclass(frozen=True, slots=True)
class GeocodeTask:
    """An address in the queue: its station, what is looked up, its state, and the proposals so far."""

    id: int
    station_id: int
    query: str
    state: str
    attempts: int
    answers: tuple[Answer, ...]


def _task(row: sa.RowMapping) -> GeocodeTask:
    answers = tuple(Answer(**answer) for answer in row["answers"])
    return GeocodeTask(
        int(row["id"]), int(row["station_id"]), row["query"], row["state"], int(row["attempts"]), answers
    )


def waiting(
    register: Register, *, states: tuple[str, ...] = ("waiting", "proposed", "failed"), limit: int = 1000
) -> list[GeocodeTask]:
    """Return the queue in its order: ``waiting`` (not asked), ``proposed``, ``failed`` (nothing found), ``done``."""
    query = sa.select(geocode_task).where(geocode_task.c.state.in_(states)).order_by(geocode_task.c.id).limit(limit)
    with transaction(register) as connection:
        return [_task(row) for row in connection.execute(query).mappings()]


def run_geocoding(
    register: Register,
    geocoder: Geocoder,
    *,
    actor: str,
    limit: int = 100,
    accept_exact_within: Callable[[float, float], bool] | None = None,
) -> Mapping[str, int]:
    """Ask a geocoder for the addresses that wait.

    Parameters
    ----------
    register : Register
        The register.
    geocoder : Geocoder
        The service, with the user's key.
    actor : str
        Who runs it.
    limit : int
        Most addresses to ask for.
    accept_exact_within : callable, optional
        Takes WGS-84 lon and lat and tells whether a position is in the area. Given, a single exact answer inside is
        taken without a person; by default every answer waits for one.

    Returns
    -------
    mapping of str to int
        ``proposed``, ``failed`` and ``done`` in this run.

    Raises
    ------
    GeocoderRefused
        The service stopped answering; what was answered before is kept.
    """
    done = {"proposed": 0, "failed": 0, "done": 0}
    for task in waiting(register, states=("waiting",), limit=limit):
        answers = geocoder.locate(task.query)
        state = "proposed" if answers else "failed"
        with transaction(register, write=True) as connection:
            connection.execute(
                sa.update(geocode_task)
                .where(geocode_task.c.id == task.id, geocode_task.c.state == "waiting")
                .values(
                    state=state,
                    attempts=task.attempts + 1,
                    answers=[asdict(answer) for answer in answers],
                    changed_at=datetime.now(UTC),
                )
            )
        if accept_exact_within is not None and len(answers) == 1 and answers[0].exact:
            lon, lat = crs.convert(answers[0].lon, answers[0].lat, answers[0].crs)
            if accept_exact_within(float(lon), float(lat)):
                accept_answer(register, task.id, 0, actor=actor)
                state = "done"
        done[state] += 1
    return done


def accept_answer(register: Register, task_id: int, index: int, *, actor: str) -> int:
    """Take one proposal as the station's position.

    Parameters
    ----------
    register : Register
        The register.
    task_id, index : int
        Task, and which of its answers.
    actor : str
        Who takes it.

    Returns
    -------
    int
        The station.

    Raises
    ------
    InputError
        There is no such task or answer.
    Conflict
        The station has a position by now, or the task is done.
    """
    with writing(register, actor=actor, reason=f"geocoding task {task_id}", kind="geocode") as writer:
        connection = writer.connection
        row = connection.execute(sa.select(geocode_task).where(geocode_task.c.id == task_id)).mappings().one_or_none()
        if row is None or not 0 <= index < len(row["answers"]):
            raise InputError(Fault(f"there is no answer {index} to task {task_id}", "check the numbers", field="index",
                                   problem_zh="没有这条定位结果", todo_zh="请核对"))  # fmt: skip
        placed = connection.scalar(sa.select(station.c.lon).where(station.c.id == row["station_id"]))
        if row["state"] == "done" or placed is not None:
            raise Conflict(f"station {row['station_id']} has a position already")
        answer = Answer(**row["answers"][index])
        lon, lat = crs.convert(answer.lon, answer.lat, answer.crs)
        suspected = connection.scalar(
            sa.select(sa.func.count()).where(
                review_item.c.station_id == row["station_id"],
                review_item.c.state == "open",
                review_item.c.kind == "duplicate",
            )
        )
        writer.update(
            int(row["station_id"]),
            {
                "position_state": "doubtful" if suspected else "located",
                "lon": round(float(lon), 7),
                "lat": round(float(lat), 7),
                "source_crs": answer.crs,
                "source_coordinates": f"{answer.lon},{answer.lat}",
                "located_by": f"geocoder:{answer.source}",
            },
        )
        connection.execute(
            sa.update(geocode_task)
            .where(geocode_task.c.id == task_id)
            .values(state="done", changed_at=datetime.now(UTC))
        )
        return int(row["station_id"])

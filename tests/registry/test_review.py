"""The review and geocoding queues: what a person decides becomes a revision, what a service proposes waits."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlparse

import openpyxl
import pytest
import shapely

from geoplan import crs
from geoplan.errors import InputError
from geoplan.registry import (
    Conflict,
    Register,
    apply_import,
    decide_review,
    find_station,
    history,
    import_rows,
    imports,
    plan_import,
    reviews,
    stations,
    write_import_report,
)
from geoplan.registry import geocoding as geo
from geoplan.sources.evidence import Reference

HEADER = "站点名称,所属区,详细地址,lon_wgs84,lat_wgs84,开放时间\n"
ROWS = (
    "华新社区工会驿站,惠山区,钱桥街道华新社区1号,120.200000,31.600000,8:00-18:00\n"
    "华新社区服务中心驿站,惠山区,华新社区1号楼,120.200200,31.600100,8:00-18:00\n"
    "湖里驿站,滨湖区,湖边,120.100000,31.400000,8:00-18:00\n"
    "无坐标驿站,滨湖区,中山路1号,,,看情况\n"
)


@pytest.fixture
def filled(register: Register, tmp_path: Path) -> Register:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + ROWS, encoding="utf-8")
    x, y = crs.project(120.1, 31.4, "EPSG:4549")[0]
    reference = Reference("EPSG:4549", water=shapely.box(x - 500, y - 500, x + 500, y + 500))
    plan = plan_import(register, path, reference)
    assert plan.verdict.basis in {"agrees", "declared"}
    result = apply_import(register, plan, actor="anna", reason="register")
    book = openpyxl.load_workbook(write_import_report(plan, tmp_path / "report.xlsx", result))
    outcomes = [row[2] for row in book["逐行结果"].iter_rows(min_row=2, values_only=True)]
    assert outcomes == ["已接收", "需人工处理", "需人工处理", "需人工处理"]
    assert any("WGS84" in str(row[1]) for row in book["摘要"].iter_rows(values_only=True))
    return register


def open_kinds(register: Register) -> dict[str, int]:
    return {item.kind: item.id for item in reviews(register)}


def test_the_queue_holds_each_doubt_and_the_import_every_row(filled: Register) -> None:
    assert set(open_kinds(filled)) == {"duplicate", "water", "hours"}
    batch = imports(filled)[0]
    assert batch["summary"]["counts"] == {"accepted": 1, "merged": 0, "needs_person": 3, "rejected": 0}
    rows = import_rows(filled, batch["id"])
    assert [row["cells"][0][1] for row in rows] == [line.split(",")[0] for line in ROWS.splitlines()]


def test_confirming_a_position_makes_it_public(filled: Register) -> None:
    assert [s["name"] for s in stations(filled, public_only=True)] == ["华新社区工会驿站"]
    decide_review(filled, open_kinds(filled)["water"], "confirm", actor="ben", note="a pier")
    assert "湖里驿站" in {s["name"] for s in stations(filled, public_only=True)}
    assert history(filled, 3)[-1].revision.kind == "review"
    assert "water" not in open_kinds(filled)


def test_a_duplicate_is_merged_or_kept_apart(filled: Register) -> None:
    item = open_kinds(filled)["duplicate"]
    assert decide_review(filled, item, "distinct", actor="ben").decision == "distinct"
    assert find_station(filled, 2)["position_state"] == "located"  # type: ignore[index]
    with pytest.raises(Conflict):
        decide_review(filled, item, "merge", actor="carl")


def test_merging_fills_and_withdraws_and_loses_nothing(filled: Register) -> None:
    decide_review(filled, open_kinds(filled)["duplicate"], "merge", actor="ben")
    assert find_station(filled, 1)["name"] == "华新社区工会驿站"  # type: ignore[index]
    assert find_station(filled, 2)["withdrawn"] is True  # type: ignore[index]
    assert history(filled, 2)[0].station["name"] == "华新社区服务中心驿站"


def test_editing_answers_the_question(filled: Register) -> None:
    decide_review(filled, open_kinds(filled)["hours"], "edit", actor="ben", changes={"opening_hours": "08:00-18:00"})
    assert find_station(filled, 4)["opening_hours"] == "08:00-18:00"  # type: ignore[index]
    with pytest.raises(InputError, match="does not fit"):
        decide_review(filled, open_kinds(filled)["water"], "merge", actor="ben")
    with pytest.raises(InputError):
        decide_review(filled, 999, "dismiss", actor="ben")


class Fake(BaseHTTPRequestHandler):
    """Answers in the documented forms of Amap, Tencent and Tianditu; knows one address."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        url = urlparse(self.path)
        words = {key: value[0] for key, value in parse_qs(url.query).items()}
        Fake.asked.append(url.path)
        known = "中山路1号" in words.get("address", "")
        answer: dict[str, Any]
        if words.get("key", words.get("tk")) != "right":
            answer = (
                {"status": "0", "info": "INVALID_USER_KEY", "infocode": "10001"}
                if "amap" in url.path
                else {"status": 311, "message": "key error", "msg": "key"}
            )
        elif "amap" in url.path:
            found = (
                [{"formatted_address": "无锡市中山路1号", "location": "120.306,31.568", "level": "门牌号"}]
                if known
                else []
            )
            answer = {"status": "1", "info": "OK", "infocode": "10000", "count": str(len(found)), "geocodes": found}
        elif "tencent" in url.path:
            answer = {
                "status": 0,
                "message": "ok",
                "result": {"title": "中山路", "location": {"lng": 120.306, "lat": 31.568}, "level": 7},
            }
        else:
            answer = {
                "status": "0",
                "msg": "ok",
                "location": {"lon": 120.301, "lat": 31.57, "score": 95, "keyWord": "中山路1号"},
            }
        body = json.dumps(answer, ensure_ascii=False).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Fake)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_answer_is_a_proposal_until_somebody_takes_it(filled: Register, service: str) -> None:
    amap = geo.Amap("right", "无锡", url=f"{service}/amap")
    assert geo.run_geocoding(filled, amap, actor="ben") == {"proposed": 1, "failed": 0, "done": 0}
    assert find_station(filled, 4)["lon"] is None  # type: ignore[index]
    task = geo.waiting(filled)[0]
    assert (task.query, task.state, task.answers[0].exact) == ("滨湖区 中山路1号", "proposed", True)
    geo.accept_answer(filled, task.id, 0, actor="ben")
    got = find_station(filled, 4)
    lon, lat = crs.gcj02_to_wgs84(120.306, 31.568)
    assert (got["lon"], got["lat"]) == pytest.approx((float(lon), float(lat)), abs=1e-6)  # type: ignore[index]
    assert (got["located_by"], got["source_crs"]) == ("geocoder:amap", "gcj02")  # type: ignore[index]
    with pytest.raises(Conflict):
        geo.accept_answer(filled, task.id, 0, actor="ben")
    with pytest.raises(InputError):
        geo.accept_answer(filled, task.id, 7, actor="ben")


def test_an_exact_answer_inside_the_area_may_be_taken_where_the_user_says_so(filled: Register, service: str) -> None:
    tianditu = geo.Tianditu("right", url=f"{service}/tianditu")
    assert geo.run_geocoding(filled, tianditu, actor="ben", accept_exact_within=lambda lon, lat: False)["proposed"] == 1


def test_services_are_read_in_their_own_forms(service: str) -> None:
    inexact = geo.Tencent("right", "无锡市", url=f"{service}/tencent").locate("中山路1号")
    assert [(a.crs, a.exact) for a in inexact] == [("gcj02", False)]
    assert geo.Tianditu("right", url=f"{service}/tianditu").locate("中山路1号")[0].crs == "cgcs2000"
    assert geo.Amap("right", url=f"{service}/amap").locate("没有的路") == []


def test_a_wrong_key_or_no_network_stops_and_the_queue_waits(filled: Register, service: str) -> None:
    wrong = (
        geo.Amap("secret-key", url=f"{service}/amap"),
        geo.Tencent("secret-key", url="http://127.0.0.1:9/"),
        geo.Tianditu("secret-key", url=f"{service}/tianditu"),
    )
    for geocoder in wrong:
        with pytest.raises(geo.GeocoderRefused) as caught:
            geo.run_geocoding(filled, geocoder, actor="ben")
        assert "secret-key" not in str(caught.value)
    assert [task.state for task in geo.waiting(filled)] == ["waiting"]

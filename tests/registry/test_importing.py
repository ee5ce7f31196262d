"""A messy register comes in row by row: accepted, merged, before a person, or rejected; with nothing lost."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from pyproj import Transformer

from geoplan import crs
from geoplan.errors import InputError
from geoplan.registry import Conflict, Register, find_station, head_revision, revisions, stations, undo, writing
from geoplan.registry.applying import apply_import
from geoplan.registry.database import transaction
from geoplan.registry.importing import ImportPlan, plan_import
from geoplan.registry.schema import geocode_task, import_row, review_item
from geoplan.sources.evidence import Reference

METRIC = "EPSG:4549"
X0, Y0 = crs.project(120.30, 31.57, METRIC)[0]


def town() -> Reference:
    """A town of 4 × 4 km: 甲区 in the west, 乙区 in the east, a lake in the north-east, a motorway along the south.

    ::

        +-------+---+---+
        |       |  ~lake|      streets every 200 m, named by their place
        | 甲区  | 乙区  |
        +=======+=======+      motorway at the southern edge
    """
    rng = np.random.default_rng(7)
    ys, xs = (np.cumsum(rng.uniform(90, 330, 18)) - 1950 for _ in range(2))
    lines = [shapely.LineString([(X0 - 2000, Y0 + y), (X0 + 2000, Y0 + y)]) for y in ys if -1900 < y < 1990]
    lines += [shapely.LineString([(X0 + x, Y0 - 1900), (X0 + x, Y0 + 2000)]) for x in xs if -1990 < x < 1990]
    names = [f"第{chr(0x4E01 + 40 * k)}路" for k in range(len(lines))]
    lines.append(shapely.LineString([(X0 - 2000, Y0 - 1990), (X0 + 2000, Y0 - 1990)]))
    streets = gpd.GeoDataFrame(
        {"name": [*names, "高速"], "highway": ["residential"] * len(names) + ["motorway"]}, geometry=lines, crs=METRIC
    )
    halves = [shapely.box(X0 - 2000, Y0 - 2000, X0, Y0 + 2000), shapely.box(X0, Y0 - 2000, X0 + 2000, Y0 + 2000)]
    districts = gpd.GeoDataFrame(
        {"district_code": ["320213", "320205"], "name": ["甲区", "乙区"]}, geometry=halves, crs=METRIC
    )
    lake = gpd.GeoDataFrame(geometry=[shapely.box(X0 + 1200, Y0 + 1200, X0 + 2000, Y0 + 2000)], crs=METRIC)
    return Reference.from_frames(
        crs_metric=METRIC, streets=streets.to_crs(4326), districts=districts.to_crs(4326), water=lake.to_crs(4326)
    )


TOWN = town()
HEADERS = ["序号", "站点名称", "所属区", "详细地址", "经度", "纬度", "开放时间", "服务设施", "联系电话"]
HAN = [chr(c) for c in range(0x5000, 0x5400)]


TO_DEGREES = Transformer.from_crs(METRIC, 4326, always_xy=True)  # made once: making one takes longer than a test


def place(dx: float, dy: float, system: str = "gcj02") -> tuple[str, str]:
    lon, lat = TO_DEGREES.transform(X0 + dx, Y0 + dy)
    x, y = crs.convert(lon, lat, "wgs84", system)
    return f"{float(x):.6f}", f"{float(y):.6f}"


def plain_rows(n: int = 30, system: str = "gcj02") -> list[list[str]]:
    """Ordinary stations 10 m beside streets of 甲区, all differently named."""
    lines = [line for line in TOWN.streets[:-1] if shapely.bounds(line)[0] < X0 - 100]
    rng = np.random.default_rng(3)
    rows = []
    for k in range(n):
        line = lines[k % len(lines)]
        while True:
            point = shapely.line_interpolate_point(line, rng.uniform(0.1, 0.9), normalized=True)
            dx, dy = point.x - X0 + 7, point.y - Y0 + 7
            if dx < -400:
                break
            line = lines[rng.integers(len(lines))]
        name = "".join(HAN[3 * k : 3 * k + 3])
        rows.append(
            [
                str(k + 1),
                f"{name}工会驿站",
                "甲区",
                f"{name}大院",
                *place(dx, dy, system),
                "8:00-18:00",
                "饮水机、微波炉",
                "",
            ]
        )
    return rows


def write(path: Path, rows: list[list[str]], headers: list[str] = HEADERS, encoding: str = "gb18030") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows([headers, *rows])
    return path


def do(register: Register, path: Path, **more: Any) -> ImportPlan:
    plan = plan_import(register, path, TOWN, **more)
    apply_import(register, plan, actor="anna", reason="register of 2026")
    return plan


def codes(plan: ImportPlan, place: int) -> set[str]:
    return {reason.code for reason in plan.rows[place].reasons if reason.level != "note"}


def test_a_clean_register_in_gcj02_is_proven_and_accepted(register: Register, tmp_path: Path) -> None:
    plan = do(register, write(tmp_path / "a.csv", plain_rows()))
    assert (plan.verdict.crs, plan.verdict.basis) == ("gcj02", "proven")
    assert plan.counts == {"accepted": 30, "merged": 0, "needs_person": 0, "rejected": 0}
    found = stations(register, public_only=True)
    assert len(found) == 30
    first = found[0]
    want = crs.convert(*map(float, place_of(plan, 0)), "gcj02")
    assert (first["lon"], first["lat"]) == pytest.approx((float(want[0]), float(want[1])), abs=1e-6)
    assert (first["source_crs"], first["source_coordinates"]) == ("gcj02", ",".join(place_of(plan, 0)))
    assert (first["district_code"], first["facilities"], first["opening_hours"]) == (
        "320213",
        ("water", "microwave"),
        "8:00-18:00",
    )


def place_of(plan: ImportPlan, row: int) -> tuple[str, str]:
    return plan.rows[row].cells["经度"], plan.rows[row].cells["纬度"]


def test_a_dry_run_leaves_no_trace(register: Register, tmp_path: Path) -> None:
    plan_import(register, write(tmp_path / "a.csv", plain_rows()), TOWN)
    assert head_revision(register) == 0
    with transaction(register) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(import_row)) == 0


def test_an_undeclared_ambiguous_system_is_refused_and_a_person_may_state_it(
    register: Register, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.csv", plain_rows(3))
    with pytest.raises(InputError, match="coordinate system"):
        plan_import(register, path, TOWN)
    assert plan_import(register, path, TOWN, source_crs="gcj02").counts["accepted"] == 3


def test_every_kind_of_trouble_is_found_row_by_row(register: Register, tmp_path: Path) -> None:
    rows = plain_rows(60)
    first = rows[0]
    trouble = {
        "lake": ["", "湖中驿站", "乙区", "湖边", *place(1600, 1600), "8:00-18:00", "", ""],
        "motorway": ["", "高速驿站", "乙区", "高速口", *place(700, -1990), "8:00-18:00", "", ""],
        "outside": ["", "外地驿站", "", "很远", *place(9000, 0), "8:00-18:00", "", ""],
        "district": ["", "错区驿站", "甲区", "东头", *place(900, -300), "8:00-18:00", "", ""],
        "hours": ["", "时间不明驿站", "甲区", "某处", *place(-1003, -507), "看心情", "", ""],
        "no position": ["", "无坐标驿站", "甲区", "中山路1号", "", "", "8:00-18:00", "", ""],
        "no place at all": ["", "无处驿站", "甲区", "", "", "", "8:00-18:00", "", ""],
        "bad position": ["", "坏坐标驿站", "甲区", "人民路2号", "一二〇", "三十一", "8:00-18:00", "", ""],
        "swapped": ["", "颠倒驿站", "甲区", "某街", *reversed(place(-603, 207)), "8:00-18:00", "", ""],
        "twin": [
            "",
            f"安康·爱心驿站（{first[1][:3]}）",
            "甲区",
            first[3],
            first[4],
            first[5],
            "",
            "卫生间",
            "13812345678",
        ],
        "no name": ["", "", "甲区", "某处", *place(-700, 300), "", "", ""],
        "total": ["合计", "", "", "", "", "", "", "", ""],
    }
    plan = do(register, write(tmp_path / "a.csv", rows + list(trouble.values())))
    at = {key: 60 + k for k, key in enumerate(trouble)}
    outcome = {key: plan.rows[place].outcome for key, place in at.items()}
    assert outcome == {
        **dict.fromkeys(trouble, "needs_person"),
        "swapped": "accepted",
        "twin": "merged",
        "no name": "rejected",
        "total": "rejected",
    }
    assert {"water"} == codes(plan, at["lake"])
    assert {"motorway"} == codes(plan, at["motorway"])
    assert "outside" in codes(plan, at["outside"])
    assert {"district"} == codes(plan, at["district"])
    assert {"hours"} == codes(plan, at["hours"])
    assert {"cells", "no_position"} == codes(plan, at["bad position"])
    assert sum(plan.counts.values()) == len(plan.rows) == 72
    # The doubtful ones are in the register, and hidden from the public until somebody has looked.
    assert len(stations(register)) == 69
    public = {s["name"] for s in stations(register, public_only=True)}
    assert public & {row[1] for row in trouble.values()} == {"时间不明驿站", "颠倒驿站"}
    # The twin filled what was open and changed nothing else.
    merged = find_station(register, 1)
    assert merged["name"] == first[1]  # type: ignore[index]
    assert merged["facilities"] == ("water", "microwave", "toilet")  # type: ignore[index]
    assert merged["contact_phone"] == "13812345678"  # type: ignore[index]
    with transaction(register) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(import_row)) == 72
        queries = connection.scalars(sa.select(geocode_task.c.query)).all()
        kinds = connection.scalars(sa.select(review_item.c.kind)).all()
    assert sorted(queries) == ["甲区", "甲区 中山路1号", "甲区 人民路2号"]
    assert {"water", "motorway", "outside", "district", "hours"} <= set(kinds)


def test_nothing_is_lost_every_cell_is_kept(register: Register, tmp_path: Path) -> None:
    rows = [[*row, f"怪字段{k}"] for k, row in enumerate(plain_rows())]
    do(register, write(tmp_path / "a.csv", rows, [*HEADERS, "谁也不认识的列"]))
    with transaction(register) as connection:
        kept = connection.scalars(sa.select(import_row.c.cells).order_by(import_row.c.place)).all()
    assert [[text for _, text in cells] for cells in kept] == rows
    assert [header for header, _ in kept[0]] == [*HEADERS, "谁也不认识的列"]
    assert stations(register)[4]["extra"] == {"谁也不认识的列": "怪字段4", "序号": "5"}


def test_a_file_without_a_column_of_names_is_refused_whole(register: Register, tmp_path: Path) -> None:
    """One sentence that says which columns there are; with the column chosen it is read."""
    headers = ["代号甲" if header == HEADERS[1] else header for header in HEADERS]
    path = write(tmp_path / "a.csv", plain_rows(), headers)
    with pytest.raises(InputError, match="none of the columns is the stations' name") as refused:
        plan_import(register, path, TOWN)
    assert len(refused.value.faults) == 1
    assert "代号甲" in refused.value.faults[0].sentence("zh")
    assert plan_import(register, path, TOWN, choices={"name": "代号甲"}).counts["accepted"] == 30
    with pytest.raises(InputError, match="there is no column '没有的列'"):
        plan_import(register, path, TOWN, choices={"name": "没有的列"})


def test_the_same_file_again_changes_nothing(register: Register, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", plain_rows())
    do(register, path)
    head = head_revision(register)
    plan = plan_import(register, path, TOWN)
    result = apply_import(register, plan, actor="anna", reason="again")
    assert plan.counts["merged"] == 30
    assert (result.added, result.changed, result.revision) == (0, 0, None)
    assert head_revision(register) == head


def test_a_later_register_updates_and_does_not_move(register: Register, tmp_path: Path) -> None:
    rows = plain_rows()
    do(register, write(tmp_path / "a.csv", rows))
    rows[0][6] = "24小时"
    rows[1][4:6] = place(-900, 900)  # far from where it was; same name
    rows.append(["", "新增驿站", "甲区", "新路9号", *place(-1207, 407), "8:00-18:00", "", ""])
    plan = do(register, write(tmp_path / "b.csv", rows))
    assert find_station(register, 1)["opening_hours"] == "24小时"  # type: ignore[index]
    assert plan.rows[1].outcome in {"merged", "needs_person"}
    assert codes(plan, 1) & {"moved", "duplicate"}
    assert plan.rows[30].outcome == "accepted"
    assert [r.kind for r in revisions(register)] == ["import", "import"]


def test_an_import_is_undone_whole(register: Register, tmp_path: Path) -> None:
    with writing(register, actor="ben", reason="by hand") as writer:
        writer.add({"name": "手工录入站"})
    do(register, write(tmp_path / "a.csv", plain_rows()))
    undo(register, head_revision(register), actor="anna", reason="wrong file")
    assert [s["name"] for s in stations(register)] == ["手工录入站"]
    assert len(stations(register, withdrawn=True)) == 31


def test_a_plan_does_not_outlive_a_change(register: Register, tmp_path: Path) -> None:
    plan = plan_import(register, write(tmp_path / "a.csv", plain_rows()), TOWN)
    with writing(register, actor="ben", reason="meanwhile") as writer:
        writer.add({"name": "另一站"})
    with pytest.raises(Conflict, match="plan it again"):
        apply_import(register, plan, actor="anna", reason="x")
    assert len(stations(register)) == 1


def test_codes_of_the_file_are_kept_once(register: Register, tmp_path: Path) -> None:
    rows = [[f"WX-{k:03d}", *row[1:]] for k, row in enumerate(plain_rows())]
    rows[7][0] = rows[6][0]
    headers = ["站点编号", *HEADERS[1:]]
    plan = do(register, write(tmp_path / "a.csv", rows, headers))
    assert codes(plan, 7) == {"code_taken", "duplicate"}
    assert find_station(register, "WX-006")["name"] == rows[6][1]  # type: ignore[index]
    seventh = next(s for s in stations(register) if s["name"] == rows[7][1])
    assert seventh["station_code"] == f"S{seventh.id:06d}"
    assert seventh["extra"]["站点编号"] == "WX-006"


def test_columns_that_tick_one_facility_each(register: Register, tmp_path: Path) -> None:
    rows = [[*row[:7], "√" if k % 2 else "×", "有", "无"] for k, row in enumerate(plain_rows())]
    plan = do(register, write(tmp_path / "a.csv", rows, [*HEADERS[:7], "空调", "饮水机", "卫生间"]))
    assert plan.facility_columns == {"空调": "air_conditioning", "饮水机": "water", "卫生间": "toilet"}
    assert [s["facilities"] for s in stations(register)][:2] == [("water",), ("air_conditioning", "water")]


def test_mobile_numbers_never_stay_where_the_public_reads(register: Register, tmp_path: Path) -> None:
    rows = plain_rows()
    rows[0][3] += " 联系13912345678"
    rows[1][6] = "8:00-18:00"
    do(register, write(tmp_path / "a.csv", rows))
    got = find_station(register, 1)
    assert "139" not in got["address"]  # type: ignore[index]
    assert got["contact_phone"] == "13912345678"  # type: ignore[index]


def test_a_position_copied_down_is_doubted(register: Register, tmp_path: Path) -> None:
    rows = plain_rows()
    for k in (20, 21, 22):
        rows[k][4:6] = rows[5][4:6]
    plan = do(register, write(tmp_path / "a.csv", rows))
    assert all("shared" in codes(plan, k) for k in (5, 20, 21, 22))


@pytest.mark.shared
def test_the_57_press_sites_queue_and_none_gets_a_position(register: Register, shared: Path) -> None:
    plan = plan_import(register, shared / "data/wuxi/wuxi_sites_in_public_news.csv", TOWN)
    result = apply_import(register, plan, actor="anna", reason="press")
    assert (len(plan.rows), result.added, result.queued) == (57, 57, 57)
    assert plan.counts["needs_person"] == 57
    found = stations(register)
    assert all(s["lon"] is None and s["position_state"] == "unlocated" for s in found)
    assert stations(register, public_only=True) == []


@pytest.mark.shared
def test_the_real_register_of_zhengzhou(register: Register, shared: Path) -> None:
    plan = plan_import(register, shared / "data/stations/zhengzhou_union_stations.csv", Reference("EPSG:4547"))
    result = apply_import(register, plan, actor="anna", reason="Zhengzhou")
    assert (plan.verdict.crs, plan.verdict.basis) == ("wgs84", "proven")  # its two pairs of columns agree
    assert sum(plan.counts.values()) == 82
    assert plan.counts["rejected"] == 0
    located = [s for s in stations(register) if s["lon"] is not None]
    assert len(located) == 18
    assert result.queued == 64


def test_totals_signatures_and_remarks_are_no_stations(register: Register, tmp_path: Path) -> None:
    tail = [
        ["合计", "30", *[""] * 7],
        ["", "", "填表人：某某", *[""] * 6],
        ["注：以上为全部站点", *[""] * 8],
        ["", "只有名字的驿站", *[""] * 7],
    ]
    plan = do(register, write(tmp_path / "a.csv", plain_rows() + tail))
    assert [row.outcome for row in plan.rows[30:]] == ["rejected", "rejected", "rejected", "needs_person"]

"""Registers in the forms unions have them come in whole, with the row numbers a spreadsheet shows."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
import shapely

from geoplan.errors import InputError
from geoplan.sources.tables import read_table

ROWS = [
    ["站点名称", "详细地址", "经度", "纬度"],
    ["甲驿站", "中山路1号", "120.301", "31.571"],
    ["乙驿站", "人民路2号", "120.302", "31.572"],
]


def as_csv(rows: list[list[str]], separator: str = ",") -> str:
    return "\r\n".join(separator.join(row) for row in rows) + "\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_csv_in_every_encoding_and_separator(tmp_path: Path, encoding: str, separator: str) -> None:
    path = tmp_path / "站点.csv"
    path.write_bytes(as_csv(ROWS, separator).encode(encoding))
    table = read_table(path)
    assert table.headers == tuple(ROWS[0])
    assert table.frame.to_numpy().tolist() == ROWS[1:]
    assert table.row.tolist() == [2, 3]


def test_rare_characters_of_gb18030_survive(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("名称,地址\n㙍䶮驿站,𠮷祥路1号\n".encode("gb18030"))
    assert read_table(path).frame.iloc[0].tolist() == ["㙍䶮驿站", "𠮷祥路1号"]


def test_damaged_text_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("名称,地址\n甲,乙\n".encode() + b"\xff\xff,\xfe\n")
    with pytest.raises(InputError) as caught:
        read_table(path)
    assert caught.value.faults[0].row == 3


def test_title_lines_blank_lines_and_line_breaks_keep_row_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        '无锡市户外劳动者服务站点一览表,,\n填报单位：某区,,\n\n名称,地址,备注\n甲,"中山路\n1号",\n\n乙,人民路,x\n',
        encoding="utf-8",
    )
    table = read_table(path)
    assert table.headers == ("名称", "地址", "备注")
    assert table.row.tolist() == [5, 7]
    assert table.frame["地址"][0] == "中山路\n1号"


def test_a_row_with_more_cells_than_headers_loses_nothing_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("名称,地址\n甲,中山路1号,二楼\n", encoding="utf-8")
    table = read_table(path)
    assert [fault.row for fault in table.faults] == [2]
    assert "二楼" in table.frame.iloc[0].tolist()


def test_xlsx_two_line_header_merged_districts_and_a_sheet_a_district(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for title in ("梁溪区", "锡山区"):
        sheet = book.create_sheet(title)
        sheet.append(["户外劳动者服务站点统计表", "", "", "", ""])
        sheet.append(["所属街道", "站点名称", "坐标", "", "面积（㎡）"])
        sheet.append(["", "", "经度", "纬度", ""])
        for i in range(3):
            sheet.append(["东亭街道" if i == 0 else None, f"{title}{i}号站", 120.3 + i / 1000, 31.5, 12.0])
        sheet.merge_cells("A1:E1")
        sheet.merge_cells("C2:D2")
        sheet.merge_cells("A4:A6")
    book["Sheet"].append(["填表说明：请如实填写"])
    path = tmp_path / "register.xlsx"
    book.save(path)
    table = read_table(path)
    assert table.sheets == ("梁溪区", "锡山区")
    assert table.headers == ("所属街道", "站点名称", "经度", "纬度", "面积（㎡）", "工作表")
    assert (table.frame["所属街道"] == "东亭街道").all()  # the merged cell speaks for all its rows
    assert table.row.tolist() == [4, 5, 6, 4, 5, 6]
    assert table.frame["面积（㎡）"].tolist() == ["12"] * 6
    assert any("Sheet" in fault.problem for fault in table.faults)  # the passed-over sheet is said


def test_geojson_and_geopackage_bring_geometry_in_degrees(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"名称": ["甲", "乙"]}, geometry=gpd.points_from_xy([120.3, 120.31], [31.5, 31.51]), crs=4326
    )
    frame.to_crs(4549).to_file(tmp_path / "a.gpkg", layer="stations", driver="GPKG")
    frame.to_file(tmp_path / "a.geojson", driver="GeoJSON")
    for name in ("a.gpkg", "a.geojson"):
        table = read_table(tmp_path / name)
        assert table.geometry is not None
        assert shapely.get_x(table.geometry.to_numpy()) == pytest.approx([120.3, 120.31], abs=1e-9)
        assert table.frame["名称"].tolist() == ["甲", "乙"]
    assert read_table(tmp_path / "a.gpkg").declared_crs == "EPSG:4549"


def test_geojson_properties_keep_their_words(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    feature = {
        "type": "Feature",
        "id": 7,
        "geometry": None,
        "properties": {"名称": "甲", "设施": ["饮水机", "微波炉"], "adcode": 320205},
    }
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False), encoding="utf-8"
    )
    assert read_table(path).frame.iloc[0].to_dict() == {
        "名称": "甲",
        "设施": "饮水机;微波炉",
        "adcode": "320205",
        "id": "7",
    }


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("a.xlsx", b"PK\x03\x04 not really"),
        ("a.xls", b"\xd0\xcf\x11\xe0" + b"x" * 600),
        ("a.xls", b"<html><table><tr><td>1</td></tr></table></html>"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": []}'),
        ("a.geojson", b'{"type": '),
        ("a.gpkg", b"SQLite format 3\x00" + b"x" * 600),
        ("a.csv", b'a,b\n"1,2\n'),
        ("a.csv", b"a,b\n\x00\x01\x02,3\n"),
    ],
)
def test_damaged_files_give_one_plain_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_table(path)
    assert caught.value.faults[0].file == name


def test_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("名称,地址\n" + "甲,乙\n" * 1000, encoding="utf-8")
    with pytest.raises(InputError, match="more than"):
        read_table(path, max_bytes=1000)
    with pytest.raises(InputError, match="cells"):
        read_table(path, max_cells=100)


def test_a_zip_bomb_is_refused_without_unpacking(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(60):
            part.write(b"0" * 2**20)
    with pytest.raises(InputError, match="unpacks to"):
        read_table(path)


def test_xls_with_merged_cells_dates_times_and_yes(tmp_path: Path) -> None:
    # data/register.xls: written with xlwt, a title over all columns, one street merged over both rows
    path = Path(__file__).parent / "data" / "register.xls"
    table = read_table(path)
    assert table.headers == ("街道", "驿站名称", "坐标", "面积", "建成日期", "是否开放", "开门时间")
    assert table.frame.iloc[0].tolist() == ["崇安寺街道", "甲驿站", "120.301,31.571", "12", "2023-08-08", "是", "08:30"]
    assert table.frame["街道"].tolist() == ["崇安寺街道"] * 2
    assert table.row.tolist() == [3, 4]
    renamed = tmp_path / "register.xlsx"  # the content decides, not the ending
    renamed.write_bytes(path.read_bytes())
    assert read_table(renamed).frame.equals(table.frame)

"""Reports of the public, imports, edits, undo; and that the map follows."""

from __future__ import annotations

import io
import re

import pytest
from geoplan_api.http.uploads import clean_photo, register_file
from geoplan_api.problems import ProblemError
from geoplan_api.settings import LimitSettings
from PIL import Image

from tests.api.conftest import lonlat, sign_in


def photo(width: int = 64, height: int = 48, kind: str = "JPEG") -> bytes:
    image = Image.new("RGB", (width, height), (200, 16, 46))
    exif = Image.Exif()
    exif[0x010E] = "taken at 120.3,31.5 by Zhang San"
    exif[0x0112] = 6  # turned by a quarter
    out = io.BytesIO()
    image.save(out, kind, exif=exif)
    return out.getvalue()


def test_a_report_waits_for_staff(writable):
    answer = writable.post(
        "/v1/reports",
        data={"kind": "closed", "station_code": "S1", "text": "门锁着"},
        files={"photo": ("a.jpg", photo(), "image/jpeg")},
    )
    assert answer.status_code == 202, answer.text
    number = answer.json()["id"]
    assert "门锁着" not in writable.get("/v1/stations/S1").text
    assert writable.get("/v1/reports").status_code == 401
    token = sign_in(writable, "reviewer")
    (report,) = writable.get("/v1/reports").json()["reports"]
    assert (report["station_name"], report["kind"], report["has_photo"]) == ("市民中心驿站", "closed", True)
    picture = writable.get(f"/v1/reports/{number}/photo")
    assert picture.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(picture.content)) as made:
        assert made.size == (48, 64)  # upright now
        assert not made.getexif()
    assert b"Zhang" not in picture.content
    decide = {"decision": "accepted", "note": "已联系"}
    assert writable.post(f"/v1/reports/{number}/decide", json=decide, headers=token).status_code == 200
    assert writable.post(f"/v1/reports/{number}/decide", json=decide, headers=token).status_code == 409


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"kind": "nonsense"}, 422),
        ({"kind": "closed"}, 422),  # which station?
        ({"kind": "closed", "station_code": "S99"}, 404),
        ({"kind": "suggestion", "text": "x" * 1001}, 422),
    ],
)
def test_reports_that_say_nothing(writable, data, status):
    assert writable.post("/v1/reports", data=data).status_code == status


def test_photos_are_made_anew_or_refused():
    made = clean_photo(photo(4000, 2000, "PNG"), LimitSettings())
    with Image.open(io.BytesIO(made)) as image:
        assert (image.format, max(image.size)) == ("JPEG", 1600)
    with pytest.raises(ProblemError, match="too many pixels"):
        clean_photo(photo(), LimitSettings(max_photo_pixels=100))
    for wrong in (b"", b"not a photo", b"<svg xmlns='http://www.w3.org/2000/svg'/>", photo()[:200]):
        with pytest.raises(ProblemError):
            clean_photo(wrong, LimitSettings())


def test_a_small_file_that_claims_a_huge_picture_is_refused():
    header = bytearray(photo(kind="PNG"))
    header[16:24] = (60_000).to_bytes(4, "big") * 2  # IHDR: width, height
    with pytest.raises(ProblemError):
        clean_photo(bytes(header), LimitSettings())


@pytest.mark.parametrize("name", ["a.exe", "a", "../../etc/passwd", "a.xlsx.sh"])
def test_other_files_are_not_taken(name):
    with pytest.raises(ProblemError) as caught, register_file(name, io.BytesIO(b"x")):
        pass
    assert caught.value.kind == "unsupported"


def test_a_path_in_the_name_stays_out(tmp_path):
    with register_file("..\\..\\win/ 台账.csv", io.BytesIO(b"a,b\n")) as path:
        assert path.name == " 台账.csv"
        assert path.read_text() == "a,b\n"
    assert not path.exists()


def table() -> bytes:
    rows = ["站点名称,地址,经度,纬度,开放时间"]
    for k, (i, j) in enumerate(((1, 1), (4, 4), (7, 3), (8, 8), (3, 10), (10, 6))):
        lon, lat = lonlat(i, j)
        rows.append(f"新站{k},第{j + 1}街{k}号,{lon:.6f},{lat:.6f},8:30-17:30")
    return "\n".join(rows).encode("gb18030")


def test_import_shows_first_then_writes_then_can_be_undone(writable):
    token = sign_in(writable, "reviewer")
    files = {"file": ("台账.csv", table(), "text/csv")}
    dry = writable.post("/v1/register/import", files=files, data={"source_crs": "wgs84"}, headers=token)
    assert dry.status_code == 200, dry.text
    plan = dry.json()
    assert sum(plan["counts"].values()) == 6
    assert plan["written"] is None
    assert len(writable.get("/v1/stations").json()["features"]) == 6
    data = {
        "dry_run": "false",
        "source_crs": "wgs84",
        "reason": "季度台账",
        "base_revision": str(plan["base_revision"]),
    }
    done = writable.post("/v1/register/import", files=files, data=data, headers=token).json()
    assert done["written"]["added"] == plan["counts"]["accepted"] + plan["counts"]["needs_person"]
    shown = len(writable.get("/v1/stations").json()["features"])
    assert shown == 6 + plan["counts"]["accepted"]
    assert writable.post("/v1/register/import", files=files, data=data, headers=token).status_code == 409
    undone = writable.post(
        f"/v1/register/revisions/{done['written']['revision']}/undo", json={"reason": "误传"}, headers=token
    )
    assert undone.status_code == 200, undone.text
    assert len(writable.get("/v1/stations").json()["features"]) == 6
    kinds = [item["kind"] for item in writable.get("/v1/register/history").json()["revisions"]]
    assert kinds == ["undo", "import", "import"]


def test_an_edit_shows_at_once_and_conflicts_are_told(writable):
    token = sign_in(writable, "editor")
    record = writable.get("/v1/register/stations/1").json()
    version = writable.get("/v1/feed/miniprogram").json()["version"]
    edit = {"changes": {"name": "市民中心新驿站"}, "reason": "更名", "expected_revision": record["revision"]}
    assert writable.post("/v1/register/stations/1", json=edit, headers=token).status_code == 200
    assert writable.get("/v1/stations/S1").json()["properties"]["name"] == "市民中心新驿站"
    late = writable.post("/v1/register/stations/1", json={**edit, "changes": {"name": "旧"}}, headers=token)
    assert late.status_code == 409
    delta = writable.get(f"/v1/feed/miniprogram?since={version}").json()
    assert delta["full"] is False
    assert [item["name"] for item in delta["stations"]] == ["市民中心新驿站"]
    gone = {"changes": {"withdrawn": True}, "reason": "撤销"}
    writable.post("/v1/register/stations/2", json=gone, headers=token)
    assert writable.get(f"/v1/feed/miniprogram?since={delta['version']}").json()["removed"] == [2]
    assert len(writable.get("/v1/register/stations/1/history").json()["versions"]) == 2


def test_viewers_do_not_see_contacts(writable):
    sign_in(writable, "viewer")
    assert "13900001111" not in writable.get("/v1/register/stations").text
    sign_in(writable, "editor", "li")
    assert "13900001111" in writable.get("/v1/register/stations").text


def test_an_inspection_round_follows_the_streets(writable):
    assert writable.get("/v1/register/round?codes=S1,S2").status_code == 401
    sign_in(writable)
    found = writable.get("/v1/register/round?codes=S1,S2,S3,S4&profile=walk").json()
    assert sorted(stop["station_code"] for stop in found["stops"]) == ["S1", "S2", "S3", "S4"]
    legs = [stop["leg_s"] for stop in found["stops"]]
    assert legs[0] is None
    assert sum(legs[1:]) == pytest.approx(found["total_s"], abs=0.5)
    # the four stand at the corners of a square: three of its sides, never a diagonal
    assert max(legs[1:]) < 1.2 * min(legs[1:])
    assert writable.get("/v1/register/round?codes=S1").status_code == 400
    assert writable.get("/v1/register/round?codes=S1,nowhere").status_code == 404


def test_a_report_has_a_number_and_a_page_that_names_nobody(writable):
    """Whoever has the number sees kind, station, day and state; never words, photo or who decided."""
    answer = writable.post(
        "/v1/reports", data={"kind": "closed", "station_code": "S1", "text": "我姓王，电话 13900001111"}
    )
    assert answer.status_code == 202
    number = answer.json()["number"]
    assert re.fullmatch(r"\d{8}-\d{4,}", number)
    found = writable.get(f"/v1/reports/{number}/status")
    assert set(found.json()) == {"number", "kind", "station", "received_on", "state"}
    assert found.json()["state"] == "open"
    assert found.headers["cache-control"] == "no-store"
    assert "13900001111" not in found.text
    day, _, own = number.partition("-")
    for wrong in (f"{int(day) - 1}-{own}", f"{day}-9999", "x", f"{day}-{own}0"):
        assert writable.get(f"/v1/reports/{wrong}/status").status_code == 404, wrong

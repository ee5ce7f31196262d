"""The desk's workbooks are the service's: one writer, one vocabulary of heads, either language."""

from __future__ import annotations

import io

import openpyxl
import pytest

from tests.api.conftest import sign_in

BANNER = "演示数据，非真实站点 / demonstration data, not real stations"


def sheets(answer):
    assert answer.status_code == 200, answer.text
    return openpyxl.load_workbook(io.BytesIO(answer.content))


@pytest.mark.parametrize(
    ("lang", "heads"), [("zh", ("序号", "站点编号", "站点名称")), ("en", ("Rank", "Code", "Station"))]
)
def test_a_round_and_the_inspection_list_as_workbooks(writable, lang, heads):
    assert writable.get("/v1/register/inspection.xlsx").status_code == 401
    sign_in(writable)
    for address in ("/v1/register/inspection.xlsx?", "/v1/register/round.xlsx?codes=S1,S2,S3&profile=walk&"):
        book = sheets(writable.get(f"{address}lang={lang}"))
        assert book.sheetnames[0] == ("说明" if lang == "zh" else "Notes")
        rows = list(book[book.sheetnames[1]].values)
        assert rows[0][0] == BANNER
        assert rows[2][:3] == heads
        assert rows[3][0] == 1


def test_the_inspection_list_counts_less_what_was_checked_lately(writable):
    from geoplan.registry import writing

    sign_in(writable)
    rows = writable.get("/v1/register/inspection").json()["stations"]
    first = rows[0]
    assert first["days"] is None or first["days"] > 0
    live = writable.app.state.live
    with writing(live.state.register, actor="li", reason="checked") as writer:
        writer.update(writable.get(f"/v1/stations/{first['station_code']}").json()["id"], {"verified_on": "2999-01-01"})
    live.refresh()
    again = writable.get("/v1/register/inspection").json()["stations"]
    assert [row["rank"] for row in again] == list(range(1, len(again) + 1))
    assert again[-1]["station_code"] == first["station_code"]

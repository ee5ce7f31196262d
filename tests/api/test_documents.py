"""Word reports of the service: who may have them, what they say, and what is said where there is none."""

from __future__ import annotations

import io

import docx

from tests.api.conftest import sign_in
from tests.api.test_desk import finished


def said(body: bytes) -> str:
    document = docx.Document(io.BytesIO(body))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(line.text for line in document.paragraphs), *cells])


def test_coverage_and_plan_as_word_for_those_who_may(writable):
    assert writable.get("/v1/report.docx").status_code == 401
    token = sign_in(writable)
    coverage = writable.get("/v1/report.docx?lang=en")
    assert coverage.status_code == 200
    assert "Is the service circle met?" in said(coverage.content)
    asked = writable.get("/v1/report.docx?lang=en&at=2026-11-20T05:00&limit_s=600&trade=courier")
    courier = said(asked.content)
    assert "10 minutes" in courier
    assert "2026-11-20 Friday 05:00" in courier
    truth = writable.get("/v1/coverage?at=2026-11-20T05:00&limit_s=600&trade=courier").json()
    assert f"Shares of {truth['subject']['demand_total']:,.0f} outdoor workers" in courier
    assert "regardless of opening hours" in said(coverage.content)  # nobody named a time: none is made up
    part = said(writable.get("/v1/report.docx?lang=en&slice=12-15&day=2026-11-20&facilities=toilet").content)
    truth = writable.get("/v1/coverage?slice=12-15&day=2026-11-20&facilities=toilet").json()
    network = truth["areas"][0]["tests"]["network"]["at"]["share"]
    assert f"On the streets {network:.1%}" in part
    assert f"Shares of {truth['subject']['demand_total']:,.0f} outdoor workers" in part
    west = said(writable.get("/v1/report.docx?lang=en&area=320201").content)
    truth = writable.get("/v1/coverage?area=320201").json()
    assert f"Shares of {truth['subject']['demand_total']:,.0f} outdoor workers" in west
    assert f"On the streets {truth['areas'][0]['tests']['network']['any']['share']:.1%}" in west

    params = {"new_sites": 2, "years": [1, 1]}
    job = writable.post("/v1/jobs", json={"kind": "siting", "params": params}, headers=token).json()["id"]
    assert finished(writable, job)["status"] == "done"
    plan = writable.get(f"/v1/jobs/{job}/report.docx")
    assert plan.headers["content-disposition"] == 'attachment; filename="plan.docx"'
    words = said(plan.content)
    result = writable.get(f"/v1/jobs/{job}/result").json()
    assert result["certificate"]["sentence_zh"] in words
    assert "年度" in words
    for feature in result["projects"]["features"]:
        assert feature["properties"]["name"] in words

    kept = writable.post("/v1/scenarios", json={"job_id": job, "name": "甲"}, headers=token).json()["id"]
    href = writable.post(f"/v1/scenarios/{kept}/share", json={"on": True}, headers=token).json()["href"]
    writable.cookies.clear()
    assert result["certificate"]["sentence"] in said(writable.get(f"{href}/report.docx?lang=en").content)


def test_a_plan_that_is_not_there_is_said(writable):
    sign_in(writable)
    assert writable.get("/v1/jobs/none/report.docx").status_code == 404
    assert writable.get("/v1/shared/none/report.docx").status_code == 404
    assert writable.get("/v1/report.docx?lang=de").status_code == 422

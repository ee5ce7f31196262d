"""Whole tasks, and the ways in which they go wrong: a toilet at night, a slow line, no permission, the register."""

from __future__ import annotations

import contextlib
import json
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Screen = Callable[[Page, str], None]


def stations(service: str) -> list[dict]:
    with urllib.request.urlopen(f"{service}/v1/stations?limit=2000", timeout=60) as answer:
        return json.load(answer)["features"]


def enter(open_page: Open, path: str, name: str = "planner") -> Page:
    page = open_page(path, width=1440, height=900)
    page.fill("#login-name", name)
    page.fill("#login-password", "a long password")
    page.click("#door button[type=submit]")
    expect(page.locator("#desk")).to_be_visible()
    return page


def test_a_toilet_at_two_in_the_morning_takes_three_taps(service: str, open_page: Open, screen: Screen) -> None:
    lon, lat = stations(service)[0]["geometry"]["coordinates"]
    page = open_page(f"/#o={lon:.4f},{lat:.4f},x&f=toilet")
    page.wait_for_selector(".answer, .notice")
    page.click("[data-chip=more]")  # one
    page.click("dialog button:has-text('凌晨 2 点')")  # two
    page.click("dialog .main")  # three
    expect(page.locator("[data-chip=open]")).to_contain_text("02:00")
    expect(page.locator("[data-chip=open]")).to_have_attribute("aria-pressed", "true")
    at = page.evaluate("new URLSearchParams(location.hash.slice(1)).get('at')")
    with urllib.request.urlopen(f"{service}/v1/stations?open={at}&facilities=toilet&limit=2000", timeout=60) as answer:
        truth = json.load(answer)
    expect(page.locator("#list-count, .notice").first).to_be_visible()
    page.wait_for_timeout(1500)
    screen(page, "public-toilet-at-two")
    if truth["numberMatched"]:
        expect(page.locator("#list-count")).to_contain_text(str(truth["numberMatched"]))
    else:
        expect(page.locator("#list-body .notice")).to_be_visible()


def test_a_slow_line_shows_what_comes_and_then_the_list(open_page: Open, screen: Screen) -> None:
    held: list[Route] = []
    page = open_page("/", before=lambda page: page.route("**/v1/stations?limit=2000", lambda route: held.append(route)))
    expect(page.locator("#list-count")).to_contain_text("正在")
    assert page.locator(".skeleton").count() > 0
    screen(page, "public-slow-phone")
    for route in held:
        route.continue_()
    page.unroute("**/v1/stations?limit=2000")
    expect(page.locator(".row-button").first).to_be_visible()


def test_an_empty_search_and_a_failed_report_say_what_to_do(open_page: Open, screen: Screen) -> None:
    page = open_page("/", before=lambda page: page.route("**/v1/reports", lambda route: route.abort()))
    page.wait_for_selector(".row-button")
    page.fill("#search", "zzzzqqq")
    expect(page.locator("#search-list")).to_contain_text("没有")
    screen(page, "public-no-hit-phone")
    page.fill("#search", "")
    page.locator(".row-button").first.click()
    page.click(".detail-actions button:nth-child(3)")
    page.locator("dialog button, dialog label").filter(has_text="关").first.click()
    page.locator("dialog .main").click()
    expect(page.locator("dialog .notice")).to_be_visible()
    screen(page, "public-report-failed-phone")


def test_a_shared_link_to_nothing_says_so(open_page: Open) -> None:
    page = open_page("/planner?plan=nothing-is-here", width=1440, height=900)
    expect(page.locator(".notice:visible, #map-note:visible").first).to_be_visible()


def test_who_may_only_look_is_told_so_and_changes_nothing(open_page: Open, screen: Screen) -> None:
    page = enter(open_page, "/planner#plan", "looker")
    page.fill("input[name=new_sites]", "3")
    page.click(".plan-form .main")
    expect(page.locator("#tab-plan .notice")).to_be_visible()
    screen(page, "planner-refused-1440")
    page.click("#tabbutton-register")
    page.click("button[data-view=stations]")
    expect(page.locator("[data-station]").first).to_be_visible()
    expect(page.locator("[data-station] button:has-text('改位置')")).to_have_count(0)


def at_rest(page: Page, marker: Locator) -> dict[str, float]:
    """Return the box of a marker once it has stayed where it is for half a second."""
    box = marker.bounding_box()
    for _ in range(60):
        page.wait_for_timeout(500)
        now = marker.bounding_box()
        if now == box and now is not None:
            break
        box = now
    assert box is not None
    return dict(box)


def test_a_station_is_dragged_to_its_place_and_the_change_taken_back(
    service: str, open_page: Open, screen: Screen
) -> None:
    chosen = stations(service)[3]
    code, before = chosen["properties"]["station_code"], chosen["geometry"]["coordinates"]
    page = enter(open_page, "/planner#register")
    page.wait_for_selector("#map canvas")
    page.click("button[data-view=stations]")
    page.fill("#tab-register input[type=search]", code)
    card = page.locator(f'[data-station="{code}"]')
    card.locator("button:has-text('改位置')").click()
    marker = page.locator(".maplibregl-marker")
    expect(marker).to_be_visible()
    save = card.locator("button:has-text('保存到')")
    for _ in range(4):  # on a busy machine the map still moves when the mouse comes down, and takes the drag itself
        box = at_rest(page, marker)
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 40, y + 10, steps=4)
        page.mouse.up()
        with contextlib.suppress(AssertionError):
            expect(save).to_be_visible(timeout=5_000)
            break
    screen(page, "planner-move-1440")
    save.click()
    expect(card).to_contain_text("位置已更新")

    def position() -> list[float]:
        return next(f for f in stations(service) if f["properties"]["station_code"] == code)["geometry"]["coordinates"]

    assert position()[0] > before[0]
    page.click("button[data-view=history]")
    top = page.locator("#tab-register article").first
    expect(top).to_contain_text("在地图上校正位置")
    screen(page, "planner-history-1440")
    top.locator("button:has-text('撤销')").click()
    expect(page.locator("#tab-register article").first).to_contain_text("撤销了第")
    assert position() == pytest.approx(before, abs=1e-6)


def test_a_register_is_written_after_its_dry_run(service: str, open_page: Open, screen: Screen, tmp_path: Path) -> None:
    near = [f for f in stations(service) if f["properties"]["status"] == "operating"][:12]
    lines = ["站点名称,详细地址,经度,纬度,开放时间"]
    for i, feature in enumerate(near):
        lon, lat = feature["geometry"]["coordinates"]
        lines.append(f"写入试验站{i},试验路{900 + i}号,{lon + 0.002},{lat + 0.0013},8:00-18:00")
    file = tmp_path / "register.csv"
    file.write_text("\n".join(lines), encoding="gb18030")
    page = enter(open_page, "/planner#register")
    page.set_input_files("#import-file", file)
    # Off the doors of known streets nothing tells the systems apart: the wizard asks instead of guessing.
    expect(page.locator("#tab-register .notice")).to_contain_text("坐标系无法判定", timeout=60_000)
    page.locator("#tab-register select").first.select_option("wgs84")
    page.locator("#tab-register .button.main:has-text('下一步')").click()
    reason = page.locator("#import-reason")
    expect(reason).to_be_visible(timeout=60_000)
    reason.fill("试验")
    screen(page, "planner-import-problems-1440")
    page.locator("#tab-register .button.main:has-text('写入')").click()
    expect(page.locator("#tab-register")).to_contain_text("已写入台账", timeout=60_000)
    screen(page, "planner-import-done-1440")
    names = {f["properties"]["name"] for f in stations(service)}
    assert any(name.startswith("写入试验站") for name in names)
    page.click("button[data-view=history]")
    page.locator("#tab-register article").first.locator("button:has-text('撤销')").click()
    expect(page.locator("#tab-register article").first).to_contain_text("撤销了第")

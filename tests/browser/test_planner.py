"""The planner's desk, driven as a planner would: sign in, read, plan, veto, save, compare, export, review."""

from __future__ import annotations

import io
import json
import urllib.request
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Screen = Callable[[Page, str], None]


def enter(open_page: Open, path: str = "/planner", **options: object) -> Page:
    page = open_page(path, **{"width": 1440, "height": 900, **options})
    page.fill("#login-name", "planner")
    page.fill("#login-password", "a long password")
    page.click("#door button[type=submit]")
    expect(page.locator("#desk")).to_be_visible()
    return page


def test_the_door_is_closed_and_says_why(open_page: Open, screen: Screen) -> None:
    page = open_page("/planner", width=1440, height=900)
    page.fill("#login-name", "planner")
    page.fill("#login-password", "not the password")
    page.click("#door button[type=submit]")
    expect(page.locator("#door .notice")).to_be_visible()
    expect(page.locator("#desk")).to_be_hidden()
    screen(page, "planner-door")


def test_coverage_figures_are_the_services_and_say_of_what(
    service: str, open_page: Open, screen: Screen, tmp_path: Path
) -> None:
    page = enter(open_page)
    page.wait_for_selector(".big-value")
    with urllib.request.urlopen(f"{service}/v1/coverage?slice=12-15&limit_s=900&profile=walk", timeout=60) as answer:
        truth = json.load(answer)
    city = next(area for area in truth["areas"] if area["level"] == "city")
    for test in ("network", "circle", "cross"):
        expect(page.locator(f'.big[data-test="{test}"] .big-value')).to_have_text(
            f"{city['tests'][test]['at']['share'] * 100:.1f}%"
        )
    rows = page.locator(".areas tbody tr")
    expect(rows).to_have_count(
        len([area for area in truth["areas"] if area["level"] == "district" and area["demand"] > 0])
    )
    page.click('.big[data-test="network"]')
    expect(page.locator("dialog .citation")).to_contain_text("演示数据")
    page.keyboard.press("Escape")
    page.click('[data-slice="22-06"]')
    expect(page.locator(".verdict")).to_contain_text("22–06")
    page.wait_for_timeout(1500)
    screen(page, "planner-coverage-1440")
    with page.expect_download() as download:
        page.click("[data-report]")
    download.value.save_as(tmp_path / "coverage.docx")
    words = "\n".join(line.text for line in docx.Document(str(tmp_path / "coverage.docx")).paragraphs)
    assert "02:00 开放的站点" in words  # the middle of the slice that is shown
    assert pointed_from_the_map(page)
    page.click("[data-level=town]")
    towns = [one for one in truth["areas"] if one["level"] == "town" and one["demand"] > 0]
    expect(page.locator(".areas tbody tr")).to_have_count(len(towns))


def pointed_from_the_map(page: Page) -> bool:
    """Move over the map until a row of the table answers; the map may still be loading."""
    box = page.locator("#map").bounding_box()
    assert box is not None
    for _ in range(4):
        for across in (25, 35, 45, 55, 65, 75):
            for down in (30, 40, 50, 60, 70):
                page.mouse.move(box["x"] + box["width"] * across / 100, box["y"] + box["height"] * down / 100)
                page.wait_for_timeout(60)
                if page.locator("tr.pointed").count():
                    return True
        page.wait_for_timeout(2000)
    return False


def test_plan_veto_save_compare_and_export(open_page: Open, screen: Screen, tmp_path: Path) -> None:
    page = enter(open_page, "/planner#plan")
    page.fill("input[name=newSites]", "5")
    page.click(".plan-form .main")
    expect(page.locator(".certificate")).to_contain_text("最优", timeout=120_000)
    expect(page.locator(".projects tbody tr")).to_have_count(5)
    first = page.locator(".projects tbody tr").first.get_attribute("data-site")
    screen(page, "planner-plan-1440")

    page.wait_for_selector("#map canvas")
    page.click("button:has-text('前后对比')")
    page.wait_for_selector("#map-after canvas")
    below, above = page.locator("#map").bounding_box(), page.locator("#map-after").bounding_box()
    assert below == above, "both maps lie on each other"
    page.wait_for_timeout(2500)
    screen(page, "planner-swipe-1440")
    page.click("button:has-text('前后对比')")

    page.click("button:has-text('存为情景')")
    page.fill("#scenario-name", "原方案")
    page.click("dialog button[type=submit]")
    expect(page.locator("dialog")).to_have_count(0)

    page.locator(".projects tbody tr button").first.click()
    expect(page.locator(".near-best")).to_contain_text("0.5 %", timeout=30_000)
    page.click(".site-card button:has-text('否决')")
    expect(page.locator(".changes")).to_be_visible(timeout=60_000)
    sites = page.locator(".projects tbody tr").evaluate_all("rows => rows.map((row) => row.dataset.site)")
    assert first not in sites
    assert len(sites) == 5
    page.click("button:has-text('存为情景')")
    page.fill("#scenario-name", "否决之后")
    page.click("dialog button[type=submit]")
    expect(page.locator("dialog")).to_have_count(0)

    page.click("button:has-text('导出')")
    with page.expect_download() as download:
        page.click("dialog [data-format=xlsx]")
    target = tmp_path / "plan.xlsx"
    download.value.save_as(target)
    book = openpyxl.load_workbook(io.BytesIO(target.read_bytes()))
    assert book.sheetnames == ["说明", "项目清单", "分区汇总", "证明"]
    table = list(book["项目清单"].values)[2:]  # the banner and what the figures are of come first
    assert table[0][:3] == ("序号", "候选点编号", "名称")
    assert [row[1] for row in table[1:]] == sites
    assert "演示数据" in str(list(book["说明"].values))

    page.click("button:has-text('导出')")
    with page.expect_download() as download:
        page.click("dialog [data-format=docx]")
    download.value.save_as(tmp_path / "plan.docx")
    listed = docx.Document(str(tmp_path / "plan.docx")).tables[1]
    assert len(listed.rows) == 1 + len(sites)

    page.click("#tabbutton-scenarios")
    expect(page.locator("article[data-scenario]")).to_have_count(2)
    for box in page.locator("input[name=scenario]").all():
        box.check()
    page.click(".dialog-foot .button")
    expect(page.locator(".compare thead th")).to_have_count(2)
    screen(page, "planner-compare-1440")
    page.keyboard.press("Escape")

    page.locator("article[data-scenario] button:has-text('分享')").first.click()
    link = page.locator("dialog input[type=url]").input_value()
    shared = open_page("/" + link.split("/", 3)[3], width=1440, height=900)  # nobody is signed in here
    expect(shared.locator(".projects tbody tr")).to_have_count(5)
    expect(shared.locator("button:has-text('存为情景')")).to_have_count(0)
    shared.click("button:has-text('导出')")
    with shared.expect_download() as download:
        shared.click("dialog [data-format=docx]")
    download.value.save_as(tmp_path / "shared.docx")
    assert len(docx.Document(str(tmp_path / "shared.docx")).tables[1].rows) == 1 + len(sites)


def test_a_register_is_tried_before_it_is_written(
    open_page: Open, screen: Screen, tmp_path: Path, service: str
) -> None:
    with urllib.request.urlopen(f"{service}/v1/stations?limit=30", timeout=60) as answer:
        known = [feature for feature in json.load(answer)["features"] if feature["properties"]["status"] == "operating"]
    lines = ["站点名称,详细地址,经度,纬度,开放时间"]
    for i, feature in enumerate(known):
        lon, lat = feature["geometry"]["coordinates"]
        lines.append(f"新驿站{i},{feature['properties']['address']},{lon + 0.0004},{lat},8:00-18:00")
    file = tmp_path / "register.csv"
    file.write_text("\n".join(lines), encoding="gb18030")
    page = enter(open_page, "/planner#register")
    page.set_input_files("#import-file", file)
    page.click("button:has-text('下一步'), .notice.warn", timeout=90_000)
    screen(page, "planner-import-1440")
    assert page.locator(".steps [aria-current=step]").count() == 1


def test_reports_of_the_public_wait_for_review(service: str, open_page: Open, screen: Screen) -> None:
    form = b"kind=suggestion&text=%E9%A5%AE%E6%B0%B4%E6%9C%BA%E5%9D%8F%E4%BA%86"
    request = urllib.request.Request(
        f"{service}/v1/reports", form, {"Content-Type": "application/x-www-form-urlencoded"}
    )
    urllib.request.urlopen(request, timeout=60).close()
    page = enter(open_page, "/planner#register")
    page.click("button[data-view=review]")
    card = page.locator("article[data-report]", has_text="饮水机坏了").first
    expect(card).to_be_visible()
    screen(page, "planner-review-1440")
    card.locator("button:has-text('属实')").first.click()
    expect(page.locator("article[data-report]", has_text="饮水机坏了")).to_have_count(0)


def test_a_figure_that_fails_says_so_and_can_be_tried_again(open_page: Open, screen: Screen) -> None:
    page = enter(
        open_page,
        before=lambda page: page.route("**/v1/coverage?*", lambda route: route.fulfill(status=503, body="{}")),
    )
    expect(page.locator("#tab-coverage .notice")).to_contain_text("连不上")
    screen(page, "planner-failed-1440")
    page.unroute("**/v1/coverage?*")
    page.click("#tab-coverage .notice .button")
    expect(page.locator(".big-value").first).to_be_visible()


@pytest.mark.parametrize(
    ("width", "height", "scheme"), [(1440, 900, "dark"), (1024, 768, "light"), (768, 1024, "light"), (360, 740, "dark")]
)
def test_every_size(open_page: Open, screen: Screen, width: int, height: int, scheme: str) -> None:
    page = enter(open_page, width=width, height=height, color_scheme=scheme)
    page.wait_for_selector(".big-value")
    page.wait_for_timeout(1500)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    screen(page, f"planner-{width}x{height}-{scheme}")


@pytest.mark.parametrize(("language", "scheme"), [("zh", "light"), ("en", "dark")])
def test_axe_finds_nothing(open_page: Open, language: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    choice = f"localStorage.setItem('geoplan.prefs', JSON.stringify({{language: '{language}'}}))"
    page = enter(open_page, color_scheme=scheme, before=lambda page: page.add_init_script(choice))
    page.wait_for_selector(".areas tbody tr")
    views = [f"button[data-view={name}]" for name in ("review", "stations", "history", "inspection")]
    plans = ("#tabbutton-plan", "[data-kind=hours]", "[data-kind=robust]")
    for shown in ("#tabbutton-coverage", *plans, "#tabbutton-scenarios", "#tabbutton-register", *views):
        page.click(shown)
        page.wait_for_timeout(600)
        found = axe.Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        problems = {item["id"]: [node["html"][:200] for node in item["nodes"]] for item in found.response["violations"]}
        assert problems == {}


def test_districts_have_their_english_names(open_page: Open) -> None:
    choice = "localStorage.setItem('geoplan.prefs', JSON.stringify({language: 'en'}))"
    page = enter(open_page, before=lambda page: page.add_init_script(choice))
    table = page.locator(".areas").first
    expect(table).to_contain_text("Xinwu", timeout=60_000)
    expect(table).not_to_contain_text("新吴区")


def test_hours_and_several_demands_are_planned_without_a_manual(
    open_page: Open, screen: Screen, tmp_path: Path
) -> None:
    page = enter(open_page, "/planner#plan")
    page.click("[data-kind=hours]")
    expect(page.locator(".plan-form")).to_contain_text("费用单位：万元")
    assert page.input_value("input[name=hourCost]") == "0.9"  # the demonstration pack's assumption, said as one
    expect(page.locator(".plan-form")).to_contain_text("假设")
    page.fill("input[name=budget]", "10")
    page.select_option("select[name=mayBuild]", "")
    page.click(".plan-form .main")
    rows = page.locator(".hours-plan tbody tr")
    expect(rows.first).to_be_visible(timeout=120_000)
    expect(page.locator(".gain")).to_contain_text("新建 0 个站点")
    costs = [float(text) for text in page.locator(".hours-plan tbody td:last-child").all_text_contents()]
    assert 0 < sum(costs) <= 10.0 + 1e-9
    expect(page.locator(".hours-plan thead")).to_contain_text("费用（万元）")
    screen(page, "planner-hours-1440")
    page.click("button:has-text('导出')")
    with page.expect_download() as download:
        page.click("dialog [data-format=xlsx]")
    download.value.save_as(tmp_path / "hours.xlsx")
    table = list(openpyxl.load_workbook(tmp_path / "hours.xlsx")["站点与时间"].values)[2:]
    assert len(table) == 1 + len(costs)
    keep(page, "站点和时间")

    page.click("[data-kind=robust]")
    page.fill("input[name=newSites]", "3")
    page.click(".plan-form .main")
    expect(page.locator("table.robust tbody tr")).to_have_count(5, timeout=120_000)
    worst = page.locator("table.robust tr.doubt td:last-child").text_content()
    expect(page.locator(".certificate")).to_contain_text(worst or "?")
    expect(page.locator(".projects tbody tr")).to_have_count(3)
    screen(page, "planner-robust-1440")
    page.reload()
    expect(page.locator("table.robust tbody tr")).to_have_count(5, timeout=60_000)  # found again after a reload
    keep(page, "各时段")

    page.click("#tabbutton-scenarios")
    kept = page.locator("article[data-scenario]")
    for name in ("站点和时间", "各时段"):
        kept.filter(has_text=name).first.locator("input[name=scenario]").check()
    page.click(".dialog-foot .button")
    expect(page.locator(".comparable")).to_contain_text("不能直接比较：计算对象")
    cells = page.locator(".compare tbody td").all_text_contents()
    assert not [cell for cell in cells if "NaN" in cell or "undefined" in cell]
    blank = (
        page.locator(".compare tbody td:not(:has(svg))")
        .filter(has_text="")
        .evaluate_all("cells => cells.filter((cell) => !cell.textContent.trim()).length")
    )
    assert blank == 0
    assert page.locator(".compare td.best").count() == 0
    screen(page, "planner-compare-kinds-1440")
    page.keyboard.press("Escape")
    for name, shown in (("站点和时间", ".hours-plan tbody tr"), ("各时段", "table.robust tbody tr")):
        kept.filter(has_text=name).first.locator("button:has-text('分享')").click()
        link = page.locator("dialog input[type=url]").input_value()
        page.keyboard.press("Escape")
        shared = open_page("/" + link.split("/", 3)[3], width=1440, height=900)  # nobody is signed in here
        expect(shared.locator(shown).first).to_be_visible()
        expect(shared.locator("button:has-text('存为情景')")).to_have_count(0)
        shared.click("button:has-text('导出')")
        with shared.expect_download() as download:
            shared.click("dialog [data-format=docx]")
        download.value.save_as(tmp_path / "shared.docx")
        assert len(docx.Document(str(tmp_path / "shared.docx")).tables) >= 3
    kept.filter(has_text="站点和时间").first.locator("button:has-text('打开')").click()
    expect(page.locator(".hours-plan tbody tr")).to_have_count(len(costs))


def keep(page: Page, name: str) -> None:
    """Save the plan that is shown."""
    page.click("button:has-text('存为情景')")
    page.fill("#scenario-name", name)
    page.click("dialog button[type=submit]")
    expect(page.locator("dialog")).to_have_count(0)


def test_what_cannot_be_met_is_said_in_the_readers_language(open_page: Open, screen: Screen) -> None:
    """Far too many stations for the candidates: the requirement is named, in Chinese, and in English after a switch."""
    page = enter(open_page, "/planner#plan")
    page.fill("input[name=newSites]", "4999")
    page.click(".plan-form .main")
    expect(page.locator(".plan-result .bullets")).to_contain_text("恰好新增 4999 处", timeout=120_000)
    screen(page, "planner-infeasible-1440")
    page.click("#account")
    page.click("dialog button:has-text('English')")
    expect(page.locator(".plan-result .bullets")).to_contain_text("exactly 4999 new sites")


def test_years_are_unequal_and_planned_together(open_page: Open, screen: Screen) -> None:
    page = enter(open_page, "/planner#plan")
    page.select_option("select[name=years]", "own")
    page.fill("input[name=yearly]", "3, two")
    page.click(".plan-form .main")
    assert page.evaluate("document.querySelector('input[name=yearly]').validity.patternMismatch")
    page.fill("input[name=yearly]", "3，1 2")
    page.select_option("select[name=joint]", "1")
    page.click(".plan-form .main")
    expect(page.locator(".years tbody tr")).to_have_count(3, timeout=120_000)
    totals = [row.split()[0] for row in page.locator(".years tbody td:nth-child(2)").all_text_contents()]
    assert totals == ["3", "4", "6"]
    expect(page.locator(".certificate")).to_contain_text("3 年合计")
    screen(page, "planner-years-1440")


def test_a_station_shows_its_whole_record(open_page: Open, screen: Screen) -> None:
    page = enter(open_page, "/planner#register")
    page.click("button[data-view=stations]")
    page.locator("[data-record]").first.click()
    facts = page.locator("dialog .facts")
    for words in ("站点编号", "站点种类", "户外劳动者服务站点", "进入方式", "设施", "状态"):
        expect(facts).to_contain_text(words)
    screen(page, "planner-record-1440")


def test_an_inspection_round_is_taken_along(open_page: Open, screen: Screen, tmp_path: Path) -> None:
    page = enter(open_page, "/planner#register")
    page.click("button[data-view=inspection]")
    page.click("button:has-text('排巡查路线')")
    stops = page.locator("dialog [data-stop]")
    expect(stops.first).to_be_visible(timeout=60_000)
    expect(stops).to_have_count(10)
    expect(page.locator("dialog")).to_contain_text("不保证最短")
    screen(page, "planner-round-1440")
    with page.expect_download() as download:
        page.click("dialog button:has-text('Excel')")
    download.value.save_as(tmp_path / "round.xlsx")
    table = list(openpyxl.load_workbook(tmp_path / "round.xlsx")["巡查路线"].values)[2:]
    assert table[0][:3] == ("序号", "站点编号", "站点名称")
    codes = stops.evaluate_all("rows => rows.map((row) => row.dataset.stop)")
    assert [row[1] for row in table[1:]] == codes
    page.locator("select[name=round-area]").select_option(index=1)
    expect(page.locator("dialog .round p").first).to_be_visible()

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
from playwright.sync_api import Page, Route, expect

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
    rows = page.locator("#tab-coverage .areas tbody tr")
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
    assert "22–06 时" in words  # the slice that is shown
    assert pointed_from_the_map(page)
    page.click("[data-level=town]")
    towns = [one for one in truth["areas"] if one["level"] == "town" and one["demand"] > 0]
    expect(page.locator("#tab-coverage .areas tbody tr")).to_have_count(len(towns))


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
    page.fill("input[name=new_sites]", "5")
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
    page.wait_for_selector("#tab-coverage .areas tbody tr")
    views = [f"button[data-view={name}]" for name in ("review", "stations", "history", "inspection")]
    plans = ("#tabbutton-plan", "[data-part=more] summary", "[data-part=districts] summary")
    for shown in ("#tabbutton-coverage", *plans, "#tabbutton-scenarios", "#tabbutton-register", *views):
        page.click(shown)
        page.wait_for_timeout(600)
        found = axe.Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        problems = {item["id"]: [node["html"][:200] for node in item["nodes"]] for item in found.response["violations"]}
        assert problems == {}


def test_districts_have_their_english_names(open_page: Open) -> None:
    choice = "localStorage.setItem('geoplan.prefs', JSON.stringify({language: 'en'}))"
    page = enter(open_page, before=lambda page: page.add_init_script(choice))
    table = page.locator("#tab-coverage .areas").first
    expect(table).to_contain_text("Xinwu", timeout=60_000)
    expect(table).not_to_contain_text("新吴区")


def test_hours_and_several_demands_are_planned_without_a_manual(
    open_page: Open, screen: Screen, tmp_path: Path
) -> None:
    page = enter(open_page, "/planner#plan")
    page.select_option("select[name=model]", "hours")
    expect(page.locator(".plan-form .sentence")).to_contain_text("万元")
    assert page.get_attribute("input[name=hour_cost]", "placeholder") == "0.9"  # the demonstration pack's assumption
    page.fill("input[name=budget]", "10")
    unfold(page)
    page.uncheck("input[name=new_sites]")
    page.click(".plan-form .main")
    rows = page.locator(".hours-plan tbody tr")
    expect(rows.first).to_be_visible(timeout=120_000)
    expect(page.locator(".gain")).to_contain_text("新建 0 个站点")
    expect(page.locator(".plan-result")).to_contain_text("假设")
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

    page.select_option("select[name=model]", "mclp")
    unfold(page)
    for part in ("06-12", "12-15", "15-18", "18-22", "22-06"):
        page.check(f"input[name=robust][value='{part}']")
    page.fill("input[name=new_sites]", "3")
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
    page.fill("input[name=new_sites]", "4999")
    page.click(".plan-form .main")
    expect(page.locator(".plan-result .bullets")).to_contain_text("恰好新增 4999 处", timeout=120_000)
    screen(page, "planner-infeasible-1440")
    page.click("#account")
    page.click("dialog button:has-text('English')")
    expect(page.locator(".plan-result .bullets")).to_contain_text("exactly 4999 new sites")


def test_years_are_unequal_and_planned_together(open_page: Open, screen: Screen) -> None:
    page = enter(open_page, "/planner#plan")
    unfold(page)
    page.fill("input[name=years]", "3, two")
    page.click(".plan-form .main")
    assert page.evaluate("document.querySelector('input[name=years]').validity.customError")
    page.fill("input[name=years]", "3，1 2")
    page.check("input[name=joint]")
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


MEASURED = {"profile", "limit_s", "at", "slice", "day", "time_rule", "trade", "facilities", "area"}


def told(service: str, path: str) -> dict[str, object]:
    with urllib.request.urlopen(f"{service}{path}", timeout=60) as answer:
        return json.load(answer)


def run_plan(page: Page) -> None:
    """Start the plan that the form asks for, and wait until the list says that it is done and the page shows it."""
    with page.expect_response(
        lambda answer: answer.url.endswith("/v1/jobs") and answer.request.method == "POST"
    ) as new:
        page.click(".plan-form .main")
    assert new.value.status == 202, new.value.text()
    entry = page.locator(f".plan-list li[data-job='{new.value.json()['id']}']")
    expect(entry).to_have_attribute("data-status", "done", timeout=240_000)
    expect(page.locator(".running")).to_have_count(0, timeout=30_000)


def unfold(page: Page, part: str = "more") -> None:
    if page.locator(f"[data-part={part}][open]").count() == 0:
        page.click(f"[data-part={part}] summary")


def test_the_form_has_a_control_for_every_declared_field_of_each_model(open_page: Open, service: str) -> None:
    """The form is the declaration: what `/v1/questions` adds appears, by its own label."""
    asked = told(service, "/v1/questions")
    page = enter(open_page, "/planner#plan")
    assert page.locator("select[name=model] option").evaluate_all("list => list.map((one) => one.value)") == list(
        asked["models"]
    )
    for model, about in asked["models"].items():
        page.select_option("select[name=model]", model)
        fields = [
            field
            for field in asked["questions"][about["kind"]]
            if field["name"] not in MEASURED | {"model"} and (not field["models"] or model in field["models"])
        ]
        names = page.locator(".plan-form [name]").evaluate_all("list => list.map((one) => one.name.split(':')[0])")
        assert set(names) == {field["name"] for field in fields} | {"model"}, model
        words = page.locator(".plan-form").text_content()
        assert [field["zh"] for field in fields if field["zh"] not in words] == [], model


def test_one_yardstick_from_the_slider_to_the_plan(
    open_page: Open, screen: Screen, service: str, tmp_path: Path
) -> None:
    page = enter(open_page)
    page.wait_for_selector(".big-value")
    page.click('[data-slice="18-22"]')
    page.fill("input[name=day]", "2026-11-21")
    page.select_option("select[name=trade]", "courier")
    page.select_option("select[name=bundle]", "toilet")
    page.select_option("select[name=area]", index=1)
    area = page.locator("select[name=area]").input_value()
    name = page.locator("select[name=area] option:checked").text_content()
    said = ("2026-11-21 周六 18–22 时", "快递员", "厕所", name, "步行 15 分钟")
    for words in said:
        expect(page.locator(".verdict")).to_contain_text(words, timeout=30_000)
    query = f"slice=18-22&day=2026-11-21&trade=courier&facilities=toilet&area={area}"
    truth = told(service, f"/v1/coverage?{query}")
    share = truth["areas"][0]["tests"]["network"]["at"]["share"]
    expect(page.locator('.big[data-test="network"] .big-value')).to_have_text(f"{share * 100:.1f}%")
    page.click('.big[data-test="network"]')
    for words in said:
        expect(page.locator("dialog .citation")).to_contain_text(words)
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        page.click("[data-report]")
    download.value.save_as(tmp_path / "coverage.docx")
    paper = docx.Document(str(tmp_path / "coverage.docx"))
    text = "\n".join(
        [line.text for line in paper.paragraphs]
        + [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    )
    for words in ("2026-11-21 周六 18–22 时", "快递员", "厕所", f"{share * 100:.1f}%"):
        assert words in text

    page.click("#tabbutton-plan")
    for words in said:
        expect(page.locator(".yard-line")).to_contain_text(words)
    page.fill("input[name=new_sites]", "2")
    run_plan(page)
    for words in said:
        expect(page.locator(".subject-line")).to_contain_text(words)
    expect(page.locator(".gain b").first).to_have_text(f"{share * 100:.1f}%")  # the plan begins at what coverage says
    entry = page.locator(".plan-list li").first
    for words in ("新增站点数 2", "18–22 时", "快递员", "厕所", name):
        expect(entry).to_contain_text(words)
    job = entry.get_attribute("data-job")
    plan = page.evaluate(f"fetch('/v1/jobs/{job}/result').then((answer) => answer.json())")
    assert plan["subject"]["demand_total"] == pytest.approx(truth["subject"]["demand_total"])
    expect(page.locator(".gain b").last).to_have_text(f"{plan['after']['share'] * 100:.1f}%")
    screen(page, "planner-yardstick-1440")
    page.click("button:has-text('导出')")
    with page.expect_download() as download:
        page.click("dialog [data-format=xlsx]")
    download.value.save_as(tmp_path / "plan.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "plan.xlsx")["项目清单"].values)[2:]
    last = rows[0].index("累计覆盖率")
    assert rows[-1][last] == pytest.approx(plan["after"]["share"])

    page.click('[data-slice="any"]')
    expect(page.locator(".yard-line")).to_contain_text("不论开门时间")
    expect(page.locator(".yard-line")).not_to_contain_text("周六")
    entry.locator("[data-edit]").click()  # its question again, with its yardstick
    expect(page.locator(".yard-line")).to_contain_text("2026-11-21 周六 18–22 时")
    assert page.input_value("input[name=new_sites]") == "2"


def test_every_model_gives_a_plan_or_names_its_field(open_page: Open, screen: Screen, service: str) -> None:
    """By default; what only the planner can know is asked for at its control, which is then in focus."""
    must = {"pscp": ("share", "90"), "cflp": ("minute_cost", "0.01"), "hours": ("budget", "10")}
    needs = {
        **must,
        "cmclp": ("capacity_workers", "400"),
        "cpmedian": ("capacity_workers", "400"),
        "bacop1": ("new_sites", "40"),  # it must serve everybody: the default number is too few
    }
    page = enter(open_page, "/planner#plan")
    for model in told(service, "/v1/questions")["models"]:
        page.select_option("select[name=model]", model)
        if model in must:
            page.click(".plan-form .main")
            expect(page.locator(f"[name={must[model][0]}][aria-invalid=true]")).to_be_focused()
            expect(page.locator(".form-trouble")).to_contain_text("请")
        if model in needs:
            name, value = needs[model]
            unfold(page)
            page.fill(f"[name={name}]", value)
        if model == "cflp":
            page.fill("[name=capacity_workers]", "400")
        unfold(page)
        page.fill("[name=time_limit_s]", "5")
        run_plan(page)
        expect(page.locator(".certificate p").first).not_to_be_empty()
        expect(page.locator(".plan-result .projects")).to_be_visible()
    screen(page, "planner-models-1440")


def test_floors_and_quotas_by_district_stand_beside_todays_share(open_page: Open, screen: Screen, service: str) -> None:
    page = enter(open_page, "/planner#plan")
    day = page.locator(".yard-line")
    expect(day).to_contain_text("12–15 时")
    unfold(page, "districts")
    truth = [one for one in told(service, "/v1/coverage?slice=12-15")["areas"] if one["level"] == "district"]
    for one in truth:
        row = page.locator(f".by-district tr[data-district='{one['area_code']}']")
        expect(row).to_contain_text(f"{one['tests']['network']['at']['share'] * 100:.1f}%")
    least = min(truth, key=lambda one: one["tests"]["network"]["at"]["share"])
    code, floor = least["area_code"], round(least["tests"]["network"]["at"]["share"] * 100) + 2
    page.fill(f"input[name='floors:{code}']", str(floor))
    page.fill(f"input[name='quotas:{code}:1']", "4")
    page.fill("input[name=new_sites]", "5")
    run_plan(page)
    row = page.locator(f".district-result tr[data-district='{code}']")
    expect(row).to_contain_text(f"{floor:.1f}%")
    expect(row).to_contain_text("0–4")
    expect(page.locator(".floor-price")).to_contain_text("最低覆盖率的代价")
    expect(page.locator(".plan-list li").first).to_contain_text(f"{floor}%")
    screen(page, "planner-floors-1440")
    page.fill(f"input[name='floors:{code}']", "170")
    page.click(".plan-form .main")
    assert page.evaluate(f"document.querySelector(\"[name='floors:{code}']\").validity.rangeOverflow")


def test_the_frontier_and_who_is_left_out_are_said(open_page: Open, screen: Screen) -> None:
    def answered(route: Route) -> None:
        answer = route.fetch()
        plan = answer.json()
        plan["facts"] |= {"left_out": 48.0, "left_out_by_district": {"320205": 48.0}}
        points = [{"cost": 1.5, "covered": 100.0, "new": 1}, {"cost": 3.0, "covered": 150.0, "new": 2}]
        plan["facts"]["pareto"] = {"complete": True, "points": points}
        route.fulfill(response=answer, json=plan)

    page = enter(open_page, "/planner#plan", before=lambda page: page.route("**/v1/jobs/*/result", answered))
    page.fill("input[name=new_sites]", "2")
    run_plan(page)
    expect(page.locator(".left-out")).to_contain_text("48")
    expect(page.locator(".left-out")).to_contain_text("锡山区")
    expect(page.locator(".front tbody tr")).to_have_count(2)
    expect(page.locator(".front svg circle")).to_have_count(2)
    screen(page, "planner-front-1440")


def test_plans_stay_in_a_list_after_a_reload(open_page: Open) -> None:
    page = enter(open_page, "/planner#plan")
    page.fill("input[name=new_sites]", "1")
    run_plan(page)
    mine = page.locator(".plan-list li").first.get_attribute("data-job")
    page.reload()
    entry = page.locator(f".plan-list li[data-job='{mine}']")
    expect(entry).to_contain_text("新增站点数 1")
    expect(page.locator(".projects tbody tr")).to_have_count(1, timeout=60_000)  # the latest is open again
    page.click("#account")
    page.click("dialog button:has-text('English')")
    expect(entry).to_contain_text("New stations 1")
    expect(page.locator(".certificate")).to_contain_text("Proven optimal")
    expect(page.locator(".yard-line")).to_contain_text("for all outdoor workers, walking 15 min to an open station")


def test_on_a_phone_figures_come_first(open_page: Open, screen: Screen) -> None:
    page = enter(open_page, width=390, height=800)
    page.wait_for_selector(".big-value")
    figures, chart = page.locator(".big-figures").bounding_box(), page.locator("#map").bounding_box()
    assert figures is not None
    assert chart is not None
    assert figures["y"] + figures["height"] < 800
    assert figures["y"] < chart["y"]
    expect(page.locator("#slider")).to_be_in_viewport()
    screen(page, "planner-390")
    page.click("#tabbutton-plan")
    expect(page.locator(".plan-form")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    screen(page, "planner-390-plan")

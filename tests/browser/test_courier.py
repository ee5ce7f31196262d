"""The courier's phone where it used to be wrong: offline, on arrival, in search, on the way back, far from the city."""

from __future__ import annotations

import json
import re
import urllib.parse
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from geoplan_maps.embed import embed_snippet
from playwright.sync_api import Browser, Page, Route, expect

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Screen = Callable[[Page, str], None]
NOON = "2026-11-23T12:00:00+08:00"
DRAWN = "performance.getEntriesByName('map-drawn').length > 0"


def get(url: str) -> dict:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return json.load(answer)


def stations(service: str, more: str = "") -> list[dict]:
    return get(f"{service}/v1/stations?limit=2000{more}")["features"]


@pytest.fixture(scope="module")
def downtown(service: str) -> tuple[float, float]:
    """A place with many stations around it."""
    points = np.array([f["geometry"]["coordinates"] for f in stations(service)])
    near = (np.abs(points[:, None, :] - points[None, :, :]).max(2) < 0.03).sum(1)
    lon, lat = points[near.argmax()]
    return round(float(lon), 4), round(float(lat), 4)


def at(place: tuple[float, float], more: str = "") -> str:
    return f"/#o={place[0]},{place[1]},{urllib.parse.quote('起点')}{more}"


def drawn(page: Page) -> None:
    """Wait for the map; the page's policy refuses the evaluation of text that `wait_for_function` needs."""
    for _ in range(180):
        if page.evaluate(DRAWN):
            return
        page.wait_for_timeout(500)
    pytest.fail("the map was not drawn in 90 s")


def clock(moment: str) -> Callable[[Page], None]:
    return lambda page: page.clock.set_fixed_time(moment)


def prefs(**chosen: object) -> Callable[[Page], None]:
    return lambda page: page.add_init_script(f"localStorage.setItem('geoplan.prefs', '{json.dumps(chosen)}')")


def test_one_visit_is_enough_and_thirty_hours_later_nothing_is_wrong(
    browser: Browser, service: str, downtown: tuple[float, float], screen: Screen
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(service + at(downtown))
    drawn(page)
    kept = """async () => (await Promise.all((await caches.keys()).map(async (name) =>
        (await (await caches.open(name)).keys()).map((one) => new URL(one.url).pathname)))).flat()"""
    for _ in range(60):
        paths = page.evaluate(kept)
        if any("/tiles/base/" in path for path in paths) and "/v1/stations" in paths:
            break
        page.wait_for_timeout(500)
    page.wait_for_timeout(1500)
    paths = page.evaluate(kept)
    for part in ("/v1/stations", "/v1/meta", "/v1/style.json", "/v1/tiles/base/"):
        assert any(path.startswith(part) for path in paths), part
    now = datetime.fromisoformat(page.evaluate("new Date().toISOString()"))
    night = (now + timedelta(hours=30 + 24)).astimezone(datetime.fromisoformat(NOON).tzinfo)
    night = night.replace(hour=4, minute=35, second=0, microsecond=0)
    assert night - now > timedelta(hours=30)
    context.set_offline(True)
    page.reload()
    drawn(page)  # the map too, from the store
    page.clock.set_fixed_time(night)
    page.reload()
    expect(page.locator(".strip.offline")).to_contain_text(re.compile(r"离线：显示 \d+ (小时|天)前"))
    for _ in range(80):
        more = page.locator("#list-body > .button.wide")
        if not more.is_visible():
            break
        more.click()
        page.wait_for_timeout(60)
    shown = page.evaluate(
        "() => [...document.querySelectorAll('.row-item')].map((row) => "
        "[row.dataset.code, row.querySelector('.state').className.split(' ')[1]])"
    )
    truth = {f["properties"]["station_code"] for f in stations(service, f"&open={night:%Y-%m-%dT%H:%M}")}
    everyone = {f["properties"]["station_code"] for f in stations(service)}
    assert {code for code, _ in shown} == everyone
    assert {code for code, state in shown if state in ("open", "closing")} == truth
    page.evaluate("scrollTo(0, 0)")
    screen(page, "courier-offline-30h-360")
    page.locator(".row-button").first.click()
    expect(page.locator(".detail .week .today")).to_be_visible()
    context.close()


def test_enter_takes_what_stands_in_the_box(service: str, open_page: Open, downtown: tuple[float, float]) -> None:
    names = [town["name"] for town in get(f"{service}/v1/meta")["towns"]]
    first, second = names[0], next(name for name in names if not set(name[:2]) & set(names[0]))

    def slow(route: Route) -> None:
        page.wait_for_timeout(700) if urllib.parse.quote(second) in route.request.url else None
        route.continue_()

    page = open_page(at(downtown))
    page.wait_for_selector(".row-button")
    page.route("**/v1/search*", slow)
    page.fill("#search", first)
    page.locator(".hit", has_text=first).first.wait_for()
    page.fill("#search", second)
    page.press("#search", "Enter")  # the hits on the screen are still those of the first
    expect(page.locator(".answer-head")).to_contain_text(second)
    assert page.input_value("#search") == second
    assert urllib.parse.quote(second) in page.evaluate("location.hash")


def test_a_category_is_found_by_its_word_and_sets_the_filter(open_page: Open, downtown: tuple[float, float]) -> None:
    page = open_page(at(downtown))
    page.wait_for_selector(".row-button")
    page.fill("#search", "cesuo")
    page.locator(".hit", has_text="厕所").first.wait_for()
    page.press("#search", "Enter")
    expect(page.locator('[data-chip="toilet"]')).to_have_attribute("aria-pressed", "true")
    assert page.input_value("#search") == ""


def test_the_cross_takes_the_origin_back(open_page: Open, downtown: tuple[float, float]) -> None:
    page = open_page(at(downtown))
    page.wait_for_selector(".row-button")
    expect(page.locator("#search")).to_have_value("起点")
    drawn(page)
    page.click(".clear-origin")
    expect(page.locator(".answer-head")).to_contain_text("地图中心")
    expect(page.locator("#search")).to_have_value("")
    assert "o=" not in page.evaluate("location.hash")


def test_this_area_is_searched_after_the_map_was_moved(
    open_page: Open, downtown: tuple[float, float], screen: Screen
) -> None:
    page = open_page(at(downtown), width=1200, height=800)
    drawn(page)
    expect(page.locator("#here")).to_be_hidden()
    box = page.locator("#map").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for _ in range(2):
        page.mouse.move(x + 350, y)
        page.mouse.down()
        page.mouse.move(x - 350, y, steps=6)
        page.wait_for_timeout(200)
        page.mouse.up()
        page.wait_for_timeout(600)
    expect(page.locator("#here")).to_be_visible()
    screen(page, "courier-this-area-desktop")
    page.click("#here")
    expect(page.locator("#here")).to_be_hidden()
    expect(page.locator(".answer-head, .answer-box .notice").first).to_contain_text("地图中心")


def test_back_closes_one_thing_at_a_time_before_it_leaves(open_page: Open, downtown: tuple[float, float]) -> None:
    page = open_page(at(downtown))
    page.wait_for_selector(".row-button")
    row = page.locator(".row-button").nth(1)
    code = row.get_attribute("data-open")
    row.click()
    page.click(".detail-actions button:nth-child(2)")
    expect(page.locator("dialog")).to_be_visible()
    page.go_back()
    expect(page.locator("dialog")).to_be_hidden()
    expect(page.locator("#detail")).to_be_visible()
    page.go_back()
    expect(page.locator("#detail")).to_be_hidden()
    page.wait_for_timeout(100)
    assert page.evaluate("document.activeElement.dataset.open") == code, "the focus is back where it was"
    assert "s=" not in page.evaluate("location.hash")
    # the page's own way out leaves nothing behind in the history
    page.locator(".row-button").nth(1).click()
    page.locator(".detail-top button").click()
    expect(page.locator("#detail")).to_be_hidden()
    page.wait_for_timeout(200)
    assert page.evaluate("history.state.depth") == 0
    # the sheet at its full height
    page.locator("#sheet-handle").click()
    assert page.locator("#panel").get_attribute("data-rest") == "full"
    page.go_back()
    page.wait_for_timeout(200)
    assert page.locator("#panel").get_attribute("data-rest") == "half"


def test_escape_closes_one_thing(open_page: Open, downtown: tuple[float, float]) -> None:
    page = open_page(at(downtown), width=1280, height=800)
    page.wait_for_selector(".row-button")
    page.locator(".row-button").first.click()
    page.click(".detail-actions button:nth-child(2)")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    expect(page.locator("#detail")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#detail")).to_be_hidden()


def test_a_row_keeps_the_focus_while_the_list_is_drawn_anew(open_page: Open, downtown: tuple[float, float]) -> None:
    page = open_page(at(downtown), width=1280, height=800)
    page.wait_for_selector(".row-button")
    page.wait_for_timeout(1500)
    page.locator(".row-button").nth(2).focus()
    code = page.evaluate("document.activeElement.dataset.open")
    page.evaluate("dispatchEvent(new Event('offline'))")
    page.wait_for_selector(".strip.offline")
    page.wait_for_timeout(300)
    assert page.evaluate("document.activeElement.dataset.open") == code


def test_the_filter_button_counts_what_it_will_show(open_page: Open, downtown: tuple[float, float]) -> None:
    page = open_page(at(downtown), before=clock(NOON))
    page.wait_for_selector(".row-button")
    page.click("[data-chip=more]")
    page.click("dialog .button.small")  # 凌晨 2 点
    said = page.locator("dialog .dialog-foot .button.main").inner_text()
    page.click("dialog .dialog-foot .button.main")
    expect(page.locator("dialog")).to_be_hidden()
    promised = int(re.search(r"\d+", said)[0])
    count = page.locator("#list-count")
    if promised:
        expect(count).to_have_text(f"符合条件的 {promised} 个站点")
    assert page.locator(".row-item").count() == min(promised, 30)
    truth = stations(page.url.split("/#")[0], "&open=2026-11-24T02:00")
    assert promised == len(truth)


def test_a_bad_position_is_a_circle_and_about(open_page: Open, downtown: tuple[float, float], screen: Screen) -> None:
    lon, lat = downtown
    page = open_page(
        "/",
        width=360,
        height=740,
        permissions=["geolocation"],
        geolocation={"longitude": lon, "latitude": lat, "accuracy": 5000},
    )
    drawn(page)
    page.click("#locate")
    expect(page.locator(".answer-head")).to_contain_text("误差约 5.0 公里")
    expect(page.locator(".answer .walk b")).to_contain_text("约")
    page.wait_for_timeout(1500)
    expect(page.locator(".answer .walk b")).to_contain_text("约")  # also once the service has answered
    screen(page, "courier-accuracy-5km-360")


def test_outside_the_city_is_said(open_page: Open, screen: Screen) -> None:
    page = open_page(
        "/",
        width=360,
        height=740,
        permissions=["geolocation"],
        geolocation={"longitude": 116.4, "latitude": 39.9},
    )
    drawn(page)
    page.click("#locate")
    notice = page.locator('[data-notice="outside"]')
    expect(notice).to_contain_text("之外")
    expect(notice).to_contain_text("公里")
    expect(page.locator("#list-body")).not_to_contain_text("小时 ·")
    expect(page.locator(".answer-head")).to_contain_text("地图中心")
    screen(page, "courier-outside-360")
    linked = open_page("/#o=116.4,39.9," + urllib.parse.quote("北京"))
    expect(linked.locator('[data-notice="outside"]')).to_be_visible()


def test_without_a_map_walking_starts_where_the_stations_are(service: str, open_page: Open, screen: Screen) -> None:
    blind = "HTMLCanvasElement.prototype.getContext = function () { return null; };"
    asked: list[str] = []

    def before(page: Page) -> None:
        page.add_init_script(blind)
        page.on("request", lambda request: asked.append(request.url))

    page = open_page("/", width=360, height=740, before=before)
    expect(page.locator("#app[data-no-map]")).to_be_visible(timeout=40_000)
    expect(page.locator(".answer-head")).to_contain_text("地图中心")
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(next(url for url in asked if "/v1/nearest" in url)).query)
    lon, lat = float(query["lon"][0]), float(query["lat"][0])
    points = np.array([f["geometry"]["coordinates"] for f in stations(service)])
    cells = np.floor(points / 0.03)
    fullest = max({tuple(cell) for cell in cells.tolist()}, key=lambda cell: (cells == cell).all(1).sum())
    mine = points[(cells == fullest).all(1)]
    assert (lon, lat) == pytest.approx(tuple(mine.mean(0)), abs=0.02) or len(mine) == max(
        (cells == cell).all(1).sum() for cell in cells
    )
    screen(page, "courier-no-webgl-360")


def test_each_map_starts_on_foot(open_page: Open, downtown: tuple[float, float]) -> None:
    page = open_page(at(downtown))
    page.wait_for_selector(".row-button")
    links = page.evaluate(
        """async () => {
            const base = document.querySelector('script[type=module]').src.replace(/bundle\\/public\\.js$/, 'js/');
            const { navigationLinks } = await import(base + 'public/navigate.js');
            const of = (agent, from) => Object.fromEntries(
                navigationLinks([120.3, 31.57], '驿站', { agent, from, city: '无锡市' })
                    .map(({ app, url }) => [app, url]));
            return [of('iPhone', null), of('Android', [120.31, 31.58])];
        }"""
    )
    iphone, android = links
    assert set(iphone) == {"amap", "baidu", "tencent", "apple"}
    assert re.match(r"maps://\?daddr=31\.\d+,120\.\d+&dirflg=w", iphone["apple"])
    assert android["system"].startswith("geo:31.57")
    for url, origin in ((iphone["baidu"], "我的位置"), (android["baidu"], "latlng:31.5")):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)
        assert query["mode"] == ["walking"]
        assert query["destination"][0].startswith("latlng:31.5")
        assert query["origin"][0].startswith(origin)


def test_riding_stands_beside_walking_and_elders_walk_slowly(
    service: str, open_page: Open, downtown: tuple[float, float]
) -> None:
    asked: list[str] = []

    def before(page: Page) -> None:
        prefs(elder=True)(page)
        page.on("request", lambda request: asked.append(request.url))

    page = open_page(at(downtown), before=before)
    expect(page.locator(".answer .ride")).to_contain_text("骑电动车约")
    expect(page.locator(".answer .walk b")).not_to_contain_text("约")
    assert any("/v1/nearest" in url and "profile=elderly" in url for url in asked)


@pytest.mark.parametrize(("width", "height"), [(740, 360), (844, 390), (915, 412)])
def test_a_phone_held_sideways_shows_a_map(
    open_page: Open, downtown: tuple[float, float], screen: Screen, width: int, height: int
) -> None:
    page = open_page(at(downtown), width=width, height=height, has_touch=True)
    page.wait_for_selector("#map canvas")
    page.wait_for_timeout(1500)
    panel, box = page.locator("#panel").bounding_box(), page.locator("#map").bounding_box()
    assert panel["x"] + panel["width"] <= box["x"] + 1
    assert box["width"] >= 0.5 * width
    assert box["height"] >= 0.8 * height
    assert panel["height"] >= 0.5 * height
    screen(page, f"courier-landscape-{width}")


def test_readers_of_english_can_say_the_names(open_page: Open, downtown: tuple[float, float], screen: Screen) -> None:
    page = open_page(at(downtown), width=360, height=740, before=prefs(language="en"))
    name = page.locator(".row-name").first
    expect(name).to_be_visible()
    assert not re.search(r"[\u4e00-\u9fff]", name.inner_text())
    page.locator(".row-button").first.click()
    expect(page.locator(".detail-body [lang=zh-CN]")).to_be_visible()
    screen(page, "courier-english-detail-360")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_target_of_the_elder_view_is_large_and_fits(
    open_page: Open, downtown: tuple[float, float], screen: Screen, language: str
) -> None:
    page = open_page(at(downtown), width=360, height=740, before=prefs(elder=True, language=language))
    page.wait_for_selector(".answer-actions .button")

    def small() -> list[str]:
        return page.evaluate(
            """() => [...document.querySelectorAll(
                    'button:not(#sheet-handle), a.button, .choice, input:not([type=radio], [type=checkbox])')]
                .filter((one) => one.checkVisibility() && !one.closest('.maplibregl-map, .hidden-text'))
                .map((one) => [one, one.getBoundingClientRect()])
                .filter(([one, box]) => box.height < 59.5 || box.width < 59.5 || box.right > innerWidth + 1
                    || one.scrollWidth > one.clientWidth + 2)
                .map(([one, box]) => `${one.outerHTML.slice(0, 90)} ${Math.round(box.width)}x${Math.round(box.height)}`)
                .filter((text) => !text.includes('class="chip"'))"""
        )

    assert small() == []
    screen(page, f"courier-elder-{language}-360")
    page.locator(".row-button").first.click()
    page.wait_for_timeout(300)
    assert small() == []
    screen(page, f"courier-elder-detail-{language}-360")
    page.click(".detail-actions button:nth-child(3)")
    page.wait_for_timeout(300)
    assert [one for one in small() if "dialog" in one or "choice" in one] == []


def test_a_report_gives_a_number_and_a_page(open_page: Open, downtown: tuple[float, float], screen: Screen) -> None:
    page = open_page(at(downtown), width=360, height=740)
    page.locator(".row-button").first.click()
    page.click(".detail-actions button:nth-child(3)")
    page.check("dialog input[value=closed]")
    page.click("dialog .button.main")
    number = page.locator("dialog .ticket-number").inner_text()
    assert re.fullmatch(r"\d{8}-\d{4,}", number)
    page.locator("dialog .button.wide").click()
    expect(page.locator("dialog .ticket h3")).to_have_text(number)
    expect(page.locator("dialog .ticket")).to_contain_text("已收到")
    screen(page, "courier-ticket-360")
    other = open_page(f"/#r={number}")
    expect(other.locator("dialog .ticket")).to_contain_text("等待工作人员核实")
    other.fill("#ticket-number", "20200101-0001")
    other.click("dialog button[type=submit]")
    expect(other.locator("dialog .notice.warn")).to_contain_text("没有这个编号")


def test_a_phone_sees_a_still_with_signs_before_the_map_is_loaded(open_page: Open, screen: Screen) -> None:
    asked: list[str] = []
    page = open_page(
        "/",
        width=360,
        height=740,
        device_scale_factor=2,
        has_touch=True,
        before=lambda page: page.on("request", lambda request: asked.append(request.url)),
    )
    page.wait_for_selector(".row-button")
    page.wait_for_selector(".still-pins .sign")
    for _ in range(40):
        if page.evaluate("document.querySelector('.still-image').naturalWidth"):
            break
        page.wait_for_timeout(100)
    assert page.evaluate("document.querySelector('.still-image').naturalWidth") >= 2 * 360
    assert page.evaluate("document.querySelector('.still-credit').textContent") != ""
    assert not any("maplibre-gl.js" in url for url in asked), "nobody has touched the page yet"
    centre = page.evaluate("document.querySelector('.answer-head').textContent")
    assert "地图中心" in centre
    screen(page, "courier-still-360")
    page.locator("#list-count").tap()
    drawn(page)
    expect(page.locator(".still")).to_have_count(0)
    assert not any("/v1/glyphs/" in url for url in asked), "neither numbers nor Chinese names need the service's glyphs"
    screen(page, "courier-map-after-still-360")


def test_who_saves_data_is_not_sent_the_map(open_page: Open) -> None:
    asked: list[str] = []
    saves = "Object.defineProperty(navigator, 'connection', { value: { saveData: true } })"

    def before(page: Page) -> None:
        page.add_init_script(saves)
        page.on("request", lambda request: asked.append(request.url))

    page = open_page("/", width=360, height=740, has_touch=True, before=before)
    page.wait_for_selector(".still-pins .sign")
    page.wait_for_timeout(9000)
    assert not any("maplibre-gl.js" in url for url in asked)
    page.locator("#zoom-in").evaluate("(button) => button.click()")
    drawn(page)


def test_another_site_shows_the_map_in_a_frame(
    service: str, open_page: Open, other_site: Any, downtown: tuple[float, float], screen: Screen
) -> None:
    snippet = embed_snippet(service + at(downtown), height_px=600)
    other_site.page = f"<!doctype html><html lang=zh><title>工会</title><h1>工会网站</h1>{snippet}"
    page = open_page("/", width=900, height=760)
    page.goto(other_site.origin)
    frame = page.frame_locator("iframe")
    expect(frame.locator(".row-button").first).to_be_visible(timeout=30_000)
    frame.locator(".row-button").first.click()
    expect(frame.locator(".detail-name")).to_be_visible()
    screen(page, "courier-embedded")
    frame.locator(".detail-top button").click()
    expect(frame.locator("#detail")).to_be_hidden()


@pytest.mark.parametrize(("language", "scheme", "elder"), [("zh", "light", True), ("en", "dark", False)])
def test_axe_finds_nothing_under_all_its_rules(
    open_page: Open, downtown: tuple[float, float], language: str, scheme: str, elder: bool
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")

    def problems(page: Page) -> dict[str, list[str]]:
        found = axe.Axe().run(page, options={"resultTypes": ["violations"]})
        return {one["id"]: [node["html"][:160] for node in one["nodes"]] for one in found.response["violations"]}

    chosen = prefs(language=language, elder=elder)
    here = {"width": 360, "height": 740, "color_scheme": scheme, "before": chosen}
    still = open_page("/", has_touch=True, **here)
    still.wait_for_selector(".still-pins .sign")
    assert problems(still) == {}, "the still"
    page = open_page(at(downtown), **here)
    page.wait_for_selector(".row-button")
    drawn(page)
    assert problems(page) == {}, "list and map"
    page.evaluate("dispatchEvent(new Event('offline'))")
    page.wait_for_selector(".strip.offline")
    assert problems(page) == {}, "offline"
    page.fill("#search", "cesuo")
    page.locator(".hit").first.wait_for()
    assert problems(page) == {}, "search"
    page.locator(".hit").first.click()
    page.locator(".row-button").first.click()
    page.wait_for_timeout(400)
    assert problems(page) == {}, "one station"
    for number, what in ((1, "navigation"), (2, "sharing"), (3, "report")):
        page.locator(f".detail-actions button:nth-child({number})").click()
        page.wait_for_timeout(400)
        assert problems(page) == {}, what
        page.keyboard.press("Escape")
    far = open_page("/#o=116.4,39.9,x", **here)
    far.wait_for_selector('[data-notice="outside"]')
    far.click("#menu")
    far.wait_for_timeout(400)
    assert problems(far) == {}, "menu, outside the city"

"""The public map, driven as a courier would: find, open, share, report, go offline; and what is said on failure."""

from __future__ import annotations

import json
import re
import urllib.parse
import urllib.request
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from geoplan.crs import wgs84_to_bd09, wgs84_to_gcj02

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Screen = Callable[[Page, str], None]


def get(url: str) -> dict:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return json.load(answer)


def busiest(service: str) -> tuple[float, float]:
    """A place with many stations around it."""
    points = np.array([f["geometry"]["coordinates"] for f in get(f"{service}/v1/stations?limit=2000")["features"]])
    near = (np.abs(points[:, None, :] - points[None, :, :]).max(2) < 0.03).sum(1)
    lon, lat = points[near.argmax()]
    return round(float(lon), 4), round(float(lat), 4)


def from_place(service: str, more: str = "") -> str:
    lon, lat = busiest(service)
    return f"/#o={lon},{lat},{urllib.parse.quote('起点')}{more}"


def test_the_answer_comes_first_and_is_the_services_own(service: str, open_page: Open, screen: Screen) -> None:
    lon, lat = busiest(service)
    page = open_page(from_place(service, "&at=2026-11-21T02:00&open=1"))
    page.click('[data-chip="toilet"]')  # one tap: an open station with a toilet at two at night
    card = page.locator(".answer-box .answer")
    truth = get(f"{service}/v1/nearest?lon={lon}&lat={lat}&k=1&limit_s=2700&facilities=toilet&open=2026-11-21T02:00")
    if truth["features"]:
        expect(card).to_have_attribute("data-code", truth["features"][0]["properties"]["station_code"])
        minutes = max(1, round(truth["features"][0]["properties"]["seconds"] / 60))
        expect(card.locator(".answer-walk")).to_contain_text(f"{minutes} 分钟")
        expect(card.locator(".walk b")).not_to_contain_text("约")
    else:
        expect(page.locator(".answer-box .notice")).to_be_visible()
    expect(page.locator(".strip.demonstration")).to_contain_text("演示数据")
    screen(page, "public-night-toilet-phone")


def test_a_station_is_opened_shared_and_reopened_by_its_link(service: str, open_page: Open, screen: Screen) -> None:
    page = open_page(from_place(service))
    page.locator(".row-button").first.click()
    name = page.locator(".detail-name").inner_text()
    expect(page.locator(".detail .week .today")).to_be_visible()
    screen(page, "public-detail-phone")
    page.click(".detail-actions button:nth-child(2)")
    link = page.locator("dialog input[type=url]").input_value()
    assert "s=" in urllib.parse.urlsplit(link).fragment
    assert "o=" not in urllib.parse.urlsplit(link).fragment, "where the sharer stands is not shared"
    picture = page.locator("dialog img.qr")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    screen(page, "public-share-phone")
    again = open_page("/" + link.split("/", 3)[3])
    expect(again.locator(".detail-name")).to_have_text(name)


def test_navigation_links_carry_the_system_that_each_map_expects(service: str, open_page: Open) -> None:
    page = open_page("/")
    page.wait_for_selector(".row-button")
    rng = np.random.default_rng(3)
    for lon, lat in rng.uniform([119.5, 31.1], [120.6, 32.0], (20, 2)):
        links = page.evaluate(
            """async ([lon, lat]) => {
                const base = document.querySelector('script[type=module]').src.replace(/bundle\\/public\\.js$/, 'js/');
                const { navigationLinks } = await import(base + 'public/navigate.js');
                return Object.fromEntries(navigationLinks([lon, lat], '驿站 1').map(({ app, url }) => [app, url]));
            }""",
            [lon, lat],
        )
        g_lon, g_lat = (float(v) for v in wgs84_to_gcj02(lon, lat))
        b_lon, b_lat = (float(v) for v in wgs84_to_bd09(lon, lat))
        amap = urllib.parse.parse_qs(urllib.parse.urlsplit(links["amap"]).query)
        assert [float(v) for v in amap["to"][0].split(",")[:2]] == pytest.approx([g_lon, g_lat], abs=2e-6)
        baidu = urllib.parse.parse_qs(urllib.parse.urlsplit(links["baidu"]).query)
        target = re.match(r"latlng:([\d.]+),([\d.]+)\|name:驿站 1", baidu["destination"][0])
        assert target is not None
        assert [float(v) for v in target.groups()] == pytest.approx([b_lat, b_lon], abs=2e-6)
        assert baidu["coord_type"] == ["bd09ll"]
        tencent = urllib.parse.parse_qs(urllib.parse.urlsplit(links["tencent"]).query)
        assert [float(v) for v in tencent["tocoord"][0].split(",")] == pytest.approx([g_lat, g_lon], abs=2e-6)
        assert tencent["to"] == ["驿站 1"]
        own = re.match(r"geo:([\d.]+),([\d.]+)", links["system"])
        assert own is not None
        assert [float(v) for v in own.groups()] == pytest.approx([lat, lon], abs=2e-6)


def test_offline_after_the_first_visit_the_list_is_there_with_its_age(
    browser: Browser, service: str, screen: Screen
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 780}, locale="zh-CN")
    page = context.new_page()
    page.goto(service + from_place(service))
    page.wait_for_selector(".row-button")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()  # now the worker sees the feed
    page.wait_for_selector(".row-button")
    page.wait_for_function("caches.match('/v1/stations?limit=2000', {ignoreVary: true}).then(Boolean)")
    context.set_offline(True)
    page.reload()
    expect(page.locator(".row-button").first).to_be_visible()
    expect(page.locator(".strip.offline")).to_contain_text("离线")
    screen(page, "public-offline-phone")
    context.close()


def test_a_report_reaches_the_review_queue(service: str, open_page: Open) -> None:
    page = open_page(from_place(service))
    page.locator(".row-button").first.click()
    page.click(".detail-actions button:nth-child(3)")
    page.check("dialog input[value=closed]")
    page.fill("#report-words", "下午两点到，门锁着")
    page.click("dialog .button.main")
    expect(page.locator("dialog .notice.good")).to_contain_text("谢谢")


def test_refused_position_is_answered_with_what_to_do(open_page: Open) -> None:
    page = open_page("/", permissions=[])
    page.wait_for_selector(".row-button")
    page.click("#locate")
    expect(page.locator(".toast")).to_contain_text("搜地点")


def test_an_allowed_position_leaves_the_phone_rounded(service: str, open_page: Open) -> None:
    lon, lat = busiest(service)
    asked: list[str] = []
    page = open_page(
        "/",
        permissions=["geolocation"],
        geolocation={"longitude": lon + 0.00037, "latitude": lat + 0.00041},
        before=lambda page: page.on("request", lambda request: asked.append(request.url)),
    )
    page.wait_for_selector(".answer-head .muted")  # the map is there and has asked from its own centre
    page.wait_for_timeout(300)
    asked.clear()
    page.click("#locate")
    expect(page.locator(".answer-head .muted")).to_contain_text("我的位置")
    page.wait_for_timeout(500)
    sent = [urllib.parse.parse_qs(urllib.parse.urlsplit(url).query) for url in asked if "/v1/nearest" in url]
    assert sent
    for query in sent:
        assert all(len(query[axis][0].partition(".")[2]) <= 3 for axis in ("lon", "lat"))
    assert "o=" not in page.evaluate("location.hash"), "the phone's own position is not in the address"


def test_filters_that_nothing_meets_say_which_to_drop(service: str, open_page: Open, screen: Screen) -> None:
    everything = ",".join(get(f"{service}/v1/meta")["facilities"])
    page = open_page(from_place(service, f"&f={everything}&h24=1"))
    expect(page.locator(".answer-box .notice")).to_contain_text("没有站点同时满足")
    screen(page, "public-no-match-phone")
    page.locator(".answer-box .notice .button").last.click()
    expect(page.locator(".row-button").first).to_be_visible()


def test_a_service_that_is_down_is_said_and_can_be_tried_again(service: str, open_page: Open, screen: Screen) -> None:
    page = open_page("/", before=lambda page: page.route("**/v1/stations*", lambda route: route.abort()))
    expect(page.locator(".answer-box .notice")).to_contain_text("连不上")
    screen(page, "public-down-phone")
    page.unroute("**/v1/stations*")
    page.click(".answer-box .button")
    expect(page.locator(".row-button").first).to_be_visible()


def test_search_finds_by_pinyin_initials_and_moves_the_origin(service: str, open_page: Open) -> None:
    place = next(hit for hit in get(f"{service}/v1/search?q=wx&limit=20")["results"] if hit["kind"] != "station")
    page = open_page("/")
    page.wait_for_selector(".row-button")
    page.fill("#search", "wx")
    page.locator(".hit", has_text=place["name"]).first.click()
    expect(page.locator(".answer-head, .answer-box .notice").first).to_be_visible()
    assert urllib.parse.quote(place["name"]) in page.evaluate("location.hash")


def test_keyboard_alone_goes_from_search_to_a_station_and_back(service: str, open_page: Open) -> None:
    page = open_page(from_place(service), width=1280, height=800)
    page.wait_for_selector(".row-button")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.press("Escape")
    page.locator(".row-button").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".detail-name")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#detail")).to_be_hidden()


def test_without_webgl_the_list_does_the_work(service: str, open_page: Open, screen: Screen) -> None:
    blind = "HTMLCanvasElement.prototype.getContext = function () { return null; };"
    page = open_page(from_place(service), before=lambda page: page.add_init_script(blind))
    expect(page.locator("#app[data-no-map]")).to_be_visible(timeout=40_000)
    expect(page.locator(".row-button").first).to_be_visible()
    screen(page, "public-no-webgl-phone")


def test_the_map_shows_coverage_and_planned_sites_on_request(service: str, open_page: Open, screen: Screen) -> None:
    asked: list[str] = []
    page = open_page(
        from_place(service),
        width=1440,
        height=900,
        before=lambda page: page.on("response", lambda answer: asked.append(answer.url)),
    )
    page.wait_for_selector("#map canvas")
    page.click("#layers")
    page.check("dialog input[name=coverage]")
    for _ in range(30):
        if any("/v1/tiles/plan/" in url for url in asked):
            break
        page.wait_for_timeout(1000)
    expect(page.locator("dialog .legend")).to_contain_text("规划新增")
    page.keyboard.press("Escape")
    page.wait_for_timeout(3000)
    screen(page, "public-coverage-desktop")
    assert {name for name in ("demand", "plan") if any(f"/v1/tiles/{name}" in url for url in asked)} == {
        "demand",
        "plan",
    }
    foreign = [url for url in asked if not url.startswith((service, "blob:", "data:"))]
    assert foreign == []


def test_the_map_is_drawn_in_english_without_a_complaint(open_page: Open, screen: Screen) -> None:
    heard: list[str] = []

    def listen(page: Page) -> None:
        page.add_init_script("localStorage.setItem('geoplan.prefs', JSON.stringify({language: 'en'}))")
        page.on("console", lambda line: heard.append(line.text) if line.type == "error" else None)

    page = open_page("/", width=768, height=1024, before=listen)
    for _ in range(90):
        if page.evaluate("performance.getEntriesByName('map-drawn').length"):
            break
        page.wait_for_timeout(1000)
    else:
        pytest.fail("the map was not drawn in 90 s")
    screen(page, "public-english-tablet")
    assert heard == []


@pytest.mark.parametrize(("language", "scheme", "elder"), [("zh", "light", "true"), ("en", "dark", "false")])
def test_axe_finds_nothing(service: str, open_page: Open, language: str, scheme: str, elder: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    choice = f"localStorage.setItem('geoplan.prefs', JSON.stringify({{language: '{language}', elder: {elder}}}))"
    page = open_page(from_place(service), color_scheme=scheme, before=lambda page: page.add_init_script(choice))
    page.wait_for_selector(".row-button")
    page.wait_for_timeout(800)
    closes = "dialog .dialog-head button, dialog button[aria-label]"
    steps = (None, "#menu", closes, "[data-chip=more]", closes, ".row-button", ".detail-actions button:nth-child(3)")
    for prepare in steps:
        if prepare:
            page.locator(prepare).first.click()
            page.wait_for_timeout(400)
        if prepare == closes:
            continue
        found = axe.Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        problems = {item["id"]: [node["html"][:200] for node in item["nodes"]] for item in found.response["violations"]}
        assert problems == {}


@pytest.mark.parametrize(("width", "height"), [(360, 740), (768, 1024), (1440, 900)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_size_in_light_and_dark(
    service: str, open_page: Open, screen: Screen, width: int, height: int, scheme: str
) -> None:
    page = open_page(from_place(service), width=width, height=height, color_scheme=scheme)
    page.wait_for_selector("#map canvas")
    page.wait_for_timeout(2500)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "nothing scrolls sideways"
    screen(page, f"public-{width}x{height}-{scheme}")


def test_elder_view_is_larger_in_every_target(service: str, open_page: Open, screen: Screen) -> None:
    choice = "localStorage.setItem('geoplan.prefs', JSON.stringify({elder: true}))"
    page = open_page(from_place(service), before=lambda page: page.add_init_script(choice))
    page.wait_for_selector(".answer-actions .button")
    for target in (".chip", ".answer-actions .button", ".row-button"):
        assert page.locator(target).first.bounding_box()["height"] >= 60, target
    assert float(page.evaluate("getComputedStyle(document.body).fontSize").removesuffix("px")) >= 20
    screen(page, "public-elder-phone")

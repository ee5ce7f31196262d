"""The mini-program page, run by Node with a small stand-in for WeChat; its files say what WeChat asks for."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parents[2] / "maps" / "miniprogram"

STAGE = """
const calls = [];
const Real = Date;
global.Date = class extends Real {
  constructor(...given) { super(...(given.length ? given : ["2026-11-20T12:00:00+08:00"])); }
};
const feed = {
  // shut all day, until 20:00, not known
  hours: {
    zone: "Asia/Shanghai", from: "2026-11-19", offsets: [[0, 480]],
    programmes: [[], [[480, 1200, 1]], [[0, 1440, 2]]], days: [[0, 0, 0], [1, 1, 1], [2, 2, 2]],
  },
  format: 1, version: 7, full: true, facilities: ["water", "toilet"], removed: [], demonstration: true,
  words: { chip: { open: "现在开门", toilet: "厕所" }, report_kind: { closed: "写着开门，实际关着" } },
  markers: [1, 2, 3].map((id) => ({ id, latitude: 31.5 + id / 1000, longitude: 120.3, joinCluster: true })),
  stations: [
    { id: 1, code: "A", name: "一", open: true, h24: true, timetable: 0, facility_bits: 1,
      latitude: 31.501, longitude: 120.3 },
    { id: 2, code: "B", name: "二", open: false, timetable: 1, facility_bits: 3,
      latitude: 31.502, longitude: 120.3 },
    { id: 3, code: "C", name: "三", open: false, timetable: 2, facility_bits: 2, latitude: 31.503, longitude: 120.3 },
  ],
};
const answers = {
  "/v1/feed/miniprogram": feed,
  "/v1/feed/miniprogram/nearest": { stations: [{ id: 2, name: "二", minutes: 4, polyline: [{ points: [] }] }] },
  "/v1/reports": { id: 1 },
};
global.getApp = () => ({ globalData: { service: "" } });
global.wx = {
  request: ({ url, data, method, success }) => {
    calls.push([method || "GET", url, data]);
    success({ statusCode: 200, data: answers[url] });
  },
  createMapContext: () => ({
    initMarkerCluster: () => calls.push(["cluster"]),
    addMarkers: ({ markers, clear }) => calls.push(["markers", markers.map((m) => m.id), clear]),
  }),
  getStorageSync: () => null, setStorage: () => undefined,
  getFuzzyLocation: ({ success }) => success({ latitude: 31.50049, longitude: 120.30051 }),
  openLocation: (place) => calls.push(["open", place.latitude, place.name]),
  showActionSheet: ({ success }) => success({ tapIndex: 2 }), showToast: ({ title }) => calls.push(["toast", title]),
};
let page;
global.Page = (options) => { page = options; page.setData = (change) => Object.assign(page.data, change); };
require(process.argv[1] + "/pages/stations/index.js");
(async () => {
  page.onReady();
  await page.refresh();
  const all = page.data.list.map((one) => [one.id, one.open, one.said]);
  page.toggle({ currentTarget: { dataset: { code: "open" } } });
  const open = page.data.list.map((one) => one.id);
  page.toggle({ currentTarget: { dataset: { code: "open" } } });
  page.toggle({ currentTarget: { dataset: { code: "toilet" } } });
  const toilet = page.data.list.map((one) => one.id);
  page.locate();
  await new Promise((done) => setTimeout(done, 10));
  const answer = page.data.chosen.minutes;
  page.pick({ detail: { markerId: 2 }, currentTarget: { dataset: {} } });
  page.navigate();
  page.report();
  await new Promise((done) => setTimeout(done, 10));
  console.log(JSON.stringify({ all, open, toilet, answer, calls }));
})();
"""


@pytest.fixture(scope="module")
def played() -> dict:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed here; it is needed for this test only")
    done = subprocess.run([node, "-e", STAGE, str(HERE)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_open_states_come_from_the_clock_not_from_the_stored_feed(played: dict) -> None:
    # Nearest to the map's centre first; what the stored feed said of each is wrong by now.
    assert played["all"] == [[3, None, "开门时间待核实"], [2, True, "开到 20:00"], [1, False, "已关门"]]


def test_chips_filter_list_and_markers_alike(played: dict) -> None:
    assert played["open"] == [2]
    assert played["toilet"] == [3, 2]
    marked = [call[1] for call in played["calls"] if call[0] == "markers"]
    assert [2] in marked
    assert [2, 3] in marked


def test_the_position_is_rounded_and_the_answer_shown(played: dict) -> None:
    asked = next(call for call in played["calls"] if "nearest" in str(call))
    assert (asked[2]["latitude"], asked[2]["longitude"]) == (31.5, 120.301)
    assert played["answer"] == 4


def test_navigation_and_report_reach_wechat_and_the_service(played: dict) -> None:
    assert ["open", 31.502, "二"] in played["calls"]
    assert ["POST", "/v1/reports", {"kind": "broken", "station_code": "B"}] in played["calls"]
    assert ["toast", "谢谢，已经收到"] in played["calls"]


def test_the_evaluator_is_the_phone_pages_own() -> None:
    """One text in two forms of module, so that the cases that hold for one hold for the other."""
    ours = (HERE / "utils" / "timetable.js").read_text("utf-8")
    page = (HERE.parent / "geoplan_maps" / "web" / "js" / "lib" / "timetable.js").read_text("utf-8")
    names = ", ".join(re.findall(r"^export function (\w+)", page, re.M))
    assert ours == re.sub(r"^export ", "", page, flags=re.M) + f"\nmodule.exports = {{ {names} }};\n"


def test_walking_from_a_fuzzy_position_is_about() -> None:
    assert "步行约 {{chosen.minutes}} 分钟" in (HERE / "pages/stations/index.wxml").read_text("utf-8")


def test_only_the_fuzzy_position_is_declared() -> None:
    app = json.loads((HERE / "app.json").read_text("utf-8"))
    assert app["requiredPrivateInfos"] == ["getFuzzyLocation"], "WeChat refuses the fuzzy and the precise call together"
    for page in app["pages"]:
        for suffix in ("js", "json", "wxml", "wxss"):
            assert (HERE / f"{page}.{suffix}").is_file()


def test_every_handler_that_the_page_names_exists() -> None:
    markup = (HERE / "pages/stations/index.wxml").read_text("utf-8")
    script = (HERE / "pages/stations/index.js").read_text("utf-8")
    for handler in set(re.findall(r'bind\w+="(\w+)"', markup)):
        assert re.search(rf"^  (?:async )?{handler}\(", script, re.M), handler


def node_modules(*packages: str) -> Path:
    """The folder of Node packages named by GEOPLAN_NODE_MODULES; skips where it or one of the packages is not there."""
    folder = Path(os.environ.get("GEOPLAN_NODE_MODULES", "node_modules"))
    missing = [name for name in packages if not (folder / name).is_dir()]
    if missing or shutil.which("node") is None:
        pytest.skip(f"for this test only: set GEOPLAN_NODE_MODULES to a folder with {', '.join(missing) or 'Node'}")
    return folder


def test_every_call_of_wechat_fits_its_public_typings(tmp_path: Path) -> None:
    folder = node_modules("typescript", "miniprogram-api-typings")
    options = {
        "checkJs": True, "noEmit": True, "strict": False, "target": "es2020", "lib": ["es2020"],
        "module": "nodenext", "moduleResolution": "nodenext",
        "typeRoots": [str(folder)], "types": ["miniprogram-api-typings"],
    }  # fmt: skip
    config = {"compilerOptions": options, "include": [f"{HERE.as_posix()}/**/*.js"]}
    (tmp_path / "jsconfig.json").write_text(json.dumps(config), "utf-8")
    command = ["node", str(folder / "typescript" / "bin" / "tsc"), "-p", str(tmp_path / "jsconfig.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout


SIMULATED = """
const { JSDOM } = require("jsdom");
const { window } = new JSDOM("<!doctype html><body></body>", { url: "http://localhost/" });
for (const name of ["document", "Node", "Element", "HTMLElement", "Event", "CustomEvent", "MutationObserver"])
  global[name] = window[name];
global.window = window;
const simulate = require("miniprogram-simulate");
const asked = [];
global.getApp = () => ({ globalData: { service: "" } });
// The simulator draws components: a page is one whose functions are methods.
global.Page = ({ data, onReady, ...rest }) => {
  const methods = Object.fromEntries(Object.entries(rest).filter(([, value]) => typeof value === "function"));
  Component({ data, methods });
};
const page = simulate.render(simulate.load(process.argv[1] + "/pages/stations/index", { rootPath: process.argv[1] }));
page.attach(window.document.body);
global.wx.openLocation = (place) => asked.push(place);
const said = () => window.document.body.textContent.replace(/\\s+/g, " ");
const seen = { empty: said() };
const place = { latitude: 31.5, longitude: 120.3 };
const station = { id: 7, name: "东亭驿站", said: "开到 20:00", metres: 240, open: true, ...place };
page.instance.feed = { stations: [station], facilities: [], markers: [] };
page.setData({ list: [station] });
seen.list = said();
page.instance.pick({ detail: { markerId: 7 }, currentTarget: { dataset: {} } });
seen.card = said();
const button = [...window.document.querySelectorAll("wx-button")].find((one) => one.textContent === "导航");
seen.button = Boolean(button);
page.instance.navigate();
seen.asked = asked;
console.log(JSON.stringify(seen));
process.exit(0);
"""


def test_the_page_is_drawn_by_the_official_simulator() -> None:
    folder = node_modules("miniprogram-simulate", "jsdom")
    done = subprocess.run(
        ["node", "-e", SIMULATED, str(HERE)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "NODE_PATH": str(folder)},
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.strip().splitlines()[-1])
    assert "没有符合条件的站点" in seen["empty"]
    assert "东亭驿站" in seen["list"]
    assert "开到 20:00 · 240 米" in seen["list"]
    assert seen["button"], seen["card"]
    assert (seen["asked"][0]["latitude"], seen["asked"][0]["longitude"]) == (31.5, 120.3)

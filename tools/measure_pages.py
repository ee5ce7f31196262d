"""How fast the pages are on a slow phone: `python tools/measure_pages.py` prints a table (`--json FILE` keeps it).

Starts a service of its own on the demonstration city (or asks the one given by `--url`), drives a headless Chromium
with a throttled network and processor, and reports when the list can be used, when there is a map with signs to look
at, when the live map answers the first touch, what went over the wire, tasks that held the page for longer than
200 ms, and the frames drawn while the planner's map is panned.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

ROOT: Final = Path(__file__).resolve().parents[1]
ACCOUNT, PASSWORD = "measure", "a long password"  # of the service that is started here and thrown away
SOFTWARE_GL: Final = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")
QUIET: Final = ("--no-sandbox", "--disable-background-networking", "--disable-component-update")
# Down and up in bit/s, round trip in ms: Lighthouse's "regular 4G" and the developer tools' "fast 3G".
NETWORKS: Final = {"4G": (9_000_000, 1_500_000, 170), "fast 3G": (1_600_000, 750_000, 150)}
CPU_SLOWER: Final = 4
LONG_TASK_MS: Final = 200
_FRAME_MS: Final = 1000.0

# Seen from outside the page's own code: the first row or answer in the list, the still with its signs, and every long
# task. The map says itself when MapLibre has drawn it ("load": all tiles of the first view are there and painted).
_WATCH: Final = """
window.measured = {list: null, still: null, tasks: []};
document.addEventListener("load", ({target}) => {
  if (target.className !== "still-image") return;
  requestAnimationFrame(() => setTimeout(() => (window.measured.still ??= performance.now())));
}, {capture: true});
new PerformanceObserver((seen) => {
  const times = seen.getEntries().map((task) => [Math.round(task.startTime), Math.round(task.duration)]);
  window.measured.tasks.push(...times);
}).observe({type: "longtask", buffered: true});
const watch = new MutationObserver(() => {
  if (!document.querySelector("#list-body .row-button, #list-body .answer")) return;
  watch.disconnect();
  requestAnimationFrame(() => setTimeout(() => (window.measured.list = performance.now())));
});
watch.observe(document, {childList: true, subtree: true});
"""
_FRAMES: Final = """(on) => {
  if (!on) { const taken = window.frames_at; window.frames_at = null; return taken; }
  window.frames_at = [];
  const step = (now) => { if (window.frames_at) { window.frames_at.push(now); requestAnimationFrame(step); } };
  requestAnimationFrame(step);
}"""


@dataclass(frozen=True, slots=True)
class Load:
    """One first visit, or one return, of the public page."""

    network: str
    visit: str
    list_s: float
    still_s: float
    touch_s: float
    kilobytes: float
    all_kilobytes: float
    requests: int
    longest_before_ms: int
    longest_after_ms: int
    long_tasks: int


@dataclass(frozen=True, slots=True)
class Pan:
    """One drag of the planner's map with every station and every demand point shown."""

    stations: int
    demand_points: int
    frames_per_s: float
    slowest_frame_ms: float
    long_tasks: int
    longest_task_ms: int
    gpu: str


def main() -> None:
    """Measure and print."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--url", help="a running service; without it one is started on the demonstration city")
    wanted.add_argument(
        "--account", default=f"{ACCOUNT}:{PASSWORD}", help="name:password at --url, for the planner's desk"
    )
    wanted.add_argument("--rounds", type=int, default=5, help="visits of each kind; the median is shown")
    wanted.add_argument("--json", type=Path, help="write every figure to this file")
    wanted.add_argument("--no-pan", action="store_true", help="leave the planner's map out")
    wanted.add_argument("--gpu", action="store_true", help="draw with the machine's own graphics card, in a window")
    given = wanted.parse_args()
    with service(given.url) as url, sync_playwright() as driver:
        flags = QUIET if given.gpu else (*QUIET, *SOFTWARE_GL)
        browser = driver.chromium.launch(executable_path=chromium(), args=list(flags), headless=not given.gpu)
        loads = [load for network in NETWORKS for _ in range(given.rounds) for load in visits(browser, url, network)]
        name, _, password = given.account.partition(":")
        points = 0 if given.url else demand_points()
        pans = [] if given.no_pan else [pan(browser, url, name, password, points) for _ in range(min(3, given.rounds))]
        browser.close()
    show(loads, pans)
    if given.json:
        figures = {"loads": [asdict(load) for load in loads], "pans": [asdict(one) for one in pans]}
        given.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def chromium() -> str:
    """Return the path of the browser."""
    found = os.environ.get("GEOPLAN_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        sys.exit("no Chromium is installed here (set GEOPLAN_CHROMIUM to its path)")
    return found


@contextmanager
def service(url: str | None) -> Iterator[str]:
    """Give the address of a running, warm service."""
    if url:
        yield url.rstrip("/")
        return
    with tempfile.TemporaryDirectory(prefix="geoplan-pages-") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        own = {**environment(), "GEOPLAN_DATA__FOLDER": folder}
        line = [sys.executable, "-c", "from geoplan_api.cli import main; main()"]
        add = [*line, "staff", "add", ACCOUNT, "--role", "editor", "--password-stdin"]
        subprocess.run(add, input=PASSWORD, text=True, env=own, check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen([*line, "serve", "--port", str(port)], env=own, stdout=subprocess.DEVNULL)
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until_warm(address)
            yield address
        finally:
            server.terminate()
            server.wait(20)


def environment() -> dict[str, str]:
    """Return the environment in which the project is found, installed or not."""
    paths = [str(ROOT), *(str(ROOT / name) for name in ("maps", "api", "data"))]
    return {**os.environ, "PYTHONPATH": os.pathsep.join([*paths, os.environ.get("PYTHONPATH", "")])}


def demand_points() -> int:
    """Count the demand points of the demonstration city."""
    count = (
        "import pandas as pd; from geoplan.demo import demo_pack_dir; "
        "print(len(pd.read_parquet(demo_pack_dir() / 'demand.parquet')))"
    )
    done = subprocess.run([sys.executable, "-c", count], env=environment(), capture_output=True, text=True, check=True)
    return int(done.stdout)


def wait_until_warm(address: str) -> None:
    """Wait until the first figures are there, as a service that has been up for a minute has them."""
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        try:
            for path in ("/v1/coverage?slice=12-15", "/v1/plan", "/", "/v1/stations?limit=2000", "/v1/style.json"):
                urllib.request.urlopen(address + path, timeout=120).close()  # noqa: S310 - our own service
            time.sleep(5.0)
            return
        except OSError:
            time.sleep(0.5)
    sys.exit("the service did not start within three minutes")


def visits(browser: Browser, url: str, network: str) -> Iterator[Load]:
    """Visit the public page for the first time, and once more with what the phone kept."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN", device_scale_factor=2)
    try:
        yield visit(context, url, network, "first")
        time.sleep(2.0)  # the service worker finishes its store
        yield visit(context, url, network, "return")
    finally:
        context.close()


def visit(context: BrowserContext, url: str, network: str, kind: str) -> Load:
    """Open the public page under a throttled network and processor."""
    page = context.new_page()
    page.add_init_script(_WATCH)
    tools = context.new_cdp_session(page)
    slow_down(tools, network)
    sizes: dict[str, float] = {}
    tools.on("Network.responseReceived", lambda seen: sizes.setdefault(seen["requestId"], 0.0))
    tools.on("Network.loadingFinished", lambda seen: sizes.update({seen["requestId"]: seen["encodedDataLength"]}))
    page.goto(url + "/", wait_until="commit")
    until(page, "window.measured.list && window.measured.still")
    page.wait_for_timeout(300)
    before_kb, requests = sum(sizes.values()) / 1000, len(sizes)
    touch = "document.body.dispatchEvent(new PointerEvent('pointerdown', {bubbles: true}))"
    touched = page.evaluate(f"({touch}, performance.now())")
    until(page, "performance.getEntriesByName('map-drawn').length")
    page.wait_for_timeout(500)
    seen = page.evaluate("({...window.measured, map: performance.getEntriesByName('map-drawn')[0].startTime})")
    page.close()
    tasks: list[tuple[int, int]] = seen["tasks"]
    return Load(
        network=network,
        visit=kind,
        list_s=round(seen["list"] / 1000, 2),
        still_s=round(seen["still"] / 1000, 2),
        touch_s=round((seen["map"] - touched) / 1000, 2),
        kilobytes=round(before_kb, 1),
        all_kilobytes=round(sum(sizes.values()) / 1000, 1),
        requests=requests,
        longest_before_ms=max((ms for start, ms in tasks if start < touched), default=0),
        longest_after_ms=max((ms for start, ms in tasks if start >= touched), default=0),
        long_tasks=sum(ms > LONG_TASK_MS for start, ms in tasks if start < touched),
    )


def until(page: Page, script: str) -> None:
    """Wait for a condition; asked from outside, since the page's policy refuses code made from text."""
    deadline = time.monotonic() + 60
    while not page.evaluate(script):
        if time.monotonic() > deadline:
            sys.exit(f"waited a minute in vain for: {script}")
        page.wait_for_timeout(50)


def slow_down(tools: CDPSession, network: str) -> None:
    """Throttle a page's network and processor."""
    down, up, round_trip_ms = NETWORKS[network]
    tools.send("Network.enable")
    tools.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": round_trip_ms, "downloadThroughput": down / 8, "uploadThroughput": up / 8},
    )
    tools.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})


def pan(browser: Browser, url: str, name: str, password: str, demand_points: int) -> Pan:
    """Drag the planner's map for some seconds, on an unthrottled desk, and count the frames."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", service_workers="block")
    page = context.new_page()
    page.add_init_script(_WATCH)
    page.goto(url + "/planner")
    page.fill("#login-name", name)
    page.fill("#login-password", password)
    page.click("#door button[type=submit]")
    page.wait_for_selector(".big-value", timeout=60_000)
    until(page, "performance.getEntriesByName('map-drawn').length")
    page.wait_for_timeout(3000)
    stations = page.evaluate("fetch('/v1/meta').then((r) => r.json()).then((m) => m.stations)")
    page.evaluate("window.measured.tasks.length = 0")
    page.evaluate(_FRAMES, True)
    drag(page)
    frames: list[float] = page.evaluate(_FRAMES, False)
    tasks: list[tuple[int, int]] = page.evaluate("window.measured.tasks")
    card = page.evaluate(
        """() => { const gl = document.createElement("canvas").getContext("webgl");
        const info = gl.getExtension("WEBGL_debug_renderer_info");
        return gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER); }"""
    )
    context.close()
    steps = [after - before for before, after in pairwise(frames)]
    return Pan(
        stations=stations,
        demand_points=demand_points,
        frames_per_s=round(_FRAME_MS * len(steps) / sum(steps), 1),
        slowest_frame_ms=round(max(steps), 0),
        long_tasks=sum(ms > LONG_TASK_MS for _, ms in tasks),
        longest_task_ms=max((ms for _, ms in tasks), default=0),
        gpu=card,
    )


def drag(page: Page) -> None:
    """Move the map to and fro with the mouse, as a hand does."""
    box = page.locator("#map").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(120):
        swing = 180 * (1 - abs((step % 60) / 30 - 1))
        page.mouse.move(x - swing, y - swing / 2)
        page.wait_for_timeout(16)
    page.mouse.up()


def show(loads: list[Load], pans: list[Pan]) -> None:
    """Print the medians as Markdown tables."""
    cpus = os.cpu_count()
    print(f"{cpus} processors, load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else f"{cpus} processors")
    print(
        "\n| network, CPU ÷ 4 | visit | list usable, s | map with signs, s | live map after the touch, s "
        "| KB before the touch / with the map | requests before | longest task before / after the touch, ms "
        "| tasks > 200 ms before |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for network in NETWORKS:
        for kind in ("first", "return"):
            some = [load for load in loads if (load.network, load.visit) == (network, kind)]
            if not some:
                continue
            print(
                f"| {network} | {kind} | {spread(some, 'list_s')} | {spread(some, 'still_s')} | "
                f"{spread(some, 'touch_s')} | {median(some, 'kilobytes'):.0f} / {median(some, 'all_kilobytes'):.0f} | "
                f"{median(some, 'requests'):.0f} | {median(some, 'longest_before_ms'):.0f} / "
                f"{median(some, 'longest_after_ms'):.0f} | {median(some, 'long_tasks'):.0f} |"
            )
    if pans:
        print("\n| stations | demand points | frames/s | slowest frame, ms | tasks > 200 ms | longest, ms | drawn by |")
        print("|---|---|---|---|---|---|---|")
        one = pans[0]
        print(
            f"| {one.stations} | {one.demand_points} | {spread(pans, 'frames_per_s')} | "
            f"{median(pans, 'slowest_frame_ms'):.0f} | {median(pans, 'long_tasks'):.0f} | "
            f"{median(pans, 'longest_task_ms'):.0f} | {one.gpu} |"
        )


def median(some: list[Any], field: str) -> float:
    """Return the median of a figure."""
    return float(statistics.median(getattr(one, field) for one in some))


def spread(some: list[Any], field: str) -> str:
    """Return the median and the range of a figure."""
    values = sorted(getattr(one, field) for one in some)
    return f"{statistics.median(values):.2f} ({values[0]:.2f}–{values[-1]:.2f})"


if __name__ == "__main__":
    main()

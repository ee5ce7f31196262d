"""A real service on a small demonstration city, and a real headless Chromium before it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from playwright._impl._driver import compute_driver_executable  # noqa: E402 - the line above skips without it

SCREENS = Path(__file__).resolve().parents[2] / "out" / "screens"
ACCOUNT, PASSWORD = "planner", "a long password"
SOFTWARE_GL = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"]


@pytest.fixture(scope="session")
def chromium() -> str:
    found = os.environ.get("GEOPLAN_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.skip("no Chromium is installed here (set GEOPLAN_CHROMIUM to its path)")
    node, *_ = compute_driver_executable()
    started = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    if started.returncode:
        pytest.skip(f"Playwright's Node does not start here: {started.stderr.strip()} (Debian: libatomic1)")
    return found


class OtherSite(ThreadingHTTPServer):
    """Another web site, which shows a page of its own."""

    page = ""

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.server_address[1]}"


class _OnePage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # the name is the library's
        body = self.server.page.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def other_site() -> Iterator[OtherSite]:
    site = OtherSite(("127.0.0.1", 0), _OnePage)
    thread = threading.Thread(target=site.serve_forever, daemon=True)
    thread.start()
    yield site
    site.shutdown()
    site.server_close()
    thread.join(10)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, other_site: OtherSite) -> Iterator[str]:
    """Address of a running service with a demonstration city of 6,000 street nodes and one administrator."""
    import uvicorn
    from geoplan_api import Settings, create_app

    from geoplan.demo import demo_pack_dir
    from geoplan.registry.accounts import add_account

    folder = tmp_path_factory.mktemp("service")
    pack = demo_pack_dir(nodes=6000, cache=folder / "demo")
    app = create_app(
        Settings(
            data={"pack": pack, "folder": folder / "data"},
            limits={"reports_per_hour": 1000},
            security={"embed_origins": [other_site.origin]},
        )
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(600):
        if server.started:
            break
        time.sleep(0.1)
    assert server.started, "the service did not start within a minute"
    add_account(app.state.live.state.register, ACCOUNT, PASSWORD, "admin")
    add_account(app.state.live.state.register, "looker", PASSWORD, "viewer")
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(30)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=[*QUIET, *SOFTWARE_GL])
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser: sync_api.Browser, service: str) -> Iterator[Callable[..., sync_api.Page]]:
    """Open an address of the service in a fresh context; script errors and failures of the service fail the test."""
    contexts: list[sync_api.BrowserContext] = []
    errors: list[str] = []

    def make(
        path: str = "/",
        *,
        width: int = 390,
        height: int = 780,
        before: Callable[[sync_api.Page], None] | None = None,
        **options: object,
    ) -> sync_api.Page:
        settings = {
            "viewport": {"width": width, "height": height},
            "locale": "zh-CN",
            "service_workers": "block",
            **options,
        }
        context = browser.new_context(**settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(40_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("response", lambda answer: errors.append(f"500: {answer.url}") if answer.status == 500 else None)
        if before:
            before(page)
        page.goto(service + path)
        return page

    yield make
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def screen() -> Callable[[sync_api.Page, str], None]:
    """Write a screenshot to out/screens."""
    SCREENS.mkdir(parents=True, exist_ok=True)

    def shoot(page: sync_api.Page, name: str) -> None:
        page.screenshot(path=SCREENS / f"{name}.png")

    return shoot

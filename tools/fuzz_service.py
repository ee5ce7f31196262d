"""Asks a running service of its own everything its document allows and does not, signed in as everybody, for a while.

    python tools/fuzz_service.py --seconds 300 --seed 1

Every operation is reached with ids that exist; each identity (nobody, four roles, a key of each scope) gets its turn.
With ``--quick`` values come from a list of awkward ones instead of a generator of cases: hundreds of requests a second.
Prints a JSON report: requests, statuses, the slowest, and everything that is no plain refusal: 5xx, more than 5 s, a
refusal that is no problem document.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import HypothesisException
from schemathesis import GenerationMode

from geoplan.demo import demo_pack_dir
from geoplan.registry import FIELDS, open_register
from geoplan.registry.accounts import ROLES, add_account
from geoplan.registry.apikeys import SCOPES

PASSWORD = "correct horse battery"  # noqa: S105 - of a service that lives for minutes
SLOW_S = 5.0
LEFT_OUT = ("/events", "/v1/logout", "/v1/sso/")
KEPT = {"/v1/me/password", "/v1/me/second-factor/on"}  # would shut the fuzzer out: asked with what cannot succeed


@contextlib.contextmanager
def served(pack: Path) -> Iterator[tuple[str, Path]]:
    """Start a service on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="geoplan-fuzz-") as place:
        folder = Path(place, "service")
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "GEOPLAN_DATA__FOLDER": str(folder),
            "GEOPLAN_DATA__WARM": "false",
            "GEOPLAN_LIMITS__PUBLIC_PER_MINUTE": "0",
            "GEOPLAN_LIMITS__LOGIN_PER_MINUTE": "1000000",
            "GEOPLAN_LIMITS__REPORTS_PER_HOUR": "1000000",
            "GEOPLAN_SECURITY__CONFIRM_S": "1000000",
        }
        script = "import sys; from geoplan_api.cli import main; main(sys.argv[1:])"
        command = [sys.executable, "-c", script, "serve", str(pack), "--port", str(port)]
        with subprocess.Popen(command, env=environment) as process:
            try:
                end = time.monotonic() + 180
                while time.monotonic() < end:
                    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                        break
                    time.sleep(0.2)
                yield f"http://127.0.0.1:{port}", folder
            finally:
                process.terminate()


class Crowd:
    """Everybody who may ask, and the ids of what is there."""

    def __init__(self, base: str, folder: Path) -> None:
        self.base = base
        self.headers: dict[str, dict[str, str]] = {"nobody": {}}
        with open_register(folder / "register.db") as register:
            for role in ROLES:
                add_account(register, f"fuzz-{role}", PASSWORD, role)
        for role in ROLES:
            self.sign_in(role)
        with httpx.Client(base_url=base, headers=self.headers["admin"], timeout=60) as admin:
            for scope in SCOPES:
                body = {"name": scope, "scopes": [scope], "per_minute": 100_000}
                self.headers[f"key {scope}"] = {"X-API-Key": admin.post("/v1/keys", json=body).json()["secret"]}
            report = admin.post("/v1/reports", data={"kind": "suggestion", "text": "a"}).json()["id"]
            asked = {"kind": "siting", "params": {"new_sites": 1}}
            job = admin.post("/v1/jobs", json=asked).json()["id"]
            for _ in range(600):
                if admin.get(f"/v1/jobs/{job}").json()["status"] in ("done", "failed", "cancelled"):
                    break
                time.sleep(0.2)
            saved = admin.post("/v1/scenarios", json={"job_id": job, "name": "a"}).json()
            scenario = saved.get("id", "none")
            token = admin.post(f"/v1/scenarios/{scenario}/share", json={"on": True}).json().get("share", "none")
            code = admin.get("/v1/stations?limit=1").json()["features"][0]["properties"]["station_code"]
        self.ids: dict[str, Any] = {
            "job_id": job, "scenario_id": scenario, "report_id": report, "number": 1, "token": token, "code": code,
            "station_code": code, "name": "fuzz-viewer", "key_id": 1, "collection": "stations", "item_id": code,
        }  # fmt: skip

    def sign_in(self, role: str) -> None:
        """Begin a session."""
        answer = httpx.post(f"{self.base}/v1/login", json={"name": f"fuzz-{role}", "password": PASSWORD}, timeout=60)
        if answer.status_code == 200:
            cookie = answer.headers["set-cookie"].split(";")[0]
            self.headers[role] = {"Cookie": cookie, "X-CSRF-Token": answer.json()["csrf"]}


class Report:
    """What was seen."""

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.by_identity: Counter[str] = Counter()
        self.operations: set[str] = set()
        self.reached: set[str] = set()
        self.slowest: tuple[float, str] = (0.0, "")
        self.wrong: dict[str, str] = {}

    def note(self, who: str, label: str, answer: Any, seconds: float, asked: str) -> None:
        """Count an answer and keep what is no plain refusal, once an operation and kind."""
        self.statuses[str(answer.status_code)] += 1
        self.by_identity[who] += 1
        self.operations.add(label)
        if answer.status_code < 400:
            self.reached.add(label)
        self.slowest = max(self.slowest, (seconds, label))
        kind = (answer.headers.get("content-type") or [""])[0]
        if answer.status_code >= 500:
            self.wrong.setdefault(f"{answer.status_code} {label}", f"{who}: {asked[:300]} -> {answer.content[:200]!r}")
        if seconds > SLOW_S:
            self.wrong.setdefault(f"slow {label}", f"{who}: {seconds:.1f} s {asked[:300]}")
        if 400 <= answer.status_code < 500 and not kind.startswith("application/problem+json") and answer.content:
            self.wrong.setdefault(f"content type {label}", f"{who}: {answer.status_code} {kind} {asked[:200]}")


def ask(case: Any, crowd: Crowd, who: str, report: Report, chance: random.Random) -> None:
    """Send one case as one identity, with an id that exists three times of four."""
    label = f"{case.method} {case.path}"
    case.path_parameters = {
        name: crowd.ids[name] if name in crowd.ids and chance.random() < 0.75 else value
        for name, value in (case.path_parameters or {}).items()
    }
    headers = {**crowd.headers[who]}
    if case.path in KEPT or (
        case.path.startswith("/v1/accounts/") and case.path_parameters.get("name") != "fuzz-viewer"
    ):
        headers.pop("X-CSRF-Token", None)
    began = time.monotonic()
    try:
        answer = case.call(base_url=crowd.base, headers=headers, timeout=60)
    except Exception as error:  # what HTTP itself cannot say, such as a line feed in a header, is not sent
        report.statuses[f"not sent: {type(error).__name__}"] += 1
        return
    report.note(who, label, answer, time.monotonic() - began, f"{case.formatted_path} {case.query} {case.body!r}")
    if answer.status_code == 401 and who in ROLES:
        crowd.sign_in(who)


AWKWARD: tuple[Any, ...] = (
    "", " ", "a", "0", "-1", "1e999", "NaN", "1" * 400, "a" * 5000, "\x00", "\ud800", "＝1+1",
    "'; DROP TABLE station --",
    "../../etc/passwd", "%00", "null", "true", "2026-11-20T02:00", "9999-99-99", "120.3,31.5", "120.3,31.5,120.4,31.6",
    "walk", "S1", "320213", "toilet,water", "<script>", "𠮷", "\u202e", 0, 1, -1, 2**31, 2**63, 10**400, 1.5,
    1e308, True, None,
    [], [1], {}, {"a": [{}]}, ["a"] * 300,
)  # fmt: skip


def quick(document: dict[str, Any], crowd: Crowd, report: Report, chance: random.Random, end: float) -> None:
    """Ask every operation as everybody with awkward values in its path, its query and its body."""
    listed = [
        (method.upper(), path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if not path.startswith(LEFT_OUT) and not path.endswith(LEFT_OUT)
    ]
    with httpx.Client(base_url=crowd.base, timeout=60) as client:
        while time.monotonic() < end:
            for method, path, operation in chance.sample(listed, len(listed)):
                if time.monotonic() > end:
                    return
                who = chance.choice(list(crowd.headers))
                _quick_one(client, document, crowd, report, chance, who, method, path, operation)


def _quick_one(
    client: httpx.Client,
    document: dict[str, Any],
    crowd: Crowd,
    report: Report,
    chance: random.Random,
    who: str,
    method: str,
    path: str,
    operation: dict[str, Any],
) -> None:
    filled, query = path, {}
    for parameter in operation.get("parameters", ()):
        name, schema = parameter["name"], parameter.get("schema", {})
        known = crowd.ids.get(name) if parameter["in"] == "path" else parameter.get("example", _example(schema))
        value = known if known is not None and chance.random() < 0.7 else chance.choice(AWKWARD)
        if parameter["in"] == "path":
            filled = filled.replace(f"{{{name}}}", quote(_text(value), safe="") or "x")
        elif parameter["in"] == "query" and (parameter.get("required") or chance.random() < 0.5):
            query[name] = _text(value)
    headers = dict(crowd.headers[who])
    if path in KEPT or (path.startswith("/v1/accounts/") and "fuzz-viewer" not in filled):
        headers.pop("X-CSRF-Token", None)
    content, kind = _body(document, operation, chance)
    if kind:
        headers["Content-Type"] = kind
    began = time.monotonic()
    try:
        answer = client.request(method, filled, params=query, content=content, headers=headers)
    except (httpx.HTTPError, UnicodeEncodeError, ValueError, httpx.InvalidURL) as error:
        report.statuses[f"not sent: {type(error).__name__}"] += 1
        return
    seen = SimpleNamespace(
        status_code=answer.status_code,
        headers={"content-type": [answer.headers.get("content-type", "")]},
        content=answer.content,
    )
    asked = f"{filled} {query} {content[:300]!r}"
    report.note(who, f"{method} {path}", seen, time.monotonic() - began, asked)
    if answer.status_code == 401 and who in ROLES and path != "/v1/login":
        crowd.sign_in(who)


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)[:6000] if not _long(value) else "1" * 400
    return text.encode("utf-8", "replace").decode()


def _long(value: Any) -> bool:
    return isinstance(value, int) and value.bit_length() > 1000


def _example(schema: dict[str, Any]) -> Any:
    if "examples" in schema:
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    return schema.get("default")


def _body(document: dict[str, Any], operation: dict[str, Any], chance: random.Random) -> tuple[bytes, str]:
    """Return a body of the operation's form in which some members are awkward, or broken JSON."""
    kinds = operation.get("requestBody", {}).get("content", {})
    if not kinds:
        return b"", ""
    kind, described = next(iter(kinds.items()))
    schema = described.get("schema", {})
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    members = {
        name: _example(one) if _example(one) is not None and chance.random() < 0.5 else chance.choice(AWKWARD)
        for name, one in schema.get("properties", {}).items()
        if chance.random() < 0.8
    }
    if chance.random() < 0.3:
        members |= {"reason": "x", "changes": {chance.choice(FIELDS).name: chance.choice(AWKWARD)}}
    if chance.random() < 0.1:
        return chance.choice((b"{", b"[]", b"null", b"\xff\xfe", b"[" * 3000, b'{"a":' * 900)), "application/json"
    if kind == "application/json":
        return json.dumps(members).encode(), kind
    if kind == "application/x-www-form-urlencoded":
        return urlencode({name: _text(value) for name, value in members.items()}).encode(), kind
    lines = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{_text(value)}\r\n'
        for name, value in members.items()
    ]
    name = chance.choice(("a.csv", "a.xlsx", "a.gpkg", "a.geojson", "a.png", "a.exe"))
    junk = chance.choice(
        (b"", b"PK\x03\x04", b"SQLite format 3\x00", b"\x89PNG\r\n\x1a\n", "站点名称,地址\n甲,乙\n".encode())
    )
    field = "photo" if "photo" in schema.get("properties", {}) else "file"
    head = f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
    return "".join(lines).encode() + head.encode() + junk + b"\r\n--b--\r\n", "multipart/form-data; boundary=b"


def main() -> None:
    """Fuzz for a while and print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--pack", type=Path, default=None)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    chance = random.Random(options.seed)  # noqa: S311 - repeatable, not secret
    report = Report()
    pack = options.pack or demo_pack_dir(nodes=2000)
    with served(pack) as (base, folder):
        crowd = Crowd(base, folder)
        schema = schemathesis.openapi.from_url(f"{base}/v1/openapi.json")
        operations = [found.ok() for found in schema.get_all_operations()]
        operations = [
            item for item in operations if not item.path.startswith(LEFT_OUT) and not item.path.endswith(LEFT_OUT)
        ]
        end = time.monotonic() + options.seconds
        if options.quick:
            document = httpx.get(f"{base}/v1/openapi.json", timeout=60).json()
            quick(document, crowd, report, chance, end)
        turn = options.seed
        while time.monotonic() < end:
            for operation in chance.sample(operations, len(operations)):
                if time.monotonic() > end:
                    break
                turn += 1
                mode = chance.choice((GenerationMode.POSITIVE, GenerationMode.NEGATIVE))
                with contextlib.suppress(HypothesisException):
                    _some(operation, mode, turn, crowd, report, chance)
        alive = httpx.get(f"{base}/v1/ready", timeout=10).status_code
    told = {
        "requests": sum(report.by_identity.values()),
        "operations": len(report.operations),
        "answered with success": len(report.reached),
        "identities": dict(report.by_identity),
        "statuses": dict(sorted(report.statuses.items())),
        "slowest": {"seconds": round(report.slowest[0], 2), "operation": report.slowest[1]},
        "ready at the end": alive == 200,
        "wrong": report.wrong,
    }
    print(json.dumps(told, ensure_ascii=False, indent=1))
    sys.exit(bool(report.wrong))


def _some(
    operation: Any, mode: GenerationMode, number: int, crowd: Crowd, report: Report, chance: random.Random
) -> None:
    """Make a few cases of an operation and let everybody send each: making one takes longer than asking."""

    @seed(number)
    @settings(
        max_examples=3,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        for who in crowd.headers:
            ask(case, crowd, who, report, chance)

    run()


if __name__ == "__main__":
    main()

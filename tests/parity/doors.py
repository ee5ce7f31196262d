"""The doors of geoplan, each asked the same question: library, command line, API, job, and the files they write."""

from __future__ import annotations

import contextlib
import io
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from geoplan_api.cli.main import main

# field of the question -> option of the command line, and how its value is typed
OPTIONS: dict[str, Any] = {
    "new_sites": ("--new", str),
    "limit_s": ("--limit-min", lambda value: repr(value / 60.0)),
    "farthest_s": ("--farthest-min", lambda value: repr(value / 60.0)),
    "facilities": ("--facilities", ",".join),
    "capacity_workers": ("--capacity", str),
    "minute_cost": ("--way-cost", repr),
    "cover_times": ("--cross", str),
    "years": ("--years", lambda value: ",".join(map(str, value))),
    "yearly_budgets": ("--yearly-budget", lambda value: ",".join(map(str, value))),
    "robust": ("--scenarios", ",".join),
    "slices": ("--slices", ",".join),
    "decay": ("--decay", lambda value: ",".join(f"{reach / 60.0!r}:{share}" for reach, share in value)),
    "force": ("--require", ",".join),
    "veto": ("--forbid", ",".join),
    "floors": ("--floor", lambda value: [f"{name}={share}" for name, share in value.items()]),
    "quotas": (
        "--quota",
        lambda value: [f"{name}={low}:{'' if high is None else high}" for name, (low, high) in value.items()],
    ),
}


def options(asked: Mapping[str, Any]) -> list[str]:
    """The question as typed."""
    words = []
    for name, value in asked.items():
        option, typed = OPTIONS.get(name, ("--" + name.replace("_", "-"), str))
        if value is True:
            words.append(option)
            continue
        text = typed(value)
        for one in text if isinstance(text, list) else [text]:
            words += [option, one]
    return words


def command(*words: str) -> dict[str, Any]:
    """What a command prints with ``--json``."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        main([*words, "--json"])
    return json.loads(out.getvalue())


def query(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The question as parameters of an address."""
    return {name: ",".join(value) if isinstance(value, tuple) else value for name, value in asked.items()}


def job(client: TestClient, kind: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """A job's id and result."""
    asked = client.post("/v1/jobs", json={"kind": kind, "params": dict(params)}, headers=client.token)
    assert asked.status_code == 202, asked.text
    end = time.monotonic() + 120.0
    while time.monotonic() < end:
        state = client.get(f"/v1/jobs/{asked.json()['id']}").json()
        if state["status"] in ("done", "failed", "cancelled"):
            break
        time.sleep(0.05)
    assert state["status"] == "done", state
    return {"id": state["id"], **client.get(f"/v1/jobs/{state['id']}/result").json()}


def written(folder: Path, name: str) -> Path:
    """A file that a command wrote."""
    path = folder / name
    assert path.is_file(), f"{name} was not written; there are {sorted(one.name for one in folder.iterdir())}"
    return path

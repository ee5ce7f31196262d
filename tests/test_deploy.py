"""What docs/deploy promises: settings as the code has them, files that parse, steps that run in a fresh environment."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from geoplan_api.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "docs" / "deploy"


def variables() -> set[str]:
    """Every variable that the settings know."""
    return {
        f"GEOPLAN_{concern.upper()}__{name.upper()}"
        for concern, field in Settings.model_fields.items()
        for name in field.annotation.model_fields  # type: ignore[union-attr]
    }


def test_the_settings_reference_is_what_the_code_says():
    done = subprocess.run([sys.executable, ROOT / "tools" / "settings_reference.py", "--check"], cwd=ROOT)
    assert done.returncode == 0, "run tools/settings_reference.py"


def test_every_setting_has_words():
    for field in Settings.model_fields.values():
        for name, option in field.annotation.model_fields.items():  # type: ignore[union-attr]
            assert option.description, name


@pytest.mark.parametrize("path", sorted(DEPLOY.iterdir()), ids=lambda path: path.name)
def test_files_name_only_settings_that_exist(path):
    named = set(re.findall(r"GEOPLAN_[A-Z]+__[A-Z_]*[A-Z]", path.read_text("utf-8")))
    assert named <= variables()


def test_links_between_the_pages_lead_somewhere():
    for page in DEPLOY.glob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (DEPLOY / target).exists(), f"{page.name}: {target}"


def test_unit_and_dashboard_are_whole():
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[method-assign,assignment]
    unit.read(DEPLOY / "geoplan.service")
    assert unit["Service"]["ExecStart"].startswith("/opt/geoplan/bin/geoplan serve ")
    assert unit["Service"]["UMask"] == "0077"
    metrics = (ROOT / "api" / "geoplan_api" / "metrics.py").read_text("utf-8")
    for panel in json.loads((DEPLOY / "dashboard.json").read_text("utf-8"))["panels"]:
        for target in panel["targets"]:
            for name in re.findall(r"geoplan_[a-z_]+", target["expr"]):
                assert re.sub(r"_(total|bucket)$", "", name) in metrics


def test_the_stack_is_what_the_service_accepts(monkeypatch):
    """The compose file's environment starts a service that listens to others."""
    from geoplan_api.cli.serve import check_exposure

    for line in (DEPLOY / "compose.yaml").read_text("utf-8").splitlines():
        found = re.match(r"\s+(GEOPLAN_[A-Z_]+): (.+?)(?: #.*)?$", line)
        if found:
            value = found[2].strip().strip("'\"").replace("${DOMAIN:?}", "map.example.org")
            monkeypatch.setenv(found[1], value.replace("${POSTGRES_PASSWORD:?}", "x"))
    settings = Settings()
    check_exposure("0.0.0.0", settings)
    assert settings.security.trust_forwarded_for
    assert settings.security.public_url == "https://map.example.org"
    assert settings.backup.every_h == 24


@pytest.mark.slow
def test_the_steps_of_the_image_run_in_a_fresh_environment(tmp_path):
    """As the container image is made; takes minutes and the package index, so it is asked for by a variable."""
    if not os.environ.get("GEOPLAN_TEST_INSTALL"):
        pytest.skip("set GEOPLAN_TEST_INSTALL=1 to install everything anew")
    target = tmp_path / "geoplan"
    script = DEPLOY / "install.sh"
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment |= {"PYTHON": sys.executable, "GEOPLAN_DATA__FOLDER": str(tmp_path / "service")}
    subprocess.run([shutil.which("sh") or "sh", script, ROOT, target], check=True, cwd=tmp_path, env=environment)
    for words in (["--help"], ["backup", "--help"], ["doctor", "--json"]):
        done = subprocess.run([target / "bin" / "geoplan", *words], cwd=tmp_path, env=environment, capture_output=True)
        assert done.returncode in (0, 1), done.stderr

"""The pages as files: nothing foreign is loaded, nothing is forgotten offline, every word exists in both languages."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from geoplan_maps.bundle import bundle_script, bundle_sheets, module_order
from geoplan_maps.vocabulary import SCRIPT, vocabulary_script

from geoplan.errors import InputError

WEB = Path(__file__).resolve().parents[2] / "maps" / "geoplan_maps" / "web"
FIRST_LOAD_BYTES = 400_000  # compressed, without MapLibre
IMPORT = re.compile(r'^(?:import|export)\b[^";]*?"(\.[^"]+)";', re.M)


def modules(start: str) -> set[str]:
    """All modules that a module loads, itself among them."""
    found: set[str] = set()
    waiting = [WEB / start]
    while waiting:
        path = waiting.pop()
        name = path.relative_to(WEB).as_posix()
        if name in found:
            continue
        found.add(name)
        if name == SCRIPT:
            continue
        waiting += [(path.parent / other).resolve() for other in IMPORT.findall(path.read_text("utf-8"))]
    return found


def words(name: str) -> dict[str, str]:
    text = (WEB / "js" / "words" / name).read_text("utf-8")
    return dict(re.findall(r'^\s*"([\w.]+)":\s*"((?:[^"\\]|\\.)*)"', text, re.M))


@pytest.mark.parametrize("page", ["public", "planner"])
def test_a_page_asks_for_one_script_that_holds_every_module_it_runs(page: str) -> None:
    html = (WEB / ("index.html" if page == "public" else "planner.html")).read_text("utf-8")
    assert re.findall(r'<script type="module" src="([^"]+)"', html) == [f"/static/{{{{version}}}}/bundle/{page}.js"]
    assert re.findall(r'rel="stylesheet" href="([^"]+)"', html) == [f"/static/{{{{version}}}}/bundle/{page}.css"]
    start = f"js/{page}/main.js"
    order = [path.relative_to(WEB).as_posix() for path in module_order(WEB / start)]
    assert set(order) == modules(start)
    assert order[-1] == start
    script = bundle_script(WEB / start)
    assert not re.search(r"^(import|export)\b", script, re.M)
    assert "@param" not in script


def test_modules_are_put_together_in_the_order_of_their_needs(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text('import { b as c } from "./b.js";\nexport const a = c();\n', "utf-8")
    (tmp_path / "b.js").write_text("/** Says one. */\nexport function b() {\n  // one\n  return 1;\n}\n", "utf-8")
    assert bundle_script(tmp_path / "a.js") == (
        "const m0 = (() => {\nfunction b() {\n  return 1;\n}\nreturn { b };\n})();\n"
        "const m1 = (() => {\nconst { b: c } = m0;\nconst a = c();\nreturn { a };\n})();\n"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('import { a } from "./a.js";\nexport const b = a;\n', "circle"),
        ('import * as a from "./c.js";\n', "not understood"),
        ("export let b = 1;\n", "not understood"),
        ('import { x } from "./absent.js";\n', "missing"),
    ],
)
def test_forms_that_would_be_mistranslated_are_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.js").write_text('import { b } from "./b.js";\nexport const a = b;\n', "utf-8")
    (tmp_path / "b.js").write_text(text, "utf-8")
    with pytest.raises(InputError, match=said):
        bundle_script(tmp_path / "a.js")


@pytest.mark.parametrize("page", ["index.html", "planner.html"])
def test_a_page_loads_from_its_own_host_only_and_runs_no_inline_script(page: str) -> None:
    html = (WEB / page).read_text("utf-8")
    for address in re.findall(r'(?:src|href|data-script)="([^"]+)"', html):
        assert address.startswith(("/", "#")), address
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", html), "the service's policy refuses inline scripts"
    for path in WEB.rglob("*.css"):
        assert "http" not in path.read_text("utf-8"), path.name


def test_scripts_name_foreign_hosts_only_in_links_the_reader_opens() -> None:
    hosts: dict[str, set[str]] = {}
    for path in WEB.rglob("*.js"):
        for host in re.findall(r"https?://([\w.]+)", path.read_text("utf-8")):
            hosts.setdefault(host, set()).add(path.name)
    names = {"www.w3.org", "schemas.openxmlformats.org"}  # names of XML vocabularies, never fetched
    navigation = {host for host, files in hosts.items() if files == {"navigate.js"}}
    assert set(hosts) - names == navigation == {"uri.amap.com", "api.map.baidu.com", "apis.map.qq.com"}


def test_everything_the_public_page_needs_is_kept_for_offline_use() -> None:
    kept = set(json.loads((WEB / "offline.json").read_text("utf-8")))
    html = (WEB / "index.html").read_text("utf-8")
    needed = set(re.findall(r'(?:src|href)="/static/\{\{version\}\}/([^"]+)"', html))
    assert needed == kept


def test_first_load_stays_within_its_budget() -> None:
    sent = [(WEB / name).read_text("utf-8") for name in ("index.html", "js/dress.js")]
    sent.append(bundle_script(WEB / "js" / "public" / "main.js"))
    sent.append(bundle_sheets([WEB / "css" / f"{name}.css" for name in ("tokens", "base", "public")]))
    size = sum(len(gzip.compress(text.encode())) for text in sent)
    assert size < FIRST_LOAD_BYTES / 4, "the rest is for the stations themselves"


@pytest.mark.parametrize(
    ("zh", "en"), [("zh.js", "en.js"), ("planner-zh.js", "planner-en.js"), ("register-zh.js", "register-en.js")]
)
def test_both_languages_have_the_same_words_with_the_same_blanks(zh: str, en: str) -> None:
    chinese, english = words(zh), words(en)
    assert set(chinese) == set(english)
    blanks = {
        key
        for key in chinese
        if set(re.findall(r"\{(\w+)\}", chinese[key])) != set(re.findall(r"\{(\w+)\}", english[key]))
    }
    assert blanks == set()


def vocabulary() -> dict[str, dict[str, str]]:
    """Words of the vocabulary by language, as the pages get them."""
    return json.loads(re.match(r"export const vocabulary = (.*);\n", vocabulary_script())[1])


def counted() -> dict[str, dict[str, dict[str, str]]]:
    """Words of what demand counts: language, unit, form."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for language, words_of in vocabulary().items():
        for key, text in words_of.items():
            if key.startswith("counted."):
                _, unit, form = key.split(".")
                found.setdefault(language, {}).setdefault(unit, {})[form] = text
    return found


# people who are no demand: who a station or a page is for, who works on the register, trades, demonstration data
NOT_DEMAND = re.compile(
    r"(page|banner|report|menu|trade|kind|role|profile|outcome|field)\.|"
    r"scenario\.linkAbout|site\.trades"
)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_where_demand_is_no_workers_no_sentence_counts_workers(language: str) -> None:
    files = [name.format(language) for name in ("{}.js", "planner-{}.js", "register-{}.js")]
    sentences = {key: text for name in files for key, text in words(name).items()}
    units = counted()[language]
    assert set(units) == {"workers", "street_m", "points", "residents"}
    person = re.compile("(?<!无)人(?!工|员)|劳动者|worker|people", re.I)
    for unit, forms in units.items():
        assert set(forms) == set(units["workers"]), unit
        filled = {
            key: re.sub(r"\{@(\w+)\}", lambda m, f=forms: f[m[1].lower()], text) for key, text in sentences.items()
        }
        found = {
            key: text
            for key, text in filled.items()
            if (key == "trade.everyone" or not NOT_DEMAND.match(key)) and person.search(text)
        }
        assert bool(found) == (unit == "workers"), found
    used = {form.lower() for text in sentences.values() for form in re.findall(r"\{@(\w+)\}", text)}
    assert used <= set(units["workers"])


def test_with_workers_the_sentences_read_as_they_should() -> None:
    workers = counted()["zh"]["workers"]
    text = re.sub(r"\{@(\w+)\}", lambda m: workers[m[1]], words("planner-zh.js")["coverage.notMet"])
    assert text == "{when}：还没有。{whose}{who}中，{share} {how}内能到{station}，还差 {missing} 人。"


def test_every_word_that_is_used_exists() -> None:
    known = {key for name in ("zh.js", "planner-zh.js", "register-zh.js") for key in words(name)}
    known |= set(vocabulary()["zh"])
    groups = {key.split(".")[0] for key in known}
    used: set[str] = set()
    for path in [*WEB.rglob("*.js"), *WEB.glob("*.html")]:
        text = path.read_text("utf-8")
        used |= set(re.findall(r'\bt\(\s*"([\w.]+)"', text))
        assert set(re.findall(r'\b(?:term\("|t\(`)(\w+)', text)) <= groups, path.name
        used |= set(re.findall(r'data-t(?:-label|-placeholder)?="([\w.]+)"', text))
    assert used - known == set()


def test_no_script_is_longer_than_a_subject() -> None:
    long = {path.name: n for path in WEB.rglob("*.js") if (n := len(path.read_text("utf-8").splitlines())) > 400}
    assert long == {}


def test_types_hold_where_a_checker_is_installed() -> None:
    checker = os.environ.get("GEOPLAN_TSC") or shutil.which("tsc")
    if checker is None:
        pytest.skip("tsc (TypeScript) is not installed here; the pages do not need it")
    done = subprocess.run(
        [checker, "-p", str(WEB.parents[1] / "jsconfig.json")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout

"""The house's rule: imports run api → maps → geoplan, and never in a circle, between files or between rooms."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path

import networkx as nx
import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {
    "geoplan_data": ROOT / "data/geoplan_data",
    "geoplan": ROOT / "geoplan",
    "geoplan_maps": ROOT / "maps/geoplan_maps",
    "geoplan_api": ROOT / "api/geoplan_api",
}
MAY_IMPORT = {
    "geoplan_data": set(),
    "geoplan": {"geoplan_data"},
    "geoplan_maps": {"geoplan", "geoplan_data"},
    "geoplan_api": {"geoplan", "geoplan_maps", "geoplan_data"},
}


def module_names(packages: Mapping[str, Path]) -> dict[str, Path]:
    names = {}
    for package, folder in packages.items():
        for path in folder.rglob("*.py"):
            parts = path.relative_to(folder).with_suffix("").parts
            parts = parts[:-1] if parts and parts[-1] == "__init__" else parts
            names[".".join([package, *parts])] = path
    return names


def imported(path: Path, modules: Iterable[str]) -> set[str]:
    """Project modules that a file imports; ``from a import b`` counts as ``a.b`` where that is a module."""
    known = set(modules)
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the layering"
            module = node.module or ""
            found.update(f"{module}.{a.name}" if f"{module}.{a.name}" in known else module for a in node.names)
    return {name for name in found if name.split(".")[0] in PACKAGES and name in known}


def import_graph(packages: Mapping[str, Path]) -> nx.DiGraph:
    modules = module_names(packages)
    graph = nx.DiGraph()
    graph.add_nodes_from(modules)
    for name, path in modules.items():
        graph.add_edges_from((name, other) for other in imported(path, modules) if other != name)
    return graph


def upward(graph: nx.DiGraph) -> list[str]:
    wrong = []
    for a, b in graph.edges:
        top_a, top_b = a.split(".")[0], b.split(".")[0]
        if top_a != top_b and top_b not in MAY_IMPORT[top_a]:
            wrong.append(f"{a} imports {b}")
    return wrong


def rooms(graph: nx.DiGraph) -> nx.DiGraph:
    """The same graph with every module standing for its room: the folder or file below the package."""

    def room(name: str) -> str:
        return ".".join(name.split(".")[:2])

    # a package's own __init__ gathers its rooms' public names: it is above them, not among them
    edges = {(room(a), room(b)) for a, b in graph.edges if "." in a and "." in b}
    return nx.DiGraph([(a, b) for a, b in edges if a != b])


def test_imports_run_one_way():
    assert upward(import_graph(PACKAGES)) == []


@pytest.mark.parametrize("level", ["files", "rooms"])
def test_no_circles(level):
    graph = import_graph(PACKAGES)
    graph = graph if level == "files" else rooms(graph)
    assert [sorted(c) for c in nx.strongly_connected_components(graph) if len(c) > 1] == []


def test_the_checker_sees_upward_imports_and_circles(tmp_path):
    packages = {name: tmp_path / name for name in PACKAGES}
    for folder in packages.values():
        (folder / "room").mkdir(parents=True)
        (folder / "__init__.py").touch()
        (folder / "room/__init__.py").touch()
    (packages["geoplan"] / "room/a.py").write_text("from geoplan_api import room\n")
    (packages["geoplan"] / "room/b.py").write_text("def f():\n    from geoplan.room.c import x\n")
    (packages["geoplan"] / "room/c.py").write_text("import geoplan.room.b\n")
    graph = import_graph(packages)
    assert upward(graph) == ["geoplan.room.a imports geoplan_api.room"]
    assert [sorted(c) for c in nx.strongly_connected_components(graph) if len(c) > 1] == [
        ["geoplan.room.b", "geoplan.room.c"]
    ]


def test_folders_declare_names_and_define_nothing():
    for name, path in module_names(PACKAGES).items():
        if path.name != "__init__.py":
            continue
        body = ast.parse(path.read_text(encoding="utf-8")).body
        for node in body:
            allowed = isinstance(node, ast.ImportFrom | ast.Import) or (
                isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            )
            allowed = allowed or (
                isinstance(node, ast.Assign) and [getattr(t, "id", "") for t in node.targets] == ["__all__"]
            )
            # an import put off until it is asked for (PEP 562) declares a name too
            allowed = allowed or (isinstance(node, ast.FunctionDef) and node.name == "__getattr__")
            assert allowed, f"{name}: line {node.lineno} defines something"

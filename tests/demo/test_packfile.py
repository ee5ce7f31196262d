"""The demonstration pack on disk: opens without a fault, is made once, and survives a cache that cannot be written."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from geoplan.demo import DemoCity, demo_pack_dir, packfile, write_pack
from geoplan.pack import CityPack


def test_the_pack_opens_and_says_what_it_is(town: DemoCity, tmp_path: Path) -> None:
    pack = CityPack.open(write_pack(town, tmp_path / "城"))
    assert pack.manifest.origin == "demonstration"
    assert pack.manifest.crs_metric == "EPSG:4549"
    assert pack.manifest.defaults.limit_s == 900.0
    assert tuple(pack.manifest.notes) == town.notes
    assert len(pack.streets) == len(town.streets)
    assert pack.total_demand == town.demand["workers"].sum()
    assert pack.trades == ("food_rider", "courier", "ride_hail", "sanitation")
    for entry in pack.manifest.files.values():
        assert "seed 0, 2000 nodes" in entry.source
        assert entry.licence
        assert entry.defects
    assert (tmp_path / "城" / "stations.csv").read_bytes().startswith(b"\xef\xbb\xbf")  # Excel reads it as UTF-8


def test_manifest_names_every_file_and_no_other(town: DemoCity, tmp_path: Path) -> None:
    folder = write_pack(town, tmp_path)
    manifest = tomllib.loads((folder / "pack.toml").read_text(encoding="utf-8"))
    paths = {entry["path"] for entry in manifest["files"].values()}
    assert paths | {"pack.toml"} == {p.name for p in folder.iterdir()}
    write_pack(town, tmp_path)  # again over itself
    assert paths | {"pack.toml"} == {p.name for p in folder.iterdir()}


def test_the_cache_is_used_and_keyed(town: DemoCity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[int, int]] = []

    def once(seed: int, nodes: int, progress: object = None) -> DemoCity:
        made.append((seed, nodes))
        return town

    monkeypatch.setattr(packfile, "generate", once)
    first = demo_pack_dir(0, 2_000, cache=tmp_path)
    assert demo_pack_dir(0, 2_000, cache=tmp_path) == first
    assert made == [(0, 2_000)]
    assert demo_pack_dir(1, 2_000, cache=tmp_path) != first
    monkeypatch.setattr(packfile, "VERSION", packfile.VERSION + 1)
    assert demo_pack_dir(0, 2_000, cache=tmp_path) != first
    assert len(made) == 3
    assert not list(tmp_path.glob("*.part"))


def test_two_processes_at_once_do_not_collide(town: DemoCity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other process finishes while this one generates."""

    def slow(seed: int, nodes: int, progress: object = None) -> DemoCity:
        monkeypatch.setattr(packfile, "generate", lambda *_: town)
        demo_pack_dir(seed, nodes, cache=tmp_path)
        (tmp_path / f"demo-v{packfile.VERSION}-s0-n2000" / "marker").touch()
        return town

    monkeypatch.setattr(packfile, "generate", slow)
    folder = demo_pack_dir(0, 2_000, cache=tmp_path)
    assert (folder / "marker").exists()  # the first one's folder stays
    assert [p.name for p in tmp_path.iterdir()] == [folder.name]


def test_an_unwritable_cache_gives_a_temporary_folder_and_a_note(
    town: DemoCity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packfile, "generate", lambda *_: town)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    blocked = tmp_path / "a file, not a folder"
    blocked.write_text("")
    notes: list[str] = []
    folder = demo_pack_dir(0, 2_000, cache=blocked, note=notes.append)
    assert (folder / "pack.toml").is_file()
    assert len(notes) == 1
    assert "不可写" in notes[0]

"""The bench of travel times: same graph from the same seed, answers that agree, absent peers named."""

from __future__ import annotations

import json

import numpy as np

from geoplan.bench.reach import run_reach, street_like


def test_graph_is_street_like_and_seeded():
    xy, edges, length_m = street_like(4000, seed=3)
    again = street_like(4000, seed=3)
    assert all(np.array_equal(a, b) for a, b in zip((xy, edges, length_m), again, strict=True))
    assert not np.array_equal(street_like(4000, seed=4)[0], xy)
    assert 1.3 < len(edges) / len(xy) < 1.6
    straight = np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T)
    assert (length_m >= straight).all()
    assert edges.max() == len(xy) - 1


def test_peers_agree_and_absent_ones_are_named(monkeypatch):
    import importlib.util

    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "igraph" else found(name))
    result = run_reach(nodes=900, origins=20, peer_s=2.0, peers=("scipy", "networkx", "igraph"))
    assert result.absent == ("igraph",)
    assert [row.name for row in result.rows] == ["geoplan", "scipy", "networkx"]
    assert all(row.agrees for row in result.rows)
    assert all(row.reached > 0 for row in result.rows)
    assert result.ratio("geoplan") == 1.0
    table = json.loads(json.dumps(result.to_dict()))
    assert table["rows"][0]["origins"] == 20
    assert table["absent"] == ["igraph"]

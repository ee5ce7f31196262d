"""A saved network: the same answers from a mapped file, and one plain sentence for a file that is none."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import numpy as np
import pytest

from geoplan.errors import Fault, InputError
from geoplan.network import StreetNetwork
from geoplan.network.store import open_arrays, save_arrays


@pytest.fixture(params=["A---B---C", "A>>>>B\n|    |\nC----D"])
def net(draw, request):
    return draw(request.param)


def test_round_trip(net, tmp_path):
    path = net.save(tmp_path / "网络.gpn")
    again = StreetNetwork.open(path)
    assert again.profile == net.profile
    assert again.counts == net.counts
    assert again.crs == net.crs
    assert again.graph.symmetric == net.graph.symmetric
    o, d = [[10.0, 5.0], [250.0, 0.0]], [[90.0, 0.0], [0.0, 0.0]]
    assert np.array_equal(again.travel_times(o, d, 1e4).seconds, net.travel_times(o, d, 1e4).seconds)
    assert np.array_equal(again.node_xy, net.node_xy)
    assert not list(tmp_path.glob("*.part"))


def test_saved_over_itself_while_open(net, tmp_path):
    path = net.save(tmp_path / "a.gpn")
    again = StreetNetwork.open(path)
    again.save(path)
    assert again.travel_times(np.array([0]), np.array([1]), 1e4).nnz == 1
    assert StreetNetwork.open(path).n_nodes == net.n_nodes


def test_arrays_are_mapped_and_read_only(net, tmp_path):
    graph = StreetNetwork.open(net.save(tmp_path / "a.gpn")).graph
    for array in (graph.node_xy, graph.forward.head, graph.boxes):
        assert not array.flags.writeable
        assert not array.flags.owndata
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_notes_and_infinite_profile_values_survive(net, tmp_path):
    noted = StreetNetwork(net.graph, net.profile, None, net.counts, (Fault("a", "b", problem_zh="甲"),), "文件", "© X")
    again = StreetNetwork.open(noted.save(tmp_path / "a.gpn"))
    assert again.notes == noted.notes
    assert again.attribution == "© X"
    assert again.profile.top_speed_m_s == float("inf")


def test_opens_fast_whatever_the_size(tmp_path):
    side = 350
    node = np.arange(side * side).reshape(side, side)
    edges = np.r_[np.c_[node[:, :-1].ravel(), node[:, 1:].ravel()], np.c_[node[:-1].ravel(), node[1:].ravel()]]
    xy = np.c_[node.ravel() % side, node.ravel() // side] * 80.0
    path = StreetNetwork.from_edges(xy, edges, np.full(len(edges), 66.0)).save(tmp_path / "large.gpn")
    start = time.perf_counter()
    net = StreetNetwork.open(path)
    assert time.perf_counter() - start < 0.2
    assert net.n_nodes == 122_500
    assert net.travel_times(np.array([0]), np.array([side + 1])).seconds.tolist() == [132.0]


def test_another_process_reads_it(draw, tmp_path):
    net = draw("A---B---C")
    path = net.save(tmp_path / "a.gpn")
    code = (
        "import sys; from geoplan.network import StreetNetwork; import numpy as np;"
        "print(StreetNetwork.open(sys.argv[1]).travel_times(np.array([0]), np.array([1]), 1e4).seconds[0])"
    )
    env = {"PYTHONPATH": ":".join(sys.path)}
    said = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, env=env)
    assert float(said.stdout) == float(net.travel_times(np.array([0]), np.array([1]), 1e4).seconds[0])


def broken(path, how):
    data = path.read_bytes()
    if how == "cut":
        data = data[: len(data) - 100]
    elif how == "cut in the header":
        data = data[:60]
    elif how == "another version":
        data = data[:15] + b"\x09" + data[16:]
    elif how == "damaged header":
        data = data[:24] + b"\xff\xff" + data[26:]
    elif how == "something else":
        data = b"PK\x03\x04" + data[4:]
    elif how == "empty":
        data = b""
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("cut", "cut short"),
        ("cut in the header", "damaged"),
        ("another version", "saved by another version"),
        ("damaged header", "damaged"),
        ("something else", "not a saved network"),
        ("empty", "not a saved network"),
    ],
)
def test_a_file_that_is_none_is_said(net, tmp_path, how, said):
    path = net.save(tmp_path / "a.gpn")
    broken(path, how)
    with pytest.raises(InputError) as error:
        StreetNetwork.open(path)
    assert said in str(error.value)
    assert "a.gpn" in str(error.value)


@pytest.mark.parametrize(
    "change", [lambda arrays: arrays.pop("node_xy"), lambda arrays: arrays.update(extra=np.ones(1))]
)
def test_arrays_of_another_version_are_said(net, tmp_path, change):
    path = net.save(tmp_path / "a.gpn")
    arrays, facts = open_arrays(path)
    change(arrays)
    save_arrays(path, arrays, facts)
    with pytest.raises(InputError, match=r"a\.gpn.*another version"):
        StreetNetwork.open(path)


def test_absent_file_is_said(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        StreetNetwork.open(tmp_path / "nothing.gpn")


def test_header_is_plain_json(net, tmp_path):
    data = net.save(tmp_path / "a.gpn").read_bytes()
    size = int.from_bytes(data[16:24], "little")
    header = json.loads(data[24 : 24 + size])
    assert header["facts"]["profile"]["name"] == "custom"
    assert header["arrays"]["node_xy"]["dtype"] == "<f8"

"""From streets to a graph: chains joined, barriers cut, waits paid, ferries waited for, stray pieces left out."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.errors import InputError
from geoplan.network import Profile, StreetNetwork, Streets

M = 1.0 / 111_195.0  # about a metre, in degrees on the equator; lengths below are compared loosely


def streets(*rows, **columns):
    """Streets near the equator from (u, v, tags) or (u, v, tags, points); node k lies k * 100 m east."""
    frame = []
    for u, v, tags, *points in rows:
        line = points[0] if points else [(u * 100, 0), (v * 100, 0)]
        frame.append({"u": u, "v": v, **tags, "geometry": shapely.LineString(np.array(line, float) * M)})
    table = gpd.GeoDataFrame(frame, crs="EPSG:4326")
    if "highway" not in table:
        table["highway"] = None
    return Streets.from_frame(table.assign(**columns))


ROAD = {"highway": "residential"}
OPEN = Profile("plain", speed_m_s=1.0, access_speed_m_s=1.0, ferry_wait_s=0.0)


def seconds(net, a, b):
    way = net.path((a * 100 * M, 0.0), (b * 100 * M, 0.0))
    return None if way is None else way.seconds


def test_chains_are_joined_with_their_geometry():
    #  1-2-3-4 in a row, 2 and 3 merely continue; 3 bends
    bend = [(200, 0), (250, 80), (300, 0)]
    net = StreetNetwork.from_streets(streets((1, 2, ROAD), (2, 3, ROAD, bend), (3, 4, ROAD)), OPEN)
    assert (net.n_nodes, net.n_edges) == (2, 1)
    long = 100 + 2 * np.hypot(50, 80) + 100
    assert float(net.graph.edge_length_m[0]) == pytest.approx(long, rel=0.01)
    assert seconds(net, 1, 4) == pytest.approx(long, rel=0.01)
    assert len(net.graph.shape_xy) == 5


def test_direction_of_drawing_does_not_matter():
    forth = streets((1, 2, ROAD), (2, 3, ROAD), (3, 4, ROAD))
    mixed = streets((1, 2, ROAD), (3, 2, ROAD, [(300, 0), (200, 0)]), (3, 4, ROAD))
    a, b = StreetNetwork.from_streets(forth, OPEN), StreetNetwork.from_streets(mixed, OPEN)
    assert a.n_edges == b.n_edges == 1
    places = np.c_[np.linspace(100, 400, 13) * M, np.zeros(13)]
    np.testing.assert_allclose(
        a.travel_times(places, places, 1e4).seconds, b.travel_times(places, places, 1e4).seconds, atol=1e-3
    )


def test_streets_of_another_pace_are_not_joined():
    slow = Profile("plain", speed_m_s=1.0, stairs_factor=3.0, access_speed_m_s=1.0)
    net = StreetNetwork.from_streets(streets((1, 2, ROAD), (2, 3, {"highway": "steps"}), (3, 4, ROAD)), slow)
    assert net.n_edges == 3
    assert seconds(net, 1, 4) == pytest.approx(500, rel=0.01)
    assert seconds(net, 1, 2.5) == pytest.approx(250, rel=0.01)


def test_one_way_is_not_joined_to_two_way():
    rider = Profile.from_table({"base": "car", "class_speed_m_s": {"residential": 1.0}, "access_speed_m_s": 1.0})
    rows = streets((1, 2, ROAD), (2, 3, {**ROAD, "oneway": "yes"}), (3, 4, {**ROAD, "oneway": "yes"}))
    net = StreetNetwork.from_streets(rows, rider)
    assert net.n_edges == 2
    assert seconds(net, 1, 4) == pytest.approx(300, rel=0.01)
    assert seconds(net, 4, 1) is None


def test_a_ring_without_any_junction():
    square = [(1, 2, ROAD, [(0, 0), (100, 0)]), (2, 3, ROAD, [(100, 0), (100, 100)]),
              (3, 4, ROAD, [(100, 100), (0, 100)]), (4, 1, ROAD, [(0, 100), (0, 0)])]  # fmt: skip
    net = StreetNetwork.from_streets(streets(*square), OPEN)
    assert net.n_edges == 1
    places = np.array([(50, 0), (100, 50), (0, 50), (50, 100)]) * M
    times = net.travel_times(places, places, 1e4).to_csr().toarray()
    np.testing.assert_allclose(times, [[0, 100, 100, 200], [100, 0, 200, 100], [100, 200, 0, 100], [200, 100, 100, 0]],
                               atol=1.5)  # fmt: skip


@settings(max_examples=40)
@given(data=st.data())
def test_joining_changes_no_time(data):
    n = data.draw(st.integers(2, 9))
    node = st.integers(1, n)
    rows = data.draw(
        st.lists(
            st.tuples(node, node, st.sampled_from(["residential", "steps"]), st.booleans()), min_size=1, max_size=12
        )
    )
    rng = np.random.default_rng(2)
    spot = rng.uniform(0, 800, (n + 1, 2))
    frame = [
        (u, v, {"highway": kind, "oneway:foot": "yes" if one else None}, [spot[u], rng.uniform(0, 800, 2), spot[v]])
        for u, v, kind, one in rows
    ]
    who = Profile("x", speed_m_s=1.0, stairs_factor=2.0, access_speed_m_s=1.0)
    joined = StreetNetwork.from_streets(streets(*frame), who, min_component_m=0)
    # A signal without a wait on every node changes nothing but keeps every node.
    waiting = {"u_tags": "highway=traffic_signals", "v_tags": "highway=traffic_signals"}
    kept = StreetNetwork.from_streets(
        streets(*frame, **waiting), Profile.from_table({**who.to_table(), "signal_wait_s": 1e-9}), min_component_m=0
    )
    assert kept.n_nodes == len({node for u, v, *_ in rows for node in (u, v)})
    assert joined.n_nodes <= kept.n_nodes
    places = kept.graph.shape_xy[:: max(1, len(kept.graph.shape_xy) // 8)]
    a = joined.travel_times(places, places, 1e6).to_csr().toarray()
    b = kept.travel_times(places, places, 1e6).to_csr().toarray()
    # Places lie on corners of shapes, never equally near to two streets unless at a node.
    np.testing.assert_allclose(a, b, atol=1e-2)


def test_barrier_on_a_node_stops_whom_it_stops():
    gate = {"u_tags": [None, "barrier=gate;access=private"], "v_tags": ["barrier=gate;access=private", None]}
    net = StreetNetwork.from_streets(streets((1, 2, ROAD), (2, 3, ROAD), **gate), OPEN)
    assert net.counts["nodes_blocked"] == 1
    assert seconds(net, 1, 2) is not None
    assert seconds(net, 1, 3) is None
    bollard = {"u_tags": [None, "barrier=bollard"], "v_tags": ["barrier=bollard", None]}
    assert seconds(StreetNetwork.from_streets(streets((1, 2, ROAD), (2, 3, ROAD), **bollard), OPEN), 1, 3) is not None
    assert seconds(StreetNetwork.from_streets(streets((1, 2, ROAD), (2, 3, ROAD), **bollard), "car"), 1, 3) is None


def test_wait_at_a_signal_is_paid_once_when_passed():
    signal = {"u_tags": [None, "highway=traffic_signals"], "v_tags": ["highway=traffic_signals", None]}
    patient = Profile("x", speed_m_s=1.0, signal_wait_s=30.0, access_speed_m_s=1.0)
    net = StreetNetwork.from_streets(streets((1, 2, ROAD), (2, 3, ROAD), **signal), patient)
    assert net.n_nodes == 3
    assert seconds(net, 1, 3) == pytest.approx(230, rel=0.01)
    assert seconds(net, 3, 1) == pytest.approx(230, rel=0.01)
    assert seconds(net, 1, 2) == pytest.approx(100, rel=0.01)
    assert seconds(net, 1.5, 2.5) == pytest.approx(130, rel=0.01)
    assert seconds(net, 1, 1.5) == pytest.approx(50, rel=0.01)
    # asked from either side of the table, the same
    places = np.array([[100 * M, 0], [150 * M, 0], [250 * M, 0], [300 * M, 0]])
    wide = net.travel_times(places[:1], places, 1e4).to_csr().toarray()[0]
    tall = net.travel_times(places, places[:1], 1e4).to_csr().toarray()[:, 0]
    np.testing.assert_allclose(wide, tall, atol=1e-3)


def test_wait_at_junctions():
    hurried = Profile("x", speed_m_s=1.0, junction_wait_s=10.0, access_speed_m_s=1.0)
    cross = streets((1, 2, ROAD), (2, 3, ROAD), (2, 4, ROAD, [(200, 0), (200, 100)]))
    assert seconds(StreetNetwork.from_streets(cross, hurried), 1, 3) == pytest.approx(210, rel=0.01)
    assert seconds(StreetNetwork.from_streets(streets((1, 2, ROAD), (2, 3, ROAD)), hurried), 1, 3) == pytest.approx(
        200, rel=0.01
    )


def test_ferry_takes_its_duration_and_a_wait_for_boarding():
    boat = {"highway": None, "route": "ferry", "duration": "00:10", "way": 7}
    rows = [(1, 2, {**ROAD, "way": 1}), (2, 3, boat), (3, 4, boat), (4, 5, {**ROAD, "way": 2})]
    waiting = Profile("x", speed_m_s=1.0, access_speed_m_s=1.0, ferry_wait_s=300.0)
    assert seconds(StreetNetwork.from_streets(streets(*rows), waiting), 1, 5) == pytest.approx(
        100 + 300 + 600 + 100, rel=0.01
    )
    net = StreetNetwork.from_streets(streets(*rows), OPEN)
    assert seconds(net, 1, 5) == pytest.approx(800, rel=0.01)
    assert net.snap([[300 * M, 0.0]], max_snap_m=90).unsnapped.tolist() == [0]


@pytest.mark.parametrize(("text", "expected"), [("5", 300), ("00:05:00", 300), ("soon", 36), (None, 36)])
def test_ferry_durations(text, expected):
    rows = streets((1, 2, {"highway": None, "route": "ferry", "duration": text}), (2, 3, ROAD))
    net = StreetNetwork.from_streets(rows, OPEN)
    boat = net.graph.edge_source == 0
    assert float(net.graph.edge_forward_s[boat][0]) == pytest.approx(expected, rel=0.01)


def test_stray_pieces_are_left_out_and_counted():
    main = [(k, k + 1, ROAD) for k in range(1, 1200)]  # 119.9 km
    stray = [(9001, 9002, ROAD, [(0, 60), (0, 160)])]
    net = StreetNetwork.from_streets(streets(*main, *stray), OPEN)
    assert (net.counts["components_dropped"], net.counts["components"]) == (1, 1)
    assert net.counts["metres_dropped"] == pytest.approx(100, abs=2)
    assert net.snap([[0.0, 70 * M]]).street_xy[0, 0] == pytest.approx(100 * M)
    everything = StreetNetwork.from_streets(streets(*main, *stray), OPEN, min_component_m=0)
    assert len(everything.components) == 2
    assert everything.snap([[0.0, 70 * M]]).access_m[0] == pytest.approx(0, abs=0.1)


def test_of_two_small_pieces_both_stay():
    net = StreetNetwork.from_streets(streets((1, 2, ROAD), (5, 6, ROAD)), OPEN)
    assert len(net.components) == 2


def test_no_usable_street_is_said():
    with pytest.raises(InputError, match="none of the 1 streets may be used by profile 'walk'"):
        StreetNetwork.from_streets(streets((1, 2, {"highway": "motorway"})))


def test_edges_of_no_length_and_loops_are_harmless():
    rows = [(1, 2, ROAD), (2, 3, ROAD, [(200, 0), (200, 0)]), (3, 4, ROAD, [(200, 0), (400, 0)]),
            (2, 2, ROAD, [(200, 0), (250, 50), (200, 50), (200, 0)]), (1, 2, ROAD)]  # fmt: skip
    net = StreetNetwork.from_streets(streets(*rows), OPEN)
    assert seconds(net, 1, 4) == pytest.approx(300, rel=0.01)


def test_counts_say_what_was_used():
    net = StreetNetwork.from_streets(streets((1, 2, ROAD), (2, 3, {"highway": "motorway"}), (2, 4, ROAD)), OPEN)
    assert (net.counts["edges_read"], net.counts["edges_usable"], net.counts["edges_closed"]) == (3, 2, 1)


def test_table_as_profile():
    net = StreetNetwork.from_streets(streets((1, 2, ROAD)), {"speed_m_s": 2.0, "name": "跑步"})
    assert net.profile.name == "跑步"
    assert seconds(net, 1, 2) == pytest.approx(50, rel=0.01)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.drop(columns=["u", "highway"]), "field 'u': this column is missing"),
        (lambda f: f.set_crs(None, allow_override=True), "coordinate system is not stated"),
        (lambda f: f.iloc[:0], "no street in it"),
        (lambda f: f.assign(u=1.5), "node ids must be whole numbers"),
        (lambda f: f.set_geometry(f.geometry.centroid), "row 2, field 'geometry': the geometry is a Point"),
        (
            lambda f: f.set_crs("EPSG:32651", allow_override=True).set_geometry(f.geometry.translate(1e9)),
            "not longitudes",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:Geometry is in a geographic CRS")
def test_unusable_frames_are_said(change, said):
    frame = streets((1, 2, ROAD), (2, 3, ROAD)).edges
    with pytest.raises(InputError) as error:
        Streets.from_frame(change(frame), source="路网.parquet")
    assert said in str(error.value)


def test_all_faults_of_a_frame_come_at_once():
    frame = streets((1, 2, ROAD)).edges.drop(columns=["u", "v", "highway"]).set_crs(None, allow_override=True)
    with pytest.raises(InputError) as error:
        Streets.from_frame(frame)
    assert len(error.value.faults) == 4
    with pytest.raises(InputError, match="must come as a GeoDataFrame"):
        Streets.from_frame([1, 2])

"""Instance files as they come: wrapped, tabbed, commented, compressed, in every format; and damaged ones."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest
from geoplan_api.cli import main
from hypothesis import given
from hypothesis import strategies as st

from geoplan.bench.capmedian import read_capacity_points, read_pmedcap
from geoplan.bench.instances import read_cap, read_pmed, read_scp
from geoplan.bench.points import read_pairs, read_points, read_stores
from geoplan.bench.recognise import kind_of
from geoplan.bench.solving import Reading, run_instance
from geoplan.bench.tsplib import read_tsp
from geoplan.errors import InputError

# 1 -2- 2 -4- 3, one median: at 2 it costs 6
PMED = "3 2 1\n1 2 2\n2 3 4\n"
# rows {1, 3}, {2}, {1, 2} over columns of price 4, 5, 6: columns 1 and 2 for 9
SCP = " 3 3\n 4 5 6\n 2\n 1 3\n 1\n 2\n 2\n 1 2\n"
# the same by columns: column 1 covers rows 1 and 3, ...
RAIL = "3 3\n4 2 1 3\n5 2 2 3\n6 1 1\n"
# sites of capacity 5 for 10 and 20, one client of 4 for 8 or 12: 10 + 8
CAP = "2 1\n5 10\n5 20.\n4\n8 12\n"
# a right triangle 3, 4, 5 and a second one: node 1 at (0, 0), 2 at (3, 0), 3 at (3, 4.6)
TSP = (
    "NAME : three\nTYPE : TSP\nCOMMENT : by hand\nDIMENSION : 3\nEDGE_WEIGHT_TYPE : EUC_2D\nNODE_COORD_SECTION\n"
    "1 0 0\n2 3.0e0 0\n3 3 4.6\nEOF\n"
)
PMEDCAP = "2\n1 3\n3 1 20\n1 0 0 5\n2 3 0 5\n3 0 4 5\n2 7\n2 1 9\n1 0 0 4\n2 7 1 4\n"
LORENA = "3 1\n0 0 20 5\n3 0 20 5\n0 4 20 5\n"
POINTS = "id,x,y,demand\na,0,0,5\nb,3,4,7\n"
STORES = "DestinationName,Store_1,Store_2\n7.01,1,2\n7.02,3,4\n"
PAIRS = "distance,name,DestinationName,demand\n1,S1,a,10\n2,S2,a,10\n5,S1,b,30\n"

FORMATS = {
    "pmed": (PMED, {}, 6),
    "scp": (SCP, {}, 9),
    "cap": (CAP, {}, 18),
    "tsp": (TSP, {"p": 1}, 3 + 5),
    "pmedcap": (PMEDCAP, {"reading": Reading(number=1)}, 3 + 4),
    "capacity-points": (LORENA, {}, 3 + 4),
    "points": (POINTS, {"p": 1, "radius": 5}, 12),
    "stores": (STORES, {"model": "pcenter", "p": 1}, 3),
    "pairs": (PAIRS, {"p": 1, "radius": 2}, 10),
}


def write(folder, text, name="it.txt"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_is_recognised_and_solved(tmp_path, kind):
    text, question, optimum = FORMATS[kind]
    path = write(tmp_path, text)
    assert kind_of(path) == kind
    run = run_instance(path, **question)
    assert (run.kind, run.plan.status) == (kind, "optimal")
    assert run.plan.objective == pytest.approx(optimum)


@pytest.mark.parametrize(
    "disguise",
    [
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: ("\ufeff" + text).encode(),
        lambda text: text.encode("utf-16"),
        lambda text: gzip.compress(text.encode()),
        lambda text: (text + "\n \n\t\n\n\x1a").encode(),
        lambda text: text.replace("\n", "  \n\n").encode(),
        lambda text: ("\n\n" + text.rstrip("\n")).encode(),
    ],
    ids=["crlf", "cr", "bom", "utf16", "gzip", "trailing blanks", "blank lines", "no last line end"],
)
@pytest.mark.parametrize("kind", FORMATS)
def test_line_ends_marks_and_blanks_change_nothing(tmp_path, kind, disguise):
    text, question, optimum = FORMATS[kind]
    run = run_instance(write(tmp_path, disguise(text)), **question)
    assert (run.kind, run.plan.objective) == (kind, pytest.approx(optimum))


@pytest.mark.parametrize("kind", ["pmed", "scp", "cap", "capacity-points"])
def test_tabs_comments_and_wrapped_lines_change_nothing(tmp_path, kind):
    text, question, optimum = FORMATS[kind]
    tabbed = text.replace(" ", "\t\t ")
    remarked = "# from somewhere\n% and\n// more\n" + text
    for changed in (tabbed, remarked):
        run = run_instance(write(tmp_path, changed), **question)
        assert (run.kind, run.plan.objective) == (kind, pytest.approx(optimum))
    words = text.split()
    wrapped = "\n".join(" ".join(words[at : at + 2]) for at in range(0, len(words), 2))
    reader = {"pmed": read_pmed, "scp": read_scp, "cap": read_cap, "capacity-points": read_capacity_points}[kind]
    plain, again = reader(write(tmp_path, text)).problem, reader(write(tmp_path, wrapped, "wrapped.txt")).problem
    np.testing.assert_array_equal(np.asarray(plain.demand), np.asarray(again.demand))
    assert plain.shape == again.shape
    assert (plain.cost != again.cost).sum() == 0


def test_tables_may_have_other_separators_capitals_and_quotes(tmp_path):
    for text in (
        "ID;X;Y;Demand\na;0;0;5\nb;3;4;7\n",
        'id\tx\ty\tdemand\n"a"\t0\t0\t5\n"b"\t3\t4\t7\n',
        "id x y demand\na 0 0 5\n  b   3 4 7\n",
        "id, x, y, demand,\na, 0, 0, 5,\nb, 3, 4, 7,\n",
        "2\n0.0 0.0 5\n3.0 4.0 7\n",
        "1 0 0 5\n2 3 4 7\n",
    ):
        path = write(tmp_path, text)
        assert kind_of(path) == "points"
        problem = read_points(path).problem
        assert problem.cost[0, 1] == 5
        assert problem.demand.tolist() == [5, 7]


def test_rail_files_are_read_by_columns(tmp_path):
    """By rows the counts do not come out, by columns they do: the same matrix as its rows."""
    by_rows, by_columns = read_scp(write(tmp_path, SCP)).problem, read_scp(write(tmp_path, RAIL, "rail3.txt")).problem
    np.testing.assert_array_equal(by_rows.cost.toarray(), by_columns.cost.toarray())
    np.testing.assert_array_equal(by_rows.site_cost, by_columns.site_cost)
    assert kind_of(tmp_path / "rail3.txt") == "scp"
    assert run_instance(tmp_path / "rail3.txt").plan.objective == 9


def test_open_capacities_are_filled_in_whatever_their_capitals(tmp_path):
    path = write(tmp_path, CAP.replace("\n5 ", "\n Capacity "), "capa.txt")
    with pytest.raises(InputError, match=r"capa\.txt, row 2: the file leaves the capacity open; give --capacity"):
        run_instance(path)
    assert run_instance(path, reading=Reading(capacity=5)).plan.objective == 18


@pytest.mark.parametrize(("rounding", "between"), [("nearest", 5.0), ("down", 4.0), ("exact", 4.6)])
def test_tsplib_distances_are_rounded_as_asked(tmp_path, rounding, between):
    cost = read_tsp(write(tmp_path, TSP), rounding).problem.cost
    assert cost[1, 2] == pytest.approx(between)
    assert cost[0, 1] == 3.0


@pytest.mark.parametrize(
    ("kind", "between"), [("CEIL_2D", 6.0), ("MAN_2D", 8.0), ("MAX_2D", 5.0), ("ATT", 2.0), ("EUC_2D", 5.0)]
)
def test_tsplib_metrics(tmp_path, kind, between):
    """From (0, 0) to (3, 4.6): 5.49 as the crow flies, 7.6 along the axes; ATT takes a tenth of the square."""
    cost = read_tsp(write(tmp_path, TSP.replace("EUC_2D", kind))).problem.cost
    assert cost[0, 2] == between


def test_a_collection_asks_which_problem_and_holds_its_best_known_value(tmp_path):
    path = write(tmp_path, PMEDCAP, "pmedcap1.txt")
    with pytest.raises(InputError, match=r"problems 1 to 2; give one of these with --number"):
        run_instance(path)
    with pytest.raises(InputError, match="not 3"):
        read_pmedcap(path, 3)
    second = read_pmedcap(path, 2)
    assert (second.name, second.p, second.published) == ("pmedcap1-2", 1, 7.0)
    assert second.problem.cost[0, 1] * second.problem.demand[0] == 7.0  # 7.07 rounded down, whatever the demand
    run = run_instance(path, reading=Reading(number=2))
    assert run.plan.objective == 7
    assert (run.published, run.matches) == (7.0, True)


def test_one_problem_of_a_collection_is_a_file_too(tmp_path):
    path = write(tmp_path, PMEDCAP[PMEDCAP.index("2 7") :], "pmedcap2.txt")
    run = run_instance(path)
    assert (run.kind, run.model, run.name, run.plan.question.p) == ("pmedcap", "cpmedian", "pmedcap2", 1)
    assert (run.plan.objective, run.published, run.matches) == (7.0, 7.0, True)
    cut = write(tmp_path, "1 713\n3 1 20\n1 0 0 5\n2 3 0 5\n", "cut.txt")
    with pytest.raises(InputError, match=r"cut\.txt"):
        run_instance(cut)


def test_a_customer_without_demand_has_no_way_that_counts(tmp_path):
    with pytest.raises(InputError, match="a demand is 0"):
        read_pmedcap(write(tmp_path, PMEDCAP.replace("2 3 0 5", "2 3 0 0")), 1)


def test_pairs_not_given_cannot_be_reached_and_the_shorter_of_two_counts(tmp_path):
    problem = read_pairs(write(tmp_path, PAIRS + "4,S1,b,30\n")).problem
    assert problem.shape == (2, 2)
    assert problem.cost.toarray()[1].tolist() == [4, 0]
    assert problem.cost.nnz == 3


def test_a_matrix_without_demand_answers_what_does_not_need_it(tmp_path):
    path = write(tmp_path, STORES)
    assert run_instance(path, "lscp", radius=3).plan.objective == 1
    with pytest.raises(InputError, match="give --demand FILE"):
        run_instance(path, p=1, radius=3)
    assert run_instance(path, p=1, radius=3, reading=Reading(weight="2")).plan.objective == 4
    holes = write(tmp_path, STORES.replace("3,4", ",4"), "holes.csv")
    assert np.isinf(read_stores(holes).problem.cost[1, 0])


def test_optima_come_from_the_table_given(tmp_path):
    path = write(tmp_path, PMED, "pmed0.txt")
    table = write(tmp_path, "instance,published,solved\npmed0,4,4\n", "centers.csv")
    run = run_instance(path, "pcenter", optima=table)
    assert (run.plan.objective, run.published, run.matches) == (4, 4, True)
    unproven = write(tmp_path, "instance,published,solved,status\npmed0,6,7,Time limit reached\n", "best.csv")
    assert run_instance(path, optima=unproven).published == 6
    with pytest.raises(InputError, match="not there"):
        run_instance(path, optima=tmp_path / "nowhere.csv")
    write(tmp_path, b"\xff\xfe\x00", "optimal.csv")  # rubbish beside a file says nothing of it
    assert run_instance(path).published is None


DAMAGED = {
    "pmed cut short": ("3 2 1\n1 2 2\n2 3\n", r"row 3: 2 edges need 6 numbers, 5 follow"),
    "pmed with a word": ("3 2 1\n1 2 two\n2 3 4\n", r"row 2: 'two' is not a number"),
    "pmed beyond its nodes": ("3 2 1\n1 2 2\n2 9 4\n", r"row 3: edge 2 9 leaves the nodes 1\.\.3"),
    "pmed of too many medians": ("3 2 5\n1 2 2\n2 3 4\n", r"row 1: the number of medians is 5; give a number from 1"),
    "pmed of negative cost": ("3 2 1\n1 2 2\n2 3 -4\n", r"row 3: an edge costs -4"),
    "pmed not finite": ("3 2 1\n1 2 nan\n2 3 4\n", r"row 2: 'nan' is not a number"),
    "pmed of half a node": ("3.5 2 1\n1 2 2\n2 3 4\n", r"row 1: the number of nodes is 3\.5"),
    "scp cut short": (" 3 3\n 4 5 6\n 2\n 1 3\n 1\n 2\n 2\n 1\n", r"row 7: row 3 of 3 is cut short"),
    "scp beyond its columns": (" 3 3\n 4 5 6\n 2\n 1 9\n 1\n 2\n 2\n 1 2\n", r"row 4: row 1 names column 9"),
    "scp left over": (SCP + "7 7\n", r"row 9: 2 numbers are left over"),
    "cap cut short": ("2 1\n5 10\n5 20.\n4\n8\n", r"row 5: 2 sites and 1 clients make 9 numbers, 8"),
    "cap without demand": ("2 1\n5 10\n5 20.\n0\n8 12\n", r"row 4: client 1 has the demand 0"),
    "cap of negative cost": ("2 1\n5 10\n5 -20.\n4\n8 12\n", r"row 3: -20 is below 0"),
    "tsp cut short": (TSP.replace("3 3 4.6\n", ""), r"row 8: DIMENSION 3 asks for 9 numbers"),
    "tsp with a word": (TSP.replace("4.6", "4,6"), r"row 9: '4,6' is not a number"),
    "tsp twice": (TSP.replace("3 3 4.6", "2 3 4.6"), r"row 9: node 2 is there twice"),
    "tsp explicit": (TSP.replace("EUC_2D", "EXPLICIT"), r"row 5: EDGE_WEIGHT_TYPE EXPLICIT is not known here"),
    "tsp without dimension": (TSP.replace("DIMENSION : 3\n", ""), "DIMENSION is missing"),
    "tsp of no nodes": (TSP.replace("DIMENSION : 3", "DIMENSION : x"), r"row 4: DIMENSION is 'x'"),
    "tsp without nodes": (TSP.split("NODE_COORD")[0], "no NODE_COORD_SECTION"),
    "pmedcap cut short": (PMEDCAP[:-8], "problem 2 is cut short"),
    "points with a word": (POINTS.replace("3,4", "3,north"), r"row 3, field 'y': 'north' is not a number"),
    "points with a hole": (POINTS.replace("3,4", "3,"), r"row 3, field 'y': the cell is empty"),
    "points cut short": (POINTS.replace("b,3,4,7", "b,3"), r"row 3: the header names 4 columns, here are 2"),
    "points of negative demand": (POINTS.replace("4,7", "4,-7"), r"row 3, field 'demand': -7 is below 0"),
    "stores with a word": (STORES.replace("3,4", "3,far"), r"row 3, field 'Store_2': 'far' is not a cost"),
    "pairs without distance": (PAIRS.replace("5,S1", ",S1"), r"row 4, field 'distance': the cell is empty"),
    "prose": ("Dear colleague,\nhere is the file.\n", "the format is not known"),
    "nothing": (" \n\n", "the file is empty"),
    "bytes": (b"\x00\x01\x02\x03\x00", "the file is not text"),
    "half an archive": (gzip.compress(PMED.encode())[:-9], "damaged or cut short"),
    "unknown html": ("<html><body>404 Not Found</body></html>", "the format is not known"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files_end_with_one_sentence_and_exit_code_2(tmp_path, capsys, name):
    text, said = DAMAGED[name]
    path = write(tmp_path, text, "bad.txt")
    question = {"p": 1, "radius": 5.0, "reading": Reading(number=2)}
    with pytest.raises(InputError, match=said) as error:
        run_instance(path, **question)
    assert str(error.value).startswith("bad.txt")
    assert str(error.value).count("\n") == 0
    with pytest.raises(SystemExit) as end:
        main(["bench", "siting", str(path), "--p", "1", "--radius", "5", "--number", "2"])
    assert end.value.code == 2
    assert "bad.txt" in capsys.readouterr().err


@given(st.sampled_from(sorted(FORMATS)), st.data())
def test_a_file_damaged_anywhere_is_read_or_refused_in_words(tmp_path_factory, kind, data):
    """Any one word cut, doubled or replaced: an answer, or an InputError; never another exception."""
    text, question, _ = FORMATS[kind]
    at = data.draw(st.integers(0, len(text) - 1))
    put = data.draw(st.sampled_from(["", "9", "-1", " ", "\n", "x", "1e99", ",", "0", "\t7\t", "nan", "\x00", "é"]))
    cut = data.draw(st.integers(0, 6))
    path = write(tmp_path_factory.mktemp("fuzz"), text[:at] + put + text[at + cut :])
    try:
        run = run_instance(path, **question)
    except InputError:
        return
    assert run.plan.status in ("optimal", "infeasible")


def test_the_command_prints_a_plan_and_why_there_is_none(tmp_path, capsys):
    path = write(tmp_path, TSP, "three.tsp")
    main_ok(["bench", "siting", str(path), "--p", "1", "--rounding", "exact", "--json"])
    facts = json.loads(capsys.readouterr().out)
    assert facts["objective"] == pytest.approx(3 + 4.6)
    main_ok(["bench", "siting", str(write(tmp_path, STORES)), "--model", "lscp", "--radius", "2"])
    assert "7.02" in capsys.readouterr().out


def test_every_published_question_in_one_run(tmp_path, capsys):
    path = write(tmp_path, POINTS, "SJC2.csv")
    write(tmp_path, "instance,p,radius,optimum\nSJC2,1,1,7\nSJC2,1,5,12\nSJC3,1,5,99\n", "optimal.csv")
    main_ok(["bench", "siting", str(path), "--every", "--json"])
    facts = json.loads(capsys.readouterr().out)
    assert [(fact["radius"], fact["objective"], fact["matches_published"]) for fact in facts] == [
        (1.0, 7.0, True),
        (5.0, 12.0, True),
    ]
    with pytest.raises(SystemExit) as end:
        main(["bench", "siting", str(write(tmp_path, POINTS, "SJC9.csv")), "--every"])
    assert end.value.code == 2
    assert "there is no question of SJC9" in capsys.readouterr().err


def main_ok(arguments):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 0

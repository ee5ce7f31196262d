"""Readers of published instance formats."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from geoplan.bench.instances import read_cap, read_pmed, read_scp
from geoplan.bench.points import read_points, read_stores
from geoplan.errors import InputError


def test_pmed_takes_the_last_of_duplicate_edges_in_either_direction(tmp_path):
    """Edges 1-2 (9, then 2 the other way round) and 2-3 (4): 1 -2- 2 -4- 3."""
    path = tmp_path / "pmed0.txt"
    path.write_text("3 3 1\n1 2 9\n2 3 4\n2 1 2\n")
    instance = read_pmed(path)
    assert (instance.name, instance.p) == ("pmed0", 1)
    np.testing.assert_array_equal(instance.problem.cost, [[0, 2, 6], [2, 0, 4], [6, 4, 0]])
    assert instance.problem.solve("pmedian", p=1).objective == 6


def test_a_later_dearer_edge_counts_too(tmp_path):
    path = tmp_path / "later.txt"
    path.write_text("2 2 1\n1 2 1\n1 2 7\n")
    assert read_pmed(path).problem.cost[0, 1] == 7


def test_pmed_that_is_cut_short_is_named(tmp_path):
    path = tmp_path / "short.txt"
    path.write_text("3 3 1\n1 2 9\n")
    with pytest.raises(InputError, match=r"short\.txt.*9 numbers"):
        read_pmed(path)
    path.write_text("3 1 1\n1 5 9\n")
    with pytest.raises(InputError, match=r"1\.\.3"):
        read_pmed(path)


def test_points(tmp_path):
    path = tmp_path / "SJC2.csv"
    path.write_text("id,x,y,demand\na,0,0,5\nb,3,4,7\n")
    problem = read_points(path).problem
    assert problem.cost[0, 1] == 5
    assert problem.demand.tolist() == [5, 7]
    path.write_text("id,x,y,demand\na,0,zero,5\n")
    with pytest.raises(InputError, match="row 2"):
        read_points(path)


def test_scp(tmp_path):
    """Two rows, three columns: the first is covered by columns 1 and 3, the second by 2."""
    path = tmp_path / "scp0.txt.gz"
    path.write_bytes(gzip.compress(b" 2 3\n 4 5 6\n 2\n 1 3\n 1\n 2\n"))
    instance = read_scp(path)
    np.testing.assert_array_equal(instance.problem.cost.toarray(), [[1, 0, 1], [0, 1, 0]])
    assert instance.problem.site_cost.tolist() == [4, 5, 6]
    path.write_text(" 2 3\n 4 5 6\n 2\n 1 9\n 1\n 2\n")
    with pytest.raises(InputError, match="row 1"):
        read_scp(path)


def test_cap_costs_become_costs_per_unit_and_an_open_capacity_is_asked_for(tmp_path):
    path = tmp_path / "capx.txt"
    path.write_text("2 1\ncapacity 10\ncapacity 20.\n4\n8 12\n")
    with pytest.raises(InputError, match="capacity"):
        read_cap(path)
    problem = read_cap(path, capacity=5).problem
    assert problem.capacity.tolist() == [5, 5]
    assert problem.site_cost.tolist() == [10, 20]
    np.testing.assert_array_equal(problem.cost, [[2, 3]])
    assert problem.solve("cflp").objective == 18


def test_stores_are_matched_by_name(tmp_path):
    matrix, demand = tmp_path / "matrix.csv", tmp_path / "demand.csv"
    matrix.write_text("DestinationName,Store_1,Store_2\n7.01,1,2\n7.02,3,4\n")
    demand.write_text('"","NAME","POP2000"\n"1","7.02",30\n"2","7.01",10\n')
    assert read_stores(matrix, demand).problem.demand.tolist() == [10, 30]
    demand.write_text('"","NAME","POP2000"\n"1","7.02",30\n')
    with pytest.raises(InputError, match=r"7\.01"):
        read_stores(matrix, demand)


def test_what_is_not_there_or_not_numbers_is_said(tmp_path):
    with pytest.raises(InputError, match="not there"):
        read_pmed(tmp_path / "nowhere.txt")
    path = tmp_path / "words.txt"
    path.write_text("one two three")
    with pytest.raises(InputError, match="'one' is not a number"):
        read_pmed(path)

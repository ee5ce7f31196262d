"""Compiling the searches in a second process while the first does something else: only new installations notice."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

import numpy as np

from geoplan import SitingProblem
from geoplan.network import warm_up

__all__ = ["compile_ahead", "compile_searches"]


def compile_searches() -> None:
    """Run the street searches and a small siting problem once; what is compiled is kept on disk."""
    warm_up()
    rng = np.random.default_rng(0)
    sites, points = rng.uniform(0, 100, (60, 2)), rng.uniform(0, 100, (300, 2))
    cost = np.hypot(*(points[:, None] - sites[None]).T).T
    problem = SitingProblem.from_matrix(cost, rng.integers(1, 9, 300).astype(float), existing=[0, 1])
    problem.solve("mclp", p=6, radius=12.0, time_limit_s=20.0)


@contextmanager
def compile_ahead() -> Iterator[BaseProcess]:
    """Compile in a process beside this one; join it before the searches are needed."""
    process = multiprocessing.get_context("spawn").Process(target=compile_searches, daemon=True)
    process.start()
    try:
        yield process
    finally:
        if process.is_alive():
            process.terminate()
        process.join()

"""Published covering instances: every optimum tried here is reached and proven."""

from __future__ import annotations

import pandas as pd
import pytest

from geoplan.bench.solving import run_instance


@pytest.mark.shared
@pytest.mark.parametrize("name", ["SJC324"])
def test_maximal_covering_of_sao_jose_dos_campos(shared, name):
    folder = shared / "benchmarks" / "mclp_sjc"
    table = pd.read_csv(folder / "optimal.csv")
    for row in table[table["instance"] == name].itertuples():
        run = run_instance(folder / f"{name}.csv", "mclp", p=int(row.p), radius=float(row.radius), time_limit_s=30)
        assert run.plan.status == "optimal", row
        assert run.plan.objective == row.optimum, row
        assert run.plan.certificate.agrees


@pytest.mark.shared
@pytest.mark.parametrize("name", ["scp41", "scp51"])
def test_weighted_set_covering_of_the_or_library(shared, name):
    run = run_instance(shared / "benchmarks" / "lscp_orlib" / f"{name}.txt.gz", time_limit_s=30)
    assert run.plan.status == "optimal"
    assert run.matches

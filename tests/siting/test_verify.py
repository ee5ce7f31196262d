"""Certificates: whole ones hold, tampered ones are refused, and the bound is proven without a solver."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import numpy as np
import pytest
from geoplan_api.cli import main
from scipy import sparse

from geoplan.errors import InputError
from geoplan.siting import MODELS
from geoplan.siting.formulate import formulate, whole_objective
from geoplan.siting.proof import certify, prove
from geoplan.siting.verify import LEAF, Proof, data_hash, proven_bound, verify_certificate, write_certificate

from .test_properties import ASKED, build, city

TAMPERED = 1_000


def certified(path, name, seed=1, **parts):
    problem = build(city(seed, n=9, m=6) | parts)
    model, asked = ASKED[name]
    plan = problem.solve(model, **asked)
    assert certify(path, problem, plan) == "checked"
    return problem, plan


@pytest.mark.parametrize("name", ASKED)
def test_every_model_is_checked_without_a_solver(tmp_path, name):
    path = tmp_path / "plan.zip"
    problem, plan = certified(path, name)
    verdict = verify_certificate(path, problem)
    assert verdict.holds, [fault.sentence() for fault in verdict.refused]
    assert (verdict.checked, verdict.objective) == (True, plan.objective)
    assert verdict.proven == pytest.approx(plan.objective, rel=2e-6, abs=2e-6)


def test_a_bound_by_another_program_is_not_called_checked(tmp_path):
    path = tmp_path / "plan.zip"
    problem = build(city(1, n=9, m=6))
    plan = problem.solve("mclp", p=1, radius=2.0)
    assert plan.objective < problem.demand.sum()
    n_rows = len(formulate(problem, plan.question).model.row_lower)
    one = np.zeros(1, dtype=np.int64)
    nothing = Proof(one + LEAF, one - 1, one - 1, one, sparse.csr_array(np.zeros((1, n_rows))), np.zeros(1, dtype=bool))
    write_certificate(path, problem, plan, nothing, "HiGHS 1.12")
    verdict = verify_certificate(path)
    assert (verdict.holds, verdict.checked, verdict.bound_by) == (True, False, "HiGHS 1.12")
    write_certificate(path, problem, plan, nothing, "checked")
    assert "the prices prove" in verify_certificate(path).refused[0].problem


def rewritten(content, change, *, manifest):
    """Return a certificate with one part changed; ``manifest`` also writes the hashes anew, as a forger would."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    if manifest:
        hashes = {name: hashlib.sha256(part).hexdigest() for name, part in parts.items() if name != "manifest.json"}
        parts["manifest.json"] = json.dumps(hashes).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def claim(name, make):
    def change(parts):
        claims = json.loads(parts["plan.json"])
        claims[name] = make(claims[name])
        parts["plan.json"] = json.dumps(claims).encode()

    return change


def flipped(part, rng):
    def change(parts):
        raw = bytearray(parts[part])
        raw[int(rng.integers(len(raw)))] ^= 1 << int(rng.integers(8))
        parts[part] = bytes(raw)

    return change


def priced(factor):
    """Return a change that multiplies all prices of the proof, with hashes that fit."""

    def change(parts):
        with np.load(io.BytesIO(parts["proof.npz"])) as arrays:
            kept = {name: arrays[name] for name in arrays.files}
        kept["prices_data"] = kept["prices_data"] * factor
        out = io.BytesIO()
        np.savez(out, **kept)
        parts["proof.npz"] = out.getvalue()

    return change


def test_tampered_certificates_are_refused(tmp_path):
    rng = np.random.default_rng(4)
    path, forged = tmp_path / "plan.zip", tmp_path / "forged.zip"
    names = [name for name in ASKED if name.startswith(("mclp", "pmedian", "lscp by", "pcenter", "cflp"))]
    refused = 0
    for k in range(TAMPERED):
        if k % 100 == 0:
            name = names[k // 100 % len(names)]
            problem, plan = certified(path, name, seed=k)
            content = path.read_bytes()
            n_sites, sign = problem.shape[1], 1.0 if MODELS[plan.model].maximise else -1.0
        off = float(rng.choice([1e-3, 0.5, 3.0])) * max(1.0, abs(plan.objective))
        kinds = (
            (claim("objective", lambda value, d=off: value + d), True),
            (claim("objective", lambda value, d=off: value - d), True),
            (claim("bound", lambda value, d=sign * off: value - d), True),
            (claim("bound", lambda value, d=sign * off: value + d), True),
            (
                claim("new_positions", lambda value, m=n_sites: value[1:] if len(value) > 1 else [*value, m - 1, m]),
                True,
            ),
            (claim("data_sha256", lambda value: value[::-1]), True),
            (priced(float(rng.choice([0.0, 3.0, -1.0]))), False),
            (flipped("proof.npz", rng), False),
            (flipped("problem.npz", rng), False),
            (flipped("plan.json", rng), False),
        )
        change, manifest = kinds[k % len(kinds)]
        forged.write_bytes(rewritten(content, change, manifest=manifest))
        verdict = verify_certificate(forged)
        assert not verdict.holds, (k, name, k % len(kinds))
        assert not verdict.checked
        refused += 1
    assert refused == TAMPERED


def test_prices_that_prove_less_are_refused_whatever_their_hashes(tmp_path):
    path = tmp_path / "plan.zip"
    for name in ("pmedian", "lscp by cost", "cflp"):
        certified(path, name)
        for factor in (0.0, 0.5, -1.0, 3.0):
            path.write_bytes(rewritten(path.read_bytes(), priced(factor), manifest=True))
            verdict = verify_certificate(path)
            assert "the prices prove" in verdict.refused[0].problem
            certified(path, name)


def test_other_streets_are_other_data(tmp_path):
    path = tmp_path / "plan.zip"
    problem, _ = certified(path, "pmedian")
    parts = city(1, n=9, m=6)
    parts["cost"] = parts["cost"] + 0.001
    other = build(parts)
    assert data_hash(other) != data_hash(problem) == data_hash(build(city(1, n=9, m=6)))
    assert "made from other data" in verify_certificate(path, other).refused[0].problem


def test_what_is_no_certificate_is_said_so(tmp_path):
    path = tmp_path / "plan.zip"
    path.write_bytes(b"no zip")
    with pytest.raises(InputError, match="no certificate"):
        verify_certificate(path)


def test_a_tree_that_leaves_plans_out_proves_nothing():
    problem = build(city(2, n=9, m=6))
    plan = problem.solve("mclp", p=2, radius=5.0)
    model = formulate(problem, plan.question).model
    proof = prove(problem, plan.question, plan.objective)
    assert proven_bound(model, proof, whole=whole_objective(problem, plan.question)) == plan.objective
    loop = Proof(
        np.array([0, LEAF]), np.array([1, -1]), np.array([1, -1]), np.array([-1, 0]), proof.prices[[0]], proof.ray[:1]
    )
    assert proven_bound(model, loop) == np.inf


def test_without_time_the_certificate_says_whose_word_the_bound_is(tmp_path):
    path = tmp_path / "plan.zip"
    problem = build(city(1, n=9, m=6))
    plan = problem.solve("pmedian", p=2)
    assert certify(path, problem, plan, time_limit_s=0.0).startswith("HiGHS ")
    verdict = verify_certificate(path, problem)
    assert (verdict.holds, verdict.checked) == (True, False)


def test_no_plan_has_no_certificate(tmp_path):
    problem = build(city(1, n=9, m=6))
    plan = problem.solve("lscp", radius=0.0, budget=0.0)
    assert not plan.found
    with pytest.raises(InputError, match="no plan"):
        certify(tmp_path / "plan.zip", problem, plan)


def test_the_command_says_what_holds_and_ends_with_2_where_a_claim_does_not(tmp_path, capsys):
    path = tmp_path / "plan.zip"
    certified(path, "pmedian")
    main_or_exit(["verify", str(path)])
    assert "checked" in capsys.readouterr().out
    path.write_bytes(rewritten(path.read_bytes(), claim("objective", lambda value: value - 1), manifest=True))
    assert main_or_exit(["verify", str(path)]) == 2
    assert "the objective is" in capsys.readouterr().err


def main_or_exit(words):
    try:
        main(words)
    except SystemExit as ended:
        return ended.code
    return 0

"""The machinery of ``make calibrate``: quiet where prior, likelihood and fit agree, loud where a fault is planted."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.calibrate import LEVEL, Row, count_tests, outside, page
from benchmarks.faults import FAULTS, Outcome, run
from benchmarks.sbc import CASES, DRAWS, THINNED, case, fit, p_value, ranked, specification
from core.families import FAMILIES
from core.fit.engine import fit_block
from core.fit.result import Block
from core.model.design import BlockData

pytestmark = pytest.mark.repeats

SEED = 20261123
SIMULATIONS = 200
EXACT_FAULTS = [fault for fault in FAULTS if fault.case.way == "exact"]


def test_every_family_and_link_is_calibrated_in_each_of_its_ways():
    wanted = {(name, link) for name, family in FAMILIES.items() for link in family.links}
    for way in ("importance", "nuts"):
        less = {("Table", "identity")} if way == "importance" else set()
        assert {(c.family, c.link) for c in CASES if c.way == way} == wanted - less
    assert {c.family for c in CASES if c.way == "exact"} == {"Normal", "LogNormal", "Table"}


@pytest.mark.parametrize("family", ["Normal", "LogNormal", "Table"])
def test_closed_forms_are_calibrated(family):
    of = case(family, "exact")
    found = ranked(of, SIMULATIONS, SEED)
    p_values = {name: p_value(ranks) for name, ranks in found.ranks.items()}
    assert len(p_values) == count_tests(of)
    assert outside([Row(of, p_values, SIMULATIONS, found.replaced, 0)]) == []


def test_importance_is_calibrated():
    of = case("Poisson", "importance")
    found = ranked(of, 100, SEED)
    assert found.ways == {"importance": 100}
    assert min(p_value(ranks) for ranks in found.ranks.values()) > LEVEL / count_tests(of)


@pytest.mark.parametrize("fault", EXACT_FAULTS, ids=lambda fault: fault.name)
def test_planted_faults_are_caught(fault):
    outcome = run(fault, SEED)
    tests = sum(count_tests(of) for of in CASES[:3])
    assert outcome.p < LEVEL / tests < outcome.without


def test_a_fault_is_lifted_again():
    fault = EXACT_FAULTS[0]
    run(replace(fault, simulations=20), SEED)
    found = ranked(fault.case, SIMULATIONS, SEED)
    assert min(p_value(ranks) for ranks in found.ranks.values()) > LEVEL / len(found.ranks)


@pytest.mark.pymc
@pytest.mark.slow
def test_draws_of_nuts_are_those_of_the_engine():
    of = case("Poisson", "nuts")
    model, x, _ = specification(of, SEED)
    block = Block("key", model, "nuts", DRAWS["nuts"], 5)
    y = np.random.default_rng(1).poisson(3.0, len(x)).astype(float)
    data = BlockData(y, x, np.zeros(len(y)), np.ones(len(y), dtype=bool))
    ours, engines = fit(block, data), fit_block(block, data)
    assert (ours.way, engines.method) == ("nuts", "nuts")
    for name, draws in engines.draws.items():
        np.testing.assert_array_equal(ours.draws[name], draws)


# -- the band -----------------------------------------------------------------------------


def test_p_values_of_uniform_ranks_are_uniform():
    rng = np.random.default_rng(3)
    p_values = np.array([p_value(rng.integers(0, THINNED + 1, SIMULATIONS)) for _ in range(1000)])
    for level in (0.01, 0.05, 0.2, 0.5):
        assert abs((p_values <= level).mean() - level) < 4 * np.sqrt(level * (1 - level) / 1000)


def test_p_values_can_be_small_enough_for_holm_over_all_tests():
    assert p_value(np.zeros(SIMULATIONS, dtype=np.intp)) < 0.1 * LEVEL / sum(count_tests(of) for of in CASES)


def test_holm_rejects_step_by_step():
    def row(*p_values):
        return Row(CASES[0], {f"p{i}": p for i, p in enumerate(p_values)}, 1, 0, 0)

    assert len(outside([row(0.001, 0.02, 0.04)])) == 3
    assert len(outside([row(0.001, 0.03, 0.04)])) == 1
    assert outside([row(0.02, 0.9), row(0.9)]) == []


def test_the_page_says_what_was_outside_and_what_was_missed():
    of = case("Poisson", "importance")
    rows = [Row(of, {"intercept": 0.4, "slopes[0]": 0.00001}, 200, 3, 10)]
    outcomes = [Outcome(0.00001, "sigma", 0.3), *(Outcome(0.2, "sigma", 0.3) for _ in FAULTS[1:])]
    text = page(rows, "the verdict", outcomes, 0.0002, "1 of 10", 3.0)
    assert "| Poisson (log) | importance | 2 | 200 | 5.0% | 3 | 0.00001 (slopes[0]) |" in text
    assert text.count("| yes |") == 1
    assert text.count("| no |") == len(FAULTS) - 1

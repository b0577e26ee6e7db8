"""Ways to fit and their quality, in words."""

from dataclasses import replace

from core.comparison.result import BlockFacts
from core.comparison.ways import GATES, WAYS, gate_words, meaning_of, quality, way
from core.fit.gates import GateFailure

EXACT = BlockFacts(("a",), "exact", -10.0, -12.0, 0.001, draws=4000)
WEIGHTED = replace(EXACT, method="importance", proposal_k=0.214, effective_draws=3612.0, pareto_k=0.4)
SAMPLED = replace(EXACT, method="nuts", rhat=1.0021, ess=2210.0, divergences=0, pareto_k=0.4)


def test_a_closed_form_has_no_figures() -> None:
    assert (way(EXACT), quality(EXACT)) == ("closed form", "")
    assert "nothing to converge" in meaning_of([EXACT])


def test_figures_have_their_terms() -> None:
    assert quality(WEIGHTED) == "Pareto k 0.21, 3,612 of 4,000 effective draws, leave-one-out k 0.40"
    assert quality(SAMPLED) == "R-hat 1.002, ESS 2,210, 0 divergences, leave-one-out k 0.40"
    assert "1 divergence," in quality(replace(SAMPLED, divergences=1))


def test_a_subsample_is_never_silent() -> None:
    some = replace(SAMPLED, rows_sampled=20_000, rows_scored=5_000)
    assert way(some) == "NUTS on 20,000 rows drawn at random"
    assert "leave-one-out on 5,000 rows drawn at random" in quality(some)


def test_what_the_worst_figures_mean() -> None:
    good = meaning_of([SAMPLED, replace(SAMPLED, rhat=1.004)])
    assert "R-hat is at most 1.004" in good
    assert "can be relied on" in good
    bad = meaning_of([SAMPLED, replace(SAMPLED, rhat=1.2, ess=40.0, divergences=3)])
    assert "at least 40 effective draws" in bad
    assert "3 divergences" in bad
    assert "not to be relied on where a gate failed" in bad
    assert "at most 0.21" in meaning_of([WEIGHTED])


def test_a_gate_is_named_with_node_value_and_limit() -> None:
    failure = GateFailure("rhat", "c", 1.2, 1.01, "fit again with more draws")
    assert gate_words(failure, {"c": "Sales"}.__getitem__) == "the gate R-hat failed at Sales (1.200, limit 1.010)"
    assert gate_words(GateFailure("new", "c", 2.0, 1.0, "")) == "the gate new failed at c (2, limit 1)"
    assert set(WAYS) == {"exact", "importance", "nuts"}
    assert {"rhat", "ess_bulk", "ess_tail", "divergences", "pareto_k", "proposal_k", "effective_draws"} == set(GATES)

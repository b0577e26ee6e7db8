"""Agreement of two ways to fit one block: draws that agree, draws that do not, and the bound for many numbers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.comparison.agreement import (
    CHANCE,
    Agreement,
    Pair,
    agreement,
    agreements,
    bound_for,
    parameter_words,
    summary,
)
from core.comparison.codec import flatten, rebuild
from core.data.dataset import Dataset
from core.fit.engine import fit_block
from core.fit.result import BlockFit, Diagnostics
from core.hypothesis import Hypothesis
from core.model.spec import NodeModel, Response, Term
from core.study import plan

S = 4000


def autoregressive(rng: np.random.Generator, chains: int, length: int, rho: float) -> np.ndarray:
    """Chains of an AR(1) with standard normal margins."""
    noise = rng.normal(size=(chains, length))
    found = np.empty_like(noise)
    found[:, 0] = noise[:, 0]
    for t in range(1, length):
        found[:, t] = rho * found[:, t - 1] + np.sqrt(1 - rho**2) * noise[:, t]
    return found


def fit_of(draws: dict[str, np.ndarray], method: str, **more) -> BlockFit:
    rows = more.pop("rows", np.full(50, -1.0))
    return BlockFit("key", method, draws, rows, rows, more.pop("evidence", -60.0), **more)


def pair(seed: int, *, numbers: int = 3, shift: float = 0.0, stretch: float = 1.0, **more) -> tuple[BlockFit, BlockFit]:
    rng = np.random.default_rng(seed)
    quick = {"intercept": rng.normal(size=S), "slopes": rng.normal(size=(S, numbers))}
    chains = [autoregressive(rng, 4, S // 4, 0.5).ravel() for _ in range(numbers + 1)]
    sampled = {"intercept": chains[0], "slopes": shift + stretch * np.stack(chains[1:], axis=1)}
    return fit_of(quick, "exact"), fit_of(sampled, "nuts", chains=4, log_evidence_se=0.01, **more)


def test_draws_of_one_posterior_agree() -> None:
    found = agreement("sales", *pair(3))
    assert found.agrees is True
    assert found.worst_z < found.bound
    assert found.sd_ratio == pytest.approx(1.0, abs=0.08)
    assert found.compared == 2 * 4 + 2
    assert "agrees with what was shown" in found.sentence


@pytest.mark.parametrize(("change", "what"), [({"shift": 0.3}, "mean"), ({"stretch": 1.3}, "spread")])
def test_draws_of_another_posterior_do_not(change: dict[str, float], what: str) -> None:
    found = agreement("sales", *pair(3, **change))
    assert found.agrees is False
    assert f"the {what} of slopes" in found.sentence
    assert "differs" in found.sentence


def test_differences_of_scores_are_in_units_of_their_error() -> None:
    quick, sampled = pair(3, elpd_mcse=0.05)
    moved = replace(sampled, elpd_i=sampled.elpd_i + 0.01, log_evidence=-59.0)
    found = agreement("sales", quick, moved)
    assert found.elpd_difference == pytest.approx(-0.5)
    assert found.elpd_z == pytest.approx(-10.0)
    assert found.evidence_z == pytest.approx(-100.0)
    assert found.agrees is False
    assert "elpd by -0.50" in found.sentence
    tiny = agreement("sales", quick, replace(sampled, log_evidence=-60.02, log_evidence_se=1e-6))
    assert tiny.agrees is True


def test_a_score_that_is_missing_is_not_compared() -> None:
    quick, sampled = pair(3)
    found = agreement("sales", quick, replace(sampled, log_evidence=float("nan"), rows_scored=10))
    assert (found.elpd_difference, found.evidence_difference, found.compared) == (None, None, 8)
    assert found.agrees is True


def test_importance_draws_count_as_the_effective_ones() -> None:
    quick, sampled = pair(3, shift=0.1)
    all_count = agreement("x", replace(quick, method="importance"), sampled)
    few = replace(quick, method="importance", diagnostics=Diagnostics(proposal_k=0.4, effective_draws=100.0))
    assert agreement("x", few, sampled).worst_z < 0.5 * all_count.worst_z


def test_draws_of_a_subsample_are_not_comparable() -> None:
    quick, sampled = pair(3)
    found = agreement("x", quick, replace(sampled, rows_sampled=20))
    assert found.agrees is None
    assert "20 of 50 rows" in found.sentence


def test_the_bound_grows_with_the_number_of_numbers() -> None:
    assert bound_for(1) == pytest.approx(2.5758, abs=1e-4)
    assert bound_for(1000) == pytest.approx(4.417, abs=1e-3)
    quick, sampled = pair(3)
    assert agreement("x", quick, sampled, compared=1000).bound == bound_for(1000)


def test_false_alarms_over_many_numbers_are_as_rare_as_said() -> None:
    """Forty confirmations of 200 numbers each: plain |z| < 2 would be exceeded in every one of them."""
    alarms, over_two = 0, 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        quick = fit_of({"slopes": rng.normal(size=(1000, 100))}, "exact")
        sampled = fit_of({"slopes": rng.normal(size=(1000, 100))}, "importance")
        found = agreement("x", quick, sampled)
        alarms += found.agrees is False
        over_two += found.worst_z > 2.0
    assert over_two >= 35
    assert alarms <= 3  # 0.4 expected; P(more than 3) < 0.001
    assert CHANCE == 0.01


def test_several_blocks_share_one_bound_and_the_summary_names_the_largest() -> None:
    pairs = [Pair(name, *pair(seed)) for seed, name in enumerate(("ads", "sales"))]
    found = agreements(pairs, str.upper)
    assert {one.bound for one in found} == {bound_for(sum(one.compared for one in found))}
    said = " ".join(summary(found, str.upper))
    top = max(found, key=lambda one: one.worst_z)
    assert f"the largest difference is {top.worst_z:.1f} Monte Carlo errors ({top.node.upper()}, " in said
    wrong = agreements([*pairs, Pair("visits", *pair(5, shift=0.4))])
    said_wrong = " ".join(summary(wrong))
    assert said_wrong.startswith("Visits: sampling with NUTS differs")
    assert "Do not rely on what differs" in said_wrong
    assert "nothing to confirm" in summary(())[0]


def test_a_summary_says_of_each_hypothesis_what_agrees_and_what_does_not() -> None:
    pairs = [replace(Pair(name, *pair(seed)), hypotheses=("A",)) for seed, name in enumerate(("ads", "sales"))]
    wrong = replace(Pair("sales", *pair(5, shift=0.4)), hypotheses=("B",))
    said = summary(agreements([*pairs, wrong]))
    assert said[0].startswith("A: the joint model, sampled with NUTS, agrees with what was shown: the largest")
    assert said[1].startswith("B: sales: sampling with NUTS differs")


def test_a_mean_that_few_draws_leave_open_is_not_confirmed() -> None:
    rng = np.random.default_rng(3)
    one, other = rng.normal(size=(2, 200, 1))
    found = agreement(
        "x", fit_of({"slopes": one}, "exact"), fit_of({"slopes": other - other.mean() + one.mean() + 0.2}, "exact")
    )
    assert found.worst_z < found.bound
    assert found.largest_share > 0.1
    assert found.agrees is None
    assert "ask for more draws" in found.sentence


def test_parameters_have_the_user_s_words() -> None:
    model = NodeModel(
        "sales", "real", "Normal", "identity", Response("identity", 10.0, 2.0), (Term("ads", "real", "identity", 0, 1),)
    )
    rng = np.random.default_rng(0)
    draws = {"intercept": rng.normal(size=S), "slopes": rng.normal(size=(S, 1)), "sigma": np.exp(rng.normal(size=S))}
    other = {name: values + (0.5 if name == "slopes" else 0.0) for name, values in draws.items()}
    found = agreement("sales", fit_of(draws, "exact"), fit_of(other, "importance"), model=model,
                      title={"ads": "ad spend", "sales": "Sales"}.get)  # fmt: skip
    assert "Sales: sampling" in found.sentence
    assert "slope of ad spend" in found.sentence
    assert parameter_words("slope[region=north] [blue]") == "slope of region = north (blue)"
    assert parameter_words("sigma") == "sigma"


def test_an_agreement_is_stored_and_read_back() -> None:
    found = agreement("sales", *pair(3))
    assert rebuild(Agreement, flatten(found, {}), {}) == found


@pytest.mark.pymc
@pytest.mark.slow
def test_importance_sampling_and_nuts_agree_on_a_count() -> None:
    """Two programs, one posterior: the numpy target weighted at its mode, and the PyMC model sampled."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=200)
    frame = pd.DataFrame({"x": x, "n": rng.poisson(np.exp(0.7 + 0.4 * x))})
    data, graph = Dataset.from_frame(frame), Hypothesis.from_dagitty("dag { x -> n }", "A")
    agreed = 0
    for seed in range(5):  # by design one confirmation of a hundred differs by chance
        fits = {}
        for method in ("importance", "nuts"):
            work = plan(data, [graph], method="auto", methods={"n": method}, seed=seed)
            block, rows = work.blocks[work.keys["A"]["n"]]
            fits[method] = fit_block(block, rows)
        found = agreement("n", fits["importance"], fits["nuts"], model=block.model)
        agreed += bool(found.agrees)
        assert found.elpd_difference == pytest.approx(0, abs=0.5)
        assert found.evidence_difference == pytest.approx(0, abs=0.05)
        assert 0.9 < found.sd_ratio < 1.1
    assert agreed >= 4

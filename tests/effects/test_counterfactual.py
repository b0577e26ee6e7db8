"""Counterfactuals: what was seen comes back, the truth is found where it can be known, and bounded where it cannot."""

import math
from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from scipy import optimize, stats

from core.data.dataset import Dataset
from core.effects.counterfactual import ImaginedNode, counterfactual
from core.effects.coupling import bounds_of, can_be_bounded, loose_above
from core.effects.evidence import downstream, evidence_of
from core.errors import ModelError
from core.families import FAMILIES, Draws, get_family
from core.fit.engine import fit_blocks
from core.hypothesis import Hypothesis
from core.model.resolve import resolve
from core.model.spec import ModelSpec
from core.simulate.ancestral import ancestral
from core.study.planning import plan
from tests.effects.counterfactual_cases import draws_of, node, number, spec_of, worlds_of, yes_or_no
from tests.effects.effect_cases import small_parameters

Rows = Mapping[str, np.ndarray]


def by_name(
    spec: ModelSpec, parameters: Mapping[str, Draws], rows: Rows, do: dict[str, float], missing: tuple[str, ...] = ()
) -> dict[str, ImaginedNode]:
    evidence = evidence_of(spec, do, missing)
    return {one.name: one for one in counterfactual(spec, parameters, rows, do, evidence, np.random.default_rng(0))}


# -- where what was seen decides ----------------------------------------------------------

CONTINUOUS = {
    ("Normal", "identity"): ({"sigma": 0.7}, lambda m: stats.norm(m, 0.7)),
    ("LogNormal", "identity"): ({"sigma": 0.7}, lambda m: stats.lognorm(0.7, scale=np.exp(m))),
    ("StudentT", "identity"): ({"sigma": 0.7, "nu": 4.0}, lambda m: stats.t(4, m, 0.7)),
    ("SkewNormal", "identity"): ({"sigma": 0.7, "alpha": 3.0}, lambda m: stats.skewnorm(3.0, m, 0.7)),
    ("Gamma", "log"): ({"shape": 2.5}, lambda m: stats.gamma(2.5, scale=m / 2.5)),
    ("Weibull", "log"): ({"shape": 2.5}, lambda m: stats.weibull_min(2.5, scale=m / math.gamma(1.4))),
    ("Beta", "logit"): ({"precision": 6.0}, lambda m: stats.beta(6 * m, 6 * (1 - m))),
}
INVERSE = {"identity": lambda eta: eta, "log": np.exp, "logit": lambda eta: 1 / (1 + np.exp(-eta))}


@pytest.mark.parametrize(("family", "link"), CONTINUOUS)
def test_a_world_whose_noise_is_known_is_found_again(family: str, link: str) -> None:
    """x -> m -> y and x -> y: SciPy draws it by quantiles that are known, and says what it would have been at x = 1."""
    extra, theirs = CONTINUOUS[family, link]
    rng = np.random.default_rng(len(family))
    x, place_m, place_y = rng.normal(size=60), rng.random(60), rng.random(60)

    def generated(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        m = 0.5 + 0.8 * at + 0.6 * stats.norm.ppf(place_m)
        return m, theirs(INVERSE[link](0.2 - 0.5 * at + 0.4 * m)).ppf(place_y)

    m, y = generated(x)
    spec = spec_of(
        node("x", "Normal", "identity"),
        node("m", "Normal", "identity", number("x")),
        node("y", family, link, number("x"), number("m"), transform=get_family(family).response or "identity"),
    )
    parameters = {
        "m": draws_of(intercept=0.5, slopes=[0.8], sigma=0.6),
        "y": draws_of(intercept=0.2, slopes=[-0.5, 0.4], **extra),
    }
    worlds = worlds_of(spec, parameters, {"x": x, "m": m, "y": y}, {"x": 1.0})
    true_m, true_y = generated(np.ones(60))
    np.testing.assert_allclose(worlds.imagined["m"][0], true_m, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(worlds.imagined["y"][0], true_y, rtol=1e-9, atol=1e-9)


# -- at what was observed it is what was observed -------------------------------------------

KINDS = {
    "Normal": "real", "StudentT": "real", "SkewNormal": "real", "LogNormal": "positive", "Gamma": "positive",
    "Weibull": "positive", "Beta": "proportion", "Bernoulli": "binary", "Poisson": "count", "NegativeBinomial": "count",
    "ZeroInflatedPoisson": "count", "ZeroInflatedNegativeBinomial": "count", "Categorical": "category",
    "OrderedLogit": "ordered", "Table": "binary",
}  # fmt: skip


def column(kind: str, rng: np.random.Generator, rows: int = 40) -> np.ndarray:
    match kind:
        case "positive":
            return np.exp(rng.normal(size=rows))
        case "proportion":
            return rng.beta(2, 3, rows)
        case "count":
            return rng.poisson(3, rows)
        case "binary":
            return np.arange(rows) % 2
        case "category" | "ordered":
            return np.array(["a", "b", "c"])[np.arange(rows) % 3]
    return rng.normal(size=rows)


def drawn_graph(families: list[str], arrows: list[bool], seed: int) -> tuple[Dataset, Hypothesis]:
    """Return a graph of these families, and columns that each of them can take; a table has no number for a cause."""
    rng = np.random.default_rng(seed)
    kinds = {f"n{place}": KINDS[family] for place, family in enumerate(families)}
    names = list(kinds)
    pairs = [(a, b) for place, b in enumerate(names) for a in names[:place]]
    table = {name for name, family in zip(names, families, strict=True) if family == "Table"}
    kept = [
        f"{a} -> {b}"
        for (a, b), there in zip(pairs, arrows, strict=True)
        if there and (b not in table or kinds[a] in {"binary", "category", "ordered"})
    ]
    frame = pd.DataFrame({name: column(kind, rng) for name, kind in kinds.items()})
    hypothesis = Hypothesis.from_dagitty(f"dag {{ {' '.join(names)} {' '.join(kept)} }}", "H")
    for name, family in zip(names, families, strict=True):
        hypothesis = hypothesis.with_node(name, family=family)
    return Dataset.from_frame(frame, kinds=kinds), hypothesis


@examples(max_examples=60)
@given(
    st.lists(st.sampled_from(sorted(KINDS)), min_size=4, max_size=4),
    st.lists(st.booleans(), min_size=6, max_size=6),
    st.integers(0, 1000),
)
def test_at_what_was_observed_it_is_what_was_observed(families: list[str], arrows: list[bool], seed: int) -> None:
    dataset, hypothesis = drawn_graph(families, arrows, seed)
    spec = resolve(hypothesis, dataset)
    parameters = small_parameters(spec, 5, seed)
    row = {name: dataset.values(name)[:1] for name in dataset.names}
    for name in dataset.names:
        worlds = worlds_of(spec, parameters, row, {name: float(row[name][0])}, seed=seed)
        for other in dataset.names:
            found = worlds.imagined[other]
            np.testing.assert_allclose(found, np.broadcast_to(row[other], found.shape), rtol=1e-9, atol=1e-9)
    other = float(dataset.values("n1")[1])
    worlds = worlds_of(spec, parameters, row, {"n1": other})
    for name in dataset.names:  # what is not downstream stays, whatever is set
        if name not in ("n1", *downstream(spec, ["n1"])):
            np.testing.assert_array_equal(worlds.imagined[name], row[name])


def moved(family: str, size: int) -> tuple[ModelSpec, dict[str, Draws], dict[str, np.ndarray], float]:
    """Return one cause and a child that one draw of parameters made, and another value of the cause."""
    dataset, hypothesis = drawn_graph([["Normal", "Bernoulli"][family == "Table"], family], [True], 3)
    spec = resolve(hypothesis, dataset)
    parameters = small_parameters(spec, 1, 3)
    one, other = (float(value) for value in dataset.values("n0")[:2])
    rows = {"n0": np.full(size, one)}
    y = ancestral(spec, parameters, size, np.random.default_rng(0), given_raw=rows)["n1"][0]
    return spec, parameters, {**rows, "n1": y}, other


@pytest.mark.parametrize("family", FAMILIES)
def test_over_all_units_a_counterfactual_is_what_setting_does(family: str) -> None:
    """Averaged over what could have been seen, the noise is the family's own: both worlds have its distribution."""
    spec, parameters, rows, other = moved(family, 4000)
    found = worlds_of(spec, parameters, rows, {"n0": other}, seed=2).imagined["n1"][0]
    plain = ancestral(spec, parameters, 4000, np.random.default_rng(1), do={"n0": other})["n1"][0]
    if not get_family(family).discrete:
        assert stats.ks_2samp(found, plain).pvalue > 1e-3
        return
    values = np.unique(np.minimum(np.concatenate([found, plain]), 8))
    counts = [[np.sum(np.minimum(one, 8) == value) for value in values] for one in (found, plain)]
    assert len(values) == 1 or stats.chi2_contingency(counts).pvalue > 1e-3


@pytest.mark.parametrize("family", [name for name, family in FAMILIES.items() if not family.discrete])
def test_there_and_back_again(family: str) -> None:
    """What would have been at another cause, seen there, would have been what was seen here: no short cut is taken."""
    spec, parameters, rows, other = moved(family, 50)
    imagined = worlds_of(spec, parameters, rows, {"n0": other}).imagined
    there = {name: np.ravel(values) for name, values in imagined.items()}
    assert not np.allclose(there["n1"], rows["n1"])
    back = worlds_of(spec, parameters, there, {"n0": float(rows["n0"][0])})
    np.testing.assert_allclose(back.imagined["n1"][0], rows["n1"], rtol=1e-8, atol=1e-9)


# -- levels and counts: the truth lies within the bounds, and the bounds are reached ------------


def couplings(rng: np.random.Generator, size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield a unit's quantile in either world: the same, antithetic, nothing in common, a mixture."""
    u = rng.random(size)
    yield u, u
    yield u, 1 - u
    yield u, rng.random(size)
    yield u, np.where(rng.random(size) < 0.5, u, 1 - u)


def programme(p: float, there: np.ndarray, worth: np.ndarray, sign: int) -> float:
    """Return the least (sign 1) or most (-1) that is expected given what had chance p, over all tables of margins."""
    size = len(there)
    goal = np.concatenate([worth / p, np.zeros(size)])
    margins = np.concatenate([np.ones(size), np.zeros(size)])[None], np.tile(np.eye(size), (1, 2))
    found = optimize.linprog(sign * goal, A_eq=np.concatenate(margins), b_eq=np.concatenate([[p], there / there.sum()]))
    return float(sign * found.fun)


DISCRETE = {
    "Bernoulli": ("logit", "two", {"intercept": -0.3, "slopes": [0.9]}),
    "Categorical": ("softmax", "three", {"intercept": [0.2, -0.5, 0.3], "slopes": [[0.8, -0.6, -0.2]]}),
    "OrderedLogit": ("cumulative", "three", {"cutpoints": [-0.5, 0.8], "slopes": [0.9]}),
}
COUNTS = {
    "Poisson": ({}, lambda m: stats.poisson(m)),
    "NegativeBinomial": ({"overdispersion": 0.8}, lambda m: stats.nbinom(1 / 0.64, 1 / (1 + 0.64 * m))),
}


@pytest.mark.parametrize("family", DISCRETE)
def test_the_truth_is_within_the_bounds_of_levels_whatever_ties_the_worlds(family: str) -> None:
    link, levels, values = DISCRETE[family]
    spec = spec_of(node("x", "Normal", "identity"), node("y", family, link, number("x"), levels=levels))
    parameters = {"y": draws_of(**values)}
    chances = get_family(family).mean(parameters["y"], np.array([[0.0], [1.5]]), link)[0]
    here, there = chances if chances.ndim == 2 else np.stack([1 - chances, chances], axis=-1)
    rng = np.random.default_rng(1)
    for level in range(len(here)):
        rows = {"x": np.zeros(1), "y": np.array([float(level)])}
        worlds = worlds_of(spec, parameters, rows, {"x": 1.5})
        ends = bounds_of(spec, parameters, worlds, evidence_of(spec, {"x": 1.5}, ()), "y")
        low, high = (end[0, 0] for end in ends)
        for u, v in couplings(rng, 200_000):
            seen = np.searchsorted(np.cumsum(here), u) == level
            codes = np.minimum(np.searchsorted(np.cumsum(there), v[seen]), len(here) - 1)
            would, error = np.bincount(codes, minlength=len(here)) / seen.sum(), 4.5 / math.sqrt(seen.sum())
            assert (would > low - error).all()
            assert (would < high + error).all()
        for other in range(len(here)):
            expected = [programme(here[level], there, np.arange(len(here)) == other, sign) for sign in (1, -1)]
            assert (low[other], high[other]) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("family", COUNTS)
@pytest.mark.parametrize("count", [0, 2, 7])
def test_the_truth_is_within_the_bounds_of_counts_whatever_ties_the_worlds(family: str, count: int) -> None:
    extra, theirs = COUNTS[family]
    spec = spec_of(node("x", "Normal", "identity"), node("y", family, "log", number("x")))
    parameters = {"y": draws_of(intercept=1.0, slopes=[0.5], **extra)}
    here, there = theirs(math.exp(1.0)), theirs(math.exp(1.75))
    rows = {"x": np.zeros(1), "y": np.array([float(count)])}
    worlds = worlds_of(spec, parameters, rows, {"x": 1.5})
    ends = bounds_of(spec, parameters, worlds, evidence_of(spec, {"x": 1.5}, ()), "y")
    low, high = (float(end[0, 0]) for end in ends)
    for u, v in couplings(np.random.default_rng(2), 200_000):
        seen = (u > here.cdf(count - 1)) & (u <= here.cdf(count))
        would = there.ppf(v[seen])
        error = 4.5 * would.std() / math.sqrt(len(would)) + 1e-3
        assert low - error < would.mean() < high + error
    at = np.arange(150)  # beyond which nothing is left
    expected = [programme(float(here.pmf(count)), there.pmf(at), at, sign) for sign in (1, -1)]
    assert (low, high) == pytest.approx(expected, rel=1e-6)


def test_zeros_of_their_own_are_within_the_bounds_too() -> None:
    """A unit that can have none has none in either world: another coupling than the rank, and the bounds hold it."""
    spec = spec_of(node("x", "Normal", "identity"), node("y", "ZeroInflatedPoisson", "log", number("x")))
    parameters = {"y": draws_of(40_000, intercept=1.0, slopes=[0.5], zero_share=0.3)}
    rows = {"x": np.zeros(1), "y": np.zeros(1)}
    found = by_name(spec, parameters, rows, {"x": 1.5})["y"]
    by_itself = 0.3 / (0.3 + 0.7 * math.exp(-math.e))
    more = math.exp(1.75)
    part = stats.poisson(more)  # of those who could have some, the lowest exp(-e) of the other world
    low = sum(max(0.0, math.exp(-math.e) - part.cdf(k)) for k in range(50)) / math.exp(-math.e)
    assert found.mean == pytest.approx((1 - by_itself) * low, abs=0.02)
    assert found.bounds is not None
    assert found.bounds[0] == pytest.approx((1 - by_itself) * low, abs=1e-3)  # the lowest of all there are
    assert found.bounds[0] <= (found.mean or 0.0) < found.bounds[1]


def test_bounds_pass_through_what_lies_between() -> None:
    """x -> b -> y, x -> y, b -> z <- y: every extreme coupling of b, and of y in each of its cases, by hand."""
    spec = spec_of(
        node("x", "Normal", "identity"),
        node("b", "Bernoulli", "logit", number("x"), levels="two"),
        node("y", "Bernoulli", "logit", number("x"), yes_or_no("b"), levels="two"),
        node("z", "Normal", "identity", yes_or_no("b"), yes_or_no("y")),
    )
    values = {
        "b": {"intercept": -0.3, "slopes": [0.9]},
        "y": {"intercept": 0.4, "slopes": [-0.8, 1.1]},
        "z": {"intercept": 0.0, "slopes": [2.0, -3.0], "sigma": 1.0},
    }
    parameters = {name: draws_of(4000, **numbers) for name, numbers in values.items()}
    rows = {"x": np.zeros(1), "b": np.zeros(1), "y": np.ones(1), "z": np.array([0.7])}
    evidence = evidence_of(spec, {"x": 1.0}, ())
    assert loose_above(spec, evidence, "z") == ("b", "y")
    assert can_be_bounded(spec, evidence, "z")

    def chance(eta: float) -> float:
        return 1 / (1 + math.exp(-eta))

    def ends(seen: int, here: float, there: float) -> list[float]:
        p = here if seen else 1 - here
        return [max(0.0, (p + there - 1) / p), min(1.0, there / p)]

    of_b = ends(0, chance(-0.3), chance(0.6))
    of_y = [ends(1, chance(0.4 - 0.55), chance(0.4 - 0.8 + 1.1 * (b - 0.5))) for b in (0, 1)]
    noise = 0.7 - (2.0 * -0.5 - 3.0 * 0.5)
    reached = [
        sum(
            (q if b else 1 - q) * (r if y else 1 - r) * (2.0 * (b - 0.5) - 3.0 * (y - 0.5) + noise)
            for b, r in ((0, r0), (1, r1))
            for y in (0, 1)
        )
        for q, r0, r1 in product(of_b, *of_y)
    ]
    found = by_name(spec, parameters, rows, {"x": 1.0})["z"]
    assert found.bounds == pytest.approx((min(reached), max(reached)), abs=1e-9)
    assert not found.exact
    assert found.bounds is not None
    assert found.bounds[0] <= (found.mean or 0.0) <= found.bounds[1]


def test_what_lies_below_a_count_has_no_bounds_and_is_said_not_to_be_exact() -> None:
    spec = spec_of(
        node("x", "Normal", "identity"),
        node("k", "Poisson", "log", number("x")),
        node("y", "Normal", "identity", number("k")),
    )
    parameters = {
        "k": draws_of(500, intercept=1.0, slopes=[0.5]),
        "y": draws_of(500, intercept=0.0, slopes=[1.0], sigma=1.0),
    }
    rows = {"x": np.zeros(1), "k": np.array([2.0]), "y": np.array([2.5])}
    assert not can_be_bounded(spec, evidence_of(spec, {"x": 1.0}, ()), "y")
    found = by_name(spec, parameters, rows, {"x": 1.0})
    assert found["y"].bounds is None
    assert not found["y"].exact
    assert found["k"].bounds is not None
    assert found["y"].mean == pytest.approx(0.5 + (found["k"].mean or 0.0), abs=0.1)


# -- what the row does not say -------------------------------------------------------------


def chain() -> tuple[ModelSpec, dict[str, Draws], dict[str, np.ndarray]]:
    """Return w -> m -> y, x -> m, x -> y."""
    spec = spec_of(
        node("w", "Normal", "identity"),
        node("x", "Normal", "identity"),
        node("m", "Normal", "identity", number("w"), number("x")),
        node("y", "Normal", "identity", number("m"), number("x")),
    )
    count = 20_000
    parameters = {
        "w": draws_of(count, intercept=1.0, slopes=np.zeros(0), sigma=0.5),
        "m": draws_of(count, intercept=0.0, slopes=[0.7, 0.8], sigma=0.6),
        "y": draws_of(count, intercept=0.1, slopes=[0.5, -0.4], sigma=0.9),
    }
    rows = {"w": np.array([0.3]), "x": np.array([0.2]), "m": np.array([1.1]), "y": np.array([-0.5])}
    return spec, parameters, rows


def lacking(rows: Rows, *names: str) -> dict[str, np.ndarray]:
    return {name: np.array([np.nan]) if name in names else values for name, values in rows.items()}


@pytest.mark.parametrize(("missing", "named"), [(("m",), "m"), (("w",), "w"), (("x",), "x"), (("w", "m"), "m")])
def test_incomplete_evidence_is_refused(missing: tuple[str, ...], named: str) -> None:
    """Something that was seen depends on what is missing: what it says of the unit cannot be passed over."""
    spec, _, _ = chain()
    with pytest.raises(ModelError, match=f"no value of '{named}'") as refused:
        evidence_of(spec, {"x": 1.0}, missing)
    assert "incomplete" in refused.value.message
    assert "fill it in" in refused.value.hint


def test_a_missing_end_is_drawn_as_if_nothing_had_been_seen() -> None:
    spec, parameters, rows = chain()
    worlds = worlds_of(spec, parameters, lacking(rows, "y"), {"x": 1.0}, ("y",))
    m = 1.1 + 0.8 * 0.8
    np.testing.assert_allclose(worlds.imagined["m"], m)
    y = worlds.imagined["y"][:, 0]
    assert y.mean() == pytest.approx(0.1 + 0.5 * m - 0.4, abs=4.5 * 0.9 / math.sqrt(20_000))
    assert y.std() == pytest.approx(0.9, rel=0.03)


def test_a_missing_cause_is_integrated_over_where_nothing_below_it_was_seen() -> None:
    spec, parameters, rows = chain()
    missing = ("w", "m", "y")
    evidence = evidence_of(spec, {"x": 1.0}, missing)
    assert evidence.drawn == ("w",)
    assert evidence.unseen == {"m", "y"}
    worlds = worlds_of(spec, parameters, lacking(rows, *missing), {"x": 1.0}, missing)
    m = worlds.imagined["m"][:, 0]
    assert m.mean() == pytest.approx(0.7 + 0.8, abs=0.03)
    assert m.std() == pytest.approx(math.hypot(0.7 * 0.5, 0.6), rel=0.03)
    there = ancestral(spec, parameters, 1, np.random.default_rng(1), do={"x": 1.0})["y"][:, 0]
    assert stats.ks_2samp(worlds.imagined["y"][:, 0], there).pvalue > 1e-3
    found = by_name(spec, parameters, lacking(rows, *missing), {"x": 1.0}, missing)["y"]
    assert (found.observed, found.differs, found.exact) == (None, None, False)


def test_what_no_answer_needs_may_be_missing() -> None:
    spec, parameters, rows = chain()
    plain = worlds_of(spec, parameters, rows, {"m": 2.0})
    without = worlds_of(spec, parameters, lacking(rows, "w"), {"m": 2.0}, ("w",))
    np.testing.assert_array_equal(plain.imagined["y"], without.imagined["y"])


def test_what_had_been_set_has_no_noise_of_its_own() -> None:
    spec, _, _ = chain()
    with pytest.raises(ModelError, match="'m' was set when this row was observed") as refused:
        evidence_of(spec, {"x": 1.0}, (), was_set=("m",))
    assert "--do m=" in refused.value.hint
    assert evidence_of(spec, {"x": 1.0, "m": 2.0}, (), was_set=("m",)).changed == ("y",)
    assert evidence_of(spec, {"x": 1.0}, (), was_set=("x", "w")).changed == ("m", "y")


def test_what_is_set_looks_at_no_cause() -> None:
    spec, _, _ = chain()
    assert downstream(spec, ["w"]) == ("m", "y")
    assert downstream(spec, ["w", "m"]) == ("y",)
    assert downstream(spec, ["y"]) == ()


def test_a_background_that_is_missing_is_refused() -> None:
    spec, _, _ = chain()
    given = ModelSpec("H", spec.nodes[1:], given=spec.nodes[:1])
    with pytest.raises(ModelError, match="background"):
        evidence_of(given, {"x": 1.0}, ("w", "m", "y"))


def test_what_overflows_has_no_number() -> None:
    spec = spec_of(node("x", "Normal", "identity"), node("y", "Gamma", "log", number("x")))
    parameters = {"y": draws_of(3, intercept=0.0, slopes=[1.0], shape=2.0)}
    y = by_name(spec, parameters, {"x": np.zeros(1), "y": np.ones(1)}, {"x": 1e4})["y"]
    assert (y.mean, y.sd, y.median, y.bounds, y.differs) == (None,) * 5


# -- a closed form ------------------------------------------------------------------------


def test_a_line_with_normal_noise_is_the_closed_form() -> None:
    """y + slope (v - x), the slope's posterior being a t: its mean and sd by hand (Normal-inverse-gamma)."""
    rng, rows, many = np.random.default_rng(7), 40, 100_000
    z = rng.normal(size=rows)
    x = 0.6 * z + rng.normal(size=rows)
    y = 0.5 * x - 0.8 * z + rng.normal(size=rows)
    dataset = Dataset.from_frame(pd.DataFrame({"z": z, "x": x, "y": y}))
    work = plan(dataset, [Hypothesis.from_dagitty("dag { z -> {x y} x -> y }", "H")], draws=many)
    parameters = {"y": fit_blocks(work.blocks)[work.keys["H"]["y"]].draws}
    row = {name: dataset.values(name)[4:5] for name in ("z", "x", "y")}
    found = worlds_of(work.specs[0], parameters, row, {"x": 2.0}).imagined["y"][:, 0]

    def standardised(values: np.ndarray) -> np.ndarray:
        return (values - values.mean()) / values.std(ddof=1)

    design, response = np.column_stack([np.ones(rows), standardised(x), standardised(z)]), standardised(y)
    precision = design.T @ design + np.diag([1.0, 0.5, 0.5])
    middle = np.linalg.solve(precision, design.T @ response)
    shape = (2 + 3) / 2 + rows / 2
    rate = 0.25 + (response @ response - middle @ precision @ middle) / 2
    step = (2.0 - x[4]) * y.std(ddof=1) / x.std(ddof=1)
    spread = abs(step) * math.sqrt(rate / (shape - 1) * np.linalg.inv(precision)[1, 1])
    assert found.mean() == pytest.approx(y[4] + step * middle[1], abs=4.5 * spread / math.sqrt(many))
    assert found.std() == pytest.approx(spread, rel=0.02)

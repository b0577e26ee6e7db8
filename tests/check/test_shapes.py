"""A family's shape: uniform p-values where the family is right, a flag with its remedy where it is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmarks.worlds import fork
from core.check.leftover import MOST_ROWS, leftovers
from core.check.looking import Columns, Room, bends, combined, kurtosis_p, skewness_p
from core.check.shape import ASPECTS, LEVEL, Shape
from core.check.shapes import shapes_of
from core.data.dataset import Dataset
from core.families import FAMILIES
from core.families.choose import families_for
from core.study.planning import plan
from tests.check.shape_cases import CAUSES, KINDS, draws_of, flags, hypothesis, of_family, shapes

#: What a family fits itself, so that its look can only be too sure that all is well.
ABSORBED = {
    ("StudentT", "tails"),
    ("SkewNormal", "skew"),
    ("NegativeBinomial", "dispersion"),
    ("ZeroInflatedPoisson", "tails"),
    ("ZeroInflatedNegativeBinomial", "tails"),
}
SETS = 24


@pytest.mark.repeats
@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "Table"])
def test_p_values_are_uniform_where_the_family_is_right(family: str) -> None:
    kinds = {"y": KINDS[family]} if family in KINDS else {}
    own: list[float] = []
    flagged = 0
    for seed in range(SETS):
        found = shapes(of_family(family, seed, 200), CAUSES, {"y": family}, only="y", kinds=kinds)["y"]
        own += [shape.p_value for shape in found if (family, shape.aspect) not in ABSORBED]
        flagged += any(shape.flagged for shape in found)
    p = np.array(own)
    assert len(p) >= 4 * SETS
    assert 0.35 <= np.mean(p < 0.5) <= 0.62
    assert np.mean(p < 0.05) <= 0.05 + 3.5 * np.sqrt(0.05 * 0.95 / len(p))
    assert np.mean(p < 0.01) <= 0.01 + 3.5 * np.sqrt(0.01 * 0.99 / len(p))
    assert flagged <= 2  # of 24, at 1 %


def test_a_table_assumes_no_form() -> None:
    table = pd.DataFrame({"g": of_family("Normal", 1, 200)["g"], "y": of_family("Table", 1, 200)["y"]})
    assert shapes(table, [("g", "y")]) == {"g": (), "y": ()}


@pytest.mark.repeats
@pytest.mark.parametrize("n", [100, 300])
def test_a_straight_world_has_no_flags(n: int) -> None:
    worlds = [fork("straight", seed, n) for seed in range(25)]
    assert sum(any(map(flags, shapes(w.table, w.edges).values())) for w in worlds) <= 2


FLAG = {
    "quadratic": ("curve", "x", "bend"),
    "threshold": ("curve", "x", "bend"),
    "half zeros": ("curve", "x", "bend"),
    "u-shaped": ("curve", "x", "bend"),
    "modifier": ("interaction", "g", "interact"),
    "skewed": ("skew", None, "family"),
    "spread": ("spread", None, "none"),
    "odd rows": ("tails", None, "family"),
}


@pytest.mark.parametrize("bends_by", FLAG)
def test_what_bends_is_flagged_at_the_nodes_where_it_does(bends_by: str) -> None:
    aspect, about, remedy = FLAG[bends_by]
    hits, others = 0, 0
    for seed in range(6):
        world = fork(bends_by, seed, 300)
        found = shapes(world.table, world.edges)
        for node in ("y", "z"):
            flagged = [shape for shape in found[node] if shape.flagged]
            hits += any((s.aspect, s.about) == (aspect, about) and s.remedy == remedy for s in flagged)
            others += any((s.aspect, s.about) != (aspect, about) for s in flagged)
    assert hits >= (7 if bends_by == "skewed" else 11)  # a skewed column may get the LogNormal, whose skew has none
    assert others <= (12 if bends_by == "skewed" else 3)


def numbers(n: int = 400, seed: int = 0) -> tuple[np.random.Generator, np.ndarray]:
    rng = np.random.default_rng([seed, n])
    return rng, rng.normal(size=n)


def at_y(table: pd.DataFrame, family: str, **kinds: str) -> tuple[Shape, ...]:
    edges = [(name, "y") for name in table.columns if name != "y"]
    return shapes(table, edges, {"y": family}, only="y", kinds=kinds)["y"]


def only(found: tuple[Shape, ...], aspect: str) -> Shape:
    return next(shape for shape in found if shape.aspect == aspect)


def test_counts_that_vary_more_or_less_or_have_many_zeros() -> None:
    rng, x = numbers()
    mean = np.exp(1.2 + 0.3 * x)
    over = only(
        at_y(pd.DataFrame({"x": x, "y": rng.poisson(mean * rng.gamma(2, size=400) / 2)}), "Poisson"), "dispersion"
    )
    assert (over.flagged, over.way, over.remedy, over.family) == (True, "over", "family", "NegativeBinomial")
    assert over.size > 1.5
    few = rng.binomial(np.ceil(mean * 1.25).astype(int), 0.8)
    under = only(at_y(pd.DataFrame({"x": x, "y": few}), "Poisson", y="count"), "dispersion")
    assert (under.flagged, under.way, under.family) == (True, "under", "Normal")
    assert under.size < 0.8
    none = np.where(rng.random(400) < 0.4, 0, rng.poisson(mean * 2))
    for family, better in (("Poisson", "ZeroInflatedPoisson"), ("NegativeBinomial", "ZeroInflatedNegativeBinomial")):
        zeros = only(at_y(pd.DataFrame({"x": x, "y": none}), family), "zeros")
        assert (zeros.flagged, zeros.way, zeros.family) == (True, "many", better)
    mixed = np.where(rng.random(400) < 0.3, 0, rng.poisson(mean * 2 * rng.gamma(2, size=400) / 2))
    beside = only(at_y(pd.DataFrame({"x": x, "y": mixed}), "ZeroInflatedPoisson"), "dispersion")
    assert (beside.flagged, beside.family) == (True, "ZeroInflatedNegativeBinomial")


def test_a_count_that_varies_more_has_no_flag_for_the_zeros_that_come_with_it() -> None:
    rng, x = numbers(600)
    y = rng.poisson(np.exp(1.0 + 0.3 * x) * rng.gamma(1.0, size=600))
    found = at_y(pd.DataFrame({"x": x, "y": y}), "Poisson")
    assert flags(found) == {("dispersion", None)}


def test_a_wide_spread_of_a_positive_column_asks_for_the_logarithm() -> None:
    rng, x = numbers()
    y = np.exp(2.0 + 0.4 * x + 0.3 * rng.normal(size=400))
    spread = only(at_y(pd.DataFrame({"x": x, "y": y}), "Normal", y="positive"), "spread")
    assert (spread.flagged, spread.way, spread.family) == (True, "grows", "LogNormal")
    assert spread.size > 1.5


def test_a_spread_that_a_category_makes() -> None:
    rng, x = numbers()
    g = rng.integers(0, 3, 400)
    y = x + np.array([0.5, 1.0, 2.0])[g] * rng.normal(size=400)
    found = at_y(pd.DataFrame({"x": x, "g": np.array(["a", "b", "c"])[g], "y": y}), "Normal")
    assert ("spread", "g") in flags(found)
    assert next(s for s in found if s.about == "g" and s.aspect == "spread").size == pytest.approx(4.0, rel=0.35)


def test_a_mean_that_is_off_the_fit_of_a_binary_node() -> None:
    rng, x = numbers(1000)
    w = rng.normal(size=1000)
    y = (rng.random(1000) < np.where(np.abs(x + w) > 1.2, 0.85, 0.15)).astype(int)
    found = at_y(pd.DataFrame({"x": x, "w": w, "y": y}), "Bernoulli")
    assert {aspect for aspect, _ in flags(found)} <= {"curve", "mean"}
    assert flags(found)
    assert {shape.aspect for shape in found} == {"curve", "mean"}


def test_a_number_with_many_zeros() -> None:
    rng, x = numbers()
    y = np.where(rng.random(400) < 0.4, 0.0, rng.normal(2.0, 1.0, 400))
    zeros = only(shapes(pd.DataFrame({"x": x, "y": y}), [("x", "y")], {"y": "Normal"})["y"], "zeros")
    assert zeros.flagged
    assert zeros.size == pytest.approx(0.4, abs=0.05)
    rounded = shapes(pd.DataFrame({"x": x, "y": (x + rng.normal(size=400)).round(1)}), [("x", "y")])["y"]
    assert not flags(rounded)


def test_odd_rows_are_no_curve_and_a_curve_has_no_odd_rows() -> None:
    odd, bent = [], []
    for seed in range(12):
        rng, x = numbers(300, seed)
        y = x + rng.normal(size=300)
        y[np.argsort(x)[-3:]] += 8.0  # where a square would have its grip
        odd.append(flags(at_y(pd.DataFrame({"x": x, "y": y}), "Normal")))
        bent.append(flags(at_y(pd.DataFrame({"x": x, "y": x**2 + 0.3 * rng.normal(size=300)}), "Normal")))
    assert odd.count({("tails", None)}) >= 9
    assert bent.count({("curve", "x")}) >= 10


def test_a_bend_is_said_once() -> None:
    rng, x = numbers(500)
    w = 0.8 * x + 0.6 * rng.normal(size=500)
    y = w + (x**2 - 1) + rng.normal(size=500)
    assert flags(at_y(pd.DataFrame({"x": x, "w": w, "y": y}), "Normal")) == {("curve", "x")}


def test_the_modifier_is_named_and_what_it_modifies() -> None:
    rng, x = numbers()
    w, g = rng.normal(size=400), rng.integers(0, 2, 400)
    y = w + np.where(g == 1, 1.0, -0.2) * x + rng.normal(size=400)
    found = at_y(pd.DataFrame({"x": x, "w": w, "g": g, "y": y}), "Normal")
    assert flags(found) == {("interaction", "g")}
    shape = only(found, "interaction")
    assert (shape.cause, shape.remedy) == ("x", "interact")
    assert shape.said({"x": "Price", "g": "Region", "y": "Sales"}.get).startswith(
        "what Price does to Sales differs by Region"
    )  # type: ignore[arg-type]


class TestProperties:
    def test_units_and_names_play_no_part(self) -> None:
        world = fork("quadratic", 3, 150)
        first = shapes(world.table, world.edges)["y"]
        other = (world.table * [1000.0, 0.001, 5.0] + [7.0, -3.0, 0.0]).rename(columns={"x": "b", "y": "a", "z": "c"})
        second = shapes(other, [("b", "a"), ("b", "c")])["a"]
        assert [(s.aspect, s.flagged) for s in first] == [(s.aspect, s.flagged) for s in second]
        assert [s.p_value for s in first] == pytest.approx([s.p_value for s in second], rel=0.03)
        assert [s.size for s in first] == pytest.approx([s.size for s in second], rel=0.03, abs=0.01)

    def test_every_record_is_whole(self) -> None:
        for family in FAMILIES:
            kinds = {"y": KINDS[family]} if family in KINDS else {}
            if family == "Table":
                continue
            for shape in shapes(of_family(family, 0, 80), CAUSES, {"y": family}, only="y", kinds=kinds)["y"]:
                assert shape.aspect in ASPECTS
                assert shape.remedy in {"bend", "interact", "family", "none"}
                assert 0 <= shape.p_value <= shape.p_adjusted <= 1
                assert np.isfinite(shape.size)
                assert (shape.remedy == "family") == (shape.family is not None)
                assert not shape.flagged or shape.p_adjusted < LEVEL
                assert "y" in shape.words
                assert "." not in shape.words[-1:]

    def test_the_family_offered_can_take_the_column(self) -> None:
        for bent in ("skewed", "odd rows", "spread"):
            for shape in (s for found in shapes(*_of(fork(bent, 1, 300))).values() for s in found):
                assert shape.family is None or shape.family in families_for("positive") + families_for("real")

    @pytest.mark.parametrize("rows", [4, 15, 24])
    def test_few_rows_say_nothing(self, rows: int) -> None:
        world = fork("quadratic", 0, rows)
        assert not shapes(world.table, world.edges)["y"]

    def test_what_is_determined_leaves_nothing(self) -> None:
        _, x = numbers(200)
        found = shapes(pd.DataFrame({"x": x, "y": 2.0 * x + 1.0, "c": np.ones(200)}), [("x", "y"), ("c", "y")])
        assert not flags(found["y"])
        assert found["c"] == ()

    def test_rows_that_were_set_do_not_count(self) -> None:
        world = fork("straight", 2, 400)
        table = world.table.copy()
        table.loc[200:, "y"] = np.abs(table.loc[200:, "x"]) * 9.0
        work = plan(Dataset.from_frame(table), [hypothesis(world.nodes, world.edges)])
        block, data = next(pair for pair in work.blocks.values() if pair[0].model.node == "y")
        raw = {node: work.complete.values(node) for node in work.nodes}
        enters = np.arange(400) < 200
        mended = plan(Dataset.from_frame(world.table), [hypothesis(world.nodes, world.edges)])
        own, rows = next(pair for pair in mended.blocks.values() if pair[0].model.node == "y")
        assert flags(shapes_of(block.model, draws_of(block, data), raw))
        assert not flags(shapes_of(own.model, draws_of(own, rows), raw, enters))

    def test_of_many_rows_a_part_is_looked_at_always_the_same(self) -> None:
        world = fork("straight", 1, 30_000)
        work = plan(Dataset.from_frame(world.table), [hypothesis(world.nodes, world.edges)])
        block, data = next(pair for pair in work.blocks.values() if pair[0].model.node == "y")
        raw = {node: work.complete.values(node) for node in work.nodes}
        draws = draws_of(block, data)
        (left,) = leftovers(block.model, draws, raw)
        assert left.rows == MOST_ROWS
        assert shapes_of(block.model, draws, raw) == shapes_of(block.model, draws, raw)


def _of(world: object) -> tuple[pd.DataFrame, tuple[tuple[str, str], ...]]:
    return world.table, world.edges  # type: ignore[attr-defined]


class TestParts:
    def test_cauchy(self) -> None:
        assert combined(np.array([0.03])) == pytest.approx(0.03)
        assert combined(np.array([1e-40, 0.9])) == pytest.approx(2e-40, rel=1e-6)
        assert np.isnan(combined(np.empty(0)))

    def test_moments_of_a_normal_sample(self) -> None:
        rng = np.random.default_rng(0)
        drawn = rng.normal(size=(400, 150))
        assert np.mean([skewness_p(row)[1] < 0.05 for row in drawn]) == pytest.approx(0.05, abs=0.035)
        assert np.mean([kurtosis_p(row)[1] < 0.05 for row in drawn]) == pytest.approx(0.05, abs=0.035)

    def test_known_moments(self) -> None:
        values = np.random.default_rng(1).gamma(4.0, size=80)
        assert skewness_p(values)[1] == pytest.approx(stats.skewtest(values).pvalue)
        assert kurtosis_p(values)[1] == pytest.approx(stats.kurtosistest(values, alternative="greater").pvalue)

    def test_one_column_is_the_t_test_of_least_squares(self) -> None:
        rng = np.random.default_rng(2)
        x, b = rng.normal(size=(2, 60))
        y = 0.4 * b + x + rng.normal(size=60)
        room = Room(y, np.column_stack([np.ones(60), x]), np.ones(60))
        p, share = room.look(Columns.alike(b[:, None]))
        design = np.column_stack([np.ones(60), x, b])
        beta, rss, *_ = np.linalg.lstsq(design, y, rcond=None)
        sd = np.sqrt(rss[0] / 57 * np.linalg.inv(design.T @ design)[2, 2])
        from scipy.special import stdtr

        assert p[0] == pytest.approx(2 * stdtr(57, -abs(beta[2] / sd)), rel=1e-9)
        small = np.linalg.lstsq(design[:, :2], y, rcond=None)[1][0]
        assert share == pytest.approx(1 - (rss[0] / 57) / (small / 58))

    def test_two_values_do_not_bend(self) -> None:
        assert bends(np.array([0.0, 1.0] * 20), np.ones(40)).values.shape == (40, 0)

    def test_words_have_titles_and_sizes(self) -> None:
        shape = Shape("y", "curve", "x", 0.12, 0.001, remedy="bend")
        assert shape.words == "what x does to y bends: a curve explains 12 % of what a straight line leaves"
        assert "Ads" in shape.said({"x": "Ads", "y": "Sales"}.__getitem__)
        assert shape.short() == "y bends with x"
        assert "let" in shape.mended()
        assert replace(shape, remedy="none").mended() == ""


@pytest.mark.parametrize("few", [0, 1, 2, 3, 5])
def test_a_moment_of_next_to_no_values_says_nothing(few: int) -> None:
    """Where nearly all rows have one value, none or a few lie on one side of it: a comparison once ended there."""
    values = np.concatenate([np.arange(1.0, few + 1), -np.arange(1.0, few + 1)])
    assert kurtosis_p(values, few)[1] == 1.0

"""Hypotheses that cannot be fitted: what each says of an action, by the first way that its graph leaves."""

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.effects.steps import Step
from core.hypothesis import Hypothesis
from core.study.unfitted import unfitted
from core.study.unfitted_records import Asking, Unfitted
from core.study.unfitted_rows import why_not_fitted
from core.study.unfitted_words import told_of
from tests.study.study_cases import named
from tests.study.test_bounding import GRAPH, trial

ONE = Step(0.0, 1.0)


def numbers(rows: int = 2000, seed: int = 1) -> Dataset:
    """The truth: x does .5 to y, through m; u is a cause of x and y; z moves x alone; cost is skewed."""
    rng = np.random.default_rng(seed)
    u, z = rng.normal(size=(2, rows))
    x = u + z + rng.normal(size=rows)
    m = x + rng.normal(size=rows)
    y = 0.5 * m + u + rng.normal(size=rows)
    cost = np.exp(0.2 * x + 0.3 * rng.normal(size=rows))
    both = np.where(rng.random(rows) < 0.5, "yes", "no")
    three = np.where(y < -1, "low", np.where(y < 1, "mid", "top"))
    frame = pd.DataFrame({"z": z, "x": x, "m": m, "y": y, "u": u, "cost": cost, "both": both, "three": three})
    return Dataset.from_frame(frame, kinds={"cost": "positive"})


DATA = numbers()
RIVALS = named(A="x -> y z -> x", B="x -> y x <-> y u [latent]")


def asked(text: str, x: str = "x", y: str = "y", step: Step | None = ONE, **more: object) -> Unfitted:
    (drawn,) = named(C=text)
    asking = Asking(x, y, step, **more)  # type: ignore[arg-type]
    return unfitted(drawn, DATA, asking, why_not_fitted(drawn), rivals=RIVALS)


def test_an_adjustment_set_is_used() -> None:
    found = asked("u -> x u -> y x -> y z <-> x")
    assert found.identified
    assert found.estimate is not None
    assert found.estimate.contrast is not None
    assert (found.estimate.by, found.estimate.through) == ("adjustment", ("u",))
    assert found.estimate.contrast["q05"] < 0.5 < found.estimate.contrast["q95"]
    assert "by adjusting for u, in a straight line; not the fitted model" in told_of(found).answer
    assert "bidirected arc" in found.reason


def test_an_m_takes_nothing_to_adjust_for() -> None:
    """M-bias: z is a collider between two unmeasured causes, and adjusting for it would bias."""
    found = asked("x <-> z z <-> y x -> y")
    assert found.identified
    assert found.estimate is not None
    assert (found.estimate.by, found.estimate.through) == ("adjustment", ())
    assert "as the rows show it" in found.estimate.assumes
    slope = float(np.polyfit(DATA.values("x"), DATA.values("y"), 1)[0])
    assert found.estimate.contrast is not None
    assert found.estimate.contrast["mean"] == pytest.approx(slope)


def test_the_front_door_finds_what_made_the_rows() -> None:
    found = asked("x -> m m -> y x <-> y")
    assert found.identified
    assert found.estimate is not None
    assert found.estimate.contrast is not None
    assert (found.estimate.by, found.estimate.through) == ("front door", ("m",))
    assert found.estimate.contrast["q05"] < 0.5 < found.estimate.contrast["q95"]
    naive = float(np.polyfit(DATA.values("x"), DATA.values("y"), 1)[0])
    assert found.estimate.contrast["q95"] < naive


def test_two_steps_where_the_front_door_takes_something_to_hold_fixed() -> None:
    """z acts on the mediator and the outcome too: adjusted for in either step, and no set by itself is a front door."""
    found = asked("z -> x z -> m z -> y x -> m m -> y x <-> y")
    assert found.identified
    assert found.estimate is not None
    assert found.estimate.contrast is not None
    assert (found.estimate.by, found.estimate.through) == ("two steps", ("m",))
    assert found.estimate.contrast["q05"] < 0.5 < found.estimate.contrast["q95"]
    assert "what x does to m given z, times what m does to y given" in found.estimate.assumes


def test_a_formula_of_numbers_is_not_worked_out() -> None:
    found = asked("z -> m m -> x x -> y z <-> x z <-> y")
    assert found.identified
    assert "the formula, which is not worked out" in found.because
    assert told_of(found).answer.startswith("It could be known from the rows, and is not worked out here: ")


def test_an_instrument_stands_beside_though_the_graph_does_not_identify() -> None:
    found = asked("z -> x x -> y x <-> y")
    assert not found.identified
    assert found.estimate is not None
    assert found.estimate.contrast is not None
    assert (found.estimate.by, found.estimate.through) == ("instrument", ("z",))
    assert found.estimate.contrast["q05"] < 0.5 < found.estimate.contrast["q95"]
    assert told_of(found).answer.startswith("The graph alone leaves it open; +")
    assert "if effects are straight lines" in told_of(found).answer


def test_prior_beside_posterior_and_who_denies_the_arc() -> None:
    found = asked("z -> x z -> y x -> y x <-> y")
    assert not found.identified
    beside = found.beside
    assert beside is not None
    assert beside.given == ("z",)
    assert beside.prior["q05"] < 0 < beside.prior["q95"]
    assert beside.posterior["q05"] < 0.5 < beside.posterior["q95"]
    assert beside.without["q05"] < beside.without["q50"] < beside.without["q95"]
    assert [one.way.deny for one in found.exits] == [(("x", "y"),)]
    assert found.exits[0].denied_by == ("A",)
    told = told_of(found)
    assert "your prior says" in told.answer
    assert told.more[-1] == "It could be known if nothing unmeasured acted on both x and y (so says A)."


def test_a_latent_is_denied_by_who_measures_it_or_leaves_it_out() -> None:
    found = asked("h [latent] h -> x h -> y x -> y")
    assert found.beside is not None
    assert found.exits[0].way.measure == ("h",)
    assert found.exits[0].denied_by == ("A",)
    (measured,) = named(D="h -> x h -> y x -> y")
    (drawn,) = named(C="h [latent] h -> x h -> y x -> y")
    again = unfitted(drawn, DATA, Asking("x", "y", ONE), "", rivals=[measured])
    assert again.exits[0].denied_by == ("D",)


def test_what_lies_between_is_taken_with_the_outcome() -> None:
    found = asked("x -> m m -> y x -> y x <-> y m <-> y")
    assert found.beside is None or "what lies between" in found.beside.assumes
    found = asked("x -> m m -> y x -> y x <-> y")
    assert found.beside is not None
    assert "what lies between x and y is taken together with y" in found.beside.assumes


def test_a_skewed_outcome_is_told_by_its_median_and_as_a_ratio() -> None:
    found = asked("x -> cost z <-> cost z -> x", y="cost")
    assert found.scale == "median"
    assert found.estimate is not None
    assert found.estimate.ratio is not None
    assert found.estimate.ratio["mean"] == pytest.approx(np.exp(0.2), rel=0.02)
    assert found.estimate.contrast is not None
    assert found.estimate.contrast["mean"] == pytest.approx(np.exp(0.2) - 1.0, abs=0.02)
    hidden = asked("x -> cost x <-> cost", y="cost")
    assert hidden.beside is not None
    assert hidden.beside.ratios is not None
    assert "As a ratio" in " ".join(told_of(hidden).more)


def test_bounds_of_levels_are_those_that_were_published() -> None:
    drawn = Hypothesis.from_dagitty(GRAPH, "H")
    (rival,) = named(A="offered -> took took -> survived")
    found = unfitted(drawn, Dataset.from_frame(trial()), Asking("took", "survived", ONE), "", rivals=[rival])
    assert found.bounds is not None
    assert (found.bounds.effect.low, found.bounds.effect.high) == pytest.approx((-0.1946, 0.0054), abs=1e-4)
    assert found.bounds.of_two
    assert found.estimate is not None  # the offer is an instrument too
    assert found.estimate.by == "instrument"
    assert found.exits[0].denied_by == ("A",)
    back = unfitted(drawn, Dataset.from_frame(trial()), Asking("took", "survived", Step(1.0, 0.0)), "")
    assert back.bounds is not None
    assert back.bounds.effect.high == pytest.approx(0.1946, abs=1e-4)


def test_numbers_are_left_aside_where_both_ends_have_levels() -> None:
    found = asked("both -> three both <-> three x -> three", x="both", y="three")
    assert found.bounds is not None
    assert not found.bounds.of_two
    assert "x left aside" in found.bounds.effect.note


def test_an_outcome_of_several_levels_by_the_formula() -> None:
    rng = np.random.default_rng(2)
    x, m = rng.integers(0, 2, (2, 3000))
    m = np.where(rng.random(3000) < 0.8, x, m)
    y = np.where(rng.random(3000) < 0.3, "a", np.where(m == 1, "b", "c"))
    data = Dataset.from_frame(pd.DataFrame({"x": x.astype(str), "m": m.astype(str), "y": y}))
    (drawn,) = named(C="x -> m m -> y x <-> y")
    found = unfitted(drawn, data, Asking("x", "y", ONE), "")
    assert found.estimate is not None
    assert found.estimate.contrasts is not None
    assert found.estimate.contrasts["b"]["mean"] == pytest.approx(0.7 * 0.8, abs=0.06)
    assert sum(one["mean"] for one in found.estimate.contrasts.values()) == pytest.approx(0.0, abs=1e-9)


WHY = {
    "an arc further off": ("z <-> x z <-> y z -> y x -> y", {}, "unmeasured causes tie z, x and y together"),
    "a chance": ("x -> both x <-> both", {"y": "both"}, "outcomes that are numbers, which both is not"),
    "more than a step": ("x -> y x <-> y", {"step": None}, "one column goes from one value to another"),
    "no such column": ("x -> gone x -> y x <-> y", {}, "the data have no column 'gone'"),
    "not measured": ("x -> y y [latent]", {}, "'y' is not measured"),
    "for whom follows": ("x -> m m -> y x <-> y", {"given": ("m", (0.0, 1.0))}, "m follows from what is set"),
    "no unmeasured cause": ("x -> y", {}, "though it draws no unmeasured cause"),
}


@pytest.mark.parametrize("case", WHY)
def test_what_cannot_be_known_says_why(case: str) -> None:
    text, more, words = WHY[case]
    found = asked(text, **more)  # type: ignore[arg-type]
    assert words in found.because
    assert (found.estimate, found.beside, found.bounds) == (None, None, None)
    known = "It could be known from the rows, and is not worked out here: "
    assert told_of(found).answer.startswith(known if found.identified else "Cannot be known from this, because ")


def test_no_path_is_no_effect_and_some_rows_are_adjusted_for() -> None:
    nothing = asked("y -> x x <-> z")
    assert nothing.estimate is not None
    assert nothing.estimate.contrast is not None
    assert nothing.estimate.contrast["mean"] == 0.0
    assert told_of(nothing).answer == "None: no path leads there."
    some = asked("u -> x u -> y x -> y z <-> x", given=("u", (-0.5, 0.5)))
    assert some.estimate is not None
    assert some.estimate.contrast is not None
    assert some.estimate.contrast["mean"] == pytest.approx(0.5, abs=0.2)

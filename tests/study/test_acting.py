"""Acting on fitted hypotheses: averages, where the doubt comes from, for whom, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.effects.settings import Setting
from core.errors import ModelError, UsageError
from core.study import compare, reopen
from core.study.acting import Acting, acting_on
from core.study.doing import given_rows, said_world, worlds_of
from tests.study.study_cases import chain_data, named, table_data


def acting(data: Dataset, given: str = "", **texts: str) -> Acting:
    comparison = compare(data, named(**texts))
    condition = given_rows(comparison.specs[0], [given] if given else [])
    return acting_on(reopen(comparison, data), given=condition)


def world(**values: float) -> list[Setting]:
    return [Setting(name, value) for name, value in values.items()]


def test_a_step_is_the_effect_that_the_comparison_reports() -> None:
    data = chain_data()
    comparison = compare(data, named(A="a -> b b -> c", B="a -> b a -> c"), effects=[("a", "c")])
    found = acting_on(reopen(comparison, data)).act([world(a=0.0), world(a=2.0)], "c")
    for facts, forecast in zip(comparison.hypotheses, found.forecasts, strict=True):
        effect = facts.effects[0]
        assert forecast.contrast is not None
        assert effect.mean is not None
        assert effect.sd is not None
        assert forecast.contrast["mean"] == pytest.approx(2 * effect.mean, abs=0.2 * effect.sd)
        assert forecast.contrast["sd"] == pytest.approx(2 * effect.sd, rel=0.15)


def test_members_of_a_class_count_alike_and_weights_add_up() -> None:
    found = acting(chain_data(), A="a -> b b -> c", B="b -> a b -> c", C="a -> c b")
    assert sum(found.weights) == pytest.approx(1)
    assert found.weights[0] == found.weights[1]
    assert found.weights[0] > found.weights[2]


def test_the_parts_of_the_doubt_add_up_to_the_variance_of_what_is_shown() -> None:
    """Law of total variance, against the variance of the mixed draws themselves."""
    data = chain_data()
    found = acting(data, A="a -> b b -> c", B="b -> a b -> c").act([world(a=0.0), world(a=3.0)], "c")
    share, draws = found.averaged.share, found.averaged.draws
    assert share is not None
    assert draws is not None
    assert share.chance + share.parameters + (share.structure or 0) == pytest.approx(1)
    first, second = (one.draws for one in found.forecasts)
    assert first is not None
    assert second is not None
    structure = np.var([first.mean(), second.mean()])
    total = structure + np.mean([first.var(), second.var()])
    assert share.structure == pytest.approx(structure / total)
    assert draws.var() == pytest.approx(total, rel=0.05)
    last = found.averaged.predictions[-1]
    assert last.share is not None
    assert last.row is not None
    assert sum(last.share.to_dict().values()) == pytest.approx(1)
    alone = found.forecasts[0].predictions[-1]
    assert alone.row is not None
    assert alone.average is not None
    assert alone.share is not None
    assert alone.share.parameters == pytest.approx((alone.average["sd"] / alone.row["sd"]) ** 2, abs=0.02)


def test_a_prediction_of_one_row_has_the_spread_of_rows() -> None:
    data = chain_data(2000)
    found = acting(data, A="a -> b b -> c").act([world(a=1.0)], "c")
    row = found.forecasts[0].predictions[0].row
    assert row is not None
    assert row["mean"] == pytest.approx(0.42, abs=0.1)
    assert row["sd"] == pytest.approx(np.sqrt(1 + 0.36), rel=0.06)  # what b and c add by themselves


def test_hypotheses_that_disagree_on_the_sign_are_named() -> None:
    rng = np.random.default_rng(3)
    z = rng.normal(size=600)
    x = 2 * z + rng.normal(size=600)
    data = Dataset.from_frame(pd.DataFrame({"z": z, "x": x, "y": 2 * z - 0.5 * x + 0.5 * rng.normal(size=600)}))
    found = acting(data, A="z -> x z -> y x -> y", B="x -> y z").act([world(x=0.0), world(x=1.0)], "y")
    assert any("contradict each other on the sign" in words for words in found.told)


def test_no_path_is_no_difference_in_any_draw() -> None:
    found = acting(chain_data(), A="b -> a b -> c").act([world(a=0.0), world(a=9.0)], "c")
    assert found.forecasts[0].reason == "no path leads there"
    assert found.forecasts[0].contrast == {"mean": 0.0, "sd": 0.0, "q05": 0.0, "q95": 0.0}


def test_levels_as_outcome_and_for_a_group() -> None:
    data = table_data()
    act = acting(data, A="smoke -> cough smoke -> stain cough")
    worlds = worlds_of(act.comparison.specs[0], ["smoke=no,yes"])
    found = act.act(worlds, "stain")
    assert found.forecasts[0].contrasts is not None
    assert sum(one["mean"] for one in found.forecasts[0].contrasts.values()) == pytest.approx(0, abs=1e-9)
    assert found.averaged.contrasts is not None
    frame = data.table
    seen = {v: (frame.loc[frame.smoke == v, "cough"] == "yes").mean() for v in ("no", "yes")}
    cough = act.act(worlds, "cough").forecasts[0].contrast
    assert cough is not None
    assert cough["mean"] == pytest.approx(seen["yes"] - seen["no"], abs=0.02)


def test_for_whom_it_is_asked() -> None:
    rng = np.random.default_rng(5)
    g = np.where(rng.random(900) < 0.4, "north", "south")
    x = rng.normal(size=900)
    y = x * np.where(g == "north", 2.0, 0.0) + rng.normal(size=900)
    data = Dataset.from_frame(pd.DataFrame({"g": g, "x": x, "y": y}))
    hypothesis = named(A="g -> y x -> y")[0]
    edges = tuple(e if e.source != "x" else type(e)("x", "y", by="g") for e in hypothesis.edges)
    comparison = compare(data, [type(hypothesis)("A", hypothesis.nodes, edges)])
    opened = reopen(comparison, data)
    answers = {}
    for level in ("north", "south"):
        given = given_rows(comparison.specs[0], [f"g={level}"])
        contrast = acting_on(opened, given=given).act([world(x=0.0), world(x=1.0)], "y").forecasts[0].contrast
        assert contrast is not None
        answers[level] = contrast["mean"]
    assert answers["north"] == pytest.approx(2.0, abs=0.25)
    assert answers["south"] == pytest.approx(0.0, abs=0.25)
    with pytest.raises(UsageError, match="follows from what is set"):
        acting_on(opened, given=("y", 0.0)).act([world(x=0.0), world(x=1.0)], "y")


@pytest.mark.parametrize(
    "text", ["nobody=1", "a", "a=one", "a=3..1", "a=nan..1", "a=", "a=1,2", "a+=1", "g=z", "g=x..y"]
)
def test_what_does_not_say_which_rows_is_refused_as_such(text: str) -> None:
    """Nothing is set there, so that no word may be of setting it."""
    data = Dataset.from_frame(pd.DataFrame({"a": np.arange(60.0) ** 1.1, "g": ["x", "y", "w"] * 20}))
    spec = compare(data, named(A="a -> g")).specs[0]
    with pytest.raises(UsageError, match="does not say which rows") as caught:
        given_rows(spec, [text])
    assert caught.value.place == "--given"
    assert caught.value.hint
    assert "set" not in str(caught.value)
    assert "--do" not in caught.value.hint


def test_a_curve_ends_where_the_worlds_are() -> None:
    act = acting(chain_data(), A="a -> b b -> c")
    curve = act.curve("a", np.array([-1.0, 0.0, 2.0]), "c")
    found = act.act([world(a=-1.0), world(a=2.0)], "c").forecasts[0]
    for place, prediction in ((0, found.predictions[0]), (2, found.predictions[1])):
        assert prediction.average is not None
        assert curve.middle["A"][place] == pytest.approx(prediction.average["mean"], abs=0.05)
    assert (curve.low["A"] < curve.middle["A"]).all()
    assert curve.seen[0] < 0 < curve.seen[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a=1", {"a": 1.0}),
        ("a+=2", {"a": "+2"}),
        ("a*=1.1", {"a": "times 1.1"}),
        ("a=1..3", {"a": "1 to 3"}),
        ("a = -2.5", {"a": -2.5}),
    ],
)
def test_what_is_typed_is_what_is_done(text: str, said: dict[str, object]) -> None:
    spec = compare(chain_data(50), named(A="a -> b b -> c")).specs[0]
    worlds = worlds_of(spec, [text])
    assert worlds[0] == ()
    assert dict(said_world(spec, worlds[1])) == said


def test_two_worlds_and_levels_with_commas() -> None:
    frame = pd.DataFrame({"g": ["a, b", "c"] * 20, "y": np.tile([0.5, 1.5, 2.5, 4.0, 7.5], 8)})
    spec = compare(Dataset.from_frame(frame), named(A="g -> y")).specs[0]
    first, last = worlds_of(spec, ["g=a, b,c"])
    assert [dict(said_world(spec, one)) for one in (first, last)] == [{"g": "a, b"}, {"g": "c"}]
    here = worlds_of(spec, ["y=1 @ g=c"])[1]
    assert dict(said_world(spec, here)) == {"y": "1.0 where g is c"}


TEXTS = [["nobody=1"], ["a"], ["a=1,2", "b=1,2,3"], ["a=1", "a=2"], ["a=one"], ["a=3..1"], ["a+=x"]]


@pytest.mark.parametrize("texts", TEXTS)
def test_what_cannot_be_read_is_refused_with_a_hint(texts: list[str]) -> None:
    spec = compare(chain_data(50), named(A="a -> b b -> c")).specs[0]
    with pytest.raises((UsageError, ModelError)) as caught:
        worlds_of(spec, texts)
    assert caught.value.hint

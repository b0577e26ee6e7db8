"""Whatever the families on the way: weighed and drawn again, an experiment teaches the same."""

from dataclasses import replace
from typing import Any

import pytest

from core.data.dataset import Dataset
from core.effects.experiments import Evidenced, Experiment
from core.fit.memory import BlockMemory
from core.hypothesis import Hypothesis
from core.study import compare, reopen
from core.study.acting import Acting, acting_on
from core.study.experiment_texts import experiment_of
from core.study.experimenting import Experimented, experimented
from tests.effects.effect_cases import mixed_frame

CASES: list[tuple[str, str, str, dict[str, Any], dict[str, Any]]] = [
    ("x -> y z -> y z -> x", "x+=1", "y", {}, {}),
    ("x -> y", "x+=1", "y", {"family": "StudentT"}, {}),
    ("x -> clicks clicks -> y", "x+=1", "y", {}, {}),
    ("x -> bought bought -> y", "x=0,2", "y", {}, {}),
    ("x -> bought z -> bought", "x+=1", "bought", {}, {}),
    ("x -> income z -> income", "x+=1", "income", {}, {}),
    ("bought -> region region -> y", "bought=0,1", "y", {}, {}),
    ("region -> y x -> y", "region=east,north", "y", {}, {}),
    ("x -> y", "x=0,1", "y", {}, {"form": "smooth"}),
    ("x -> y", "x=0,1", "y", {}, {"sign": "+"}),
]


def opened(text: str, outcome: str, family: dict[str, Any], edge: dict[str, Any]) -> Acting:
    hypothesis = Hypothesis.from_dagitty(f"dag {{ {text} }}", "A")
    if family:
        hypothesis = hypothesis.with_node(outcome, **family)
    if edge:
        hypothesis = hypothesis.with_edge("x", outcome, **edge)
    data, cache = Dataset.from_frame(mixed_frame()), BlockMemory()
    return acting_on(reopen(compare(data, [hypothesis], cache=cache, rows="none"), data, cache))


def moved(found: Experimented, one: Experiment) -> tuple[float, float]:
    """Return what it foresees of the same experiment done once more."""
    (again,) = experimented(found.acting, [replace(one, se=1e3)]).learned
    predicted = again.foreseen[0].predicted
    assert predicted is not None
    return predicted["mean"], predicted["sd"]


@pytest.mark.parametrize(("text", "do", "outcome", "family", "edge"), CASES)
def test_weighed_and_drawn_again_agree(
    text: str, do: str, outcome: str, family: dict[str, Any], edge: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    acting = opened(text, outcome, family, edge)
    asked = experiment_of(acting.comparison.specs[0], f"{do}: {outcome}=0±1000")
    predicted = experimented(acting, [asked]).learned[0].foreseen[0].predicted
    assert predicted is not None
    one = replace(asked, estimate=predicted["mean"] + predicted["sd"], se=predicted["sd"])
    weighed = experimented(acting, [one])
    monkeypatch.setattr(Evidenced, "even", property(lambda _: False))
    again = experimented(acting, [one])
    assert again.approximate == ()
    assert weighed.gains[0] == pytest.approx(again.gains[0], abs=0.08)
    monkeypatch.undo()
    (mean, sd), (other, spread) = moved(weighed, one), moved(again, one)
    assert other == pytest.approx(mean, abs=0.12 * sd)
    assert spread == pytest.approx(sd, rel=0.08)
    assert mean == pytest.approx(predicted["mean"] + 0.5 * predicted["sd"], abs=0.12 * predicted["sd"])
    # As of a Normal posterior; that of a curve, over what it may bend by, has heavier tails and a narrower middle.
    assert 0.8 < sd / (predicted["sd"] / 2**0.5) < 1.08

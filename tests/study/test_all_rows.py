"""Averages on a few rows are those over all rows, whatever lot was drawn."""

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.study import compare, reopen
from core.study.acting import Acting, acting_on
from core.study.doing import worlds_of
from tests.study.study_cases import named


@pytest.fixture(scope="module")
def skewed() -> Acting:
    """A LogNormal outcome whose effect differs by row a hundredfold, and a chance beside it."""
    rng = np.random.default_rng(3)
    w = rng.normal(size=3000)
    x = w + rng.normal(size=3000)
    y = np.exp(1 + 0.5 * x + 0.6 * w + 0.4 * rng.normal(size=3000))
    b = np.where(rng.random(3000) < 1 / (1 + np.exp(-(x + w))), "yes", "no")
    data = Dataset.from_frame(pd.DataFrame({"w": w, "x": x, "y": y, "b": b}))
    return acting_on(reopen(compare(data, named(A="w -> x x -> y w -> y x -> b w -> b")), data))


@pytest.mark.parametrize(("done", "outcome"), [("x+=1", "y"), ("x*=2", "y"), ("x=0,1", "y"), ("x+=1", "b")])
def test_few_rows_say_what_all_rows_say(skewed: Acting, done: str, outcome: str) -> None:
    worlds = worlds_of(skewed.reopened.fits[0].spec, [done])
    few, every = (skewed.act(worlds, outcome, draws=300, rows=rows).forecasts[0] for rows in (200, 3000))
    assert few.contrast is not None
    assert every.contrast is not None
    assert few.contrast["mean"] == pytest.approx(every.contrast["mean"], abs=0.4 * every.contrast["sd"])
    if done != "x*=2":  # there a few rows of the tail carry the spread
        assert few.contrast["sd"] == pytest.approx(every.contrast["sd"], rel=0.35)
    for one, other in zip(few.predictions, every.predictions, strict=True):
        assert one.average is not None
        assert other.average is not None
        assert one.average["mean"] == pytest.approx(other.average["mean"], abs=0.4 * other.average["sd"])


def test_a_curve_too(skewed: Acting) -> None:
    at = np.linspace(-2.0, 2.0, 5)
    few, every = (skewed.curve("x", at, "y", draws=300, rows=rows) for rows in (200, 3000))
    spread = (every.high["A"] - every.low["A"]) / 3.29
    np.testing.assert_allclose(few.middle["A"], every.middle["A"], atol=0.4 * spread.max())

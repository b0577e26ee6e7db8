"""LaLonde (1986), by acting: the experiment's 1,794 USD, and what a graph makes of a file without the experiment."""

import numpy as np
import pytest

from core.data.samples import get_sample
from core.effects.settings import Setting
from core.hypothesis import Hypothesis
from core.study import compare, reopen
from core.study.acting import Acting, acting_on
from core.study.forecast import Acted
from core.study.plainly import Beside, plainly

PUBLISHED = 1794.0
WORLDS = ((Setting("treat", 0.0),), (Setting("treat", 1.0),))


def lalonde(file: int, *hypotheses: int) -> tuple[Acting, Acted]:
    sample = get_sample("lalonde")
    data = sample.read(sample.files[file].path)
    drawn = [Hypothesis.read(sample.hypotheses[one].path) for one in hypotheses]
    acting = acting_on(reopen(compare(data, drawn), data))
    return acting, acting.act(WORLDS, "re78")


def plain(acting: Acting, found: Acted) -> tuple[Beside, ...]:
    return plainly(acting, found, ("treat", 0.0, 1.0))


def test_the_experiment_says_what_was_published() -> None:
    acting, found = lalonde(0, 0)
    contrast = found.forecasts[0].contrast
    assert found.outcome == "re78"
    assert contrast is not None
    table = acting.reopened.complete
    treat, earned = table.values("treat"), table.values("re78")
    error = np.sqrt(sum(earned[treat == arm].var(ddof=1) / (treat == arm).sum() for arm in (0, 1)))
    assert contrast["sd"] == pytest.approx(error, rel=0.2)
    assert contrast["mean"] == pytest.approx(PUBLISHED, abs=contrast["sd"])
    assert contrast["q05"] > 0


def test_beside_a_survey_a_graph_comes_closer_than_the_plain_difference_and_says_why() -> None:
    acting, found = lalonde(1, 1)
    contrast = found.forecasts[0].contrast
    assert contrast is not None
    beside = plain(acting, found)
    naive = beside[0]
    assert naive.estimate.mean == pytest.approx(-8498.0, abs=1.0)
    assert abs(contrast["mean"] - PUBLISHED) < 0.2 * abs(naive.estimate.mean - PUBLISHED)
    assert contrast["mean"] == pytest.approx(614.0, abs=60.0)  # as least squares with the same columns
    (_, words) = naive.why[0]
    assert any(name in words for name in ("black", "married", "re75")), words
    assert "leaves out" in words or "left out" in words, words

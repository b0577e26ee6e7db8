"""What experiments found, on the map of an unmeasured cause; and in which words they are taken into account."""

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.effects.experiments import Experiment
from core.effects.settings import Setting
from core.study import compare, reopen
from core.study.acting import Acting, acting_on
from core.study.experiment_words import taken_words
from core.study.plainly import contour_for
from tests.study.study_cases import named

MORE = ((), (Setting("x", 2.0, "shift"),))


@pytest.fixture(scope="module")
def acting() -> Acting:
    rng = np.random.default_rng(1)
    x = rng.normal(size=300)
    count = rng.poisson(np.exp(0.3 * x))
    frame = pd.DataFrame({"x": x, "y": 0.5 * x + rng.normal(size=300), "n": count})
    data = Dataset.from_frame(frame)
    return acting_on(reopen(compare(data, named(A="x -> y x -> n")), data))


def test_an_experiment_is_a_line_on_the_map_and_changes_nothing_else_of_it(acting: Acting) -> None:
    plain = contour_for(acting, 0, ("x", "y"))
    found = contour_for(acting, 0, ("x", "y"), (Experiment("lift", MORE, "y", 0.4, 0.1),))
    assert plain is not None
    assert found is not None
    (line,) = found[1].experiments
    assert (line.name, line.other) == ("lift", pytest.approx(0.2))  # of two units 0.4
    assert not line.away
    assert 0 < line.value < plain[1].value
    # On the line the estimate from the rows becomes what the experiment found.
    robust, share, other = found[0], line.treatment[40], line.outcome[40]
    bias = robust.se * np.sqrt(robust.df * share * other / (1 - share))
    assert robust.estimate - bias == pytest.approx(0.2, abs=1e-6)
    assert plain[0] == found[0]
    assert plain[1].others == found[1].others
    assert plain[1].experiments == ()


@pytest.mark.parametrize(
    "one",
    [
        Experiment("some", MORE, "y", 0.4, 0.1, given=("x", (0.0, 1.0))),
        Experiment("else", ((), (Setting("n", 1.0, "shift"),)), "y", 0.4, 0.1),
        Experiment("two", ((), (*MORE[1], Setting("n", 3.0))), "y", 0.4, 0.1),
        Experiment("other", MORE, "n", 0.4, 0.1),
    ],
    ids=lambda one: one.name,
)
def test_what_is_about_something_else_is_no_line(acting: Acting, one: Experiment) -> None:
    found = contour_for(acting, 0, ("x", "y"), (one,))
    assert found is not None
    assert found[1].experiments == ()


def test_a_count_is_on_another_scale(acting: Acting) -> None:
    found = contour_for(acting, 0, ("x", "n"), (Experiment("lift", MORE, "n", 0.4, 0.1),))
    assert found is None or found[1].experiments == ()


def test_few_experiments_are_named_and_many_counted() -> None:
    some = [Experiment(f"E{k}", MORE, "y", 0.4, 0.1) for k in range(5)]
    assert taken_words([]) == ""
    assert "what was found by E0 and E1 is" in taken_words(some[:2])
    assert "5 experiments" in taken_words(some)

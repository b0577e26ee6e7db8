"""Acting where hardly anybody was seen is said, with where people were; so are numbers that overflow."""

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.study import compare, reopen
from core.study.acting import Acting, acting_on
from core.study.doing import worlds_of
from tests.study.study_cases import named


@pytest.fixture(scope="module")
def acting() -> Acting:
    rng = np.random.default_rng(3)
    x = rng.normal(size=400)
    group = rng.choice(["a", "b"], 400)
    rare = np.where(np.arange(400) == 7, "yes", "no")
    y = 2 * x + (group == "a") + rng.normal(size=400)
    data = Dataset.from_frame(pd.DataFrame({"x": x, "group": group, "rare": rare, "y": y}))
    comparison = compare(data, named(A="x -> y group -> y rare -> y"))
    return acting_on(reopen(comparison, data))


def told(acting: Acting, *texts: str) -> list[str]:
    return list(acting.act(worlds_of(acting.comparison.specs[0], texts), "y").told)


@pytest.mark.parametrize("text", ["x=0,1", "x=-2", "x+=0.5", "x*=1.2", "x=-1..1", "group=a,b"])
def test_within_what_was_seen_nothing_is_said(acting: Acting, text: str) -> None:
    assert told(acting, text) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x=0,50", "hardly anybody was seen at x 50.0 (98 % of rows lie between -2."),
        ("x=50,60", "hardly anybody was seen at x 50.0 and 60.0 ("),
        ("x+=50", "with x +50.0, 100 % of rows are where hardly anybody was seen (98 % of rows lie"),
        ("x+=-50", "with x -50.0, 100 % of rows"),
        ("x*=10", "with x times 10.0, "),
        ("x=0..100", "with x from 0 to 100, "),
        ("x=50 @ group=a", "hardly anybody was seen at x 50.0 ("),
        ("rare=yes", "hardly anybody was seen at rare yes (under 1 % of rows)"),
    ],
)
def test_beyond_it_it_is_said_where_people_were(acting: Acting, text: str, words: str) -> None:
    (said,) = told(acting, text)
    assert said.startswith(words)


def test_a_column_that_never_varied_says_nothing_of_another_value() -> None:
    rng = np.random.default_rng(4)
    data = Dataset.from_frame(pd.DataFrame({"x": np.full(60, 2.5), "y": rng.normal(size=60)}))
    acting = acting_on(reopen(compare(data, named(A="x -> y")), data))
    (said,) = told(acting, "x=0,2.5")
    assert said.startswith("hardly anybody was seen at x 0 (98 % of rows lie between 2.50 and 2.50)")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_numbers_that_overflow_are_told(acting: Acting) -> None:
    beyond, overflow = told(acting, "x=1e308,-1e308")
    assert beyond.startswith("hardly anybody was seen at x 1.00e+308 and -1.00e+308")
    assert overflow == "under A a number is null: too large to be computed"

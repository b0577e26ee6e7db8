"""Denied links on which the looks disagree, on Check: each once, in words, and the button that settles it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.store import Store
from tests.ui.conftest import Fit, Open, shown
from tests.ui.made_projects import button, graph, view
from ui import session
from ui.thresholds import kept_rules


def bent(rows: int = 300) -> bytes:
    """What x does to y and to z bends, and nothing else links them."""
    rng = np.random.default_rng(11)
    x = rng.normal(size=rows)
    y, z = (0.5 * x + 0.7 * (x**2 - 1) + rng.normal(size=rows) for _ in "yz")
    return pd.DataFrame({"x": x, "y": y, "z": z}).round(4).to_csv(index=False).encode()


@pytest.fixture
def token(store: Store, fit: Fit) -> str:
    made = session.new_project("Bent", "Does it?", exposure="y", outcome="z")
    store.save_upload(made.token, "table.csv", bent())
    store.set_column(made.token, "y", label="Visits")
    for drawn in (graph("Fork", ("x", "y"), ("x", "z")), graph("One more", ("x", "y"), ("x", "z"), ("y", "z"))):
        store.add_hypothesis(made.token, drawn.to_dict())
    fit(made.token)
    return made.token


def doubts(text: str) -> list[str]:
    return [part.split("</div>")[0] for part in text.split('data-testid="doubt">')[1:]]


def test_a_link_that_only_a_line_finds_is_in_doubt_and_no_probability_rests_on_it(open_page: Open, token: str) -> None:
    text = shown(open_page("check", token))
    (told,) = doubts(text)
    assert "<b>A</b> denies a link between Visits and z, once x is known:" in told
    assert "is left over in a straight line, so either an arrow is missing, or x acts in a curve" in told
    line = next(part for part in text.split('class="wb-line"') if "Fork" in part)
    assert "1 of 1 denied link is in doubt" in line
    verdict = shown(open_page("compare", token))
    assert "A is contradicted" not in verdict
    assert "no probability is given until this is mended" in verdict
    assert "has probability" not in verdict
    assert "withheld: it rests on what does not fit" in verdict


def test_what_is_taken_as_it_is_speaks_no_more_and_can_count_again(open_page: Open, store: Store, token: str) -> None:
    test = open_page("check", token)
    taken = button(test, "doubt_take_0")
    assert taken.label == "Take it as it is"
    taken.click().run()
    assert not test.exception
    (node,) = kept_rules(view(store, token)).overruled
    assert node in ("y", "z")
    assert "You take it as it is" in doubts(shown(test))[0]
    button(test, "remedy_keep").click().run()
    again = button(test, "doubt_restore_0")
    assert again.label == "Let it count again"
    again.click().run()
    assert not test.exception
    assert kept_rules(view(store, token)).overruled == ()
    button(test, "remedy_undo").click().run()
    assert kept_rules(view(store, token)).overruled == (node,)

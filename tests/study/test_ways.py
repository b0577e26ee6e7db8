"""The ways of an effect in sentences and in pictures, where they cannot simply be added up."""

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.effects.shares import shares_of
from core.figures.ways import dividing, ways_view
from core.hypothesis import Hypothesis
from core.study import compare, reopen
from core.study.acting import Acting, acting_on
from core.study.ways import ways_of
from core.study.ways_words import ways_said

ROWS = 400
DRAWN = {
    "A": "dag { x -> {m y} m -> {k y} k -> y }",
    "B": "dag { x -> {m k} m -> y k -> y }",
    "C": "dag { x -> m m -> k m -> y }",
}


def acting(against: float = 0.5, skewed: bool = False) -> Acting:
    rng = np.random.default_rng(0)
    x = rng.normal(size=ROWS)
    m = 0.8 * x + rng.normal(size=ROWS)
    k = 0.6 * m + rng.normal(size=ROWS)
    y = 0.5 * m + 0.4 * k + against * x + 0.5 * rng.normal(size=ROWS)
    y = np.exp(3 + 0.3 * y) if skewed else y
    dataset = Dataset.from_frame(pd.DataFrame({"x": x, "m": m, "k": k, "y": y}))
    drawn = [Hypothesis.from_dagitty(text, name) for name, text in DRAWN.items()]
    return acting_on(reopen(compare(dataset, drawn), dataset))


@pytest.fixture(scope="module")
def together() -> Acting:
    return acting()


def test_a_way_that_parts_again_has_no_share_of_its_own(together: Acting) -> None:
    (part,) = ways_of(together, ("x", 0.0, 1.0), "y")[0].parts
    drawn = together.comparison.drawn[0]
    shares = shares_of(part)
    assert shares is not None
    assert sum(shares.values()) == pytest.approx(1.0)
    view = ways_view(drawn, "#0072B2", {}, {}, ("x", "y"), part)
    found = {(arrow.source, arrow.target): arrow.label for arrow in view.arrows}
    assert found["x", "m"] == f"{shares['m']:.0%}".replace("%", " %")
    assert {found[arrow] for arrow in (("m", "k"), ("m", "y"), ("k", "y"))} == {f"part of {found['x', 'm']}"}
    assert dividing(drawn.graph, "x", "y") == ("m",)
    assert {node.name: node.role for node in view.nodes} == {"x": "exposure", "y": "outcome", "m": "", "k": ""}


def test_ways_that_do_not_part_again_keep_their_share(together: Acting) -> None:
    (part,) = ways_of(together, ("x", 0.0, 1.0), "y")[1].parts
    view = ways_view(together.comparison.drawn[1], "#0072B2", {}, {}, ("x", "y"), part)
    found = {(arrow.source, arrow.target): arrow for arrow in view.arrows}
    assert found["x", "m"].label == found["m", "y"].label
    assert found["x", "k"].label == found["k", "y"].label
    assert found["x", "m"].strength == found["m", "y"].strength
    last = ways_view(together.comparison.drawn[2], "#0072B2", {}, {}, ("x", "y"), None)
    assert all(arrow.shared and not arrow.label for arrow in last.arrows)


def test_what_leads_nowhere_stands_back(together: Acting) -> None:
    (part,) = ways_of(together, ("x", 0.0, 1.0), "y")[2].parts
    view = ways_view(together.comparison.drawn[2], "#0072B2", {}, {}, ("x", "y"), part)
    assert {arrow.target: arrow.label for arrow in view.arrows} == {"m": "100 %", "k": "", "y": "100 %"}


def test_only_some_of_what_lies_between(together: Acting) -> None:
    found = ways_of(together, ("x", 0.0, 1.0), "y", mediators=["k"])
    said = ways_said(found[0], right="A")
    assert "come by way of k, " in said[0]
    assert "by other ways, if A is right." in said[0]
    assert said[-1].startswith("This split rests on how m under one value is tied to m under the other")
    assert ways_said(found[2], right="C") == ("C: 'k' does not lie between 'x' and 'y'.",)


def test_ways_that_pull_against_each_other_have_no_shares() -> None:
    found = ways_of(acting(-0.6), ("x", 0.0, 1.0), "y")[0]
    assert shares_of(found.parts[0]) is None
    assert [path["share"] for path in found.to_dicts()[0]["paths"]] == [None, None]
    (said, *_) = ways_said(found)
    assert said.startswith("Y changes by ")
    assert said.endswith("The ways pull against each other.")


def test_of_a_skewed_amount_the_parts_are_factors() -> None:
    found = ways_of(acting(skewed=True), ("x", 0.0, 1.0), "y")[0]
    record = found.to_dicts()[0]
    assert record["scale"] == "ratio"
    assert record["direct"]["mean"] * record["indirect"]["mean"] == pytest.approx(record["total"]["mean"], rel=0.01)
    assert ways_said(found)[0].startswith("The median of y is multiplied by ")

"""The number of an arrow, wherever it is said: what the picture shows, not the slope on the scale that is fitted."""

from math import exp, log

import numpy as np
import pandas as pd
import pytest

from core import Dataset, Hypothesis, compare
from core.comparison.arrow_scale import arrow_scale
from core.comparison.text import comparison_text
from core.families import FAMILIES
from core.figures.graph import graph_view
from core.words import number

NORMAL = {"family": "Normal", "link": "identity", "kind": "real"}
CAUSES = {
    "identity": NORMAL,
    "log": {"family": "LogNormal", "link": "identity", "kind": "positive"},
    "log1p": {"family": "Poisson", "link": "log", "kind": "count"},
}


@pytest.mark.parametrize(
    ("source", "target", "slope", "said"),
    [
        (NORMAL, NORMAL, (0.3, 0.1, 0.5), "0.300 [0.100, 0.500], 90 % interval excludes 0"),
        (NORMAL, NORMAL, (0.3, -0.1, 0.7), "0.300 [-0.100, 0.700], 90 % interval holds 0"),
        # log 2 more on the log scale is twice as much
        (NORMAL, {"family": "Poisson", "link": "log"}, (0.693147, 0.405465, 1.098612),
         "×2.00 [1.50, 3.00], 90 % interval excludes ×1"),
        (NORMAL, {"family": "LogNormal", "link": "identity"}, (0.0, -0.693147, 0.693147),
         "×1.00 [0.500, 2.00], 90 % interval holds ×1"),
        (NORMAL, {"family": "Bernoulli", "link": "logit"}, (-0.693147, -1.098612, -0.405465),
         "odds ×0.500 [0.333, 0.667], 90 % interval excludes ×1"),
        # the probit's scale is nobody's unit: it is named
        (NORMAL, {"family": "Bernoulli", "link": "probit"}, (0.4, 0.2, 0.6),
         "0.400 [0.200, 0.600] standard deviations of a hidden leaning towards yes (probit), 90 % interval excludes 0"),
        (NORMAL, {"family": "OrderedLogit", "link": "cumulative"}, (0.693147, 0.405465, 1.098612),
         "odds of higher ×2.00 [1.50, 3.00], 90 % interval excludes ×1"),
        # an elasticity of 2: a doubling of the cause, four times the effect
        ({"family": "LogNormal", "link": "identity"}, {"family": "LogNormal", "link": "identity"}, (2.0, 1.0, 3.0),
         "×4.00 [2.00, 8.00] a doubling, 90 % interval excludes ×1"),
    ],
)  # fmt: skip
def test_slopes_are_said_in_the_units_of_the_data(source, target, slope, said) -> None:
    step = "log" if source["family"] == "LogNormal" else "identity"
    assert arrow_scale(source, target, step).sentence(*slope) == said


@pytest.mark.parametrize("step", CAUSES)
@pytest.mark.parametrize(("name", "link"), [(name, link) for name, f in FAMILIES.items() for link in f.links])
def test_all_places_say_the_same_of_every_family_link_and_cause(name: str, link: str, step: str) -> None:
    meaning = FAMILIES[name].meaning(link)
    scale = arrow_scale(CAUSES[step], {"family": name, "link": link}, step)
    slope, moved = 0.25, 0.25 * (1.0 if step == "identity" else log(2.0))
    size = number(exp(moved) if meaning.factor else moved)
    label, sentence = scale.label(slope), scale.sentence(slope, 0.1, 0.4)
    hover = scale.hover("ads", "sales", ("EUR", "pieces"), (slope, 0.1, 0.4))
    for said in (label, sentence, hover):
        assert f"×{size}" in said if meaning.factor else size in said
        assert ("odds" in said) == ("odds" in meaning.of)
        assert ("probit" in said) == (link == "probit")
    assert ("[pieces]" in hover) == (meaning.unit == "data")  # only what is in the child's unit wears it
    assert ("doubling" in hover) == ("doubling" in sentence) == ("per ×2" in label) == (step != "identity")
    assert sentence.endswith(f"excludes {meaning.nothing}")
    assert scale.words.startswith(meaning.scale)
    assert scale.plain == (meaning.unit == "data" and step == "identity")


def test_a_grade_and_a_probit_are_said_alike_in_verdict_picture_and_text() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=240)
    hidden = 0.9 * x + rng.logistic(size=240)
    grade = np.array(["low", "mid", "top"])[np.digitize(hidden, [-1.0, 1.0])]
    bought = (0.8 * x + rng.normal(size=240) > 0).astype(int)
    table = pd.DataFrame({"x": x, "grade": grade, "bought": bought})
    data = Dataset.from_frame(table, kinds={"grade": "ordered"})  # its levels stand in the order of the alphabet
    full = Hypothesis.from_dict(
        {
            "format": "whyboard-hypothesis/1",
            "name": "Full",
            "nodes": [{"name": "x"}, {"name": "grade"}, {"name": "bought", "family": "Bernoulli", "link": "probit"}],
            "edges": [{"source": "x", "target": "grade"}, {"source": "x", "target": "bought"}],
        }
    )
    bare = Hypothesis.from_dict({**full.to_dict(), "name": "Bare", "edges": []})
    found = compare(data, [full, bare], draws=1000)
    facts = found.hypothesis("Full").to_dict()
    view = graph_view(full, "#0072B2", {}, {}, facts)
    labels = {arrow.target: arrow.label for arrow in view.arrows}
    text = comparison_text(found)
    for target, mark in (("grade", "odds of higher ×"), ("bought", "probit +")):
        assert labels[target].startswith(mark)
        assert labels[target] in text
    assert "odds of higher ×" in found.verdict
    assert "(probit)" in found.verdict


def test_an_arrow_that_takes_its_cause_otherwise_is_said_so() -> None:
    """Per unit of a positive cause whose own scale is the logarithm, and per doubling of one whose is not."""
    rng = np.random.default_rng(7)
    size = 200
    price = np.exp(rng.normal(size=size))
    heat = 20.0 + 2.0 * rng.normal(size=size)
    open_ = np.arange(size) % 2
    sales = 3.0 * price + 4.0 * np.log(heat) + 5.0 * open_ + 0.1 * rng.normal(size=size)
    data = Dataset.from_frame(pd.DataFrame({"price": price, "heat": heat, "open": open_, "sales": sales}))
    drawn = Hypothesis.from_dict(
        {
            "format": "whyboard-hypothesis/1",
            "name": "A",
            "nodes": [
                {"name": "price", "family": "LogNormal"},
                {"name": "heat", "family": "Normal"},
                {"name": "open"},
                {"name": "sales", "family": "Normal"},
            ],
            "edges": [
                {"source": "price", "target": "sales", "scale": "raw"},
                {"source": "heat", "target": "sales", "scale": "log"},
                {"source": "open", "target": "sales"},
            ],
        }
    )
    found = compare(data, [drawn], draws=1000)
    by_source = {edge.source: edge for edge in found.hypothesis("A").edges}
    assert by_source["price"].working_scale == "identity"
    assert by_source["price"].mean == pytest.approx(3.0, abs=0.1)
    assert by_source["heat"].working_scale == "log"
    assert by_source["heat"].mean == pytest.approx(4.0, abs=0.3)
    assert by_source["open"].working_scale == "identity"  # yes or no: no doubling
    assert by_source["open"].mean == pytest.approx(5.0, abs=0.1)
    view = graph_view(drawn, "#0072B2", {}, {}, found.hypothesis("A").to_dict())
    labels = {arrow.source: arrow.label for arrow in view.arrows}
    assert labels["price"].startswith("+3")
    assert "per" not in labels["price"]
    assert labels["open"] == f"+{number(by_source['open'].mean)}"
    doubled = number(by_source["heat"].mean * log(2.0))
    assert labels["heat"] == f"+{doubled} per ×2"
    text = comparison_text(found)
    assert labels["price"] in text
    assert labels["heat"] in text

"""One per cent more, and what comes directly: played worlds against slopes and sums over paths."""

import numpy as np
import pandas as pd
import pytest

from core.effects.elastic import direct_draws, in_percent, percent_draws
from core.effects.settings import Setting
from core.effects.worlds import play, staged
from tests.effects.effect_cases import prepared, small_parameters

RNG = np.random.default_rng(0)
PRICE = np.exp(3 + 0.3 * RNG.normal(size=200))
FRAME = pd.DataFrame(
    {
        "price": PRICE,
        "visits": np.exp(5 - 0.5 * np.log(PRICE) + 0.2 * RNG.normal(size=200)),
        "sales": np.exp(4 - 0.8 * np.log(PRICE) + 0.2 * RNG.normal(size=200)),
        "clicks": RNG.poisson(40 / PRICE**0.5),
        "weight": RNG.normal(size=200),
    }
)
LOGS = {"price": "LogNormal", "visits": "LogNormal", "sales": "LogNormal", "clicks": "Poisson", "weight": "Normal"}
TEXT = "dag { price -> {visits sales clicks weight} visits -> sales weight -> clicks }"


def test_the_percentage_is_the_slope_of_logarithm_on_logarithm_in_every_draw() -> None:
    hypothesis, spec, raw = prepared(TEXT, FRAME, **LOGS)
    parameters = small_parameters(spec, 25, 1)
    stage = staged(hypothesis.graph, spec, parameters, raw, draws=25, rows=100)

    def slope(parent: str, child: str) -> np.ndarray:
        model = spec.node(child)
        place = model.parents.index(parent)
        return parameters[child]["slopes"][:, place] * model.response.scale / model.terms[place].scale

    assert in_percent(hypothesis.graph, spec, "price", "sales")
    percent = percent_draws(stage, "price", "sales")
    assert percent is not None
    elasticity = np.log1p(percent / 100) / np.log(1.01)
    expected = slope("price", "sales") + slope("price", "visits") * slope("visits", "sales")
    np.testing.assert_allclose(elasticity, expected, atol=1e-8)


def test_of_a_logarithmic_link_it_is_what_the_played_worlds_give() -> None:
    hypothesis, spec, raw = prepared(
        "dag { price -> clicks }", FRAME[["price", "clicks"]], price="LogNormal", clicks="Poisson"
    )
    parameters = small_parameters(spec, 25, 1)
    stage = staged(hypothesis.graph, spec, parameters, raw, draws=25, rows=100)
    term = spec.node("clicks").terms[0]
    assert term.transform == "log"
    assert in_percent(hypothesis.graph, spec, "price", "clicks")
    slope = parameters["clicks"]["slopes"][:, 0] / term.scale
    percent = percent_draws(stage, "price", "clicks")
    assert percent is not None
    np.testing.assert_allclose(percent, 100 * (1.01**slope - 1), atol=1e-8)


@pytest.mark.parametrize(("cause", "outcome"), [("price", "weight"), ("weight", "clicks"), ("sales", "price")])
def test_elsewhere_per_cent_are_not_spoken_of(cause: str, outcome: str) -> None:
    hypothesis, spec, raw = prepared(TEXT, FRAME, **LOGS)
    assert not in_percent(hypothesis.graph, spec, cause, outcome)
    stage = staged(hypothesis.graph, spec, small_parameters(spec, 5, 1), raw, draws=5, rows=20)
    assert percent_draws(stage, cause, outcome) is None


def test_what_comes_directly_and_through_others_adds_up_in_every_draw() -> None:
    hypothesis, spec, raw = prepared("dag { x -> {z y} z -> y }")
    parameters = small_parameters(spec, 20, 2)
    stage = staged(hypothesis.graph, spec, parameters, raw, draws=20, rows=50)
    worlds = [[Setting("x", 0.0)], [Setting("x", 2.0)]]
    direct = direct_draws(stage, worlds, "x", "y")
    assert direct is not None

    def slope(parent: str, child: str) -> np.ndarray:
        model = spec.node(child)
        place = model.parents.index(parent)
        return parameters[child]["slopes"][:, place] * model.response.scale / model.terms[place].scale

    centre = play(stage, worlds, "y").centre
    through = 2 * slope("x", "z") * slope("z", "y")
    np.testing.assert_allclose(direct, 2 * slope("x", "y"), atol=1e-8)
    np.testing.assert_allclose(direct + through, centre[1] - centre[0], atol=1e-8)


def test_directly_is_not_spoken_of_where_nothing_lies_between_or_no_sum_parts_it() -> None:
    for text, families in (("dag { x -> y }", {}), ("dag { x -> {clicks y} clicks -> y }", {"clicks": "Poisson"})):
        hypothesis, spec, raw = prepared(text, **families)
        stage = staged(hypothesis.graph, spec, small_parameters(spec, 5, 2), raw, draws=5, rows=20)
        assert direct_draws(stage, [[Setting("x", 0.0)], [Setting("x", 1.0)]], "x", "y") is None

"""Nodes whose values are gone through: every draw's average without noise, against sums by hand and brute force."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import expit

from core.effects.gone_through import chances_of, few_valued
from core.effects.settings import Setting
from core.effects.worlds import Stage, play, staged
from core.families import get_family
from core.families.base import Draws
from core.model.design import design_matrix, raw_response
from core.model.spec import ModelSpec
from tests.effects.effect_cases import prepared, small_parameters

WORLDS = ([Setting("x", -0.5)], [Setting("x", 0.8)])


def alike(spec: ModelSpec, draws: int) -> dict[str, Draws]:
    """Return the same parameters in every draw: what averages differ by is noise."""
    return {
        node: {name: np.repeat(values[:1], draws, axis=0) for name, values in own.items()}
        for node, own in small_parameters(spec, 2, 3).items()
    }


def test_a_binary_node_on_the_way_to_another_is_summed_in_every_draw() -> None:
    hypothesis, spec, raw = prepared("dag { x -> bought z -> bought bought -> y2 x -> y2 }", frame=_two_levels())
    parameters = small_parameters(spec, 30, 3)
    stage = staged(hypothesis.graph, spec, parameters, raw, draws=30, rows=400)
    found = play(stage, WORLDS, "y2")
    m, y = spec.node("bought"), spec.node("y2")
    for world, centre in zip(WORLDS, found.centre, strict=True):
        set_to = {**stage.raw, "x": np.full(400, world[0].amount)}
        chance = expit(_eta(parameters["bought"], design_matrix(m, set_to)))
        parts = [
            expit(_eta(parameters["y2"], design_matrix(y, {**set_to, "bought": np.full(400, value)})))
            for value in (0.0, 1.0)
        ]
        expected = (1 - chance) * parts[0] + chance * parts[1]
        np.testing.assert_allclose(centre, expected.mean(axis=1), atol=1e-12)
    assert not found.noisy
    np.testing.assert_array_equal(found.moved, found.centre[1] - found.centre[0])
    np.testing.assert_array_equal(found.settled, found.centre)


def _two_levels() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    x, z = rng.normal(size=(2, 400))
    bought = (rng.random(400) < expit(x + z)).astype(int)
    return pd.DataFrame({"x": x, "z": z, "bought": bought, "y2": (rng.random(400) < expit(bought - x)).astype(int)})


def _eta(own: Draws, design: np.ndarray) -> np.ndarray:
    eta: np.ndarray = own["intercept"][:, None] + own["slopes"] @ design.T
    return eta


@pytest.mark.parametrize(
    "family", ["Poisson", "NegativeBinomial", "ZeroInflatedPoisson", "ZeroInflatedNegativeBinomial"]
)
def test_the_chances_of_a_count_are_those_of_its_distribution(family: str) -> None:
    _, spec, _ = prepared("dag { x -> clicks }", clicks=family)
    own = {"overdispersion": np.array([0.7, 1.2]), "zero_share": np.array([0.2, 0.4])}
    named = get_family(family)
    mean = np.array([[0.3, 4.0, 8.0], [0.01, 3.0, 6.0]])
    draws = {name: own[name] for name in own if any(name == one.name for one in named.declared)}
    found = chances_of(spec.node("clicks"), mean, draws)
    assert found is not None
    np.testing.assert_allclose(found.chances.sum(axis=1), 1.0, atol=1e-12)
    shares = draws.get("zero_share", np.zeros(2))[:, None]
    some = mean / (1 - shares)
    counts = np.arange(2000.0)[:, None, None]
    if "overdispersion" in draws:
        a = draws["overdispersion"][:, None] ** -2
        chance = stats.nbinom.pmf(counts, a, a / (a + some))
    else:
        chance = stats.poisson.pmf(counts, some)
    chance = (1 - shares) * chance + shares * (counts == 0)
    for curve in (np.log1p, np.sqrt, lambda count: expit(0.5 * count - 2)):
        ours = np.einsum("sjn,j->sn", found.chances, curve(found.values))
        np.testing.assert_allclose(ours, (chance * curve(counts)).sum(axis=0), rtol=4e-3, atol=1e-3)
    np.testing.assert_allclose(np.einsum("sjn,j->sn", found.chances, found.values), mean, rtol=1e-3)


def test_counts_that_go_too_far_are_drawn_in_every_world() -> None:
    hypothesis, spec, raw = prepared("dag { x -> clicks clicks -> y }", clicks="Poisson")
    parameters = alike(spec, 20)
    parameters["clicks"] = {**parameters["clicks"], "slopes": np.full_like(parameters["clicks"]["slopes"], 2.0)}
    stage = staged(hypothesis.graph, spec, parameters, raw, draws=20, rows=100)
    found = play(stage, [[Setting("x", 0.0)], [Setting("x", 9.0)]], "y")
    assert found.noisy
    assert np.isfinite(found.centre).all()


def test_which_nodes_are_gone_through() -> None:
    text = (
        "dag { x -> clicks clicks -> y x -> bought bought -> y x -> z z -> income income -> y x -> region region -> y }"
    )
    hypothesis, spec, _ = prepared(text)

    def names(*order: str) -> set[str]:
        return set(few_valued(hypothesis.graph, [spec.node(name) for name in order]))

    assert names("bought", "region", "y") == {"bought", "region"}
    assert names("bought", "clicks", "y") == {"bought", "clicks"}
    assert names("region", "clicks", "y") == {"region"}
    assert names("z", "income", "y") == set()
    assert names("z", "clicks", "y") == {"clicks"}


@pytest.mark.parametrize(
    ("text", "outcome", "between"),
    [
        ("dag { x -> bought bought -> y z -> y z -> bought }", "y", "bought"),
        ("dag { x -> clicks clicks -> y z -> y z -> clicks }", "y", "clicks"),
        ("dag { x -> bought bought -> income z -> income z -> bought }", "income", "bought"),
        ("dag { x -> clicks clicks -> income z -> income z -> clicks }", "income", "clicks"),
    ],
)
def test_single_draws_are_the_effect_under_that_draw(text: str, outcome: str, between: str) -> None:
    """Of medians too: to half a hundredth of the effect's size."""
    hypothesis, spec, raw = prepared(text)
    parameters = small_parameters(spec, 4, 3)
    for own in (parameters[between], parameters[outcome]):
        own["slopes"] = own["slopes"] + 0.8  # type: ignore[index]
    stage = staged(hypothesis.graph, spec, parameters, raw, draws=4, rows=8)
    found = play(stage, WORLDS, outcome)
    truth = np.array([_brute(stage, between, outcome, world) for world in WORLDS])
    moved = truth[1] - truth[0]
    assert found.moved is not None
    assert np.abs(found.moved - moved).max() < 0.01 * np.abs(moved).max()
    assert np.mean(found.moved - moved) == pytest.approx(0.0, abs=0.005 * np.abs(moved).mean())


NORMAL = stats.norm.ppf((np.arange(50_000) + 0.5) / 50_000)


def _brute(stage: Stage, between: str, outcome: str, world: list[Setting]) -> np.ndarray:
    """Return the average over rows of means (medians of a LogNormal outcome), (S,), of 50,000 draws a row."""
    rng, many = np.random.default_rng(11), 50_000
    own, models = stage.parameters, {name: stage.spec.node(name) for name in (between, outcome)}
    m, y = models[between], models[outcome]
    family, last = get_family(m.family), get_family(y.family)
    centres = np.empty((stage.draws, stage.rows))
    for row in range(stage.rows):
        raw = {name: np.full(many, values[row]) for name, values in stage.raw.items()} | {
            "x": np.full(many, world[0].amount)
        }
        aux = family.aux(own[between])
        noise = family.noise(aux, (stage.draws, many), rng)
        raw[between] = family.respond(family.mean(own[between], design_matrix(m, raw), m.link), noise, aux)
        mean = last.mean(own[outcome], design_matrix(y, raw), y.link)
        if y.response.transform == "log":
            noise = np.array([rng.permutation(NORMAL) for _ in mean])
            centres[:, row] = np.median(raw_response(y, mean + own[outcome]["sigma"][:, None] * noise), axis=1)
        else:
            centres[:, row] = raw_response(y, mean).mean(axis=1)
    average: np.ndarray = centres.mean(axis=1)
    return average

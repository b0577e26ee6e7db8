"""Total effects: against sums over paths, against brute-force simulation, and by definition."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import special

from core.data.dataset import Dataset
from core.effects.linear import is_linear
from core.effects.total import total_effect
from core.errors import UsageError
from core.families import get_family
from core.graph.paths import directed_paths
from core.hypothesis import Hypothesis
from core.model.design import design_matrix
from core.model.resolve import resolve
from core.simulate.parameters import from_named
from tests.effects.effect_cases import brute_force, mixed_frame, prepared, small_parameters


def test_linear_gaussian_effect_is_the_sum_over_paths_of_products_of_slopes() -> None:
    text = "dag { z -> x z -> m x -> m m -> n x -> n n -> y m -> y x -> y z -> y }"
    rng = np.random.default_rng(0)
    frame = mixed_frame().drop(columns=["region", "clicks", "bought", "income"])
    frame = frame.assign(m=3 * rng.normal(size=400) + 5, n=0.1 * rng.normal(size=400))
    hypothesis, spec, raw = prepared(text, frame)
    parameters = small_parameters(spec, 300, 1)

    def slope(parent: str, child: str) -> np.ndarray:
        model = spec.node(child)
        place = model.parents.index(parent)
        return parameters[child]["slopes"][:, place] * model.response.scale / model.terms[place].scale

    expected = sum(
        np.prod([slope(a, b) for a, b in pairwise(path)], axis=0) for path in directed_paths(hypothesis.graph, "x", "y")
    )
    found = total_effect(hypothesis.graph, spec, parameters, raw, "x", "y")
    assert found.draws == pytest.approx(expected, rel=1e-12)
    assert found.mean == pytest.approx(np.mean(expected))
    assert found.q95 == pytest.approx(np.quantile(expected, 0.95))
    assert (found.scale, found.identified, found.contrasts, found.ratio) == ("mean", True, None, None)


def test_without_a_path_the_effect_is_exactly_zero() -> None:
    hypothesis, spec, raw = prepared("dag { x -> y z -> y }")
    found = total_effect(hypothesis.graph, spec, small_parameters(spec, 50, 2), raw, "y", "x")
    assert (found.mean, found.sd, found.q05, found.q95) == (0.0, 0.0, 0.0, 0.0)


def test_an_effect_on_itself_is_refused() -> None:
    hypothesis, spec, raw = prepared("dag { x -> y }")
    with pytest.raises(UsageError):
        total_effect(hypothesis.graph, spec, small_parameters(spec, 5, 2), raw, "x", "x")


@pytest.mark.parametrize(
    ("text", "x", "y", "families"),
    [
        ("dag { x -> clicks clicks -> y x -> y }", "x", "y", {}),
        ("dag { x -> clicks clicks -> y x -> y }", "x", "y", {"clicks": "Poisson"}),
        ("dag { x -> bought bought -> y z -> y }", "x", "y", {}),
        ("dag { x -> region region -> y }", "x", "y", {}),
        ("dag { x -> income income -> y }", "x", "y", {"income": "Gamma"}),
        ("dag { x -> y y -> bought z -> bought }", "x", "bought", {"y": "StudentT"}),
        ("dag { x -> clicks z -> clicks }", "x", "clicks", {}),
        ("dag { x -> income income -> clicks x -> clicks }", "x", "clicks", {}),
        ("dag { x -> clicks clicks -> y }", "x", "y", {"clicks": "ZeroInflatedNegativeBinomial"}),
        ("dag { x -> y y -> bought }", "x", "bought", {"y": "SkewNormal"}),
        ("dag { x -> clicks z -> clicks }", "x", "clicks", {"clicks": "ZeroInflatedPoisson"}),
        ("dag { x -> income z -> income }", "x", "income", {"income": "Weibull"}),
        ("dag { x -> income income -> y z -> y }", "x", "y", {"income": "Weibull", "y": "SkewNormal"}),
    ],
)
def test_simulated_effects_agree_with_brute_force(text: str, x: str, y: str, families: dict[str, str]) -> None:
    hypothesis, spec, raw = prepared(text, **families)
    parameters = small_parameters(spec, 30, 3)
    between = hypothesis.graph.descendants(x)
    keep = set(hypothesis.graph.nodes) - set(between) - {x}
    low = brute_force(spec, parameters, raw, keep, x, raw[x], y)
    high = brute_force(spec, parameters, raw, keep, x, raw[x] + 1, y)
    found = total_effect(hypothesis.graph, spec, parameters, raw, x, y)
    assert found.draws is not None
    spread = np.std(high - low)
    assert found.draws == pytest.approx(high - low, abs=0.25 * spread + 0.02)
    assert found.mean == pytest.approx(np.mean(high - low), abs=0.05 * spread + 0.01)


def test_a_log_normal_outcome_has_a_median_and_a_ratio() -> None:
    hypothesis, spec, raw = prepared("dag { x -> m m -> income x -> income }", mixed_frame().rename(columns={"z": "m"}))
    assert spec.node("income").family == "LogNormal"
    parameters = small_parameters(spec, 200, 4)
    found = total_effect(hypothesis.graph, spec, parameters, raw, "x", "income")
    income, m = spec.node("income"), spec.node("m")
    by_x = income.parents.index("x")
    direct = parameters["income"]["slopes"][:, by_x] / income.terms[by_x].scale
    into = parameters["income"]["slopes"][:, 1 - by_x] / income.terms[1 - by_x].scale
    carried = parameters["m"]["slopes"][:, 0] * m.response.scale / m.terms[0].scale
    ratio = np.exp(income.response.scale * (direct + into * carried))
    assert found.scale == "median"
    assert found.ratio is not None
    assert found.ratio["mean"] == pytest.approx(np.mean(ratio), rel=1e-9)
    assert found.to_dict()["ratio"] == found.ratio


def test_the_median_of_a_mixture_is_no_average_of_medians() -> None:
    """Buying multiplies income by e^2: in a row, income has two humps, and its median jumps from one to the other."""
    hypothesis, spec, raw = prepared("dag { x -> bought bought -> income }")
    named = {
        "x": {"intercept": 0.0, "sigma": 1.0},
        "bought": {"intercept": -1.0, "slope[x]": 1.0},
        "income": {"intercept": 1.0, "slope[bought]": 2.0, "sigma": 0.3},
    }
    parameters = {
        model.node: {key: np.repeat(value, 40, axis=0) for key, value in from_named(model, named[model.node]).items()}
        for model in spec.nodes
    }
    found = total_effect(hypothesis.graph, spec, parameters, raw, "x", "income")

    def average_median(x: np.ndarray) -> float:
        share = special.expit(-1.0 + x - spec.node("bought").terms[0].center)
        low, high = np.full(len(x), -9.0), np.full(len(x), 9.0)
        for _ in range(60):  # bisection: the share below the middle of the bracket
            middle = (low + high) / 2
            below = (1 - share) * special.ndtr(middle / 0.3) + share * special.ndtr((middle - 2.0) / 0.3)
            low, high = np.where(below < 0.5, middle, low), np.where(below < 0.5, high, middle)
        return float(np.exp((low + high) / 2).mean())  # exp(1.0 - 2.0 / 2) = 1 where nobody buys

    before, after = average_median(raw["x"]), average_median(raw["x"] + 1)
    assert found.scale == "median"
    assert found.mean == pytest.approx(after - before, rel=0.05)
    assert found.ratio is not None
    assert found.ratio["mean"] == pytest.approx(after / before, rel=0.03)


def test_a_log_treatment_moves_by_one_unit_not_by_one_log() -> None:
    hypothesis, spec, raw = prepared("dag { income -> y }")
    parameters = small_parameters(spec, 100, 5)
    term = spec.node("y").terms[0]
    assert term.transform == "log"
    by_log = parameters["y"]["slopes"][:, 0] * spec.node("y").response.scale / term.scale
    expected = by_log * np.mean(np.log(raw["income"] + 1) - np.log(raw["income"]))
    found = total_effect(hypothesis.graph, spec, parameters, raw, "income", "y")
    assert found.draws == pytest.approx(expected, rel=1e-12)


def test_a_binary_treatment_goes_from_zero_to_one() -> None:
    hypothesis, spec, raw = prepared("dag { bought -> y z -> y }")
    parameters = small_parameters(spec, 100, 6)
    place = spec.node("y").parents.index("bought")
    expected = parameters["y"]["slopes"][:, place] * spec.node("y").response.scale
    found = total_effect(hypothesis.graph, spec, parameters, raw, "bought", "y")
    assert found.draws == pytest.approx(expected, rel=1e-12)


def test_a_category_is_contrasted_with_its_commonest_level() -> None:
    hypothesis, spec, raw = prepared("dag { region -> y z -> y }")
    parameters = small_parameters(spec, 100, 7)
    found = total_effect(hypothesis.graph, spec, parameters, raw, "region", "y")
    assert found.mean is None
    assert found.contrasts is not None
    assert [(c.low, c.high) for c in found.contrasts] == [("north", "east"), ("north", "south")]
    at = {}
    for code, level in enumerate(spec.node("region").response.levels):
        world = {**raw, "region": np.full(400, float(code))}
        model = spec.node("y")
        mean = get_family("Normal").mean(parameters["y"], design_matrix(model, world), "identity")
        at[level] = (mean * model.response.scale + model.response.center).mean(axis=1)
    for contrast in found.contrasts:
        assert contrast.mean == pytest.approx(np.mean(at[contrast.high] - at[contrast.low]), abs=1e-10)


def test_a_category_outcome_has_a_probability_a_level() -> None:
    hypothesis, spec, raw = prepared("dag { x -> region }")
    found = total_effect(hypothesis.graph, spec, small_parameters(spec, 60, 8), raw, "x", "region")
    assert found.mean is None
    assert found.contrasts is not None
    assert [c.level for c in found.contrasts] == ["east", "north", "south"]
    assert sum(c.mean for c in found.contrasts) == pytest.approx(0.0, abs=1e-12)


def test_an_ordered_outcome_has_a_probability_a_level_and_an_ordered_cause_moves_by_neighbours() -> None:
    frame = mixed_frame()
    dataset = Dataset.from_frame(frame, kinds={"region": "ordered"})
    hypothesis = Hypothesis.from_dagitty("dag { x -> region region -> y }")
    spec = resolve(hypothesis, dataset)
    raw = {name: dataset.values(name) for name in hypothesis.graph.nodes}
    model = spec.node("region")
    assert model.family == "OrderedLogit"
    parameters = small_parameters(spec, 60, 8)
    found = total_effect(hypothesis.graph, spec, parameters, raw, "x", "region")
    assert found.contrasts is not None
    assert [c.level for c in found.contrasts] == ["east", "north", "south"]
    family = get_family("OrderedLogit")
    before, after = (
        family.mean(parameters["region"], design_matrix(model, {"x": x}), "cumulative").mean(axis=1)
        for x in (raw["x"], raw["x"] + 1.0)
    )
    assert [c.mean for c in found.contrasts] == pytest.approx(list((after - before).mean(axis=0)), abs=1e-12)
    steps = total_effect(hypothesis.graph, spec, parameters, raw, "region", "y").contrasts
    assert steps is not None
    assert [c.name for c in steps] == ["north against east", "south against north"]
    through = total_effect(hypothesis.graph, spec, parameters, raw, "x", "y")
    low, high = (brute_force(spec, parameters, raw, set(), "x", x, "y") for x in (raw["x"], raw["x"] + 1))
    assert through.mean == pytest.approx(np.mean(high - low), abs=0.05 * np.std(high - low) + 0.01)


def test_a_lopsided_node_is_linear_but_not_on_the_way_to_a_median() -> None:
    _, spec, _ = prepared("dag { x -> y y -> z y -> income }", y="SkewNormal", income="LogNormal")
    assert is_linear([spec.node("y"), spec.node("z")], "x", spec)
    assert not is_linear([spec.node("y"), spec.node("income")], "x", spec)


def test_tables_give_the_difference_of_probabilities() -> None:
    frame = mixed_frame()[["bought", "region"]].assign(sex=np.tile(["f", "m"], 200))
    hypothesis, spec, raw = prepared("dag { sex -> bought region -> bought }", frame)
    assert spec.node("bought").family == "Table"
    parameters = small_parameters(spec, 40, 9)
    found = total_effect(hypothesis.graph, spec, parameters, raw, "sex", "bought")
    table = parameters["bought"]["probabilities"][:, :, 1]
    model = spec.node("bought")
    rows = {sex: design_matrix(model, {**raw, "sex": np.full(400, float(sex))})[:, 0].astype(int) for sex in (0, 1)}
    expected = table[:, rows[1]].mean(axis=1) - table[:, rows[0]].mean(axis=1)
    assert found.draws == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "y", "exists"),
    [
        ("dag { x -> y y -> clicks }", "clicks", False),
        ("dag { x -> y y -> z z -> clicks }", "clicks", False),
        ("dag { x -> y y -> clicks clicks -> z }", "z", True),  # log(1 + clicks) has a mean
        ("dag { x -> y y -> bought bought -> clicks }", "clicks", True),
        ("dag { y -> clicks z -> y }", "y", True),
        ("dag { y -> clicks }", "clicks", True),  # set, not drawn
    ],
)
def test_a_mean_that_does_not_exist_is_not_given(text: str, y: str, exists: bool) -> None:
    hypothesis, spec, raw = prepared(text, y="StudentT", clicks="Poisson")
    x = "x" if "x" in hypothesis.graph.nodes else "z" if "z" in hypothesis.graph.nodes else "y"
    found = total_effect(hypothesis.graph, spec, small_parameters(spec, 20, 3), raw, x, y)
    assert (found.mean is not None) is exists
    assert found.identified


def test_linear_paths_are_recognised() -> None:
    _, spec, _ = prepared("dag { x -> income income -> y x -> clicks clicks -> z }")
    assert is_linear([spec.node("income"), spec.node("y")], "x", spec)
    assert not is_linear([spec.node("clicks"), spec.node("z")], "x", spec)


def test_the_same_seed_gives_the_same_digits() -> None:
    hypothesis, spec, raw = prepared("dag { x -> clicks clicks -> y }")
    parameters = small_parameters(spec, 50, 10)
    first = total_effect(hypothesis.graph, spec, parameters, raw, "x", "y", seed=3)
    again = total_effect(hypothesis.graph, spec, parameters, raw, "x", "y", seed=3)
    assert first.mean == again.mean

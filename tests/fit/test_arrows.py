"""Arrows on the data's own scale: against regressions in raw units."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from core.families import get_family
from core.families.base import Draws
from core.fit.arrows import EdgeSummary, edges_into
from core.model.design import design_matrix
from core.model.spec import ModelSpec
from tests.effects.effect_cases import mixed_frame, prepared, small_parameters


def every_arrow(spec: ModelSpec, parameters: Mapping[str, Draws], raw: Mapping[str, Any]) -> list[EdgeSummary]:
    return [edge for model in spec.nodes for edge in edges_into(spec, model, parameters[model.node], raw)]


def edges(text: str, draws: int = 80, **families: str):
    _, spec, raw = prepared(text, **families)
    parameters = small_parameters(spec, draws, 1)
    return {(e.source, e.target): e for e in every_arrow(spec, parameters, raw)}, spec, parameters, raw


def test_a_slope_is_in_the_units_of_the_data() -> None:
    found, spec, parameters, raw = edges("dag { x -> y income -> y }")
    model = spec.node("y")
    at = model.parents.index("x")
    own = parameters["y"]["slopes"][:, at] * raw["y"].std(ddof=1) / raw["x"].std(ddof=1)
    edge = found["x", "y"]
    assert edge.mean == pytest.approx(own.mean())
    assert edge.sd == pytest.approx(own.std())
    assert (edge.q05, edge.q95) == pytest.approx(tuple(np.quantile(own, (0.05, 0.95))))
    assert edge.standardized_mean == pytest.approx(parameters["y"]["slopes"][:, at].mean())
    assert edge.probability_positive == pytest.approx(np.mean(own > 0))
    logs = parameters["y"]["slopes"][:, 1 - at] * raw["y"].std(ddof=1) / np.log(raw["income"]).std(ddof=1)
    assert found["income", "y"].mean == pytest.approx(logs.mean())


def test_a_linked_child_has_its_link_s_scale() -> None:
    found, _, parameters, raw = edges("dag { x -> bought }")
    own = parameters["bought"]["slopes"][:, 0] / raw["x"].std(ddof=1)
    assert found["x", "bought"].mean == pytest.approx(own.mean())


def test_a_binary_parent_is_zero_to_one() -> None:
    found, _, parameters, raw = edges("dag { bought -> y }")
    own = parameters["y"]["slopes"][:, 0]
    edge = found["bought", "y"]
    assert edge.mean == pytest.approx((own * raw["y"].std(ddof=1)).mean())
    assert edge.standardized_mean == pytest.approx(own.mean() * raw["bought"].std(ddof=1), rel=1e-9)


def test_a_category_has_contrasts_and_no_single_number() -> None:
    found, spec, parameters, raw = edges("dag { region -> y }")
    edge = found["region", "y"]
    assert (edge.mean, edge.sd, edge.q05, edge.standardized_mean, edge.probability_positive) == (None,) * 5
    assert edge.contrasts is not None
    basis = np.array(spec.node("y").terms[0].basis)
    moved = parameters["y"]["slopes"] @ (basis[0] - basis[1]) * raw["y"].std(ddof=1)  # east against north
    assert edge.contrasts[0].name == "east against north"
    assert edge.contrasts[0].mean == pytest.approx(moved.mean())
    assert edge.strength > 0


def test_a_category_child_has_log_odds_against_its_commonest_level() -> None:
    found, _, parameters, raw = edges("dag { x -> region }")
    contrasts = found["x", "region"].contrasts
    assert contrasts is not None
    assert [c.level for c in contrasts] == ["east", "south"]
    slopes = parameters["region"]["slopes"][:, 0] / raw["x"].std(ddof=1)
    assert contrasts[0].mean == pytest.approx((slopes[:, 0] - slopes[:, 1]).mean())


@pytest.mark.parametrize(
    ("parent", "doubled", "said"),
    [
        ("income", lambda income: 2 * income, "east: twice as much"),
        ("clicks", lambda clicks: 2 * clicks + 1, "east: twice as many and one more"),
    ],
)
def test_a_cause_on_a_log_scale_moves_a_category_by_a_doubling(parent, doubled, said) -> None:
    found, spec, parameters, raw = edges(f"dag {{ {parent} -> region }}")
    contrast = (found[parent, "region"].contrasts or ())[0]
    assert contrast.name == said
    model = spec.node("region")
    rows = {name: values[:1] for name, values in raw.items()}
    moved = {**rows, parent: doubled(rows[parent])}
    means = [
        get_family("Categorical").mean(parameters["region"], design_matrix(model, at), "softmax")[:, 0]
        for at in (rows, moved)
    ]
    logs = [np.log(mean[:, 0] / mean[:, 1]) for mean in means]  # east against north, the commonest
    assert contrast.mean == pytest.approx((logs[1] - logs[0]).mean())


def test_strength_of_a_continuous_parent_is_the_size_of_the_standardised_slope() -> None:
    found, _, parameters, _ = edges("dag { x -> y }")
    assert found["x", "y"].strength == pytest.approx(np.abs(parameters["y"]["slopes"][:, 0]).mean())


def test_a_table_s_arrow_is_a_difference_of_probabilities() -> None:
    frame = mixed_frame()[["bought", "region"]].assign(sex=np.tile(["f", "m", "m", "m"], 100))
    _, spec, raw = prepared("dag { sex -> bought region -> bought }", frame)
    parameters = small_parameters(spec, 30, 2)
    found = {(e.source, e.target): e for e in every_arrow(spec, parameters, raw)}
    table = parameters["bought"]["probabilities"][:, :, 1]
    place = spec.node("bought").parents
    shares = np.bincount(raw["region"].astype(int)) / 400
    cells = table.reshape(30, *(2 if parent == "sex" else 3 for parent in place))
    by_sex = np.moveaxis(cells, 1 + place.index("sex"), 1)  # (S, sex, region)
    expected = ((by_sex[:, 1] - by_sex[:, 0]) @ shares).mean()
    assert found["sex", "bought"].mean == pytest.approx(expected)
    spread = {name: raw[name].std() for name in ("sex", "bought")}
    assert found["sex", "bought"].standardized_mean == pytest.approx(expected * spread["sex"] / spread["bought"])
    assert found["region", "bought"].mean is None
    assert len(found["region", "bought"].contrasts or ()) == 2


def test_records_have_the_contract_s_fields() -> None:
    found, *_ = edges("dag { x -> y }")
    assert {
        "source", "target", "mean", "sd", "q05", "q95", "standardized_mean", "probability_positive",
    } <= found["x", "y"].to_dict().keys()  # fmt: skip

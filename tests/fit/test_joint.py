"""The joint model, sampled at once, has the posteriors that its blocks have one by one."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core import study
from core.data.dataset import Dataset
from core.errors import FitError
from core.fit.blocks import make_joint
from core.fit.engine import fit_block, fit_blocks
from core.fit.result import FitCancelledError
from core.hypothesis import Edge, Hypothesis, Node

pytestmark = pytest.mark.pymc


def drawn(whole: bool = False) -> tuple[Dataset, Hypothesis]:
    """Two nodes; with ``whole`` a group, a curve, a category and a binary node too."""
    rng = np.random.default_rng(5)
    shop = rng.choice(["a", "b", "c", "d", "e", "f"], 120)
    ads = rng.normal(5, 2, 120)
    sales = 0.5 * ads + (shop == "b") + rng.normal(0, 1, 120)
    bought = rng.random(120) < 1 / (1 + np.exp(2 - sales))
    data = pd.DataFrame({"shop": shop, "ads": ads, "sales": sales, "bought": np.where(bought, "yes", "no")})
    if not whole:
        nodes = (Node("sales", family="Normal"), Node("bought"))
        return Dataset.from_frame(data), Hypothesis("A", nodes, (Edge("sales", "bought"),))
    nodes = (Node("ads", family="Normal"), Node("sales", family="Normal", group="shop"), Node("bought"), Node("shop"))
    edges = (Edge("ads", "sales", form="quadratic"), Edge("sales", "bought"))
    return Dataset.from_frame(data), Hypothesis("A", nodes, edges)


def test_every_parameter_of_a_block_is_known_by_its_name_in_the_joint_model() -> None:
    from core.model.pymc_model import joint_model

    data, hypothesis = drawn(whole=True)
    plan = study.plan(data, [hypothesis])
    block, rows = make_joint(plan.specs[0], plan.complete, 400, 0)
    model, made = joint_model(block.spec, rows.raw, rows.used)
    assert set(made.values()) <= set(model.named_vars)
    fits = {node: fit_block(*plan.blocks[key]) for node, key in plan.keys["A"].items() if node in ("ads", "sales")}
    for node, fit in fits.items():
        given = {name for name, draws in fit.draws.items() if draws.size and name != "tau"}
        assert given <= {parameter for own, parameter in made if own == node}
    assert made["sales", "tau[0]"] == "sales.tau[0]"


def test_what_a_curve_keeps_beside_its_slopes_is_known_too() -> None:
    from core.fit.joint import parameters_of
    from core.model.pymc_model import joint_model

    data, _ = drawn()
    edges = (Edge("ads", "sales", form="monotone"), Edge("sales", "bought", form="saturating", sign="+"))
    positive = replace(data, table=data.table.assign(sales=data.table["sales"].abs()))
    nodes = (Node("ads", family="Normal"), Node("sales", family="Normal"), Node("bought"))
    plan = study.plan(positive, [Hypothesis("A", nodes, edges)])
    block, rows = make_joint(plan.specs[0], plan.complete, 400, 0)
    _, made = joint_model(block.spec, rows.raw, rows.used)
    for model in block.spec.nodes:
        samples = {name: np.ones((5, 3)) for name in made.values()}
        samples |= {name: np.ones(5) for name in made.values() if ".half[" in name}
        found = parameters_of(model, made, samples)
        assert ("half" in found) == (model.node == "bought")
    assert found["half"].shape == (5, 1)


@pytest.mark.slow
@pytest.mark.parametrize("whole", [False, True])
def test_what_is_sampled_at_once_agrees_with_the_blocks_and_a_planted_fault_is_found(whole: bool) -> None:
    data, hypothesis = drawn(whole)
    quick = study.plan(data, [hypothesis])
    fits = fit_blocks(quick.blocks)
    plan = study.joint_plan(quick)
    ((key, (block, rows)),) = plan.blocks.items()
    told: list[float] = []
    found = {key: fit_block(block, rows, told.append)}
    assert told[-1] == 1.0
    assert len(told) > 2
    result = study.confirmed(quick, fits, plan, found)
    assert {one.node: one.agrees for one in result.agreements or ()} == dict.fromkeys(block.nodes, True)
    assert all(one.largest_share < 0.1 for one in result.agreements or ())

    node = quick.keys["A"]["sales"]
    draws = dict(fits[node].draws)
    draws["sigma"] = draws["sigma"] + 0.5 * draws["sigma"].std()
    wrong = study.confirmed(quick, {**fits, node: replace(fits[node], draws=draws)}, plan, found)
    assert [one.node for one in wrong.agreements or () if one.agrees is False] == ["sales"]


def test_it_is_stopped_and_refuses_what_would_take_hours() -> None:
    data, hypothesis = drawn()
    plan = study.plan(data, [hypothesis])
    block, rows = make_joint(plan.specs[0], plan.complete, 400, 0)
    with pytest.raises(FitCancelledError):
        fit_block(block, rows, cancelled=lambda: True)
    many = replace(rows, raw={name: np.repeat(values, 500) for name, values in rows.raw.items()})
    with pytest.raises(FitError, match="60,000 rows"):
        fit_block(block, many)

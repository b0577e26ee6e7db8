"""A confirmation: what the joint models, sampled with NUTS, say of what was shown."""

from dataclasses import replace

import numpy as np

from core import study
from core.fit.exact import fit_exact
from core.fit.result import BlockFit, Diagnostics
from core.study import Plan, confirmed, joint_plan
from core.study.sampled import LARGEST_TABLE, JointPlan
from tests.study.study_cases import chain_data, named

SOUND = Diagnostics(rhat_max=1.0, ess_bulk_min=3000.0, ess_tail_min=3000.0, divergences=0)


def planned() -> tuple[Plan, dict[str, BlockFit], JointPlan]:
    told = chain_data().with_words("c", label="Sales")
    plan = study.plan(told, named(chain="a -> b b -> c", more="a -> b b -> c a -> c"))
    return plan, {key: fit_exact(block, data) for key, (block, data) in plan.blocks.items()}, joint_plan(plan)


def as_if_sampled(joint: JointPlan, plan: Plan) -> dict[str, BlockFit]:
    """Other draws of the same posteriors, as the sampler of joint models hands them on."""
    again = study.plan(plan.dataset, plan.hypotheses, seed=1)
    found = {}
    for name, keys in joint.keys.items():
        parts = {node: fit_exact(*again.blocks[again.keys[name][node]]) for node in keys}
        draws = {f"{i}.{one}": v for i, node in enumerate(keys) for one, v in parts[node].draws.items()}
        nothing, key = np.full(plan.complete.rows, np.nan), next(iter(keys.values()))
        found[key] = BlockFit(key, "nuts", draws, nothing, nothing, float("nan"), diagnostics=SOUND, chains=4)
    return found


def moved(fit: BlockFit, parameter: str, by: float) -> BlockFit:
    return replace(fit, draws={**fit.draws, parameter: fit.draws[parameter] + by})


def test_one_joint_model_a_hypothesis_is_sampled_and_the_same_posterior_is_confirmed() -> None:
    plan, fits, joint = planned()
    assert [set(keys.values()) for keys in joint.keys.values()] == [{key} for key in joint.blocks]
    assert len(joint.blocks) == 2
    found = confirmed(plan, fits, joint, as_if_sampled(joint, plan))
    assert found.agreements is not None
    assert [(one.node, one.hypotheses) for one in found.agreements] == [
        (node, (name,)) for name in ("chain", "more") for node in ("a", "b", "c")
    ]
    assert all(one.agrees for one in found.agreements)
    assert all(block.method == "exact" for h in found.hypotheses for block in h.blocks), "what was shown stays"
    record = found.to_dict()["agreements"][0]
    assert (record["agrees"], record["elpd_difference"]) == (True, None)
    assert study.comparison_from_bytes(study.comparison_to_bytes(found)).agreements == found.agreements


def test_a_changed_posterior_mean_is_named_with_the_user_s_words() -> None:
    plan, fits, joint = planned()
    sampled = as_if_sampled(joint, plan)
    key = joint.keys["more"]["c"]
    found = confirmed(plan, fits, joint, {**sampled, key: moved(sampled[key], "2.slopes", 0.2)})
    differ = [one for one in found.agreements or () if not one.agrees]
    assert [(one.node, one.hypotheses) for one in differ] == [("c", ("more",))]
    assert differ[0].sentence.startswith("Sales: sampling with NUTS differs from what was shown: the mean of slope of")


def test_a_large_table_is_taken_as_observed_and_the_rest_is_sampled(monkeypatch) -> None:
    from core.study import sampled as of

    plan, _, _ = planned()
    monkeypatch.setattr(of, "_too_large", lambda model: model.node == "b")
    joint = joint_plan(plan)
    assert [list(keys) for keys in joint.keys.values()] == [["a", "c"], ["a", "c"]]
    assert all([model.node for model in block.spec.given] == ["b"] for block, _ in joint.blocks.values())
    assert LARGEST_TABLE == 200


def test_chains_that_do_not_agree_confirm_and_contradict_nothing() -> None:
    plan, fits, joint = planned()
    sampled = as_if_sampled(joint, plan)
    key = joint.keys["more"]["c"]
    unsettled = replace(moved(sampled[key], "2.slopes", 0.2), diagnostics=replace(SOUND, rhat_max=1.4))
    found = confirmed(plan, fits, joint, {**sampled, key: unsettled})
    assert {one.hypotheses[0]: one.agrees for one in found.agreements or ()} == {"chain": True, "more": None}
    assert "NUTS itself is not settled, since the gate R-hat failed at more" in found.agreements[-1].sentence

"""A confirmation: what NUTS says of what was shown, and what replaces it."""

from collections.abc import Mapping
from dataclasses import replace

from core import study
from core.fit.exact import fit_exact
from core.fit.result import BlockFit, Diagnostics
from core.study import Plan
from core.study.confirming import confirmed
from tests.study.study_cases import chain_data, named

SOUND = Diagnostics(rhat_max=1.0, ess_bulk_min=3000.0, ess_tail_min=3000.0, divergences=0)


def plans(**more) -> tuple[Plan, Plan]:
    told = chain_data().with_words("c", label="Sales")
    hypotheses = named(chain="a -> b b -> c", more="a -> b b -> c a -> c")
    return study.plan(told, hypotheses, **more), study.plan(told, hypotheses, method="nuts")


def exact_fits(plan: Plan) -> dict[str, BlockFit]:
    return {key: fit_exact(block, data) for key, (block, data) in plan.blocks.items()}


def as_if_sampled(fits: Mapping[str, BlockFit]) -> dict[str, BlockFit]:
    """Other draws of the same posteriors, under the name of NUTS."""
    return {key: replace(fit, method="nuts", chains=4, diagnostics=SOUND) for key, fit in fits.items()}


def test_the_same_posterior_is_confirmed_and_each_block_once() -> None:
    quick, sampled = plans()
    found = confirmed(quick, exact_fits(quick), sampled, as_if_sampled(exact_fits(sampled)))
    assert found.agreements is not None
    assert [(one.node, one.hypotheses) for one in found.agreements] == [
        ("a", ("chain", "more")),
        ("b", ("chain", "more")),
        ("c", ("chain",)),
        ("c", ("more",)),
    ]
    assert all(one.agrees for one in found.agreements)
    assert all(block.method == "nuts" for h in found.hypotheses for block in h.blocks)
    record = found.to_dict()["agreements"][0]
    assert record["agrees"] is True
    assert study.comparison_from_bytes(study.comparison_to_bytes(found)).agreements == found.agreements


def test_another_posterior_is_named_with_the_user_s_words() -> None:
    quick, sampled = plans()
    fits = as_if_sampled(exact_fits(sampled))
    wrong = sampled.keys["more"]["c"]
    moved = {**fits[wrong].draws, "slopes": fits[wrong].draws["slopes"] + 0.2}
    found = confirmed(quick, exact_fits(quick), sampled, {**fits, wrong: replace(fits[wrong], draws=moved)})
    differ = [one for one in found.agreements or () if not one.agrees]
    assert [(one.node, one.hypotheses) for one in differ] == [("c", ("more",))]
    assert differ[0].sentence.startswith("Sales: sampling with NUTS differs from what was shown: the mean of slope of")


def test_what_was_sampled_already_is_left_out() -> None:
    quick, sampled = plans(methods={"c": "nuts"})
    fits = as_if_sampled(exact_fits(sampled))
    before = {**exact_fits(quick), **{key: fits[key] for key in quick.blocks if key in fits}}
    found = confirmed(quick, before, sampled, fits)
    assert [one.node for one in found.agreements or ()] == ["a", "b"]


def test_chains_that_do_not_agree_confirm_and_contradict_nothing() -> None:
    quick, sampled = plans()
    fits = as_if_sampled(exact_fits(sampled))
    key = sampled.keys["more"]["c"]
    moved = {**fits[key].draws, "slopes": fits[key].draws["slopes"] + 0.2}
    unsettled = replace(fits[key], draws=moved, diagnostics=replace(SOUND, rhat_max=1.4))
    found = confirmed(quick, exact_fits(quick), sampled, {**fits, key: unsettled})
    (one,) = [one for one in found.agreements or () if one.hypotheses == ("more",)]
    assert one.agrees is None
    assert "NUTS itself is not settled, since the gate R-hat failed at Sales" in one.sentence

"""Failed gates on Fit, Check and Compare: named with node and reason, one button each, its effect and its undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.fit.engine import fit_blocks as in_process
from core.fit.exact import fit_exact
from core.fit.result import Block, BlockFit, Diagnostics
from core.hypothesis import Hypothesis
from core.store import Store
from tests.ui.conftest import Fit, Open, shown
from tests.ui.made_projects import button, graph, project_of, rivals, view
from ui import remedies, results

SOUND = Diagnostics(rhat_max=1.0, ess_bulk_min=3000.0, ess_tail_min=3000.0, divergences=0)
NAMES = ["x", "m", "y"]
Change = Callable[[Block, BlockFit], BlockFit]


def exact_but(node: str, change: Change) -> Callable[..., Mapping[str, BlockFit]]:
    """Fit in closed form, whatever is asked for; ``change`` spoils the blocks of one node."""

    def now(blocks: Mapping[str, Any], cache: object = None, progress: object = None) -> dict[str, BlockFit]:
        found = {}
        for key, (block, data) in blocks.items():
            if not block.model.conjugate:
                found.update(in_process({key: (replace(block, method="importance"), data)}))
                continue
            fit = replace(fit_exact(replace(block, method="exact"), data), key=key)
            if block.method == "nuts":
                fit = replace(fit, method="nuts", chains=4, diagnostics=SOUND)
            found[key] = change(block, fit) if block.model.node == node else fit
        return found

    return now


def restless(block: Block, fit: BlockFit) -> BlockFit:
    """Chains that do not agree before there are 16,000 draws."""
    bad = replace(SOUND, rhat_max=1.31, ess_bulk_min=35.0)
    return fit if block.draws >= 16_000 else replace(fit, method="nuts", diagnostics=bad)


def uneven(block: Block, fit: BlockFit) -> BlockFit:
    """Weights that a few draws carry, unless NUTS is asked for."""
    bad = Diagnostics(proposal_k=0.81, effective_draws=230.0)
    return fit if block.method == "nuts" else replace(fit, method="importance", diagnostics=bad)


def swayed(block: Block, fit: BlockFit) -> BlockFit:
    """A row that sways the leave-one-out score of a Normal node."""
    return replace(fit, method="nuts", diagnostics=SOUND, pareto_k=np.r_[0.93, np.full(len(fit.elpd_i) - 1, 0.1)])


def diverging(block: Block, fit: BlockFit) -> BlockFit:
    return replace(fit, method="nuts", diagnostics=replace(SOUND, divergences=7, rhat_max=1.02))


@pytest.fixture
def spoiled(store: Store, fit: Fit, fit_blocks: dict[str, Any]) -> Callable[..., str]:
    """Fit two rivals of which one node is spoiled; return the project."""

    def made(change: Change, node: str = "y", *more: Hypothesis) -> str:
        fit_blocks["now"] = exact_but(node, change)
        token = project_of(store, NAMES, *rivals(NAMES), *more)
        store.set_column(token, "y", label="Sales")
        fit(token)
        return token

    return made


def newest(store: Store, token: str) -> Mapping[str, Any]:
    return store.requests(token, ("done",))[0].payload


def families(store: Store, token: str) -> dict[str, dict[str, str | None]]:
    return {h.letter: {n["name"]: n["family"] for n in h.document["nodes"]} for h in store.hypotheses(token)}


@pytest.mark.parametrize("page", ["fit", "check", "compare"])
def test_a_failed_gate_is_named_with_its_node_and_what_to_do(
    open_page: Open, spoiled: Callable[..., str], page: str
) -> None:
    test = open_page(page, spoiled(restless))
    text = shown(test)
    assert "the gate R-hat failed at Sales (1.310, limit 1.010)" in text
    assert "the gate bulk ESS failed at Sales (35, limit 400)" in text
    assert "fit again with more draws" in text
    assert button(test, "remedy_draws_0").label == "Fit again with 4x the draws"


def test_compare_ranks_nothing_and_reports_no_effect_while_a_gate_has_failed(
    open_page: Open, spoiled: Callable[..., str]
) -> None:
    text = shown(open_page("compare", spoiled(restless)))
    rows = {row: text.split(f'data-row="{row}"')[1].split("</tr>")[0] for row in ("elpd", "evidence", "effect")}
    for name, row in rows.items():
        assert row.count("held back: a gate failed") == 2, name
        assert "data-value" not in row, name
    for row in ("difference", "sweep", "probability", "stacking"):
        assert "data-value" not in text.split(f'data-row="{row}"')[1].split("</tr>")[0]
    assert "predicts better" not in text.split('data-testid="verdict"')[1].split("<ul>")[1].split("</ul>")[0]


def test_more_draws(open_page: Open, store: Store, spoiled: Callable[..., str]) -> None:
    token = spoiled(restless)
    test = open_page("compare", token)
    button(test, "remedy_draws_0").click().run()
    assert not test.exception
    assert newest(store, token)["draws"] == 16_000
    text = shown(test)
    assert "failed" not in text.split('data-row="gates"')[1].split("</tr>")[0]
    assert "Every node is fitted with 16,000 draws now." in text
    button(test, "remedy_undo").click().run()
    assert newest(store, token)["draws"] == 4000
    assert "draws" not in (store.project(token).settings.get("fit") or {})
    assert "the gate R-hat failed" in shown(test)


def test_this_node_with_nuts(open_page: Open, store: Store, spoiled: Callable[..., str]) -> None:
    token = spoiled(uneven)
    test = open_page("fit", token)
    assert "the gate Pareto k of the weights failed at Sales" in shown(test)
    assert button(test, "remedy_nuts_0").label == "Fit this node with NUTS"
    button(test, "remedy_nuts_0").click().run()
    assert not test.exception
    assert newest(store, token)["options"]["methods"] == {"y": "nuts"}
    text = shown(test)
    assert "Sales is fitted with NUTS now." in text
    assert "Whatever is chosen here: Sales by NUTS." in text
    assert "failed" not in text.split('data-testid="quality"')[1].split("</table>")[0]
    button(test, "own_ways").click().run()
    assert "methods" not in (store.project(token).settings.get("fit") or {})
    assert "how it is fitted" in shown(open_page("compare", token))


def test_heavier_tails_for_every_hypothesis_and_back(
    open_page: Open, store: Store, spoiled: Callable[..., str]
) -> None:
    without = graph("Without sales", ("x", "m"))
    token = spoiled(swayed, "y", without)
    before = [h.document for h in store.hypotheses(token)]
    test = open_page("check", token)
    assert "the gate Pareto k of leave-one-out failed at Sales (0.93, limit 0.70)" in shown(test)
    found = button(test, "remedy_family_0")
    assert found.label == "Use StudentT for this node"
    assert "heavier tails" in found.proto.help
    found.click().run()
    assert not test.exception
    assert {letter: nodes["y"] for letter, nodes in families(store, token).items()} == dict.fromkeys("ABC", "StudentT")
    assert {h["name"] for h in newest(store, token)["hypotheses"]} == {"A", "B", "C"}
    done = results.fitted(
        view(store, token), view(store, token).dataset(), results.candidates(view(store, token), None)
    )
    assert done is not None
    assert {n.family for h in done.comparison.hypotheses for n in h.nodes if n.name == "y"} == {"StudentT"}
    assert all(h.gates.passed for h in done.comparison.hypotheses)
    assert "Sales is StudentT now in A, B and C, so that rivals share it." in shown(test)
    button(test, "remedy_undo").click().run()
    assert [h.document for h in store.hypotheses(token)] == before
    assert "the gate Pareto k of leave-one-out failed at Sales" in shown(test)


def test_divergences_have_no_button_but_a_way(open_page: Open, spoiled: Callable[..., str]) -> None:
    test = open_page("compare", spoiled(diverging))
    text = shown(test)
    assert "the gate divergences failed at Sales (7, limit 0)" in text
    assert "use a tighter prior or another family" in text
    assert not [b for b in test.button if (b.key or "").startswith("remedy_")]
    assert any("Change this node on Draw" in link.proto.label for link in test.get("page_link"))


def test_a_way_back_can_be_declined(open_page: Open, store: Store, spoiled: Callable[..., str]) -> None:
    token = spoiled(restless)
    test = open_page("fit", token)
    button(test, "remedy_draws_0").click().run()
    button(test, "remedy_keep").click().run()
    assert not [b for b in test.button if b.key == "remedy_undo"]
    assert store.project(token).settings["fit"]["draws"] == 16_000


def test_other_changes_outlive_an_undo(open_page: Open, store: Store, spoiled: Callable[..., str]) -> None:
    token = spoiled(restless)
    test = open_page("fit", token)
    button(test, "remedy_draws_0").click().run()
    next(box for box in test.number_input if box.key == "fit_seed").set_value(9).run()
    button(test, "remedy_undo").click().run()
    assert store.project(token).settings["fit"]["seed"] == 9
    assert store.project(token).settings["fit"].get("draws", 4000) == 4000


def test_what_helps_is_chosen_from_what_failed(store: Store, spoiled: Callable[..., str]) -> None:
    token = spoiled(lambda block, fit: swayed(block, restless(block, fit)), "m")
    project = view(store, token)
    last = results.fitted(project, project.dataset(), results.candidates(project, project.dataset()))
    assert last is not None
    (only,) = remedies.remedies(project, last)
    assert (only.action, only.node, only.family) == ("family", "m", "StudentT")
    assert {letters for _, letters in only.failed} == {("A", "B")}

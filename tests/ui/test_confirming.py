"""Confirm with NUTS: the button, its progress, what it found. The way to fit is chosen on Fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import study
from core.comparison.storage import comparison_to_bytes
from core.fit.exact import fit_exact
from core.fit.result import BlockFit, Diagnostics
from core.jobs.job import Asked
from core.store import Store
from core.study.sampled import JointPlan
from tests.ui.conftest import Fit, Open, shown
from tests.ui.made_projects import button, graph, project_of, rivals, view
from ui import session, states

SOUND = Diagnostics(rhat_max=1.0, ess_bulk_min=3000.0, ess_tail_min=3000.0, divergences=0)
NAMES = ["x", "m", "y"]


@pytest.fixture
def confirms(store: Store, fit: Fit, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the job service confirm in this process: with other draws of the closed form, moved at ``y`` by ``shift``."""

    def sampled(joint: JointPlan, plan: study.Plan, shift: float) -> dict[str, BlockFit]:
        found = {}
        for name, keys in joint.keys.items():
            draws = {}
            for place, node in enumerate(keys):
                block, data = plan.blocks[plan.keys[name][node]]
                own = dict(fit_exact(replace(block, key=f"{block.key}00"), data).draws)  # other draws of the same
                if node == "y":
                    own["intercept"] = own["intercept"] + shift
                draws |= {f"{place}.{one}": values for one, values in own.items()}
            nothing = np.full(plan.complete.rows, np.nan)
            key = next(iter(keys.values()))
            found[key] = BlockFit(key, "nuts", draws, nothing, nothing, np.nan, diagnostics=SOUND, chains=4)
        return found

    def ready(shift: float = 0.0, state: str = "done") -> None:
        def confirm(id: str) -> str:
            before = store.request(id)
            payload = {**before.payload, "method": "nuts", "confirms": id}
            request = store.create_request(before.project, payload, "test")
            if state == "done":
                dataset = view(store, before.project).dataset()
                asked = Asked.from_payload(before.payload)
                plan = study.plan(
                    dataset, asked.hypotheses, effects=asked.effects, method=asked.method, seed=asked.seed
                )
                quick = {key: fit_exact(block, data) for key, (block, data) in plan.blocks.items()}
                joint = study.joint_plan(plan)
                found = study.confirmed(plan, quick, joint, sampled(joint, plan, shift))
                store.end_request(request.id, "done", result=comparison_to_bytes(found))
            elif state != "running":
                store.end_request(request.id, state, ["Sales: the sampler stopped"])
            return request.id

        monkeypatch.setattr(session.get_jobs(), "confirm", confirm, raising=False)

    return ready


@pytest.fixture
def fitted(store: Store, fit: Fit) -> str:
    token = project_of(store, NAMES, *rivals(NAMES))
    store.set_column(token, "y", label="Sales")
    fit(token)
    return token


def has(test: AppTest, key: str) -> bool:
    return any(found.key == key for found in test.button)


@pytest.mark.parametrize("page", ["fit", "compare"])
def test_a_quick_answer_can_be_confirmed(
    open_page: Open, fitted: str, confirms: Callable[..., None], page: str
) -> None:
    confirms()
    test = open_page(page, fitted)
    assert "What stands here came from closed form, node by node." in shown(test)
    button(test, "confirm_nuts").click().run()
    assert not test.exception
    text = shown(test)
    assert "the joint model, sampled with NUTS, agrees with what was shown: the largest difference is" in text
    assert "Monte Carlo errors (" in text
    assert "✓ Confirmed with NUTS." in text
    assert not has(test, "confirm_nuts")


def test_what_differs_is_said_and_what_was_shown_stays(
    open_page: Open, store: Store, fitted: str, confirms: Callable[..., None]
) -> None:
    confirms(shift=0.3)
    test = open_page("compare", fitted)
    button(test, "confirm_nuts").click().run()
    text = shown(test)
    assert "Sales: sampling with NUTS differs from what was shown: the mean of intercept" in text
    assert "Do not rely on what differs" in text
    assert "Sampling the joint model with NUTS found something else." in text
    assert "✓ Confirmed" not in text
    again = open_page("fit", fitted)
    table = shown(again).split('data-testid="quality"')[1].split("</table>")[0]
    assert "closed form" in table
    assert "NUTS" not in table


def test_a_confirmation_on_its_way_shows_how_far_it_is_and_can_be_stopped(
    open_page: Open, store: Store, fitted: str, confirms: Callable[..., None]
) -> None:
    confirms(state="running")
    test = open_page("compare", fitted)
    button(test, "confirm_nuts").click().run()
    assert not test.exception
    assert "What stands on this page stays as it is." in shown(test)
    assert states.state_of("fit", view(store, fitted)) == "confirming 0 %"
    assert "Changed since" not in shown(open_page("check", fitted))
    button(test, "cancel_confirm").click().run()
    assert "The confirmation was cancelled" in shown(test)
    assert has(test, "confirm_nuts")


def test_a_confirmation_that_failed_says_why(open_page: Open, fitted: str, confirms: Callable[..., None]) -> None:
    confirms(state="failed")
    test = open_page("fit", fitted)
    button(test, "confirm_nuts").click().run()
    assert "The confirmation did not finish: Sales: the sampler stopped." in shown(test)
    assert "The last fit did not finish" not in shown(test)


def test_other_thresholds_keep_a_confirmation_and_another_seed_does_not(
    open_page: Open, store: Store, fitted: str, fit: Fit, confirms: Callable[..., None]
) -> None:
    confirms()
    button(open_page("fit", fitted), "confirm_nuts").click().run()
    store.change_settings(fitted, rules={"p_adjusted": 0.01, "association": 0.2, "predictive_p": 0.01})
    fit(fitted)
    assert "agrees with what was shown" in shown(open_page("compare", fitted))
    store.change_settings(fitted, fit={"seed": 5})
    fit(fitted)
    test = open_page("compare", fitted)
    assert "agrees with what was shown" not in shown(test)
    assert has(test, "confirm_nuts")


def test_the_way_to_fit_is_chosen_on_fit_and_kept(open_page: Open, store: Store, fitted: str) -> None:
    test = open_page("fit", fitted)
    (radio,) = [found for found in test.radio if found.key == "fit_method"]
    assert radio.options == [
        "Let Whyboard choose",
        "Exactly or not at all (closed form only)",
        "By weighted draws (importance sampling)",
        "By sampling every node (NUTS)",
    ]
    assert len(radio.proto.captions) == 4
    radio.set_value("exact").run()
    assert store.project(fitted).settings["fit"]["method"] == "exact"
    again = open_page("fit", fitted)
    assert next(found for found in again.radio if found.key == "fit_method").value == "exact"


def test_a_closed_form_that_there_is_not_is_refused_in_words(open_page: Open, store: Store, fit: Fit) -> None:
    heavy = graph("Heavy", ("x", "y")).with_node("y", family="StudentT")
    token = project_of(store, ["x", "y"], heavy, fit={"method": "exact"})
    assert "has no closed form" in shown(open_page("fit", token))


def test_importance_is_said_with_its_figures_and_what_they_mean(open_page: Open, store: Store, fit: Fit) -> None:
    heavy = graph("Heavy", ("x", "y")).with_node("y", family="StudentT")
    token = project_of(store, ["x", "y"], heavy)
    fit(token)
    text = shown(open_page("fit", token))
    table = text.split('data-testid="quality"')[1].split("</table>")[0]
    assert "importance sampling" in table
    assert "effective draws" in table
    assert "weighted so that they are draws of the posterior itself" in text.split('data-testid="ways"')[1]


def test_the_sidebar_says_what_the_fit_page_says(store: Store, fitted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written down of a request is seconds old; both ask the job service."""
    project = view(store, fitted)
    request = store.create_request(fitted, store.requests(fitted)[0].payload, "test")
    store.beat("test", {request.id: 0.1})
    status = session.get_jobs().status(request.id)
    monkeypatch.setattr(session.get_jobs(), "status", lambda id: replace(status, fraction=0.62))
    assert states.state_of("fit", project) == "62 %"


def test_the_prior_sweep_stands_beside_the_evidence(open_page: Open, store: Store, fitted: str) -> None:
    from core.comparison.storage import comparison_from_bytes

    facts = comparison_from_bytes(store.result(store.requests(fitted)[0].id)).hypotheses[0]
    row = shown(open_page("compare", fitted)).split('data-row="sweep"')[1].split("</tr>")[0]
    swept = facts.log_evidence.sweep
    assert swept is not None
    assert f"{swept[0]:,.1f}" in row
    assert f"{swept[2]:,.1f}" in row


def test_a_partly_finished_fit_says_what_is_missing(open_page: Open, store: Store, fitted: str) -> None:
    done = store.requests(fitted)[0]
    request = store.create_request(fitted, done.payload, "test")
    store.end_request(request.id, "done", ["y: the sampler stopped"], store.result(done.id))
    text = shown(open_page("fit", fitted))
    assert "A part of the last fit did not finish" in text
    assert "Y: the sampler stopped." in text
    assert states.state_of("fit", view(store, fitted)) == "done in part"


def test_every_family_that_is_offered_is_explained() -> None:
    from core.families.choose import families_for
    from core.hypothesis import KINDS
    from ui.families import FAMILY_WORDS, families_html

    offered = {family for kind in KINDS for family in families_for(kind)}
    assert offered <= FAMILY_WORDS.keys()
    html = families_html(families_for("count"), "Poisson")
    assert html.count("<li>") == len(families_for("count"))
    assert "<b>Poisson</b>: a count of rare, separate events" in html
    assert all(isinstance(words, str) and words for words in FAMILY_WORDS.values())

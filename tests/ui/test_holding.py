"""What the pages say of a fit that is not of what is drawn, asked and set now, and what they do about it at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.check.dependence import Dependence
from core.comparison.storage import comparison_from_bytes
from core.errors import UsageError
from core.hypothesis import Hypothesis
from core.jobs.job import Asked
from core.store import Store
from tests.ui.conftest import Fit, Open, shown
from tests.ui.made_projects import button, graph, project_of, rivals, table, view
from ui import doors, session, states

NAMES = ["x", "m", "y"]


@pytest.fixture
def fitted(store: Store, fit: Fit) -> str:
    token = project_of(store, NAMES, *rivals(NAMES))
    doors.set_roles(view(store, token), "x", "y")
    fit(token)
    return token


def redraw(store: Store, token: str, place: int = 1) -> None:
    """Draw one hypothesis otherwise."""
    record = store.hypotheses(token)[place]
    session.save_hypothesis(view(store, token), record.id, graph(record.name, ("m", "x"), ("m", "y")))


def latest_effects(store: Store, token: str) -> list[tuple[str, str]]:
    found = comparison_from_bytes(store.result(store.requests(token, ("done",))[0].id))
    return [(effect.treatment, effect.outcome) for effect in found.hypotheses[0].effects]


@pytest.mark.parametrize("page", ["check", "compare"])
def test_fit_again_fits_on_the_page_where_it_is_pressed(open_page: Open, store: Store, fitted: str, page: str) -> None:
    redraw(store, fitted)
    test = open_page(page, fitted)
    assert "Changed since this was fitted: hypothesis B" in shown(test)
    press = button(test, "fit_again")
    assert press.label == "Fit again 2 hypotheses, about 9 s"
    press.click().run()
    assert not test.exception
    assert len(store.requests(fitted)) == 2
    assert "Changed since" not in shown(test)
    arrows = {(e["source"], e["target"]) for e in store.requests(fitted)[0].payload["hypotheses"][1]["edges"]}
    assert arrows == {("m", "x"), ("m", "y")}
    assert any(one.proto.body.count("wb-verdict") or "denied" in one.proto.body for one in test.get("html"))


@pytest.mark.parametrize(
    ("page", "ended", "said"),
    [
        ("check", ("failed", ["The disk is full."]), "The disk is full"),
        ("compare", ("cancelled",), "The last fit was cancelled"),
    ],
)
def test_what_takes_moments_is_fitted_without_a_press(
    open_page: Open,
    store: Store,
    fitted: str,
    monkeypatch: pytest.MonkeyPatch,
    page: str,
    ended: tuple[Any, ...],
    said: str,
) -> None:
    """Where it can be had at once the new verdict stands there; once, also where the fit fails or is called off."""
    monkeypatch.setattr(session.get_jobs(), "estimate", lambda plan: 0.4)
    redraw(store, fitted)
    test = open_page(page, fitted)
    assert not test.exception
    assert "Changed since" not in shown(test)
    assert len(store.requests(fitted)) == 2
    test.run()
    assert len(store.requests(fitted)) == 2
    asked: list[str] = []

    def fails(token: str, dataset: Any, hypotheses: Any, **settings: Any) -> str:
        options = {name: settings.pop(name) for name in ("rules", "methods", "rows") if name in settings}
        what = Asked(tuple(hypotheses), options=options, **settings).to_payload(dataset)
        asked.append(store.create_request(token, what, "test").id)
        store.end_request(asked[-1], *ended)
        return asked[-1]

    monkeypatch.setattr(session.get_jobs(), "submit", fails)
    redraw(store, fitted, 0)
    test.run()
    test.run()
    assert len(asked) == 1
    assert "Changed since this was fitted: hypothesis A" in shown(test)
    assert said in shown(test)
    assert button(test, "fit_again").label.startswith("Fit again 2 hypotheses")
    redraw(store, fitted, 0)  # the same as was asked in vain, saved once more
    test.run()
    assert len(asked) == 1


def test_what_leaves_a_hypothesis_out_is_not_fitted_without_a_press(
    open_page: Open, store: Store, fitted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session.get_jobs(), "estimate", lambda plan: 0.4)
    record, drawn = store.hypotheses(fitted)[1], graph("B", ("m", "x"))
    nodes = tuple(replace(node, family="Bernoulli") for node in drawn.nodes)
    session.save_hypothesis(view(store, fitted), record.id, replace(drawn, nodes=nodes))
    test = open_page("compare", fitted)
    assert len(store.requests(fitted)) == 1
    assert "Changed since this was fitted: hypothesis B" in shown(test)


def test_the_first_fit_can_be_asked_where_its_answer_is_missed(open_page: Open, store: Store, fit: Fit) -> None:
    token = project_of(store, NAMES, *rivals(NAMES))
    test = open_page("compare", token)
    assert "First fit your hypotheses" in shown(test)
    assert button(test, "fit_again").label == "Fit 2 hypotheses, about 9 s"
    button(test, "fit_again").click().run()
    assert len(store.requests(token, ("done",))) == 1
    assert 'data-testid="verdict"' in shown(test)


def test_while_it_is_fitted_the_page_shows_how_far_it_is_and_can_cancel(
    open_page: Open, store: Store, fitted: str
) -> None:
    redraw(store, fitted)
    running = store.create_request(fitted, store.requests(fitted)[0].payload, "test")
    test = open_page("compare", fitted)
    assert "Changed since this was fitted" in shown(test)
    assert not any(found.key == "fit_again" for found in test.button)
    button(test, "cancel_fit").click().run()
    assert store.request(running.id).state == "cancelled"
    assert "The last fit was cancelled" in shown(test)
    assert button(test, "fit_again").label.startswith("Fit again")


def test_a_moved_exposure_is_asked_at_once_and_the_old_effect_is_gone(
    open_page: Open, store: Store, fitted: str
) -> None:
    assert latest_effects(store, fitted) == [("x", "y")]
    doors.set_roles(view(store, fitted), "m", "y")
    test = open_page("compare", fitted)
    assert latest_effects(store, fitted) == [("m", "y")]
    assert len(store.requests(fitted)) == 2
    assert "Changed" not in shown(test)
    assert "What m does to y, if each is right" in figures(test)
    assert "What x does to y" not in figures(test)
    open_page("check", fitted)
    assert len(store.requests(fitted)) == 2


def figures(test: Any) -> str:
    return " ".join(f"{chart.proto.alt} {chart.proto.spec}" for chart in test.get("plotly_chart"))


def test_an_answer_that_is_on_its_way_or_refused_never_lets_the_old_effect_pass(
    open_page: Open, store: Store, fitted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    doors.set_roles(view(store, fitted), "m", "y")
    live = store.create_request(fitted, store.requests(fitted)[0].payload, "test")
    text = shown(open_page("compare", fitted))
    assert "Changed: the question (was x → y). The fit holds, and its answer is on its way" in text
    store.end_request(live.id, "failed", ["The disk is full."])
    asked = []

    def refuse(*_: object, **__: object) -> str:
        asked.append(1)
        raise UsageError("the workers are gone", hint="Start the app again.")

    monkeypatch.setattr(session.get_jobs(), "submit", refuse)
    test = open_page("compare", fitted)
    test.run()
    assert len(asked) == 1  # once, then by a press
    assert "Changed since this was computed: the question (was x → y)." in shown(test)
    button(test, "fit_again").click().run()
    assert len(asked) == 2
    assert "The workers are gone." in shown(test)


def test_new_words_for_a_column_reach_the_verdict(open_page: Open, store: Store, fitted: str) -> None:
    store.set_column(fitted, "y", label="Sales <b>")
    text = shown(open_page("compare", fitted))
    verdict = text.split('data-testid="verdict"')[1].split("</ul></div>")[0]
    assert "Sales &lt;b&gt;" in verdict, verdict
    assert len(store.requests(fitted)) == 2


def test_the_projects_own_question_comes_first(open_page: Open, store: Store, fit: Fit) -> None:
    other = replace(rivals(NAMES)[1], exposure="m", outcome="y")
    token = project_of(store, NAMES, rivals(NAMES)[0], other)
    fit(token)
    assert latest_effects(store, token) == [("x", "y"), ("m", "y")]


# -- the sidebar ------------------------------------------------------------------------------


def said(store: Store, token: str) -> tuple[str, str]:
    return states.state_of("fit", view(store, token)), states.state_of("check", view(store, token))


def test_the_sidebar_says_what_the_fit_is_not_of_any_more(store: Store, fitted: str) -> None:
    assert said(store, fitted) == ("done", "B fails")
    drawn = store.hypotheses(fitted)[1]
    redraw(store, fitted)
    assert said(store, fitted) == ("B changed", "")
    session.save_hypothesis(view(store, fitted), drawn.id, Hypothesis.from_dict(drawn.document))
    assert said(store, fitted) == ("done", "B fails")
    store.change_settings(fitted, fit={"seed": 7})
    assert said(store, fitted) == ("settings changed", "")
    store.change_settings(fitted, fit=None)
    doors.set_roles(view(store, fitted), "m", "y")
    assert said(store, fitted) == ("done", "B fails")
    store.save_upload(fitted, "more.csv", table(NAMES, 150))
    assert said(store, fitted) == ("data changed", "")


@pytest.mark.parametrize(("arrows", "words"), [([("x", "m"), ("m", "y")], "not judged"), ([], "nothing to test")])
def test_the_sidebar_does_not_say_that_none_fails_where_nothing_was_judged(
    store: Store, fit: Fit, monkeypatch: pytest.MonkeyPatch, arrows: list[tuple[str, str]], words: str
) -> None:
    whole = graph("All", ("x", "m"), ("x", "y"), ("m", "y"))
    token = project_of(store, NAMES, graph("Chain", *arrows) if arrows else whole)
    monkeypatch.setattr("core.study.grounding.dependence_of", lambda *_: Dependence(("rows follow each other",)))
    fit(token)
    assert said(store, token)[1] == words

"""Simulate, Fit, Check and Compare: empty states, refusals, what changed, settings. Fits run in this process."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.comparison.storage import comparison_to_bytes
from core.errors import UsageError
from core.hypothesis import Edge, Hypothesis, Node
from core.jobs.job import Asked
from core.store import Store
from core.study import compare
from tests.ui.conftest import Open, shown
from ui import results, session, simulating

NASTY = ["<img src=x onerror=alert(1)>", "=cmd()", "a\"b'c", "🙂 *b* _c_ $x$ :smile:"]

Fit = Callable[..., str]


def table(names: list[str], rows: int = 120) -> bytes:
    """A chain from the first column to the last, and the first also directly to the last."""
    rng = np.random.default_rng(5)
    columns = {names[0]: rng.normal(size=rows)}
    for before, name in pairwise(names):
        columns[name] = 0.9 * columns[before] + rng.normal(size=rows)
    columns[names[-1]] = columns[names[-1]] + columns[names[0]]
    return pd.DataFrame(columns).round(4).to_csv(index=False).encode()


def graph(name: str, *edges: tuple[str, str], **options: Any) -> Hypothesis:
    nodes = tuple(dict.fromkeys(node for edge in edges for node in edge))
    return Hypothesis(name, tuple(Node(n) for n in nodes), tuple(Edge(a, b) for a, b in edges), **options)


def project_of(store: Store, names: list[str], *hypotheses: Hypothesis, **settings: Any) -> str:
    made = session.new_project("Test", "Does it?", exposure=names[0], outcome=names[-1], settings=settings)
    store.save_upload(made.token, "table.csv", table(names))
    for hypothesis in hypotheses:
        store.add_hypothesis(made.token, hypothesis.to_dict())
    return made.token


def rivals(names: list[str]) -> list[Hypothesis]:
    chain = list(pairwise(names))
    return [graph("Direct too", *chain, (names[0], names[-1])), graph("Only through", *chain)]


@pytest.fixture
def fit(store: Store, monkeypatch: pytest.MonkeyPatch) -> Fit:
    """Fit a project in this process, as the workers would; also what the page's own button does here."""

    def now(token: str, dataset: Any, hypotheses: Any, **asked: Any) -> str:
        options = {name: asked.pop(name) for name in ("rules",) if name in asked}
        what = Asked(tuple(hypotheses), options=options, **asked)
        request = store.create_request(token, what.to_payload(dataset), "test")
        found = compare(dataset, hypotheses, **asked, **options)
        store.end_request(request.id, "done", result=comparison_to_bytes(found))
        return request.id

    jobs = SimpleNamespace(submit=now, estimate=lambda plan: 0.4, delete_project_data=store.delete_project_data)
    monkeypatch.setattr(session, "get_jobs", lambda: jobs)

    def fitted(token: str) -> str:
        project = view(store, token)
        dataset = project.dataset()
        assert dataset is not None
        return results.submit(project, dataset, results.candidates(project, dataset))

    return fitted


def view(store: Store, token: str) -> session.ProjectView:
    kept = store.project(token)
    return session.ProjectView(
        token, kept.title, kept.question, kept.exposure, kept.outcome, kept.settings, store.upload(token)
    )


def button(test: AppTest, key: str) -> Any:
    return next(found for found in test.button if found.key == key)


@pytest.fixture
def fitted(store: Store, fit: Fit) -> str:
    token = project_of(store, ["x", "m", "y"], *rivals(["x", "m", "y"]))
    fit(token)
    return token


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("simulate", "before it has seen any"),
        ("fit", "Here each hypothesis is fitted to your data"),
        ("check", "held against what you observed"),
        ("compare", "stand side by side"),
    ],
)
def test_an_empty_page_says_what_will_be_here_and_what_to_do_first(
    open_page: Open, store: Store, page: str, says: str
) -> None:
    text = shown(open_page(page, session.new_project("Empty").token))
    assert says in text
    assert "First" in text


def test_fit_says_what_happens_and_how_long_it_takes(open_page: Open, store: Store, fit: Fit) -> None:
    test = open_page("fit", project_of(store, ["x", "m", "y"], *rivals(["x", "m", "y"])))
    assert button(test, "fit_now").label == "Fit 2 hypotheses, about 1 s"
    assert "120 complete rows" in shown(test)
    button(test, "fit_now").click().run()
    assert not test.exception
    assert "Did it converge?" in shown(test)
    assert button(test, "fit_now").label.startswith("Fit again")


def test_what_cannot_be_fitted_is_named_and_the_rest_goes_on(open_page: Open, store: Store, fit: Fit) -> None:
    arc = graph("With an arc", ("x", "y"), bidirected=(("x", "y"),))
    missing = graph("Elsewhere", ("x", "rain"))
    token = project_of(store, ["x", "m", "y"], *rivals(["x", "m", "y"]), arc, missing, Hypothesis("Nothing"))
    test = open_page("fit", token)
    text = shown(test)
    assert text.count("is not fitted") == 3
    assert "rain" in text
    assert button(test, "fit_now").label.startswith("Fit 2 hypotheses")


def test_settings_are_kept_and_make_the_fit_old(open_page: Open, store: Store, fitted: str) -> None:
    test = open_page("fit", fitted)
    next(box for box in test.number_input if box.key == "fit_seed").set_value(9).run()
    assert store.project(fitted).settings["fit"]["seed"] == 9
    assert "how it is fitted" in shown(open_page("compare", fitted))


def test_a_redrawn_hypothesis_and_new_data_are_named(open_page: Open, store: Store, fitted: str) -> None:
    first = store.hypotheses(fitted)[0]
    assert "Changed since" not in shown(open_page("check", fitted))
    session.save_hypothesis(view(store, fitted), first.id, graph("Direct too", ("x", "m"), ("x", "y")))
    assert "hypothesis A" in shown(open_page("check", fitted))
    store.save_upload(fitted, "more.csv", table(["x", "m", "y"], 150))
    assert "the data, hypothesis A" in shown(open_page("compare", fitted))


def test_compare_never_ranks_inside_a_class(open_page: Open, store: Store, fit: Fit) -> None:
    token = project_of(
        store, ["x", "m", "y"], graph("Chain", ("x", "m"), ("m", "y")), graph("Back", ("y", "m"), ("m", "x"))
    )
    fit(token)
    text = shown(open_page("compare", token))
    assert "A = B" in text
    assert "no observational data can separate these" in text
    row = text.split('data-row="difference"')[1].split("</tr>")[0]
    assert row.count("= tied") == 2
    assert "data-value" not in row


def test_check_names_the_contradicted_claim(open_page: Open, fitted: str) -> None:
    test = open_page("check", fitted)
    text = shown(test)
    assert "1 of 1 denied link is there" in text
    assert "x – y" in text
    assert [b.key for b in test.button if b.proto.type == "primary"] == ["to_compare"]


def test_thresholds_are_adjustable_and_applied_at_once(open_page: Open, store: Store, fitted: str) -> None:
    test = open_page("check", fitted)
    next(box for box in test.number_input if box.key == "rule_size").set_value(0.85).run()
    assert not test.exception
    assert store.project(fitted).settings["rules"]["association"] == 0.85
    text = shown(open_page("check", fitted))
    assert "Changed since" not in text
    assert "none of its 1 claim is contradicted" in text
    newest = store.requests(fitted, ("done",))[0]
    assert newest.payload["options"]["rules"]["association"] == 0.85


def test_a_refused_request_is_said_in_words(
    open_page: Open, store: Store, fit: Fit, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = project_of(store, ["x", "m", "y"], *rivals(["x", "m", "y"]))

    def refuse(*_: object, **__: object) -> str:
        raise UsageError("the workers are gone", hint="Start the app again.")

    monkeypatch.setattr(session.get_jobs(), "submit", refuse)
    test = open_page("fit", token)
    button(test, "fit_now").click().run()
    assert "The workers are gone." in shown(test)
    assert "Start the app again." in shown(test)


def test_a_failed_fit_is_told_block_by_block(open_page: Open, store: Store, fit: Fit) -> None:
    token = project_of(store, ["x", "m", "y"], *rivals(["x", "m", "y"]))
    request = store.create_request(token, {"hypotheses": []}, "test")
    store.end_request(request.id, "failed", ["y given m: the sampler <stopped>"])
    text = shown(open_page("fit", token))
    assert "The last fit did not finish." in text
    assert "Y given m: the sampler &lt;stopped&gt;." in text


def test_simulate_works_before_there_are_data(open_page: Open, store: Store) -> None:
    token = session.new_project("Drawn first").token
    store.add_hypothesis(token, graph("A", ("x", "y")).to_dict())
    store.change_settings(token, ranges={"x": [10.0, 20.0]})
    test = open_page("simulate", token)
    assert len(test.get("plotly_chart")) == 2
    assert any("what range do these usually have" in found.label for found in test.expander)


def test_a_synthetic_project_shows_what_it_recovers(open_page: Open, store: Store, fit: Fit) -> None:
    token = project_of(
        store,
        ["x", "m", "y"],
        *rivals(["x", "m", "y"]),
        truth={"letter": "A", "parameters": {"m": {"slope[x]": 0.9}, "y": {"slope[m]": 0.9, "slope[x]": 1.0}}},
    )
    fit(token)
    test = open_page("fit", token)
    assert "Does it recover what was put in?" in shown(test)
    assert len(test.get("plotly_chart")) == 1


def test_names_stay_text_on_every_page(open_page: Open, store: Store, fit: Fit) -> None:
    named = [h.renamed(name) for h, name in zip(rivals(NASTY), ("<b>bold</b>", "**x** :smile:"), strict=True)]
    token = project_of(store, NASTY, *named)
    store.set_column(token, NASTY[1], label="<i>label</i>", unit="<u>")
    fit(token)
    for page in ("simulate", "fit", "check", "compare"):
        text = shown(open_page(page, token))
        for markup in ("<img src=x", "<b>bold", "<i>label", "<u>"):
            assert markup not in text, page


def test_csv_for_a_spreadsheet_runs_nothing() -> None:
    rows = [{"name": "=cmd()", "+value": -1.5}, {"name": "@x", "+value": 2.0}]
    assert results.csv(rows).decode("utf-8-sig").splitlines() == ["name,'+value", "'=cmd(),-1.5", "'@x,2.0"]


def test_every_parameter_can_be_set() -> None:
    from core.model.resolve import resolve

    found = simulating.parameter_table(resolve(graph("A", ("x", "y"))), 1)
    assert list(found["node"].unique()) == ["x", "y"]
    assert found["value"].notna().all()

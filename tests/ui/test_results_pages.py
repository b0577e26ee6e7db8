"""Simulate, Fit, Check and Compare: empty states, refusals, what changed, settings. Fits run in this process."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from core.errors import UsageError
from core.hypothesis import Hypothesis, Prior
from core.store import Store
from tests.ui.conftest import Fit, Open, shown
from tests.ui.made_projects import button, graph, project_of, rivals, table, view
from ui import results, session, simulating

NASTY = ["<img src=x onerror=alert(1)>", "=cmd()", "a\"b'c", "🙂 *b* _c_ $x$ :smile:"]


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
    assert button(test, "fit_now").label == "Fit 2 hypotheses, about 9 s"
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


@pytest.mark.parametrize("part", ["family", "prior", "prior of an arrow"])
def test_a_change_of_what_a_node_is_made_of_makes_the_fit_old(
    open_page: Open, store: Store, fitted: str, part: str
) -> None:
    first = store.hypotheses(fitted)[0]
    drawn = Hypothesis.from_dict(first.document)
    prior = Prior("Normal", (("mu", 0.0), ("sigma", 0.5)))
    if part == "prior of an arrow":
        drawn = replace(drawn, edges=(replace(drawn.edges[0], prior=prior), *drawn.edges[1:]))
    else:
        change = {"family": "StudentT"} if part == "family" else {"priors": (("intercept", prior),)}
        drawn = drawn.with_node("m", **change)
    session.save_hypothesis(view(store, fitted), first.id, drawn)
    assert "Changed since this was fitted: hypothesis A" in shown(open_page("check", fitted))


def test_what_a_fit_does_not_depend_on_leaves_it_as_new(open_page: Open, store: Store, fitted: str) -> None:
    first = store.hypotheses(fitted)[0]
    drawn = Hypothesis.from_dict(first.document).with_node("m", position=(7.0, 7.0))
    session.save_hypothesis(view(store, fitted), first.id, replace(drawn, note="moved", nodes=drawn.nodes[::-1]))
    assert "Changed since" not in shown(open_page("check", fitted))


def test_differences_from_the_best_are_below_zero(open_page: Open, fitted: str) -> None:
    page = shown(open_page("compare", fitted))
    rows = {name: page.split(f'data-row="{name}"')[1].split("</tr>")[0] for name in ("elpd", "difference")}
    elpd, difference = ([float(v) for v in re.findall(r'data-value="([^"]+)"', row)] for row in rows.values())
    assert difference == pytest.approx([min(elpd) - max(elpd)])
    assert difference[0] < -4


def test_below_the_effects_stands_how_far_to_trust_them(open_page: Open, fitted: str) -> None:
    page = shown(open_page("compare", fitted))
    assert 'data-testid="beside"' in page
    assert "a regression that may bend gives" in page
    assert "compare with" in page


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


def test_a_lone_hypothesis_has_no_share(open_page: Open, store: Store, fit: Fit) -> None:
    """Its probability would be 1 whatever the data say."""
    token = project_of(store, ["x", "m", "y"], rivals(["x", "m", "y"])[0])
    fit(token)
    text = shown(open_page("compare", token))
    assert text.count("nothing else to weigh it against") == 3  # both probabilities and the stacking weight
    assert ">over 0.99<" not in text  # the words of a "why?" may have it


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
    assert "none of its 1 claim about the question is contradicted (" in text
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
    assert len(test.get("plotly_chart")) == 1
    next(found for found in test.segmented_control if found.key == "prior_shown").set_value(
        "Two columns together"
    ).run()
    assert len(test.get("plotly_chart")) == 1
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


def test_a_drawing_that_lost_a_node_after_its_fit_leaves_every_page_standing(
    open_page: Open, store: Store, fit: Fit
) -> None:
    """What was fitted speaks of a node that the drawing has no more: its contradicted claim is about it."""
    names = ["x", "m", "y"]
    token = project_of(store, names, *rivals(names), graph("Only y", ("m", "y")))
    fit(token)
    chain = store.hypotheses(token)[1]
    store.save_hypothesis(token, chain.id, graph("Only through", ("m", "y")).to_dict())
    for page in ("simulate", "fit", "check", "compare"):
        open_page(page, token)


def test_what_was_assumed_is_that_of_the_fit(open_page: Open, store: Store, fitted: str) -> None:
    """It is read from what the comparison keeps, and stands as a sentence."""
    test = open_page("compare", fitted, open_assumed=True)
    assert "it, as an unconnected node." in shown(test)
    assert "{_background" not in shown(test)
    assert sorted(set(test.dataframe[0].value["hypothesis"])) == ["A", "B"]

"""The Data page's buttons that no other test presses: what each did, counted, and nothing else."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest

from core.store import Store
from tests.ui.conftest import CSV, Open, token_of
from tests.ui.made_projects import button, graph
from ui import doors, session


def form_button(test: AppTest, label: str) -> Any:
    return next(found for found in test.button if found.label == label)


def box(test: AppTest, label: str) -> Any:
    return next(found for found in test.selectbox if found.label == label)


def test_a_sample_opens_as_one_project_of_its_own(open_page: Open, store: Store, writes: list[str]) -> None:
    token = session.new_project("Mine").token
    test = open_page("data", token)
    writes.clear()
    button(test, "open_sample_project").click().run()
    assert not test.exception
    test.run()
    other = token_of(test)
    sample = next(iter(doors.samples().values()))
    assert other != token
    assert writes == ["save_upload", *["add_hypothesis"] * len(sample.hypotheses)]
    assert store.upload(token) is None
    assert not store.hypotheses(token)


def test_roles_that_are_open_are_marked_once(open_page: Open, store: Store, writes: list[str]) -> None:
    token = session.new_project("No question yet").token
    store.save_upload(token, "shop.csv", b"ads,sales\n1.5,20.5\n2.5,22.5\n3.1,25.1\n2.2,21.5\n")
    test = open_page("data", token)
    box(test, "What can you change?").select("ads")
    box(test, "What should move?").select("ads")
    writes.clear()
    form_button(test, "Mark them").click().run()
    assert not writes
    assert [warning.value for warning in test.warning] == ["Choose two different columns."]
    box(test, "What should move?").select("sales")
    form_button(test, "Mark them").click().run()
    test.run()
    assert not test.exception
    kept = store.project(token)
    assert (kept.exposure, kept.outcome, kept.question) == ("ads", "sales", "Does ads move sales?")
    assert "Mark them" not in [found.label for found in test.button]


def test_an_order_of_levels_is_taken_when_it_is_whole(open_page: Open, store: Store) -> None:
    token = session.new_project("Sizes").token
    store.save_upload(token, "sizes.csv", b"size,y\n" + b"small,1.5\nlarge,2.5\nmiddle,3.1\nsmall,2.2\n" * 5)
    test = open_page("data", token)
    order = next(found for found in test.multiselect if found.label.startswith("Pick them"))
    use = next(found.key for found in test.button if str(found.key).startswith("use_order_"))
    order.set_value(["small", "large"]).run()
    assert button(test, use).disabled
    next(found for found in test.multiselect if found.key == order.key).set_value(["small", "middle", "large"]).run()
    assert "levels" not in store.upload(token).overrides.get("size", {})  # type: ignore[union-attr]
    button(test, use).click().run()
    assert not test.exception
    assert store.upload(token).overrides["size"]["levels"] == ["small", "middle", "large"]  # type: ignore[union-attr]


def test_a_first_file_becomes_the_data_once_and_the_drawing_stays(
    open_page: Open, store: Store, writes: list[str]
) -> None:
    token = session.new_project("Drawn first").token
    store.add_hypothesis(token, graph("Mine", ("ads", "sales")).to_dict())
    test = open_page("data", token)
    writes.clear()
    test.file_uploader(key="first_file").set_value(("shop.csv", CSV, "text/csv")).run()
    test.run()
    assert not test.exception
    assert writes == ["save_upload"]
    assert store.upload(token).name == "shop.csv"  # type: ignore[union-attr]
    assert len(store.hypotheses(token)) == 1

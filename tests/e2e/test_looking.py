"""A click on the canvas opens the inspector of what was clicked, and leaves the canvas as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from core.hypothesis import Edge, Hypothesis, Node
from core.settings import load_settings
from core.store import Store
from tests.e2e.conftest import ROOT, Serve, at_rest
from tests.e2e.pages import choose_by_keys, click_line, line, node, still, visit
from tests.ui.made_projects import table

pytestmark = pytest.mark.browser

NAMES = ["x", "m", "y"]
PLACES = {"x": (0.0, 0.0), "m": (260.0, 120.0), "y": (520.0, 0.0)}


@pytest.fixture(scope="module")
def served(serve_module: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Store, str, str]]:
    home = {"WHYBOARD_HOME": str(tmp_path_factory.mktemp("looking"))}
    store = Store(settings=load_settings(environ=home))
    token = store.create_project("Looking", "Does it?", exposure="x", outcome="y").token
    store.save_upload(token, "table.csv", table(NAMES))
    nodes = tuple(Node(name, position=PLACES[name]) for name in NAMES)
    drawn = Hypothesis("A", nodes, (Edge("x", "m"), Edge("m", "y"), Edge("x", "y")), exposure="x", outcome="y")
    yield serve_module(ROOT / "app.py", home), store, token, store.add_hypothesis(token, drawn.to_dict()).id
    store.close()


def listed(page: Page, label: str) -> Locator:
    return page.get_by_role("combobox", name=label, exact=True)


def view(page: Page) -> str:
    return str(page.locator(".react-flow__viewport").evaluate("e => e.style.transform"))


def test_a_click_opens_the_inspector_and_leaves_the_canvas_as_it_was(
    page: Page, served: tuple[str, Store, str, str]
) -> None:
    app, store, token, id = served
    visit(page, f"{app}/draw?p={token}")
    field = page.get_by_role("textbox", name="The same graph as DAGitty text")
    field.press("End")
    field.press_sequentially(" half typ")
    page.get_by_role("button", name="Zoom out").click()
    still(page, [node(page, name).locator(".wb-body") for name in NAMES])
    before, record = view(page), store.hypothesis(token, id)
    click_line(page, "x → y")
    expect(listed(page, "Arrow")).to_have_value("x -> y")
    expect(line(page, "x → y")).to_have_class(re.compile("selected"))
    click_line(page, "m → y")
    expect(listed(page, "Arrow")).to_have_value("m -> y")
    node(page, "m").click()
    expect(listed(page, "Node")).to_have_value("m")
    expect(node(page, "m").locator(".wb-node")).to_have_class(re.compile("selected"))
    at_rest(page)
    assert view(page) == before
    now = store.hypothesis(token, id)
    assert (now.rev, now.seq, now.updated) == (record.rev, record.seq, record.updated)
    expect(page.get_by_role("button", name="Undo", exact=True).first).to_be_disabled()
    page.get_by_role("radio", name="Text", exact=True).click()
    expect(field).to_have_value(re.compile("half typ"))
    page.get_by_role("button", name="Go back to what is drawn").click()
    at_rest(page)


def test_by_keyboard_and_from_the_list(page: Page, served: tuple[str, Store, str, str]) -> None:
    app, _, token, _ = served
    visit(page, f"{app}/draw?p={token}")
    line(page, "x → m").focus()
    page.keyboard.press("Enter")
    expect(listed(page, "Arrow")).to_have_value("x -> m")
    expect(line(page, "x → m")).to_be_focused()
    expect(line(page, "x → m")).to_have_class(re.compile("selected"))
    node(page, "y").focus()
    page.keyboard.press("Enter")
    expect(listed(page, "Node")).to_have_value("y")
    expect(node(page, "y")).to_be_focused()
    page.keyboard.press("F2")  # the canvas has the keys still
    page.keyboard.type("half")
    at_rest(page)
    expect(page.get_by_label("New name of y")).to_have_value("half")
    page.keyboard.press("Escape")
    box = listed(page, "Node")
    choose_by_keys(page, "Node", "x")
    expect(node(page, "x").locator(".wb-node")).to_have_class(re.compile("selected"))
    expect(node(page, "y").locator(".wb-node")).not_to_have_class(re.compile("selected"))
    expect(box).to_be_focused()

"""What a fit says, on the canvas itself, in a browser: until something else is drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from core.settings import load_settings
from core.store import Store
from tests.e2e.conftest import ROOT, Serve, at_rest
from tests.e2e.pages import text_of, visit
from tests.ui.made_projects import rivals, table
from ui.found import SAID

pytestmark = pytest.mark.browser

NAMES = ["x", "m", "y"]
LONG = 300_000


@pytest.fixture(scope="module")
def served(serve_module: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    home = {"WHYBOARD_HOME": str(tmp_path_factory.mktemp("found"))}
    store = Store(settings=load_settings(environ=home))
    token = store.create_project("Found", "Does it?", exposure="x", outcome="y").token
    store.save_upload(token, "table.csv", table(NAMES))
    for hypothesis in rivals(NAMES):
        store.add_hypothesis(token, hypothesis.to_dict())
    yield serve_module(ROOT / "app.py", home), token
    store.close()


def test_a_fit_speaks_on_the_drawing_until_something_else_is_drawn(page: Page, served: tuple[str, str]) -> None:
    app, token = served
    visit(page, f"{app}/draw?p={token}&h=B")
    expect(page.locator(".wb-arrow")).to_have_count(2)
    expect(page.locator(".wb-label[data-of]")).to_have_count(0)  # nothing is fitted yet
    visit(page, f"{app}/compare?p={token}")
    page.get_by_role("button", name=re.compile("^Fit 2 hypotheses")).click()
    expect(page.get_by_test_id("verdict")).to_be_visible(timeout=LONG)
    visit(page, f"{app}/draw?p={token}&h=B")
    expect(page.locator('.wb-label[data-of="x → m"]')).to_have_text(re.compile(r"\d"))
    expect(page.locator(".wb-label.contradicted")).to_have_text(re.compile("left over"))
    expect(page.get_by_text(SAID)).to_be_visible()
    box = text_of(page)
    box.fill(box.input_value().rsplit("}", 1)[0] + "x -> y\n}")
    box.press("Control+Enter")
    expect(page.locator(".wb-arrow")).to_have_count(3)
    at_rest(page)
    expect(page.locator(".wb-label[data-of]")).to_have_count(0)
    expect(page.locator(".wb-pair")).to_have_count(0)
    expect(page.get_by_text(SAID)).to_have_count(0)

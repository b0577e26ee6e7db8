"""The Act page in a browser: what to adjust for, what follows from a slider, for whom, and what of one row."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import ROOT, Serve, at_rest
from tests.e2e.pages import choose, press, visit

pytestmark = pytest.mark.browser

LONG = 300_000


CURVE = "[...document.querySelectorAll('.js-plotly-plot')].at(-1)"


def lines(page: Page) -> list[float]:
    """Return where the upright lines stand in the curve: from where and to where something is moved."""
    found: list[float] = page.evaluate(
        f"() => {CURVE}.layout.shapes.filter(s => s.type === 'line' && s.x0 === s.x1).map(s => Number(s.x0))"
    )
    return found


def title(page: Page) -> str:
    return page.get_by_text(re.compile("^Sales, if ad spend were")).inner_text()


def test_the_act_page_answers_three_questions(page: Page, serve: Serve) -> None:
    visit(page, serve(ROOT / "app.py"))
    choose(page, "Sample", "Marketing mix")
    press(page, "Open this sample", then="**/draw?p=*")
    sidebar = page.get_by_test_id("stSidebar")
    sidebar.get_by_role("link", name="Fit").click()
    page.wait_for_url("**/fit?p=*")
    at_rest(page)
    page.get_by_role("button", name=re.compile("^Fit 3 hypotheses")).click()
    expect(page.get_by_role("button", name="See where each one fails")).to_be_visible(timeout=LONG)

    # What to adjust for, and why not for visits: one click.
    sidebar.get_by_role("link", name="Act").click()
    page.wait_for_url("**/act?p=*")
    at_rest(page)
    known = page.get_by_test_id("identified")
    expect(known).to_have_count(3)
    expect(known.nth(0)).to_contain_text("Adjust for season: it acts on both ad spend and sales.")
    expect(known.nth(0)).to_contain_text("Do not condition on web visits: it lies on the way from ad spend to sales.")
    expect(known.nth(2)).to_contain_text("There is no effect of ad spend on sales")

    # The slider by keyboard, from 6 to 8: the answer and the lines in the curve move with it.
    said = title(page)
    assert len(lines(page)) == 2
    for place, wanted in ((1, 8.0), (0, 6.0)):
        handle = page.get_by_role("slider").nth(place)
        handle.focus()
        for _ in range(100):
            if float(handle.input_value()) > wanted - 1e-6:
                break
            page.keyboard.press("ArrowRight")
        at_rest(page)
    expect(page.get_by_text(said, exact=True)).to_have_count(0)
    expect(page.get_by_text(re.compile("^Sales, if ad spend were 8 instead of 6"))).to_be_visible()
    page.wait_for_function(f"() => {CURVE}.layout.shapes.some(s => s.type === 'line' && Math.abs(s.x0 - 8) < 1e-6)")
    assert lines(page) == pytest.approx([6.0, 8.0])

    # For whom: shops in peak season sell more, says A, and its curve stands higher.
    before = page.evaluate(f"() => {CURVE}.calcdata.map(part => part[0].y)")
    choose(page, "For", "season: peak")
    page.wait_for_function(
        f"before => {CURVE}.calcdata?.map(part => part[0].y).some((y, k) => y > before[k] + 1)", arg=before
    )
    expect(page.get_by_text(re.compile("^Sales, if ad spend were 8 instead of 6"))).to_be_visible()

    # What this one row would have shown.
    page.get_by_text("This one row: what would have happened?").click()
    imagined = page.get_by_test_id("imagined")
    expect(imagined.first).to_contain_text(re.compile(r"In row 1, had ad spend been 8\.00, sales would have been \d+"))

"""From rows that bend to a hypothesis that says so: forms, groups and interactions by mouse and by keyboard."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import ROOT, Serve, at_rest
from tests.e2e.pages import arrow, choose, choose_by_keys, click_line, line, node, open_upload, press

pytestmark = pytest.mark.browser

LONG = 300_000


def rows() -> pd.DataFrame:
    """What dose does to score bends, what hours do differs by region, and schools have levels of their own."""
    rng = np.random.default_rng(3)
    size = 200
    dose = 5.0 + 1.5 * rng.normal(size=size)
    hours = 10.0 + 0.6 * dose + rng.normal(size=size)
    north, school = rng.integers(0, 2, size), rng.integers(0, 8, size)
    level = 1.2 * rng.normal(size=8)
    score = 60.0 + 6.0 * np.tanh(1.2 * (dose - 5.0)) + np.where(north == 1, 1.6, 0.2) * (hours - 13.0)
    return pd.DataFrame(
        {
            "dose": dose.round(3),
            "hours": hours.round(3),
            "region": np.where(north == 1, "north", "south"),
            "school": [f"school {i}" for i in school],
            "score": (score + level[school] + rng.normal(size=size)).round(3),
        }
    )


def field(page: Page, label: str) -> Locator:
    return page.get_by_role("combobox", name=label, exact=True)


def implied(page: Page, node: str) -> str:
    """Return the picture of what is expected of a node before any data, as it is sent."""
    expect(page.get_by_test_id("implied")).to_contain_text(f"expects of {node}")
    return str(page.get_by_test_id("implied").locator("img").get_attribute("src"))


def changed(page: Page, node: str, before: str) -> str:
    """Wait until that picture is another one."""
    expect(page.get_by_test_id("implied").locator("img")).not_to_have_attribute("src", before)
    return implied(page, node)


def go(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebar").get_by_role("link", name=name).click()
    page.wait_for_url(f"**/{name.lower()}?p=*")
    at_rest(page)


def draw_two(page: Page) -> None:
    """Draw one hypothesis by hand, and its copy, which stays as it is: every arrow is straight."""
    press(page, "Start a first graph")
    for name in ("hours", "region"):
        page.locator(".wb-palette").get_by_text(name, exact=True).dblclick()
        expect(node(page, name)).to_be_visible()
    for source, target in (("dose", "hours"), ("hours", "score"), ("region", "score"), ("region", "hours")):
        arrow(page, source, target)
    page.get_by_role("button", name="Tidy").click()
    press(page, "New", exact=True)
    press(page, re.compile("^Copy of A"))
    page.get_by_role("radio", name=re.compile("^A ")).click()
    at_rest(page)


def test_from_rows_that_bend_to_a_curve(page: Page, serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "dose.csv"
    rows().to_csv(file, index=False)
    open_upload(page, serve(ROOT / "app.py"), file, "dose", "score")
    press(page, "Draw what you believe causes what", then="**/draw?p=*")
    draw_two(page)

    # by mouse: a curve, and at once what it makes of the score before any data
    click_line(page, "dose → score")
    expect(field(page, "Arrow")).to_have_value("dose -> score")
    straight = implied(page, "score")
    choose(page, "Form", "smooth curve")
    curved = changed(page, "score", straight)

    # a group, said on the node
    node(page, "score").click()
    expect(field(page, "Node")).to_have_value("score")
    choose(page, "Varies by group", "school")
    grouped = changed(page, "score", curved)
    expect(node(page, "score").locator(".wb-tag")).to_have_text("by school")

    # an interaction, said on the arrow
    click_line(page, "hours → score")
    expect(field(page, "Arrow")).to_have_value("hours -> score")
    choose(page, "The effect differs by", "region")
    changed(page, "score", grouped)
    expect(page.locator('.wb-label[data-of="hours → score"]')).to_have_text(re.compile("differs by\\s*region"))

    # a sign, which moves what is expected too, and back
    click_line(page, "dose → hours")
    free = implied(page, "hours")
    signs = page.get_by_role("radiogroup", name=re.compile("^More dose"))
    at_rest(page)
    signs.get_by_text("raises", exact=True).click()
    at_rest(page)
    expect(signs.get_by_role("radio", name="raises")).to_be_checked()
    changed(page, "hours", free)
    page.locator("[class*=st-key-step_undo_]").get_by_role("button").click()
    expect(signs.get_by_role("radio", name="unknown")).to_be_checked()

    # the same by keyboard alone, for another arrow
    line(page, "dose → hours").focus()
    page.keyboard.press("Enter")
    expect(field(page, "Arrow")).to_have_value("dose -> hours")
    at_rest(page)
    before = implied(page, "hours")
    choose_by_keys(page, "Form", "may bend")
    bent = changed(page, "hours", before)
    choose_by_keys(page, "The effect differs by", "region")
    changed(page, "hours", bent)

    # Check says where the straight one fails, and lets it bend
    go(page, "Check")
    page.get_by_role("button", name=re.compile("^Fit 2 hypotheses")).click()
    flag = page.get_by_test_id("shape").filter(has_text=re.compile("What dose does to score bends"))
    expect(flag).to_contain_text("B: ", timeout=LONG)
    press(page, "Let dose bend")
    expect(page.get_by_text("The arrow dose -> score may bend now in B.")).to_be_visible()
    expect(flag).to_have_count(0, timeout=LONG)

    # Compare draws it: the word, the curve on the arrow, and how sure it is
    go(page, "Compare")
    picture = page.locator("figure.wb-picture").nth(1)
    expect(picture.locator('.wb-label[data-of="dose → score"]')).to_contain_text("bends", timeout=LONG)
    expect(picture.locator(".wb-spark")).to_have_count(1)
    sure = re.compile(r"What dose does to score is drawn as a curve; left open, it.*bends \(probability over 0\.99\)")
    expect(page.locator("text").filter(has_text=sure).first).to_be_visible()
    expect(page.locator("figure.wb-picture").first.locator(".wb-tag")).to_have_text("by school")

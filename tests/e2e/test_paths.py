"""Causal, biasing and blocked paths on the canvas, live: as arrows are drawn, as nodes are held fixed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import ROOT, Serve, at_rest
from tests.e2e.pages import arrow, choose, line, node, press, visit

pytestmark = pytest.mark.browser


def lies(page: Page, words: str, way: str) -> None:
    """Wait until an arrow lies on such paths."""
    expect(line(page, words)).to_have_attribute("data-way", way)


def told(page: Page, name: str, words: str) -> None:
    """Wait until a node says what to do with it; ``""`` for nothing."""
    badge = node(page, name).locator(".wb-advice")
    if words:
        expect(badge).to_have_text(words)
    else:
        expect(badge).to_have_count(0)


def draw_by_keys(page: Page, source: str, target: str) -> None:
    """Draw an arrow by keyboard: C on the one node, Tab to the other, Enter."""
    node(page, source).focus()
    page.keyboard.press("c")
    aim = page.get_by_role("toolbar", name="Drawing an arrow").locator("b")
    expect(aim).to_contain_text(source)
    seen: list[str] = []
    while not (now := aim.inner_text()).endswith(target):
        assert now not in seen, f"Tab came round without {target}: {seen}"
        seen.append(now)
        page.keyboard.press("Tab")
        expect(aim).not_to_have_text(now)
    page.keyboard.press("Enter")


def test_paths_follow_the_hand_and_what_is_held_fixed(page: Page, serve: Serve) -> None:
    visit(page, serve(ROOT / "app.py"))
    press(page, "Open this sample", then="**/d*?p=*")
    if "/draw" not in page.url:
        page.get_by_role("link", name=re.compile("Draw")).click()
        page.wait_for_url("**/draw?p=*")
    at_rest(page)
    told(page, "season", "adjust for")
    told(page, "visits", "do not condition")
    expect(node(page, "visits")).to_have_attribute("aria-label", re.compile("do not condition"))
    for words, way in (("ads → visits", "causal"), ("season → ads", "biasing"), ("visits → sales", "both")):
        lies(page, words, way)
    lies(page, "price → sales", "none")
    expect(page.locator(".wb-legend")).to_contain_text("open biasing path")

    arrow(page, "price", "ads")  # by mouse
    lies(page, "price → ads", "biasing")
    lies(page, "price → sales", "biasing")
    told(page, "price", "adjust for")
    expect(page.get_by_test_id("known")).to_contain_text("adjust for season and price")
    line(page, "price → ads").focus()
    page.keyboard.press("Delete")
    lies(page, "price → sales", "none")
    told(page, "price", "")

    draw_by_keys(page, "price", "ads")
    lies(page, "price → ads", "biasing")
    told(page, "price", "adjust for")
    page.keyboard.press("Control+z")
    lies(page, "price → sales", "none")

    choose(page, "Hold fixed", "web visits")  # ads → visits ← season: a collider
    lies(page, "ads → visits", "biasing")
    told(page, "visits", "held fixed, better not")
    expect(page.get_by_test_id("open")).to_contain_text("1 causal path is closed")

    node(page, "season").focus()
    page.keyboard.press("p")
    expect(page.locator("[data-edge][data-way]")).to_have_count(0)
    expect(page.locator(".wb-advice")).to_have_count(0)
    page.reload()
    at_rest(page)
    shown = page.get_by_role("button", name="Paths", exact=True)
    expect(shown).to_have_attribute("aria-pressed", "false")
    shown.click()
    lies(page, "ads → visits", "causal")  # who reloads begins with nothing held fixed

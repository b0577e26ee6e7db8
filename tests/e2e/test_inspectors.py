"""The arrow inspector by keyboard alone: what is chosen, typed and undone leaves the keyboard where it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import ROOT, Serve, at_rest
from tests.e2e.pages import choose_by_keys, open_upload, press

pytestmark = pytest.mark.browser

CSV = "ads,visits,sales\n" + "".join(f"{1 + i * 7 % 11},{10 + i * 5 % 13},{20 + i * 3 % 17}\n" for i in range(40))


def test_an_arrow_by_keyboard_alone(page: Page, serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "shop.csv"
    file.write_text(CSV)
    open_upload(page, serve(ROOT / "app.py"), file, "ads", "sales")
    press(page, "Draw what you believe causes what", then="**/draw?p=*")
    press(page, "Start a first graph")
    page.get_by_role("radio", name="Each arrow").focus()
    page.keyboard.press("Space")
    expect(page.get_by_test_id("implied")).to_contain_text("What A expects of sales")
    at_rest(page)
    choose_by_keys(page, "Form", "may bend")
    expect(page.get_by_text("a curve where the data ask for one")).to_be_visible()
    reason = page.get_by_role("textbox", name="Why this arrow?")
    reason.focus()
    page.keyboard.type("seen in spring")
    page.keyboard.press("Tab")
    at_rest(page)
    expect(page.get_by_role("textbox", name="Who says so?")).to_be_focused()
    undo = page.locator("[class*=st-key-step_undo_]").get_by_role("button")
    undo.focus()
    page.keyboard.press("Enter")
    at_rest(page)
    expect(reason).to_have_value("")
    expect(undo).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("A straight line.")).to_be_visible()

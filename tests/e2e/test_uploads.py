"""Uploads in a real browser: progress, cancel, and no work left behind by who closes the tab or reloads."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.data.hostile import names, workbook
from tests.e2e.conftest import PATIENCE, ROOT, Serve
from tests.e2e.pages import visit

pytestmark = pytest.mark.browser


def readers(home: Path) -> set[int]:
    """Return the processes that read uploads for the server with this home folder."""
    found = set()
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if "core.data.reader" in process.cmdline() and process.environ().get("WHYBOARD_HOME") == str(home):
                found.add(process.pid)
    return found


def until_none(home: Path) -> None:
    end = time.monotonic() + PATIENCE / 1000
    while left := readers(home):
        assert time.monotonic() < end, f"still there: {left}"
        time.sleep(0.2)


def give(page: Page, app: str, file: Path) -> None:
    visit(page, app)
    page.locator("input[type=file]").first.set_input_files(file)


@pytest.mark.parametrize(
    "leave", ["close", *(pytest.param(way, marks=pytest.mark.slow) for way in ("cancel", "reload"))]
)
def test_who_cancels_reloads_or_closes_the_tab_leaves_no_reader(
    serve: Serve, new_page: Callable[..., Page], tmp_path: Path, leave: str
) -> None:
    home = tmp_path / "home"
    app = serve(ROOT / "app.py", {"WHYBOARD_HOME": str(home)})
    row = b"<row>" + b"<c><v>1.5</v></c>" * 100 + b"</row>"
    slow = workbook(tmp_path / "slow.xlsx", [names(100), row * 100], times=290)

    page = new_page()
    give(page, app, slow)
    expect(page.get_by_text("Reading slow.xlsx")).to_be_visible()
    expect(page.get_by_text("Reading the rows")).to_be_visible()
    assert len(readers(home)) == 1
    if leave == "cancel":
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_text("slow.xlsx was not read: you called it off.")).to_be_visible()
    else:
        getattr(page, leave)()
    until_none(home)

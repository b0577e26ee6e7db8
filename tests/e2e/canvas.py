"""A hand on the drawing component in a page: what a user does, and what Python then holds."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Serve, at_rest
from tests.e2e.pages import still

__all__ = ["APP", "Canvas", "canvas", "url"]

APP = Path(__file__).parent / "apps" / "editor_app.py"


class Canvas:
    """The one canvas of a page. ``told`` reads the text that tests/e2e/apps/editor_app.py writes."""

    def __init__(self, page: Page, url: str | None = None) -> None:
        self.page = page
        if url:
            page.goto(url)
        self.root = page.locator(".wb-root")
        expect(self.root).to_be_visible()
        at_rest(page)
        nodes = page.locator(".react-flow__node")
        expect(nodes).to_have_count(len(self.told()["nodes"]))
        self.viewport()  # the first fit

    # -- what is there

    def node(self, name: str) -> Locator:
        return self.page.locator(".react-flow__node").filter(has=self.page.get_by_text(name, exact=True))

    def arrow(self, words: str) -> Locator:
        return self.page.locator(f'[data-edge][data-words="{words}"]')

    def box(self, name: str) -> dict[str, float]:
        found = self.node(name).locator(".wb-body").bounding_box()
        assert found is not None, f"{name} is not on the canvas"
        return dict(found)  # type: ignore[call-overload]

    def centre(self, name: str) -> tuple[float, float]:
        box = self.box(name)
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def rim(self, name: str) -> tuple[float, float]:
        """A point just outside the right border, from which arrows are pulled."""
        box = self.box(name)
        return box["x"] + box["width"] + 6, box["y"] + box["height"] / 2

    def told(self) -> dict[str, Any]:
        return json.loads(self.page.locator("#told").inner_text())

    def until(self, true: Callable[[dict[str, Any]], bool], seconds: float = 60.0) -> dict[str, Any]:
        """Wait until what Python says is as wished; fail with what it says."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            told = self.told()
            if true(told):
                return told
            self.page.wait_for_timeout(25)
        raise AssertionError(f"Python says {self.told()}")

    def viewport(self) -> str:
        """Return how the canvas is moved and zoomed, once it and all nodes stand still."""
        moving = self.page.locator(".react-flow__viewport")
        still(self.page, [moving, *self.page.locator(".react-flow__node .wb-body").all()])
        return str(moving.evaluate("e => e.style.transform"))

    def spoken(self) -> str:
        return self.page.locator(".wb-speech").inner_text()

    # -- what a hand does

    def drag(self, start: tuple[float, float], end: tuple[float, float], *, drop: bool = True) -> None:
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
        mouse.move(*end, steps=4)
        if drop:
            mouse.up()

    def pull(self, source: str, target: str, *, drop: bool = True) -> None:
        """Pull an arrow from the rim of one node to the body of another."""
        self.drag(self.rim(source), self.centre(target), drop=drop)

    def click(self, name: str) -> None:
        """Click on a node that stands still: a canvas that fits itself may move it between down and up."""
        self.viewport()
        self.node(name).click()

    def click_arrow(self, source: str, target: str) -> None:
        (ax, ay), (bx, by) = self.centre(source), self.centre(target)
        self.page.mouse.click((ax + bx) / 2, (ay + by) / 2)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def empty_spot(self) -> tuple[float, float]:
        box = self.page.locator(".wb-stage").bounding_box()
        assert box is not None
        return box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.8


@pytest.fixture(scope="module")
def url(serve_module: Serve) -> str:
    """Return the address of a page with one canvas."""
    return serve_module(APP)


@pytest.fixture
def canvas(page: Page, url: str) -> Canvas:
    """Return a hand on that canvas."""
    return Canvas(page, url)

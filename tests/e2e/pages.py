"""What a visitor does on the pages, with the patience of one: the next step begins when the last has settled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.e2e.conftest import at_rest

__all__ = [
    "arrow",
    "choose",
    "choose_by_keys",
    "click_line",
    "drawn",
    "line",
    "node",
    "open_upload",
    "press",
    "still",
    "text_of",
    "visit",
]

FRAMES = 12  # of the browser's own pictures, a fifth of a second where it has nothing else to do


def visit(page: Page, url: str) -> None:
    """Open an address and wait for the page to have run to its end."""
    page.goto(url)
    at_rest(page)


def press(page: Page, name: str | re.Pattern[str], *, exact: bool = False, then: str = "") -> None:
    """Press a button that stands still, and wait for what follows; ``then`` is an address that it leads to.

    Not while a fit runs: the pages then look every second how far it is, and never rest.
    """
    at_rest(page)
    page.get_by_role("button", name=name, exact=exact).click()
    if then:
        page.wait_for_url(then)
    at_rest(page)


def open_upload(page: Page, app: str, file: Path, change: str = "", move: str = "") -> None:
    """Answer the two questions of the Start page, if any, and upload a file."""
    visit(page, app)
    if change or move:
        page.get_by_label("What can you change?").fill(change)
        page.get_by_label("What should move?").fill(move)
        page.get_by_label("What should move?").press("Tab")
        at_rest(page)
    page.locator("input[type=file]").first.set_input_files(file)
    page.wait_for_url("**/data?p=*")
    at_rest(page)


def choose(page: Page, label: str | re.Pattern[str], option: str | re.Pattern[str], *, exact: bool = True) -> None:
    """Choose from a list with the mouse. As a hand would: a list that did not open is clicked again."""
    offered = page.get_by_role("option", name=option, exact=exact)
    for patience in (10_000, 10_000, 30_000):
        at_rest(page)
        page.get_by_role("combobox", name=label, exact=exact).click()
        with suppress(AssertionError):
            expect(offered).to_be_visible(timeout=patience)
            break
        page.keyboard.press("Escape")
    offered.click()
    at_rest(page)


def choose_by_keys(page: Page, label: str, option: str) -> None:
    """Choose from a list by typing. A list that took the first letters before it had opened is typed into again."""
    box = page.get_by_role("combobox", name=label, exact=True)
    for patience in (10_000, 10_000, 30_000):
        at_rest(page)
        box.focus()
        page.keyboard.type(option, delay=20)
        with suppress(AssertionError):
            expect(page.get_by_role("option", name=re.compile(f"^{re.escape(option)}")).first).to_be_visible(
                timeout=patience
            )
            break
        page.keyboard.press("Escape")
        box.blur()
    page.keyboard.press("Enter")
    at_rest(page)
    expect(box).to_be_focused()


# -- the canvas of the Draw page -----------------------------------------------------


def node(page: Page, name: str) -> Locator:
    """Return a node on the canvas by its whole name."""
    return page.locator(".react-flow__node").filter(has=page.locator(".wb-name", has_text=re.compile(f"^{name}$")))


def line(page: Page, words: str) -> Locator:
    """Return an arrow on the canvas: ``"ads → sales"``."""
    return page.locator(f'[data-edge][data-words="{words}"]')


def click_line(page: Page, words: str) -> None:
    """Click on an arrow, as near to its middle as nothing else lies over it."""
    page.locator(".wb-stage").scroll_into_view_if_needed()  # who looked at settings below has scrolled down
    still(page, page.locator(".react-flow__node .wb-body").all())
    x, y = line(page, words).evaluate(
        """edge => {
            const path = edge.querySelector(".wb-line");
            for (const share of [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8]) {
                const at = path.getPointAtLength(path.getTotalLength() * share).matrixTransform(path.getScreenCTM());
                if (edge.contains(edge.getRootNode().elementFromPoint(at.x, at.y))) return [at.x, at.y];
            }
            throw new Error("the arrow lies under something everywhere");
        }"""
    )
    page.mouse.click(x, y)


def text_of(page: Page) -> Locator:
    """Return the box with the same graph as text."""
    return page.get_by_role("textbox", name="The same graph as DAGitty text")


def still(page: Page, places: Sequence[Locator]) -> list[FloatRect]:
    """Return where elements stand, once nothing moved them for some of the browser's own frames.

    Frames and not seconds: a busy machine draws fewer of them.
    """
    before: object = None
    for _ in range(200):
        page.evaluate(
            """frames => new Promise(done => {
                const next = left => left ? requestAnimationFrame(() => next(left - 1)) : done();
                next(frames);
            })""",
            FRAMES,
        )
        now = [place.bounding_box() for place in places]
        if now == before and all(now):
            return now  # type: ignore[return-value]
        before = now
    raise AssertionError(f"nothing stands still: {before}")


def arrow(page: Page, source: str, target: str) -> None:
    """Pull an arrow with the mouse, from just outside a node's box to the body of another.

    As a hand would: it rests on the rim before it pulls, and pulls again if the machine was
    too busy to notice.
    """
    for patience in (10_000, 10_000, 30_000):
        start, end = still(page, [node(page, name).locator(".wb-body") for name in (source, target)])
        page.mouse.move(start["x"] + start["width"] + 6, start["y"] + start["height"] / 2)
        page.wait_for_timeout(150)
        page.mouse.down()
        page.mouse.move(start["x"] + start["width"] + 40, start["y"] + start["height"] + 40, steps=4)
        page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=8)
        page.wait_for_timeout(150)
        page.mouse.up()
        with suppress(AssertionError):
            expect(text_of(page)).to_have_value(re.compile(drawn(source, target)), timeout=patience)
            return
    expect(text_of(page)).to_have_value(re.compile(drawn(source, target)))


def drawn(source: str, target: str) -> str:
    """A pattern for the arrow in DAGitty text, alone or in a set of children."""
    return rf"\b{source} -> (\{{[^}}]*\b{target}\b[^}}]*\}}|{target}\b)"

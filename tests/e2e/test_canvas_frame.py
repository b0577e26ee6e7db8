"""The canvas in its frame: nothing under the zoom controls, everything in sight, no badge on an arrowhead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.canvas import APP, Canvas, canvas, url
from tests.e2e.conftest import Serve, at_rest

pytestmark = pytest.mark.browser
__all__ = ["canvas", "url"]  # the fixtures

LONG = ("systolic_bp_mmhg", "hospital_admission")

#: Which buttons of the bar of what is selected are not wholly to be seen, and whether its name is cut.
CUT = """bar => {
  const box = bar.getBoundingClientRect();
  const zoom = bar.parentElement.querySelector(".wb-zoom").getBoundingClientRect();
  const end = Math.min(box.right, zoom.left);
  const name = bar.querySelector("b");
  const cut = [...bar.querySelectorAll("button")].filter(b => {
    const at = b.getBoundingClientRect();
    return at.width < 20 || at.right > end + 0.5 || at.left < box.left - 0.5;
  }).map(b => b.ariaLabel);
  const whole = name.scrollHeight <= name.clientHeight + 1 && name.scrollWidth <= name.clientWidth + 1;
  return whole ? cut : [...cut, "its name"];
}"""


def pushed(hand: Canvas, button: str, count: int) -> None:
    """Let Python put another graph on the canvas, and wait until it stands."""
    hand.page.get_by_role("button", name=button).click()
    expect(hand.page.locator(".react-flow__node")).to_have_count(count)
    at_rest(hand.page)
    hand.viewport()


def out_of_sight(page: Page) -> list[str]:
    """Return the nodes that are not shown in full."""
    return page.evaluate("""() => {
      const root = document.querySelector(".wb-root") ?? [...document.querySelectorAll("*")]
        .map(e => e.shadowRoot?.querySelector(".wb-root")).find(Boolean);
      const frame = root.querySelector(".wb-stage").getBoundingClientRect();
      return [...root.querySelectorAll(".react-flow__node .wb-body")].filter(e => {
        const box = e.getBoundingClientRect();
        return box.left < frame.left - 2.5 || box.right > frame.right + 2.5
          || box.top < frame.top - 2.5 || box.bottom > frame.bottom + 2.5;
      }).map(e => e.textContent);
    }""")  # type: ignore[no-any-return]


@pytest.mark.parametrize("width", [1440, 1000, 900])
def test_what_can_be_done_with_a_selection_is_there_in_full(
    new_page: Callable[..., Page], url: str, width: int
) -> None:
    hand = Canvas(new_page(viewport={"width": width, "height": 900}), url)
    pushed(hand, "push long", 4)
    bar = hand.page.get_by_role("toolbar", name="What to do with")
    hand.click_arrow(*LONG)
    expect(bar.locator("b")).to_have_text(" → ".join(LONG))
    assert bar.evaluate(CUT) == []
    hand.click(LONG[1])
    expect(bar.locator("b")).to_have_text(LONG[1])
    assert bar.evaluate(CUT) == []
    hand.press("c")  # an arrow by keyboard
    assert hand.page.get_by_role("toolbar", name="Drawing an arrow").evaluate(CUT) == []


def test_what_comes_from_elsewhere_is_brought_into_sight_and_a_hand_is_left_alone(canvas: Canvas) -> None:
    page = canvas.page
    pushed(canvas, "push long", 4)
    assert out_of_sight(page) == []
    pushed(canvas, "push far", 5)
    assert out_of_sight(page) == []

    # The user's own: nothing follows a node that is dragged, down to where the canvas itself would move.
    before = canvas.viewport()
    box = page.locator(".wb-stage").bounding_box()
    assert box is not None
    canvas.drag(canvas.centre("far_away"), (canvas.centre("far_away")[0] + 60, box["y"] + 200))
    canvas.until(lambda told: told["seq"] == 1)
    assert canvas.viewport() == before
    # A click beside everything is no panning: when the frame changes, the canvas still fits itself.
    page.mouse.click(*canvas.empty_spot())
    page.set_viewport_size({"width": 900, "height": 900})
    at_rest(page)
    canvas.viewport()
    assert out_of_sight(page) == []


def test_what_the_user_zoomed_away_stays_away_until_something_else_is_lost(canvas: Canvas) -> None:
    page = canvas.page
    pushed(canvas, "push far", 5)
    for _ in range(4):
        page.get_by_role("button", name="Zoom in").click()
        canvas.viewport()
    lost = out_of_sight(page)
    assert lost
    chosen = canvas.viewport()
    canvas.page.get_by_role("button", name="rerun").click()
    canvas.until(lambda told: told["runs"] >= 3)
    assert canvas.viewport() == chosen
    pushed(canvas, "push long", 4)  # the same places, one fewer: nothing new is out of sight
    assert canvas.viewport() == chosen


def test_a_badge_leaves_the_heads_of_a_collider_to_be_seen(canvas: Canvas) -> None:
    pushed(canvas, "push long", 4)
    canvas.page.get_by_text("advice", exact=True).click()
    badge = canvas.node("hospital_admission").locator(".wb-advice")
    expect(badge).to_have_text("do not condition")
    at_rest(canvas.page)
    canvas.viewport()
    found: dict[str, Any] = badge.evaluate("""badge => {
      const own = badge.getBoundingClientRect();
      const heads = [...badge.getRootNode().querySelectorAll('[data-words$="→ hospital_admission"] .wb-head')]
        .map(e => e.getBoundingClientRect());
      const met = heads.filter(b => b.left < own.right && own.left < b.right)
        .filter(b => b.top < own.bottom && own.top < b.bottom);
      return { heads: heads.length, met: met.length };
    }""")
    assert found == {"heads": 2, "met": 0}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lines_stand_out_from_the_paper(new_page: Callable[..., Page], serve_module: Serve, scheme: str) -> None:
    """Three to one at least: of every hypothesis' colour, of what stands back, and of what all have in common."""
    page = new_page(color_scheme=scheme)
    hand = Canvas(page, serve_module(APP, {"EDITOR_COLOUR": "#0072B2"}))
    faint = hand.root.evaluate(FAINT_LINES)
    assert faint == {}


FAINT_LINES = """root => {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const bright = colour => {
    pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
      .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  };
  const editor = root.closest(".wb-editor"), probe = document.createElement("i"), found = {};
  editor.append(probe);
  const of = value => { probe.style.color = value; return bright(getComputedStyle(probe).color); };
  for (const hue of ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]) {
    editor.style.setProperty("--hue", hue);
    const paper = of("var(--paper)");
    for (const name of ["--accent", "--pale", "--back"]) {
      const [a, b] = [of(`var(${name})`), paper].sort((x, y) => y - x);
      const ratio = (a + 0.05) / (b + 0.05);
      if (ratio < 3) found[`${name} of ${hue}`] = ratio;
    }
  }
  return found;
}"""

"""Pictures and canvases, measured in a browser: nothing lies on anything, and all of it can be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Serve
from tests.e2e.pages import still

APP = Path(__file__).parent / "apps" / "pictures_app.py"
MEASURE = (Path(__file__).parent / "measure_pictures.js").read_text(encoding="utf-8")
WIDTHS = (1440, 900, 390)
#: How many labels and nodes each case shows.
SEEN = {"marketing": (15, 12), "ten": (47, 24), "fourteen": (48, 28)}
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def url(serve_module: Serve) -> str:
    return serve_module(APP)


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    expect(page.locator(".react-flow__node .wb-body").first).to_be_visible()
    page.evaluate("document.fonts.ready")
    settled(page)
    return page


def settled(page: Page) -> None:
    still(page, page.locator(".react-flow__node .wb-body").all())


def measured(page: Page) -> dict[str, Any]:
    """Return what is wrong, and how much there was to look at."""
    return page.evaluate(MEASURE)  # type: ignore[no-any-return]


def at_widths(*quick: tuple[str, int]) -> list[Any]:
    """Return every case at every width; but for these, those that ``make soak`` looks at."""
    pairs = [(case, width) for case in SEEN for width in WIDTHS]
    return [pytest.param(*pair, marks=() if pair in quick else pytest.mark.slow) for pair in pairs]


@pytest.mark.parametrize(
    ("case", "width"), at_widths(("marketing", 1440), ("ten", 900), ("fourteen", 1440), ("fourteen", 390))
)
def test_in_pictures_no_label_lies_on_anything_and_all_words_can_be_read(
    new_page: Callable[..., Page], url: str, case: str, width: int
) -> None:
    """The marketing sample, ten covariates, and fourteen names of 40 letters with 15 contradicted claims."""
    page = opened(new_page(viewport={"width": width, "height": 900}), f"{url}/?case={case}")
    found = measured(page)
    assert not {kind: what for kind, what in found["faults"].items() if what}
    assert (found["seen"]["labels"], found["seen"]["nodes"]) == SEEN[case]


@pytest.mark.parametrize(("case", "width"), at_widths(("ten", 900), ("fourteen", 1440), ("fourteen", 390)))
def test_tidy_takes_the_shape_of_the_frame_and_stays_readable(
    new_page: Callable[..., Page], url: str, case: str, width: int
) -> None:
    page = opened(new_page(viewport={"width": width, "height": 900}), f"{url}/?case={case}&canvas=1")
    page.get_by_role("button", name="Tidy").click()
    settled(page)
    page.wait_for_timeout(300)  # the view follows within 180 ms
    found = measured(page)
    faults = {kind: what for kind, what in found["faults"].items() if what and kind != "outside"}
    assert not faults
    across = page.locator(".wb-stage").bounding_box()
    assert across is not None
    boxes = [box for node in page.locator(".react-flow__node .wb-body").all() if (box := node.bounding_box())]
    # Whatever does not fit is found in one direction only, below.
    assert all(box["x"] >= across["x"] and box["x"] + box["width"] <= across["x"] + across["width"] for box in boxes)
    assert all(box["y"] >= across["y"] for box in boxes)


def zoom_of(page: Page) -> float:
    return float(page.locator(".react-flow__viewport").evaluate("e => new DOMMatrix(getComputedStyle(e).transform).a"))


def test_the_canvas_fits_itself_to_its_frame_until_the_user_zooms(new_page: Callable[..., Page], url: str) -> None:
    page = opened(new_page(viewport={"width": 1440, "height": 900}), f"{url}/?case=marketing&canvas=1")
    page.set_viewport_size({"width": 900, "height": 900})
    settled(page)
    stage = page.locator(".wb-stage").bounding_box()
    assert stage is not None
    for node in page.locator(".react-flow__node .wb-body").all():
        box = node.bounding_box()
        assert box is not None
        assert stage["x"] <= box["x"]
        assert box["x"] + box["width"] <= stage["x"] + stage["width"]
    fitted = zoom_of(page)
    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_timeout(400)
    chosen = zoom_of(page)
    assert chosen > fitted * 1.1
    page.set_viewport_size({"width": 1440, "height": 900})
    settled(page)
    page.wait_for_timeout(300)
    assert zoom_of(page) == pytest.approx(chosen)


def test_pictures_take_the_width_that_they_get_and_the_theme_that_comes(
    new_page: Callable[..., Page], url: str
) -> None:
    page = opened(new_page(viewport={"width": 1440, "height": 900}), f"{url}/?case=marketing&failed=1")
    tops = {box["y"] for figure in page.locator("figure.wb-picture").all() if (box := figure.bounding_box())}
    assert len(tops) == 1  # four in a row
    paint = "e => getComputedStyle(e).fill"
    label = page.locator(".wb-label:not(.shared):not(.contradicted)").first
    light = label.evaluate(paint)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "([e, before]) => getComputedStyle(e).fill !== before", arg=[label.element_handle(), light], timeout=20_000
    )
    page.set_viewport_size({"width": 390, "height": 900})
    settled(page)
    found = measured(page)
    assert not {kind: what for kind, what in found["faults"].items() if what}
    expect(page.locator("figure.failed .problem")).to_have_text("Not fitted: the column visits is missing")
    expect(page.locator("figure.failed .react-flow__node")).to_have_count(4)


def test_more_about_an_arrow_comes_at_once_and_a_node_is_marked_everywhere(
    new_page: Callable[..., Page], url: str
) -> None:
    page = opened(new_page(), f"{url}/?case=marketing")
    first = page.locator("figure.wb-picture").first
    arrow = first.locator('[data-words="visits → sales"] .wb-grip')
    box = arrow.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(first.get_by_role("tooltip")).to_contain_text("90 %:")
    first.locator(".wb-body", has_text="ads").hover()
    expect(page.locator(".wb-node.echo")).to_have_count(3)
    page.mouse.move(5, 5)
    expect(page.locator(".wb-node.echo")).to_have_count(0)


def test_past_five_contradicted_claims_five_that_bear_on_the_question_are_drawn(
    new_page: Callable[..., Page], url: str
) -> None:
    page = opened(new_page(), f"{url}/?case=fourteen")
    first = page.locator("figure.wb-picture").first
    expect(first.locator(".wb-pair")).to_have_count(5)
    expect(first.locator(".contradicted.wb-foot-note")).to_have_text("and 10 more")

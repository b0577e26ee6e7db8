"""The background on the canvas in a real browser: a box, one arrow from each, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.canvas import APP, Canvas, canvas, url
from tests.e2e.conftest import Serve

pytestmark = pytest.mark.browser
__all__ = ["canvas", "url"]  # the fixtures


def button(canvas: Canvas, name: str) -> Locator:
    return canvas.page.get_by_role("button", name=name, exact=True)


def choose(canvas: Canvas, *names: str) -> None:
    for number, name in enumerate(names):
        canvas.node(name).click(modifiers=["Control"] if number else [])


def put(canvas: Canvas, *names: str) -> None:
    """Make these the background, by the button."""
    choose(canvas, *names)
    button(canvas, "Background").click()
    canvas.until(lambda told: set(names) <= set(told["background"]))
    canvas.viewport()


def frame(canvas: Canvas) -> dict[str, float]:
    box = canvas.page.locator(".wb-background").bounding_box()
    assert box is not None
    return dict(box)  # type: ignore[call-overload]


def holds(outer: dict[str, float], inner: dict[str, float]) -> bool:
    return (
        outer["x"] < inner["x"]
        and outer["y"] < inner["y"]
        and outer["x"] + outer["width"] > inner["x"] + inner["width"]
        and outer["y"] + outer["height"] > inner["y"] + inner["height"]
    )


def meets(a: dict[str, float], b: dict[str, float]) -> bool:
    across = a["x"] < b["x"] + b["width"] and b["x"] < a["x"] + a["width"]
    return across and a["y"] < b["y"] + b["height"] and b["y"] < a["y"] + a["height"]


def handle(canvas: Canvas) -> tuple[float, float]:
    box = canvas.page.locator(".wb-handle").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def grip(canvas: Canvas) -> tuple[float, float]:
    box = frame(canvas)
    return box["x"] + 20, box["y"] + 10


def test_several_nodes_and_the_button_make_a_box_in_one_step(canvas: Canvas) -> None:
    expect(button(canvas, "Background")).to_be_disabled()
    choose(canvas, "season", "ads")
    expect(button(canvas, "Background")).to_have_attribute("aria-pressed", "false")
    button(canvas, "Background").click()
    told = canvas.until(lambda told: told["background"] == ["season", "ads"])
    # The arrow between them says nothing any more.
    assert (told["arrows"], told["seq"]) == (["ads>visits"], 1)
    said = "2 variables are background now: 1 arrow among them is no longer drawn"
    expect(canvas.page.locator(".wb-toast")).to_have_text(said)
    box = canvas.page.locator(".wb-background")
    expect(box).to_contain_text("Background")
    expect(box).to_contain_text("may be related in any way")
    expect(box).to_have_attribute("aria-label", "Background: season, ads; may be related in any way; causes of visits")
    canvas.viewport()
    assert holds(frame(canvas), canvas.box("season"))
    assert holds(frame(canvas), canvas.box("ads"))
    assert not meets(frame(canvas), canvas.box("visits"))
    expect(button(canvas, "Background")).to_have_attribute("aria-pressed", "true")
    canvas.press("b")  # and out again
    told = canvas.until(lambda told: told["background"] == [])
    expect(box).to_have_count(0)
    canvas.press("Control+z", "Control+z")
    told = canvas.until(lambda told: told["arrows"] == ["season>ads", "ads>visits"])
    assert told["background"] == []
    assert told["priors"] == ["ads"]


def test_one_arrow_from_the_box_is_an_arrow_from_each(canvas: Canvas) -> None:
    put(canvas, "season", "ads")
    canvas.drag(handle(canvas), canvas.centre("sales"))
    told = canvas.until(lambda told: "season>sales" in told["arrows"])
    assert told["arrows"] == ["ads>visits", "season>sales", "ads>sales"]
    assert told["seq"] == 2
    one = canvas.arrow("background → sales")
    expect(one).to_have_count(1)
    expect(canvas.arrow("season → sales")).to_have_count(0)
    expect(one).to_have_attribute("aria-label", "each of season, ads causes sales")
    one.locator(".wb-grip").hover(force=True)
    expect(canvas.page.locator(".wb-more")).to_have_text("season, ads → sales")
    canvas.press("Control+z")
    canvas.until(lambda told: told["arrows"] == ["ads>visits"])
    canvas.press("Control+Shift+z")
    canvas.until(lambda told: len(told["arrows"]) == 3)
    # Deleting the one deletes all of them, in one step; one that has its own stays one.
    canvas.page.keyboard.press("Escape")
    one.focus()
    canvas.press("Delete")
    canvas.until(lambda told: told["arrows"] == ["ads>visits"])
    canvas.press("Control+z")
    canvas.until(lambda told: len(told["arrows"]) == 3)
    expect(canvas.arrow("ads → visits")).to_have_count(1)


def test_an_arrow_from_each_by_keyboard(canvas: Canvas) -> None:
    put(canvas, "season", "ads")
    canvas.page.locator(".wb-background").focus()
    canvas.press("c")
    for _ in range(4):
        if canvas.page.locator(".wb-node.welcome").inner_text().split("\n")[0] == "sales":
            break
        canvas.press("Tab")
    canvas.press("Enter")
    told = canvas.until(lambda told: "season>sales" in told["arrows"])
    assert told["arrows"] == ["ads>visits", "season>sales", "ads>sales"]
    expect(canvas.page.locator(".wb-background")).to_be_focused()


def test_arrows_among_members_and_into_them_are_refused_with_words(canvas: Canvas) -> None:
    put(canvas, "season", "ads")
    hint, toast = canvas.page.locator(".wb-refusal"), canvas.page.locator(".wb-toast.bad")
    canvas.pull("season", "ads", drop=False)
    expect(hint).to_have_text("both are background: they may be related in any way already")
    canvas.page.mouse.up()
    expect(toast).to_contain_text("both are background")
    canvas.pull("sales", "ads", drop=False)
    expect(hint).to_have_text("ads is background, and no arrow comes into that")
    canvas.page.mouse.up()
    canvas.page.keyboard.down("Shift")
    canvas.pull("sales", "ads")
    canvas.page.keyboard.up("Shift")
    expect(toast).to_contain_text("ads is background, and no arc joins that with anything")
    canvas.drag(canvas.rim("sales"), grip(canvas))
    expect(toast).to_contain_text("no arrow comes into the background")
    told = canvas.told()
    assert (told["arrows"], told["arcs"], told["seq"]) == (["ads>visits"], [], 1)


def test_what_cannot_be_background_is_refused_by_name(canvas: Canvas) -> None:
    toast = canvas.page.locator(".wb-toast.bad")
    choose(canvas, "ads", "sales")
    button(canvas, "Background").click()
    expect(toast).to_have_text(
        "the arrow season → ads comes into “ads” from outside: put “season” in too, or delete the arrow"
    )
    canvas.click("season")
    canvas.press("l", "b")
    expect(toast).to_have_text("“season” is unmeasured, and what is unmeasured cannot be background")
    canvas.press("l", "e", "b")
    expect(toast).to_have_text("“season” is the exposure: the question is about it, so it cannot be background")
    assert canvas.told()["background"] == []


def test_a_mark_takes_a_member_out(canvas: Canvas) -> None:
    put(canvas, "season", "sales")
    canvas.click("sales")
    canvas.press("o")
    told = canvas.until(lambda told: told["outcome"] == "sales")
    assert told["background"] == ["season"]
    expect(canvas.page.locator(".wb-toast")).to_have_text("sales is now the outcome, and no longer background")
    canvas.press("Control+z")
    told = canvas.until(lambda told: told["outcome"] is None)
    assert told["background"] == ["season", "sales"]
    canvas.click("season")
    canvas.press("l")
    told = canvas.until(lambda told: told["latent"] == ["season"])
    assert told["background"] == ["sales"]


def test_the_box_moves_its_members_in_one_step_and_grows_with_them(canvas: Canvas) -> None:
    put(canvas, "season", "ads")
    before = canvas.told()
    x, y = grip(canvas)
    canvas.drag((x, y), (x - 20, y + 60))
    told = canvas.until(lambda told: told["seq"] == before["seq"] + 1)
    moved = {n: [told["at"][n][axis] - before["at"][n][axis] for axis in (0, 1)] for n in told["at"]}
    assert moved["season"] == moved["ads"]
    assert moved["season"][1] > 30
    assert moved["visits"] == moved["sales"] == [0, 0]
    tall = frame(canvas)["height"]
    canvas.press("Escape")
    expect(canvas.page.locator(".wb-background.selected")).to_have_count(0)
    x, y = canvas.centre("ads")
    canvas.drag((x, y), (x, y + 120))
    canvas.until(lambda told: told["seq"] == before["seq"] + 2)
    assert frame(canvas)["height"] > tall + 60  # dragged out, it is still a member
    assert canvas.told()["background"] == ["season", "ads"]
    canvas.page.mouse.click(*grip(canvas))
    expect(canvas.page.locator(".wb-background.selected")).to_have_count(1)
    expect(canvas.page.locator(".wb-node.selected")).to_have_count(2)


def test_a_column_that_is_dropped_into_the_box_is_a_member(canvas: Canvas) -> None:
    put(canvas, "season", "ads")
    chip = canvas.page.locator('[data-column="price"]').bounding_box()
    assert chip is not None
    canvas.drag((chip["x"] + 30, chip["y"] + 15), grip(canvas))
    told = canvas.until(lambda told: "price" in told["nodes"])
    assert told["background"] == ["season", "ads", "price"]
    canvas.press("F2", "Control+a")
    canvas.page.keyboard.type("prices")
    canvas.press("Enter")
    told = canvas.until(lambda told: "prices" in told["nodes"])
    assert told["background"] == ["season", "ads", "prices"]


def test_tidy_leaves_nothing_under_the_box(new_page: Callable[..., Page], serve: Serve) -> None:
    canvas = Canvas(new_page(), serve(APP, {"EDITOR_NODES": "9"}))
    canvas.click("v0")
    canvas.press("Control+a", "Escape")
    put(canvas, "v0", "v1", "v2", "v3")
    button(canvas, "Tidy").click()
    canvas.until(lambda told: told["seq"] == 2)
    canvas.viewport()
    box = frame(canvas)
    for number in range(9):
        node = canvas.box(f"v{number}")
        assert holds(box, node) if number < 4 else not meets(box, node), f"v{number}"

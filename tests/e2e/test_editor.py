"""The drawing component in a real browser: what is drawn by hand is what Python holds."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.canvas import APP, Canvas, canvas, url
from tests.e2e.conftest import Serve

pytestmark = pytest.mark.browser
__all__ = ["canvas", "url"]  # the fixtures


def test_the_bundle_is_served_as_a_file_and_nothing_leaves_the_machine(new_page: Callable[..., Page], url: str):
    page = new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    Canvas(page, url)
    assert any(a.endswith("/_stcore/bidi-components/whyboard.editor/editor.js") for a in asked)
    assert all(a.startswith((url, url.replace("http", "ws"), "data:", "blob:")) for a in asked)


# -- mouse ------------------------------------------------------------------------


def test_a_mouse_drag_draws_an_arrow_and_python_sees_it(canvas: Canvas):
    canvas.pull("visits", "sales")
    told = canvas.until(lambda told: "visits>sales" in told["arrows"])
    assert told["arrows"] == ["season>ads", "ads>visits", "visits>sales"]
    assert (told["rev"], told["seq"]) == (0, 1)
    expect(canvas.arrow("visits → sales")).to_have_class("wb-arrow nopan solid selected")
    assert told["families"] == {"visits": "Poisson"}
    assert told["priors"] == ["ads"]


def test_a_drop_beside_a_node_still_counts(canvas: Canvas):
    box = canvas.box("sales")
    canvas.drag(canvas.rim("visits"), (box["x"] - 9, box["y"] + box["height"] + 9))
    canvas.until(lambda told: "visits>sales" in told["arrows"])


def test_a_cycle_is_refused_while_dragging_and_the_path_is_named(canvas: Canvas):
    canvas.pull("visits", "season", drop=False)
    refusal = canvas.page.locator(".wb-refusal")
    expect(refusal).to_have_text("would close the cycle visits → season → ads → visits")
    expect(canvas.node("season").locator(".wb-node")).to_have_class("wb-node refused")
    canvas.page.mouse.up()
    expect(canvas.page.locator(".wb-toast.bad")).to_contain_text("would close the cycle visits → season → ads → visits")
    expect(canvas.page.locator(".wb-speech")).to_contain_text("would close the cycle")
    told = canvas.told()
    assert (told["arrows"], told["seq"]) == (["season>ads", "ads>visits"], 0)


def test_an_arrow_that_is_there_is_refused(canvas: Canvas):
    canvas.pull("season", "ads", drop=False)
    expect(canvas.page.locator(".wb-refusal")).to_have_text("season → ads is already drawn")
    canvas.page.mouse.up()
    assert canvas.told()["seq"] == 0


def test_escape_gives_up_an_arrow(canvas: Canvas):
    canvas.pull("visits", "sales", drop=False)
    canvas.press("Escape")
    canvas.page.mouse.up()
    canvas.page.wait_for_timeout(300)
    assert canvas.told()["seq"] == 0


def test_shift_pulls_an_arc_and_b_makes_it_an_arrow(canvas: Canvas):
    canvas.page.keyboard.down("Shift")
    canvas.pull("visits", "sales")
    canvas.page.keyboard.up("Shift")
    canvas.until(lambda told: told["arcs"] == ["visits<>sales"])
    expect(canvas.arrow("visits ↔ sales").locator(".wb-head")).to_have_count(2)
    canvas.press("b")
    canvas.until(lambda told: told["arcs"] == [] and "visits>sales" in told["arrows"])


def test_an_arrow_pulled_to_the_empty_canvas_ends_in_a_new_variable(canvas: Canvas):
    canvas.drag(canvas.rim("visits"), canvas.empty_spot())
    canvas.page.keyboard.type("returns")
    assert canvas.told()["seq"] == 0
    canvas.press("Enter")
    told = canvas.until(lambda told: "visits>returns" in told["arrows"])
    assert told["seq"] == 1


def test_a_node_is_moved_once_and_only_at_the_end(canvas: Canvas):
    x, y = canvas.centre("sales")
    before = canvas.told()["at"]["sales"]
    canvas.drag((x, y), (x + 60, y + 40))
    told = canvas.until(lambda told: told["seq"] == 1)
    assert told["at"]["sales"][0] > before[0] + 30
    assert told["at"]["season"] == [0, 0]


def test_a_column_is_dragged_out_and_another_clicked_in(canvas: Canvas):
    chip = canvas.page.locator('[data-column="price"]')
    box = chip.bounding_box()
    assert box is not None
    spot = canvas.empty_spot()
    canvas.drag((box["x"] + 30, box["y"] + 15), spot)
    told = canvas.until(lambda told: "price" in told["nodes"])
    assert told["seq"] == 1
    x, y = canvas.centre("price")
    assert (x, y) == pytest.approx(spot, abs=3)
    expect(chip).to_have_class("wb-chip drawn")
    canvas.page.locator('[data-column="promo"]').click()
    canvas.until(lambda told: told["nodes"][-2:] == ["price", "promo"])
    chip.click()  # already there: shown, not added
    expect(canvas.node("price").locator(".wb-node.selected")).to_be_visible()
    assert canvas.told()["nodes"].count("price") == 1


def test_a_double_click_names_a_new_variable_at_once(canvas: Canvas):
    canvas.page.mouse.dblclick(*canvas.empty_spot())
    canvas.page.keyboard.type("weather")
    canvas.press("Enter")
    canvas.until(lambda told: told["nodes"][-1] == "weather")
    expect(canvas.node("weather").locator(".wb-badge")).to_have_text("not in the data")
    canvas.page.mouse.dblclick(*canvas.centre("weather"))
    canvas.page.keyboard.type("rain")
    canvas.press("Enter")
    told = canvas.until(lambda told: told["nodes"][-1] == "rain")
    assert told["seq"] == 2


def test_a_taken_name_is_refused_and_stays_open(canvas: Canvas):
    canvas.click("visits")
    canvas.press("F2", "Control+a")
    canvas.page.keyboard.type("ads")
    canvas.press("Enter")
    expect(canvas.page.locator(".wb-problem")).to_have_text("“ads” is already on the canvas")
    canvas.press("Escape")
    assert canvas.told()["seq"] == 0


def test_a_renamed_node_keeps_its_arrows_and_settings(canvas: Canvas):
    canvas.click("visits")
    canvas.press("F2")
    canvas.page.keyboard.type("web visits")
    canvas.press("Enter")
    told = canvas.until(lambda told: "web visits" in told["nodes"])
    assert told["arrows"] == ["season>ads", "ads>web visits"]
    assert told["families"] == {"web visits": "Poisson"}


def test_an_unmeasured_variable_is_added_and_named(canvas: Canvas):
    canvas.page.get_by_role("button", name="unmeasured").click()
    canvas.page.keyboard.type("mood")
    canvas.press("Enter")
    canvas.until(lambda told: told["latent"] == ["mood"])
    expect(canvas.node("mood").locator(".wb-node.latent")).to_be_visible()
    expect(canvas.node("mood").locator(".wb-badge")).to_have_count(0)


def test_a_box_selects_and_delete_takes_all(canvas: Canvas):
    first, last = canvas.box("ads"), canvas.box("visits")
    canvas.page.keyboard.down("Shift")
    canvas.drag((first["x"] - 40, first["y"] - 40), (last["x"] + last["width"] + 30, last["y"] + last["height"] + 30))
    canvas.page.keyboard.up("Shift")
    expect(canvas.page.locator(".wb-node.selected")).to_have_count(2)
    canvas.press("Delete")
    told = canvas.until(lambda told: told["nodes"] == ["season", "sales"])
    assert told["arrows"] == []
    canvas.press("Control+z")
    told = canvas.until(lambda told: len(told["nodes"]) == 4)
    assert told["arrows"] == ["season>ads", "ads>visits"]
    assert told["priors"] == ["ads"]


def test_buttons_do_what_they_say(canvas: Canvas):
    press = lambda name: canvas.page.get_by_role("button", name=name, exact=True).click()  # noqa: E731
    canvas.click_arrow("season", "ads")
    press("Reverse")
    canvas.until(lambda told: told["arrows"] == ["ads>season", "ads>visits"])
    press("Two heads")
    canvas.until(lambda told: told["arcs"] == ["ads<>season"])
    press("Undo")
    canvas.until(lambda told: told["arcs"] == [])
    press("Tidy")
    at = canvas.until(lambda told: told["seq"] == 4)["at"]
    assert at["ads"][0] < at["season"][0]
    assert at["ads"][0] < at["visits"][0]
    canvas.viewport()  # they move to their places
    canvas.click("ads")
    press("Exposure")
    canvas.until(lambda told: told["exposure"] == "ads")
    expect(canvas.node("ads").locator(".wb-role")).to_have_text("exposure")
    press("Delete")
    canvas.until(lambda told: "ads" not in told["nodes"] and told["exposure"] is None)


def test_arrows_mode_draws_from_the_body(canvas: Canvas):
    canvas.page.get_by_role("button", name="Arrows").click()
    canvas.drag(canvas.centre("visits"), canvas.centre("sales"))
    told = canvas.until(lambda told: "visits>sales" in told["arrows"])
    assert told["at"]["visits"] == [230, 140]


# -- keyboard ---------------------------------------------------------------------


def test_everything_by_keyboard_alone(new_page: Callable[..., Page], serve: Serve):
    canvas = Canvas(new_page(), serve(APP, {"EDITOR_EMPTY": "1"}))
    page = canvas.page
    page.locator('[data-column="season"]').focus()
    canvas.press("Enter", "Tab", "Enter")  # season, then ads
    canvas.until(lambda told: told["nodes"] == ["season", "ads"])
    canvas.node("season").focus()
    canvas.press("n")
    page.keyboard.type("tax")
    canvas.press("Enter")
    canvas.until(lambda told: told["nodes"] == ["season", "ads", "tax"])
    expect(canvas.node("tax")).to_be_focused()

    canvas.node("season").focus()
    canvas.press("c")
    expect(page.locator(".wb-preview")).to_have_count(1)
    for _ in range(5):  # there are two to go to
        if page.locator(".wb-node.welcome").inner_text().split("\n")[0] == "ads":
            break
        canvas.press("Tab")
    expect(page.locator(".wb-node.welcome")).to_contain_text("ads")
    canvas.press("Enter")
    canvas.until(lambda told: told["arrows"] == ["season>ads"])

    canvas.node("ads").focus()
    canvas.press("c")
    for _ in range(10):
        if "season" in canvas.spoken():
            break
        canvas.press("Tab")
        page.wait_for_timeout(100)
    expect(page.locator(".wb-speech")).to_contain_text("would close the cycle ads → season → ads")
    canvas.press("b", "Enter")  # as an arc it may stand
    canvas.until(lambda told: told["arcs"] == ["ads<>season"])

    canvas.node("ads").focus()
    canvas.press("e")
    canvas.until(lambda told: told["exposure"] == "ads")
    canvas.press("o")
    canvas.until(lambda told: (told["exposure"], told["outcome"]) == (None, "ads"))
    canvas.press("l")
    canvas.until(lambda told: told["latent"] == ["ads"])
    x, y = canvas.told()["at"]["ads"]
    canvas.press("ArrowRight", "ArrowRight", "ArrowDown")
    canvas.until(lambda told: told["at"]["ads"] == [x + 20, y + 10])
    canvas.press("Control+z")  # three steps of one hand, one undo
    canvas.until(lambda told: told["at"]["ads"] == [x, y])

    canvas.arrow("season → ads").focus()
    canvas.press("r")
    canvas.until(lambda told: told["arrows"] == ["ads>season"])
    canvas.press("Delete")
    canvas.until(lambda told: told["arrows"] == [])
    canvas.press("Control+z")
    canvas.until(lambda told: told["arrows"] == ["ads>season"])
    canvas.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    canvas.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_tab_walks_through_nodes_and_arrows_which_have_names(canvas: Canvas):
    canvas.node("season").focus()
    heard = []
    for _ in range(6):
        heard.append(
            canvas.page.evaluate(
                "() => { let e = document.activeElement; while (e.shadowRoot && e.shadowRoot.activeElement)"
                " e = e.shadowRoot.activeElement; return e.getAttribute('aria-label') }"
            )
        )
        canvas.press("Tab")
    assert heard[0] == "season, category, causes ads"
    assert heard[1] == "ads, ad spend, in EUR, positive number, causes visits; caused by season"
    assert heard[4:6] == ["season causes ads", "ads causes visits"]


def test_undo_and_redo_by_keys(canvas: Canvas):
    canvas.pull("visits", "sales")
    canvas.until(lambda told: told["seq"] == 1)
    canvas.pull("season", "sales")
    canvas.until(lambda told: told["seq"] == 2)
    canvas.press("Control+z", "Control+z")
    canvas.until(lambda told: told["arrows"] == ["season>ads", "ads>visits"])
    canvas.press("Control+Shift+z")
    canvas.until(lambda told: told["arrows"] == ["season>ads", "ads>visits", "visits>sales"])
    canvas.press("Control+y")
    told = canvas.until(lambda told: len(told["arrows"]) == 4)
    assert told["rev"] == 0


def test_letters_on_the_canvas_are_not_streamlits_shortcuts(canvas: Canvas):
    canvas.node("season").focus()
    runs = canvas.told()["runs"]
    canvas.press("r", "c", "Escape")
    canvas.page.wait_for_timeout(400)
    assert canvas.told()["runs"] == runs
    expect(canvas.page.get_by_role("dialog")).to_have_count(0)


# -- Python's side ----------------------------------------------------------------


def test_a_rerun_keeps_zoom_selection_and_half_typed_text(canvas: Canvas):
    canvas.page.get_by_role("button", name="Zoom out").click()
    before = canvas.viewport()
    canvas.click("visits")
    canvas.until(lambda told: told["runs"] == 2)  # the click asks for its settings
    canvas.press("F2")
    canvas.page.keyboard.type("half typ")
    canvas.page.get_by_role("button", name="rerun").dispatch_event("click")
    canvas.until(lambda told: told["runs"] == 3)
    box = canvas.page.get_by_label("New name of visits")
    expect(box).to_have_value("half typ")
    expect(box).to_be_focused()
    canvas.page.keyboard.type("ed")
    canvas.press("Enter")
    canvas.until(lambda told: "half typed" in told["nodes"])
    assert canvas.viewport() == before


def test_a_push_replaces_the_graph_without_an_echo_and_can_be_undone(canvas: Canvas):
    canvas.pull("visits", "sales")
    canvas.until(lambda told: told["seq"] == 1)
    canvas.page.get_by_role("button", name="push reversed").click()
    told = canvas.until(lambda told: told["rev"] == 1)
    assert told["arrows"] == ["ads>season"]
    expect(canvas.arrow("ads → season")).to_have_count(1)
    expect(canvas.arrow("visits → sales")).to_have_count(0)
    canvas.page.wait_for_timeout(500)
    told = canvas.told()
    assert (told["seq"], told["runs"]) == (0, 3)
    canvas.node("sales").focus()
    canvas.press("Control+z")
    told = canvas.until(lambda told: told["seq"] == 1)
    assert told["arrows"] == ["season>ads", "ads>visits", "visits>sales"]


def test_undo_and_zoom_survive_leaving_the_page(canvas: Canvas):
    canvas.pull("visits", "sales")
    canvas.until(lambda told: told["seq"] == 1)
    canvas.page.get_by_role("button", name="Zoom in").click()
    before = canvas.viewport()
    canvas.page.get_by_text("away", exact=True).click()
    expect(canvas.root).to_have_count(0)
    canvas.page.get_by_text("away", exact=True).click()
    expect(canvas.arrow("visits → sales")).to_be_visible()
    assert canvas.viewport() == before
    canvas.node("sales").focus()
    canvas.press("Control+z")
    told = canvas.until(lambda told: "visits>sales" not in told["arrows"])
    assert told["seq"] == 2


def test_hypotheses_do_not_mix(canvas: Canvas):
    canvas.pull("visits", "sales")
    canvas.until(lambda told: told["seq"] == 1)
    canvas.page.get_by_role("button", name="other").click()
    canvas.until(lambda told: told["nodes"] == [])
    expect(canvas.page.locator(".wb-empty")).to_contain_text("Drag a column here, or double-click to name a variable")
    canvas.page.mouse.dblclick(*canvas.empty_spot())
    canvas.page.keyboard.type("x")
    canvas.press("Enter")
    canvas.until(lambda told: told["nodes"] == ["x"])
    canvas.page.get_by_role("button", name="other").click()
    told = canvas.until(lambda told: len(told["nodes"]) == 4)
    assert told["arrows"][-1] == "visits>sales"


def test_markup_in_a_name_stays_text(canvas: Canvas):
    markup = '<img src=x onerror="window.hacked=1">'
    canvas.page.get_by_role("button", name="push markup").click()
    canvas.until(lambda told: markup in told["nodes"])
    expect(canvas.node(markup)).to_be_visible()
    canvas.click("visits")
    canvas.press("F2")
    canvas.page.keyboard.type("<b onclick=window.hacked=2>bold</b>")
    canvas.press("Enter")
    canvas.until(lambda told: "<b onclick=window.hacked=2>bold</b>" in told["nodes"])
    canvas.pull("sales", markup)
    canvas.until(lambda told: any("img" in arrow for arrow in told["arrows"]))
    assert canvas.page.evaluate("window.hacked") is None
    assert canvas.page.locator(".wb-root img, .wb-root b[onclick]").count() == 0


def test_what_a_fit_says_is_shown_and_never_becomes_part_of_the_drawing(canvas: Canvas):
    canvas.page.get_by_text("overlay", exact=True).click()
    expect(canvas.page.locator('.wb-label[data-of="season → ads"]')).to_have_text("+0.42")
    expect(canvas.arrow("ads → visits")).to_have_class("wb-arrow nopan dashed")
    expect(canvas.page.locator(".wb-label.contradicted")).to_have_text(re.compile(r"0\.31\s*left over"))
    expect(canvas.node("sales").locator(".wb-badge.bad")).to_have_text("spread not reproduced")
    canvas.pull("season", "sales")  # drawn: no longer a contradicted pair
    told = canvas.until(lambda told: "season>sales" in told["arrows"])
    expect(canvas.page.locator(".wb-pair")).to_have_count(0)
    assert told["arcs"] == []


def test_a_reload_finds_undo_again_and_a_narrow_page_still_draws(new_page: Callable[..., Page], url: str):
    canvas = Canvas(new_page(viewport={"width": 900, "height": 900}, color_scheme="dark"), url)
    canvas.pull("visits", "sales")
    canvas.until(lambda told: "visits>sales" in told["arrows"])
    canvas.page.reload()  # this app keeps nothing: the drawing is the first again, which itself can be undone
    canvas = Canvas(canvas.page)
    canvas.until(lambda told: told["seq"] == 0)
    canvas.node("sales").focus()
    canvas.press("Control+z")
    canvas.until(lambda told: "visits>sales" in told["arrows"])

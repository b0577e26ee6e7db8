"""Start, Data and Draw in a real browser: what is drawn is there after a reload and a restart."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import ROOT, Serve, at_rest
from tests.e2e.pages import arrow, node, open_upload, press, text_of, visit

pytestmark = pytest.mark.browser

NASTY = "<img src=x onerror=hacked=1> *b* :smile: $x$"
CSV = """ads,weather,visits,sales
1.5,sunny,12,20.5
2.5,grey,14,22.5
3.1,sunny,18,25.1
2.2,grey,11,21.0
4.0,sunny,25,30.2
3.6,grey,17,27.7
1.1,grey,9,18.4
2.9,sunny,19,26.0
"""


@pytest.fixture(scope="module")
def app(serve_module: Serve) -> str:
    return serve_module(ROOT / "app.py")


def upload_shop(page: Page, app: str, tmp_path: Path) -> None:
    file = tmp_path / "shop.csv"
    file.write_text(CSV)
    open_upload(page, app, file, "Ads", "sales")


@pytest.mark.slow  # the whole journey does it too, with more in between
def test_upload_draw_reload(page: Page, app: str, tmp_path: Path) -> None:
    upload_shop(page, app, tmp_path)
    expect(page.get_by_text("Does Ads move sales?")).to_be_visible()
    expect(page.locator(".wb-facts")).to_contain_text("8 rows in shop.csv")
    expect(page.get_by_role("link", name="Data 8 rows")).to_be_visible()

    press(page, "Draw what you believe causes what", then="**/draw?p=*")
    press(page, "Start a first graph")
    expect(node(page, "sales")).to_be_visible()
    page.locator(".wb-palette").get_by_text("visits", exact=True).dblclick()
    expect(node(page, "visits")).to_be_visible()
    arrow(page, "ads", "visits")
    expect(page.locator(".wb-panel")).to_contain_text("This graph claims 1 thing")
    expect(page.locator(".wb-panel")).to_contain_text("Given ads, sales and visits are unrelated.")
    expect(text_of(page)).to_have_value(re.compile("ads -> visits"))

    page.reload()
    expect(page.locator(".wb-panel")).to_contain_text("Given ads, sales and visits are unrelated.")
    at_rest(page)
    page.get_by_role("link", name="Data").first.click()
    page.wait_for_url("**/data?p=*")
    at_rest(page)
    page.get_by_role("link", name="Draw").first.click()
    expect(node(page, "visits")).to_be_visible()

    expect(page.get_by_role("link", name="Draw A")).to_be_visible()


def test_text_is_taken_by_ctrl_enter_and_the_button_and_never_by_leaving_it(page: Page, app: str) -> None:
    visit(page, app)
    press(page, "Start drawing", then="**/draw?p=*")
    text = text_of(page)
    expect(text).to_have_value(re.compile('exposure -> outcome|"?exposure"? ->'))
    half = "dag { exposure -> outcome  rain -> outcome vis"
    text.fill(half)
    text.blur()
    expect(page.get_by_text("Not applied yet")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator(".react-flow__node")).to_have_count(2)
    text.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("line 1")
    expect(text).to_have_value(half)
    text.press("End")
    text.press_sequentially("its }")
    text.press("Control+Enter")  # what was typed since counts, though the browser had not sent it before
    expect(node(page, "visits")).to_be_visible()
    expect(page.locator(".react-flow__node")).to_have_count(4)
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_text("Not applied yet")).to_have_count(0)
    text.fill("dag { exposure -> outcome }")
    text.blur()
    expect(page.get_by_text("−2 nodes")).to_be_visible()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".react-flow__node")).to_have_count(2)
    expect(text).to_have_value("dag { exposure -> outcome }")


def test_a_graph_file_becomes_one_hypothesis(page: Page, app: str) -> None:
    visit(page, app)
    press(page, "Start drawing", then="**/draw?p=*")
    page.get_by_role("button", name="New", exact=True).click()
    text = b"exposure [e]\nprice [e]\noutcome [o]\n{exposure price} -> outcome\nprice -> exposure [beta=0.3]"
    page.locator("input[type=file]").set_input_files({"name": "two.txt", "mimeType": "text/plain", "buffer": text})
    expect(page.get_by_text("beta was not kept", exact=False).first).to_be_visible()
    at_rest(page)
    for _ in range(3):  # whatever the page runs for
        page.get_by_role("radio", name="Table").click()
        at_rest(page)
        page.get_by_role("radio", name="Text").click()
        at_rest(page)
    expect(page.get_by_role("radio", name=re.compile("^[A-Z]"))).to_have_count(2 + 4)


def test_without_a_canvas_by_keyboard(page: Page, app: str) -> None:
    visit(page, app)
    press(page, "Start drawing", then="**/draw?p=*")
    page.get_by_role("radio", name="Nodes").click()
    at_rest(page)
    new = page.get_by_role("combobox", name="Add a node")
    new.fill(NASTY)
    new.press("Enter")
    expect(page.locator(".react-flow__node")).to_have_count(3)
    expect(page.locator(".wb-panel")).to_contain_text(NASTY)
    assert page.evaluate("window.hacked") is None
    page.get_by_role("radio", name="Text").click()
    expect(text_of(page)).to_have_value(re.compile("onerror"))


def test_names_with_markup_are_shown_letter_for_letter(page: Page, app: str) -> None:
    visit(page, app)
    page.get_by_label("What can you change?").fill(NASTY)
    page.get_by_label("What should move?").fill("a_b_ `c` [x](y) ==d== ~e~")
    page.get_by_label("What should move?").press("Tab")
    press(page, "Start drawing", then="**/draw?p=*")
    expect(page.locator(".wb-question")).to_have_text(f"Does {NASTY} move a_b_ `c` [x](y) ==d== ~e~?")
    press(page, "This one")
    name = page.get_by_label("Name", exact=True)
    name.fill(f"{NASTY} a -> b :red[c] :material/home:")
    page.get_by_role("button", name="Keep").click()
    # the control cuts the name in its middle; where it could become a sign stands an invisible joiner
    expect(page.get_by_role("radio", name="<img src=x")).to_be_visible()
    press(page, "This one")  # it has closed: its work was done
    delete = page.get_by_role("button", name=re.compile("Delete A"))
    expect(delete).to_contain_text("<img src=x onerror=hacked=1>")
    assert f"Delete A {NASTY} a -> b :red[c] :material/home:" in delete.inner_text().replace("\u2060", "")
    assert delete.locator("img").count() == 0
    assert page.evaluate("window.hacked") is None


def test_deleting_data_asks_and_keeps_the_drawing(page: Page, app: str, tmp_path: Path) -> None:
    upload_shop(page, app, tmp_path)
    page.get_by_text("Where this is kept, and how to delete it").click()
    expect(page.get_by_text("Nothing is sent anywhere else.")).to_be_visible()
    at_rest(page)  # it has opened to its full height
    page.get_by_role("button", name="Delete the upload, fits and caches").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep them").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_text("No data yet.")).to_be_hidden()
    page.get_by_role("button", name="Delete the upload, fits and caches").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete them").click()
    expect(page.get_by_text("No data yet.")).to_be_visible()
    expect(page.get_by_text("The drawings were kept.")).to_be_visible()


def test_a_refused_upload_names_the_place_and_starts_nothing(page: Page, app: str, tmp_path: Path) -> None:
    file = tmp_path / "ragged.csv"
    file.write_text("a,b\n1,2\n3,4,5\n")
    visit(page, app)
    page.locator("input[type=file]").first.set_input_files(file)
    expect(page.get_by_role("alert")).to_contain_text("ragged.csv")
    assert "?p=" not in page.url


def test_recent_projects_live_in_this_browser_only(page: Page, new_page, app: str) -> None:  # type: ignore[no-untyped-def]
    visit(page, app)
    press(page, "Open this sample", then="**/draw?p=*")
    page.goto(app)
    expect(page.get_by_role("link", name="Marketing mix")).to_be_visible()
    other = new_page()
    visit(other, app)
    expect(other.get_by_text("Open a sample")).to_be_visible()
    expect(other.get_by_role("link", name="Marketing mix")).to_have_count(0)
    at_rest(page)
    page.get_by_role("link", name="Marketing mix").click()
    page.wait_for_url("**/draw?p=*")
    expect(node(page, "sales")).to_be_visible()


def test_logo_and_pictures_follow_a_change_of_the_theme(page: Page, app: str) -> None:
    """Streamlit runs no page for it; what is drawn in Python would stay in the old ink."""
    visit(page, app)
    pictures = page.locator("[data-testid=stSidebar] img, .wb-rival img")

    def drawn() -> list[str | None]:
        return [picture.get_attribute("src") for picture in pictures.all()]

    expect(pictures.nth(3)).to_be_attached()  # the logo and a sample's rivals
    at_rest(page)
    light = drawn()
    page.emulate_media(color_scheme="dark")
    expect(pictures.first).not_to_have_attribute("src", str(light[0]))
    at_rest(page)
    dark = drawn()
    assert all(one != two for one, two in zip(light, dark, strict=True))
    page.emulate_media(color_scheme="light")
    expect(pictures.first).to_have_attribute("src", str(light[0]))
    at_rest(page)
    assert drawn() == light

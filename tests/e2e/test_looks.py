"""How pages look, measured in Chromium: contrast, opaque boxes, columns on a telephone, the theme."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page

from core.comparison.storage import comparison_to_bytes
from core.hypothesis import Edge, Hypothesis, Node
from core.jobs.job import Asked
from core.settings import load_settings
from core.store import Store, load_dataset
from core.study import compare
from tests.e2e.conftest import ROOT, Serve, at_rest

pytestmark = pytest.mark.browser

PAGES = ("start", "data", "draw", "simulate", "fit", "check", "compare")

#: All text that can be seen whose contrast is under 4.5 : 1, as WCAG 2 computes it; colours are blended
#: over what lies under them, and an element's opacity lies on all that it holds. Disabled controls are exempt.
FAINT = """
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const parse = text => {
    if (!known.has(text)) {
      canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      known.set(text, a ? [r, g, b, a / 255] : [0, 0, 0, 0]);
    }
    return known.get(text);
  };
  const over = (top, under) => {
    const a = top[3] + under[3] * (1 - top[3]);
    return a ? [...[0, 1, 2].map(i => (top[i] * top[3] + under[i] * under[3] * (1 - top[3])) / a), a] : [0, 0, 0, 0];
  };
  const bright = c => [0, 1, 2].map(i => c[i] / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (one, other) => {
    const [a, b] = [bright(one), bright(other)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  // From the text outwards: a group's opacity mixes text and backgrounds alike with what is behind the group.
  const seen = element => {
    const style = getComputedStyle(element);
    const svg = element instanceof SVGElement;
    let text = parse(svg ? style.fill : style.color), ground = [0, 0, 0, 0];
    for (let at = element; at; at = at.parentElement) {
      const own = getComputedStyle(at);
      if (!(at instanceof SVGElement)) {
        const paper = parse(own.backgroundColor);
        text = over(text, paper); ground = over(ground, paper);
      }
      const alpha = +own.opacity * (svg && at === element ? +own.fillOpacity : 1);
      text = [...text.slice(0, 3), text[3] * alpha]; ground = [...ground.slice(0, 3), ground[3] * alpha];
    }
    const page = parse(getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor);
    return [over(text, page), over(ground, page)];
  };
  const EXEMPT = "script, style, noscript, [disabled], [aria-disabled=true], [aria-hidden=true]";
  const faint = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const element = node.parentElement, text = node.textContent.trim();
    if (!text || !element || element.closest(EXEMPT)) continue;
    if (element.closest("svg:not(.main-svg)")) continue;  // on shapes of its own: tests of pictures look at those
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) continue;
    const [ink, paper] = seen(element);
    const found = ratio(ink, paper);
    const where = element.className.baseVal ?? element.className;
    if (found < 4.49) faint.push(`${text.slice(0, 50)} (${where}): ${found.toFixed(2)}`);
  }
  return [...new Set(faint)];
}
"""

#: Boxes that show what is behind them: not every part of the way to the page is opaque.
SEE_THROUGH = """
() => [...document.querySelectorAll(".wb-why")].filter(why => {
  why.open = true;
  const box = why.querySelector(":scope > div");
  const paper = getComputedStyle(box).backgroundColor;
  let dim = /rgba\\(.*, (0|0?\\.\\d+)\\)|\\/ 0?\\.\\d+\\)|transparent/.test(paper);
  for (let at = box; at; at = at.parentElement) dim ||= +getComputedStyle(at).opacity < 1;
  why.open = false;
  return dim;
}).map(why => why.parentElement.className + ": " + why.textContent.slice(0, 40))
"""

EMPTY_HEADS = (
    """() => [...document.querySelectorAll("th")].filter(head => !head.textContent.trim()).map(h => h.outerHTML)"""
)

WIDE = """() => [...document.querySelectorAll("[data-testid=stMain] *")]
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1
    && !e.closest(".wb-scroll, [data-testid=stDataFrame], svg, .react-flow") && e.checkVisibility()
    && getComputedStyle(e).position !== "absolute")
  .map(e => e.className?.baseVal ?? e.className).slice(0, 5)"""


OUTSIDE = """() => [...document.querySelectorAll(".main-svg text")].filter(e => e.textContent.trim())
  .filter(e => { const box = e.getBoundingClientRect(); return box.right > innerWidth || box.left < 0; })
  .map(e => e.textContent)"""


@pytest.fixture(scope="module")
def served(serve_module: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A server with a fitted project, fitted in this process: address and token."""
    home = {"WHYBOARD_HOME": str(tmp_path_factory.mktemp("looks") / "home")}
    store = Store(settings=load_settings(environ=home))
    token = fitted(store)
    yield serve_module(ROOT / "app.py", home), token
    store.close()


def fitted(store: Store) -> str:
    """Return a project of three hypotheses: two are tied, the third denies links that are there."""
    rng = np.random.default_rng(5)
    season = rng.integers(0, 2, 200)
    ads = 0.8 * season + rng.normal(size=200)
    sales = ads + 1.5 * season + rng.normal(size=200)
    frame = pd.DataFrame({"season": np.where(season, "peak", "off"), "ads": ads, "sales": sales}).round(4)
    nodes = tuple(Node(name) for name in ("season", "ads", "sales"))
    arrows = {
        "Ads come last": (("season", "ads"), ("season", "sales"), ("sales", "ads")),
        "Season moves both": (("season", "ads"), ("season", "sales"), ("ads", "sales")),
        "Only through ads": (("season", "ads"), ("ads", "sales")),
    }
    made = store.create_project("Shop", "Do ads raise sales?", exposure="ads", outcome="sales", settings={})
    store.save_upload(made.token, "shop.csv", frame.to_csv(index=False).encode())
    for name, drawn in arrows.items():
        rival = Hypothesis(name, nodes, tuple(Edge(a, b) for a, b in drawn))
        store.add_hypothesis(made.token, rival.to_dict())
    dataset = load_dataset(store, made.token)
    rivals = tuple(record.hypothesis.renamed(record.letter) for record in store.hypotheses(made.token))
    asked = Asked(rivals, effects=(("ads", "sales"),), seed=1)
    request = store.create_request(made.token, asked.to_payload(dataset), "test")
    found = compare(dataset, rivals, effects=asked.effects, seed=1)
    store.end_request(request.id, "done", result=comparison_to_bytes(found))
    return made.token


#: All that has arrived is drawn: on a busy machine the script that draws figures comes late.
DRAWN = """() => !document.querySelector("[data-testid=stSkeleton]")
  && [...document.querySelectorAll("[data-testid=stPlotlyChart]")].every(e => e.querySelector(".main-svg"))"""


def go(page: Page, served: tuple[str, str], name: str) -> None:
    page.goto(served[0] if name == "start" else f"{served[0]}/{name}?p={served[1]}")
    still(page)


def still(page: Page) -> None:
    at_rest(page)
    page.wait_for_function(DRAWN)
    at_rest(page)


def turned(page: Page, theme: str) -> None:
    """Turn the system's theme while the page stands, and wait for what it makes of it."""
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.wait_for_function(
        """dark => getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor
          .match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + +part, 0) < 384 === dark""",
        arg=theme == "dark",
    )
    page.wait_for_timeout(500)
    still(page)


#: Colours of the words and of the observed line in figures, and of the logo.
PAINTED = """() => ({
  words: [...document.querySelectorAll(".main-svg .xtitle, .main-svg .annotation-text, .main-svg .textpoint text")]
    .map(e => getComputedStyle(e).fill),
  logo: document.querySelector("[data-testid=stSidebarLogo], [data-testid=stHeaderLogo]")?.src ?? "",
})"""


def test_text_can_be_read_boxes_are_opaque_and_no_head_is_empty_in_light_and_in_dark(
    page: Page, served: tuple[str, str]
) -> None:
    """On every page; where most is drawn also after the system's theme has turned while the page was open."""
    found: dict[str, Any] = {}
    for name in PAGES:
        turned_to = "light"
        page.emulate_media(color_scheme="light")
        go(page, served, name)
        for turned_to in ("light", "dark") if name in ("draw", "check", "compare") else ("light",):
            if turned_to == "dark":
                turned(page, "dark")
            for what, script in (("faint", FAINT), ("see-through", SEE_THROUGH), ("empty head", EMPTY_HEADS)):
                if faults := page.evaluate(script):
                    found[f"{name}, {turned_to}: {what}"] = faults
    assert not found


def test_figures_and_logo_follow_the_theme_while_the_page_is_open(page: Page, served: tuple[str, str]) -> None:
    go(page, served, "check")
    light = page.evaluate(PAINTED)
    assert light["words"]
    turned(page, "dark")
    dark = page.evaluate(PAINTED)
    assert set(light["words"]).isdisjoint(dark["words"])
    assert light["logo"] != dark["logo"]
    assert "white line: observed" in page.inner_text("body")
    turned(page, "light")
    assert page.evaluate(PAINTED) == light
    assert "black line: observed" in page.inner_text("body")


@pytest.mark.parametrize("name", ["simulate", "check", "compare"])
def test_on_a_telephone_columns_stand_below_each_other_and_nothing_sticks_out(
    new_page: Callable[..., Page], served: tuple[str, str], name: str
) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    go(page, served, name)
    boxes = page.evaluate("""() => [...document.querySelectorAll(".js-plotly-plot")].map(e => e.getBoundingClientRect())
      .map(b => [b.left, b.right, b.top, b.bottom])""")
    assert len(boxes) >= 2
    for (left, right, _, bottom), following in zip(boxes, [*boxes[1:], None], strict=True):
        assert right - left > 290  # as wide as the page
        assert right <= 391
        assert following is None or following[2] >= bottom - 1
    assert page.evaluate(WIDE) == []
    # no word in a figure runs out of it
    assert page.evaluate(OUTSIDE) == []


@pytest.mark.parametrize("width", [1441, 903, 391])
def test_a_figure_stands_on_whole_pixels(new_page: Callable[..., Page], served: tuple[str, str], width: int) -> None:
    """Else what is drawn before its place is measured is drawn once more, which doubles a page's time."""
    page = new_page(viewport={"width": width, "height": 844})
    go(page, served, "check")
    drawn = page.evaluate("""() => [...document.querySelectorAll(".js-plotly-plot")]
      .map(e => [e.layout.width, e.closest("[data-testid=stFullScreenFrame]").getBoundingClientRect().width])""")
    assert len(drawn) >= 2
    assert all(asked == round(asked) == place for asked, place in drawn), drawn


def test_a_why_stands_within_the_window_and_goes_when_one_goes_on(page: Page, served: tuple[str, str]) -> None:
    """The last link on the page, pushed to the right border: its box is whole, and nothing scrolls sideways."""
    go(page, served, "compare")
    page.evaluate("""() => {
      const why = [...document.querySelectorAll(".wb-section .wb-why")].at(-1);
      why.style.marginLeft = `${innerWidth - why.getBoundingClientRect().right - 60}px`;
      why.scrollIntoView({ block: "center" });
      why.id = "asked";
    }""")
    link, box = page.locator("#asked summary"), page.locator("#asked > div")
    for close in ("Escape", "elsewhere"):
        link.click()
        page.wait_for_function("() => document.querySelector('#asked > div').matches(':popover-open')")
        inside = box.bounding_box()
        assert inside is not None
        assert inside["x"] >= 0
        assert inside["x"] + inside["width"] <= 1440
        assert inside["y"] >= 0
        assert inside["y"] + inside["height"] <= 900
        assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
        if close == "Escape":
            page.keyboard.press("Escape")
        else:
            page.mouse.click(700, 20)
        page.wait_for_function("() => !document.querySelector('#asked').open")

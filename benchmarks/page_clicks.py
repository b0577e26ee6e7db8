"""From a click on a page's step to a page at rest: Simulate, Check and Compare on the marketing sample.

Run as ``python -m benchmarks.page_clicks``. A headless Chromium opens the sample from the Start
page, fits it, and then clicks through the steps of the sidebar as a visitor does, once round for
the first visits and some more for the later ones. The browser's own clock starts with the click
and stops with the last change that the page made to itself, when its script has ended and nothing
has changed for a while (that while is not counted). Beside it stand the moment when the new page's
first words could be read and how long the page showed nothing at all.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, TimeoutError, sync_playwright

from scripts.screenshots import fitted_sample
from tests.e2e.conftest import FLAGS, ROOT, find_chromium, servers

PAGES = ("Data", "Draw", "Simulate", "Fit", "Check", "Compare")
#: Seconds on the first visit and on later ones, of the pages that have figures.
TARGETS = {"Simulate": (2.0, 1.0), "Check": (2.0, 1.0), "Compare": (2.0, 1.0)}
#: Seconds from a changed arrow to its new verdict.
CHANGED = 2.0
QUIET = 700  # ms without a change
MACHINE_QUIET = 0.7  # load of a quiet machine, processes waiting

#: Watches what the page does to itself: when its last change was painted, its first words, and emptiness.
CLOCK = """
() => {
  window.wbLap = null;
  document.addEventListener("click", event => {
    if (!event.target.closest?.("[data-testid=stPageLink]")) return;
    const now = performance.now();
    window.wbLap = { start: now, last: now, from: location.pathname, ran: false, words: null, blank: 0, empty: null };
  }, true);
  const said = () => {
    const main = document.querySelector("[data-testid=stMainBlockContainer]");
    return [...(main?.querySelectorAll(".stHtml, .stMarkdown, [data-testid=stWidgetLabel]") ?? [])];
  };
  let waiting = false;
  const painted = () => {
    waiting = false;
    const lap = window.wbLap, now = performance.now();
    if (!lap) return;
    lap.last = now;
    const words = said();
    if (lap.empty !== null) { lap.blank += now - lap.empty; lap.empty = null; }
    if (!words.some(element => element.textContent.trim().length > 8)) lap.empty = now;
    else if (lap.words === null && location.pathname !== lap.from && !words.some(e => e.closest("[data-stale=true]")))
      lap.words = now;
  };
  const change = () => {
    const app = document.querySelector("[data-testid=stApp]");  // a short run begins and ends between two paints
    if (window.wbLap && app?.getAttribute("data-test-script-state") !== "notRunning") window.wbLap.ran = true;
    if (window.wbLap && !waiting) { waiting = true; requestAnimationFrame(() => setTimeout(painted, 0)); }
  };
  new MutationObserver(change).observe(document.body, {
    subtree: true, childList: true, characterData: true,
    attributes: true, attributeFilter: ["data-test-script-state", "data-stale", "src"],
  });
  document.addEventListener("load", change, true);
}
"""
AT_REST = """quiet => {
  const lap = window.wbLap;
  const app = document.querySelector("[data-testid=stApp]");
  if (!lap || !(lap.ran || lap.words !== null)) return false;
  if (app.getAttribute("data-test-script-state") !== "notRunning") return false;
  if (document.querySelector("[data-testid=stSkeleton]")) return false;
  return performance.now() - lap.last > quiet;
}"""


@dataclass(frozen=True)
class Lap:
    """One click, in seconds: until rest, until the first words, and without anything to see."""

    rest: float
    words: float
    blank: float


def _step(page: Page, name: str) -> Locator:
    return page.locator("[data-testid=stSidebar] [data-testid=stPageLink] a").filter(has_text=f" {name}")


def click(page: Page, name: str) -> Lap:
    """Click a step of the sidebar and wait for rest."""
    _step(page, name).click()
    try:
        page.wait_for_function(AT_REST, arg=QUIET, timeout=60_000)
    except TimeoutError as error:
        raise RuntimeError(f"{name} does not come to rest: {page.evaluate('window.wbLap')} at {page.url}") from error
    found = page.evaluate("window.wbLap")
    page.evaluate("window.wbLap = null")
    start = found["start"]
    words = found["words"] if found["words"] is not None else found["last"]
    return Lap((found["last"] - start) / 1000, (words - start) / 1000, found["blank"] / 1000)


def walk(browser: Browser, url: str, token: str, rounds: int) -> dict[str, list[Lap]]:
    """Click through all pages ``rounds`` times in one tab; the first lap of a page is its first visit."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{url}/data?p={token}")
    page.locator("[data-testid=stSidebar] [data-testid=stPageLink]").first.wait_for(timeout=60_000)
    page.wait_for_timeout(2500)
    page.evaluate(CLOCK)
    laps: dict[str, list[Lap]] = {name: [] for name in PAGES}
    for number in range(rounds):
        for name in PAGES[1:] if number == 0 else PAGES:
            laps[name].append(click(page, name))
            page.wait_for_timeout(300)
    page.close()
    return laps


def change(browser: Browser, url: str, token: str, arrow: str) -> float:
    """Take an arrow out of a fitted drawing; return seconds until its new verdict stands on Compare.

    Two clicks: the arrow (then the delete key, where the clock starts), and the step; the fit
    takes moments, so that the page asks for it.
    """
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{url}/draw?p={token}")
    path = page.locator(f'[data-edge][data-words="{arrow}"]')
    path.wait_for(timeout=60_000)
    page.wait_for_timeout(2500)
    page.evaluate(CLOCK)
    place = path.evaluate(
        """group => {
            const path = group.querySelector("path");
            const point = path.getPointAtLength(path.getTotalLength() * 0.4).matrixTransform(path.getScreenCTM());
            return [point.x, point.y];
        }"""
    )
    page.mouse.click(*place)
    page.wait_for_timeout(500)
    page.keyboard.press("Delete")
    start = page.evaluate("performance.now()")
    path.wait_for(state="detached")
    _step(page, "Compare").click()
    page.locator("[data-testid=verdict]").wait_for(timeout=60_000)
    took = (page.evaluate("performance.now()") - start) / 1000
    page.wait_for_function(AT_REST, arg=QUIET, timeout=60_000)
    if page.locator("[data-testid=changed]").count():
        raise RuntimeError("the verdict of the changed drawing does not come by itself")
    page.close()
    return float(took)


@contextmanager
def _served() -> Iterator[tuple[Browser, str]]:
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        servers(Path(folder)) as start,
        sync_playwright() as driver,
    ):
        path = find_chromium() or driver.chromium.executable_path
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield browser, start(ROOT / "app.py")
        browser.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """Print what each page takes, beside the targets."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--sample", default="marketing")
    parser.add_argument("--arrow", default="season → visits", help="that is taken out of the first drawing")
    said = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    with _served() as (browser, url):
        token = fitted_sample(browser, url, said.sample)
        laps = walk(browser, url, token, said.rounds)
        changed = change(browser, url, token, said.arrow) if said.arrow else None
    print(f"{said.sample}, click to rest in seconds; load at the start {load:.1f}", end="")
    print("" if load < MACHINE_QUIET else " (not quiet: the numbers are too large)")
    print(f"{'page':<10}{'first':>7}{'later, median':>15}{'longest':>9}{'words first':>13}{'later':>7}{'blank':>7}")
    for name, found in laps.items():
        first, *later = found
        median = statistics.median(lap.rest for lap in later)
        target = TARGETS.get(name)
        met = "" if target is None else "  met" if first.rest < target[0] and median < target[1] else "  missed"
        print(
            f"{name:<10}{first.rest:>7.2f}{median:>15.2f}{max(lap.rest for lap in later):>9.2f}"
            f"{first.words:>13.2f}{statistics.median(lap.words for lap in later):>7.2f}"
            f"{max(lap.blank for lap in found):>7.2f}{met}",
            flush=True,
        )
    if changed is not None:
        met = "met" if changed < CHANGED else "missed"
        print(f"an arrow taken out, two clicks, until its new verdict stands: {changed:.2f}  {met}")


if __name__ == "__main__":
    main()

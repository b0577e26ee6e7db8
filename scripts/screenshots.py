"""Pictures of every page, light and dark, wide and narrow, for ``docs/screenshots/``.

Run as ``python -m scripts.screenshots`` (or ``make screenshots``): it starts the app on a
free port with a temporary home, opens a sample from the Start page as a visitor would,
fits it, and walks through the pages. ``--sample``, ``--pages`` and ``--out`` narrow it
down; ``--url`` uses an app that runs already.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.conftest import FLAGS, ROOT, find_chromium
from tests.ports import free_port

PAGES = ("start", "data", "draw", "simulate", "fit", "check", "compare", "act", "report")
THEMES = ("light", "dark")
WIDTHS = (1440, 900, 390)
LARGEST = 300_000  # bytes a picture
TALLEST = 4_000  # pixels
FIT_SECONDS = 600


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the pictures; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", default="marketing", help="key of a bundled sample")
    parser.add_argument("--pages", default=",".join(PAGES))
    parser.add_argument("--themes", default=",".join(THEMES))
    parser.add_argument("--widths", default=",".join(map(str, WIDTHS)))
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--url", help="an app that runs already")
    parser.add_argument("--project", help="token of a project that was fitted before")
    said = parser.parse_args(arguments)
    said.out.mkdir(parents=True, exist_ok=True)
    with _app(said.url) as url, _chromium() as browser:
        token = said.project or fitted_sample(browser, url, said.sample)
        print(f"project {token}", flush=True)
        for theme in said.themes.split(","):
            for width in map(int, said.widths.split(",")):
                _walk(browser, url, token, said.pages.split(","), theme, width, said.out)
    return 0


def _walk(browser: Browser, url: str, token: str, pages: Sequence[str], theme: str, width: int, out: Path) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]
    context.set_default_timeout(120_000)
    page = context.new_page()
    for name in pages:
        page.goto(url if name == "start" else f"{url}/{name}?p={token}")
        _settle(page)
        file = out / f"{name}-{theme}-{width}.png"
        file.write_bytes(_small(_tall(page, width)))
        print(file.name, file.stat().st_size, flush=True)
    context.close()


def fitted_sample(browser: Browser, url: str, sample: str) -> str:
    """Open a sample on the Start page, fit it, and return the project's token."""
    from core.data.samples import list_samples

    title = next(found.title for found in list_samples() if found.key == sample)
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(120_000)
    page.goto(url)
    _settle(page)
    page.get_by_role("combobox", name="Sample").click()
    page.get_by_role("option", name=title, exact=True).click()
    _settle(page)
    page.get_by_role("button", name="Open this sample").click()
    page.wait_for_url("**/draw?p=*")
    _settle(page)
    token = page.url.split("p=")[1].split("&")[0]
    page.goto(f"{url}/fit?p={token}")
    _settle(page)
    page.get_by_role("button", name="Fit ").first.click()
    expect(page.get_by_role("button", name="See where each one fails")).to_be_visible(timeout=1000 * FIT_SECONDS)
    page.close()
    return token


#: Nothing runs, nothing is missing, and the page has been the same for a while: its words, its
#: elements and where they end. Looked at by the browser itself, so a busy machine waits longer.
_AT_REST = """quiet => {
    const app = document.querySelector("[data-testid=stApp]");
    const running = app?.getAttribute("data-test-script-state") !== "notRunning";
    const main = document.querySelector("[data-testid=stMain]");
    const now = running || document.querySelector("[data-testid=stSkeleton]") || !main ? "" : [
        document.querySelectorAll("*").length, document.body.innerText.length, main.scrollHeight, window.innerHeight,
    ].join();
    if (!now || now !== window.wbSeen) { window.wbSeen = now; window.wbSince = performance.now(); }
    return now !== "" && performance.now() - window.wbSince > quiet;
}"""
_QUIET = 900  # ms


def _settle(page: Page) -> None:
    """Wait until Streamlit ran to its end and pictures stand still."""
    page.evaluate("window.wbSeen = undefined")
    page.wait_for_function(_AT_REST, arg=_QUIET)


def _tall(page: Page, width: int) -> bytes:
    """Return a picture of the whole page: Streamlit scrolls inside the window, so the window grows."""
    tall = page.evaluate("document.querySelector('[data-testid=stMain]')?.scrollHeight || 900")
    page.set_viewport_size({"width": width, "height": max(900, min(int(tall), TALLEST))})
    _settle(page)
    picture = page.screenshot(animations="disabled")
    page.set_viewport_size({"width": width, "height": 900})
    return picture


def _small(picture: bytes) -> bytes:
    """Return the picture as a PNG of few colours, under :data:`LARGEST` bytes."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for colours in (256, 128, 64, 32):
        out = io.BytesIO()
        image.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
            out, "PNG", optimize=True
        )
        if out.tell() < LARGEST:
            break
    return out.getvalue()


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def _app(url: str | None) -> Iterator[str]:
    """Serve the app on a free port with a home of its own, unless one is named."""
    if url:
        yield url.rstrip("/")
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        port = free_port()
        process = subprocess.Popen(  # noqa: S603 — our own command
            [sys.executable, "-m", "core", "app", "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, "WHYBOARD_HOME": home},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(f"http://localhost:{port}")
            yield f"http://localhost:{port}"
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(url: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):  # noqa: S310 — our own server
                return
        except OSError:
            time.sleep(0.4)
    raise RuntimeError("the app did not start")


if __name__ == "__main__":
    sys.exit(main())

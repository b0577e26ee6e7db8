"""Chromium and Streamlit servers for the browser tests.

``chromium`` is one browser for the session, ``page`` a fresh context's page at 1440 x 900,
``serve(app, env)`` starts a Streamlit server on a free port and returns its address; all
servers stop at the end of the test that started them (``serve_module``: of the module).
Any error in the page's console that is an uncaught exception fails the test.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
#: What no test looks at and Chromium starts with every window, each taking a second of a core: the lists under its
#: address bar are pages of their own. The last such flag counts, so Playwright's own choices stand here too.
OFF = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "SpareRendererForSitePerProcess",
    "AimEnabled", "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "LensOverlay", "MediaRouter", "NetworkTimeServiceQuerying",
    "OptimizationHints", "PaintHolding", "PreconnectToSearch", "ThirdPartyStoragePartitioning",
)  # fmt: skip
FLAGS = [
    f"--disable-features={','.join(OFF)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
]
PATIENCE = 90_000  # ms; a fresh machine imports, and compiles to bytecode, while the page waits
TRIES = 5  # of starting a server, each on another port
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


expect.set_options(timeout=PATIENCE)

_logs: list[Path] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failure what a person would look at first: the page, and the servers' last words."""
    report = yield
    if report.when == "call" and report.failed:
        page = getattr(item, "funcargs", {}).get("page")
        if isinstance(page, Page):
            with suppress(Exception):
                report.sections.append(("the page", f"{page.url}\n{page.inner_text('body', timeout=2_000)[:3000]}"))
        for log in _logs:
            with suppress(OSError):
                report.sections.append((f"server {log.stem}", log.read_text(errors="replace")[-2000:]))
    return report


class Serve(Protocol):
    """Start a Streamlit app; return the address at which it answers."""

    def __call__(self, app: str | Path, env: Mapping[str, str] | None = None) -> str: ...


def find_chromium() -> str | None:
    """Return the path of a Chromium: named by the environment, else installed."""
    named = os.environ.get("WHYBOARD_CHROMIUM")
    if named:
        return named
    return next((path for name in NAMES if (path := shutil.which(name))), None)


#: Notes since when the page has been at rest: nothing runs, and nobody did anything.
WATCH = """() => {
    if (window.wbWatch) return;
    const now = () => {
        const app = document.querySelector("[data-testid=stApp]");
        const busy = app?.getAttribute("data-test-script-state") !== "notRunning";
        if (busy || app.querySelector("[data-testid=stSkeleton]")) window.wbSince = undefined;
        else window.wbSince ??= performance.now();
    };
    for (const gesture of ["pointerdown", "pointerup", "click", "keydown", "keyup", "input", "change"])
        window.addEventListener(gesture, () => { window.wbSince = undefined; }, true);
    window.wbWatch = setInterval(now, 20);
}"""


def at_rest(page: Page, quiet: int = 600) -> None:
    """Wait until the page has run to its end and stayed so for ``quiet`` ms, with nobody's hand on it.

    A gesture reaches the server a moment after it was made, and where one run of the page
    follows another the first end is not the last: what is clicked between them may be drawn anew
    under the mouse. Who waited already does not wait again.
    """
    page.evaluate(WATCH)
    page.wait_for_function(
        "quiet => window.wbSince !== undefined && performance.now() - window.wbSince > quiet", arg=quiet
    )


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as driver:
        path = find_chromium() or driver.chromium.executable_path
        if not os.path.exists(path):
            pytest.skip("no Chromium found; name one in WHYBOARD_CHROMIUM")
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open pages in contexts of their own, with the options of ``Browser.new_context``."""
    contexts, faults = [], []

    def open_page(**options: object) -> Page:
        settings = {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light", **options}
        context = chromium.new_context(**settings)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults, f"the page raised: {faults}"


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    with servers(tmp_path) as start:
        yield start


@pytest.fixture(scope="module")
def serve_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    with servers(tmp_path_factory.mktemp("server")) as start:
        yield start


@contextmanager
def servers(folder: Path) -> Iterator[Serve]:
    """Start servers that keep their logs and data under ``folder``; stop all of them at the end."""
    running: list[subprocess.Popen[bytes]] = []

    def start(app: str | Path, env: Mapping[str, str] | None = None) -> str:
        for _ in range(TRIES - 1):
            with suppress(PortTakenError):
                return attempt(app, env)
        return attempt(app, env)

    def attempt(app: str | Path, env: Mapping[str, str] | None) -> str:
        port = free_port()
        log = folder / f"server-{port}.log"
        settings = {
            **os.environ,
            "WHYBOARD_WARM": "0",  # nothing compiles in the background while a browser is timed
            "WHYBOARD_HOME": str(folder / "home"),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            **(env or {}),
        }
        command = [
            sys.executable, "-m", "streamlit", "run", str(app),
            "--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true",
            "--server.fileWatcherType", "none", "--browser.gatherUsageStats", "false",
        ]  # fmt: skip
        with log.open("wb") as out:
            process = subprocess.Popen(
                command, cwd=ROOT, env=settings, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
            )
        running.append(process)
        _logs[:] = [*_logs[-2:], log]
        url = f"http://127.0.0.1:{port}"
        _wait_until_healthy(url, process, log)
        return url

    try:
        yield start
    finally:
        for process in running:
            _stop(process)


class PortTakenError(RuntimeError):
    """Somebody else was given the port between our look and the server's start."""


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    words = log.read_text(errors="replace")[-4000:]
    taken = process.poll() is not None and "is not available" in words
    raise (PortTakenError if taken else RuntimeError)(f"the server at {url} did not start:\n{words}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the server, then its whole process group, to end: workers must not outlive a test."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)

"""What goes wrong while fitting, in a browser: a failed gate and its remedy, Cancel, a block that cannot be fitted,
and Confirm with NUTS. The ways to fit are made for the purpose (``tests.e2e.odd_fits``); all else is the app."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from core.hypothesis import Edge, Hypothesis, Node
from core.settings import load_settings
from core.store import Store
from tests.e2e import odd_fits
from tests.e2e.conftest import ROOT, Serve
from tests.e2e.pages import press, visit

pytestmark = pytest.mark.browser

Open = Callable[[str], tuple[str, str]]


def drawn(name: str, *arrows: tuple[str, str]) -> Hypothesis:
    nodes = tuple(Node(node) for node in ("ads", "visits", "sales"))
    return Hypothesis(name, nodes, tuple(Edge(a, b) for a, b in arrows))


@pytest.fixture(scope="module")
def app(serve_module: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Store]]:
    """One server for all of these tests; its address and its store."""
    root = tmp_path_factory.mktemp("odd")
    (root / "pages").symlink_to(ROOT / "pages")
    shutil.copy(ROOT / "tests/e2e/apps/odd.py", root / "odd.py")
    home = {"WHYBOARD_HOME": str(root / "home")}
    store = Store(settings=load_settings(environ=home))
    yield serve_module(root / "odd.py", home), store
    store.close()


@pytest.fixture
def served(app: tuple[str, Store]) -> Open:
    """Make a project that is fitted in one of the odd ways; return the app's address and the project's token."""
    return lambda way: (app[0], project(app[1], odd_fits.seed_of(way)))


def project(store: Store, seed: int) -> str:
    rng = np.random.default_rng(seed)
    ads = rng.normal(size=150)
    visits = 0.8 * ads + rng.normal(size=150)
    frame = pd.DataFrame({"ads": ads, "visits": visits, "sales": visits + 0.5 * ads + rng.normal(size=150)})
    made = store.create_project(
        "Shop", "Does advertising help?", exposure="ads", outcome="sales", settings={"fit": {"seed": seed}}
    )
    token = made.token
    store.save_upload(token, "shop.csv", frame.round(4).to_csv(index=False).encode())
    store.set_column(token, "sales", label="Turnover")
    through = (("ads", "visits"), ("visits", "sales"))
    store.add_hypothesis(token, drawn("Direct too", *through, ("ads", "sales")).to_dict())
    store.add_hypothesis(token, drawn("Only through", *through).to_dict())
    return token


def show(page: Page, app: str, name: str, token: str) -> None:
    visit(page, f"{app}/{name}?p={token}")


def press_fit(page: Page, app: str, token: str) -> None:
    show(page, app, "fit", token)
    page.get_by_role("button", name=re.compile(r"^Fit 2 hypotheses, about")).click()


def test_a_failed_gate_has_a_remedy_that_works_and_can_be_undone(page: Page, served: Open) -> None:
    app, token = served("restless")
    press_fit(page, app, token)
    gate = page.get_by_test_id("gate")
    expect(gate).to_contain_text("A and B: the gate R-hat failed at Turnover (1.310, limit 1.010).")
    expect(page.get_by_role("link", name="Fit A B not settled")).to_be_visible()
    show(page, app, "compare", token)
    expect(gate).to_be_visible()
    scores = page.get_by_test_id("scores")
    expect(scores.locator("tr[data-row=effect]")).to_contain_text("held back: a gate failed")
    expect(scores.locator("tr[data-row=elpd] [data-value]")).to_have_count(0)
    page.get_by_role("button", name="Fit again with 4x the draws").click()
    expect(scores.locator("tr[data-row=effect] [data-value]")).to_have_count(2)
    expect(gate).to_have_count(0)
    expect(page.locator("body")).to_contain_text("Every node is fitted with 16,000 draws now.")
    expect(page.get_by_role("link", name="Fit done")).to_be_visible()
    press(page, "Undo")
    expect(gate).to_be_visible()
    expect(scores.locator("tr[data-row=elpd] [data-value]")).to_have_count(0)


def test_cancel_stops_a_fit_and_the_sidebar_keeps_step(page: Page, served: Open) -> None:
    app, token = served("slow")
    press_fit(page, app, token)
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    # what the sidebar says is what the page says, but for the moment between their steps
    bar = page.get_by_role("progressbar").first
    page.wait_for_function("document.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow') > 20")
    said = page.get_by_role("link", name=re.compile(r"^4 Fit \d+ %$"))
    expect(said).to_be_visible()
    for _ in range(100):  # a sidebar that stood still would stay twenty behind
        shown = int(re.findall(r"(\d+) %", said.inner_text())[0])
        if abs(shown - float(bar.get_attribute("aria-valuenow") or 0)) <= 2:
            break
        page.wait_for_timeout(200)
    else:
        raise AssertionError(f"the sidebar says {shown} %")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("body")).to_contain_text("The last fit was cancelled; what was finished by then is kept.")
    expect(page.get_by_role("link", name="Fit cancelled")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile(r"^Fit 2 hypotheses"))).to_be_visible()


def test_a_block_that_cannot_be_fitted_is_named_and_the_rest_is_compared(page: Page, served: Open) -> None:
    app, token = served("broken")
    press_fit(page, app, token)
    alert = page.get_by_role("alert").filter(has_text="did not finish")
    expect(alert).to_contain_text("the sampler stopped at its first step")
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    show(page, app, "compare", token)
    expect(page.locator("body")).to_contain_text("Only through")


def test_nuts_confirms_what_was_shown(page: Page, served: Open) -> None:
    app, token = served("settled")
    press_fit(page, app, token)
    expect(page.get_by_role("button", name="Confirm with NUTS")).to_be_visible()
    press(page, "Confirm with NUTS")
    expect(page.get_by_test_id("confirmation")).to_contain_text(
        re.compile(r"agrees with what was shown: the largest difference is \d\.\d Monte Carlo errors \(\w+, [\w ]+\)")
    )
    show(page, app, "compare", token)
    expect(page.get_by_test_id("confirmation")).to_contain_text("agrees with what was shown")

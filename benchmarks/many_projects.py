"""Many visitors at once: sixteen projects opened together and walked through all pages.

Run as ``python -m benchmarks.many_projects``. Sixteen projects are fitted beforehand, each with data of
its own. Then sixteen clients open them at once, each over a connection of its own that speaks to the
server as a browser does, and walk through all pages, each at its own pace. The clock of a page starts
when it is asked for and stops when all of it has arrived. What a browser then draws is its own
machine's work (``python -m benchmarks.page_clicks``).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from core.comparison.storage import comparison_to_bytes
from core.hypothesis import Edge, Hypothesis, Node
from core.jobs.job import Asked
from core.settings import load_settings
from core.store import Store, load_dataset
from core.study import compare
from tests.e2e.conftest import ROOT, servers
from tests.e2e.visitors import Visitor

PAGES = ("data", "draw", "simulate", "fit", "check", "compare")
BOUND = 10.0  # seconds that no page may take


def make_projects(store: Store, number: int, rows: int) -> list[str]:
    """Return the tokens of fitted projects, each with a table and three rivals of its own."""
    names = ("season", "ads", "visits", "sales")
    chain = (("season", "ads"), ("ads", "visits"), ("visits", "sales"))
    rivals = {
        "Season moves both": (*chain, ("season", "sales")),
        "Ads come through visits": chain,
        "Everything": (*chain, ("season", "sales"), ("ads", "sales"), ("season", "visits")),
    }
    tokens = []
    for seed in range(number):
        rng = np.random.default_rng(seed)
        columns: dict[str, np.ndarray] = {"season": rng.normal(size=rows)}
        for before, name in pairwise(names):
            columns[name] = 0.8 * columns[before] + rng.normal(size=rows)
        columns["sales"] = columns["sales"] + columns["season"]
        made = store.create_project(f"Shop {seed}", "Do ads raise sales?", exposure="ads", outcome="sales", settings={})
        store.save_upload(made.token, "shop.csv", pd.DataFrame(columns).round(4).to_csv(index=False).encode())
        for name, arrows in rivals.items():
            drawn = Hypothesis(name, tuple(map(Node, names)), tuple(Edge(a, b) for a, b in arrows))
            store.add_hypothesis(made.token, drawn.to_dict())
        dataset = load_dataset(store, made.token)
        drawn_all = tuple(record.hypothesis.renamed(record.letter) for record in store.hypotheses(made.token))
        asked = Asked(drawn_all, effects=(("ads", "sales"),), seed=1)
        request = store.create_request(made.token, asked.to_payload(dataset), "bench")
        found = compare(dataset, drawn_all, effects=asked.effects, seed=1)
        store.end_request(request.id, "done", result=comparison_to_bytes(found))
        tokens.append(made.token)
    return tokens


async def walk(url: str, token: str, rounds: int, laps: dict[str, list[float]]) -> None:
    """Walk one visitor through all pages, noting seconds a page."""
    visitor = await Visitor.arrive(url, token)
    for _ in range(rounds):
        for name in PAGES:
            laps[name].append(await visitor.open(name))
    visitor.leave()


async def visit(url: str, tokens: Sequence[str], rounds: int) -> dict[str, list[float]]:
    """Let one visitor a project walk, all at once."""
    laps: dict[str, list[float]] = defaultdict(list)
    await asyncio.gather(*(walk(url, token, rounds, laps) for token in tokens))
    return laps


def main(arguments: Sequence[str] | None = None) -> None:
    """Print what each page takes for all visitors, beside the bound."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--projects", type=int, default=16)
    parser.add_argument("--rows", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=2)
    said = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, servers(Path(folder)) as start:
        home = {"WHYBOARD_HOME": str(Path(folder) / "home")}
        store = Store(settings=load_settings(environ=home))
        tokens = make_projects(store, said.projects, said.rows)
        store.close()
        laps = asyncio.run(visit(start(ROOT / "app.py", home), tokens, said.rounds))
    print(f"{said.projects} projects of {said.rows} rows at once, seconds a page; load at the start {load:.1f}")
    print(f"{'page':<10}{'median':>8}{'longest':>9}")
    for name in PAGES:
        print(f"{name:<10}{statistics.median(laps[name]):>8.2f}{max(laps[name]):>9.2f}", flush=True)
    longest = max(max(found) for found in laps.values())
    print(f"no page over {BOUND:.0f} s: {'met' if longest < BOUND else 'missed'}")


if __name__ == "__main__":
    main()

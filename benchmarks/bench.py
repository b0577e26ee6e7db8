"""Whyboard beside what a user would run instead, in one run on this machine.

Four hypotheses over six mixed columns, N = 1000 (:mod:`benchmarks.problem`): fit, elpd,
posterior predictive and comparison on both sides; Whyboard adds evidence with its sweep,
implied independences, predictive checks and the verdict. *Warm* means that the process
has compiled what it needs and that no result is kept; PyMC is imported on both sides.
Whyboard's times are medians of runs before and after the peer's one run.

    make bench
    python -m benchmarks.bench --no-peer      Whyboard alone
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks import peer_pymc
from benchmarks.problem import CHANGES, RIVALS, hypothesis, table
from core import Dataset, compare
from core.comparison.result import Comparison
from core.fit.cache import BlockCache
from core.hypothesis import Hypothesis

TARGET = 5.0


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Run something; return its wall time and its result."""
    start = perf_counter()
    found = work()
    return perf_counter() - start, found


def rivals() -> list[Hypothesis]:
    return [hypothesis(name, parents) for name, parents in RIVALS.items()]


def changed(node: str) -> list[Hypothesis]:
    """The rivals with one arrow into ``node`` changed in the first."""
    first, *others = rivals()
    return [hypothesis(first.name, CHANGES[node]), *others]


Times = dict[str, list[float]]

WARM = "warm"


def compile_all(data: Dataset) -> None:
    """Compile every signature, with another number of draws, so that no result can be reused."""
    for graphs in (rivals(), *(changed(node) for node in CHANGES)):
        compare(data, graphs, draws=400)


def whyboard(data: Dataset, times: Times) -> Comparison:
    """Time Whyboard once with nothing kept, and after each changed arrow; add to ``times``."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spent, result = seconds(lambda: compare(data, rivals(), cache=BlockCache(folder / WARM)))
        times.setdefault(WARM, []).append(spent)
        for node in CHANGES:
            copytree(folder / WARM, folder / node)  # so that no change profits from another
            cache = BlockCache(folder / node)
            spent, _ = seconds(lambda node=node, cache=cache: compare(data, changed(node), cache=cache))
            times.setdefault(node, []).append(spent)
    return result


def peer(data: Any) -> tuple[float, dict[str, float], Any]:
    """Time the hand-written models: all four, and after each changed arrow the changed one and the comparison."""
    warm, (found, fits) = seconds(lambda: peer_pymc.run(RIVALS, data))
    first = next(iter(RIVALS))
    arrows = {}
    for node, parents in CHANGES.items():
        arrows[node], _ = seconds(
            lambda parents=parents: peer_pymc.compare({**fits, first: peer_pymc.fit(parents, data)})
        )
    return warm, arrows, found


def row(what: str, theirs: float | None, ours: float) -> str:
    if theirs is None:
        return f"{what:<34}{'':>10}{ours:>10.2f} s"
    return f"{what:<34}{theirs:>8.2f} s{ours:>10.2f} s{theirs / ours:>9.1f} x"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--no-peer", action="store_true", help="Whyboard alone")
    parser.add_argument("--repeats", type=int, default=3)
    chosen = parser.parse_args()
    import arviz  # noqa: F401
    import pymc  # noqa: F401

    peer_pymc.quiet()
    frame = table()
    data = Dataset.from_frame(frame)
    compile_all(data)
    times: Times = {}
    result = whyboard(data, times)
    their_warm, their_arrows, their_table = (None, {}, None) if chosen.no_peer else peer(frame)
    for _ in range(chosen.repeats - 1):  # before and after the peer: the machine may be busier by then
        whyboard(data, times)
    warm = median(times.pop(WARM))
    arrows = {node: median(found) for node, found in times.items()}

    print(f"{'':<34}{'PyMC':>10}{'Whyboard':>12}{'ratio':>11}")
    print(row("four hypotheses, warm", their_warm, warm))
    for node in CHANGES:
        print(row(f"one changed arrow into {node}", their_arrows.get(node), arrows[node]))
    middle = median(their_arrows.values()) if their_arrows else None
    print(row("one changed arrow, median of six", middle, median(arrows.values())))
    print(f"targets: {TARGET:g} x and {TARGET:g} x; both sides draw 4 x 1000, PyMC with nutpie (its default)")
    print()
    print("Whyboard: " + result.verdict)
    if their_table is not None:
        print(their_table)


if __name__ == "__main__":
    main()

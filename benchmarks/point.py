"""One comparison of a given size in a process of its own: its seconds, and the memory at its peak.

python -m benchmarks.point gaussian 10000 20 5      rows, nodes, hypotheses
python -m benchmarks.point mixed 10000              the four rivals over six mixed columns
python -m benchmarks.point glm 1000000              a binary and a count child of three real columns
"""

import json
import os
import resource
import subprocess
import sys
import threading
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.problem import RIVALS, Parents, hypothesis, table
from benchmarks.timing import timed

__all__ = ["point"]

GLM: Parents = {"age": (), "price": (), "income": ("age",), "visits": ("age", "price"), "bought": ("price", "income")}


def point(kind: str, *sizes: int) -> dict[str, Any]:
    """Run one point in another process; return what it printed."""
    command = [sys.executable, "-m", "benchmarks.point", kind, *map(str, sizes)]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(found.stdout.splitlines()[-1])


def glm_table(rows: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    age, price = rng.normal(40.0, 10.0, rows), rng.normal(10.0, 2.0, rows)
    income = 30.0 + 0.4 * age + rng.normal(0.0, 8.0, rows)
    visits = rng.poisson(np.exp(0.5 + 0.02 * (age - 40) - 0.1 * (price - 10)))
    odds = -0.5 - 0.3 * (price - 10.0) + 0.03 * (income - 46.0)
    bought = (rng.random(rows) < 1 / (1 + np.exp(-odds))).astype(int)
    return pd.DataFrame({"age": age, "price": price, "income": income, "visits": visits, "bought": bought})


def problem(kind: str, sizes: list[int]) -> tuple[pd.DataFrame, list[Any]]:
    """Return the data and the hypotheses of a point."""
    if kind == "mixed":
        return table(sizes[0]), [hypothesis(name, parents) for name, parents in RIVALS.items()]
    if kind == "glm":
        return glm_table(sizes[0]), [hypothesis("as drawn", GLM)]
    from benchmarks import gaussian

    rows, nodes, count = sizes
    base = gaussian.graph(nodes)
    others = gaussian.rivals(base, count, max(1, nodes // 3))
    return gaussian.columns(base, rows), [hypothesis(f"H{place}", parents) for place, parents in enumerate(others)]


class Peak:
    """The most memory that this process held while it was watched, in MB over what it held before."""

    def __init__(self) -> None:
        self._before = self._most = _resident()
        self._stop = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Peak":
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._watch.join()

    def _look(self) -> None:
        while not self._stop.wait(0.005):
            self._most = max(self._most, _resident())

    @property
    def megabytes(self) -> float:
        return max(self._most - self._before, 0.0)


def _resident() -> float:
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:  # no such file: the peak since the start, which is too much rather than too little
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def main() -> None:
    kind, *sizes = sys.argv[1:]
    frame, hypotheses = problem(kind, [int(size) for size in sizes])
    from core import Dataset, compare
    from core.fit.engine import fit_blocks
    from core.study import plan

    compare(Dataset.from_frame(frame[:50]), hypotheses[:1])  # imports what it imports
    data = Dataset.from_frame(frame)
    with Peak() as peak:
        took, result = timed(lambda: compare(data, hypotheses))
    # Another seed: the fits are new, the summary of the rows is the one that stands.
    refits = list(fit_blocks(plan(data, hypotheses, seed=1).blocks).values()) if kind == "gaussian" else []
    blocks = {block.key: block for rival in result.hypotheses for block in rival.blocks}
    print(
        json.dumps(
            {
                "wall": took.wall,
                "cpu": took.cpu,
                "seconds": dict(result.seconds),
                "megabytes": peak.megabytes,
                "families": len(blocks),
                "refit": sum(fit.seconds["fit"] for fit in refits),
                "score": max((fit.seconds["score"] for fit in refits), default=0.0),
                "blocks": [
                    {
                        "node": block.nodes[0],
                        **{k: v for k, v in vars(block).items() if isinstance(v, int | float | str)},
                    }
                    for block in blocks.values()
                ],
            }
        )
    )


if __name__ == "__main__":
    main()

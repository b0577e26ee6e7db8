"""The fork whose confounder bends: what "let it bend" makes of the effect, of the true graph and of its rival.

z acts on x, on y and on w: as a square, as a threshold, in opposite ways for two levels of a modifier m, or in a line;
x acts on y by a half. The true graph has z -> x, z -> y, z -> w and x -> y; its rival has w -> y for z -> y. Of each
data set both are compared, with straight arrows and with every arrow free to bend (with a modifier those from z differ
by m then): does the 90 % interval of the effect hold the truth, is the true graph contradicted, is the rival over .95?

    python -m benchmarks.bending             prints the table
    python -m benchmarks.bending --write     writes docs/bending.md (make calibrate does)
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core import Dataset, Hypothesis
from core.hypothesis import Edge, Node
from core.study import compare
from core.study.bending import bending

__all__ = ["SHAPES", "Row", "main", "measured"]

PAGE = Path(__file__).resolve().parents[1] / "docs" / "bending.md"
ROWS, SETS, SEED, EFFECT = 300, 100, 20261129, 0.5

FloatArray = NDArray[np.float64]

SHAPES: Mapping[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "line": lambda z, m: z,
    "square": lambda z, m: z**2,
    "threshold": lambda z, m: 1.0 * (z > 0.5),
    "modifier": lambda z, m: z * (2 * m - 1),
}


@dataclass(frozen=True)
class Row:
    """Shares of data sets, and the mean error of the effect's posterior mean.

    ``contradicted`` is the true graph where it matters: a claim that bears on the question; ``beside`` counts its other
    claims too. ``wrong`` is its rival over .95.
    """

    shape: str
    bends: bool
    covers: float
    error: float
    contradicted: float
    beside: float
    wrong: float
    second: float

    @property
    def text(self) -> str:
        """The row of the table."""
        shares = (self.covers, self.second, self.contradicted, self.beside, self.wrong)
        said = " | ".join(f"{share:.0%}" for share in shares)
        return f"| {self.shape} | {'may bend' if self.bends else 'straight'} | {said} | {self.error:+.2f} |"


def drawn(shape: str, bends: bool, seed: int) -> tuple[Dataset, Hypothesis, Hypothesis]:
    """Return one data set, the true graph and its rival."""
    rng = np.random.default_rng([seed, SEED])
    z, m = rng.normal(size=ROWS), rng.integers(0, 2, ROWS).astype(np.float64)
    moved = SHAPES[shape](z, m)
    x = moved + rng.normal(size=ROWS)
    y = moved + EFFECT * x + rng.normal(size=ROWS)
    table = {"z": z, "x": x, "y": y, "w": moved + rng.normal(size=ROWS)}
    modified = shape == "modifier"
    by = "m" if modified and bends else None
    if modified:
        table["m"] = m
    own = [Edge("m", name) for name in "xyw"] if modified else []
    nodes = tuple(Node(name) for name in table)
    shared = [Edge("z", "x", by=by), Edge("z", "w", by=by), Edge("x", "y"), *own]
    true = Hypothesis("true", nodes, (Edge("z", "y", by=by), *shared), exposure="x", outcome="y")
    rival = Hypothesis("rival", nodes, (Edge("w", "y"), *shared), exposure="x", outcome="y")
    data = Dataset.from_frame(pd.DataFrame(table))
    return (data, bending(true), bending(rival)) if bends else (data, true, rival)


def measured(shape: str, bends: bool, sets: int) -> Row:
    """Compare both graphs of so many data sets."""
    found = np.array([_one(shape, bends, seed) for seed in range(sets)], dtype=np.float64)
    covers, error, contradicted, beside, wrong, second = found.mean(axis=0)
    return Row(shape, bends, covers, error, contradicted, beside, wrong, second)


def _one(shape: str, bends: bool, seed: int) -> tuple[bool, float, bool, bool, bool, bool]:
    data, *rivals = drawn(shape, bends, seed)
    told: dict[str, Any] = compare(data, rivals, cache=None).to_dict()
    true = told["hypotheses"][0]
    effect = true["effects"][0]
    held = effect["q05"] is not None and effect["q05"] <= EFFECT <= effect["q95"]
    against = [claim for claim in true["implications"] if claim["contradicted"]]
    classes = told["question"]["classes"]
    rival = next(one["bagged_probability"] for one in classes if "rival" in one["members"])
    error = (effect["mean"] if effect["mean"] is not None else np.nan) - EFFECT
    other = effect["second"]
    second = other is not None and other["q05"] <= EFFECT <= other["q95"]
    return held, error, any(claim["bears"] for claim in against), bool(against), (rival or 0.0) > 0.95, second


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and, if asked, write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=SETS)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args(arguments)
    start, rows = time.perf_counter(), []
    for shape in SHAPES:
        for bends in (False, True):
            rows.append(measured(shape, bends, asked.sets))
            print(rows[-1].text, flush=True)
    if asked.write:
        PAGE.write_text(page(rows, asked.sets, (time.perf_counter() - start) / 60), encoding="utf-8")
    return 0


def page(rows: list[Row], sets: int, minutes: float) -> str:
    """Return the page that is committed."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy"))
    return f"""# A fork whose confounder bends

Written by `python -m benchmarks.bending --write` on {date.today().isoformat()} in {minutes:.0f} minutes with Python
{sys.version.split()[0]}, {packages}. {sets} data sets of {ROWS} rows a row.

z acts on x, y and w in the shape named; x acts on y by {EFFECT}. The true graph has z -> x, z -> y, z -> w, x -> y; its
rival w -> y instead of z -> y. With a modifier m, which is drawn as a cause of all three, z acts in opposite ways for
its two levels; arrows that may bend differ by m then, straight ones do not.

- **covers**: the 90 % interval of the effect under the true graph holds {EFFECT}.
- **second opinion**: its 90 % interval does; it stands beside every effect.
- **contradicted**: the true graph, where it matters: a claim that bears on the question. **any claim**: the others too;
  each of the two sets is tested at 5 % by itself.
- **rival**: its probability is over .95 (resampled rows).

| shape | arrows | covers | second opinion | contradicted | any claim | rival | mean error |
|---|---|---|---|---|---|---|---|
{chr(10).join(row.text for row in rows)}

Under a threshold the interval holds the truth somewhat less often than it says. The bend is learnt as well as predicts
best, which leaves some of it in the confounder's other effects. Tried on the same 300 sets, y's family alone (now:
83 %): tau held at 1, a curve that is always free, 89 %; but whoever expects such bends (tau ~ LogNormal about 1, .7, 2)
sees a straight line where there is a threshold: 82, 84, 74. 20 splines: 83. Knots at quantiles: 84. One step at one of
39 places, the truth itself: 84. A second curve made of 40 steps, which the data may choose instead: 86, at more than
twice the cost; not built. One step at any place between two rows, or at one of 99, which the data may choose instead:
86 to 87 on these sets, 84.3 +- 1.5 on 600 others (now: 79.5; on all 1,200 sets 81.2 +- 1.1), of sets of 2,000 rows 92
(now: 82), of two opposite steps 72 (now: 74). NUTS cannot move the place of a step (the same model in PyMC: four
effective draws), and with it summed out the likelihood is no longer one of rows, which no exported script could keep;
not built.
"""


if __name__ == "__main__":
    sys.exit(main())

"""What a prior scale of each column's own does where columns nearly determine each other, beside t = 1/2.

A chain x -> m -> y whose steps have a given R2, fitted as it is and with a superfluous x -> y: how
often is the evidence for that arrow at half, one and two times the prior scale, and how often does
its 90 % interval leave zero out, of which 10 % are to be expected? And what the cure costs: how
often is an arrow that is there found, beside m (x -> y with a partial correlation) or into a column
of which nothing else is known (x -> z). Each data set is fitted twice, by the same code: as a user's
would be, and with t = 1/2 said of every node.

    python -m benchmarks.strong             prints the table
    python -m benchmarks.strong --write     writes docs/strong.md (make calibrate does)
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core import Dataset, Hypothesis
from core.fit.blocks import make_blocks
from core.fit.engine import fit_blocks
from core.fit.result import BlockFit
from core.hypothesis import Edge, Node, Prior
from core.model.resolve import resolve

__all__ = ["Row", "main", "measured"]

PAGE = Path(__file__).resolve().parents[1] / "docs" / "strong.md"
R_SQUARED = (0.9, 0.95, 0.99, 0.999)
ROWS = (30, 100, 300)
SETS = 400
SEED = 20261201
WEAK = 0.25
FAMILIES = {"": (), "half": (("t", Prior("Constant", (("value", 0.5),))),)}

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """Shares of the data sets, by way (own t, t = 1/2), of one R2 and number of rows."""

    r_squared: float
    rows: int
    asked: tuple[float, float]
    excluded: tuple[float, float]
    beside: tuple[float, float]
    into_other: tuple[float, float]

    @property
    def text(self) -> str:
        """The row of the table: t = 1/2 first, then the column's own."""
        pairs = (self.asked, self.excluded, self.beside, self.into_other)
        cells = " | ".join(f"{half:.1%} | {own:.1%}" for own, half in pairs)
        return f"| {self.r_squared:g} | {self.rows} | {cells} |"


def columns(r_squared: float, rows: int, rng: np.random.Generator) -> dict[str, FloatArray]:
    """Draw the chain x, m, y, with ``beside``, y with a weak arrow from x beside m, and ``z``, weakly caused by x."""
    step, left = np.sqrt(r_squared), np.sqrt(1 - r_squared)
    x, of_m, of_y, of_z = rng.normal(size=(4, rows))
    m = step * x + left * of_m
    rest_of_x = (x - step * m) / left
    weak, strong = WEAK, np.sqrt(1 - WEAK**2)
    return {
        "x": x,
        "m": m,
        "y": step * m + left * of_y,
        "beside": step * m + left * (strong * of_y + weak * rest_of_x),
        "z": weak * x + strong * of_z,
    }


def fitted(data: Dataset, child: str, parents: Sequence[str], way: str) -> BlockFit:
    """Return the fit of one child in the graph x -> m that has these arrows into it."""
    nodes = tuple(Node(name, family="Normal", priors=FAMILIES[way]) for name in ("x", "m", child))
    edges = (Edge("x", "m"), *(Edge(parent, child) for parent in parents))
    made = make_blocks(resolve(Hypothesis("h", nodes, edges), data), data, method="exact", draws=1000)
    block, rows = made[child]
    return fit_blocks({block.key: (block, rows)})[block.key]


def is_asked_for(with_it: BlockFit, without: BlockFit) -> bool:
    """Return whether the evidence is for an arrow over the whole sweep."""
    return all(more > less for more, less in zip(with_it.sweep or (), without.sweep or (), strict=True))


def measured(r_squared: float, rows: int, sets: int, seed: int = SEED) -> Row:
    """Return what ``sets`` data sets give."""
    counts = np.zeros((2, 4))
    for number in range(sets):
        found = columns(r_squared, rows, np.random.default_rng([seed, number]))
        tables = {
            c: Dataset.from_frame(pd.DataFrame({k: found[k] for k in ("x", "m", c)})) for c in ("y", "beside", "z")
        }
        for place, way in enumerate(FAMILIES):
            whole = fitted(tables["y"], "y", ("m", "x"), way)
            slope = np.quantile(whole.draws["slopes"][:, 0], (0.05, 0.95))  # x is the first column of the data
            counts[place] += (
                is_asked_for(whole, fitted(tables["y"], "y", ("m",), way)),
                slope[0] > 0 or slope[1] < 0,
                is_asked_for(*(fitted(tables["beside"], "beside", of, way) for of in (("m", "x"), ("m",)))),
                is_asked_for(*(fitted(tables["z"], "z", of, way) for of in (("x",), ()))),
            )
    own, half = counts / sets
    return Row(r_squared, rows, *zip(own.tolist(), half.tolist(), strict=True))


def main(arguments: list[str] | None = None) -> int:
    """Run, print, and with ``--write`` write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=SETS)
    parser.add_argument("--write", action="store_true", help="write docs/strong.md")
    asked = parser.parse_args(arguments)
    start, rows = time.perf_counter(), []
    for r_squared in R_SQUARED:
        for size in ROWS:
            rows.append(measured(r_squared, size, asked.sets))
            print(f"{rows[-1].text}  {time.perf_counter() - start:.0f} s", flush=True)
    if asked.write:
        PAGE.write_text(page(rows, asked.sets, (time.perf_counter() - start) / 60), encoding="utf-8")
    return 0


def page(rows: Sequence[Row], sets: int, minutes: float) -> str:
    """Return the page that is committed."""
    body, error = "\n".join(row.text for row in rows), 50 / sets**0.5
    return f"""# Strong relations

A prior scale t of each column's own (`core/data/prior_scales.py`) beside the same t = 1/2 for all, written by
`python -m benchmarks.strong --write` on {date.today().isoformat()} in {minutes:.0f} minutes with Python
{sys.version.split()[0]}, numpy {version("numpy")}; {sets} data sets a row
(standard error of a share: at most {error:.1f} points).

A chain x -> m -> y of Normal columns; R2 is that of each step. **Superfluous** x -> y: how often the evidence is for
it at half, one and two times the prior scale, and how often its 90 % interval leaves zero out (10 % are due).
**True**: how often the evidence is, over the same sweep, for an arrow that is there: x -> y beside m, with a partial
correlation of {WEAK}, and x -> z, with a correlation of {WEAK}, into a column of which nothing else is known.

| R2 | rows | superfluous asked for, t = 1/2 | own t | interval without zero, t = 1/2 | own t | true beside m, t = 1/2 \
| own t | true into z, t = 1/2 | own t |
|---|---|---|---|---|---|---|---|---|---|
{body}

With t = 1/2 a slope that is large against the child's residual spread is pulled in, and x, which says nearly the
same as m, is asked for in m's place. So what t = 1/2 finds beside m where R2 is high is in good part no power: it
finds much of it where nothing is. The price of the cure is the last column: an arrow out of a column whose slopes may
be large is expected to be large, so a weak one needs more rows.
"""


if __name__ == "__main__":
    sys.exit(main())

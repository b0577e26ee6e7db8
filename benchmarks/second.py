"""What stands beside an effect, on worlds in which the model is right and worlds in which it is not.

In each world the graph is the true one (but for the cause that nobody measured), and the families are those that
Whyboard takes by itself. How often does the 90 % interval of the reported effect hold the true one; and where it
does not, how often does what stands beside the effect say so: overlap, second opinion, a curve, what an unmeasured
cause would do? Where the model is right the words about its form are false alarms. The page that is written is
docs/effects.md.

    python -m benchmarks.second             prints the table
    python -m benchmarks.second --write     writes docs/effects.md (make calibrate does)
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core import Dataset, Hypothesis
from core.comparison.cautions import effect_cautions
from core.comparison.result import Comparison
from core.hypothesis import Edge, Node
from core.study import compare

__all__ = ["WORLDS", "Row", "World", "main", "measured"]

PAGE = Path(__file__).resolve().parents[1] / "docs" / "effects.md"
RIGHT = ("straight, two levels", "straight, a number", "logistic outcome")
UNSEEN = "unmeasured confounder"
ROWS, SETS, SEED = 400, 100, 20261204

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class World:
    """One data set: exposure x, outcome y, its measured common causes, and the true effect."""

    table: pd.DataFrame
    truth: float


def _hit(rng: np.random.Generator, logit: FloatArray) -> FloatArray:
    return (rng.random(len(logit)) < 1.0 / (1.0 + np.exp(-logit))).astype(np.float64)


def _levels(rng: np.random.Generator, n: int) -> World:
    z, w = rng.normal(size=(2, n))
    x = _hit(rng, 0.8 * z - 0.5 * w)
    return World(pd.DataFrame({"z": z, "w": w, "x": x, "y": x + z + 0.5 * w + rng.normal(size=n)}), 1.0)


def _numbers(rng: np.random.Generator, n: int) -> World:
    z, w = rng.normal(size=(2, n))
    x = 0.7 * z + 0.3 * w + rng.normal(size=n)
    return World(pd.DataFrame({"z": z, "w": w, "x": x, "y": 0.5 * x + z + 0.5 * w + rng.normal(size=n)}), 0.5)


def _chances(rng: np.random.Generator, n: int) -> World:
    z = rng.normal(size=n)
    x = _hit(rng, 0.8 * z)
    low, high = (1.0 / (1.0 + np.exp(-(0.8 * z - 0.4 + up))) for up in (0.0, 1.0))
    y = (rng.random(n) < np.where(x == 1, high, low)).astype(np.float64)
    return World(pd.DataFrame({"z": z, "x": x, "y": y}), float(np.mean(high - low)))


def _curved(rng: np.random.Generator, n: int) -> World:
    z, w = rng.normal(size=(2, n))
    x = _hit(rng, 1.2 * (z**2 - 1) + 0.4 * w)
    y = x + 0.8 * (z**2 - 1) + 0.5 * w + rng.normal(size=n)
    return World(pd.DataFrame({"z": z, "w": w, "x": x, "y": y}), 1.0)


def _mild_curve(rng: np.random.Generator, n: int) -> World:
    z, w = rng.normal(size=(2, n))
    x = _hit(rng, 0.6 * (z**2 - 1) + 0.4 * w)
    y = x + 0.3 * (z**2 - 1) + 0.5 * w + rng.normal(size=n)
    return World(pd.DataFrame({"z": z, "w": w, "x": x, "y": y}), 1.0)


def _curved_numbers(rng: np.random.Generator, n: int) -> World:
    z, w = rng.normal(size=(2, n))
    x = 0.6 * (z**2 - 1) + 0.4 * w + rng.normal(size=n)
    y = 0.5 * x + 0.8 * (z**2 - 1) + 0.5 * w + rng.normal(size=n)
    return World(pd.DataFrame({"z": z, "w": w, "x": x, "y": y}), 0.5)


def _threshold(rng: np.random.Generator, n: int) -> World:
    z, w = rng.normal(size=(2, n))
    over = np.where(np.abs(z) > 1.0, 1.0, 0.0)
    x = _hit(rng, 2.5 * over - 1.2 + 0.4 * w)
    return World(pd.DataFrame({"z": z, "w": w, "x": x, "y": x + 2.0 * over + w + rng.normal(size=n)}), 1.0)


def _varying(rng: np.random.Generator, n: int) -> World:
    z = rng.normal(size=n)
    x = _hit(rng, 1.5 * z - 1.2)
    each = 1.0 + 1.2 * z
    return World(pd.DataFrame({"z": z, "x": x, "y": each * x + z + rng.normal(size=n)}), float(each.mean()))


def _mild_varying(rng: np.random.Generator, n: int) -> World:
    z = rng.normal(size=n)
    x = _hit(rng, z - 0.8)
    each = 1.0 + 0.7 * z
    return World(pd.DataFrame({"z": z, "x": x, "y": each * x + z + rng.normal(size=n)}), float(each.mean()))


def _u_shaped(rng: np.random.Generator, n: int) -> World:
    z = rng.normal(size=n)
    x = 0.5 * z + rng.normal(size=n)
    each = 0.5 * ((x + 1) ** 2 - x**2)
    return World(pd.DataFrame({"z": z, "x": x, "y": 0.5 * x**2 + z + rng.normal(size=n)}), float(each.mean()))


def _unmeasured(rng: np.random.Generator, n: int) -> World:
    z, u = rng.normal(size=(2, n))
    x = 0.5 * z + 0.5 * u + rng.normal(size=n)
    return World(pd.DataFrame({"z": z, "x": x, "y": 0.2 * x + z + 0.5 * u + rng.normal(size=n)}), 0.2)


def _cost(rng: np.random.Generator, n: int) -> World:
    """A cost to which causes add, with a skewed rest: the effect on the median is that on the mean."""
    z = rng.normal(size=n)
    x = _hit(rng, 1.2 * z)
    y = 0.2 + np.exp(0.8 * rng.normal(size=n)) + 0.7 * np.maximum(z + 1.0, 0.0) ** 2 + 1.0 * x
    return World(pd.DataFrame({"z": z, "x": x, "y": y}), 1.0)


WORLDS: Mapping[str, Callable[[np.random.Generator, int], World]] = {
    "straight, two levels": _levels,
    "straight, a number": _numbers,
    "logistic outcome": _chances,
    "curved confounder, two levels": _curved,
    "curved a little, two levels": _mild_curve,
    "curved confounder, a number": _curved_numbers,
    "confounder with thresholds": _threshold,
    "effect varies with the confounder": _varying,
    "effect varies a little": _mild_varying,
    "U-shaped exposure": _u_shaped,
    "cost, skewed, causes add": _cost,
    UNSEEN: _unmeasured,
}


@dataclass(frozen=True)
class Row:
    """Counts of one world's data sets: of each word over all of them, and by hit and miss of the word that is due.

    Due is any word about the form of the model, and of the cause that nobody measured the word about such causes.
    """

    name: str
    sets: int
    covered: int
    lacks: int
    differs: int
    bends: int
    unmeasured: int
    said_if_covered: int
    said_if_missed: int
    error: float
    second_error: float
    second_covered: int

    @property
    def text(self) -> str:
        """The row of the table."""
        missed = self.sets - self.covered
        parts = [f"{100 * part / self.sets:.0f} %" for part in (self.lacks, self.differs, self.bends, self.unmeasured)]
        spoken = f"{self.said_if_missed} of {missed}" if missed else "-"
        quiet = f"{self.said_if_covered} of {self.covered}" if self.covered else "-"
        errors = f"{self.error:+.2f} | {self.second_error:+.2f} | {100 * self.second_covered / self.sets:.0f} %"
        covered = f"{100 * self.covered / self.sets:.0f} %"
        return f"| {self.name} | {covered} | {' | '.join(parts)} | {spoken} | {quiet} | {errors} |"


def compared(world: World) -> Comparison:
    """Return the comparison of the true graph alone."""
    causes = [name for name in world.table.columns if name not in ("x", "y")]
    edges = [Edge("x", "y"), *(Edge(cause, end) for cause in causes for end in ("x", "y"))]
    nodes = tuple(Node(name) for name in world.table.columns)
    data = Dataset.from_frame(world.table)
    return compare(
        data, [Hypothesis("A", nodes, tuple(edges), (), "x", "y", background=tuple(causes))], effects=[("x", "y")]
    )


def measured(name: str, rows: int, sets: int, seed: int = SEED) -> Row:
    """Return what ``sets`` data sets of one world give."""
    counts = np.zeros((sets, 7), dtype=bool)
    errors = np.zeros((sets, 2))
    for number in range(sets):
        world = WORLDS[name](np.random.default_rng([seed, number, sum(map(ord, name))]), rows)
        found = compared(world)
        (effect,) = found.hypotheses[0].effects
        second, overlap = effect.second, effect.overlap
        if effect.mean is None or effect.q05 is None or effect.q95 is None or second is None or overlap is None:
            raise RuntimeError(f"{name}, data set {number}: {effect.second_reason}")
        raw = second if second.scale == "mean" or second.on_mean is None else second.on_mean
        said = effect_cautions(found.hypotheses, ("x", "y"), {column.name: column for column in found.data.columns})
        strong = any(words.startswith("Something unmeasured") for words in said)
        counts[number] = (
            effect.q05 <= world.truth <= effect.q95,
            overlap.lacks,
            second.differs,
            second.bends,
            strong,
            strong if name == UNSEEN else overlap.lacks or second.differs or second.bends,
            raw.estimate.q05 <= world.truth <= raw.estimate.q95,
        )
        errors[number] = effect.mean - world.truth, raw.estimate.mean - world.truth
    covered, lacks, differs, bends, unmeasured, due, second_covered = counts.T
    middle = np.median(errors, axis=0)
    return Row(
        name,
        sets,
        int(covered.sum()),
        int(lacks.sum()),
        int(differs.sum()),
        int(bends.sum()),
        int(unmeasured.sum()),
        int((due & covered).sum()),
        int((due & ~covered).sum()),
        float(middle[0]),
        float(middle[1]),
        int(second_covered.sum()),
    )


def main(arguments: list[str] | None = None) -> int:
    """Run, print, and with ``--write`` write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=SETS)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--write", action="store_true", help="write docs/effects.md")
    asked = parser.parse_args(arguments)
    start, rows = time.perf_counter(), []
    for name in WORLDS:
        rows.append(measured(name, asked.rows, asked.sets))
        print(f"{rows[-1].text}  {time.perf_counter() - start:.0f} s", flush=True)
    if asked.write:
        PAGE.write_text(page(rows, asked.rows, asked.sets, (time.perf_counter() - start) / 60), encoding="utf-8")
    return 0


def page(rows: Sequence[Row], size: int, sets: int, minutes: float) -> str:
    """Return the page that is committed."""
    body, error = "\n".join(row.text for row in rows), 50 / sets**0.5
    right = [row for row in rows if row.name in RIGHT]
    wrong = [row for row in rows if row.name not in RIGHT and row.name != UNSEEN]
    missed, said = sum(row.sets - row.covered for row in wrong), sum(row.said_if_missed for row in wrong)
    many = sum(row.sets for row in right)
    alarms = sum(row.lacks + row.differs for row in right) / many
    words = sum(row.said_if_covered + row.said_if_missed for row in right) / many
    unseen = next(row for row in rows if row.name == UNSEEN)
    all_missed, all_said = missed + unseen.sets - unseen.covered, said + unseen.said_if_missed
    warned = sum(row.unmeasured for row in right) / many
    mild = [row for row in wrong if "little" in row.name]
    mild_missed, mild_said = sum(row.sets - row.covered for row in mild), sum(row.said_if_missed for row in mild)
    return f"""# What stands beside an effect

Written by `python -m benchmarks.second --write` on {date.today().isoformat()} in {minutes:.0f} minutes with Python
{sys.version.split()[0]}, numpy {version("numpy")}; {sets} data sets of {size} rows a world (standard error of a share:
at most {error:.1f} points).

Each world is fitted with its true graph and the families that Whyboard takes by itself. **Covered**: the reported 90
% interval holds the true effect. Then how often something is said: that over 5 % of rows have **nobody** to compare
with, that the second opinion is over two joint errors **away**, that the exposure acts in a **curve**, that an
**unmeasured** cause as strong as the strongest measured one would take over half of the effect, or one that explains
under a tenth of what is left all of it. Then how often one of the first three is said where the interval **misses**,
and where it does **not**; in the last world, the fourth. Last, how far the reported effect and the second opinion are
from the true one (medians), and how often the second opinion's own 90 % interval holds it.

| world | covered | nobody | away | curve | unmeasured | said, of misses | said, of hits | error \
| of the second opinion | second covers |
|---|---|---|---|---|---|---|---|---|---|---|
{body}

Where the form of the model is wrong, {said} of {missed} misses are said; but that depends on how wrong it is: of
those of the two worlds that bend a little, {mild_said} of {mild_missed}. A gap must be 1.4 times the second opinion's
own error or more before it is told from chance, and an interval misses before that. Where the form is right,
{alarms:.1%} of the data sets are called into question by overlap or a gap, {words:.1%} by any word on the form; the
misses there are the one in ten that a 90 % interval has by chance, of which nothing can speak. What counts as a gap,
and as a curve, was chosen on data sets of another seed, of the worlds that do not bend a little, and then left alone.
A **cause that nobody measured** leaves no trace in these columns: both opinions are wrong by the same amount. So what
is said of it is no finding but a warning: how strong such a cause would have to be, and what one as strong as the
strongest measured one would do (Cinelli & Hazlett 2020). The verdict has it where that is over half of the effect: of
the misses in that world it is said of {unseen.said_if_missed} of {unseen.sets - unseen.covered}, and in {warned:.0%}
of the data sets where the form is right and nothing is missing, since measured causes are strong there too. With it,
{all_said} of {all_missed} misses are said. For the cost, to which causes add, the reported effect is that on the
median, by a LogNormal family; here it is the same as that on the mean, which is what the last two columns are about.
"""


if __name__ == "__main__":
    sys.exit(main())

"""Rows that are not exchangeable: how often a true claim is contradicted without a word, before and now.

A fork x -> y, x -> z is true, so "y and z are unrelated, given x" is too. Rows depend on one another in
several ways: schools that nobody drew, copies, series. What is said of the rows, and how often the claim is called
contradicted (adjusted p under 0.05 and association over 0.1) with and without a word on them. Run as ``python -m
benchmarks.rows --write``.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.check.independence import run_tests
from core.check.left_over import left_over
from core.check.one_each import one_of_each
from core.check.resemblance import group_inflation, order_inflation
from core.check.roles import Role, role_of
from core.check.rows import find_dependence
from core.check.rows_as import rows_as
from core.check.tested import Observed
from core.data.dataset import Dataset
from core.graph.causal_graph import CausalGraph
from core.graph.implications import implications
from core.hypothesis import Hypothesis
from core.study import compare

__all__ = ["CELLS", "Cell", "Counted", "fork", "main", "measured"]

PAGE = Path(__file__).resolve().parents[1] / "docs" / "rows.md"
SETS = 400
SEED = 26

FORK = CausalGraph(("x", "y", "z"), (("x", "y"), ("x", "z")))
FORKED = Hypothesis.from_dagitty("dag { x -> y x -> z }", name="Fork")
SLOPE = 0.8
NINETY = 1.6448536269514722
COVERED = 100  # data sets of a cell whose effect is looked at
ROLES: Mapping[str, Role] = {name: role_of(name, "Normal", 0) for name in "xyz"}
ORDER_BEFORE, KNOWN_BEFORE = 1.3, 1.15  # what withheld a verdict before: in row order; by a date or an identifier

FloatArray = NDArray[np.float64]
Rng = np.random.Generator
Made = tuple[pd.DataFrame, Mapping[str, str]]  # a table, and the kinds of its columns beside x, y and z


@dataclass(frozen=True)
class Cell:
    """One way in which rows are made; ``taken`` is what the user says of them."""

    name: str
    make: Callable[[Rng], Made]
    taken: str = ""


def fork(noise: Callable[[], FloatArray]) -> pd.DataFrame:
    """Return the fork with noise of its own at each node."""
    x = noise()
    return pd.DataFrame({"x": x, "y": SLOPE * x + noise(), "z": SLOPE * x + noise()})


def independent(rng: Rng, rows: int = 300) -> Made:
    """Rows as every score takes them."""
    return fork(lambda: rng.normal(size=rows)), {}


def beside(rng: Rng) -> Made:
    """Independent rows, and eight columns beside them whose values repeat and mean nothing."""
    frame = independent(rng)[0]
    for many in (2, 3, 5, 12, 25, 60):
        frame[f"n{many}"] = rng.integers(0, many, 300)
    for many in (4, 40):
        frame[f"name{many}"] = [f"g{one}" for one in rng.integers(0, many, 300)]
    return frame, {}


def schools(rng: Rng, icc: float, told: str, ordered: bool, many: int = 20, each: int = 20) -> Made:
    """Schools that nobody drew; ``told`` is how the file names them: text, number, identifier, date, or not at all."""
    school = np.repeat(np.arange(many), each)

    def noise() -> FloatArray:
        shared = rng.normal(size=many)[school]
        return np.asarray(np.sqrt(icc) * shared + np.sqrt(1.0 - icc) * rng.normal(size=many * each))

    frame, kinds = fork(noise), {}
    code = rng.permutation(many)[school]
    match told:
        case "text":
            frame["school"] = [f"No. {one}" for one in code]
        case "number":
            frame["kz_17"] = code + 101
        case "identifier":
            frame["who"], kinds = [f"a{one}" for one in code], {"who": "identifier"}
        case "date":
            frame["founded"] = (pd.Timestamp("1950-01-01") + pd.to_timedelta(200 * code, unit="D")).strftime("%Y-%m-%d")
            kinds = {"founded": "date"}
    return (frame if ordered else frame.iloc[rng.permutation(len(frame))].reset_index(drop=True)), kinds


def cause(rng: Rng, levels: int) -> Made:
    """Independent rows, and a category in the file that acts on y alone."""
    frame = independent(rng)[0]
    level = rng.integers(0, levels, len(frame))
    shift = rng.normal(size=levels)[level]
    return frame.assign(y=frame["y"] + shift, region=[f"no {one}" for one in level]), {"region": "category"}


def drowned(rng: Rng) -> Made:
    """Schools that act on y and z, in which what comes from x is far larger, and has no school in it."""
    group = rng.permutation(np.repeat(np.arange(20), 20))
    y, z = (np.sqrt(0.4) * rng.normal(size=20)[group] + np.sqrt(0.6) * rng.normal(size=400) for _ in "yz")
    x = rng.normal(size=400)
    frame = pd.DataFrame({"x": x, "y": SLOPE * x + y / 3, "z": SLOPE * x + z / 3})
    return frame.assign(school=[f"no {one}" for one in group]), {"school": "category"}


def copied(rng: Rng, ordered: bool) -> Made:
    """A hundred rows, each four times over."""
    frame = fork(lambda: rng.normal(size=100))
    frame = frame.loc[np.repeat(np.arange(100), 4)] if ordered else pd.concat([frame] * 4)
    return frame.reset_index(drop=True), {}


def series(rng: Rng, memory: float, dated: bool, shuffled: bool = False) -> Made:
    """Independent autoregressive noise at each node."""

    def noise() -> FloatArray:
        values, fresh = np.zeros(400), rng.normal(size=400)
        for row in range(1, 400):
            values[row] = memory * values[row - 1] + fresh[row]
        return values[100:]

    frame = fork(noise)
    if dated:
        frame["day"] = pd.date_range("2024-01-01", periods=300).strftime("%Y-%m-%d")
    order = rng.permutation(300) if shuffled else np.arange(300)
    return frame.iloc[order].reset_index(drop=True), {"day": "date"} if dated else {}


def ordered_by(rng: Rng, column: str) -> Made:
    """Independent rows in the order of a column."""
    return independent(rng)[0].sort_values(column).reset_index(drop=True), {}


def _school(name: str, icc: float, told: str, ordered: bool, taken: str = "", **more: int) -> Cell:
    where = "sorted" if ordered else "shuffled"
    return Cell(f"{name}, ICC {icc:g}, {where}", lambda rng: schools(rng, icc, told, ordered, **more), taken)


TOLD = {
    "text": "20 schools by name",
    "number": "20 schools by number",
    "identifier": "20 schools by identifier",
    "date": "20 schools by a date",
    "": "20 schools, not in the file",
}
CELLS: tuple[Cell, ...] = (
    Cell("independent", independent),
    Cell("independent, 8 columns beside that repeat", beside),
    Cell("independent, in the order of x", lambda rng: ordered_by(rng, "x")),
    Cell("independent, in the order of y", lambda rng: ordered_by(rng, "y")),
    *(
        _school(words, icc, told, ordered)
        for told, words in TOLD.items()
        for icc in (0.1, 0.4)
        for ordered in (True, False)
    ),
    _school("80 schools of 5, by name", 0.4, "text", False, many=80, each=5),
    _school("5 schools of 80, by name", 0.1, "text", False, many=5, each=80),
    _school("20 schools by name, said: group", 0.4, "text", False, "group:school"),
    _school("5 schools of 80, said: group", 0.4, "text", False, "group:school", many=5, each=80),
    _school("80 schools of 5, said: one of each", 0.4, "text", False, "one:school", many=80, each=5),
    _school("20 schools by name, said: none", 0.4, "text", False, "none"),
    Cell("a category of 3 levels acts on y alone", lambda rng: cause(rng, 3)),
    Cell("a category of 12 levels acts on y alone", lambda rng: cause(rng, 12)),
    Cell("20 schools by name, on y and z alone, which are mostly x", drowned),
    Cell("rows four times over, side by side", lambda rng: copied(rng, True)),
    Cell("rows four times over, one file after the other", lambda rng: copied(rng, False)),
    Cell("rows four times over, said: one", lambda rng: copied(rng, False), "one"),
    Cell("AR(0.3)", lambda rng: series(rng, 0.3, False)),
    Cell("AR(0.5)", lambda rng: series(rng, 0.5, False)),
    Cell("AR(0.8)", lambda rng: series(rng, 0.8, False)),
    Cell("AR(0.8) with its date, shuffled", lambda rng: series(rng, 0.8, True, True)),
    Cell("AR(0.8) with its date, said: time", lambda rng: series(rng, 0.8, True), "time:day"),
    Cell("AR(0.5) with its date, said: time", lambda rng: series(rng, 0.5, True), "time:day"),
)


@dataclass
class Counted:
    """How many data sets of ``sets`` each thing was true of."""

    sets: int = 0
    withheld_before: int = 0
    silent_before: int = 0
    remark: int = 0
    computed: int = 0
    withheld: int = 0
    silent: int = 0
    spoken: int = 0
    covered_before: int = 0
    verdicts: int = 0
    covered: int = 0

    def share(self, name: str) -> str:
        """Return one count as a share."""
        of = {"covered": self.verdicts, "covered_before": min(self.sets, COVERED)}.get(name, self.sets)
        return f"{100.0 * getattr(self, name) / of:.0f} %" if of else "-"


def measured(cell: Cell, sets: int, seed: int = SEED) -> Counted:
    """Return what ``sets`` data sets of a cell give."""
    found = Counted()
    statements = implications(FORK)
    for number in range(sets):
        frame, kinds = cell.make(np.random.default_rng([seed, number, *cell.name.encode()]))
        dataset = Dataset.from_frame(frame, kinds={**dict.fromkeys("xyz", "real"), **kinds})
        raw = {name: dataset.values(name) for name in "xyz"}
        plain = bool(run_tests(FORK, statements, ROLES, Observed(raw))[0].contradicted)
        before = withheld_before(dataset, raw)
        found.covered_before += number < COVERED and covers_plainly(raw)
        taken = rows_as(cell.taken, dataset)
        kept = one_of_each(dataset, taken).kept
        if kept is not None:
            dataset, raw = dataset.take(kept), {name: values[kept] for name, values in raw.items()}
        now = find_dependence(dataset, ROLES, raw, taken=taken)
        (test,) = run_tests(
            FORK,
            statements,
            ROLES,
            Observed(raw),
            suspended=bool(now),
            inflation=now.inflation if now.computed else None,
        )
        found.sets += 1
        found.withheld_before += before
        found.silent_before += plain and not before
        found.withheld += bool(now)
        found.computed += now.computed
        remark = any("resembl" in note for note in now.notes) and not now and not now.computed
        found.remark += remark
        found.silent += bool(test.contradicted) and not now.computed and not remark
        found.spoken += bool(test.contradicted) and (now.computed or remark)
        if number < COVERED and not now:
            found.verdicts += 1
            found.covered += covers(dataset, "" if kept is not None else cell.taken)
    return found


def covers_plainly(raw: Mapping[str, FloatArray]) -> bool:
    """Return whether least squares' 90 % interval holds the effect of x on y, as if rows were independent."""
    x, y = (raw[name] - raw[name].mean() for name in ("x", "y"))
    slope = float(x @ y / (x @ x))
    rest = y - slope * x
    return abs(slope - SLOPE) <= NINETY * float(np.sqrt(rest @ rest / (len(x) - 2) / (x @ x)))


def covers(dataset: Dataset, taken: str) -> bool:
    """Return whether the reported 90 % interval of the effect of x on y holds it, rows taken so."""
    (effect,) = compare(dataset, [FORKED], effects=[("x", "y")], draws=1000, rows=taken).hypotheses[0].effects
    assert effect.q05 is not None
    assert effect.q95 is not None
    return effect.q05 <= SLOPE <= effect.q95


def withheld_before(dataset: Dataset, raw: Mapping[str, FloatArray]) -> bool:
    """Return whether a verdict was withheld before columns that repeat, and copies, were looked at."""
    residuals = left_over(dataset, ROLES, raw, np.ones(dataset.rows, dtype=bool))
    if order_inflation(residuals)[1] > ORDER_BEFORE:
        return True
    for column in dataset.columns:
        place = np.unique(dataset.values(column.name), return_inverse=True)[1]
        if column.kind == "date" and order_inflation(residuals, place)[1] > KNOWN_BEFORE:
            return True
        if column.kind == "identifier" and group_inflation(residuals, place)[1] > KNOWN_BEFORE:
            return True
    return False


def line(cell: Cell, found: Counted) -> str:
    """Return a row of the table."""
    names = (
        "withheld_before",
        "silent_before",
        "remark",
        "computed",
        "withheld",
        "silent",
        "spoken",
        "covered_before",
        "covered",
    )
    return f"| {cell.name} | {' | '.join(found.share(name) for name in names)} |"


def main(arguments: list[str] | None = None) -> int:
    """Run, print, and with ``--write`` write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=SETS)
    parser.add_argument("--write", action="store_true", help="write docs/rows.md")
    asked = parser.parse_args(arguments)
    start, lines = time.perf_counter(), []
    for cell in CELLS:
        lines.append(line(cell, measured(cell, asked.sets)))
        print(f"{lines[-1]}  {time.perf_counter() - start:.0f} s", flush=True)
    if asked.write:
        PAGE.write_text(page(lines, asked.sets, (time.perf_counter() - start) / 60), encoding="utf-8")
    return 0


def page(lines: list[str], sets: int, minutes: float) -> str:
    """Return the page that is committed."""
    body, error = "\n".join(lines), 50 / sets**0.5
    return f"""# Rows that are not exchangeable

Written by `python -m benchmarks.rows --write` on {date.today().isoformat()} in {minutes:.0f} minutes with Python
{sys.version.split()[0]}, numpy {version("numpy")}, scipy {version("scipy")}; {sets} data sets a row (standard error of
a share: at most {error:.1f} points).

The fork x -> y, x -> z is true, and so is its claim that y and z are unrelated, given x: a contradiction is a false
one, and 5 % are due. 300 rows, or 400 in schools and copies. **Before**: how often the verdict was withheld, and how
often the claim was contradicted with a verdict, by the rules before this page (row order, dates, identifiers; nothing
was computed). **Now**: what is said (a remark, up to a design effect of 1.2; computed with it, up to 4;
withheld above, or in a series), and how often the claim is contradicted without a word on the rows, and with one. Last,
how often the 90 % interval of the effect of x on y holds it, in {COVERED} of the data sets: as if rows were independent
(before), and as reported, where there is a verdict.

| rows | before: withheld | contradicted | now: remark | computed | withheld | contradicted without a word \
| with a word | effect covered before | now |
|---|---|---|---|---|---|---|---|---|---|
{body}

- A group that is not in the file, in rows that are shuffled, cannot be seen: nothing in the file tells which rows
  belong together. Sorted by it, the order tells.
- ICC .1 in schools of 20 has a design effect of 1.2 (y and z alone: 1 + 19 x .1 x .1), at the border of a
  remark; what is found scatters around it.
- A number is a group only in what has no order in it (each value against its two neighbours), so that one that acts
  as a cause, in a line, a curve or by a threshold, is none; it takes 12 values or more, and sees less than names do. A
  code of fewer values is seen when its kind is category, or when the user says `group:COL`. Two values are no groups.
- A category that acts on one column alone ties no association to itself: it is a cause that nobody drew. That all
  others are given lets it show in the causes of that column too, so a column counts only where no few others take
  it out. Where two columns are mostly something else, a group in both of them may be taken for one that is in neither.
- With five groups an intraclass correlation is itself hardly known: errors are computed from too little, though as
  a t with four degrees of freedom, and it is said.
"""


if __name__ == "__main__":
    sys.exit(main())

"""Calibration of every family, link and way to fit, and of the calibration itself.

:mod:`benchmarks.sbc` says how ranks are made and judged. All tests together are held against
Holm's bound. Then faults are planted (:mod:`benchmarks.faults`), each of which must be caught.

    make calibrate                      all, writes docs/calibration.md
    python -m benchmarks.calibrate --forms      arrows of every form, writes docs/calibration_forms.md
    python -m benchmarks.calibrate --faults
    python -m benchmarks.calibrate --simulations 50 --only Poisson
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

from benchmarks.faults import FAULTS, Outcome, run
from benchmarks.sbc import CASES, DRAWS, FORM_CASES, ROWS, THINNED, Case, p_value, ranked, specification
from core.families import get_family

PAGE = Path(__file__).resolve().parents[1] / "docs" / "calibration.md"
FORMS_PAGE = PAGE.with_name("calibration_forms.md")
LEVEL = 0.05
SIMULATIONS = {"exact": 1000, "importance": 200, "nuts": 200}
SEED = 20261123


@dataclass(frozen=True)
class Row:
    """What one case gave: p-values by what was ranked."""

    case: Case
    p_values: dict[str, float]
    simulations: int
    replaced: int
    by_nuts: int

    @property
    def text(self) -> str:
        """The row of the table."""
        worst = min(self.p_values, key=self.p_values.__getitem__)
        share = f"{self.by_nuts / self.simulations:.1%}" if self.case.way == "importance" else ""
        return (
            f"| {self.case.family} ({self.case.link}{self.case.said}) | {self.case.way} | {len(self.p_values)} "
            f"| {self.simulations} | {share} | {self.replaced} | {self.p_values[worst]:.5f} ({worst}) |"
        )


def count_tests(case: Case) -> int:
    """Return how many things of a case are ranked: its scalar parameters and the log likelihood."""
    model, _, _ = specification(case, SEED)
    sizes = [1 if not shape else int(_product(shape)) for _, shape in _parameters(model)]
    return sum(sizes) + 1


def _parameters(model) -> tuple:
    return get_family(model.family).parameters(model.columns, model.levels)


def _product(shape: Sequence[int]) -> int:
    found = 1
    for size in shape:
        found *= size
    return found


def calibrated(case: Case, simulations: int, seed: int) -> Row:
    """Run one case; sampled ones on two threads, which nutpie's own leave room for."""
    found = ranked(case, simulations, seed, threads=1 if case.way == "exact" else 2)
    by_nuts = found.ways["nuts"] if case.way == "importance" else 0
    return Row(case, {name: p_value(r) for name, r in found.ranks.items()}, simulations, found.replaced, by_nuts)


def outside(rows: Sequence[Row]) -> list[str]:
    """Return what Holm's procedure rejects at 5 % over all tests of all rows."""
    tests = sorted((p, f"{row.case.title}: {name}") for row in rows for name, p in row.p_values.items())
    found = []
    for place, (p, title) in enumerate(tests):
        if p > LEVEL / (len(tests) - place):
            break
        found.append(title)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run, print, and (for a full run) write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, help="for every case, instead of each way's own number")
    parser.add_argument("--only", default="", help="cases whose title holds this text; writes no page")
    parser.add_argument("--forms", action="store_true", help="arrows of every form instead of every family")
    parser.add_argument("--faults", action="store_true", help="the planted faults alone; writes no page")
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args(arguments)
    start = time.perf_counter()
    rows = []
    for case in () if asked.faults else FORM_CASES if asked.forms else CASES:
        if asked.only.lower() not in case.title.lower():
            continue
        since = time.perf_counter()
        rows.append(calibrated(case, asked.simulations or SIMULATIONS[case.way], asked.seed))
        print(f"{rows[-1].text}  {time.perf_counter() - since:.0f} s", flush=True)
    wrong = outside(rows)
    tests = sum(len(row.p_values) for row in rows)
    verdict = f"{tests} tests, family-wise 5 % (Holm): " + (
        f"outside the band: {', '.join(wrong)}." if wrong else "all inside the band."
    )
    if rows:
        print(verdict, flush=True)
    if asked.forms and not asked.only:
        minutes = (time.perf_counter() - start) / 60
        FORMS_PAGE.write_text(forms_page(rows, verdict, minutes), encoding="utf-8")
    if asked.only or asked.forms:
        return 1 if wrong else 0
    bound = LEVEL / (tests or sum(count_tests(case) for case in CASES))
    outcomes = []
    for fault in FAULTS:
        since = time.perf_counter()
        outcomes.append(run(fault, asked.seed))
        print(f"{fault_text(len(outcomes), outcomes[-1], bound)}  {time.perf_counter() - since:.0f} s", flush=True)
    missed = sum(outcome.p > bound for outcome in outcomes)
    caught = f"{len(outcomes) - missed} of {len(outcomes)} planted faults caught."
    print(caught)
    if rows:
        minutes = (time.perf_counter() - start) / 60
        PAGE.write_text(page(rows, verdict, outcomes, bound, caught, minutes), encoding="utf-8")
    return 1 if wrong or missed else 0


def fault_text(number: int, outcome: Outcome, bound: float) -> str:
    """Return the row of the table of faults, by the fault's number from 1."""
    fault = FAULTS[number - 1]
    case = fault.case
    design = "" if case.rows == ROWS else f", {case.rows} rows"
    return (
        f"| {fault.name} | {case.family} ({case.link}), {case.way}{design} | {fault.simulations} "
        f"| {outcome.without:.3f} | {outcome.p:.5f} ({outcome.parameter}) | {'yes' if outcome.p <= bound else 'no'} |"
    )


def forms_page(rows: Sequence[Row], verdict: str, minutes: float) -> str:
    """Return the page of the forms that is committed."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("pymc", "nutpie", "pytensor", "numpy", "scipy"))
    return f"""# Calibration of forms, signs and groups

As [calibration.md](calibration.md), for an arrow of every form from a number `v`, with a sign, with an effect that
differs by another cause, and with six groups; written by `python -m benchmarks.calibrate --forms` on
{date.today().isoformat()} in {minutes:.0f} minutes with Python {sys.version.split()[0]}, {packages}.

{ROWS} rows, {THINNED} draws kept of each fit. Each coefficient of a design column, tau, half and the log likelihood are
ranked.

| family (link, arrow) | way | tests | simulations | by NUTS | replaced | smallest p |
|---|---|---|---|---|---|---|
{chr(10).join(row.text for row in rows)}

{verdict}
"""


def page(
    rows: Sequence[Row], verdict: str, outcomes: Sequence[Outcome], bound: float, caught: str, minutes: float
) -> str:
    """Return the page that is committed."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("pymc", "nutpie", "pytensor", "numpy", "scipy"))
    draws = ", ".join(f"{way} {count:,} draws" for way, count in DRAWS.items())
    return f"""# Calibration

Simulation-based calibration of every family and link in each way that it can be fitted, written by
`make calibrate` on {date.today().isoformat()} in {minutes:.0f} minutes with Python {sys.version.split()[0]},
{packages}.

Parameters come from the prior, {ROWS} rows of data from the likelihood, with the frozen constants of one
specification; the block is fitted as a user's would be ({draws}) and thinned to {THINNED} draws.
Each scalar parameter and the log likelihood are ranked, ties broken at random. A p-value says how far
the ranks leave the simultaneous band of their ECDF; the smallest of a row is shown before Holm's
correction, with what it belongs to. Ranks look at draws only, so of NUTS the sampler alone runs: its scores cost more.

- **by NUTS**: the way importance is what `auto` does; the share of data sets whose importance weights
  missed their gate, and which NUTS fitted. They are ranked with the others.
- **replaced**: simulated data sets that no fit of the family can take (a count over a million, a positive value
  that underflowed to 0), replaced by the next draw of prior and data. That looks at the data alone, so ranks
  stay uniform. Nothing is dropped for how its fit went.

| family (link) | way | tests | simulations | by NUTS | replaced | smallest p |
|---|---|---|---|---|---|---|
{chr(10).join(row.text for row in rows)}

{verdict}

## Planted faults

Faults planted in the fit alone, around the engine's code. One is caught if its smallest p-value is under
{bound:.5f}, Holm's first bound in the table above: it would have been the row that fails. Beside it, the smallest
p-value of the same simulations without the fault.

| fault | planted in | simulations | smallest p without | smallest p with | caught |
|---|---|---|---|---|---|
{chr(10).join(fault_text(number, outcome, bound) for number, outcome in enumerate(outcomes, 1))}

{caught}
"""


if __name__ == "__main__":
    sys.exit(main())

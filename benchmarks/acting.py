"""What the Act page does for a new slider position and a new curve, beside PyMC on the same draws.

    python -m benchmarks.acting             prints the table
    python -m benchmarks.acting --write     also writes it into what stands by hand in docs/benchmarks.md

A mixed hypothesis of six nodes, N = 1000, 4000 draws. The peer is ``pm.do`` with ``pm.sample_posterior_predictive``
for the same two worlds on the same draws, handed over as its posterior. What the action does not reach is held as
observed there too, as worlds do, so that the peer draws no more than it must.
"""

import argparse
import os
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import numpy as np

from benchmarks.problem import RIVALS, Parents, hypothesis, table
from benchmarks.report import BY_HAND, PAGE, as_markdown, as_text, machine
from benchmarks.timing import Row, Section, Took, middle, timed

__all__ = ["posterior_of", "two_worlds"]

Work = Callable[[], Any]

POSITIONS = 20
POINTS = 25
DRAWS, ROWS = 400, 100  # of the page, as ui.follows asks for them
TURNS = 3  # of the peer
_BASE = next(iter(RIVALS.values()))
_MEDIAN: Parents = {**_BASE, "visits": ("promo", "demand"), "spend": ("visits", "demand")}
"""The outcome is LogNormal and the way to it bends: rows are drawn many times for their medians."""


def posterior_of(fit: Any, model: Any, keep: int | None = None) -> Any:
    """Return a fit's draws as the posterior of the model that ``build_model`` returns: its free variables.

    Parameters
    ----------
    fit : Fit
    model : pymc.Model
    keep : int, optional
        How many draws are kept, evenly spread; all unless given.
    """
    import arviz

    found = {}
    for variable in model.free_RVs:
        node, parameter = variable.name.rsplit(".", 1)
        own = fit.draws(node)
        values = own["sigma"] ** 2 if parameter == "variance" else own[parameter]
        found[variable.name] = values[None, :: 1 if keep is None else len(values) // keep]
    return arviz.from_dict({"posterior": found})


def two_worlds(
    model: Any, posterior: Any, held: Mapping[str, Any], node: str, ends: Sequence[float], outcome: str, seed: int = 1
) -> list[Any]:
    """Return drawn outcomes, (draws, rows) a world, by ``pm.do`` and draws from the posterior predictive.

    Parameters
    ----------
    model : pymc.Model
    posterior : DataTree
    held : mapping of str to array, shape (N,)
        What the action does not reach, as observed.
    node : str
    ends : sequence of float
        To which value the node is set in each world.
    outcome : str
    seed : int
    """
    import pymc as pm

    rows, drawn = len(next(iter(held.values()))), []
    for end in ends:
        with pm.do(model, {**held, node: np.full(rows, end)}):
            found = pm.sample_posterior_predictive(posterior, var_names=[outcome], random_seed=seed, progressbar=False)
        drawn.append(found["posterior_predictive"].dataset[outcome].values[0])
    return drawn


def _peer(drawn: Any, reopened: Any, keep: int | None, rows: int | None) -> tuple[Took, float]:
    """Time the peer, whose model and draws are there before; return what it took and the difference it finds."""
    from core.model.pymc_model import build_from_spec, build_model

    data = reopened.complete
    model = build_model(drawn, data)
    if rows is not None:  # its constants stay those of all rows, so that its parameters mean the same
        raw = {name: data.values(name)[:rows] for name in data.names}
        model = build_from_spec(reopened.fits[0].spec, raw)
    posterior = posterior_of(reopened.fits[0], model, keep)
    held = {name: data.values(name)[:rows] for name in ("demand", "region", "promo")}
    held |= {name: held[name].astype(np.int64) for name in ("region", "promo")}
    took = []
    for turn in range(TURNS):
        ends = (2.0, 4.0 + 0.1 * turn)
        one, found = timed(partial(two_worlds, model, posterior, held, "spend", ends, "sales"))
        took.append(one)
    return middle(took), float(np.mean(found[1] - found[0]))


def _page(reopened: Any, node: str, outcome: str, low: Sequence[float], high: Sequence[float]) -> Iterator[Work]:
    """Return for each position what the page does when the handles come to stand there."""
    from core.effects.settings import Setting
    from core.study.acting import acting_on

    for first, last in zip(low, high, strict=True):
        worlds = [[Setting(node, float(end))] for end in (first, last)]
        yield partial(acting_on(reopened).act, worlds, outcome, draws=DRAWS, rows=ROWS)


def _curve(reopened: Any, node: str, outcome: str, low: float, high: float) -> Work:
    from core.study.acting import acting_on

    return partial(acting_on(reopened).curve, node, np.linspace(low, high, POINTS), outcome)


def _measured() -> Section:
    from core import Dataset, compare
    from core.study import reopen

    warnings.simplefilter("ignore")
    data = Dataset.from_frame(table())

    def opened(*drawn: Any) -> Any:
        return reopen(compare(data, drawn), data)

    base = hypothesis("A", _BASE)
    one = opened(base)
    four = opened(*(hypothesis(name, parents) for name, parents in RIVALS.items()))
    median = opened(hypothesis("M", _MEDIAN))
    moving = np.linspace(3.0, 6.0, POSITIONS)

    def slider(reopened: Any, node: str, outcome: str, low: Any, high: Any) -> Took:
        return middle([timed(work)[0] for work in _page(reopened, node, outcome, low, high)])

    def curves(reopened: Any, node: str, outcome: str, low: float, high: float) -> Took:
        return middle([timed(_curve(reopened, node, outcome, low + 0.01 * k, high + 0.02 * k))[0] for k in range(5)])

    before = next(iter(_page(one, "spend", "sales", [2.0], [4.0])))()
    whole, found = _peer(base, one, None, None)
    few, _ = _peer(base, one, DRAWS, ROWS)
    still = np.full(POSITIONS, 2.0)
    handle = slider(one, "spend", "sales", still, moving)
    both = slider(one, "spend", "sales", moving - 2.013, moving + 0.07)
    curve = curves(one, "spend", "sales", 0.5, 9.0)
    rivals = slider(four, "spend", "sales", still, moving)
    bent = slider(median, "demand", "spend", np.full(POSITIONS, -0.5), np.linspace(0.0, 1.5, POSITIONS))
    bent_curve = curves(median, "demand", "spend", -2.0, 2.0)
    said = before.forecasts[0].contrast
    assert said is not None
    rows = (
        Row("a new position of one end", whole, handle, 20.0),
        Row("the same, in seconds", ours=handle, target=0.3, at_most=True),
        Row("both ends new", whole, both, 20.0),
        Row(f"both ends new; PyMC on {DRAWS} draws and {ROWS} rows too", few, both),
        Row(f"a new curve of {POINTS} points; PyMC: two of them", whole, curve),
        Row("the same, in seconds", ours=curve, target=0.3, at_most=True),
        Row("a new position of one end, four hypotheses", ours=rivals),
        Row("a new position, median of a LogNormal outcome behind a count", ours=bent),
        Row("a new curve, median of a LogNormal outcome behind a count", ours=bent_curve),
    )
    load = os.getloadavg()[0]
    return Section(
        "Acting",
        "pm.do",
        "Whyboard",
        f"Measured on {date.today().isoformat()} ({machine()}; load {load:.0f}) by `python -m benchmarks.acting`. Six "
        "mixed columns, N = 1000, 4000 draws: spend (LogNormal) acts on visits (negative binomial), visits on sales. "
        "What the Act page does for a new position of its slider, two worlds on "
        f"{DRAWS} draws and {ROWS} rows with the cells that one row's spread needs, and for a new curve; medians over "
        f"{POSITIONS} positions and 5 curves. PyMC: `pm.do` and `pm.sample_posterior_predictive` for the same two "
        "worlds, on the same 4000 draws and all rows unless said, with what the action does not reach held as "
        f"observed; median of {TURNS}, its model and its posterior ready.",
        rows,
        (
            f"Spend 4 instead of 2, sales change by {said['mean']:.2f} [{said['q05']:.2f}, {said['q95']:.2f}] here; by "
            f"PyMC (at 4.2) {found:.2f} on average.",
            f"At this load the clock ran {handle.wall / handle.cpu:.0f} times as long as the processor: of the 0.3 s "
            f"asked a position takes {handle.cpu:.2f} s and a curve {curve.cpu:.2f} s of the processor.",
            "Three quarters of it is the negative binomial's distribution function (`betainc`), twice a cell: each "
            "count's quantile is found from a guess.",
        ),
    )


def _written(section: Section) -> None:
    """Put the section where it stands in what is written by hand, or at its beginning."""
    text = PAGE.read_text(encoding="utf-8")
    head, below = text.split(BY_HAND, 1)
    below = re.sub(rf"\n## {section.title}\n.*?(?=\n## |\Z)", "", below, flags=re.DOTALL)
    PAGE.write_text(f"{head}{BY_HAND}\n\n{as_markdown(section)}\n{below}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write it into docs/benchmarks.md")
    chosen = parser.parse_args()
    found = _measured()
    print(as_text(found))
    if chosen.write:
        _written(found)


if __name__ == "__main__":
    main()

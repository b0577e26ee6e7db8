"""Bounds on an effect that a graph does not identify: what the rows rule out all the same.

With few levels, the distribution of the columns and the graph leave a range of effects, whose ends a linear programme
finds (:mod:`core.effects.responses`); no prior takes part. An effect that the graph identifies has a range of one
number. Shares of a sample need not fit a graph exactly, as where an instrument would have to have acted on the outcome
itself. Then the nearest chances that fit are taken, of the part that the treatment is in given its parents, nearest in
the sum of absolute differences, and how far they are off is said.

The bounds are those of the shares. Where the number of rows is told, an interval for sampling stands beside them: the
shares are drawn again and again as rows weighted at random (the Bayesian bootstrap: Rubin 1981), and the 5 % point
of the low ends and the 95 % point of the high ends are kept. That interval is for the effect, which is somewhere in the
range, and not for the range (Imbens & Manski 2004).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.effects.responses import Programme, programme_of
from core.errors import DataError, FitError, UsageError
from core.graph.causal_graph import CausalGraph
from core.graph.projection import latent_projection
from core.words import joined, number

__all__ = ["DRAWS", "Bounds", "chance_bounds", "effect_bounds", "joint_of"]

FloatArray = NDArray[np.float64]

DRAWS = 100
"""Of the shares, for the interval for sampling."""

_ONE_NUMBER = 1e-6
_OFF = 1e-7
_SLACK = 1e-9


@dataclass(frozen=True)
class Bounds:
    """The range of an effect.

    Parameters
    ----------
    low, high : float
    note : str
        What they rest on.
    off : float
        Sum of absolute differences between the observed chances and those that fit the graph; 0 where they do.
    narrowest : bool
        Whether no narrower bounds hold for the graph; not known where three nodes or more share arcs.
    q05, q95 : float or None
        The ends with what another sample would have moved them by; None where the number of rows was not told.
    """

    low: float
    high: float
    note: str
    off: float = 0.0
    narrowest: bool = True
    q05: float | None = None
    q95: float | None = None

    @property
    def identified(self) -> bool:
        """Whether they are one number."""
        return self.high - self.low <= _ONE_NUMBER

    def to_dict(self) -> dict[str, object]:
        """Return the JSON record."""
        return {
            "low": self.low,
            "high": self.high,
            "note": self.note,
            "off": self.off,
            "narrowest": self.narrowest,
            "identified": self.identified,
            "q05": self.q05,
            "q95": self.q95,
        }


def effect_bounds(
    graph: CausalGraph,
    joint: FloatArray,
    levels: Mapping[str, Sequence[str]],
    treatment: str,
    outcome: str,
    *,
    contrast: tuple[int, int] | None = None,
    values: Sequence[float] | None = None,
    rows: int | None = None,
    seed: int = 0,
) -> Bounds:
    """Return bounds on the mean outcome at one level of the treatment less that at another.

    Parameters
    ----------
    graph : CausalGraph
        Arrows, arcs and latents.
    joint : array, one axis a node, in the order of ``graph.observed``
        Shares of each combination of levels; they sum to 1.
    levels : mapping of str to sequence of str
        Names of the levels of each node, as many as its axis is long.
    treatment, outcome : str
    contrast : (int, int), optional
        The lower and the upper level of the treatment, as places; the first and the last if left out.
    values : sequence of float, optional
        What the outcome's levels count; 0, 1, 2, … if left out, so that of two levels it is the chance of the second.
    rows : int, optional
        How many rows the shares are of; then :attr:`Bounds.q05` and :attr:`Bounds.q95` are found, from a hundred draws,
        which takes as many times as long.
    seed : int
        Of these draws.

    Raises
    ------
    DataError
        If the shares are none, or do not fit graph and levels; or if a chance that is needed was never seen, which
        leaves more than one unknown factor, and the problem is then not linear.
    NotYetError
        For more cells or responses than can be listed.
    UsageError
        For a level that is not there.
    FitError
        If the solver gives up.

    Examples
    --------
    >>> bow = CausalGraph(("x", "y"), (("x", "y"),), (("x", "y"),))
    >>> both = {"x": ("no", "yes"), "y": ("no", "yes")}
    >>> found = effect_bounds(bow, np.array([[0.4, 0.1], [0.2, 0.3]]), both, "x", "y")
    >>> round(found.low, 6), round(found.high, 6)
    (-0.3, 0.7)
    """
    sizes = _checked(graph, joint, levels, (treatment, outcome))
    low, high = contrast or (0, sizes[treatment] - 1)
    _level(treatment, low, sizes)
    _level(treatment, high, sizes)
    worth = np.arange(sizes[outcome], dtype=np.float64) if values is None else np.asarray(values, dtype=np.float64)
    if worth.shape != (sizes[outcome],):
        raise UsageError(f"{outcome!r} has {sizes[outcome]} levels", hint="Give each of them a value.")
    if treatment not in graph.ancestors(outcome):
        return Bounds(0.0, 0.0, f"no path leads from {treatment} to {outcome}")

    def solved(shares: FloatArray) -> Bounds:
        programme = programme_of(latent_projection(graph), shares, treatment, outcome)
        return _solved(programme, worth @ (programme.chances[high] - programme.chances[low]), treatment)

    return _with_sampling(solved, joint, rows, seed)


def chance_bounds(
    graph: CausalGraph,
    joint: FloatArray,
    levels: Mapping[str, Sequence[str]],
    treatment: str,
    outcome: str,
    *,
    at: int,
    level: int,
    rows: int | None = None,
    seed: int = 0,
) -> Bounds:
    """Return bounds on the chance of one level of the outcome, once the treatment is set to the level ``at``.

    Arguments and errors are those of :func:`effect_bounds`; ``at`` and ``level`` are places of levels.
    """
    sizes = _checked(graph, joint, levels, (treatment, outcome))
    _level(treatment, at, sizes)
    _level(outcome, level, sizes)
    if treatment not in graph.ancestors(outcome):
        axis = graph.observed.index(outcome)
        share = float(np.take(joint, level, axis=axis).sum())
        return Bounds(share, share, f"no path leads from {treatment} to {outcome}")

    def solved(shares: FloatArray) -> Bounds:
        programme = programme_of(latent_projection(graph), shares, treatment, outcome)
        return _solved(programme, programme.chances[at, level], treatment)

    return _with_sampling(solved, joint, rows, seed)


def joint_of(codes: Mapping[str, FloatArray], levels: Mapping[str, Sequence[str]], order: Sequence[str]) -> FloatArray:
    """Return the shares of each combination of levels, one axis a name of ``order``.

    Parameters
    ----------
    codes : mapping of str to array, shape (N,)
        Places of levels.
    levels : mapping of str to sequence of str
    order : sequence of str
    """
    sizes = tuple(len(levels[name]) for name in order)
    flat = np.ravel_multi_index(tuple(codes[name].astype(np.intp) for name in order), sizes)
    counts = np.bincount(flat, minlength=int(np.prod(sizes)))
    return np.asarray(counts.reshape(sizes) / max(len(flat), 1))


def _with_sampling(solved: Callable[[FloatArray], Bounds], joint: FloatArray, rows: int | None, seed: int) -> Bounds:
    found = solved(joint)
    if rows is None:
        return found
    rng = np.random.default_rng([seed, rows, 47])
    ends = []
    for _ in range(DRAWS):
        weights = rng.standard_gamma(joint * rows)  # cells that nobody is in stay empty
        drawn = solved(weights / weights.sum())
        ends.append((drawn.low, drawn.high))
    low, high = np.array(ends).T
    return replace(found, q05=float(np.quantile(low, 0.05)), q95=float(np.quantile(high, 0.95)))


def _checked(
    graph: CausalGraph, joint: FloatArray, levels: Mapping[str, Sequence[str]], pair: tuple[str, str]
) -> dict[str, int]:
    for name in pair:
        if name not in graph.observed:
            raise DataError(f"{name!r} is not an observed node", place=f"node {name}", hint="Ask about one that is.")
    if pair[0] == pair[1]:
        raise UsageError("an effect has two ends", place=f"node {pair[0]}", hint="Name two different nodes.")
    wanted = tuple(len(levels.get(name, ())) for name in graph.observed)
    if joint.shape != wanted:
        raise DataError(
            f"the shares have the shape {joint.shape}, and the levels of {joined(graph.observed)} {wanted}",
            hint="Give one axis a node, in the order of the graph's observed nodes.",
        )
    if not np.all(joint >= 0.0) or abs(float(joint.sum()) - 1.0) > 1e-6:
        raise DataError("the shares are not from 0 on, or do not sum to 1", hint="Divide counts by their sum.")
    return dict(zip(graph.observed, wanted, strict=True))


def _level(name: str, place: int, sizes: Mapping[str, int]) -> None:
    if not 0 <= place < sizes[name]:
        raise UsageError(f"{name!r} has no level {place}", place=f"node {name}", hint="Count its levels from 0 on.")


def _solved(programme: Programme, asked: FloatArray, treatment: str) -> Bounds:
    """Return the ends of ``asked[:-1] @ q + asked[-1]``."""
    if not np.isfinite(asked).all():
        raise DataError(
            f"some combination of its causes was never seen with a level of {treatment}, so that more than one factor "
            "is unknown and the problem is not linear",
            place=f"node {treatment}",
            hint="Join levels that are rare, or leave out rows that nobody compares with.",
        )
    weights, fixed = asked[:-1], float(asked[-1])
    narrowest = len(programme.joined) < 3
    if not np.any(weights):
        return Bounds(fixed, fixed, "the graph identifies it")
    known, share, off = programme.known, programme.share, 0.0
    ends = _ends(known, share, weights)
    if ends is None:
        known, share, weights, off = _nearest(programme, weights)
        ends = _ends(known, share, weights)
    if ends is None:
        raise FitError("the bounds could not be computed", hint="Join levels that are rare.")
    low, high = (end + fixed for end in ends)
    low, high = min(low, high), max(low, high)
    return Bounds(low, high, _note(high - low, off, narrowest, programme.joined), off, narrowest)


def _note(width: float, off: float, narrowest: bool, names: tuple[str, ...]) -> str:
    first = (
        "the graph identifies it"
        if width <= _ONE_NUMBER
        else f"what the rows leave open, whatever it is that nobody measured and that acts on {joined(names)}"
    )
    notes = [first]
    if off > 0:
        notes.append(
            f"the observed chances do not fit the graph, and the nearest that do are off by {number(off, 2)} in sum"
        )
    if not narrowest and width > _ONE_NUMBER:
        notes.append("they hold, and are narrower still if no cause acts on all of these at once")
    return "; ".join(notes)


def _ends(known: object, share: FloatArray, weights: FloatArray) -> tuple[float, float] | None:
    from scipy.optimize import linprog

    found = []
    for sign in (1.0, -1.0):
        solved = linprog(sign * weights, A_eq=known, b_eq=share, bounds=(0, None), method="highs")
        if solved.status != 0:
            return None
        found.append(sign * float(solved.fun))
    return found[0], found[1]


def _nearest(programme: Programme, weights: FloatArray) -> tuple[object, FloatArray, FloatArray, float]:
    """Return the programme with shares that may be off as little as must be, in the sum of absolute differences."""
    from scipy import sparse
    from scipy.optimize import linprog

    rows, responses = programme.known.shape
    # The first row, that all responses sum to 1, is kept.
    slack = sparse.eye_array(rows, format="csr")[:, 1:]
    wide = sparse.hstack([programme.known, slack, -slack], format="csr")
    price = np.concatenate([np.zeros(responses), np.ones(2 * (rows - 1))])
    solved = linprog(price, A_eq=wide, b_eq=programme.share, bounds=(0, None), method="highs")
    if solved.status != 0:
        raise FitError("no shares near the observed ones fit the graph", hint="Join levels that are rare.")
    off = float(solved.fun)
    # The total is a row of its own: what is spared of it goes to a last unknown.
    last = np.concatenate([price, [1.0]])[None, :]
    wide = sparse.vstack([sparse.hstack([wide, sparse.csr_array((rows, 1))]), sparse.csr_array(last)], format="csr")
    share = np.append(programme.share, off + max(_SLACK, 1e-6 * off))
    padded = np.concatenate([weights, np.zeros(wide.shape[1] - responses)])
    return wide, share, padded, off if off > _OFF else 0.0

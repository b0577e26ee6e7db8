"""Worlds that bend: data whose true graph is known and whose arrows are not straight lines.

Each world draws a table of ``n`` rows and names its true graph, a wrong rival with one superfluous
arrow, and what bends. They are what the verdict's operating characteristics are measured on
(:mod:`benchmarks.operating`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["WORLDS", "Drawn", "fork", "random_world"]

FloatArray = NDArray[np.float64]
Edges = tuple[tuple[str, str], ...]

_FORK: Edges = (("x", "y"), ("x", "z"))


@dataclass(frozen=True, eq=False)
class Drawn:
    """A data set with its true graph, and the superfluous arrow of a wrong rival."""

    table: pd.DataFrame
    edges: Edges
    superfluous: tuple[str, str]
    bends: str

    @property
    def nodes(self) -> tuple[str, ...]:
        """The columns."""
        return tuple(self.table.columns)


def _straight(rng: np.random.Generator, x: FloatArray) -> FloatArray:
    return 0.8 * x + rng.normal(size=len(x))


def _quadratic(rng: np.random.Generator, x: FloatArray) -> FloatArray:
    return 0.5 * x + 0.6 * (x**2 - 1) + rng.normal(size=len(x))


def _threshold(rng: np.random.Generator, x: FloatArray) -> FloatArray:
    return np.where(x > 0.3, 1.6, 0.0) + rng.normal(size=len(x))


def _skewed(rng: np.random.Generator, x: FloatArray) -> FloatArray:
    """Positive and skewed, to which the cause adds."""
    return 0.2 + np.exp(0.6 * rng.normal(size=len(x))) + np.maximum(x + 3.0, 0.0)


def _spread(rng: np.random.Generator, x: FloatArray) -> FloatArray:
    return 0.5 * x + np.exp(0.7 * x) * rng.normal(size=len(x))


def _u_shaped(rng: np.random.Generator, x: FloatArray) -> FloatArray:
    return (rng.random(len(x)) < 1.0 / (1.0 + np.exp(-(1.2 * x**2 - 1.2)))).astype(np.float64)


_SHAPES: Mapping[str, Callable[[np.random.Generator, FloatArray], FloatArray]] = {
    "straight": _straight,
    "quadratic": _quadratic,
    "threshold": _threshold,
    "skewed": _skewed,
    "spread": _spread,
    "u-shaped": _u_shaped,
}


def _simple(name: str, rng: np.random.Generator, n: int) -> Drawn:
    x = rng.normal(size=n)
    table = pd.DataFrame({"x": x, "y": _SHAPES[name](rng, x), "z": _SHAPES[name](rng, x)})
    if name == "u-shaped":
        table = table.astype({"y": int, "z": int})
    return Drawn(table, _FORK, ("y", "z"), name)


def _modifier(rng: np.random.Generator, n: int) -> Drawn:
    x, g = rng.normal(size=n), rng.integers(0, 2, n)
    slope = np.where(g == 1, 1.2, -0.4)
    table = pd.DataFrame({"x": x, "g": g, "y": slope * x + rng.normal(size=n), "z": slope * x + rng.normal(size=n)})
    return Drawn(table, (*_FORK, ("g", "y"), ("g", "z")), ("y", "z"), "modifier")


def _half_zeros(rng: np.random.Generator, n: int) -> Drawn:
    x = np.where(rng.random(n) < 0.5, 0.0, np.exp(0.5 * rng.normal(size=n) + 1.0))

    def effect() -> FloatArray:
        return np.where(x > 0, 1.5 - 0.05 * x, 0.0) + rng.normal(size=n)

    return Drawn(pd.DataFrame({"x": x, "y": effect(), "z": effect()}), _FORK, ("y", "z"), "half zeros")


def _odd_rows(rng: np.random.Generator, n: int) -> Drawn:
    x = rng.normal(size=n)
    y, z = _straight(rng, x), _straight(rng, x)
    odd = rng.choice(n, max(1, round(0.01 * n)), replace=False)
    y[odd] += 8.0
    z[odd] += 8.0
    return Drawn(pd.DataFrame({"x": x, "y": y, "z": z}), _FORK, ("y", "z"), "odd rows")


WORLDS: Mapping[str, Callable[[np.random.Generator, int], Drawn]] = {
    "straight": lambda rng, n: _simple("straight", rng, n),
    "quadratic": lambda rng, n: _simple("quadratic", rng, n),
    "threshold": lambda rng, n: _simple("threshold", rng, n),
    "modifier": _modifier,
    "half zeros": _half_zeros,
    "skewed": lambda rng, n: _simple("skewed", rng, n),
    "spread": lambda rng, n: _simple("spread", rng, n),
    "u-shaped": lambda rng, n: _simple("u-shaped", rng, n),
    "odd rows": _odd_rows,
}
"""The fork x -> y, x -> z, by what bends."""


def fork(name: str, seed: int, n: int, slope: float = 0.0) -> Drawn:
    """Draw a fork; with ``slope`` a real arrow y -> z as well, of that standardised size.

    The true graph that is returned is that without the arrow: with one, it is wrong.
    """
    rng = np.random.default_rng([seed, n, sum(map(ord, name))])
    drawn = WORLDS[name](rng, n)
    if not slope:
        return drawn
    table = drawn.table.copy()
    if name == "u-shaped":
        moved = rng.random(n) < slope
        table["z"] = np.where(moved, (rng.random(n) < np.where(table["y"] == 1, 0.9, 0.1)), table["z"]).astype(int)
    else:
        table["z"] = table["z"] + slope * table["y"] * table["z"].std() / table["y"].std()
    return Drawn(table, drawn.edges, drawn.superfluous, drawn.bends)


def random_world(seed: int, n: int, bends: str) -> Drawn:
    """Draw a random true graph of 4 to 8 nodes whose arrows all bend in one way, and a superfluous arrow beside it."""
    rng = np.random.default_rng([seed, n, 17, sum(map(ord, bends))])
    size = int(rng.integers(4, 9))
    names = [f"v{place}" for place in range(size)]
    edges = [(names[i], names[j]) for j in range(size) for i in range(j) if rng.random() < min(0.5, 2.0 / size)]
    missing = [(names[i], names[j]) for j in range(size) for i in range(j) if (names[i], names[j]) not in edges]
    if not missing:
        missing.append(edges.pop())
    table: dict[str, FloatArray] = {}
    for name in names:
        parents = [a for a, b in edges if b == name]
        table[name] = _node(rng, bends, [table[parent] for parent in parents], n)
    frame = pd.DataFrame(table)
    return Drawn(frame, tuple(edges), missing[int(rng.integers(len(missing)))], bends)


def _node(rng: np.random.Generator, bends: str, parents: list[FloatArray], n: int) -> FloatArray:
    if not parents:
        if bends == "half zeros":
            return np.where(rng.random(n) < 0.5, 0.0, np.exp(0.5 * rng.normal(size=n) + 1.0))
        return rng.normal(size=n)
    noise = rng.normal(size=n)
    unit = [(values - values.mean()) / values.std() for values in parents]
    if bends == "odd rows":
        total = sum((0.6 * values for values in unit), np.zeros(n)) + noise
        total[rng.choice(n, max(1, round(0.01 * n)), replace=False)] += 8.0
        return total
    if bends == "modifier":
        # The first cause bends by whether the last is above its middle.
        high = unit[-1] > 0
        return sum((np.where(high, 1.0, -0.2) * values for values in unit), np.zeros(n)) + noise
    if bends == "skewed":
        return 0.2 + np.exp(0.6 * noise) + sum((np.maximum(0.6 * values + 2.0, 0.0) for values in unit), np.zeros(n))
    if bends == "u-shaped":
        chance = 1.0 / (1.0 + np.exp(-(sum((1.2 * values**2 - 1.2 for values in unit), np.zeros(n)))))
        return (rng.random(n) < chance).astype(np.float64)
    shape = {
        "straight": lambda v: 0.6 * v,
        "quadratic": lambda v: 0.4 * v + 0.5 * (v**2 - 1),
        "threshold": lambda v: np.where(v > 0.3, 1.2, 0.0),
        "half zeros": lambda v: np.where(v > v.min() + 1e-9, 1.0, 0.0),
        "spread": lambda v: 0.4 * v,
    }[bends]
    mean = sum((shape(values) for values in unit), np.zeros(n))
    scale = np.exp(0.4 * np.clip(sum(unit, np.zeros(n)), -4, 4)) if bends == "spread" else 1.0
    return mean + scale * noise

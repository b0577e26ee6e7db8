"""Random Gaussian graphs, rivals that differ from one in some arrows, and data from it."""

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.problem import Parents

__all__ = ["columns", "graph", "rivals"]


def graph(nodes: int, degree: float = 2.5, seed: int = 0) -> Parents:
    """Return a graph with about ``degree`` parents a node, causes before effects."""
    rng = np.random.default_rng(seed)
    parents: dict[str, tuple[str, ...]] = {"v0": ()}
    for place in range(1, nodes):
        chosen = rng.choice(place, min(place, rng.poisson(degree)), replace=False)
        parents[f"v{place}"] = tuple(f"v{other}" for other in sorted(chosen))
    return parents


def rivals(base: Parents, count: int, changes: int, seed: int = 1) -> list[Parents]:
    """Return ``base`` and others in which ``changes`` nodes have gained or lost one parent."""
    rng = np.random.default_rng(seed)
    names = list(base)
    found: list[Parents] = [base]
    for _ in range(count - 1):
        other = dict(base)
        for place in rng.choice(np.arange(1, len(names)), min(changes, len(names) - 1), replace=False):
            flipped = set(other[names[place]]) ^ {names[rng.integers(place)]}
            other[names[place]] = tuple(sorted(flipped, key=names.index))
        found.append(other)
    return found


def columns(base: Parents, rows: int, seed: int = 0) -> pd.DataFrame:
    """Draw the data from ``base``."""
    rng = np.random.default_rng(seed)
    found: dict[str, Any] = {}
    for name, parents in base.items():
        values = rng.normal(size=rows)
        for place, parent in enumerate(parents):
            values += (0.3 + 0.2 * (place % 3)) * found[parent]
        found[name] = values / values.std()
    return pd.DataFrame(found)

"""Where the doubt about a number comes from: its variance in parts, by the law of total variance.

One more row differs by chance; averages over rows by what the parameters leave open; averages over draws by hypothesis.
What hypotheses differ by is split once more: between graphs (structure), and between hypotheses of one graph that
differ in families, forms or priors (forms). With weights w of hypotheses, W of graphs, m the hypotheses' means and M
the graphs', the parts of the last step are ``sum W (M - mean)^2`` and ``sum w (m - M)^2``.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Share", "between", "share_of", "shares_of_levels"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Share:
    """Shares of a variance, which add up to 1 (all 0 where nothing is left open).

    Parameters
    ----------
    chance, parameters : float
    structure : float, optional
        Over hypotheses alone.
    forms : float, optional
        Only where two hypotheses have the same graph.
    variance : float
        Of which these are shares.
    """

    chance: float
    parameters: float
    structure: float | None = None
    forms: float | None = None
    variance: float = 0.0

    @property
    def parts(self) -> dict[str, float]:
        """The shares by their names, those that there are."""
        found = {
            "chance": self.chance,
            "parameters": self.parameters,
            "structure": self.structure,
            "forms": self.forms,
        }
        return {name: value for name, value in found.items() if value is not None}

    @property
    def largest(self) -> str:
        """The source of most of it: ``"chance"``, ``"parameters"``, ``"structure"`` or ``"forms"``."""
        return max(self.parts, key=self.parts.__getitem__)

    def to_dict(self) -> dict[str, float]:
        """Return the JSON record."""
        return self.parts


def share_of(chance: float, parameters: float, apart: tuple[float, float | None] | None = None) -> Share:
    """Return parts of a variance as shares of it.

    Parameters
    ----------
    chance, parameters : float
        Variances, squared units of what is predicted.
    apart : (float, float or None), optional
        Over hypotheses: those of :func:`between`.
    """
    structure, forms = (None, None) if apart is None else apart
    total = chance + parameters + (structure or 0.0) + (forms or 0.0)
    whole = total if total > 0 else 1.0
    return Share(
        chance / whole,
        parameters / whole,
        None if structure is None else structure / whole,
        None if forms is None else forms / whole,
        max(total, 0.0),
    )


def between(means: Sequence[float], weights: Sequence[float], graphs: Sequence[Hashable]) -> tuple[float, float | None]:
    """Return the variance of means between graphs, and that between hypotheses of one graph.

    Parameters
    ----------
    means, weights : sequence of float
        Of each hypothesis; weights add up to 1.
    graphs : sequence of hashable
        Hypotheses of one graph have the same.

    Returns
    -------
    (float, float or None)
        None where each has a graph of its own.
    """
    w, m = np.asarray(weights, dtype=np.float64), np.asarray(means, dtype=np.float64)
    _, inverse = np.unique([list(graphs).index(graph) for graph in graphs], return_inverse=True)
    own = np.zeros(inverse.max() + 1)
    np.add.at(own, inverse, w)
    centres = np.zeros(len(own))
    np.add.at(centres, inverse, w * m)
    centres = np.divide(centres, own, out=np.zeros(len(own)), where=own > 0)
    structure = float(own @ (centres - w @ m) ** 2)
    return structure, float(w @ (m - centres[inverse]) ** 2) if len(own) < len(m) else None


def shares_of_levels(
    levels: Sequence[str],
    parts: Sequence[FloatArray],
    weights: Sequence[float],
    graphs: Sequence[Hashable] | None,
    *,
    row: bool,
    root: float = 1.0,
) -> Mapping[str, Share]:
    """Return where the doubt about the chance of each level comes from.

    Parameters
    ----------
    levels : sequence of str, length K
    parts : sequence of array, shape (S, K)
        Draws of chances, or of how they differ between two worlds, a hypothesis each.
    weights : sequence of float
        They add up to 1.
    graphs : sequence of hashable, optional
        Of hypotheses that are averaged (:func:`between`).
    row : bool
        Whether it is of one more row, which has the level or has it not: then ``p (1 - p)`` is chance.
    root : float
        By how much draws are drawn out.
    """
    found = {}
    for k, level in enumerate(levels):
        own = [part[:, k] for part in parts]
        chance = sum(w * float((p * (1.0 - p)).mean()) for w, p in zip(weights, own, strict=True)) if row else 0.0
        open_still = sum(w * root**2 * float(p.var()) for w, p in zip(weights, own, strict=True))
        apart = None if graphs is None else between([float(p.mean()) for p in own], weights, graphs)
        found[level] = share_of(chance, open_still, apart)
    return found

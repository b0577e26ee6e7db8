"""One node drawn in two worlds at once, with as much noise in common as its family allows.

An effect compares two worlds. Drawn independently, their noise would swamp a small effect.
Here both use the same noise, as far as the family is a function of it (``Family.noise``,
``Family.respond``, ``Family.pair``). In each world alone the draw has the family's distribution. Averages do not
depend on the coupling, only their Monte Carlo error does.
"""

import numpy as np
from numpy.typing import NDArray

from core.families import get_family
from core.families.base import Draws
from core.model.spec import NodeModel

__all__ = ["draw_pair"]

FloatArray = NDArray[np.float64]


def draw_pair(
    model: NodeModel, draws: Draws, low: FloatArray, high: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Draw a node given its design in two worlds, each shape (S, N), on the family's scale.

    Parameters
    ----------
    model : NodeModel
    draws : mapping of str to array
        Parameters, draw index first (S).
    low, high : array, shape (N, p) or (S, N, p)
        The design in either world.
    rng : numpy.random.Generator
    """
    family = get_family(model.family)
    one, other = family.mean(draws, low, model.link), family.mean(draws, high, model.link)
    return family.pair(one, other, family.aux(draws), rng)

"""What is lost by an action if one hypothesis is right, and what it would be worth to know which one is."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["information", "regrets"]

FloatArray = NDArray[np.float64]


def regrets(means: FloatArray, own: Sequence[int]) -> FloatArray:
    """Return what each action loses under each hypothesis against the action that is best there, shape (A, H).

    Parameters
    ----------
    means : array, shape (A, H)
        Expected utility, over draws that did not choose the actions.
    own : sequence of int
        For each hypothesis, which action is best if it is right.

    Returns
    -------
    array, shape (A, H)
        In units of utility, 0 or more: as draws that did not choose can put another action a little ahead of the one
        that was chosen, what is under 0 is noise, and is 0 here.
    """
    top = means[list(own), np.arange(means.shape[1])]
    return np.maximum(top - means, 0.0)


def information(means: FloatArray, weights: FloatArray, own: Sequence[int], chosen: int) -> float:
    """Return the expected value of perfect information on the structure, in units of utility, 0 or more.

    What one expects to get by acting on the right hypothesis, whichever it is, less what the one action gives that is
    best without knowing (Raiffa & Schlaifer 1961):

        EVPI = sum_h w_h max_a u_h(a) - max_a sum_h w_h u_h(a)

    Parameters
    ----------
    means : array, shape (A, H)
        Expected utility, over draws that did not choose the actions.
    weights : array, shape (H,)
        Of the hypotheses, adding up to 1.
    own : sequence of int
        For each hypothesis, which action is best if it is right: where the first maximum is reached.
    chosen : int
        The action that is best by expectation over hypotheses: where the second is.
    """
    knowing = float(weights @ means[list(own), np.arange(means.shape[1])])
    return max(0.0, knowing - float(weights @ means[chosen]))

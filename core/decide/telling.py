"""How far a decision is: told before every few actions that are played, so that whoever is told may call it off."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.decide.utility import Outcomes

__all__ = ["Telling"]

FloatArray = NDArray[np.float64]
Progress = Callable[[str, float], None]

_AT_A_TIME = 2  # actions played between two words: of any hypotheses well under a second
_SEARCH = 0.7  # the share of the time that the search takes; the rest is scoring


class Telling:
    """Passes on how far it is, and again before every few actions.

    What ``progress`` raises ends the decision: nothing here catches it.
    """

    def __init__(self, progress: Callable[[str, float], None] | None) -> None:
        self._progress = progress
        self._said, self._share = "trying what can be chosen", 0.0

    def search(self, said: str, share: float) -> None:
        """Tell how far the search is."""
        self._tell(said, _SEARCH * share)

    def scoring(self) -> None:
        """Tell that what was found is scored now."""
        self._tell("scoring what was found on other draws", _SEARCH)

    def outcomes(self, outcomes: Outcomes) -> Outcomes:
        """Return the same outcomes, played a few actions at a time with a word before each few."""
        if self._progress is None:
            return outcomes

        def played(actions: FloatArray, /) -> FloatArray:
            parts = []
            for start in range(0, len(actions), _AT_A_TIME):
                # While it scores nobody knows what comes yet: each few take a part of what is left.
                more = 0.1 * (1.0 - self._share) if self._share >= _SEARCH else 0.0
                self._tell(self._said, self._share + more)
                parts.append(np.asarray(outcomes(actions[start : start + _AT_A_TIME])))
            return np.concatenate(parts, axis=1)

        return played

    def _tell(self, said: str, share: float) -> None:
        self._said, self._share = said, share
        if self._progress is not None:
            self._progress(said, share)

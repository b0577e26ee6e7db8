"""What an arrow's number says, in the units of the data.

A slope is kept on the child's link scale per unit of the parent's working scale (the log of
a count, of a LogNormal). Nobody thinks in those: a log or logit scale of the child makes it a
factor, a log scale of the parent makes the step a doubling.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log
from typing import Any

from core.comparison.plain import interval, number
from core.model.resolve import working_transform

__all__ = ["ArrowScale", "arrow_scale"]


@dataclass(frozen=True)
class ArrowScale:
    """How to say a slope.

    Parameters
    ----------
    what : str
        ``"value"`` (added to the child), ``"factor"`` (of the child) or ``"odds"`` (a factor of its odds).
    step : str
        The parent's working scale: ``"identity"``, ``"log"`` or ``"log1p"``.
    switch : bool
        The parent is yes or no.
    chance : bool
        What is added is added to a probability.
    """

    what: str = "value"
    step: str = "identity"
    switch: bool = False
    chance: bool = False

    def value(self, slope: float, sign: bool = False) -> str:
        """Return a slope as a number in the units of the data, for one step of the parent."""
        return self.amount(self._moved(slope), sign)

    def amount(self, moved: float, sign: bool = False) -> str:
        """Return a change on the link's scale as a number in the units of the data."""
        if self.what == "value":
            return f"{'+' if sign and moved > 0 else ''}{number(moved)}"
        return f"×{number(self._size(moved))}"

    def _moved(self, slope: float) -> float:
        """Return the change on the link's scale for one step of the parent: one more of it, or a doubling."""
        return slope if self.step == "identity" else slope * log(2.0)

    def _size(self, moved: float) -> float:
        """Return a change on the link's scale as what is added, or as the factor that it makes."""
        return moved if self.what == "value" else exp(min(moved, 500.0))

    @property
    def words(self) -> str:
        """Return the scale of the slope itself, as tables keep it."""
        child = {"factor": "log of the effect's node", "odds": "log odds of the effect's node"}.get(
            self.what, "probability" if self.chance else "units of the effect's node"
        )
        parent = {"log": "log of the cause", "log1p": "log of 1 + the cause"}.get(self.step, "unit of the cause")
        return f"{child} per {parent}"

    def label(self, slope: float) -> str:
        """Return the few letters that stand on the arrow."""
        odds = "odds " if self.what == "odds" else ""
        return f"{odds}{self.value(slope, sign=True)}{'' if self.step == 'identity' else ' per ×2'}"

    def sentence(self, mean: float, low: float, high: float) -> str:
        """Return a slope's mean and 90 % interval, and whether that leaves out that there is no effect."""
        step = "" if self.step == "identity" else " a doubling"
        at, left, right = (self._size(self._moved(slope)) for slope in (mean, low, high))
        said = f"{number(at)} {interval(left, right)}"
        zero = "excludes" if low > 0 or high < 0 else "holds"
        if self.what == "value":
            return f"{said}{step}, 90 % interval {zero} 0"
        return f"{'odds ' if self.what == 'odds' else ''}×{said}{step}, 90 % interval {zero} ×1"

    def hover(self, source: str, target: str, units: tuple[str, str], slope: tuple[float, float, float]) -> str:
        """Return two lines: the posterior mean and the 90 % interval, with units.

        Parameters
        ----------
        source, target : str
            The user's words for the two.
        units : (str, str)
            Of the source and of the target; empty where there is none.
        slope : (float, float, float)
            Mean, q05 and q95.
        """
        per, unit = (f" [{one}]" if one else "" for one in units)
        if self.switch:
            step = f"when {source} goes from 0 to 1"
        elif self.step == "identity":
            step = f"for 1 more {source}{per}"
        else:
            step = f"for a doubling of {'1 + ' if self.step == 'log1p' else ''}{source}"
        mean, low, high = slope
        if self.what == "value":
            what = f"{self.value(mean, sign=True)}{' in probability' if self.chance else unit}"
        else:
            what = f"{'odds ' if self.what == 'odds' else ''}{self.value(mean)}"
        scale = "mean" if self.what == "value" else "mean on the log scale"
        return (
            f"{source} → {target}: {what} {step}\n"
            f"90 %: {self.value(low)} to {self.value(high)} (posterior {scale} and interval)"
        )


def arrow_scale(source: Mapping[str, Any] | None, target: Mapping[str, Any] | None) -> ArrowScale:
    """Return how to say the slope between two nodes, from their ``nodes`` entries in ``compare --json``."""
    source, target = source or {}, target or {}
    family, link = target.get("family"), target.get("link")
    what = "value"
    if family == "LogNormal" or link == "log":
        what = "factor"
    elif link == "logit":
        what = "odds"
    return ArrowScale(
        what,
        working_transform(str(source.get("family") or "")),
        switch=source.get("kind") == "binary",
        chance=family in ("Table", "Categorical"),
    )

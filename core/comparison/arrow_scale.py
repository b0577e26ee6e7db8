"""What an arrow's number says, in the units of the data.

A slope is kept on the child's link scale per unit of the parent's working scale (the log of
a count, of a LogNormal). Nobody thinks in those. What a number on the child's scale means is
the family's to say (:mod:`core.families.meaning`); a log scale of the parent makes the step a
doubling.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from typing import Any

from core.families import FAMILIES
from core.families.meaning import ADDED, Meaning
from core.words import interval, number

__all__ = ["ArrowScale", "arrow_scale"]


@dataclass(frozen=True)
class ArrowScale:
    """How to say a slope.

    Parameters
    ----------
    meaning : Meaning
        Of a number on the child's link scale.
    step : str
        The parent's working scale: ``"identity"``, ``"log"`` or ``"log1p"``.
    switch : bool
        The parent is yes or no.
    """

    meaning: Meaning = ADDED
    step: str = "identity"
    switch: bool = False

    def value(self, slope: float, sign: bool = False) -> str:
        """Return a slope as a number in the units of the data, for one step of the parent."""
        return self.amount(self._moved(slope), sign)

    def amount(self, moved: float, sign: bool = False) -> str:
        """Return a change on the link's scale as a number in the units of the data."""
        if self.meaning.factor:
            return f"×{number(self.meaning.size(moved))}"
        return f"{'+' if sign and moved > 0 else ''}{number(moved)}"

    def _moved(self, slope: float) -> float:
        """Return the change on the link's scale for one step of the parent: one more of it, or a doubling."""
        return slope if self.step == "identity" else slope * log(2.0)

    @property
    def plain(self) -> bool:
        """Whether the slope itself is in the units of the data, for one more of the cause."""
        return self.meaning.unit == "data" and self.step == "identity"

    @property
    def words(self) -> str:
        """Return the scale of the slope itself, as tables keep it."""
        parent = {"log": "log of the cause", "log1p": "log of 1 + the cause"}.get(self.step, "unit of the cause")
        return f"{self.meaning.scale} per {parent}"

    def label(self, slope: float) -> str:
        """Return the few letters that stand on the arrow."""
        return f"{self.meaning.mark}{self.value(slope, sign=True)}{'' if self.step == 'identity' else ' per ×2'}"

    def sentence(self, mean: float, low: float, high: float) -> str:
        """Return a slope's mean and 90 % interval, and whether that leaves out that there is no effect."""
        step = "" if self.step == "identity" else " a doubling"
        at, left, right = (self.meaning.size(self._moved(slope)) for slope in (mean, low, high))
        said = f"{number(at)} {interval(left, right)}{self.meaning.after}"
        if self.meaning.factor:
            said = f"{self.meaning.mark}×{said}"
        zero = "excludes" if low > 0 or high < 0 else "holds"
        return f"{said}{step}, 90 % interval {zero} {self.meaning.nothing}"

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
        after = unit if self.meaning.unit == "data" else self.meaning.after
        factor = self.meaning.factor
        what = f"{self.meaning.of if factor else ''} {self.value(mean, sign=True)}{after}".strip()
        return (
            f"{source} → {target}: {what} {step}\n"
            f"90 %: {self.value(low)} to {self.value(high)} "
            f"(posterior {'mean on the log scale' if factor else 'mean'} and interval)"
        )


def arrow_scale(
    source: Mapping[str, Any] | None, target: Mapping[str, Any] | None, step: str = "identity"
) -> ArrowScale:
    """Return how to say a slope.

    Parameters
    ----------
    source, target : mapping or None
        The two nodes' entries in ``nodes`` of ``compare --json``.
    step : str
        The arrow's ``working_scale``: an arrow may take its source otherwise than others do.
    """
    source, target = source or {}, target or {}
    family = FAMILIES.get(str(target.get("family") or ""))
    return ArrowScale(
        ADDED if family is None else family.meaning(str(target.get("link") or "")),
        step,
        switch=source.get("kind") == "binary",
    )

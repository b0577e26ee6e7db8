"""What stands beside an effect: with whom rows can be compared, and what no single model says.

How they are computed is in :mod:`core.effects.overlap` and :mod:`core.effects.second`; this module holds what
a comparison keeps of them.
"""

from dataclasses import dataclass
from math import exp, sqrt

__all__ = ["GAP", "LACKING", "Estimated", "Overlap", "SecondOpinion", "second_opinion"]

LACKING = 0.05
"""A larger share of rows with nobody to compare with is said."""

GAP = 2.0
"""A gap of more joint errors is said."""

_BENDS = 0.005
_FIVE = 1.6448536269514722  # the 95 % point of a standard Normal


@dataclass(frozen=True)
class Estimated:
    """An estimate with its standard error; ``q05`` and ``q95`` end its 90 % interval."""

    mean: float
    se: float

    @property
    def q05(self) -> float:
        """Where the interval begins."""
        return self.mean - _FIVE * self.se

    @property
    def q95(self) -> float:
        """Where the interval ends."""
        return self.mean + _FIVE * self.se

    @property
    def factor(self) -> dict[str, float]:
        """A difference of logarithms as a ratio; its error is that of the logarithm."""
        return {"mean": exp(self.mean), "se": self.se, "q05": exp(self.q05), "q95": exp(self.q95)}

    def to_dict(self) -> dict[str, float]:
        """Return the JSON record."""
        return {"mean": self.mean, "se": self.se, "q05": self.q05, "q95": self.q95}


@dataclass(frozen=True)
class Overlap:
    """With how many rows the treatment's two values can be compared.

    Parameters
    ----------
    share : float
        Of the rows that have nobody like them at the other value.
    rows : int
        How many rows were looked at.
    step : str
        ``"own"`` (one unit, or two levels) or ``"quartiles"``: between which values.
    scale : str or None
        ``"mean"``, or ``"ratio"`` where ``comparable`` is a difference of logarithms.
    comparable : Estimated or None
        The doubly robust effect among the other rows; None where there is none.
    low, high : str or None
        The levels of the contrast that is worst, where there are several.
    """

    share: float
    rows: int
    step: str
    scale: str | None = None
    comparable: Estimated | None = None
    low: str | None = None
    high: str | None = None

    @property
    def lacks(self) -> bool:
        """Whether so many rows have nobody to compare with that it is said."""
        return self.share > LACKING

    def to_dict(self) -> dict[str, object]:
        """Return the JSON record."""
        among = self.comparable
        said = None if among is None else among.factor if self.scale == "ratio" else among.to_dict()
        record: dict[str, object] = {"share": self.share, "rows": self.rows, "step": self.step, "lacks": self.lacks}
        return record | {"scale": self.scale, "comparable": said, "from": self.low, "to": self.high}


@dataclass(frozen=True)
class SecondOpinion:
    """An effect by flexible regressions, beside the reported one.

    Parameters
    ----------
    way : str
        ``"aipw"`` or ``"partialling out"``.
    step : str
        As in :class:`Overlap`.
    scale : str
        ``"mean"``; ``"ratio"``: of a LogNormal outcome, ``estimate`` and ``reported`` being logarithms.
    estimate : Estimated
    reported : float
        What the hypothesis' own model says of the same step, on the same scale.
    joint : float
        The error of the gap (:func:`second_opinion`).
    p_curve : float or None
        How often a treatment that acts in a straight line would look so curved; None where it is no
        number, or the model is no straight line either.
    on_mean : SecondOpinion or None
        The same for the mean of a LogNormal outcome.
    low, high : str or None
        The levels of the contrast with the largest gap, where there are several.
    """

    way: str
    step: str
    scale: str
    estimate: Estimated
    reported: float
    joint: float
    p_curve: float | None = None
    on_mean: "SecondOpinion | None" = None
    low: str | None = None
    high: str | None = None

    @property
    def gap(self) -> float:
        """How many joint errors lie between the two."""
        return abs(self.estimate.mean - self.reported) / self.joint

    @property
    def differs(self) -> bool:
        """Whether that is more than two, for this or for the mean."""
        return self.gap > GAP or (self.on_mean is not None and self.on_mean.differs)

    @property
    def bends(self) -> bool:
        """Whether the treatment acts in a curve where the model has a straight line."""
        return self.p_curve is not None and self.p_curve < _BENDS

    @property
    def said(self) -> dict[str, float]:
        """Estimate and interval on the scale that is shown: a ratio where logarithms were compared."""
        return self.estimate.factor if self.scale == "ratio" else self.estimate.to_dict()

    def to_dict(self) -> dict[str, object]:
        """Return the JSON record."""
        reported = exp(self.reported) if self.scale == "ratio" else self.reported
        record: dict[str, object] = {"way": self.way, "step": self.step, "scale": self.scale, **self.said}
        record |= {"reported": reported, "gap": self.gap, "differs": self.differs, "p_curve": self.p_curve}
        record["on_mean"] = None if self.on_mean is None else self.on_mean.to_dict()
        return record | {"from": self.low, "to": self.high}


def second_opinion(
    way: str,
    step: str,
    scale: str,
    estimate: Estimated,
    reported: Estimated,
    p_curve: float | None = None,
    levels: tuple[str | None, str | None] = (None, None),
) -> SecondOpinion | None:
    """Hold an estimate against the reported one; None where neither has an error.

    Notes
    -----
    Both come from the same rows, so they err together: if the model is right, which makes its estimate the
    sharpest, their difference has the variance ``se^2 - sd^2`` and not ``se^2 + sd^2`` (Hausman 1978). The joint
    error is the root of that, and at least of half the larger variance, since both are estimates themselves. Two
    of these call a right model into question in fewer than 1 in 20 data sets, and find a wrong one far more often
    than if the errors were taken as independent (docs/effects.md).
    """
    larger = max(estimate.se, reported.se)
    joint = sqrt(max(estimate.se**2 - reported.se**2, larger**2 / 2))
    if not 0 < joint < float("inf"):
        return None
    return SecondOpinion(way, step, scale, estimate, reported.mean, joint, p_curve, None, *levels)

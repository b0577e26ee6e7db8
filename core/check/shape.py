"""One finding on a family's shape: a fact with its size, and the sentence for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from scipy import special

from core.words import number

__all__ = ["ASPECTS", "LEVEL", "SIZES", "Shape"]

Title = Callable[[str], str]

ASPECTS = ("curve", "interaction", "spread", "mean", "dispersion", "zeros", "tails", "skew")

LEVEL = 0.01
"""An adjusted p-value under it is flagged, where the size matters."""

SIZES: Mapping[str, float] = {
    "curve": 0.02,
    "interaction": 0.02,
    "mean": 0.02,
    "spread": 1.3,
    "dispersion": 0.2,
    "zeros": 0.03,
    "tails": 0.003,
    "skew": 0.3,
}
"""From which size on a look matters, on the scale of :class:`Shape`; of a dispersion the distance from 1."""


@dataclass(frozen=True)
class Shape:
    """One look at one node's family.

    Parameters
    ----------
    node : str
    aspect : str
        One of :data:`ASPECTS`.
    about : str or None
        The parent, of an interaction the modifier; None for the fit, or for the node's own distribution.
    size : float
        ``curve``, ``interaction``, ``mean``: share of what is left that they explain. ``spread``: the
        spread where it is largest along the fit (or the parent) over where it is smallest, by thirds.
        ``dispersion``: variance over what the family expects. ``zeros``: their share minus the
        expected one. ``tails``: share of rows over three (robust) standard deviations away minus the
        0.27 % of a Normal. ``skew``: skewness of what is left, as Normal quantiles.
    p_value, p_adjusted : float
        ``p_value`` given the stronger looks at the same node; adjusted over the node's looks
        (Benjamini & Hochberg 1995).
    flagged : bool
        Adjusted p under 0.01 and a size that matters.
    remedy : {"bend", "interact", "family", "none"}
        What would mend it; ``family`` names the family.
    cause : str or None
        Of an interaction, the parent whose effect differs.
    way : str
        How: ``"grows"``, ``"shrinks"`` or ``"changes"`` of a spread, ``"over"`` or ``"under"``,
        ``"many"`` or ``"few"``, ``"heavy"``, ``"right"`` or ``"left"``.
    given : str
        The family that was looked at.
    overruled : bool
        The user takes the node as it is: the flag stays, and does not reach the verdict.
    """

    node: str
    aspect: str
    about: str | None
    size: float
    p_value: float
    p_adjusted: float = 1.0
    flagged: bool = False
    remedy: str = "none"
    family: str | None = None
    cause: str | None = None
    way: str = ""
    given: str = ""
    overruled: bool = False

    def weakened(self, factor: float, level: float) -> "Shape":
        """Return the look as rows give it that say only as much as 1 / ``factor`` times as many.

        Its p-value is that of a normal deviate over the root of the factor; a flag stays if it is under ``level``.
        """
        if factor <= 1.0:
            return self
        p, adjusted = (_p_of(_deviate(value) / factor**0.5) for value in (self.p_value, self.p_adjusted))
        return replace(self, p_value=p, p_adjusted=adjusted, flagged=self.flagged and adjusted < level)

    @property
    def words(self) -> str:
        """The sentence, with columns by their names; :meth:`said` takes other titles."""
        return self.said()

    def said(self, title: Title = str) -> str:
        """Return the finding as a sentence without its full stop, as one would say it to a colleague."""
        y, over = title(self.node), "the fit" if self.about is None else title(self.about)
        share, points = _percent(self.size), number(100 * abs(self.size), 2)
        match self.aspect:
            case "curve" if self.about is None:
                return f"{y} bends with all its causes together: a curve explains {share} of what straight lines leave"
            case "curve":
                return f"what {over} does to {y} bends: a curve explains {share} of what a straight line leaves"
            case "mean":
                return f"{y} is off its fit in parts: a curve along the fit explains {share} of what is left"
            case "interaction":
                return f"what {self._of(title)} to {y} differs by {over}, which explains {share} of what is left"
            case "spread" if self.way == "changes":
                return f"the spread of {y} changes with {over}: in one part it is {self.size:.1f} times that of another"
            case "spread":
                end = "high" if self.way == "grows" else "low"
                return f"the spread of {y} {self.way} with {over}: {self.size:.1f} times as wide where {over} is {end}"
            case "dispersion":
                more = "more" if self.way == "over" else "less"
                times = number(self.size, 2)
                return f"{y} varies {more} than {_a(self.given)} can: {times} times the variance it expects"
            case "zeros":
                more = "more" if self.way == "many" else "less"
                return f"{y} is 0 {more} often than {_a(self.given)} expects, by {points} rows in 100"
            case "tails":
                many = number(100 * self.size + 0.27, 2)
                return f"{y} has odd rows: {many} in 100 lie over three standard deviations off, where 0.3 would"
        return f"what is left of {y} is lopsided: its {self.way} tail is the longer one (skewness {self.size:.1f})"

    def short(self, title: Title = str) -> str:
        """Return the finding in a few words, for a line with others."""
        y, over = title(self.node), "the fit" if self.about is None else title(self.about)
        match self.aspect:
            case "curve":
                return f"{y} bends with {over}"
            case "mean":
                return f"{y} is off its fit in parts"
            case "interaction":
                return f"what {self._of(title)} to {y} differs by {over}"
            case "spread":
                return f"the spread of {y} {self.way} with {over}"
            case "dispersion":
                return f"{y} varies {'more' if self.way == 'over' else 'less'} than its family can"
            case "zeros":
                return f"{y} has too {self.way} zeros for its family"
            case "tails":
                return f"{y} has odd rows"
        return f"{y} is lopsided"

    def mended(self, title: Title = str) -> str:
        """Return in words what would mend it, without a full stop; empty where nothing here would."""
        y, over = title(self.node), "its causes" if self.about is None else title(self.about)
        match self.remedy:
            case "bend":
                return f"letting {over} bend would mend it"
            case "interact":
                return f"letting it differ by {over} would mend it"
            case "family":
                return f"{self.family} for {y} takes it"
        return ""

    def _of(self, title: Title) -> str:
        return "its other causes do" if self.cause is None else f"{title(self.cause)} does"

    def to_dict(self) -> dict[str, object]:
        """Return the contract's record."""
        names = (
            "node", "aspect", "about", "size", "p_value", "p_adjusted", "flagged", "words", "remedy", "family",
            "cause", "way", "overruled",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}


def _deviate(p_value: float) -> float:
    return -float(special.ndtri(max(p_value, 1e-300) / 2.0))


def _p_of(deviate: float) -> float:
    return float(2.0 * special.ndtr(-deviate))


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.095 else f"{100 * share:.1f} %"


def _a(family: str) -> str:
    return f"{'an' if family[:1] in 'AEIOU' else 'a'} {family}"

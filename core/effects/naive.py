"""What is commonly computed of the same rows, without a graph, beside what a graph says.

A plain comparison, a regression on everything in the table, regressions given an adjustment set, two-stage least
squares by an instrument, and boosted trees: all of them the same step of the treatment, on the scale on which the
effect is reported. Columns are regressed on their working scales, as the models take them, so that what differs from
a model is what is adjusted for and its form, and not the units. A step's effect is the coefficients times the
mean change of the treatment's columns; of two levels that is a difference, and for a chance the linear probability
model. Which of them answers what was asked is a matter of the graph: :mod:`core.effects.differing`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, inf, isfinite, nan
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from core.effects.black_box import PARTS, boosted
from core.effects.instrumented import WEAK, Instrumented, two_stage
from core.effects.least_squares import HC2, HC3, basis_of, fitted, spread_90
from core.effects.steps import Step
from core.errors import UsageError
from core.words import interval, joined, number

__all__ = ["Estimate", "Regressed", "naive_estimates"]

FloatArray = NDArray[np.float64]
Kind = Literal["raw", "everything", "adjusted", "instrument", "black box"]
Way = tuple[str, tuple[str, ...]]


class Regressed(Protocol):
    """A column's form in a regression; :class:`core.check.roles.Role` is one."""

    @property
    def levels(self) -> int:
        """Number of levels of a category, else 0."""
        ...

    def regressors(self, raw: FloatArray) -> FloatArray:
        """Return the columns that explain others, shape (N, k), of raw values, shape (N,)."""
        ...


@dataclass(frozen=True)
class Estimate:
    """One naive estimate of the step's effect.

    Parameters
    ----------
    name : str
        Unique among the estimates: ``"raw"``, ``"everything"``, ``"adjusted: a, b"``, ``"instrument: z"``, ``"black
        box"``.
    words : str
        As a sentence names it: ``"the plain comparison"``.
    mean, se, q05, q95 : float
        On the outcome's scale, with a 90 % interval. Of logarithms ``mean``, ``q05`` and ``q95`` are ratios and
        ``se`` is the error of the logarithm. ``nan`` where it cannot be computed; ``note`` says why.
    adjusts : tuple of str
        What is held fixed; of an instrument, what is given in both stages.
    note : str
        How it was computed, and what to beware of.
    kind : str
    instrument : str or None
    first_stage : float or None
        F of the instrument.
    anderson_rubin : tuple of (float, float) or None
        The 90 % set that holds however weak the instrument is; ends may be infinite.
    skill : float or None
        Of a black box: R2, or the share of log loss saved, of unseen rows.
    scale : str
        ``"mean"`` or ``"ratio"``.
    """

    name: str
    words: str
    mean: float
    se: float
    q05: float
    q95: float
    adjusts: tuple[str, ...]
    note: str
    kind: Kind
    instrument: str | None = None
    first_stage: float | None = None
    anderson_rubin: tuple[tuple[float, float], ...] | None = None
    skill: float | None = None
    scale: str = "mean"

    @property
    def known(self) -> bool:
        """Whether there is a number."""
        return isfinite(self.mean)

    def to_dict(self) -> dict[str, object]:
        """Return the JSON record; what cannot be computed, and an end that is infinite, is None."""
        kept = self.anderson_rubin
        return {
            "name": self.name,
            "words": self.words,
            **{name: _finite(getattr(self, name)) for name in ("mean", "se", "q05", "q95")},
            "scale": self.scale,
            "adjusts": list(self.adjusts),
            "instrument": self.instrument,
            "first_stage": _finite(self.first_stage),
            "anderson_rubin": None if kept is None else [[_finite(low), _finite(high)] for low, high in kept],
            "skill": self.skill,
            "note": self.note,
        }


def naive_estimates(
    raw: Mapping[str, FloatArray],
    roles: Mapping[str, Regressed],
    treatment: str,
    outcome: str,
    step: Step,
    *,
    adjustment_sets: Sequence[tuple[str, ...]] = (),
    instruments: Sequence[Way] = (),
    log_outcome: bool = False,
    black_box: bool = True,
    seed: int = 0,
    title: Callable[[str], str] = str,
) -> tuple[Estimate, ...]:
    """Estimate the effect of one step in the ways that need no graph.

    Parameters
    ----------
    raw : mapping of str to array, shape (N,)
        All columns of the comparison, complete rows, codes of categories. Of ``outcome`` logarithms where
        ``log_outcome``.
    roles : mapping of str to Regressed
        How each of them enters.
    treatment, outcome : str
    step : Step
        Of a category one contrast; call again for another.
    adjustment_sets : sequence of tuple of str
        A regression each; the empty set is the plain comparison, which there is anyhow.
    instruments : sequence of (str, tuple of str)
        An instrument, and what is given with it.
    log_outcome : bool
        The estimates are then ratios.
    black_box : bool
        Whether to fit trees, which takes about half a second of a thousand rows.
    seed : int
        Of the trees.
    title : callable
        From a column's name to the words that the user chose for it.

    Returns
    -------
    tuple of Estimate
        Plain comparison, everything, each adjustment set, each instrument, trees, in this order.

    Raises
    ------
    UsageError
        For an unknown name, a category of several levels as outcome, or a column adjusted for that is an end.
    """
    ask = _Ask(raw, roles, treatment, outcome, step, log_outcome, title)
    everything = tuple(name for name in raw if name not in (treatment, outcome))
    found = [ask.line("raw", ())]
    if everything:
        found.append(ask.line("everything", everything))
    found += [ask.line("adjusted", tuple(names)) for names in adjustment_sets if names]
    found += [ask.instrument(name, tuple(given)) for name, given in instruments]
    if black_box:
        found.append(ask.trees(everything, seed))
    return tuple(found)


class _Ask:
    """One step of one treatment, on some rows."""

    def __init__(
        self,
        raw: Mapping[str, FloatArray],
        roles: Mapping[str, Regressed],
        treatment: str,
        outcome: str,
        step: Step,
        log_outcome: bool,
        title: Callable[[str], str],
    ) -> None:
        self.raw, self.roles, self.ends_of = raw, roles, (treatment, outcome)
        self.title, self.log = title, log_outcome
        self._check((treatment, outcome), ends=True)
        if roles[outcome].levels > 2:
            raise UsageError(
                f"{outcome!r} has several levels, and these estimates are of a number or a chance",
                place=f"column {outcome}",
                hint="Ask about one level of it, as a column of yes and no.",
            )
        self.y = raw[outcome]
        self.ends = step.ends(raw[treatment])
        role = roles[treatment]
        columns = role.regressors(raw[treatment])
        change = np.mean(role.regressors(self.ends[1]) - role.regressors(self.ends[0]), axis=0)
        varies = np.ptp(columns, axis=0) > 0.0  # a level that nobody has does not stop contrasts of others
        self.lost = bool(np.any(change[~varies]) or not varies.any())
        self.x, self.change = columns[:, varies], change[varies]

    def _check(self, names: Sequence[str], ends: bool = False) -> None:
        for name in names:
            if name not in self.raw or name not in self.roles or (not ends and name in self.ends_of):
                raise UsageError(
                    f"{name!r} cannot be adjusted for" if name in self.raw else f"there is no column {name!r}",
                    place=f"column {name}",
                    hint="Name columns of the comparison, other than treatment and outcome.",
                )

    def columns(self, names: Sequence[str]) -> FloatArray:
        """Return the columns of an adjustment set, shape (N, k)."""
        self._check(names)
        parts = [self.roles[name].regressors(self.raw[name]) for name in names]
        return np.concatenate(parts, axis=1) if parts else np.empty((len(self.y), 0))

    def line(self, kind: Kind, adjusts: tuple[str, ...]) -> Estimate:
        """Return least squares given an adjustment set."""
        means = kind == "raw" and self.roles[self.ends_of[0]].levels == 2
        words = {
            "raw": "the plain comparison",
            "everything": "a regression on everything",
        }.get(kind) or f"a regression given {joined(map(self.title, adjusts))}"
        name = f"adjusted: {', '.join(adjusts)}" if kind == "adjusted" else kind
        basis = basis_of(self.columns(adjusts))
        found = None if self.lost else fitted(self.y, self.x, basis, HC2 if means else HC3)
        if found is None:
            return _none(name, words, adjusts, kind, self._determined(adjusts), self.scale)
        note = "a difference of means, errors HC2" if means else "least squares, errors HC3"
        if self.roles[self.ends_of[1]].levels == 2 and not means:
            note += "; a chance on a straight line"
        return self.estimate(name, words, *found.along(self.change), found.df, adjusts, note, kind)

    def instrument(self, instrument: str, given: tuple[str, ...]) -> Estimate:
        """Return two-stage least squares."""
        name, words = f"instrument: {instrument}", f"two-stage least squares by {self.title(instrument)}"
        if given:
            name += f" | {', '.join(given)}"
            words += f" given {joined(map(self.title, given))}"
        none = _none(name, words, given, "instrument", "", self.scale, instrument)
        if self.lost:
            return replace(none, note=f"cannot be computed: {self._determined(())}")
        if self.x.shape[1] != 1:
            return _because(none, "the treatment has several levels, and one instrument says nothing of each")
        found = two_stage(self.y, self.x[:, 0], self.columns((instrument,)), self.columns(given))
        if found is None:
            return _because(none, f"{self.title(instrument)} does not move {self.title(self.ends_of[0])}")
        by = float(self.change[0])
        made = self.estimate(name, words, by * found.coefficient, abs(by) * found.se, found.df, given, "", "instrument")
        kept = tuple(
            (min(pair), max(pair)) for low, high in found.kept for pair in [(self.said(by * low), self.said(by * high))]
        )
        note = _strength(found, kept)
        return replace(made, note=note, instrument=instrument, first_stage=found.first_stage, anderson_rubin=kept)

    def trees(self, everything: tuple[str, ...], seed: int) -> Estimate:
        """Return the black box's answer."""
        treatment, outcome = self.ends_of
        names = (treatment, *everything)
        table = np.column_stack([self.raw[name] for name in names])
        levels = [self.roles[name].levels for name in names]
        two = self.roles[outcome].levels == 2
        words = "boosted trees on everything"
        found = None if self.lost else boosted(self.y, table, self.ends, levels, two, seed)
        if found is None:
            reason = self._determined(()) if self.lost else "too few rows"
            return _none("black box", words, everything, "black box", reason, self.scale)
        skill = number(found.skill, 2)
        worth = f"{skill} of the log loss saved" if two else f"R2 {skill}"
        note = (
            f"{worth} in rows that they had not seen; interval by the spread of {PARTS} fits "
            "that each leave a tenth of the rows out"
        )
        if found.rows < len(self.y):
            note += f"; of {found.rows:,} rows, picked at random"
        made = self.estimate("black box", words, found.effect, found.se, found.df, everything, note, "black box")
        return replace(made, skill=found.skill)

    @property
    def scale(self) -> str:
        """Differences of logarithms are said as ratios."""
        return "ratio" if self.log else "mean"

    def said(self, value: float) -> float:
        """Return a difference on the scale that is reported."""
        if not self.log:
            return value
        return exp(value) if value < 700.0 else inf

    def estimate(
        self, name: str, words: str, mean: float, se: float, df: int, adjusts: tuple[str, ...], note: str, kind: Kind
    ) -> Estimate:
        """Return an estimate with its 90 % interval."""
        half = spread_90(se, df)
        low, middle, high = (self.said(value) for value in (mean - half, mean, mean + half))
        return Estimate(name, words, middle, se, low, high, adjusts, note, kind, scale=self.scale)

    def _determined(self, adjusts: tuple[str, ...]) -> str:
        if self.lost:
            return f"{self.title(self.ends_of[0])} does not vary, or a level of it is not there"
        if len(self.y) < self.x.shape[1] + self.columns(adjusts).shape[1] + 4:
            return "too few rows for so many columns"
        return f"what is adjusted for leaves nothing of {self.title(self.ends_of[0])}"


def _strength(found: Instrumented, kept: tuple[tuple[float, float], ...]) -> str:
    first = f"first-stage F {number(found.first_stage)}"
    holds = f"interval that holds whatever its strength (Anderson-Rubin, 90 %): {_pieces(kept)}"
    if not found.weak:
        return f"{first}; {holds}"
    return f"a weak instrument: {first}, under {WEAK:g}, so do not trust the error; {holds}"


def _pieces(kept: tuple[tuple[float, float], ...]) -> str:
    said = []
    for low, high in kept:
        if isfinite(low) and isfinite(high):
            said.append(interval(low, high))
        elif isfinite(low):
            said.append(f"over {number(low)}")
        elif isfinite(high):
            said.append(f"under {number(high)}")
        else:
            said.append("any value")
    return " or ".join(said) or "no value, so the instrument contradicts itself"


def _none(
    name: str, words: str, adjusts: tuple[str, ...], kind: Kind, why: str, scale: str, instrument: str | None = None
) -> Estimate:
    note = f"cannot be computed: {why}"
    return Estimate(name, words, nan, nan, nan, nan, adjusts, note, kind, instrument, scale=scale)


def _because(none: Estimate, why: str) -> Estimate:
    return replace(none, note=f"cannot be computed: {why}")


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None

"""What a test of an implied independence takes and finds: rules, rows, replicates, and the tested claim.

"Contradicted" means that three looks at a claim all hold (:mod:`core.check.looks`): an adjusted
p-value under 0.05 and an association over 0.1 in size, both adjustable, in a line over all rows; and
an adjusted p-value under 0.05 of what curves leave, and without the few rows that carry most of it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CURVED",
    "FEW_ROWS",
    "NOT_IN_A_LINE",
    "REACH",
    "IndependenceTest",
    "Observed",
    "Replicates",
    "Rules",
    "by_group",
]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

REACH = 0.3
"""An association that is not ruled out up to this size is out of reach of the data."""
_REACH_STEP = 0.05

CURVED = "curved"
FEW_ROWS = "few rows"
NOT_IN_A_LINE = "not in a line"
"""Words of the contract for what the looks at a claim disagree on; beside them stands :func:`by_group`."""


def by_group(name: str) -> str:
    """Return the contract's word for a claim that holds once effects may differ by a category."""
    return f"by {name}"


@dataclass(frozen=True)
class Rules:
    """When an independence counts as contradicted, and a check as flagged."""

    p_adjusted: float = 0.05
    association: float = 0.1
    predictive_p: float = 0.01
    overruled: tuple[str, ...] = ()  # nodes whose shape the user takes as it is

    def __post_init__(self) -> None:  # out of JSON it comes as a list
        object.__setattr__(self, "overruled", tuple(self.overruled))


@dataclass(frozen=True, eq=False)
class Observed:
    """Complete rows: raw values by node, and which cells were set by intervention.

    ``digests`` are those of the columns; without them nothing is remembered of the tests.
    ``places`` are the rows' places in the file, from 0 on, shape (n,); None where all are there. ``earlier`` is what is
    known of earlier rows (:meth:`core.data.dataset.Dataset.before`), where something carries over.
    """

    raw: Mapping[str, FloatArray]
    was_set: Mapping[str, BoolArray] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    places: NDArray[np.intp] | None = None
    earlier: Mapping[str, FloatArray] = field(default_factory=dict)

    @property
    def inputs(self) -> Mapping[str, FloatArray]:
        """All that families are made of: the columns, and their earlier values."""
        return {**self.raw, **self.earlier} if self.earlier else self.raw

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(next(iter(self.raw.values()))) if self.raw else 0


@dataclass(frozen=True, eq=False)
class Replicates:
    """Data sets drawn from the posterior predictive of one hypothesis.

    Parameters
    ----------
    raw : mapping of str to array, shape (R, n)
    rows : array of int, shape (n,), or None
        The rows of the observed data that the replicates stand beside; ``None``: all.
    digests : mapping of str to str
        Digests of what each node's values were drawn from.
    """

    raw: Mapping[str, FloatArray]
    rows: NDArray[np.intp] | None = None
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """R, the number of replicates."""
        return len(next(iter(self.raw.values()))) if self.raw else 0


@dataclass(frozen=True, eq=False)
class IndependenceTest:
    """One implied independence, tested; the fields are those of the contract.

    ``signed`` is false where the association is a size without direction (categories).
    Numbers are None where there are too few rows, or where a column does not vary once the
    given ones are known: nothing is then left to be associated.
    ``bears`` says whether the claim bears on the question: whether one of its ends is among the
    question's columns; None where no question is asked. Claims that bear are adjusted among
    themselves, and so are the others.
    ``contradicted`` needs all three looks. ``accused`` is what the first alone says, in a line over all
    rows; ``p_curved`` is the p-value of what regressions that bend leave, ``p_without_few`` that of the
    first look without the few ``rows`` (from 1 on, as they stand in the file) that carry most of it: None
    where a look was not taken. Where the looks differ ``shape`` says on what (:data:`CURVED`,
    ``"by NAME"``, :data:`FEW_ROWS`, :data:`NOT_IN_A_LINE`), and ``about`` names the node that bends;
    ``overruled`` where the user takes one of its ends as it is.
    ``replicated`` holds the association in each replicate, shape (R,), for pictures; it is
    empty where a hypothesis makes more than 200 claims.
    """

    x: str
    y: str
    given: tuple[str, ...]
    association: float | None = None
    q05: float | None = None
    q95: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    predictive_p: float | None = None
    contradicted: bool | None = None
    signed: bool = True
    bears: bool | None = None
    accused: bool | None = None
    p_curved: float | None = None
    p_without_few: float | None = None
    shape: str | None = None
    about: str | None = None
    rows: tuple[int, ...] | None = None
    overruled: bool = False
    replicated: FloatArray = field(default_factory=lambda: np.empty(0))

    @property
    def differs_by_group(self) -> bool:
        """Whether a curve acquits it by letting effects differ by the category in ``about``."""
        return self.about is not None and self.shape == by_group(self.about)

    @property
    def rules_out(self) -> float | None:
        """The size of association that the 90 % interval rules out, in steps of 0.05; None if none up to 0.3 is.

        A claim that is not contradicted says little where the rows are too few to have shown it.
        """
        if self.q05 is None or self.q95 is None:
            return None
        steps = max(1, math.ceil(max(abs(self.q05), abs(self.q95)) / _REACH_STEP - 1e-9))
        size = round(steps * _REACH_STEP, 2)
        return size if size <= REACH else None

    def to_dict(self) -> dict[str, object]:
        """Return the contract's record."""
        names = (
            "association", "q05", "q95", "p_value", "p_adjusted", "predictive_p", "contradicted", "p_curved",
            "p_without_few", "shape", "about", "bears", "rules_out",
        )  # fmt: skip
        rows = None if self.rows is None else list(self.rows)
        return {
            "x": self.x,
            "y": self.y,
            "given": list(self.given),
            **{name: getattr(self, name) for name in names},
            "rows": rows,
        }

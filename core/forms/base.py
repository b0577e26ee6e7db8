"""What a form is.

``xp`` is numpy or ``pytensor.tensor``: the few functions used here have the same names in both.
"""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core.hypothesis import Prior

if TYPE_CHECKING:
    from core.forms.shape import Shape
    from core.forms.term import Input

__all__ = ["Curve", "Form", "Numbers", "straight"]

FloatArray = NDArray[np.float64]
Numbers = tuple[tuple[float, ...], ...]
Curve = tuple[tuple[str, Numbers], ...]
"""What a form needs of the data, frozen: matrices by name, as rows of numbers."""


class Form(ABC):
    """One form; subclasses are stateless and registered in ``core.forms``.

    The first columns of a term are the parent's straight ones (:func:`straight`), unless the form
    says ``straight = False``. Those that the form adds (:meth:`added`) follow. ``tau`` is the
    prior of the number that scales the added ones; ``None`` where they have a slope's prior. A form with a
    ``shape`` has no slopes of its columns, but a height (:class:`core.forms.shape.Shape`). ``scale`` is the one on
    which it takes its parent, where that is not the arrow's choice. ``carrying`` is the form that it is where what
    is left of the parent carries over to later rows, if there is one. ``bends`` says whether it freezes anything of
    the data, ``curves`` whether the effect of one more may differ with how much there is; ``of_levels`` names the
    kinds with levels that it can take, ``words`` say it to an expert, and ``called`` is the same as short as can
    be.
    """

    name: ClassVar[str]
    words: ClassVar[str]
    called: ClassVar[str]
    bends: ClassVar[bool] = True
    curves: ClassVar[bool] = True
    of_levels: ClassVar[tuple[str, ...]] = ()
    straight: ClassVar[bool] = True
    tau: ClassVar[Prior | None] = None
    shape: "ClassVar[Shape | None]" = None
    scale: ClassVar[str | None] = None
    carrying: ClassVar[str | None] = None

    def refusal(self, parent: "Input", values: FloatArray | None) -> tuple[str, str] | None:
        """Return why it cannot take a parent of these standardised values, and what to do; None if it can.

        ``values`` is None where there are no data.
        """
        return None

    def freeze(self, values: FloatArray, parent: "Input") -> Curve | None:
        """Return what the form needs of the parent's standardised values, or a category's codes, shape (N,).

        ``None`` if they are too few different ones for it: then a straight line says all.
        """
        return ()

    def earlier(self, curve: Curve) -> int:
        """Return how many earlier rows of the parent it takes beside each row's own value."""
        return 0

    def width(self, parent: "Input", curve: Curve) -> int:
        """Return how many columns the form adds."""
        return 0

    @abstractmethod
    def added(self, xp: Any, parent: "Input", curve: Curve, value: Any) -> Any:
        """Return these columns, shape (…, width), for the parent's raw values, shape (…).

        A form that takes earlier rows (:meth:`earlier`) is given (…, 1 + earlier): the row's own, then back in time.
        """


def straight(xp: Any, parent: "Input", value: Any) -> Any:
    """Return a parent's own columns, shape (…, w): its standardised working value, or a category's row of the basis."""
    if parent.levels:
        return looked_up(xp, np.array(parent.basis).reshape(len(parent.levels), -1), value)
    return parent.standardised(xp, value)[..., None]


def looked_up(xp: Any, table: FloatArray, codes: Any) -> Any:
    """Return the row of a table for each code, shape (…, w); numpy's codes may be NaN, which gives NaN."""
    if xp is not np:
        return xp.as_tensor(table)[xp.cast(codes, "int64")]
    known = np.isfinite(codes)
    rows = table[np.where(known, codes, 0).astype(np.intp)]
    return rows if known.all() else np.where(known[..., None], rows, np.nan)


def number(curve: Curve, name: str) -> float:
    """Return a single number that was frozen under a name."""
    return dict(curve)[name][0][0]


def matrix(curve: Curve, name: str) -> FloatArray:
    """Return a matrix that was frozen under a name."""
    return np.array(dict(curve)[name])


def frozen(**arrays: Any) -> Curve:
    """Return arrays as what a specification can hold."""
    return tuple(
        (name, tuple(tuple(float(value) for value in row) for row in np.atleast_2d(array)))
        for name, array in arrays.items()
    )

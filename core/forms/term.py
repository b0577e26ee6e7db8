"""A term: one arrow's part of its child's predictor.

Its columns stand in this order: those of the parent as it is (``straight``), those that its form adds, and, where the
effect differs by another column, the products of the straight ones with that column's. Some
columns are scaled by a number of the term's own, a ``tau``: the form's, and the varying slope's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.forms import FORMS
from core.forms.base import Curve, Form, looked_up, straight
from core.forms.shape import Shape
from core.hypothesis import Prior
from core.names import earlier_name

__all__ = ["NAME", "VARYING_SLOPE", "Input", "Term"]

NAME = {"key": False}
"""Marks a field that names something: no number depends on it."""

VARYING_SLOPE = Prior("HalfNormal", (("sigma", 1.0),))


@dataclass(frozen=True)
class Input:
    """How one parent is taken: from its raw value to the scale on which it acts.

    Parameters
    ----------
    parent : str
        The parent node.
    kind : str
        Its column's kind.
    transform : str
        ``"identity"``, ``"log"`` or ``"log1p"``: raw value to working value. Categories
        have ``"levels"``: the raw value is the code 0 … L-1.
    center, scale : float
        Continuous parents enter as ``(working - center) / scale``.
    levels : tuple of str
        Categories only.
    basis : tuple of tuple of float
        Categories only, L rows by L-1 columns: an orthonormal zero-sum basis divided by
        sqrt(2); a category's row of the design matrix is ``basis[code]``.
    """

    parent: str = field(metadata=NAME)
    kind: str
    transform: str = "identity"
    center: float = 0.0
    scale: float = 1.0
    levels: tuple[str, ...] = field(default=(), metadata={"key": "length"})
    basis: tuple[tuple[float, ...], ...] = ()

    def standardised(self, xp: Any, value: Any) -> Any:
        """Return a continuous parent on its working scale, centred and scaled, same shape."""
        match self.transform:
            case "log":
                value = xp.log(value)
            case "log1p":
                value = xp.log1p(value)
        return (value - self.center) / self.scale

    @property
    def straight(self) -> int:
        """How many columns the parent takes as it is: 1, or one fewer than its levels."""
        return len(self.levels) - 1 if self.levels else 1


@dataclass(frozen=True)
class Term(Input):
    """An arrow's term.

    Parameters
    ----------
    form : str
        One of :data:`core.forms.FORMS`.
    curve : tuple
        What the form froze of the data.
    by : Input, optional
        The column by whose value the effect differs.
    varying : bool
        Whether that is the node's group: then the slope varies by level, drawn from a Normal whose tau is
        estimated; else it is an interaction, whose products are centred on ``means``.
    means : tuple of float
        Of the products, over the rows from which constants come.
    shift : float
        Added to the straight column before a slope that varies multiplies it: intercepts and slopes of groups are
        independent where the column so shifted is 0.
    """

    form: str = "linear"
    curve: Curve = ()
    by: Input | None = None
    varying: bool = False
    means: tuple[float, ...] = ()
    shift: float = 0.0

    @property
    def _form(self) -> Form:
        return FORMS[self.form]

    @property
    def parents(self) -> tuple[str, ...]:
        """The parent, then the column by whose value its effect differs."""
        return (self.parent,) if self.by is None else (self.parent, self.by.parent)

    @property
    def earlier(self) -> tuple[str, ...]:
        """What the parent's earlier values are called (:func:`core.names.earlier_name`), from the last row on."""
        return tuple(earlier_name(self.parent, rows + 1) for rows in range(self._form.earlier(self.curve)))

    @property
    def inputs(self) -> tuple[str, ...]:
        """Whose values :meth:`matrix` takes: the parents', then the first one's earlier ones."""
        return (*self.parents, *self.earlier)

    @property
    def main(self) -> int:
        """How many of the first columns are the parent's as it is."""
        return self.straight if self._form.straight else 0

    @property
    def bent(self) -> int:
        """How many columns the form adds."""
        return self._form.width(self, self.curve)

    @property
    def products(self) -> int:
        """How many columns say by how much the effect differs."""
        if self.by is None:
            return 0
        return self.main * (len(self.by.levels) if self.varying else self.by.straight)

    @property
    def columns(self) -> int:
        """How many columns of the design matrix the arrow takes."""
        return self.straight if self.is_straight else self.main + self.bent + self.products

    @property
    def shape(self) -> Shape | None:
        """What makes the columns' slopes of one height, where they are not free."""
        return self._form.shape

    @property
    def curves(self) -> bool:
        """Whether the effect of one more may differ with how much there is."""
        return self._form.curves

    @property
    def like_straight(self) -> int:
        """How many coefficients have the prior of a straight slope."""
        return self.main if self.shape is None else 1

    @property
    def coefficients(self) -> int:
        """How many slopes are free: one a column, or the height alone."""
        return self.columns if self.shape is None else 1

    @property
    def is_group(self) -> bool:
        """Whether it is a level of its own for each group."""
        return not self._form.straight and self.shape is None

    @property
    def is_straight(self) -> bool:
        """Whether the effect is one number everywhere (a contrast, for a category)."""
        return self.form == "linear" and self.by is None

    @property
    def taus(self) -> tuple[Prior, ...]:
        """The priors of the numbers that scale columns of this term."""
        own = () if self._form.tau is None else (self._form.tau,)
        return (*own, VARYING_SLOPE) if self.varying else own

    @property
    def scaled_by(self) -> tuple[int, ...]:
        """Which of ``taus`` scales each column; -1 for those that none does."""
        own, last = 0 if self._form.tau is not None else -1, len(self.taus) - 1
        return (-1,) * self.main + (own,) * self.bent + (last if self.varying else -1,) * self.products

    def matrix(self, xp: Any, raw: Mapping[str, Any]) -> Any:
        """Return the term's columns, shape (…, columns), for raw values by name, of one shape (…)."""
        value = raw[self.parent]
        if self.earlier:
            value = xp.stack([value, *(raw[name] for name in self.earlier)], axis=-1)
        if self.is_straight:
            return straight(xp, self, value)
        parts = []
        if self._form.straight:
            parts.append(straight(xp, self, value))
        if self.bent:
            parts.append(self._form.added(xp, self, self.curve, value))
        if self.by is not None:
            parts += _products(xp, parts[0] + self.shift, _other(xp, self.by, self.varying, raw[self.by.parent]), self)
        return parts[0] if len(parts) == 1 else xp.concatenate(parts, axis=-1)


def _other(xp: Any, by: Input, varying: bool, value: Any) -> Any:
    return looked_up(xp, np.eye(len(by.levels)), value) if varying else straight(xp, by, value)


def _products(xp: Any, own: Any, other: Any, term: Term) -> list[Any]:
    """Return the products, straight column by straight column, centred where they are no slopes of groups."""
    each = [own[..., j : j + 1] * other for j in range(term.main)]
    if not term.means:
        return each
    width = term.products // term.main
    means = np.array(term.means).reshape(term.main, width)
    return [part - mean for part, mean in zip(each, means, strict=True)]

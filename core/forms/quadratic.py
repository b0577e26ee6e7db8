"""Quadratic: a parabola, as x and what its square has that no straight line has.

The square is made orthogonal to 1 and x on the data, and of standard deviation 1 (divisor N - 1), so
that the slope keeps its meaning and both have the same prior.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from core.forms.base import Curve, FloatArray, Form, frozen, matrix, number

if TYPE_CHECKING:
    from core.forms.term import Input

__all__ = ["Quadratic"]


class Quadratic(Form):
    """Adds one column."""

    name = "quadratic"
    words = "a parabola: it bends once, the same way everywhere"
    called = "a parabola"

    def freeze(self, values: FloatArray, parent: "Input") -> Curve | None:
        """See :meth:`Form.freeze`."""
        if parent.levels:
            return None
        if len(np.unique(values[:1000])) < 3 and len(np.unique(values)) < 3:
            return None
        design = np.column_stack([np.ones_like(values), values])
        line = np.linalg.lstsq(design, values**2, rcond=None)[0]
        return frozen(line=line, spread=np.std(values**2 - design @ line, ddof=1))

    def width(self, parent: Any, curve: Curve) -> int:
        """See :meth:`Form.width`."""
        return 1

    def added(self, xp: Any, parent: Any, curve: Curve, value: Any) -> Any:
        """See :meth:`Form.added`."""
        x, (level, slope) = parent.standardised(xp, value), matrix(curve, "line")[0]
        return ((x**2 - level - slope * x) / number(curve, "spread"))[..., None]

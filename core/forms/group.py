"""Group: an intercept for each level of a category, which share what they do not say themselves.

Each is Normal(0, tau), their sum not constrained, tau HalfNormal(1), in units of sigma where the family has
one: an intercept that varies by group (Gelman & Hill 2007, chapter 12). A level that no row has says nothing.
"""

from typing import Any

import numpy as np

from core.forms.base import Curve, Form, looked_up
from core.hypothesis import Prior

__all__ = ["Group"]


class Group(Form):
    """No straight column; adds one a level."""

    name = "group"
    words = "a level of its own for each group, drawn together"
    called = "a level for each group"
    bends = False
    curves = False
    straight = False
    tau = Prior("HalfNormal", (("sigma", 1.0),))

    def width(self, parent: Any, curve: Curve) -> int:
        """See :meth:`Form.width`."""
        return len(parent.levels)

    def added(self, xp: Any, parent: Any, curve: Curve, value: Any) -> Any:
        """See :meth:`Form.added`."""
        return looked_up(xp, np.eye(len(parent.levels)), value)

"""Linear: a straight line on the parent's working scale; a category by the zero-sum basis of its levels."""

from typing import Any

from core.forms.base import Curve, Form

__all__ = ["Linear"]


class Linear(Form):
    """The straight columns and nothing else."""

    name = "linear"
    words = "a straight line"
    called = "a straight line"
    bends = False
    curves = False
    carrying = "carried line"
    of_levels = ("binary", "category", "ordered")

    def added(self, xp: Any, parent: Any, curve: Curve, value: Any) -> Any:
        """See :meth:`Form.added`."""
        return xp.zeros((*value.shape, 0))

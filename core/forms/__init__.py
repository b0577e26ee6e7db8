"""Forms of an arrow: how what a parent is becomes columns of its child's predictor, one file a form.

A child's predictor is a sum of terms, one an arrow (:class:`core.forms.term.Term`). Each form says its columns
once, for numpy and for PyTensor alike, which of them are scaled by a number of their own (``tau``), and
what it needs frozen of the data.
"""

from collections.abc import Mapping
from types import MappingProxyType

from core.errors import ModelError, NotYetError
from core.forms.base import Form
from core.forms.carried import Carried, CarriedLine
from core.forms.group import Group
from core.forms.linear import Linear
from core.forms.monotone import Monotone
from core.forms.quadratic import Quadratic
from core.forms.saturating import Saturating
from core.forms.shape import Shape
from core.forms.smooth import Auto, Smooth
from core.hypothesis import FORMS as NAMES

__all__ = ["FORMS", "SHAPES", "Form", "get_form"]

FORMS: Mapping[str, Form] = MappingProxyType(
    {
        form.name: form
        for form in (
            Linear(),
            Quadratic(),
            Smooth(),
            Auto(),
            Monotone(),
            Saturating(),
            Carried(),
            CarriedLine(),
            Group(),
        )
    }
)

SHAPES: Mapping[str, Shape] = MappingProxyType(
    {form.shape.name: form.shape for form in FORMS.values() if form.shape is not None}
)


def get_form(name: str, place: str = "") -> Form:
    """Return a form by name.

    Raises
    ------
    NotYetError
        If the name is one that hypotheses may use but this version cannot fit.
    ModelError
        If there is no such name.
    """
    if name in FORMS:
        return FORMS[name]
    hint = f"Choose one of: {', '.join(form for form in FORMS if form in NAMES)}."
    if name in NAMES:
        raise NotYetError(f"an arrow of form {name} cannot be fitted by this version", place=place, hint=hint)
    raise ModelError(f"there is no form {name!r}", place=place, hint=hint)

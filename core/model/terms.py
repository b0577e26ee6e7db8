"""From an arrow and the column that it comes from to a term of its child's predictor, all constants frozen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.contrasts import design_basis
from core.errors import ModelError
from core.families.choose import DISCRETE_KINDS
from core.forms import Form, get_form
from core.forms.base import Curve, frozen
from core.forms.term import Input, Term
from core.hypothesis import Edge
from core.model.earlier import check_carrying

if TYPE_CHECKING:
    from core.data.constants import ColumnConstants

__all__ = ["Sources", "taken_as", "term_of"]

FloatArray = NDArray[np.float64]

_STANDARD = np.array([NormalDist().inv_cdf((i + 0.5) / 200) for i in range(200)])
"""What stands for a parent's standardised values where there are no data."""


@dataclass(frozen=True)
class Sources:
    """Where an arrow's constants come from.

    Parameters
    ----------
    constants : mapping of str to ColumnConstants
        Of every node.
    transforms : mapping of str to str
        Each node's working scale as a cause (:func:`core.model.resolve.working_transform`).
    values : callable, optional
        A column's raw values over the rows that its constants come from; none without data.
    """

    constants: Mapping[str, ColumnConstants]
    transforms: Mapping[str, str]
    values: Callable[[str], FloatArray] | None = None


def term_of(edge: Edge, group: str | None, sources: Sources) -> Term:
    """Return the term of an arrow.

    Parameters
    ----------
    edge : Edge
    group : str, optional
        The column over whose levels the target's intercept varies. An arrow from it is that varying
        intercept; one that differs by it has a slope that varies.
    sources : Sources

    Raises
    ------
    ModelError
        For a curve of a column that has too few values to bend, a scale that it cannot be on, a group
        that is no category.
    NotYetError
        For a form that cannot be fitted.
    """
    place = f"arrow {edge.source} -> {edge.target}"
    form = _form_of(edge, group, place)
    levelled = sources.constants[edge.source].kind in DISCRETE_KINDS
    parent = taken_as(edge.source, edge.scale if levelled else form.scale or edge.scale, sources, place)
    kept = {one.name: getattr(parent, one.name) for one in fields(Input)}
    if edge.source == group:
        _check_group(parent, place)
        return Term(**kept, form=form.name)
    curve = _curve(form, parent, sources, place) if form.bends else ()
    if curve and edge.carry:
        curve = (*curve, *frozen(rows=edge.carry))
    if curve is None:
        if edge.form != "auto":
            raise ModelError(
                f"{edge.source!r} takes too few different values for a {edge.form} arrow",
                place=place,
                hint="Leave it linear: between so few values a line says all.",
            )
        curve = ()
    term = Term(**kept, form=form.name if curve else "linear", curve=curve)
    if edge.by is None:
        return term
    if term.shape is not None:
        raise ModelError(
            f"the effect of {edge.source!r} is {edge.form}, and such a one cannot differ by another column",
            place=place,
            hint="Choose a linear, quadratic or smooth arrow, or leave out by what it differs.",
        )
    return _differing(term, edge.by, group, sources, place)


def _form_of(edge: Edge, group: str | None, place: str) -> Form:
    """Return an arrow's form: that which carries over where it does."""
    form = get_form("group" if edge.source == group else edge.form, place)
    if not edge.carry:
        return form
    check_carrying(edge)
    assert form.carrying is not None
    return get_form(form.carrying, place)


def taken_as(name: str, scale: str | None, sources: Sources, place: str = "") -> Input:
    """Return how a column is taken as a cause: on its working scale, unless the arrow says another."""
    constants = sources.constants[name]
    if constants.kind in DISCRETE_KINDS:
        if scale is not None:
            raise ModelError(f"{name!r} is a category, which has no scale", place=place, hint="Leave the scale out.")
        return Input(name, constants.kind, "levels", 0.0, 1.0, constants.levels, design_basis(len(constants.levels)))
    transform = sources.transforms[name]
    if scale == "raw":
        transform = "identity"
    elif scale == "log":
        transform = "log1p" if constants.kind == "count" else "log"
    center, spread = centre_and_scale(constants, transform)
    if not (np.isfinite(center) and np.isfinite(spread)):
        raise ModelError(
            f"{name!r} has values that have no logarithm", place=place, hint="Set the arrow's scale to raw."
        )
    return Input(name, constants.kind, transform, center, spread)


def centre_and_scale(constants: ColumnConstants, transform: str) -> tuple[float, float]:
    """Return mean and standard deviation of a column on a scale."""
    match transform:
        case "log":
            return constants.log_mean, constants.log_sd
        case "log1p":
            return constants.log1p_mean, constants.log1p_sd
    return constants.mean, constants.sd


def _curve(form: Form, parent: Input, sources: Sources, place: str) -> Curve | None:
    """Return what a form freezes of a parent's values; ModelError where it cannot take them."""
    values = _standardised(parent, sources)
    refused = form.refusal(parent, values)
    if refused is not None:
        raise ModelError(refused[0], place=place, hint=refused[1])
    if values is None:
        values = np.arange(float(len(parent.levels))) if parent.levels else _STANDARD
    return form.freeze(values, parent)


def _standardised(parent: Input, sources: Sources) -> FloatArray | None:
    """Return a number standardised, a category's codes; None without data."""
    if sources.values is None:
        return None
    if parent.levels:
        return sources.values(parent.parent)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.asarray(parent.standardised(np, sources.values(parent.parent)))
    return values[np.isfinite(values)]


def _differing(term: Term, by: str, group: str | None, sources: Sources, place: str) -> Term:
    """Return the term with an effect that differs by another column."""
    other = taken_as(by, None, sources, place)
    if by == group:
        _check_group(other, place)
        return replace(term, by=other, varying=True, shift=_shift(term, sources))
    means = (0.0,) * replace(term, by=other).products
    if sources.values is not None:
        raw = {term.parent: sources.values(term.parent), by: sources.values(by)}
        if len(raw[term.parent]) == len(raw[by]):
            crossed = replace(term, by=other).matrix(np, raw)[:, term.columns :]
            means = tuple(float(value) for value in crossed.mean(axis=0))
    return replace(term, by=other, means=means)


def _shift(term: Term, sources: Sources) -> float:
    """Return what makes a column 0 where it is 0 in truth, if rows have been there; else it is 0 at its mean.

    So subjects that were alike on day 0 and drifted apart are not taken to be as unlike then as later.
    """
    if sources.values is None or term.levels:
        return 0.0
    values = np.asarray(term.standardised(np, sources.values(term.parent)))
    zero = -term.center / term.scale
    inside = len(values) > 0 and values.min() - 1e-9 <= zero <= values.max() + 1e-9
    return term.center / term.scale if inside else 0.0


def _check_group(parent: Input, place: str) -> None:
    if not parent.levels:
        raise ModelError(
            f"the group {parent.parent!r} is {parent.kind}, and a group is a category",
            place=place,
            hint=f"Set the kind of {parent.parent!r} to category.",
        )

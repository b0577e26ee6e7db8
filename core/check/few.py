"""The third look at a claim: the first again, without the few rows that carry most of it.

A row's share in an association is the product of what is left of both ends there, once the given columns
are taken out in a line. The 1 % of rows with the largest products in size, of either sign, are left out:
to leave out only those that speak for the link would take some of any association away.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.check.association import Association, design
from core.check.batches import associations
from core.check.linear import Question
from core.check.regression import project_out
from core.check.roles import Role

__all__ = ["WithoutFew", "without_few"]

FloatArray = NDArray[np.float64]

_SHARE = 0.01


@dataclass(frozen=True, eq=False)
class WithoutFew:
    """What is left without the rows at ``places``, shape (k,), those that carry most first."""

    association: Association
    places: NDArray[np.intp]


def without_few(question: Question, roles: Mapping[str, Role], raw: Mapping[str, FloatArray]) -> WithoutFew | None:
    """Take the first look without the 1 % of rows (at least one) that carry most of it.

    Parameters
    ----------
    question : Question
    roles : mapping of str to Role
    raw : mapping of str to array, shape (N,)

    Returns
    -------
    WithoutFew or None
        None where both ends are categories: no single row is odd there.
    """
    if roles[question.y].discrete and roles[question.x].discrete:
        return None
    carried = np.abs(_products(question, roles, raw))
    many = max(1, int(np.ceil(_SHARE * len(carried))))
    places = np.argsort(-carried, kind="stable")[:many]
    keep = np.ones(len(carried), dtype=bool)
    keep[places] = False
    rest = {name: raw[name][keep][None] for name in question.names}
    return WithoutFew(associations([question], roles, rest)[0], places)


def _products(question: Question, roles: Mapping[str, Role], raw: Mapping[str, FloatArray]) -> FloatArray:
    """Return each row's part in the sum of products of what is left of both ends, shape (N,)."""
    y, x = (_ends(roles[name], raw[name]) for name in (question.y, question.x))
    given = question.given
    shape = (1, len(y))
    z = design(tuple(roles[name] for name in given), tuple(raw[name][None] for name in given), shape)
    left, _ = project_out(z, np.concatenate([y, x], axis=1)[None])
    e, f = left[0, :, : y.shape[1]], left[0, :, y.shape[1] :]
    # Several products of one row count in the direction in which all rows have them.
    direction = e.T @ f
    return np.asarray(np.einsum("na,ab,nb->n", e, direction, f) / max(float(np.linalg.norm(direction)), 1e-300))


def _ends(role: Role, raw: FloatArray) -> FloatArray:
    columns = role.responses(raw)[:, None] if role.response == "gaussian" else role.regressors(raw)
    size = columns.std(axis=0)
    return np.asarray(columns / np.where(size > 0, size, 1.0))

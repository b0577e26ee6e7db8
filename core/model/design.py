"""From a node's raw column and its parents' to what its family takes, and back.

Raw means the data's own scale, with categories as codes (``Dataset.values``). Nothing
here computes a constant: all of them are frozen in the :class:`NodeModel`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import Dataset
from core.errors import ModelError
from core.model.spec import NodeModel, Term

__all__ = ["BlockData", "block_data", "design_matrix", "log_jacobian", "raw_response", "response", "working"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class BlockData:
    """The rows of one family, on its own scale.

    Parameters
    ----------
    y : array, shape (N,)
    x : array, shape (N, p)
        For a Table one column, the number of the parents' configuration.
    log_jacobian : array, shape (N,)
        Added to the family's log density it gives the density on the data's own scale.
    used : array of bool, shape (N,)
        False where the node was set by intervention: such a row enters neither evidence
        nor elpd of this node, and has y and log_jacobian 0.
    """

    y: FloatArray
    x: FloatArray
    log_jacobian: FloatArray
    used: BoolArray


def working(term: Term, raw: FloatArray) -> FloatArray:
    """Return a continuous parent on its working scale, centred and scaled, same shape."""
    with np.errstate(divide="ignore", invalid="ignore"):
        match term.transform:
            case "log":
                raw = np.log(raw)
            case "log1p":
                raw = np.log1p(raw)
    return (raw - term.center) / term.scale


def design_matrix(model: NodeModel, raw: Mapping[str, FloatArray], rows: int | None = None) -> FloatArray:
    """Return the design matrix of a node's parents.

    Parameters
    ----------
    model : NodeModel
    raw : mapping of str to array
        The parents' raw values, each of shape (N,) or (S, N); others are ignored. NaN
        gives NaN.
    rows : int, optional
        N, needed only for a node without parents.

    Returns
    -------
    array, shape (N, p), or (S, N, p) if any parent has draws
        For a Table (…, 1): the configuration, the first parent's code counting most.
    """
    if not model.terms:
        if rows is None:
            rows = next(iter(raw.values())).shape[-1] if raw else 0
        return np.zeros((rows, 1 if model.family == "Table" else 0))
    shape = np.broadcast_shapes(*(np.shape(raw[term.parent]) for term in model.terms))
    if model.family == "Table":
        number = np.zeros(shape)
        for term in model.terms:
            number = number * len(term.levels) + raw[term.parent]
        return number[..., None]
    design = np.empty((*shape, model.columns))
    start = 0
    for term in model.terms:
        design[..., start : start + term.columns] = _columns(term, np.asarray(raw[term.parent], dtype=np.float64))
        start += term.columns
    return design


def _columns(term: Term, raw: FloatArray) -> FloatArray:
    if not term.levels:
        return working(term, raw)[..., None]
    known = np.isfinite(raw)
    rows = np.array(term.basis).reshape(len(term.levels), -1)[np.where(known, raw, 0).astype(np.intp)]
    return np.where(known[..., None], rows, np.nan)


def response(model: NodeModel, raw: FloatArray) -> FloatArray:
    """Return a node's raw column as its family takes it, same shape."""
    part = model.response
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = np.log(raw) if part.transform == "log" else np.asarray(raw, dtype=np.float64)
    return (moved - part.center) / part.scale


def raw_response(model: NodeModel, y: FloatArray) -> FloatArray:
    """Return what a family drew on the data's own scale: the inverse of :func:`response`."""
    part = model.response
    moved = y * part.scale + part.center
    if part.transform != "log":
        return moved
    with np.errstate(over="ignore", under="ignore"):
        # Never 0, which has no logarithm when the value is a parent or fitted again.
        return np.maximum(np.exp(moved), np.finfo(np.float64).tiny)


def log_jacobian(model: NodeModel, raw: FloatArray) -> FloatArray:
    """Return log |d response / d raw| row by row, shape (N,): -log(scale), and -log(raw) after a logarithm."""
    part = model.response
    constant = np.full(np.shape(raw), -np.log(part.scale))
    return constant - np.log(raw) if part.transform == "log" else constant


def block_data(model: NodeModel, dataset: Dataset) -> BlockData:
    """Return the rows of one family.

    Parameters
    ----------
    model : NodeModel
    dataset : Dataset
        Complete over the modelled nodes (:func:`core.model.resolve.complete_rows`).
    """
    raw = dataset.values(model.node)
    used = ~dataset.was_set(model.node)
    parents = {parent: dataset.values(parent) for parent in model.parents}
    x = design_matrix(model, parents, dataset.rows)
    y = np.where(used, response(model, raw), 0.0)
    jacobian = np.where(used, log_jacobian(model, raw), 0.0)
    _check_finite(model, parents, x, y, used)
    return BlockData(y, x, jacobian, used)


def _check_finite(
    model: NodeModel, parents: Mapping[str, FloatArray], x: FloatArray, y: FloatArray, used: BoolArray
) -> None:
    """Refuse rows that a family cannot take: a parent set to 0 has no logarithm."""
    if np.isfinite(x[used]).all() and np.isfinite(y[used]).all():
        return
    for name, values in ((model.node, y), *((term.parent, _own(term, parents[term.parent])) for term in model.terms)):
        bad = np.flatnonzero(used & ~np.isfinite(values))
        if len(bad):
            raise ModelError(
                f"the value of {name!r} in complete row {bad[0] + 1} is missing, or has no logarithm",
                place=f"node {model.node}",
                hint=f"Correct the value, drop the row, or choose Normal for {name!r}.",
            )


def _own(term: Term, raw: FloatArray) -> FloatArray:
    return raw if term.levels else working(term, raw)

"""From a node's raw column and its parents' to what its family takes, and back.

Raw means the data's own scale, with categories as codes (``Dataset.values``). Nothing
here computes a constant: all of them are frozen in the :class:`NodeModel`.

A comparison of fifty nodes plans hundreds of families over the same rows. So a family's
:class:`BlockData` refer to the raw columns, which all families share, and its y and design
matrix exist only while it is fitted (:meth:`BlockData.forget`): planning takes no memory a
family, and what is held at once is bounded by the families that are being fitted.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import Dataset
from core.errors import ModelError
from core.families import get_family
from core.forms.term import Input
from core.model.earlier import with_earlier
from core.model.spec import NodeModel

__all__ = [
    "CHUNK",
    "BlockData",
    "ColumnData",
    "block_data",
    "design_matrix",
    "log_jacobian",
    "raw_response",
    "response",
    "working",
]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

CHUNK = 8_192
"""Rows worked on at a time where a pass over them is all that is needed: they stay in a core's cache."""


def working(term: Input, raw: FloatArray) -> FloatArray:
    """Return a continuous parent on its working scale, centred and scaled, same shape."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(term.standardised(np, raw))


def design_matrix(model: NodeModel, raw: Mapping[str, FloatArray], rows: int | None = None) -> FloatArray:
    """Return the design matrix of a node's parents.

    Parameters
    ----------
    model : NodeModel
    raw : mapping of str to array
        The parents' raw values, each of shape (N,) or (S, N); others are ignored. NaN
        gives NaN. Earlier values that are not among them are the parent's, shifted (:mod:`core.model.earlier`).
    rows : int, optional
        N, needed only for a node without parents.

    Returns
    -------
    array, shape (N, p), or (S, N, p) if any parent has draws
        For a Table (…, 1): the configuration, the first parent's code counting most.
    """
    cells = get_family(model.family).form == "cells"
    if not model.terms:
        if rows is None:
            rows = next(iter(raw.values())).shape[-1] if raw else 0
        return np.zeros((rows, 1 if cells else 0))
    raw = with_earlier(model, raw)
    shape = np.broadcast_shapes(*(np.shape(raw[name]) for name in model.inputs))
    if cells:
        number = np.zeros(shape)
        for term in model.terms:
            number = number * len(term.levels) + raw[term.parent]
        return number[..., None]
    design = np.empty((*shape, model.columns))
    start = 0
    for term in model.terms:
        own = {name: np.asarray(raw[name], dtype=np.float64) for name in term.inputs}
        if len(term.inputs) > 1:
            own = {name: np.broadcast_to(values, shape) for name, values in own.items()}
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            design[..., start : start + term.columns] = term.matrix(np, own)
        start += term.columns
    return design


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

    def __init__(self, y: FloatArray, x: FloatArray, log_jacobian: FloatArray, used: BoolArray) -> None:
        self._given = (y, x, log_jacobian, used)

    @property
    def y(self) -> FloatArray:
        """The response, shape (N,)."""
        return self._given[0]

    @property
    def x(self) -> FloatArray:
        """The design matrix, shape (N, p)."""
        return self._given[1]

    @property
    def log_jacobian(self) -> FloatArray:
        """What the change of scale adds to a row's log density, shape (N,)."""
        return self._given[2]

    @property
    def used(self) -> BoolArray:
        """Which rows enter, shape (N,)."""
        return self._given[3]

    @property
    def rows(self) -> int:
        """N; asking for it makes no array."""
        return len(self._given[0])

    def part(self, rows: slice) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return y, x and log_jacobian of some rows, made for this call alone."""
        y, x, jacobian, _ = self._given
        return y[rows], x[rows], jacobian[rows]

    def chunks(self) -> Iterator[tuple[slice, FloatArray, FloatArray, FloatArray]]:
        """Give all rows, :data:`CHUNK` at a time: where they stand, and :meth:`part` of them."""
        for start in range(0, self.rows, CHUNK):
            rows = slice(start, min(self.rows, start + CHUNK))
            yield rows, *self.part(rows)

    def forget(self) -> None:
        """Drop what can be made again."""


class ColumnData(BlockData):
    """The same, made from raw columns when it is asked for, and kept until :meth:`forget`.

    Parameters
    ----------
    model : NodeModel
    columns : mapping of str to array, shape (N,)
        Raw values of the node and of its parents, shared with whoever else has them.
    used : array of bool, shape (N,), optional
        All rows unless given.
    fingerprints : mapping of str to str, optional
        Digests of the columns, by name.

    Notes
    -----
    Pickled, it carries these columns and nothing that was made from them. Where columns
    travel by a way of their own, :meth:`detached` leaves them out and :meth:`attached` puts
    them in again.
    """

    def __init__(
        self,
        model: NodeModel,
        columns: Mapping[str, FloatArray],
        used: BoolArray | None = None,
        fingerprints: Mapping[str, str] | None = None,
    ) -> None:
        self.model, self.columns, self.fingerprints = model, columns, dict(fingerprints or {})
        self._used = used
        self._made: dict[str, FloatArray] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_made": {}}

    @property
    def rows(self) -> int:
        """See :attr:`BlockData.rows`."""
        return len(self.columns[self.model.node])

    @property
    def all_used(self) -> bool:
        """Whether every row enters."""
        return self._used is None

    @property
    def used(self) -> BoolArray:
        """See :attr:`BlockData.used`."""
        return np.ones(self.rows, dtype=bool) if self._used is None else self._used

    @property
    def y(self) -> FloatArray:
        """See :attr:`BlockData.y`."""
        return self._kept("y", 0)

    @property
    def x(self) -> FloatArray:
        """See :attr:`BlockData.x`."""
        return self._kept("x", 1)

    @property
    def log_jacobian(self) -> FloatArray:
        """See :attr:`BlockData.log_jacobian`."""
        return self._kept("log_jacobian", 2)

    def _kept(self, name: str, place: int) -> FloatArray:
        if name not in self._made:
            self._made[name] = (self._response, self._design, self._jacobian)[place](slice(None))
        return self._made[name]

    def part(self, rows: slice) -> tuple[FloatArray, FloatArray, FloatArray]:
        """See :meth:`BlockData.part`."""
        made = self._made
        return (
            made["y"][rows] if "y" in made else self._response(rows),
            made["x"][rows] if "x" in made else self._design(rows),
            made["log_jacobian"][rows] if "log_jacobian" in made else self._jacobian(rows),
        )

    def _design(self, rows: slice) -> FloatArray:
        model = self.model
        raw = {name: self.columns[name][rows] for name in model.inputs}
        return design_matrix(model, raw, len(self.columns[model.node][rows]))

    def _response(self, rows: slice) -> FloatArray:
        found = response(self.model, self.columns[self.model.node][rows])
        return found if self._used is None else np.where(self._used[rows], found, 0.0)

    def _jacobian(self, rows: slice) -> FloatArray:
        found = log_jacobian(self.model, self.columns[self.model.node][rows])
        return found if self._used is None else np.where(self._used[rows], found, 0.0)

    def forget(self) -> None:
        """See :meth:`BlockData.forget`."""
        self._made = {}

    def detached(self) -> "ColumnData":
        """Return the same without its columns; their fingerprints stay, by name."""
        return ColumnData(self.model, {}, self._used, self.fingerprints)

    def attached(self, columns: Mapping[str, FloatArray]) -> "ColumnData":
        """Return the same with columns, which are given by their fingerprints."""
        named = {name: columns[digest] for name, digest in self.fingerprints.items()}
        return ColumnData(self.model, named, self._used, self.fingerprints)


def block_data(model: NodeModel, dataset: Dataset) -> ColumnData:
    """Return the rows of one family.

    Parameters
    ----------
    model : NodeModel
    dataset : Dataset
        Complete over the modelled nodes (:func:`core.model.resolve.complete_rows`).

    Raises
    ------
    ModelError
        If a value is missing, or has no logarithm where one is needed.
    """
    was_set = dataset.was_set(model.node)
    used = ~was_set if was_set.any() else None
    names = (model.node, *model.inputs)
    columns = {name: dataset.values(name) for name in names}
    found = ColumnData(model, columns, used, {name: dataset.column_fingerprint(name) for name in names})
    if not _surely_finite(model, dataset):
        _check_finite(found)
    return found


def _surely_finite(model: NodeModel, dataset: Dataset) -> bool:
    """Return whether the columns alone, looked at once a data set, tell that all is well."""
    moves = [(model.node, "log" if model.response.transform == "log" else "")]
    moves += [(name, "") for term in model.terms for name in term.earlier]
    moves += [(one.parent, "" if one.levels else one.transform) for one in _inputs(model)]
    above = {"log": 0.0, "log1p": -1.0}
    return all(_least(dataset, name) > above.get(move, -np.inf) for name, move in moves)


def _inputs(model: NodeModel) -> list[Input]:
    """Return how each of a family's columns is taken: its parents', and those by which effects differ."""
    return [one for term in model.terms for one in (term, term.by) if one is not None]


def _least(dataset: Dataset, name: str) -> float:
    """Return the smallest value of a column, or NaN if one of them is not finite."""

    def look() -> float:
        values = dataset.values(name)
        if not len(values):
            return np.nan
        low, high = float(values.min()), float(values.max())  # either is NaN if there is one
        return low if np.isfinite(low) and np.isfinite(high) else np.nan

    return dataset.remembered(("least", name), look)


def _check_finite(data: ColumnData) -> None:
    """Refuse rows that a family cannot take: a parent set to 0 has no logarithm."""
    model, used = data.model, data.used
    own = [(model.node, data.y), *((one.parent, _own(one, data.columns[one.parent])) for one in _inputs(model))]
    data.forget()
    for name, values in own:
        bad = np.flatnonzero(used & ~np.isfinite(values))
        if len(bad):
            raise ModelError(
                f"the value of {name!r} in complete row {bad[0] + 1} is missing, or has no logarithm",
                place=f"node {model.node}",
                hint=f"Correct the value, drop the row, or choose Normal for {name!r}.",
            )


def _own(term: Input, raw: FloatArray) -> FloatArray:
    return raw if term.levels else working(term, raw)

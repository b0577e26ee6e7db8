"""One pass over the rows for all Gaussian families of a data set.

A linear-Gaussian family needs of the rows ``[1 X y]`` only their triangular factor
(:mod:`core.fit.gaussian`), and the factor of some columns follows from the factor R of all
columns: with ``[1 W] = Q R``, that of ``[1 X y] = Q R[:, columns]`` is the factor of
``R[:, columns]``, some fifty rows instead of a million, with the same backward error. So
posterior and evidence of every family, under any prior, cost nothing that grows with the rows.

A summary belongs to columns by their digests, working scales and constants. It is small (a
square of numbers, 21 kB for fifty columns), holds nothing but sums, and the last ones are
kept in memory. Families whose node was set by intervention in some rows use other rows and
pass over them by themselves; so do all where rows are few, which costs nothing either.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.families import get_family
from core.fit.gaussian import reduce_chunks, reduce_rows
from core.fit.result import Block
from core.forms.term import Term
from core.model.design import CHUNK, BlockData, ColumnData, design_matrix, log_jacobian, response
from core.model.spec import NodeModel, Response

__all__ = ["FEW_ROWS", "Reduced", "Summary", "forget_summaries", "reduce_block", "summarise"]

FloatArray = NDArray[np.float64]

FEW_ROWS = 20_000
"""Up to so many rows every family passes over them by itself."""

_MOST_COLUMNS = 600
_KEPT = 16  # at most 46 MB


@dataclass(frozen=True)
class Working:
    """The columns of a term, or a response, by content: the digests of what they are made from, and how.

    ``made`` names nothing: names stand by their places, ``"0"`` and ``"1"``.
    """

    digests: tuple[str, ...]
    made: Term | Response
    width: int


@dataclass(frozen=True, eq=False)
class Reduced:
    """What posterior and evidence need of a family's rows.

    ``factor`` is that of ``[1 X y]`` up to signs, ``rows`` how many entered, ``log_jacobian``
    the sum of theirs.
    """

    factor: FloatArray
    rows: int
    log_jacobian: float


@dataclass(frozen=True, eq=False)
class Summary:
    """The triangular factor of ``[1 W]``, W all working columns, and where each stands."""

    places: Mapping[Working, slice]
    factor: FloatArray
    rows: int

    def reduced(self, model: NodeModel, digests: Mapping[str, str]) -> Reduced | None:
        """Return what a family needs, or ``None`` if a column of it is not in here."""
        wanted = _columns(model, digests)
        if not all(column in self.places for column in wanted):
            return None
        own, *terms = (self.places[column] for column in wanted)
        order = [0, *(i for place in terms for i in range(place.start, place.stop)), own.start]
        part = self.factor[:, order]
        factor = np.linalg.qr(part, mode="r")
        jacobian = -self.rows * float(np.log(model.response.scale))
        if model.response.transform == "log":
            total = float(part[:, 0] @ part[:, -1])  # of the working column, over rows
            jacobian -= total * model.response.scale + self.rows * model.response.center
        return Reduced(factor, self.rows, jacobian)


def _columns(model: NodeModel, digests: Mapping[str, str]) -> list[Working]:
    """Return the working columns of a family, its own first, then its parents'."""
    own = Working((digests[model.node],), replace(model.response, levels=()), 1)
    return [own, *(_of_term(term, digests) for term in model.terms)]


def _of_term(term: Term, digests: Mapping[str, str]) -> Working:
    by = None if term.by is None else replace(term.by, parent="1")
    return Working(tuple(digests[name] for name in term.inputs), replace(term, parent="0", by=by), term.columns)


# -- making and keeping them ------------------------------------------------------------

_lock = threading.Lock()
_kept: OrderedDict[tuple[Working, ...], Summary] = OrderedDict()


def summarise(blocks: Iterable[tuple[Block, BlockData]]) -> Summary | None:
    """Pass over the rows once for all Gaussian families among some blocks, and keep what was found.

    Parameters
    ----------
    blocks : iterable of (Block, BlockData)
        Over the same rows; those that it is not for are passed by.

    Returns
    -------
    Summary or None
        ``None`` if there is nothing to gain: few rows, or fewer than two families.
    """
    suited = [(block.model, data) for block, data in blocks if block.method == "exact" and _suits(block.model, data)]
    if len(suited) < 2:
        return None
    data_of: dict[Working, tuple[NodeModel, Term | None, ColumnData]] = {}
    for model, data in suited:
        assert isinstance(data, ColumnData)
        own, *terms = _columns(model, data.fingerprints)
        data_of.setdefault(own, (model, None, data))
        for column, term in zip(terms, model.terms, strict=True):
            data_of.setdefault(column, (model, term, data))
    found = _find(data_of)
    if found is not None or sum(column.width for column in data_of) > _MOST_COLUMNS:
        return found
    found = _pass(data_of)
    with _lock:
        _kept[tuple(data_of)] = found
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return found


def forget_summaries() -> None:
    """Forget all of them."""
    with _lock:
        _kept.clear()


def _suits(model: NodeModel, data: BlockData) -> bool:
    gaussian = get_family(model.family).closed_form == "gaussian"
    return gaussian and isinstance(data, ColumnData) and data.all_used and data.rows > FEW_ROWS


def _find(columns: Iterable[Working]) -> Summary | None:
    """Return a summary that holds all these columns."""
    wanted = set(columns)
    with _lock:
        for key, summary in reversed(_kept.items()):
            if wanted <= summary.places.keys():
                _kept.move_to_end(key)
                return summary
    return None


def _pass(columns: Mapping[Working, tuple[NodeModel, Term | None, ColumnData]]) -> Summary:
    places: dict[Working, slice] = {}
    start = 1
    for column in columns:
        places[column] = slice(start, start + column.width)
        start += column.width
    rows = next(iter(columns.values()))[2].rows

    def chunks() -> Iterator[FloatArray]:
        for first in range(0, rows, CHUNK):
            part = slice(first, min(rows, first + CHUNK))
            block = np.ones((part.stop - part.start, start))
            for column, (model, term, data) in columns.items():
                block[:, places[column]] = _values(model, term, data, part)
            yield block

    return Summary(places, reduce_chunks(chunks, rows, start), rows)


def _values(model: NodeModel, term: Term | None, data: ColumnData, rows: slice) -> FloatArray:
    if term is None:
        return response(model, data.columns[model.node][rows])[:, None]
    alone = replace(model, terms=(term,))
    return design_matrix(alone, {name: data.columns[name][rows] for name in term.inputs})


# -- one family ---------------------------------------------------------------------------


def reduce_block(model: NodeModel, data: BlockData) -> Reduced:
    """Return what posterior and evidence need of a family's rows: from a summary, or by a pass of its own."""
    if _suits(model, data):
        assert isinstance(data, ColumnData)
        summary = _find(_columns(model, data.fingerprints))
        found = None if summary is None else summary.reduced(model, data.fingerprints)
        return found if found is not None else _own_pass(model, data)
    used = data.used
    if used.all():
        return Reduced(reduce_rows(data.y, data.x), data.rows, float(data.log_jacobian.sum()))
    return Reduced(reduce_rows(data.y[used], data.x[used]), int(used.sum()), float(data.log_jacobian[used].sum()))


def _own_pass(model: NodeModel, data: ColumnData) -> Reduced:
    width = model.columns + 2

    def chunks() -> Iterator[FloatArray]:
        for _, y, x, _ in data.chunks():
            block = np.ones((len(y), width))
            block[:, 1:-1] = x
            block[:, -1] = y
            yield block

    raw = data.columns[model.node]
    jacobian = sum(float(log_jacobian(model, raw[i : i + CHUNK]).sum()) for i in range(0, data.rows, CHUNK))
    return Reduced(reduce_chunks(chunks, data.rows, width), data.rows, jacobian)

"""Questions about linear regressions, from the inner products of the columns alone.

A response on a Gaussian scale given columns that enter linearly: everything that its test
needs of the rows are the inner products of the columns. So the rows are passed over once,
whatever the number of questions: a graph of fifty nodes makes some 1,700. Of the observed
rows the triangular factor is kept, which loses no digit where columns are nearly collinear;
of replicates, the cross-products of centred columns.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.check.association import Association, by_combination, each, several
from core.check.regression import Projector, inverse, project_out
from core.check.roles import Role
from core.fit.gaussian import reduce_chunks
from core.memory import Memory

__all__ = ["Kept", "Question", "is_linear", "linear_associations", "linear_estimates"]

FloatArray = NDArray[np.float64]

_CHUNK = 4_096
_HELD = 400_000  # numbers of all columns of some replicates: they stay in a core's cache
_DUST = 1e-12  # share of a column's variance that is rounding


@dataclass(frozen=True)
class Question:
    """Whether ``x`` says anything about ``y`` beyond ``given``.

    ``crossed`` are the pairs of given columns of which the hypothesis says that the effect of one differs by the other.
    """

    y: str
    x: str
    given: tuple[str, ...]
    crossed: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All columns that it takes."""
        return (self.y, self.x, *self.given)


def is_linear(question: Question, roles: Mapping[str, Role], rows: int) -> bool:
    """Return whether inner products are all that the question needs of ``rows`` rows."""
    if roles[question.y].response != "gaussian":
        return False
    return not by_combination(tuple(roles[name] for name in question.given), rows)


class _Layout:
    """Which columns the questions need, and where each stands."""

    def __init__(self, questions: Sequence[Question], roles: Mapping[str, Role], others: Iterable[str] = ()) -> None:
        self.roles = roles
        self._places: dict[tuple[str, str], slice] = {}
        self.width = 0
        for name in others:
            self._add("regressor", name, roles[name].width)
        for question in questions:
            self._add("response", question.y, 1)
            for name in (question.x, *question.given):
                self._add("regressor", name, roles[name].width)
            for name in question.given:
                if roles[name].response == "count":
                    self._add("raw", name, 1)

    def _key(self, use: str, name: str) -> tuple[str, str]:
        role = self.roles[name]
        same = use == "response" and not role.discrete and role.to_response == role.to_regressor
        return ("regressor" if same else use), name

    def _add(self, use: str, name: str, width: int) -> None:
        key = self._key(use, name)
        if key not in self._places:
            self._places[key] = slice(self.width, self.width + width)
            self.width += width

    @property
    def uses(self) -> tuple[tuple[str, str], ...]:
        """Which columns stand there, in their order: use and name."""
        return tuple(self._places)

    def place(self, use: str, name: str) -> slice:
        """Return where the columns of one use of a name stand."""
        return self._places[self._key(use, name)]

    def given(self, names: tuple[str, ...]) -> list[int]:
        """Return where conditioning columns stand: counts enter as log(1 + y) and as they are."""
        found: list[int] = []
        for name in names:
            found.extend(_range(self.place("regressor", name)))
            if self.roles[name].response == "count":
                found.extend(_range(self.place("raw", name)))
        return found

    def parts(self, raw: Mapping[str, FloatArray]) -> Iterator[tuple[slice, FloatArray]]:
        """Give each column group of values (…, N): where it stands, and (…, N, width)."""
        for (use, name), place in self._places.items():
            match use:
                case "response":
                    yield place, self.roles[name].responses(raw[name])[..., None]
                case "raw":
                    yield place, raw[name][..., None]
                case _:
                    yield place, self.roles[name].regressors(raw[name])


def _range(place: slice) -> range:
    return range(place.start, place.stop)


def _groups(questions: Sequence[Question]) -> dict[tuple[str, tuple[str, ...]], list[int]]:
    groups: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for number, question in enumerate(questions):
        groups.setdefault((question.y, question.given), []).append(number)
    return groups


# -- the observed rows --------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Kept:
    """Where the factor of observed columns is kept: ``tokens`` are digests by name, ``where`` of the rows."""

    memory: Memory
    where: str
    tokens: Mapping[str, str]


def linear_associations(
    questions: Sequence[Question],
    roles: Mapping[str, Role],
    raw: Mapping[str, FloatArray],
    kept: Kept | None = None,
) -> list[Association]:
    """Answer questions on one data set, raw values (1, N), with p-values and intervals.

    With ``kept`` the pass over the rows takes in all columns of ``raw``, so that it serves the
    questions of other hypotheses too.
    """
    if not questions:
        return []
    layout = _Layout(questions, roles, sorted(raw) if kept is not None else ())
    rows = raw[questions[0].y].shape[1]
    if kept is None:
        factor = _factor(layout, raw, rows)[None]
    else:
        key = ("factor", kept.where, tuple((use, kept.tokens[name]) for use, name in layout.uses))
        factor = kept.memory.recall(key, lambda: _factor(layout, raw, rows))[None]
    found: list[Association | None] = [None] * len(questions)
    for (y, given), places in _groups(questions).items():
        z = factor[:, :, [0, *(1 + column for column in layout.given(given))]]
        projector = Projector(z)
        left = projector.leave(factor[:, :, 1:])
        # What is collinear with z leaves rounding dust, which must not be read as a direction.
        before, after = np.sum(factor[0, :, 1:] ** 2, axis=0), np.sum(left[0] ** 2, axis=0)
        left[:, :, np.sqrt(after) <= 1e-7 * np.sqrt(before)] = 0.0
        p = left[..., layout.place("response", y)]
        total, free = np.sum(p[..., 0] ** 2, axis=-1), (rows - projector.rank).astype(np.float64)
        single = [number for number in places if roles[questions[number].x].width == 1]
        e = left[..., [layout.place("regressor", questions[number].x).start for number in single]]
        size = np.sqrt(total[:, None] * np.sum(e**2, axis=-2))
        df = np.broadcast_to((free - 1.0)[:, None], size.shape)
        answers = each(np.sum(p * e, axis=-2), size, df, interval=True)
        for number, answer in zip(single, answers, strict=True):
            found[number] = answer
        for number in set(places) - set(single):
            e = left[..., layout.place("regressor", questions[number].x)]
            scaled = e / np.maximum(np.sqrt(np.mean(e**2, axis=-2, keepdims=True)), 1e-300)
            unexplained, rank = project_out(scaled, p)
            found[number] = several(total, np.sum(unexplained[..., 0] ** 2, axis=-1), rank, free, True)
    return [answer for answer in found if answer is not None]


def _factor(layout: _Layout, raw: Mapping[str, FloatArray], rows: int) -> FloatArray:
    """Return the triangular factor of a column of ones and all columns, centred and scaled."""
    centre, scale = np.zeros(layout.width), np.ones(layout.width)
    for place, values in layout.parts(raw):
        centre[place] = values[0].mean(axis=0)
        spread = values[0].std(axis=0)
        scale[place] = np.where(spread > 0, spread, 1.0)

    def chunks() -> Iterator[FloatArray]:
        for start in range(0, rows, _CHUNK):
            part = {name: values[0, start : start + _CHUNK] for name, values in raw.items()}
            block = np.ones((min(_CHUNK, rows - start), 1 + layout.width))
            for place, values in layout.parts(part):
                block[:, 1 + place.start : 1 + place.stop] = (values - centre[place]) / scale[place]
            yield block

    return reduce_chunks(chunks, rows, 1 + layout.width)


# -- replicates -----------------------------------------------------------------------


def linear_estimates(
    questions: Sequence[Question], roles: Mapping[str, Role], raw: Mapping[str, FloatArray]
) -> list[FloatArray]:
    """Return the associations alone on many data sets, raw values (B, N): arrays of shape (B,)."""
    if not questions:
        return []
    layout = _Layout(questions, roles)
    batch, rows = raw[questions[0].y].shape
    step = max(1, _HELD // (rows * layout.width))
    gram = np.concatenate(
        [
            _products(layout, {name: values[start : start + step] for name, values in raw.items()})
            for start in range(0, batch, step)
        ]
    )
    found: list[FloatArray] = [np.empty(0)] * len(questions)
    for (y, given), places in _groups(questions).items():
        z, own = layout.given(given), layout.place("response", y).start
        width = {number: layout.place("regressor", questions[number].x) for number in places}
        single = [number for number in places if width[number].stop - width[number].start == 1]
        xs = [width[number].start for number in single]
        left, rank = _leave(gram, z, [own])
        total = left[:, 0, 0]
        free = rows - 1.0 - rank
        if single:
            for number, r in zip(single, _correlations(gram, z, own, xs).T, strict=True):
                found[number] = np.ascontiguousarray(r)
        for number in set(places) - set(single):
            found[number] = _several(gram, z, own, list(_range(width[number])), total, free)
    return found


def _products(layout: _Layout, raw: Mapping[str, FloatArray]) -> FloatArray:
    """Return the correlations of all columns in each data set, shape (B, M, M); 0 for constant ones."""
    batch, rows = next(iter(raw.values())).shape
    columns = np.empty((batch, layout.width, rows))
    for place, values in layout.parts(raw):
        columns[:, place] = np.swapaxes(values, -1, -2)
    columns -= columns.mean(axis=-1, keepdims=True)
    found = columns @ np.swapaxes(columns, -1, -2)
    root = np.sqrt(np.einsum("bii->bi", found))
    root = np.where(root > 0, root, 1.0)
    return found / (root[:, :, None] * root[:, None, :])


def _solve(gram: FloatArray, z: list[int], targets: list[int]) -> tuple[FloatArray, FloatArray, NDArray[np.intp]]:
    """Return the products of z with the targets, the coefficients of the targets on z, and the rank of z."""
    across = gram[:, z][:, :, targets]
    own, rank = inverse(gram[:, z][:, :, z])
    return across, own @ across, rank


def _leave(gram: FloatArray, z: list[int], targets: list[int]) -> tuple[FloatArray, NDArray[np.intp]]:
    """Return the products among the targets after z, shape (B, m, m), and the rank of z."""
    plain = gram[:, targets][:, :, targets]
    if not z:
        return plain, np.zeros(len(gram), dtype=np.intp)
    across, coefficients, rank = _solve(gram, z, targets)
    return plain - np.swapaxes(across, -1, -2) @ coefficients, rank


def _correlations(gram: FloatArray, z: list[int], y: int, xs: list[int]) -> FloatArray:
    """Return the partial correlation of y with each x after z, shape (B, m)."""
    targets = [y, *xs]
    along, own = gram[:, y, targets], np.einsum("bii->bi", gram)[:, targets]
    if z:
        across, coefficients, _ = _solve(gram, z, targets)
        along = along - np.einsum("bk,bkm->bm", across[:, :, 0], coefficients)
        own = own - np.einsum("bkm,bkm->bm", across, coefficients)
    own = np.where(own > _DUST, own, 0.0)
    size = np.sqrt(own[:, :1] * own[:, 1:])
    return np.clip(np.where(size > 0, along[:, 1:] / np.where(size > 0, size, 1.0), 0.0), -1.0, 1.0)


def _several(gram: FloatArray, z: list[int], y: int, x: list[int], total: FloatArray, free: FloatArray) -> FloatArray:
    left, _ = _leave(gram, z, [y, *x])
    size = np.sqrt(np.maximum(np.einsum("bii->bi", left)[:, 1:], 0.0))
    unit = np.where(size**2 > _DUST, 1.0 / np.where(size > 0, size, 1.0), 0.0)
    own, rank = inverse(left[:, 1:, 1:] * unit[:, :, None] * unit[:, None, :])
    along = left[:, 1:, 0] * unit
    explained = np.einsum("ba,bac,bc->b", along, own, along)
    return several(total, total - explained, rank, free, interval=False).estimate

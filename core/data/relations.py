"""Columns that are exact functions of others: copies, powers, sums, products, dummies that add up to one.

An arrow into such a column has nothing left to explain, and a model of it has no noise. What is
looked for on a sample of the rows is reported only where it holds in every row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import Dataset

__all__ = ["Relation", "exact_relations"]

FloatArray = NDArray[np.float64]

_FEWEST_ROWS = 10
_SAMPLE = 400
_MOST_COLUMNS = 200
_MOST_TERMS = 8
# Relative to the spread of a column: what is left of an exact relation between doubles.
_EXACT = 1e-9
# A rounded column may be off by half its last digit, if that is little against its spread.
_ROUNDED = 1e-3
_GRID = tuple(10.0**-digits for digits in range(9))


@dataclass(frozen=True)
class Relation:
    """``column`` follows exactly from ``of``; ``text`` says how, in a clause that names them all."""

    column: str
    of: tuple[str, ...]
    text: str


_SHAPES: tuple[tuple[str, Callable[[FloatArray], FloatArray]], ...] = (
    ("the square of {0}", np.square),
    ("the cube of {0}", lambda x: x**3),
    ("the square root of {0}", np.sqrt),
    ("the logarithm of {0}", np.log),
    ("the logarithm of 1 + {0}", np.log1p),
    ("the exponential of {0}", np.exp),
    ("one over {0}", lambda x: 1 / x),
)


def exact_relations(dataset: Dataset) -> tuple[Relation, ...]:
    """Return the columns that are exact functions of others, each once, in the order of the table."""
    numeric = {
        column.name: dataset.values(column.name)
        for column in dataset.columns
        if column.kind in ("real", "positive", "proportion", "count", "binary")
        or (column.kind == "ordered" and all(level.isdecimal() for level in column.levels))
    }
    for column in dataset.columns:
        if column.kind == "ordered" and column.name in numeric:  # its numbers, not its codes
            levels = np.array([float(level) for level in column.levels] + [np.nan])
            codes = numeric[column.name]
            numeric[column.name] = levels[np.where(np.isnan(codes), -1, codes).astype(np.intp)]
    columns = {name: values for name, values in numeric.items() if _spread(values) > 0}
    columns = dict(list(columns.items())[:_MOST_COLUMNS])
    rows = _sample(columns)
    if len(rows) < _FEWEST_ROWS:
        return _copies(dataset, {})
    picked = {name: values[rows] for name, values in columns.items()}
    found = _pairs(picked, columns)
    left = {name: values for name, values in picked.items() if name not in found}
    for relation in (*_linear(left, columns), *_products(left, columns, found)):
        found.setdefault(relation.column, relation)
    order = {name: index for index, name in enumerate(dataset.names)}
    both = (*found.values(), *_copies(dataset, found))
    return tuple(sorted(both, key=lambda relation: order[relation.column]))


def _sample(columns: Mapping[str, FloatArray]) -> NDArray[np.intp]:
    """Return some of the rows in which all columns have a value, evenly spread over the table."""
    if len(columns) < 2:
        return np.empty(0, dtype=np.intp)
    complete = np.ones(len(next(iter(columns.values()))), dtype=bool)
    for values in columns.values():
        complete &= ~np.isnan(values)
    rows = np.flatnonzero(complete)
    return rows[:: max(len(rows) // _SAMPLE, 1)]


def _spread(values: FloatArray) -> float:
    found = values[~np.isnan(values)]
    return float(found.max() - found.min()) if found.size else 0.0


def _tolerance(values: FloatArray) -> float:
    """Return by how much a column may miss an exact relation: rounding of doubles, or of what was written."""
    found = values[~np.isnan(values)]
    spread, size = _spread(values), float(np.abs(found).max())
    strict = _EXACT * max(spread, 1e-6 * size)
    for step in _GRID:
        if np.all(np.abs(found - np.round(found / step) * step) <= 1e-12 * max(size, 1e-300) + 1e-3 * strict):
            return max(strict, 0.5001 * step) if step <= _ROUNDED * spread else strict
    return strict


def _holds(values: FloatArray, said: FloatArray) -> bool:
    both = ~np.isnan(values) & ~np.isnan(said)
    if both.sum() < _FEWEST_ROWS:
        return False
    return bool(np.all(np.abs(values[both] - said[both]) <= _tolerance(values)))


# -- one other column ------------------------------------------------------------------


def _pairs(picked: Mapping[str, FloatArray], columns: Mapping[str, FloatArray]) -> dict[str, Relation]:
    """Return columns that are a line, a power, a root, a logarithm of one other column.

    Of two that follow from each other (x and its double) the later is said to follow from the earlier.
    """
    names = list(picked)
    found: dict[str, Relation] = {}
    standard = _standardised([picked[name] for name in names])
    if standard is None:
        return found
    order = {name: index for index, name in enumerate(names)}
    straight = np.abs(standard.T @ standard) / len(standard)
    for source, name in _close(straight, names):
        # Of two values each, columns that go together are copies (see _copies), whatever the values are.
        both = _distinct(picked[source]) == 2 == _distinct(picked[name])
        if order[source] < order[name] and source not in found and name not in found and not both:
            relation = _line(name, source, columns)
            if relation:
                found[name] = relation
    bent = list(_bent(picked, names, standard))
    for forward in (True, False):  # first what follows from an earlier column
        for text, shape, source, name in bent:
            if name in found or (order[source] < order[name]) != forward:
                continue
            relation = _shape(name, source, text, shape, columns)
            if relation and not any(name in known.of for known in found.values()):
                found[name] = relation
    return found


def _bent(
    picked: Mapping[str, FloatArray], names: Sequence[str], standard: FloatArray
) -> Iterable[tuple[str, Callable[[FloatArray], FloatArray], str, str]]:
    """Yield (words, shape, source, name) where a shape of the source lies on a line with a column."""
    for text, shape in _SHAPES:
        with np.errstate(all="ignore"):
            shapes = {name: shape(picked[name]) for name in names}
        use = [name for name, values in shapes.items() if np.isfinite(values).all() and _spread(values) > 0]
        shaped = _standardised([shapes[name] for name in use])
        if shaped is None:
            continue
        for source, name in _close(np.abs(shaped.T @ standard) / len(standard), use, names):
            if _distinct(picked[source]) > 2 and _distinct(picked[name]) > 2:
                yield text, shape, source, name


def _distinct(values: FloatArray) -> int:
    return len(np.unique(values))


def _standardised(columns: Sequence[FloatArray]) -> FloatArray | None:
    if not columns:
        return None
    table = np.column_stack(columns)
    with np.errstate(all="ignore"):
        table = (table - table.mean(axis=0)) / table.std(axis=0)
    return np.nan_to_num(table)


def _close(table: FloatArray, rows: Sequence[str], columns: Sequence[str] | None = None) -> Iterable[tuple[str, str]]:
    """Yield the pairs whose correlation is 1 but for rounding."""
    columns = rows if columns is None else columns
    for i, j in np.argwhere(table > 1 - 1e-5):
        if rows[i] != columns[j]:
            yield rows[i], columns[j]


def _line(name: str, source: str, columns: Mapping[str, FloatArray]) -> Relation | None:
    x, y = columns[source], columns[name]
    both = ~np.isnan(x) & ~np.isnan(y)
    fitted, start = _fit(x[both], y[both])
    # Of a rounded column the slope is known to a few digits only; the roundest that holds is meant.
    tried = [float(f"{fitted:.{digits}g}") for digits in (2, 3, 4, 6)]
    lines = [(slope, float(np.median(y[both] - slope * x[both]))) for slope in tried]
    lines = [(slope, level) for slope, at in lines for level in (float(f"{at:.3g}"), 0.0, at)]
    held = [(slope, at) for slope, at in (*lines, (fitted, start)) if _holds(y, at + slope * x)]
    if not held:
        return None
    slope, start = held[0]
    a, b = f"{_short(slope)} times {source!r}", _short(abs(start))
    if abs(start) <= _tolerance(y):
        text = f"the same as {source!r}" if abs(slope - 1) < 1e-9 else a
    elif abs(slope - 1) < 1e-9:
        text = f"{source!r} {'+' if start > 0 else '-'} {b}"
    elif abs(slope + 1) < 1e-9:
        text = f"{_short(start)} - {source!r}"
    else:
        text = f"{a} {'+' if start > 0 else '-'} {b}"
    return Relation(name, (source,), f"{name!r} is {text}")


def _shape(
    name: str, source: str, text: str, shape: Callable[[FloatArray], FloatArray], columns: Mapping[str, FloatArray]
) -> Relation | None:
    with np.errstate(all="ignore"):
        x = shape(columns[source])
    y = columns[name]
    both = np.isfinite(x) & ~np.isnan(y)
    if not both.any():
        return None
    slope, start = _fit(x[both], y[both])
    if not _holds(y, start + slope * np.where(np.isfinite(x), x, np.nan)):
        return None
    said = text.format(repr(source))
    plain = abs(slope - 1) < 1e-6 and abs(start) <= max(_tolerance(y), 1e-9)
    return Relation(name, (source,), f"{name!r} is {said}" if plain else f"{name!r} is a line in {said}")


def _fit(x: FloatArray, y: FloatArray) -> tuple[float, float]:
    centre = float(x.mean())
    slope = float((x - centre) @ (y - y.mean()) / ((x - centre) @ (x - centre)))
    if abs(slope - round(slope, 9)) < 1e-7 * abs(slope):
        slope = round(slope, 9) or slope
    start = float(np.median(y - slope * x))
    return slope, start


def _short(number: float) -> str:
    return f"{number:.6g}"


# -- several others --------------------------------------------------------------------


def _linear(picked: Mapping[str, FloatArray], columns: Mapping[str, FloatArray]) -> list[Relation]:
    """Return sums and differences: columns that are exact linear functions of those before them."""
    found = []
    for name, weights, start in _dependent(picked):
        said = np.full(len(columns[name]), start)
        for other, weight in weights.items():
            said = said + weight * columns[other]
        if _holds(columns[name], said):
            found.append(_sum(name, weights, start, columns))
    return found


def _dependent(picked: Mapping[str, FloatArray]) -> Iterable[tuple[str, dict[str, float], float]]:
    """Yield each column that lies in the span of a constant and the columns before it, with its weights."""
    names = list(picked)
    n = len(next(iter(picked.values()), ()))
    basis: list[FloatArray] = []
    kept: list[str] = []
    for name in names:
        raw = picked[name]
        centred = raw - raw.mean()
        norm = float(np.linalg.norm(centred))
        rest = centred / norm
        for _ in range(2):
            for direction in basis:
                rest = rest - (direction @ rest) * direction
        left = float(np.linalg.norm(rest))
        if left > 1e-4 or len(kept) < 2:
            if left > 1e-4 and len(kept) + 3 < n / 2:
                basis.append(rest / left)
                kept.append(name)
            continue
        table = np.column_stack([picked[other] - picked[other].mean() for other in kept])
        scale = np.linalg.norm(table, axis=0)
        weights = np.linalg.lstsq(table / scale, centred, rcond=None)[0]
        use = np.flatnonzero(np.abs(weights) > 1e-4 * norm)
        if not 2 <= len(use) <= _MOST_TERMS:
            continue
        again = np.linalg.lstsq(table[:, use], centred, rcond=None)[0]
        again = np.where(np.abs(again - np.round(again, 3)) < 1e-4, np.round(again, 3), again)
        chosen = {kept[index]: float(weight) for index, weight in zip(use, again, strict=True)}
        start = float(np.median(raw - sum(weight * picked[other] for other, weight in chosen.items())))
        yield name, chosen, 0.0 if abs(start) < 1e-9 * max(float(np.abs(raw).max()), 1.0) else start


def _sum(name: str, weights: Mapping[str, float], start: float, columns: Mapping[str, FloatArray]) -> Relation:
    """Return the relation in its plainest form: a whole as the sum of its parts where it is one."""
    terms = {other: -1.0 if other == name else weights[other] for other in columns if other == name or other in weights}
    if all(abs(abs(weight) - 1) < 1e-9 for weight in terms.values()):
        for side in (1.0, -1.0):
            whole = [other for other, weight in terms.items() if weight == side]
            parts = [other for other, weight in terms.items() if weight == -side]
            if len(whole) == 1 and start == 0:
                return Relation(whole[0], tuple(parts), f"{whole[0]!r} is the sum of {_and(parts)}")
        if all(weight == -1 for weight in terms.values()):
            binary = all(set(np.unique(v[~np.isnan(v)])) <= {0.0, 1.0} for v in (columns[other] for other in terms))
            total = "one" if start == 1 else _short(start)
            what = " in every row; one of them says nothing that the others do not" if binary else " in every row"
            return Relation(name, tuple(weights), f"{_and(list(terms))} add up to {total}{what}")
    said = " ".join(f"{'+' if weight > 0 else '-'} {_times(abs(weight))}{other!r}" for other, weight in weights.items())
    tail = f" {'+' if start > 0 else '-'} {_short(abs(start))}" if start else ""
    return Relation(name, tuple(weights), f"{name!r} is {said.removeprefix('+ ')}{tail}")


def _times(weight: float) -> str:
    return "" if abs(weight - 1) < 1e-9 else f"{_short(weight)} "


def _and(names: Sequence[str]) -> str:
    quoted = [repr(name) for name in names]
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _products(
    picked: Mapping[str, FloatArray], columns: Mapping[str, FloatArray], known: Mapping[str, Relation]
) -> list[Relation]:
    """Return products and ratios of positive columns: sums of their logarithms."""
    logs = {name: np.log(values) for name, values in picked.items() if values.min() > 0 and name not in known}
    logs = {name: values for name, values in logs.items() if _spread(values) > 0}
    found = []
    for name, powers, _ in _dependent(logs):
        if not all(abs(power - round(power)) < 0.01 and abs(power) < 4.5 for power in powers.values()):
            continue
        whole = {other: round(power) for other, power in powers.items()}
        with np.errstate(all="ignore"):
            product = np.prod([columns[other] ** float(power) for other, power in whole.items()], axis=0)
            factor = float(np.nanmedian(columns[name] / product))
        factor = (
            round(factor, 6) if abs(factor - round(factor, 6)) < 1e-4 * abs(factor) and round(factor, 6) else factor
        )
        if _holds(columns[name], factor * product):
            found.append(Relation(name, tuple(whole), f"{name!r} is {_factors(whole, factor)}"))
    return found


def _factors(powers: Mapping[str, int], factor: float) -> str:
    def power(name: str, to: int) -> str:
        return repr(name) if to == 1 else f"{name!r}^{to}"

    over = [power(name, to) for name, to in powers.items() if to > 0]
    under = [power(name, -to) for name, to in powers.items() if to < 0]
    first = ([] if abs(factor - 1) < 1e-9 else [_short(factor)]) + over
    return " times ".join(first or ["1"]) + "".join(f" over {name}" for name in under)


# -- categories ------------------------------------------------------------------------


def _copies(dataset: Dataset, known: Mapping[str, Relation]) -> tuple[Relation, ...]:
    """Return discrete columns that part the rows as an earlier one does, under other names."""
    found: list[Relation] = []
    seen: dict[bytes, str] = {}
    for column in dataset.columns:
        if not column.discrete or column.name in known or column.missing == dataset.rows:
            continue
        codes = dataset.values(column.name)
        _, first, inverse = np.unique(np.nan_to_num(codes, nan=-1.0), return_index=True, return_inverse=True)
        if len(first) < 2 or dataset.rows < _FEWEST_ROWS:
            continue
        rank = np.argsort(np.argsort(first))
        key = hashlib.blake2b(rank[inverse].astype(np.int32).tobytes(), digest_size=16).digest()
        if key in seen:
            earlier = seen[key]
            found.append(
                Relation(column.name, (earlier,), f"{column.name!r} says the same as {earlier!r}, in other words")
            )
        else:
            seen[key] = column.name
    return tuple(found)

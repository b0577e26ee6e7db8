"""The PyMC model of one family, compiled once for each signature and then given new data.

Compiling takes seconds, sampling a tenth of one (ENGINE), so everything that changes from
block to block is data: ``y``, ``x``, and the numbers of the priors, packed in one vector.
What the compiled code depends on is the :func:`signature`: family, link, number of design
columns and of levels. Normal and LogNormal share one, their difference lies in the response.

The free variables are near 0 with spread near 1 whatever the data's units, because nutpie
starts every compiled model where the *first* data set would: intercept and slopes are
``mu + sigma * z`` with z free. :func:`draws_from_samples` turns samples into the family's
parameters. On the family's scale, no N-long deterministics, no likelihood term stored, and
rows that repeat stand once with a weight.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.families import Draws, get_family
from core.families.namespace import NUMPY
from core.families.sampled import Known, Numbers, length, packed
from core.forms import SHAPES
from core.hypothesis import Prior
from core.model.coordinates import coordinates_of, spread_slopes
from core.model.design import BlockData
from core.model.scaling import may_be_nothing, scaled_slopes, unscaled
from core.model.spec import NodeModel

__all__ = [
    "Signature",
    "block_inputs",
    "block_model",
    "distinct_rows",
    "draws_from_samples",
    "example_inputs",
    "samples_from_draws",
    "signature",
]

FloatArray = NDArray[np.float64]

_LOOKED_AT = 10_000  # cells of a column that show whether its values repeat
_ANY = (0.0,) * 4  # numbers of a shape, of which no samples that are known take notice
_FEW_VALUES = 256  # looked up instead of sorted


class Signature(NamedTuple):
    """What a compiled block depends on.

    ``scaled_by`` says which tau scales each column, -1 for none, and ``nothing`` which taus may be 0. ``signs`` are
    those of the free coefficients, empty if none has one. ``made_of`` says which free coefficient each column's slope
    is made of, and ``shapes`` name, first column and width of each shape; both are empty if there is none.
    """

    family: str
    link: str
    columns: int
    levels: int
    scaled_by: tuple[int, ...] = ()
    nothing: tuple[bool, ...] = ()
    signs: tuple[int, ...] = ()
    made_of: tuple[int, ...] = ()
    shapes: tuple[tuple[str, int, int], ...] = ()

    @property
    def coefficients(self) -> int:
        """How many slopes are free."""
        return max(self.made_of) + 1 if self.made_of else self.columns


def signature(model: NodeModel) -> Signature:
    """Return the signature of a family; equal ones share a compiled model."""
    family = get_family(model.family)
    levels = model.levels if family.has_levels else 0
    nothing = tuple(may_be_nothing(prior) for prior in _tau_priors(model))
    shapes = tuple(
        (term.shape.name, model.columns_of(term.parent).start, term.columns) for term in model.terms if term.shape
    )
    return Signature(
        family.compiled_as or family.name,
        model.link,
        model.columns,
        levels,
        model.scaled_by,
        nothing,
        model.signs,
        model.column_coefficients if shapes else (),
        shapes,
    )


def _tau_priors(model: NodeModel) -> list[Prior]:
    return [model.prior[f"tau[{i}]"] for i in range(model.taus)]


# -- numpy: inputs, and samples to draws ------------------------------------------------


def _packed(model: NodeModel) -> FloatArray:
    """Return the priors' numbers in one vector (:func:`core.families.sampled.packed`)."""
    return np.array(packed(get_family(model.family), model.prior, model.coefficients))


def distinct_rows(y: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, NDArray[np.intp]]:
    """Gather rows that agree in the node's value and in the whole design.

    They have the same likelihood under every draw and the same leave-one-out score, so
    they are computed once: a binary node with a binary parent has four distinct rows,
    whatever N.

    Parameters
    ----------
    y, x : array, shapes (N,) and (N, p)

    Returns
    -------
    y, x, weights, place : array, shapes (U,), (U, p), (U,), (N,)
        The distinct rows in order of value, how often each occurs, and which of them each
        row is. If few rows repeat they are left as they are, with weights of one.
    """
    found = _combinations([y, *x.T])
    if found is None:
        return y, x, np.ones(len(y)), np.arange(len(y))
    first, place, counts = found
    return y[first], x[first], counts.astype(np.float64), place


def _combinations(
    columns: list[FloatArray],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]] | None:
    """Return a row of each combination of values, which one each row has, and how often; None if few repeat.

    Column by column the rows get whole numbers: a million rows of three columns take a
    tenth of a second, where ``np.unique`` over rows takes seconds.
    """
    n = len(columns[0])
    if not all(_may_repeat(column) for column in columns):
        return None
    code, size = np.zeros(n, dtype=np.intp), 1
    for column in columns:
        coded = _codes(column)
        if coded is None:
            return None
        more, levels = coded
        code, size = code * levels + more, size * levels
        if size > 8 * n + 1000:
            _, code = np.unique(code, return_inverse=True)
            size = int(code.max(initial=-1)) + 1
            if 2 * size > n:
                return None
    counts = np.bincount(code, minlength=size)
    present = np.flatnonzero(counts)
    if 2 * len(present) > n:
        return None
    number = np.empty(size, dtype=np.intp)
    number[present] = np.arange(len(present))
    place = number[code]
    first = np.empty(len(present), dtype=np.intp)
    first[place] = np.arange(n)
    return first, place, counts[present]


def _some(column: FloatArray) -> FloatArray:
    return np.unique(column[:: max(1, len(column) // _LOOKED_AT)])


def _may_repeat(column: FloatArray) -> bool:
    """Return False if a look at some cells says that few values repeat."""
    n, some = len(column), len(_some(column))
    return 2 * some <= n and (n <= _LOOKED_AT or 10 * some <= 9 * _LOOKED_AT)


def _codes(column: FloatArray) -> tuple[NDArray[np.intp], int] | None:
    """Return which of its values, in order, each cell has, and how many there are; None if few repeat."""
    n, some = len(column), _some(column)
    if len(some) <= _FEW_VALUES:
        codes = np.minimum(np.searchsorted(some, column), len(some) - 1)
        if np.array_equal(some[codes], column):
            return codes, len(some)
    values, codes = np.unique(column, return_inverse=True)
    return (codes, len(values)) if 2 * len(values) <= n else None


def block_inputs(model: NodeModel, data: BlockData) -> dict[str, NDArray[Any]]:
    """Return what ``compiled.with_data`` takes for one block.

    ``y``, ``x`` and ``weights`` are the distinct rows and how often each occurs, ``priors``
    the priors' numbers; counts have ``values`` and ``times`` too, the distinct values of y
    and how often each occurs. Rows that were set by intervention are left out. ``x`` is
    absent where the signature has no design columns. A Table's x is the configuration's
    number.
    """
    y, x, weights, _ = distinct_rows(data.y[data.used], data.x[data.used])
    family = get_family(model.family)
    inputs: dict[str, NDArray[Any]] = {
        "y": y.astype(np.int64) if family.discrete else np.ascontiguousarray(y),
        "weights": weights,
        "priors": _packed(model),
    }
    if model.taus:
        inputs["taus"] = np.array([prior["sigma"] for prior in _tau_priors(model)])
    if model.shaped:
        inputs["shapes"] = np.array([value for one in _shape_numbers(model) for value in one])
    if family.form == "cells":
        inputs["x"] = x[:, 0].astype(np.int64)
    elif model.columns:
        inputs["x"] = np.ascontiguousarray(x)
    if family.is_count:
        values, times = np.unique(data.y[data.used], return_counts=True)
        inputs |= {"values": values, "times": times.astype(np.float64)}
    return inputs


def example_inputs(sign: Signature) -> dict[str, NDArray[Any]]:
    """Return small inputs of the right ranks, to compile with."""
    family, p = get_family(sign.family), sign.columns
    rows, c = 4, sign.coefficients
    y = (np.arange(rows) % max(sign.levels, 2)).astype(np.int64) if family.discrete else np.linspace(0.2, 0.8, rows)
    n, rest = length(family, c)
    priors = np.concatenate([np.zeros(n), np.ones(n), np.zeros(n), np.ones(rest)])
    inputs: dict[str, NDArray[Any]] = {"y": y, "weights": np.ones(rows), "priors": priors}
    if sign.nothing:
        inputs["taus"] = np.ones(len(sign.nothing))
    if sign.shapes:
        inputs["shapes"] = np.ones(sum(SHAPES[name].data for name, _, _ in sign.shapes))
    if family.form == "cells":
        inputs["x"] = np.arange(rows, dtype=np.int64) % p
    elif p:
        inputs["x"] = np.linspace(-1, 1, rows * p).reshape(rows, p)
    if family.is_count:
        inputs |= {"values": np.arange(2.0), "times": np.full(2, 2.0)}
    return inputs


def _shape_numbers(model: NodeModel) -> list[tuple[float, ...]]:
    shaped = [(term.shape, term.curve) for term in model.shaped if term.shape is not None]
    return [shape.numbers(model.priors_of_shape(i), curve) for i, (shape, curve) in enumerate(shaped)]


def _numbers(model: NodeModel) -> Numbers:
    return Numbers.of(get_family(model.family), _packed(model), model.coefficients, model.signs)


def draws_from_samples(model: NodeModel, samples: Mapping[str, FloatArray]) -> Draws:
    """Turn samples of the block model's free variables, each (S, …), into the family's parameters."""
    family = get_family(model.family)
    found = dict(family.sampled(NUMPY, Known(samples), _numbers(model), model.coefficients, model.levels))
    if model.shaped:
        known = Known(samples)
        found |= spread_slopes(
            model, found["slopes"], lambda shape, i: shape.variable(known, f"shape_{i}", _ANY, model.columns)
        )
    if not model.taus:
        return found
    free = [samples[f"tau_{i}"] for i in range(model.taus)]
    return scaled_slopes(model, found, np.maximum(np.column_stack(free), 0.0))


def samples_from_draws(model: NodeModel, draws: Draws) -> Draws:
    """Turn the family's parameters into values of the free variables: the inverse of the above."""
    family, more = get_family(model.family), {}
    if model.taus:
        priors = _tau_priors(model)
        draws, at = unscaled(model, priors, draws)
        more = {f"tau_{i}": at[:, i] if may_be_nothing(prior) else np.exp(at[:, i]) for i, prior in enumerate(priors)}
    its = coordinates_of(model)
    if its is None:
        return {**family.free_values(draws, _numbers(model)), **more}
    theta = its.theta(draws)
    draws = {**draws, "slopes": family.constrain(its.free(theta), model.coefficients, model.levels)["slopes"]}
    for i, place in enumerate(its.places):
        more |= place.shape.free_values(f"shape_{i}", place.priors, theta[:, place.coordinates])
    return {**family.free_values(draws, _numbers(model)), **more}


# -- PyMC ---------------------------------------------------------------------------------


def block_model(sign: Signature) -> Any:
    """Return the PyMC model of a signature, with ``pm.Data`` named as in :func:`block_inputs`.

    Its data are :func:`example_inputs`; give others with nutpie's ``with_data``, or with
    ``pm.set_data``.
    """
    import pymc as pm

    from core.model.block_likelihood import add_block

    with pm.Model(check_bounds=False) as model:
        add_block(sign, {name: pm.Data(name, value) for name, value in example_inputs(sign).items()})
    return model

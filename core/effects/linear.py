"""Effects along paths that are linear on one scale: exact for every draw.

With ``T`` the scale on which a node responds (its logarithm for LogNormal), a linear node is
``T(M) = c + s (a + sum_j b_j (w_j - c_j) / s_j + noise)``. If each node between X and Y
enters its children on the scale on which it responds, noise cancels between the two worlds,
and the shift of ``T(Y)`` is linear in the shifts of what X contributes.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.families.base import Draws
from core.model.spec import ModelSpec, NodeModel, Term

__all__ = ["is_linear", "linear_contrast"]

FloatArray = NDArray[np.float64]

_LINEAR = {"Normal", "StudentT", "SkewNormal", "LogNormal"}
_WORKING: Mapping[str, Callable[[FloatArray], FloatArray]] = {"identity": np.asarray, "log": np.log, "log1p": np.log1p}
_MOST = 4_000_000  # draws x rows held at a time


def is_linear(order: Sequence[NodeModel], treatment: str, spec: ModelSpec) -> bool:
    """Return whether every node of ``order``, the outcome last, is linear on the scale of its parents."""
    passing = {model.node for model in order}
    if order[-1].family == "LogNormal" and any(model.family == "SkewNormal" for model in order):
        return False  # the middle of lopsided noise is no path of middles
    for model in order:
        if model.family not in _LINEAR:
            return False
        for term in model.terms:
            if term.parent in passing and term.transform != spec.node(term.parent).response.transform:
                return False
    return True


def linear_contrast(
    order: Sequence[NodeModel],
    treatment: str,
    pair: tuple[float, float] | None,
    parameters: Mapping[str, Draws],
    raw: Mapping[str, FloatArray],
    rng: np.random.Generator,
) -> list[tuple[FloatArray, FloatArray]]:
    """Return one (difference, ratio) of draws, shape (S,) each.

    The ratio has a meaning where the outcome is LogNormal; elsewhere it is all ones.
    """
    outcome = order[-1]
    features: dict[str, FloatArray] = {}
    shifts: dict[str, dict[str, FloatArray]] = {}
    for model in order:
        shifts[model.node] = _shift(model, treatment, pair, parameters[model.node], raw, features, shifts)
    shift = shifts[outcome.node]
    if outcome.response.transform != "log":
        total = sum(coefficient * features[name].mean() for name, coefficient in shift.items())
        return [(np.asarray(total), np.ones_like(total))]
    return [_median(order, treatment, pair, parameters, raw, features, shift)]


def _slopes(model: NodeModel, draws: Draws) -> list[tuple[Term, FloatArray]]:
    """Return each term with its slopes, (S, width), in units of the response's scale."""
    found, start = [], 0
    for term in model.terms:
        part = (
            draws["slopes"][:, start : start + term.columns]
            * model.response.scale
            / (1.0 if term.levels else term.scale)
        )
        found.append((term, part))
        start += term.columns
    return found


def _shift(
    model: NodeModel,
    treatment: str,
    pair: tuple[float, float] | None,
    draws: Draws,
    raw: Mapping[str, FloatArray],
    features: dict[str, FloatArray],
    shifts: Mapping[str, Mapping[str, FloatArray]],
) -> dict[str, FloatArray]:
    """Return by how much a node's scale moves for each feature of the treatment, (S,) each.

    A feature is a way in which the treatment enters: its row-wise change stands in ``features``.
    """
    total: dict[str, FloatArray] = {}
    for term, slopes in _slopes(model, draws):
        if term.parent == treatment:
            for column in range(term.columns):
                name = f"{term.transform}:{column}"
                features[name] = _change(term, column, pair, raw[treatment])
                total[name] = total.get(name, 0.0) + slopes[:, column]
        elif term.parent in shifts:
            for name, carried in shifts[term.parent].items():
                total[name] = total.get(name, 0.0) + slopes[:, 0] * carried
    return total


def _change(term: Term, column: int, pair: tuple[float, float] | None, observed: FloatArray) -> FloatArray:
    if term.levels and pair is not None:
        low, high = pair
        return np.array([term.basis[int(high)][column] - term.basis[int(low)][column]])
    low_values, high_values = (observed, observed + 1.0) if pair is None else (np.array([pair[0]]), np.array([pair[1]]))
    if term.transform == "identity":
        return np.array([1.0]) if pair is None else high_values - low_values
    apply = np.log if term.transform == "log" else np.log1p
    return np.asarray(apply(high_values) - apply(low_values))


def _median(
    order: Sequence[NodeModel],
    treatment: str,
    pair: tuple[float, float] | None,
    parameters: Mapping[str, Draws],
    raw: Mapping[str, FloatArray],
    features: Mapping[str, FloatArray],
    shift: Mapping[str, FloatArray],
) -> tuple[FloatArray, FloatArray]:
    """Return the change of the outcome's median and its ratio, averaged over rows."""
    draws = len(parameters[order[-1].node]["intercept"])
    rows = len(raw[treatment])
    low, high = np.empty(draws), np.empty(draws)
    step = max(1, _MOST // max(rows, 1))
    for start in range(0, draws, step):
        part = slice(start, min(start + step, draws))
        centre = _centre(order, treatment, pair, parameters, raw, part)
        moved = sum(coefficient[part, None] * features[name] for name, coefficient in shift.items())
        with np.errstate(over="ignore"):
            low[part] = np.exp(centre).mean(axis=1)
            high[part] = np.exp(centre + moved).mean(axis=1)
    return high - low, high / low


def _centre(
    order: Sequence[NodeModel],
    treatment: str,
    pair: tuple[float, float] | None,
    parameters: Mapping[str, Draws],
    raw: Mapping[str, FloatArray],
    part: slice,
) -> FloatArray:
    """Return the outcome's median on its scale in the lower world, shape (draws, N)."""
    known: dict[str, FloatArray] = {}
    for model in order:
        draws = parameters[model.node]
        total = model.response.center + model.response.scale * draws["intercept"][part, None]
        for term, slopes in _slopes(model, draws):
            if term.parent in known:
                working = known[term.parent]
            else:
                values = raw[term.parent]
                if term.parent == treatment and pair is not None:
                    values = np.full_like(values, pair[0])
                if term.levels:
                    total = total + slopes[part] @ np.asarray(term.basis)[values.astype(np.intp)].T
                    continue
                working = _WORKING[term.transform](values)
            total = total + slopes[part] * (working - term.center)
        known[model.node] = np.asarray(total)
    return known[order[-1].node]

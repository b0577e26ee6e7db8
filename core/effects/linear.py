"""Effects along paths that are linear on one scale: exact for every draw.

With ``T`` the scale on which a node responds (its logarithm for LogNormal), a linear node is
``T(M) = c + s (a + sum_j b_j (w_j - c_j) / s_j + noise)``. If each node between X and Y
enters its children on the scale on which it responds, noise cancels between the two worlds,
and the shift of ``T(Y)`` is linear in the shifts of what X contributes.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.effects.contrasted import Contrasted, held_sigma
from core.effects.steps import Step
from core.families import Draws, get_family
from core.forms.term import Term
from core.model.spec import ModelSpec, NodeModel

__all__ = ["is_linear", "linear_contrast"]

FloatArray = NDArray[np.float64]

_WORKING: Mapping[str, Callable[[FloatArray], FloatArray]] = {"identity": np.asarray, "log": np.log, "log1p": np.log1p}
_MOST = 4_000_000  # draws x rows held at a time


def is_linear(order: Sequence[NodeModel], treatment: str, spec: ModelSpec) -> bool:
    """Return whether every node of ``order``, the outcome last, is linear on the scale of its parents."""
    passing = {model.node for model in order}
    moving = passing | {treatment}
    if order[-1].response.transform == "log" and any(get_family(model.family).lopsided for model in order):
        return False  # the middle of lopsided noise is no path of middles
    for model in order:
        if not get_family(model.family).response:
            return False
        for term in model.terms:
            if not term.is_straight and moving.intersection(term.parents):
                return False
            if term.parent in passing and term.transform != spec.node(term.parent).response.transform:
                return False
    return True


def linear_contrast(
    order: Sequence[NodeModel],
    treatment: str,
    step: Step,
    parameters: Mapping[str, Draws],
    raw: Mapping[str, FloatArray],
    rng: np.random.Generator,
) -> list[Contrasted]:
    """Return what changes, draw by draw: one entry."""
    outcome = order[-1]
    features: dict[str, FloatArray] = {}
    shifts: dict[str, dict[str, FloatArray]] = {}
    for model in order:
        shifts[model.node] = _shift(model, treatment, step, parameters[model.node], raw, features, shifts)
    shift = shifts[outcome.node]
    if outcome.response.transform != "log":
        total = sum(coefficient * features[name].mean() for name, coefficient in shift.items())
        return [Contrasted(np.asarray(total))]
    return [_median(order, treatment, step, parameters, raw, features, shift)]


def _slopes(model: NodeModel, draws: Draws) -> list[tuple[Term, FloatArray]]:
    """Return each term with its slopes, (S, width), in units of the response's scale, straight ones per raw unit."""
    found, start = [], 0
    for term in model.terms:
        per = term.scale if term.is_straight and not term.levels else 1.0
        found.append((term, draws["slopes"][:, start : start + term.columns] * model.response.scale / per))
        start += term.columns
    return found


def _shift(
    model: NodeModel,
    treatment: str,
    step: Step,
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
                features[name] = _change(term, column, step, raw[treatment])
                total[name] = total.get(name, 0.0) + slopes[:, column]
        elif term.parent in shifts:
            for name, carried in shifts[term.parent].items():
                total[name] = total.get(name, 0.0) + slopes[:, 0] * carried
    return total


def _change(term: Term, column: int, step: Step, observed: FloatArray) -> FloatArray:
    if term.levels:
        low, high = step.codes
        return np.array([term.basis[high][column] - term.basis[low][column]])
    if term.transform == "identity":
        return step.change(observed)
    apply = np.log if term.transform == "log" else np.log1p
    one, other = step.ends(observed)
    return np.asarray(apply(other) - apply(one))


def _median(
    order: Sequence[NodeModel],
    treatment: str,
    step: Step,
    parameters: Mapping[str, Draws],
    raw: Mapping[str, FloatArray],
    features: Mapping[str, FloatArray],
    shift: Mapping[str, FloatArray],
) -> Contrasted:
    """Return the change of the outcome's median and its ratio, averaged over rows, and that of its mean."""
    draws = len(parameters[order[-1].node]["intercept"])
    rows = len(raw[treatment])
    low, high = np.empty(draws), np.empty(draws)
    size = max(1, _MOST // max(rows, 1))
    for start in range(0, draws, size):
        part = slice(start, min(start + size, draws))
        centre = _centre(order, treatment, step, parameters, raw, part)
        moved = sum(coefficient[part, None] * features[name] for name, coefficient in shift.items())
        with np.errstate(over="ignore"):
            low[part] = np.exp(centre).mean(axis=1)
            high[part] = np.exp(centre + moved).mean(axis=1)
    spread = _spread(order, parameters)
    if spread is None:
        return Contrasted(high - low, high / low)
    with np.errstate(over="ignore"):
        return Contrasted(high - low, high / low, (high - low) * np.exp(0.5 * spread))


def _spread(order: Sequence[NodeModel], parameters: Mapping[str, Draws]) -> FloatArray | None:
    """Return the variance of the outcome's logarithm given the treatment, shape (S,); None where its mean is infinite.

    Every node on the way adds its own noise, as much as of it comes through.
    """
    if any(get_family(model.family).heavy_tailed for model in order):
        return None
    through = {order[-1].node: np.ones(1)}
    total = np.zeros(1)
    for model in reversed(order):
        draws, reach = parameters[model.node], through[model.node]
        total = total + (reach * model.response.scale * held_sigma(draws["sigma"])) ** 2
        for term, slopes in _slopes(model, draws):
            if not term.levels and term.parent in {one.node for one in order}:
                through[term.parent] = through.get(term.parent, np.zeros(1)) + reach * slopes[:, 0]
    return np.asarray(total)


def _centre(
    order: Sequence[NodeModel],
    treatment: str,
    step: Step,
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
            if not term.is_straight:  # which nothing that moves is a part of
                own = {name: raw[name] for name in term.inputs}
                total = total + slopes[part] @ term.matrix(np, own).T
                continue
            if term.parent in known:
                working = known[term.parent]
            else:
                values = raw[term.parent]
                if term.parent == treatment:
                    values = step.ends(values)[0]
                if term.levels:
                    total = total + slopes[part] @ np.asarray(term.basis)[values.astype(np.intp)].T
                    continue
                working = _WORKING[term.transform](values)
            total = total + slopes[part] * (working - term.center)
        known[model.node] = np.asarray(total)
    return known[order[-1].node]

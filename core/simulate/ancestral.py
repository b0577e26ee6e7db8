"""Ancestral sampling: draw each node given its parents, causes before effects, in numpy.

The same walk serves prior and posterior predictive draws, synthetic data and ``do``: a node
that is set takes its value and looks at no parent. What overflows on the way (chains of log
links do) becomes NaN, as does everything below it; nothing raises.
"""

from collections.abc import Mapping
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.families import Draws, get_family
from core.families.choose import DISCRETE_KINDS
from core.model.design import design_matrix, raw_response
from core.model.spec import ModelSpec, NodeModel
from core.names import TIME

__all__ = ["ancestral", "do_values"]

FloatArray = NDArray[np.float64]

_MOST = 20_000_000  # numbers of a design of something that carries over, whose columns are many, at a time


def ancestral(
    spec: ModelSpec,
    parameters: Mapping[str, Draws],
    rows: int,
    rng: np.random.Generator,
    *,
    do: Mapping[str, float | FloatArray] | None = None,
    given_raw: Mapping[str, FloatArray] | None = None,
) -> dict[str, FloatArray]:
    """Draw every node, one data set of ``rows`` rows a parameter draw.

    Parameters
    ----------
    spec : ModelSpec
    parameters : mapping of node to Draws
        S draws for each node, the same S for all; not needed for nodes in ``given_raw``.
    rows : int
        N.
    rng : numpy.random.Generator
    do : mapping of node to number or array, shape (N,), optional
        Values that are set, on the node's own scale (levels as codes). NaN in an array
        leaves that row to the node's own mechanism.
    given_raw : mapping of node to array, shape (N,) or (S, N), optional
        Values taken as they are, not drawn: the rows' own values of non-descendants. Every column
        that the specification conditions on must be there, unless ``do`` sets it in every row. Earlier values of
        these that carry over, and the order of rows, may be there too (:mod:`core.model.earlier`).

    Returns
    -------
    dict of node to array, shape (S, N)
        On each node's own scale, levels as codes, NaN where a value overflowed. Read-only
        where a value is the same for all draws.
    """
    do, given_raw = do or {}, given_raw or {}
    _check_do(spec, do)
    raw: dict[str, FloatArray] = {}
    terms = [term for model in spec.nodes for term in model.terms if term.parent not in do]
    before = {name: given_raw[name] for name in (TIME, *(n for t in terms for n in t.earlier)) if name in given_raw}
    draws = 1
    for model in spec.columns:
        name = model.node
        set_to = np.broadcast_to(np.asarray(do[name], dtype=np.float64), (rows,)) if name in do else None
        if set_to is not None and not np.isnan(set_to).any():
            raw[name] = set_to
            continue
        if name in given_raw:
            raw[name] = np.asarray(given_raw[name], dtype=np.float64)
        else:
            raw[name] = _draw(model, parameters[name], {**before, **raw}, rows, rng)
        if set_to is not None:
            raw[name] = np.where(np.isnan(set_to), raw[name], set_to)
        draws = max(draws, raw[name].shape[0] if raw[name].ndim == 2 else 1)
    return {name: np.broadcast_to(values, (draws, rows)) for name, values in raw.items()}


def _draw(
    model: NodeModel, parameters: Draws, raw: Mapping[str, FloatArray], rows: int, rng: np.random.Generator
) -> FloatArray:
    own = {name: raw[name] for name in (TIME, *model.inputs) if name in raw}
    count = len(next(iter(parameters.values())))
    size = count if model.inputs == model.parents else max(1, _MOST // (rows * model.columns))
    parts = []
    for start in range(0, count, size):
        some = slice(start, start + size)
        x = design_matrix(model, {n: v[some] if v.ndim == 2 and len(v) > 1 else v for n, v in own.items()}, rows)
        part = {name: values[some] for name, values in parameters.items()} if size < count else parameters
        with np.errstate(over="ignore", invalid="ignore"):
            parts.append(raw_response(model, get_family(model.family).sample(part, x, model.link, rng)))
    drawn = parts[0] if len(parts) == 1 else np.concatenate(parts)
    return np.where(np.isfinite(drawn), drawn, np.nan)


# -- setting values ---------------------------------------------------------------------


def do_values(spec: ModelSpec, settings: Mapping[str, str | float]) -> dict[str, float]:
    """Turn what a user sets into numbers: a level's name into its code, a text into a number.

    Raises
    ------
    ModelError
        For an unknown node or level, or a value that the node cannot have.
    """
    found = {}
    for name, setting in settings.items():
        model = _known(spec, name)
        text = str(setting).strip()
        if model.response.levels:
            found[name] = float(_code(model, text))
            continue
        try:
            found[name] = float(text)
        except ValueError:
            found[name] = np.nan
        if np.isnan(found[name]):
            raise ModelError(
                f"{name!r} cannot be set to {text!r}, which is no number", place=f"node {name}", hint="Give a number."
            ) from None
    _check_do(spec, found)
    return found


def _code(model: NodeModel, text: str) -> int:
    """Return the code of a level given by name; 0 and 1 will do for a binary node of other names."""
    levels = model.response.levels
    by_code = model.kind == "binary" and not {"0", "1"} & set(levels)
    names = [text]
    with suppress(ValueError):
        names.append(f"{float(text):g}")
    for name in names:
        if name in levels:
            return levels.index(name)
        if by_code and name in ("0", "1"):
            return int(name)
    raise ModelError(
        f"{model.node!r} cannot be set to {text!r}",
        place=f"node {model.node}",
        hint=f"Its levels are: {', '.join(levels[:12])}.",
    )


def _known(spec: ModelSpec, name: str) -> NodeModel:
    for model in spec.columns:
        if model.node == name:
            return model
    names = ", ".join(model.node for model in spec.columns)
    raise ModelError(f"there is no node {name!r} to set", place=f"node {name}", hint=f"The nodes are: {names}.")


def _check_do(spec: ModelSpec, do: Mapping[str, float | FloatArray]) -> None:
    for name, setting in do.items():
        model = _known(spec, name)
        values = np.asarray(setting, dtype=np.float64)
        low, high = _range(model)
        inside = np.isnan(values) | ((values > low) & (values < high))
        if model.kind in DISCRETE_KINDS:
            inside &= np.isnan(values) | (values == np.round(values))
        if np.isinf(values).any() or not inside.all():
            raise ModelError(
                f"{name!r} cannot be set to {float(np.ravel(values)[~np.ravel(inside)][:1].sum()):g}",
                place=f"node {name}",
                hint=f"It is modelled as {model.family}: give a value that it can have.",
            )


def _range(model: NodeModel) -> tuple[float, float]:
    """Return the open interval of values that a node can be set to."""
    if model.kind in DISCRETE_KINDS:
        return -0.5, model.levels - 0.5
    return get_family(model.family).settable

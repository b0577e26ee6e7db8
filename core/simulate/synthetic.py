"""A synthetic data set with parameters that the user sets or the prior draws.

Fitting it again answers "does it recover what I put in?".
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.families import Draws, get_family
from core.model.spec import ModelSpec, NodeModel
from core.simulate.ancestral import ancestral
from core.simulate.parameters import from_named, named_parameters
from core.simulate.prior import Simulated, draw_parameters

__all__ = ["frame_of", "kinds_of", "synthetic"]

FloatArray = NDArray[np.float64]


def synthetic(
    spec: ModelSpec,
    parameters: Mapping[str, Mapping[str, float]] | None,
    rows: int,
    seed: int,
    do: Mapping[str, float | FloatArray] | None = None,
    given_raw: Mapping[str, FloatArray] | None = None,
) -> tuple[pd.DataFrame, dict[str, dict[str, float]]]:
    """Draw one data set.

    Parameters
    ----------
    spec : ModelSpec
    parameters : mapping of node to mapping of name to float, or None
        Named as in :mod:`core.simulate.parameters`, on the data's own scale. Nodes, and names
        of a node, that are left out are drawn from the prior.
    rows, seed : int
    do, given_raw : mapping, optional
        As in :func:`core.simulate.ancestral.ancestral`.

    Returns
    -------
    frame : DataFrame
        One column a node, in the data's own values, with the names of levels; an overflow is
        missing.
    parameters : dict of node to dict of name to float
        All that it was drawn with.
    """
    rng = np.random.default_rng(seed)
    drawn = draw_parameters(spec, 1, rng)
    used: dict[str, Draws] = {}
    named: dict[str, dict[str, float]] = {}
    for model in spec.nodes:
        name = model.node
        known = {key: float(value[0]) for key, value in named_parameters(model, drawn[name]).items()}
        set_by_user = (parameters or {}).get(name)
        used[name] = from_named(model, {**known, **set_by_user}) if set_by_user else drawn[name]
        named[name] = {key: float(value[0]) for key, value in named_parameters(model, used[name]).items()}
    values = ancestral(spec, used, rows, rng, do=do, given_raw=given_raw)
    return frame_of(spec, values), named


def frame_of(spec: ModelSpec, values: Mapping[str, FloatArray] | Simulated, draw: int = 0) -> pd.DataFrame:
    """Return one simulated data set in the data's own values, with the names of levels."""
    if isinstance(values, Simulated):
        values = values.values
    return pd.DataFrame({model.node: _own_values(model, values[model.node][draw]) for model in spec.columns})


def _own_values(model: NodeModel, values: FloatArray) -> pd.Series:
    levels = model.response.levels
    if levels:
        words: list[object] = [int(level) if _whole(levels) else level for level in levels]
        return pd.Series([None if np.isnan(code) else words[int(code)] for code in values])
    if get_family(model.family).discrete and (values == np.round(values)).all():
        return pd.Series(values.astype(np.int64))
    return pd.Series(values)


def _whole(levels: tuple[str, ...]) -> bool:
    """Return whether every level is a whole number, written as Python writes it."""
    return all(level.lstrip("-").isdecimal() and str(int(level)) == level for level in levels)


def kinds_of(spec: ModelSpec) -> dict[str, str]:
    """Return each node's kind, to read a synthetic data set under the kinds that it was drawn with."""
    return {model.node: model.kind for model in spec.columns}

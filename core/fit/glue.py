"""The blocks of a hypothesis as one ArviZ ``DataTree``, for notebooks and export.

Imports xarray and arviz when called: never in the web process.
"""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import Dataset
from core.errors import UsageError
from core.families import Draws, get_family
from core.fit.result import Fit
from core.forms.shape import KEPT
from core.model.design import block_data
from core.model.spec import NodeModel

__all__ = ["to_datatree", "with_predictive", "write_netcdf"]

FloatArray = NDArray[np.float64]


def to_datatree(fit: Fit, dataset: Dataset, log_likelihood: bool = True) -> Any:
    """Return posterior, pointwise log likelihood and observed data of a fitted hypothesis.

    Parameters
    ----------
    fit : Fit
    dataset : Dataset
        The complete rows that it was fitted to.
    log_likelihood : bool
        Whether to compute the pointwise log likelihood, (draws, rows) a node, on the data's
        own scale; a cell that was set by intervention has 0.

    Returns
    -------
    xarray.DataTree
        ``posterior``: a variable ``node.parameter`` each, on the family's standardised
        scale, with dims ``chain``, ``draw`` and, where it has them, ``node parent`` (the
        design columns), ``node level``, ``node cut point`` and ``node combination``. Draws of exact blocks are
        independent, so cutting them into chains says nothing about convergence.
    """
    import arviz

    chains = max((block.chains for block in fit.blocks.values()), default=1)
    posterior: dict[str, Any] = {}
    dims: dict[str, list[str]] = {}
    coords: dict[str, Any] = {}
    likelihood: dict[str, Any] = {}
    for model in fit.spec.nodes:
        own = fit.draws(model.node)
        names, found = _dims(model)
        coords |= found
        for parameter, draws in own.items():
            name = f"{model.node}.{parameter}"
            posterior[name] = _by_chain(draws, chains)
            dims[name] = names[parameter]
        if log_likelihood:
            likelihood[model.node] = _by_chain(_log_likelihood(model, own, dataset), chains)
            dims[model.node] = ["row"]
    observed = {model.node: dataset.values(model.node) for model in fit.spec.nodes}
    given = {model.node: dataset.values(model.node) for model in fit.spec.given}
    groups = {"posterior": posterior, "observed_data": observed}
    if given:
        groups["constant_data"] = given
    if log_likelihood:
        groups["log_likelihood"] = likelihood
    coords["row"] = np.arange(dataset.rows)
    return arviz.from_dict(groups, dims=dims | {name: ["row"] for name in observed | given}, coords=coords)


def with_predictive(tree: Any, drawn: Mapping[str, FloatArray]) -> Any:
    """Return a tree with drawn rows, (draws, rows) a node, as ``posterior_predictive``."""
    import xarray

    rows = tree["observed_data"].coords["row"].values
    found = {name: (("chain", "draw", "row"), values[None]) for name, values in drawn.items()}
    return tree.assign({"posterior_predictive": xarray.DataTree(xarray.Dataset(found, {"chain": [0], "row": rows}))})


def _by_chain(draws: Any, chains: int) -> Any:
    each = len(draws) // chains
    return draws[: chains * each].reshape(chains, each, *draws.shape[1:])


def _dims(model: NodeModel) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return the dims of each parameter beyond chain and draw, and their coordinates."""
    node = model.node
    parent, level, combination = f"{node} parent", f"{node} level", f"{node} combination"
    columns = [
        f"{term.parent}[{j}]" if term.columns > 1 else term.parent for term in model.terms for j in range(term.columns)
    ]
    family = get_family(model.family)
    cells = family.form == "cells"
    axes = {
        "columns": (combination, _combinations(model)) if cells else (parent, columns),
        "levels": (level, list(model.response.levels)),
        "cuts": (f"{node} cut point", [f"{low} | {high}" for low, high in pairwise(model.response.levels)]),
    }
    names = {one.name: [axes[axis][0] for axis in one.shape] for one in family.declared}
    used = {axis for one in family.declared for axis in one.shape}
    coords = {axes[axis][0]: axes[axis][1] for axis in axes if axis in used}
    if model.taus:
        names["tau"], coords[f"{node} tau"] = [f"{node} tau"], list(model.tau_names)
    if model.kept:
        said = [parent if name == KEPT else f"{parent} {name}" for name, parent in model.kept]
        names[KEPT], coords[f"{node} half"] = [f"{node} half"], said
    return names, coords


def _combinations(model: NodeModel) -> list[str]:
    found = [""]
    for term in model.terms:
        found = [f"{left}, {term.parent}={name}".lstrip(", ") for left in found for name in term.levels]
    return found


def _log_likelihood(model: NodeModel, draws: Draws, dataset: Dataset) -> Any:
    data = block_data(model, dataset)
    values = get_family(model.family).log_likelihood(draws, data.y, data.x, model.link) + data.log_jacobian
    values[:, ~data.used] = 0.0
    return values


# -- files -------------------------------------------------------------------------------


def write_netcdf(tree: Any, path: Path) -> None:
    """Write a tree with h5netcdf; a slash in a name, which NetCDF takes for a path, becomes an underscore."""
    import xarray

    plain = {}
    for group, node in tree.children.items():
        data = node.to_dataset()
        names = {name: str(name).replace("/", "_") for name in (*data.variables, *data.dims) if "/" in str(name)}
        plain[group] = data.rename(names)
    try:
        xarray.DataTree.from_dict(plain).to_netcdf(path, engine="h5netcdf")
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(f"the file cannot be written: {error}", place=str(path), hint="Check the path.") from None

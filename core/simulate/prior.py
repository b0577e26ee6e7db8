"""Prior and posterior predictive draws: what a hypothesis generates before and after a fit."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import Dataset
from core.families import Draws, get_family
from core.families.distributions import draw
from core.fit.result import Fit
from core.model.scaling import scaled_slopes
from core.model.spec import ModelSpec, NodeModel
from core.simulate.ancestral import ancestral

__all__ = ["Simulated", "draw_parameters", "posterior_predictive", "prior_predictive", "thin"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Simulated:
    """Data sets that a hypothesis generated, one a parameter draw.

    Parameters
    ----------
    values : mapping of node to array, shape (S, N)
        On each node's own scale, levels as codes, NaN where a value, or a cause of it, was
        too large for the machine.
    parameters : mapping of node to Draws
        What each data set was generated with, S draws, on the family's scale.
    """

    values: Mapping[str, FloatArray]
    parameters: Mapping[str, Draws]

    @cached_property
    def overflows_by_node(self) -> Mapping[str, int]:
        """How many cells of each node have no value."""
        return {name: int(np.isnan(values).sum()) for name, values in self.values.items()}

    @property
    def overflows(self) -> int:
        """How many cells have no value in all."""
        return sum(self.overflows_by_node.values())


def draw_parameters(spec: ModelSpec, draws: int, rng: np.random.Generator) -> dict[str, Draws]:
    """Draw the parameters of every node from their priors."""
    return {model.node: _of_node(model, draws, rng) for model in spec.nodes}


def _of_node(model: NodeModel, draws: int, rng: np.random.Generator) -> Draws:
    found = get_family(model.family).sample_prior(model.prior, model.columns, model.levels, draws, rng)
    if not model.taus:
        return found
    tau = np.column_stack([draw(model.prior[f"tau[{i}]"], draws, rng) for i in range(model.taus)])
    return scaled_slopes(model, found, tau)


def prior_predictive(
    spec: ModelSpec,
    rows: int,
    draws: int,
    seed: int,
    do: Mapping[str, float | FloatArray] | None = None,
    given_raw: Mapping[str, FloatArray] | None = None,
) -> Simulated:
    """Draw ``draws`` data sets of ``rows`` rows, each with parameters of its own from the prior.

    ``given_raw`` holds the columns that the specification conditions on
    (:func:`core.simulate.background.background_rows`).
    """
    rng = np.random.default_rng(seed)
    parameters = draw_parameters(spec, draws, rng)
    return Simulated(ancestral(spec, parameters, rows, rng, do=do, given_raw=given_raw), parameters)


def thin(draws: Draws, count: int) -> Draws:
    """Return ``count`` of some draws, evenly spread (with repeats where there are fewer)."""
    total = len(next(iter(draws.values())))
    chosen = np.floor((np.arange(count) + 0.5) * total / count).astype(np.intp)
    return {name: values[chosen] for name, values in draws.items()}


def posterior_predictive(
    fit: Fit,
    rows: int | Dataset,
    draws: int,
    seed: int,
    do: Mapping[str, float | FloatArray] | None = None,
    given_raw: Mapping[str, FloatArray] | None = None,
) -> Simulated:
    """Draw ``draws`` data sets from a fitted hypothesis.

    Blocks have independent posteriors, so their draws are paired as they come.

    Parameters
    ----------
    fit : Fit
    rows : int or Dataset
        How many rows; a data set (the complete rows that were fitted) gives its own number,
        and cells that were set by intervention there keep their values.
    draws, seed : int
    do : mapping, optional
        As in :func:`core.simulate.ancestral.ancestral`.
    given_raw : mapping, optional
        The columns that the specification conditions on; those of a data set unless given.
    """
    settings: dict[str, float | FloatArray] = {}
    if isinstance(rows, Dataset):
        given_raw = given_raw or {model.node: rows.values(model.node) for model in fit.spec.given}
        for model in fit.spec.nodes:
            was_set = rows.was_set(model.node)
            if was_set.any():
                settings[model.node] = np.where(was_set, rows.values(model.node), np.nan)
        rows = rows.rows
    parameters = {model.node: thin(fit.draws(model.node), draws) for model in fit.spec.nodes}
    rng = np.random.default_rng(seed)
    drawn = ancestral(fit.spec, parameters, rows, rng, do={**settings, **(do or {})}, given_raw=given_raw)
    return Simulated(drawn, parameters)

"""Prior and posterior predictive draws: what a hypothesis generates before and after a fit."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.families import Draws
from core.families.distributions import draw
from core.model.coordinates import prior_draws
from core.model.scaling import scaled_slopes
from core.model.spec import ModelSpec, NodeModel
from core.simulate.ancestral import ancestral

__all__ = ["Simulated", "draw_parameters", "prior_predictive", "thin"]

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
    found = prior_draws(model, draws, rng)
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

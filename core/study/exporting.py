"""The posterior of one hypothesis, for a notebook: fitted as it is when rivals are compared."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import Dataset
from core.fit.cache import BlockCache
from core.fit.engine import fit_blocks
from core.fit.glue import to_datatree, with_predictive
from core.fit.result import Fit
from core.hypothesis import Hypothesis
from core.model.spec import ModelSpec
from core.simulate.ancestral import ancestral
from core.simulate.prior import thin
from core.study.comparing import tell_blocks
from core.study.planning import plan

__all__ = ["posterior_tree"]

FloatArray = NDArray[np.float64]

PREDICTED = 500
"""Rows are drawn from at most so many draws: what a picture shows is not told from that of more."""


def posterior_tree(
    hypothesis: Hypothesis,
    dataset: Dataset,
    *,
    draws: int = 4000,
    seed: int = 0,
    cache: BlockCache | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Any:
    """Fit a hypothesis and return its draws, their log likelihood and its rows (:func:`core.fit.glue.to_datatree`).

    Beside them stands ``posterior_predictive``, each node given its causes as they were observed: what
    ``pm.sample_posterior_predictive`` draws of the exported model, by the families' own draws.
    """
    work = plan(dataset, [hypothesis], draws=draws, seed=seed)
    fits = fit_blocks(work.blocks, cache, tell_blocks(work.blocks, progress))
    keys = work.keys[hypothesis.name]
    fit = Fit.of(work.specs[0], {model.node: fits[keys[model.node]] for model in work.specs[0].nodes})
    return with_predictive(to_datatree(fit, work.complete), _predicted(fit, work.complete, seed))


def _predicted(fit: Fit, dataset: Dataset, seed: int) -> dict[str, FloatArray]:
    """Return drawn rows, (draws, rows) a node."""
    raw = {model.node: dataset.values(model.node) for model in fit.spec.columns}
    before = dataset.before(raw)
    found = {}
    for place, model in enumerate(fit.spec.nodes):
        own = fit.draws(model.node)
        drawn = ancestral(
            ModelSpec(fit.spec.name, (model,), given=tuple(fit.spec.node(parent) for parent in model.parents)),
            {model.node: thin(own, min(PREDICTED, len(next(iter(own.values())))))},
            dataset.rows,
            np.random.default_rng([seed, 17, place]),
            given_raw=before | {parent: raw[parent] for parent in model.parents},
        )[model.node]
        found[model.node] = np.broadcast_to(drawn, (len(drawn), dataset.rows))
    return found

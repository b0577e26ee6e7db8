"""The posterior of one hypothesis, for a notebook: fitted as it is when rivals are compared."""

from collections.abc import Callable
from typing import Any

from core.data.dataset import Dataset
from core.fit.cache import BlockCache
from core.fit.engine import fit_blocks
from core.fit.glue import to_datatree
from core.fit.result import Fit
from core.hypothesis import Hypothesis
from core.study.comparing import tell_blocks
from core.study.planning import plan

__all__ = ["posterior_tree"]


def posterior_tree(
    hypothesis: Hypothesis,
    dataset: Dataset,
    *,
    draws: int = 4000,
    seed: int = 0,
    cache: BlockCache | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Any:
    """Fit a hypothesis and return its draws, their log likelihood and its rows (:func:`core.fit.glue.to_datatree`)."""
    work = plan(dataset, [hypothesis], draws=draws, seed=seed)
    fits = fit_blocks(work.blocks, cache, tell_blocks(work.blocks, progress))
    keys = work.keys[hypothesis.name]
    fit = Fit.of(work.specs[0], {model.node: fits[keys[model.node]] for model in work.specs[0].nodes})
    return to_datatree(fit, work.complete)

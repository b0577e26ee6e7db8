"""One data set from a fitted hypothesis, with the parameters that it was drawn with."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from core.data.dataset import Dataset
from core.fit.cache import BlockCache
from core.fit.engine import fit_blocks
from core.hypothesis import Hypothesis
from core.simulate.ancestral import ancestral, do_values
from core.simulate.background import background_rows
from core.simulate.parameters import named_parameters
from core.simulate.synthetic import frame_of
from core.study.comparing import tell_blocks
from core.study.planning import plan

__all__ = ["posterior_data"]


def posterior_data(
    hypothesis: Hypothesis,
    dataset: Dataset,
    rows: int,
    seed: int = 0,
    settings: Mapping[str, str | float] | None = None,
    *,
    method: str = "auto",
    draws: int = 4000,
    cache: BlockCache | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> tuple[pd.DataFrame, dict[str, dict[str, float]]]:
    """Fit, pick one posterior draw at random, and draw ``rows`` rows with it.

    Parameters
    ----------
    hypothesis : Hypothesis
    dataset : Dataset
    rows, seed : int
    settings : mapping of str to text or number, optional
        Nodes that are set by intervention; levels by name.

    Returns
    -------
    frame : DataFrame
        One column a node, in the data's own values.
    parameters : dict of node to dict of name to float
        On the data's own scale, named as in :mod:`core.simulate.parameters`.
    """
    work = plan(dataset, [hypothesis], method=method, draws=draws, seed=seed)
    spec = work.specs[0]
    do = do_values(spec, settings or {})
    fits = fit_blocks(work.blocks, cache, tell_blocks(work.blocks, progress))
    rng = np.random.default_rng(seed)
    chosen, parameters = {}, {}
    for model in spec.nodes:
        all_draws = fits[work.keys[hypothesis.name][model.node]].draws
        one = int(rng.integers(len(next(iter(all_draws.values())))))
        chosen[model.node] = {name: values[one : one + 1] for name, values in all_draws.items()}
        named = named_parameters(model, chosen[model.node])
        parameters[model.node] = {name: float(value[0]) for name, value in named.items()}
    given = background_rows(spec, work.complete, rows, seed)
    return frame_of(spec, ancestral(spec, chosen, rows, rng, do=do, given_raw=given)), parameters

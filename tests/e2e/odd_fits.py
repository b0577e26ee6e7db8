"""Ways to fit that go wrong, or say so, at once: what the app then shows is what is tested. Run in the workers.

Which one it is, is said by the seed of the fit, so that one server serves all of them.
"""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from core.data.dataset import Dataset
from core.errors import FitError
from core.fit.exact import fit_exact
from core.fit.result import Block, BlockFit, Diagnostics, FitCancelledError, JointBlock, JointData
from core.model.design import block_data

SOUND = Diagnostics(rhat_max=1.0, ess_bulk_min=3000.0, ess_tail_min=3000.0, divergences=0)

Progress = Callable[[float], None]
Cancelled = Callable[[], bool]


def settled(block: Block, data: object, progress: Progress, cancelled: Cancelled, **_: object) -> BlockFit:
    """The closed form for all; what was to be sampled gets other draws of it under the name of NUTS."""
    if isinstance(block, JointBlock):
        return joint(block, data)  # type: ignore[arg-type]
    fit = fit_exact(replace(block, method="exact"), data)  # type: ignore[arg-type]
    if block.method != "nuts":
        return fit
    return replace(fit, method="nuts", chains=4, diagnostics=SOUND, log_evidence_se=0.01)


def joint(block: JointBlock, data: JointData) -> BlockFit:
    """The closed forms of a hypothesis' nodes, as if its joint model had been sampled; of numbers only."""
    kinds = {model.node: model.kind for model in block.spec.columns}
    table = Dataset.from_frame(pd.DataFrame(dict(data.raw)), kinds=kinds)
    draws = {}
    for place, model in enumerate(block.spec.nodes):
        own = fit_exact(Block(f"{place:02x}", model, "exact", block.draws, block.seed), block_data(model, table))
        draws |= {f"{place}.{name}": values for name, values in own.draws.items()}
    nothing = np.full(data.rows, np.nan)
    return BlockFit(block.key, "nuts", draws, nothing, nothing, np.nan, diagnostics=SOUND, chains=4)


def restless(block: Block, data: object, progress: Progress, cancelled: Cancelled, **_: object) -> BlockFit:
    """Chains of ``sales`` that do not agree with fewer than 16,000 draws."""
    fit = settled(block, data, progress, cancelled)
    if block.model.node != "sales" or block.draws >= 16_000:
        return fit
    return replace(fit, method="nuts", chains=4, diagnostics=replace(SOUND, rhat_max=1.31, ess_bulk_min=35.0))


def broken(block: Block, data: object, progress: Progress, cancelled: Cancelled, **_: object) -> BlockFit:
    """``sales`` cannot be fitted where ads is one of its causes."""
    if block.model.node == "sales" and "ads" in block.model.parents:
        raise FitError("the sampler stopped at its first step", hint="Give sales another family.")
    return settled(block, data, progress, cancelled)


def slow(block: Block, data: object, progress: Progress, cancelled: Cancelled, **_: object) -> BlockFit:
    """``sales`` takes two minutes, unless it is cancelled."""
    if block.model.node == "sales":
        for step in range(1200):
            if cancelled():
                raise FitCancelledError("node sales")
            progress(step / 1200)
            time.sleep(0.1)
    return settled(block, data, progress, cancelled)


WAYS = {101: settled, 102: restless, 103: broken, 104: slow}


def fit(block: Block, data: object, progress: Progress, cancelled: Cancelled, **more: object) -> BlockFit:
    """Fit in the way that the seed names."""
    return WAYS.get(block.seed, settled)(block, data, progress, cancelled, **more)


def seed_of(way: str) -> int:
    """Return the seed that names a way."""
    return next(seed for seed, made in WAYS.items() if made.__name__ == way)

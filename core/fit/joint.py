"""The joint PyMC model of a hypothesis, the one that is exported, sampled with NUTS: what a confirmation asks.

Blocks are fitted one by one because their posteriors are independent; whether that, the closed forms and the
weights are right is what the whole model, sampled at once, says. Imported by workers only.
"""

from collections.abc import Callable, Mapping
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from core.errors import FitError
from core.families import get_family
from core.fit.blocks import block_seed
from core.fit.nuts import CHAINS, MOST_ROWS, diagnose
from core.fit.nuts_sampling import compiled_once, run_chains
from core.fit.result import BlockFit, FitCancelledError, JointBlock, JointData
from core.forms.shape import KEPT
from core.model.pymc_model import joint_model
from core.model.spec import NodeModel

__all__ = ["fit_joint", "parameters_of"]

FloatArray = NDArray[np.float64]

TUNE = 1000  # of each chain: there are more parameters than in a block
TARGET_ACCEPT = 0.95  # groups of few levels leave their spread nearly open: a funnel for longer steps


def fit_joint(
    block: JointBlock,
    data: JointData,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> BlockFit:
    """Sample the joint model of a hypothesis; parameters as in :func:`core.fit.engine.fit_block`.

    Returns
    -------
    BlockFit
        Draws of every family's parameters, ``(S, *parameter shape)``, by the node's place and the parameter
        (``"0.sigma"``). Scores are NaN and so is the evidence: they are not what is asked.

    Raises
    ------
    FitError
        If there are more rows than NUTS is run on, or no chain finds a start; FitCancelledError.
    """
    place = f"hypothesis {block.spec.name}"
    if data.rows > MOST_ROWS:
        raise FitError(
            f"the joint model of {data.rows:,} rows is not sampled here: more than {MOST_ROWS:,} would take hours",
            place=place,
            hint="Export the hypothesis as a script and run it where there is time, or upload a sample of the rows.",
        )
    if cancelled is not None and cancelled():
        raise FitCancelledError(place)
    start = perf_counter()
    made: dict[tuple[str, str], str] = {}

    def build() -> object:
        model, names = joint_model(block.spec, data.raw, data.used)
        made.update(names)
        return model

    compiled = compiled_once(build, cancelled)
    samples, divergences = run_chains(
        compiled,
        place,
        draws=block.draws,
        chains=CHAINS,
        seed=block_seed(block),
        tune=TUNE,
        target_accept=TARGET_ACCEPT,
        progress=progress,
        cancelled=cancelled,
    )
    draws = {
        f"{number}.{parameter}": values
        for number, model in enumerate(block.spec.nodes)
        for parameter, values in parameters_of(model, made, samples).items()
    }
    diagnostics, _ = diagnose(draws, CHAINS, divergences)
    if progress is not None:
        progress(1.0)
    nothing = np.full(data.rows, np.nan)
    return BlockFit(
        key=block.key,
        method="nuts",
        draws=draws,
        elpd_i=nothing,
        lppd_i=nothing,
        log_evidence=float("nan"),
        diagnostics=diagnostics,
        chains=CHAINS,
        seconds={"fit": perf_counter() - start},
    )


def parameters_of(
    model: NodeModel, made: Mapping[tuple[str, str], str], samples: Mapping[str, FloatArray]
) -> dict[str, FloatArray]:
    """Return a family's own parameters, as a block's draws have them."""
    found = {
        one.name: samples[made[model.node, one.name]]
        for one in get_family(model.family).declared
        if (model.node, one.name) in made
    }
    if model.taus:
        taus = [samples[made[model.node, f"tau[{i}]"]] for i in range(model.taus)]
        found["tau"] = np.column_stack(taus)
    kept = [
        f"{name}[{i}]"
        for i, t in enumerate(model.shaped)
        if t.shape is not None and t.shape.kept
        for name in t.shape.quantities
    ]
    if kept:
        found[KEPT] = np.column_stack([samples[made[model.node, name]] for name in kept])
    return found

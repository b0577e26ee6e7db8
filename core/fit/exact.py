"""Blocks with a closed form: from a block and its rows to a :class:`BlockFit`."""

from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import FitError, ModelError
from core.fit import gaussian, table
from core.fit.blocks import block_seed
from core.fit.gaussian import GaussianPrior
from core.fit.result import Block, BlockFit
from core.hypothesis import Prior
from core.model.design import BlockData
from core.model.spec import NodeModel

__all__ = ["fit_exact", "gaussian_prior"]

FloatArray = NDArray[np.float64]


def fit_exact(block: Block, data: BlockData) -> BlockFit:
    """Return the exact posterior, evidence and leave-one-out scores of a block.

    Raises
    ------
    ModelError
        If its family and priors have no closed form.
    """
    if block.model.family in ("Normal", "LogNormal"):
        return _fit_gaussian(block, data)
    if block.model.family == "Table":
        return _fit_table(block, data)
    raise _no_closed_form(block.model)


def _no_closed_form(model: NodeModel) -> ModelError:
    return ModelError(
        f"the family {model.family} with these priors has no closed form",
        place=f"node {model.node}",
        hint="Use the method auto or nuts.",
    )


def gaussian_prior(model: NodeModel) -> GaussianPrior:
    """Read the conjugate prior's numbers from a node's priors; ModelError if they are not of that form."""
    priors = dict(model.priors)
    variance = priors.get("variance")
    coefficients = [priors.get("intercept"), *(priors.get(f"slopes[{j}]") for j in range(model.columns))]
    if variance is None or variance.distribution != "InverseGamma":
        raise _no_closed_form(model)
    precisions = [_precision(prior, model) for prior in coefficients]
    return GaussianPrior(precisions[0], np.array(precisions[1:]), variance["alpha"], variance["beta"])


def _precision(prior: Prior | None, model: NodeModel) -> float:
    """Return the prior precision in units of 1 / sigma^2."""
    numbers = dict(prior.parameters) if prior is not None and prior.distribution == "Normal" else {}
    if numbers.get("relative") != 1.0 or numbers.get("mu") != 0.0:
        raise _no_closed_form(model)
    return 1.0 / numbers["sigma"] ** 2


def _fit_gaussian(block: Block, data: BlockData) -> BlockFit:
    start = perf_counter()
    prior = gaussian_prior(block.model)
    y, x = _only(data.y, data.used), _only(data.x, data.used)
    jacobian = _only(data.log_jacobian, data.used)
    factor = gaussian.reduce_rows(y, x)
    post = gaussian.posterior(factor, len(y), prior)
    draws = gaussian.draw(post, block.draws, np.random.default_rng(block_seed(block)))
    onto_data = float(jacobian.sum())
    half, one, two = gaussian.sweep(factor, len(y), prior)
    fitted = perf_counter()
    elpd, lppd = gaussian.leave_one_out(post, y, x)
    elpd += jacobian
    lppd += jacobian
    return BlockFit(
        key=block.key,
        method="exact",
        draws=draws,
        elpd_i=_spread(elpd, data.used),
        lppd_i=_spread(lppd, data.used),
        log_evidence=post.log_evidence + onto_data,
        sweep=(half + onto_data, one + onto_data, two + onto_data),
        seconds={"fit": fitted - start, "score": perf_counter() - fitted},
    )


def _fit_table(block: Block, data: BlockData) -> BlockFit:
    start = perf_counter()
    model = block.model
    k, q = model.levels, model.columns
    if q * k * block.draws > table.MAX_CELLS:
        raise FitError(
            f"a table of {q:,} combinations of parents by {k} levels is too large for {block.draws:,} draws",
            place=f"node {model.node}",
            hint="Remove parents of this node, use the Bernoulli or Categorical family, or ask for fewer draws.",
        )
    y = _only(data.y, data.used).astype(np.int64)
    configuration = _only(data.x, data.used)[:, 0].astype(np.int64)
    cells = table.counts(y, configuration, k, q)
    size = dict(model.priors)["probabilities"]["equivalent_sample_size"]
    posterior = table.Table(cells, size / (q * k))
    draws = table.draw(posterior, block.draws, np.random.default_rng(block_seed(block)))
    log_evidence, sweep = table.evidence(posterior), table.sweep(cells)
    fitted = perf_counter()
    elpd, lppd = table.leave_one_out(posterior, y, configuration)
    return BlockFit(
        key=block.key,
        method="exact",
        draws={"probabilities": draws},
        elpd_i=_spread(elpd, data.used),
        lppd_i=_spread(lppd, data.used),
        log_evidence=log_evidence,
        sweep=sweep,
        seconds={"fit": fitted - start, "score": perf_counter() - fitted},
        warnings=table.warnings_about(posterior),
    )


def _only(values: NDArray[Any], used: NDArray[np.bool_]) -> NDArray[Any]:
    return values if used.all() else values[used]


def _spread(values: FloatArray, used: NDArray[np.bool_]) -> FloatArray:
    """Put row scores back in their rows; a cell that was set by intervention scores nothing."""
    if used.all():
        return values
    found = np.zeros(len(used))
    found[used] = values
    return found

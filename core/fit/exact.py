"""Blocks with a closed form: from a block and its rows to a :class:`BlockFit`."""

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any, TypedDict, cast

import numpy as np
from numpy.typing import NDArray

from core.errors import FitError, ModelError
from core.families import get_family
from core.fit import gaussian, mixed, table
from core.fit.blocks import block_seed
from core.fit.gaussian import GaussianPrior
from core.fit.result import MANY_ROWS, Block, BlockFit
from core.fit.summary import reduce_block
from core.fit.tau_given import given_slopes
from core.hypothesis import Prior
from core.model.design import BlockData
from core.model.spec import NodeModel

__all__ = ["fit_exact", "gaussian_prior", "scaled_columns"]

FloatArray = NDArray[np.float64]


def fit_exact(block: Block, data: BlockData) -> BlockFit:
    """Return the exact posterior, evidence and leave-one-out scores of a block.

    Raises
    ------
    ModelError
        If its family and priors have no closed form.
    """
    match get_family(block.model.family).closed_form:
        case "gaussian":
            return _fit_gaussian(block, data)
        case "table":
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


def scaled_columns(model: NodeModel) -> mixed.Scaled | None:
    """Return which design columns are scaled by which tau; None if none is."""
    if not model.taus:
        return None
    return mixed.Scaled(model.scaled_by, tuple(model.prior[f"tau[{i}]"] for i in range(model.taus)))


def _precision(prior: Prior | None, model: NodeModel) -> float:
    """Return the prior precision in units of 1 / sigma^2."""
    numbers = dict(prior.parameters) if prior is not None else {}
    if numbers.get("relative") != 1.0 or numbers.get("mu") != 0.0:
        raise _no_closed_form(model)
    return 1.0 / numbers["sigma"] ** 2


def _fit_gaussian(block: Block, data: BlockData) -> BlockFit:
    start = perf_counter()
    prior = gaussian_prior(block.model)
    reduced = reduce_block(block.model, data)
    factor, rows, onto_data = reduced.factor, reduced.rows, reduced.log_jacobian
    rng, scaled = np.random.default_rng(block_seed(block)), scaled_columns(block.model)
    post: gaussian.Posterior | mixed.Mixture
    if scaled is None:
        post = gaussian.posterior(factor, rows, prior)
        draws, swept = gaussian.draw(post, block.draws, rng), gaussian.sweep(factor, rows, prior)
        score = partial(gaussian.leave_one_out, post)
    else:
        post = mixed.mixture(factor, rows, prior, scaled)
        draws, swept = mixed.draw(post, block.draws, rng), mixed.sweep(factor, rows, prior, scaled)
        draws["tau"] = given_slopes(block.model, draws, rng)
        score = partial(mixed.leave_one_out, post)
    half, one, two = swept
    fitted = perf_counter()
    scores = _gaussian_scores(score, data)
    return BlockFit(
        key=block.key,
        method="exact",
        draws=draws,
        **scores,
        log_evidence=post.log_evidence + onto_data,
        log_evidence_se=0.0 if isinstance(post, gaussian.Posterior) else post.points.se,
        warnings=() if isinstance(post, gaussian.Posterior) or post.points.complete else (mixed.TOO_MANY,),
        sweep=(half + onto_data, one + onto_data, two + onto_data),
        seconds={"fit": fitted - start, "score": perf_counter() - fitted},
    )


Score = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]


class _Scores(TypedDict):
    elpd_i: FloatArray
    lppd_i: FloatArray
    elpd_sum: float | None
    lppd_sum: float | None


def _gaussian_scores(score: Score, data: BlockData) -> _Scores:
    """Score all rows in one pass, in the precision in which they are kept (:class:`BlockFit`)."""
    many = data.rows > MANY_ROWS
    elpd = np.empty(data.rows, dtype=np.float32 if many else np.float64)
    lppd = np.empty(0 if many else data.rows)
    used = data.used
    sums = [0.0, 0.0]
    for rows, y, x, jacobian in data.chunks():
        left_out, inside = score(y, x)
        left_out += jacobian
        inside += jacobian
        if not used[rows].all():  # a cell that was set by intervention scores nothing
            left_out, inside = np.where(used[rows], left_out, 0.0), np.where(used[rows], inside, 0.0)
        elpd[rows] = left_out
        if many:
            sums[0] += float(left_out.sum())
            sums[1] += float(inside.sum())
        else:
            lppd[rows] = inside
    kept = cast(FloatArray, elpd)
    if many:
        return {"elpd_i": kept, "lppd_i": lppd, "elpd_sum": sums[0], "lppd_sum": sums[1]}
    return {"elpd_i": kept, "lppd_i": lppd, "elpd_sum": None, "lppd_sum": None}


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
    cell_of = np.concatenate([_cells(y, x, k) for _, y, x, _ in data.chunks()] or [np.empty(0, dtype=np.intp)])
    used = data.used
    cells = table.counts(_only(cell_of, used), k, q)
    size = dict(model.priors)["probabilities"]["equivalent_sample_size"]
    posterior = table.Table(cells, size / (q * k))
    draws = table.draw(posterior, block.draws, np.random.default_rng(block_seed(block)))
    log_evidence, sweep = table.evidence(posterior), table.sweep(cells)
    fitted = perf_counter()
    elpd, lppd = (np.where(used, by_cell.ravel()[cell_of], 0.0) for by_cell in table.leave_one_out(posterior))
    return BlockFit(
        key=block.key,
        method="exact",
        draws={"probabilities": draws},
        elpd_i=elpd,
        lppd_i=lppd,
        log_evidence=log_evidence,
        sweep=sweep,
        seconds={"fit": fitted - start, "score": perf_counter() - fitted},
        warnings=table.warnings_about(posterior),
    )


def _cells(y: FloatArray, x: FloatArray, k: int) -> NDArray[np.intp]:
    """Return the cell of each row: the parents' combination counts most, then the level."""
    return x[:, 0].astype(np.intp) * k + y.astype(np.intp)


def _only(values: NDArray[Any], used: NDArray[np.bool_]) -> NDArray[Any]:
    return values if used.all() else values[used]

"""What fitting gives: a :class:`BlockFit` per block, glued into a :class:`Fit` per hypothesis."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.errors import FitError
from core.model.design import BlockData
from core.model.spec import ModelSpec, NodeModel

__all__ = [
    "MANY_ROWS",
    "AnyBlock",
    "AnyData",
    "Block",
    "BlockFit",
    "Diagnostics",
    "Fit",
    "FitCancelledError",
    "JointBlock",
    "JointData",
    "NeedsSamplerError",
]

FloatArray = NDArray[np.float64]

MANY_ROWS = 100_000
"""Over so many rows a block keeps its row-wise scores in single precision, and the sums in double."""


class NeedsSamplerError(FitError):
    """Importance sampling does not do for this block: it needs NUTS, which this worker does not run."""


class FitCancelledError(FitError):
    """Nobody waits for this block any more; the sampler was stopped and nothing was kept."""

    def __init__(self, place: str = "") -> None:
        super().__init__("the fit was cancelled", place=place, hint="Start it again whenever you like.")


@dataclass(frozen=True)
class Block:
    """The smallest part of a specification whose posterior is independent of the rest.

    ``key`` is the content key: a hex digest of what is modelled (family, link, terms
    without names, priors), the fingerprints of the columns and rows, the way to fit and
    its settings, and the versions of what computes it. Names are not in the key, so two
    hypotheses, or two users, that ask the same thing share one fit.
    """

    key: str
    model: NodeModel
    method: str  # "exact", "importance", "nuts", or "auto": importance, and nuts where that does not do
    draws: int
    seed: int

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes of this block (one, until blocks with latents come)."""
        return (self.model.node,)


@dataclass(frozen=True)
class JointBlock:
    """A whole hypothesis as one piece of work: its joint PyMC model, sampled with NUTS.

    Its fit is a :class:`BlockFit` whose draws are called by the node's place in ``spec.nodes`` and the
    parameter, ``"0.sigma"``; it has no scores and no evidence.
    """

    key: str
    spec: ModelSpec
    draws: int
    seed: int
    method: str = "nuts"

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes that are sampled."""
        return tuple(model.node for model in self.spec.nodes)

    @staticmethod
    def of_node(fit: "BlockFit", place: int) -> "BlockFit":
        """Return the part of this block's fit that belongs to the node at a place, as if it had been fitted alone."""
        head = f"{place}."
        own = {name.removeprefix(head): draws for name, draws in fit.draws.items() if name.startswith(head)}
        return replace(fit, draws=own)


@dataclass(frozen=True, eq=False)
class JointData:
    """The rows of a joint model: every column on its own scale, and where it was not set by intervention, (N,) each."""

    raw: Mapping[str, FloatArray]
    used: Mapping[str, NDArray[np.bool_]]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.raw.values())))


AnyBlock = Block | JointBlock
AnyData = BlockData | JointData


@dataclass(frozen=True)
class Diagnostics:
    """Quality of the draws; ``None`` where a figure has no meaning.

    R-hat, effective sizes and divergences are those of NUTS; ``proposal_k`` and
    ``effective_draws`` are the Pareto k of the importance weights and the effective
    number of draws behind them. Exact blocks have none of these.
    """

    rhat_max: float | None = None
    ess_bulk_min: float | None = None
    ess_tail_min: float | None = None
    divergences: int | None = None
    proposal_k: float | None = None
    effective_draws: float | None = None


@dataclass(frozen=True)
class BlockFit:
    """The posterior of one block.

    Parameters
    ----------
    key : str
        The content key of the block.
    method : str
        ``"exact"``, ``"importance"`` or ``"nuts"``.
    draws : mapping of str to array
        Parameter name to draws, shape ``(S, *parameter shape)``, on the family's own
        (standardised) scale. Chains are concatenated in order.
    elpd_i : array, shape (N,)
        Leave-one-out log predictive density of each row, natural logarithm, on the data's
        own scale. Zero where the row does not enter (set by intervention).
    lppd_i : array, shape (N,)
        Log pointwise predictive density of each row (not left out), same scale.
        Over :data:`MANY_ROWS` rows only its sum is kept, and ``elpd_i`` and ``pareto_k`` in
        single precision beside the sum in double: 8 instead of 24 bytes a row and block.
    elpd_mcse : float
        Monte Carlo standard error of ``elpd_i.sum()``; 0 for closed form.
    pareto_k : array, shape (N,), or None
        PSIS shape; ``None`` for closed form. Rows refitted exactly have k = 0.
    log_evidence, log_evidence_se : float
        On the data's own scale.
    sweep : tuple of three float, or None
        Log evidence at half, one and two times the prior scale (1, 5, 10 as equivalent
        sample size for tables).
    """

    key: str
    method: str
    draws: Mapping[str, FloatArray]
    elpd_i: FloatArray
    lppd_i: FloatArray
    log_evidence: float
    log_evidence_se: float = 0.0
    elpd_mcse: float = 0.0
    pareto_k: FloatArray | None = None
    sweep: tuple[float, float, float] | None = None
    diagnostics: Diagnostics = field(default_factory=Diagnostics)
    chains: int = 1
    rows_sampled: int | None = None  # NUTS on a subsample: how many rows it saw; None for all
    rows_scored: int | None = None  # elpd by subsampling: how many rows were left out in truth; None for all
    seconds: Mapping[str, float] = field(default_factory=dict)  # "fit", "score"
    warnings: tuple[str, ...] = ()
    elpd_sum: float | None = None  # where the rows are kept in single precision
    lppd_sum: float | None = None

    def __post_init__(self) -> None:
        if len(self.elpd_i) <= MANY_ROWS or self.elpd_sum is not None:
            return
        changed: dict[str, object] = {"elpd_sum": float(self.elpd_i.sum()), "lppd_sum": float(self.lppd_i.sum())}
        changed |= {"elpd_i": self.elpd_i.astype(np.float32), "lppd_i": np.empty(0)}
        if self.pareto_k is not None:
            changed["pareto_k"] = self.pareto_k.astype(np.float32)
        for name, value in changed.items():
            object.__setattr__(self, name, value)

    @property
    def elpd(self) -> float:
        """Sum of ``elpd_i``."""
        return float(self.elpd_i.sum()) if self.elpd_sum is None else self.elpd_sum

    @property
    def lppd(self) -> float:
        """Sum of ``lppd_i``."""
        return float(self.lppd_i.sum()) if self.lppd_sum is None else self.lppd_sum


@dataclass(frozen=True)
class Fit:
    """The glued blocks of one hypothesis.

    Parameters
    ----------
    spec : ModelSpec
    blocks : mapping of tuple of str to BlockFit
        Each block by its nodes, so that whoever adds up counts each once. The draws of a block of several are called
        by the node's place among them and the parameter: ``"1.sigma"``.
    """

    spec: ModelSpec
    blocks: Mapping[tuple[str, ...], BlockFit]

    @classmethod
    def of(cls, spec: ModelSpec, by_node: Mapping[str, BlockFit]) -> "Fit":
        """Return the fit whose blocks have a node each."""
        return cls(spec, {(node,): fit for node, fit in by_node.items()})

    @cached_property
    def by_node(self) -> Mapping[str, BlockFit]:
        """The block of each node; one of several nodes stands there for each of them."""
        return {node: fit for nodes, fit in self.blocks.items() for node in nodes}

    def draws(self, node: str) -> Mapping[str, FloatArray]:
        """Return the posterior draws of one node's parameters."""
        nodes, fit = next((nodes, fit) for nodes, fit in self.blocks.items() if node in nodes)
        return fit.draws if len(nodes) == 1 else JointBlock.of_node(fit, nodes.index(node)).draws

    @property
    def log_evidence(self) -> float:
        """Sum over blocks."""
        return float(sum(block.log_evidence for block in self.blocks.values()))

    @property
    def elpd(self) -> float:
        """Sum over blocks."""
        return float(sum(block.elpd for block in self.blocks.values()))

    @cached_property
    def elpd_i(self) -> FloatArray:
        """Row-wise elpd, shape (N,): the sum over blocks (independent parameters)."""
        blocks = list(self.blocks.values())
        total = blocks[0].elpd_i.astype(np.float64)
        for block in blocks[1:]:
            total += block.elpd_i
        return total

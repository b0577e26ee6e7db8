"""The first step of a comparison: what was seen, how rows depend on one another, and what draws data sets beside it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.check.dependence import Dependence
from core.check.roles import roles_of
from core.check.tested import Observed, Replicates
from core.fit.result import BlockFit, Fit
from core.memory import Memory
from core.study.depending import dependence_of
from core.study.leaving_groups import grouped_scores
from core.study.planning import Plan
from core.study.replicating import Replicator, observed_of

__all__ = ["Ground", "replicate"]


@dataclass(frozen=True, eq=False)
class Ground:
    """What every hypothesis of a comparison is held against.

    Parameters
    ----------
    observed : Observed
    dependence : Dependence
        Whether rows are exchangeable, and what errors are computed with where they are not.
    fits : tuple of Fit
        Hypothesis by hypothesis, in the plan's order; scores leave whole groups out where rows belong together.
    fitted : tuple of Fit
        The same as they were fitted, each row scored by itself: what pictures show.
    clusters : array of int, shape (N,), or None
        The rows that are left out together.
    left_out : bool
        Whether scores leave groups out, and not single rows with errors of groups.
    replicator : Replicator
    """

    observed: Observed
    dependence: Dependence
    fits: tuple[Fit, ...]
    fitted: tuple[Fit, ...]
    clusters: NDArray[np.intp] | None
    left_out: bool
    replicator: Replicator

    @property
    def together(self) -> NDArray[np.intp] | None:
        """The rows that resemble each other, where errors are computed with that."""
        return self.dependence.clusters if self.dependence.computed else None

    def replicates(self, position: int) -> Replicates:
        """Return data sets from one hypothesis. They are many, so that nobody holds those of all at once."""
        return self.replicator.replicate(self.fits[position])


def replicate(plan: Plan, fits: Mapping[str, BlockFit], memory: Memory) -> Ground:
    """Return what hypotheses are held against, with what each generates."""
    observed = observed_of(plan.complete, plan.nodes, plan.dataset)
    dependence = dependence_of(plan.dataset, roles_of(plan.specs[0]), observed, plan.nodes, plan.rows)
    together = dependence.clusters if dependence.computed else None
    grouped = grouped_scores(plan, fits, together, memory)
    upstream = frozenset(plan.scope.upstream) if plan.scope is not None else frozenset()
    return Ground(
        observed,
        dependence,
        _glued(plan, grouped.fits),
        _glued(plan, fits),
        grouped.clusters,
        grouped.left_out,
        Replicator(observed, plan.seed, len(plan.hypotheses), memory, upstream),
    )


def _glued(plan: Plan, fits: Mapping[str, BlockFit]) -> tuple[Fit, ...]:
    """Return each hypothesis' fit from its blocks."""
    return tuple(
        Fit.of(spec, {node: fits[key] for node, key in plan.keys[hypothesis.name].items()})
        for hypothesis, spec in zip(plan.hypotheses, plan.specs, strict=True)
    )

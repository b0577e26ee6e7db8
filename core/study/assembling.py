"""From finished blocks to the facts of a comparison, in four steps: replicate, check, score, say."""

from collections.abc import Mapping
from dataclasses import replace
from time import perf_counter

import numpy as np

from core.comparison.result import ColumnFacts, Comparison, DataFacts, RowsFacts
from core.comparison.verdict import verdict
from core.fit.result import BlockFit
from core.memory import Memory
from core.study.checking import Checked, check
from core.study.grounding import Ground, replicate
from core.study.planning import Plan
from core.study.scoring import Scored, score
from core.study.warning import all_warnings

__all__ = ["assemble"]


def assemble(
    plan: Plan,
    fits: Mapping[str, BlockFit],
    *,
    fit_seconds: float | None = None,
    begun: float | None = None,
    memory: Memory | None = None,
) -> Comparison:
    """Check, compare and describe fitted hypotheses.

    Parameters
    ----------
    plan : Plan
    fits : mapping of str to BlockFit
        Every content key of the plan.
    fit_seconds : float, optional
        Wall time of the fitting; the blocks' own times added up unless given.
    begun : float, optional
        ``time.perf_counter()`` when the whole began.
    memory : Memory, optional
        Where checks are kept for comparisons to come; for this one alone unless given.
    """
    memory = Memory() if memory is None else memory
    start = perf_counter()
    ground = replicate(plan, fits, memory)
    checked = check(plan, ground, memory)
    scored = score(plan, fits, ground, checked, memory)
    said = say(plan, fits, ground, checked, scored)
    return replace(said, seconds=_seconds(plan, fits, fit_seconds, start, begun))


def say(plan: Plan, fits: Mapping[str, BlockFit], ground: Ground, checked: Checked, scored: Scored) -> Comparison:
    """Put the facts together with what must be said of them: the verdict, and the warnings."""
    data, dependence = _data(plan), ground.dependence
    columns = {column.name: column for column in data.columns}
    grade = "withheld" if dependence else "computed" if dependence.computed else ""
    found = Comparison(
        data=data,
        hypotheses=checked.facts,
        classes=scored.classes,
        differences=scored.differences,
        sentences=verdict(
            checked.facts,
            scored.seen,
            scored.classes,
            scored.differences,
            scored.question,
            dependence,
            columns,
            scored.rests[1],
        ),
        warnings=(),
        seconds={},
        rules=plan.rules,
        pictures=checked.pictures,
        drawn=plan.hypotheses,
        question=scored.question,
        rows=RowsFacts(str(plan.rows), grade, dependence.offers, dependence.withheld or dependence.said),
        specs=plan.specs,
    )
    used = [fits[key] for key in plan.blocks]
    warnings = all_warnings(plan, found, used, dependence, ground.replicator.rows, scored.rests, ground.left_out)
    return replace(found, warnings=warnings)


def _data(plan: Plan) -> DataFacts:
    columns = []
    for name in plan.nodes:
        column = plan.dataset.column(name)
        missing = int(np.isnan(plan.dataset.values(name)).sum())
        columns.append(ColumnFacts(name, column.kind, missing, column.title, column.unit, column.levels))
    return DataFacts(plan.complete.rows, tuple(columns), plan.dataset.fingerprint, plan.dataset.rows)


def _seconds(
    plan: Plan, fits: Mapping[str, BlockFit], fit_seconds: float | None, start: float, begun: float | None
) -> dict[str, float]:
    score = sum(fits[key].seconds.get("score", 0.0) for key in plan.blocks)
    own = sum(sum(fits[key].seconds.values()) for key in plan.blocks)
    fitting = own if fit_seconds is None else fit_seconds
    # Blocks side by side, or cached ones with the time that they once took, add up to more than what
    # passed now: that is shared out as theirs was.
    score = fitting * score / own if own > 0 else 0.0
    found = {**plan.seconds, "fit": fitting - score, "score": score, "check": perf_counter() - start}
    total = sum(found.values()) if begun is None else perf_counter() - begun
    return {**found, "total": total}

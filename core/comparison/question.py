"""Scores in the question's scope, from the blocks that all columns were scored with."""

from collections.abc import Callable, Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from core.comparison.classes import FloatArray, class_facts
from core.comparison.differences import all_differences
from core.comparison.result import Evidence, Question, Standing
from core.comparison.rival import Rival
from core.comparison.scope import LEAVE_ONE_OUT, Scope, scoped
from core.comparison.scores import elpd_of, evidence_of
from core.fit.gates import gates
from core.graph.equivalence import equivalence_classes

__all__ = ["in_scope", "question_of"]


def in_scope(rivals: Sequence[Rival], scope: Scope, targets: Collection[frozenset[str]]) -> tuple[Rival, ...]:
    """Return fitted hypotheses as the question sees them, with their classes there.

    Parameters
    ----------
    rivals : sequence of Rival
    scope : Scope
    targets : collection of frozenset of str
        The sets of nodes that rows were set in (:func:`core.graph.equivalence.equivalence_classes`).
    """
    groups = equivalence_classes([scope.graph(rival.graph) for rival in rivals], targets)
    group_of = {position: number for number, group in enumerate(groups) for position in group}
    return tuple(scoped(rival, scope, group_of[position]) for position, rival in enumerate(rivals))


def question_of(
    rivals: Sequence[Rival],
    scope: Scope,
    dependent: bool = False,
    title: Callable[[str], str] = str,
    resampled: Sequence[FloatArray] | None = None,
    clusters: NDArray[np.intp] | None = None,
) -> Question:
    """Return classes, differences and standings in the question's scope.

    Parameters
    ----------
    rivals : sequence of Rival
        As :func:`in_scope` gives them.
    scope : Scope
    dependent : bool
        Rows are not exchangeable: numbers are given, verdicts are not.
    title : callable
        From a node's name to the user's words for it.
    resampled : sequence of array, shape (B,), optional
        See :func:`core.comparison.classes.class_facts`; over the families of the scope's columns.
    clusters : array of int, shape (N,), optional
        Rows that belong together.
    """
    groups: dict[int, list[int]] = {}
    for position, rival in enumerate(rivals):
        groups.setdefault(rival.group, []).append(position)
    classes = class_facts(
        [rival.name for rival in rivals],
        list(groups.values()),
        [rival.fit.log_evidence for rival in rivals],
        [rival.fit.elpd_i for rival in rivals],
        ranked=all(rival.sampled_well for rival in rivals) and not dependent,
        predictive=all(rival.scored_well for rival in rivals),
        resampled=resampled,
    )
    standings = tuple(_standing(rival, clusters) for rival in rivals)
    return Question(
        scope.exposure,
        scope.outcome,
        scope.columns,
        scope.upstream,
        standings,
        classes,
        all_differences(rivals, dependent, title, clusters),
    )


def _standing(rival: Rival, clusters: NDArray[np.intp] | None) -> Standing:
    report = gates(rival.fit)
    sampled = not {failure.gate for failure in report.failed} - LEAVE_ONE_OUT
    return Standing(
        rival.name,
        elpd_of(rival.fit, report.pareto_k_max, report.passed, clusters),
        evidence_of(rival.fit) if sampled else Evidence(None, None),
        rival.group,
        report,
    )

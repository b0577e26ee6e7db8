"""From finished blocks to the facts of a comparison."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from core.check.claims import claim_tests
from core.check.dependence import Dependence
from core.check.predictive import Check, check_node
from core.check.roles import roles_of
from core.check.shape import LEVEL, Shape
from core.check.shapes import shapes_of
from core.check.tested import IndependenceTest, Observed, Replicates
from core.comparison.classes import class_facts
from core.comparison.differences import Rival, all_differences
from core.comparison.question import in_scope, question_of
from core.comparison.resting import resting, without_probability
from core.comparison.result import (
    BlockFacts,
    ColumnFacts,
    Comparison,
    DataFacts,
    Evidence,
    HypothesisFacts,
    NodeFacts,
    Pictures,
    RowsFacts,
)
from core.comparison.scope import LEAVE_ONE_OUT
from core.comparison.scores import elpd_of, evidence_of, finite
from core.comparison.verdict import verdict
from core.fit.gates import gates
from core.fit.memory import Memory
from core.fit.result import BlockFit, Fit
from core.graph.equivalence import equivalence_classes
from core.graph.implications import implications, untestable_reason
from core.model.spec import NodeModel
from core.study.answering import arrows_of, effect_of
from core.study.bagging import bag
from core.study.depending import dependence_of, without_replicates
from core.study.leaving_groups import grouped_scores
from core.study.planning import Plan
from core.study.replicating import Replicator, observed_of
from core.study.warning import all_warnings

__all__ = ["assemble"]

FloatArray = NDArray[np.float64]

_PICTURE_ROWS = 1_000
_PICTURE_REPLICATES = 50
_SCORED_ROWS = 20_000


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
    observed = observed_of(plan.complete, plan.nodes, plan.dataset)
    groups = equivalence_classes(plan.graphs, plan.targets)
    group_of = {position: number for number, group in enumerate(groups) for position in group}
    dependence = dependence_of(plan.dataset, roles_of(plan.specs[0]), observed, plan.nodes, plan.rows)
    together = dependence.clusters if dependence.computed else None
    grouped = grouped_scores(plan, fits, together, memory)
    clusters = grouped.clusters
    scope = plan.scope
    upstream = frozenset(scope.upstream) if scope is not None else frozenset()
    replicator = Replicator(observed, plan.seed, len(plan.hypotheses), memory, upstream)
    kept = _Kept(observed, plan.nodes, memory)
    facts, rivals = [], []
    for position, hypothesis in enumerate(plan.hypotheses):
        own = plan.keys[hypothesis.name]
        kept_fit = Fit(plan.specs[position], {node: fits[key] for node, key in own.items()})
        fit = replace(kept_fit, blocks={node: grouped.fits[key] for node, key in own.items()})
        replicates = replicator.replicate(fit)
        tests = _tested(plan, position, observed, replicates, replicator, dependence, memory)
        found = _facts(plan, position, fit, observed, replicates, group_of[position], tests, dependence, memory)
        kept.keep(hypothesis.name, kept_fit, replicates)
        facts.append(found)
        failed = {failure.gate for failure in found.gates.failed}
        rivals.append(
            Rival(
                hypothesis.name,
                plan.graphs[position],
                fit,
                group_of[position],
                found.edges,
                not failed - LEAVE_ONE_OUT,
                not failed & LEAVE_ONE_OUT,
            )
        )
    titles = {column.name: column.title for column in plan.complete.columns}

    def title(name: str) -> str:
        return titles.get(name, name)

    differences = all_differences(rivals, bool(dependence), title, clusters)
    names = [rival.name for rival in rivals]
    seen = tuple(rivals) if scope is None else in_scope(rivals, scope, plan.targets)
    several = len(groups) > 1 or len({rival.group for rival in seen}) > 1
    # One class has probability 1 on whatever rows; dependent rows have none.
    resampled = bag(plan, fits, memory, clusters=together) if several and not dependence else None
    classes = class_facts(
        names,
        groups,
        [rival.fit.log_evidence for rival in rivals],
        [rival.fit.elpd_i for rival in rivals],
        ranked=all(rival.sampled_well for rival in rivals) and not dependence,
        predictive=all(rival.scored_well for rival in rivals),
        resampled=resampled.of(names) if resampled is not None else None,
    )
    question = None
    if scope is not None:
        inside = resampled.of(names, scope.columns) if resampled is not None else None
        question = question_of(seen, scope, bool(dependence), title, inside, clusters)
    # A probability that rests on what does not hold is withheld, in each scope by itself.
    everywhere = resting(facts, rivals, classes)
    rest = everywhere if question is None else resting(facts, seen, question.classes)
    if everywhere:
        classes = without_probability(classes)
    if rest and question is not None:
        question = replace(question, classes=without_probability(question.classes))
    data = _data(plan)
    columns = {column.name: column for column in data.columns}
    sentences = verdict(facts, seen, classes, differences, question, dependence, columns, rest)
    grade = "withheld" if dependence else "computed" if dependence.computed else ""
    comparison = Comparison(
        data,
        tuple(facts),
        classes,
        differences,
        sentences,
        (),
        {},
        plan.rules,
        kept.pictures(),
        drawn=plan.hypotheses,
        question=question,
        rows=RowsFacts(str(plan.rows), grade, dependence.offers, dependence.withheld or dependence.said),
    )
    used = [fits[key] for key in plan.blocks]
    rests = everywhere, rest
    warnings = all_warnings(plan, comparison, used, dependence, replicator.rows, rests, grouped.left_out)
    return replace(comparison, warnings=warnings, seconds=_seconds(plan, fits, fit_seconds, start, begun))


def _facts(
    plan: Plan,
    position: int,
    fit: Fit,
    observed: Observed,
    replicates: Replicates,
    group: int,
    tests: tuple[IndependenceTest, ...],
    dependence: Dependence,
    memory: Memory,
) -> HypothesisFacts:
    hypothesis, spec = plan.hypotheses[position], plan.specs[position]
    report = gates(fit)
    clusters = dependence.clusters if dependence.computed else None
    failed = {failure.node for failure in report.failed if failure.gate not in LEAVE_ONE_OUT}
    edges = arrows_of(fit, observed, dependence, memory)
    return HypothesisFacts(
        name=hypothesis.name,
        nodes=tuple(map(_node, spec.nodes)),
        blocks=tuple(_block(node, block) for node, block in fit.blocks.items()),
        # Rule 3: nothing is ranked or reported as an effect while a gate has failed.
        edges=tuple(edge.held_back() if edge.target in failed else edge for edge in edges),
        elpd=elpd_of(fit, report.pareto_k_max, report.passed, clusters),
        log_evidence=Evidence(None, None) if failed else evidence_of(fit),
        equivalence_class=group,
        gates=report,
        implications=tests,
        checks=_checks(plan, fit, observed, replicates, memory),
        effects=tuple(
            effect_of(hypothesis, fit, observed, pair, plan.seed, failed, dependence, memory) for pair in plan.effects
        ),
        untestable=untestable_reason(hypothesis.graph, background=frozenset(hypothesis.background)),
        given=tuple(map(_node, spec.given)),
        background=hypothesis.background,
        shapes=_shapes(plan, fit, observed, failed, dependence, memory),
    )


def _node(model: NodeModel) -> NodeFacts:
    return NodeFacts(model.node, model.family, model.link, model.parents, model.kind, model.reason)


def _block(node: str, block: BlockFit) -> BlockFacts:
    quality = block.diagnostics
    sizes = [size for size in (quality.ess_bulk_min, quality.ess_tail_min) if size is not None]
    leave_one_out = block.pareto_k if block.pareto_k is not None and block.pareto_k.size else None
    return BlockFacts(
        (node,),
        block.method,
        finite(block.elpd),
        finite(block.log_evidence),
        float(sum(block.seconds.values())),
        block.key,
        log_evidence_se=finite(block.log_evidence_se),
        log_evidence_sweep=block.sweep,
        elpd_mcse=finite(block.elpd_mcse),
        pareto_k=None if leave_one_out is None else float(np.max(leave_one_out)),
        proposal_k=quality.proposal_k,
        effective_draws=quality.effective_draws,
        rhat=quality.rhat_max,
        ess=min(sizes) if sizes else None,
        divergences=quality.divergences,
        draws=len(next(iter(block.draws.values()))),
        rows_sampled=block.rows_sampled,
        rows_scored=block.rows_scored,
    )


def _tested(
    plan: Plan,
    position: int,
    observed: Observed,
    replicates: Replicates,
    replicator: Replicator,
    dependence: Dependence,
    memory: Memory,
) -> tuple[IndependenceTest, ...]:
    hypothesis, scope = plan.hypotheses[position], plan.scope
    upstream = None if scope is None else frozenset(scope.upstream)
    tests = claim_tests(
        hypothesis.graph,
        implications(hypothesis.graph, frozenset(hypothesis.background), upstream or frozenset()),
        upstream,
        roles_of(plan.specs[position]),
        observed,
        (replicates, replicator.downstream(replicates)),
        plan.rules,
        bool(dependence),
        memory,
        dependence.inflation if dependence.computed else None,
    )
    return tuple(without_replicates(test, dependence) for test in tests)


def _checks(plan: Plan, fit: Fit, observed: Observed, replicates: Replicates, memory: Memory) -> tuple[Check, ...]:
    found: list[Check] = []
    for model in fit.spec.nodes:
        was_set = observed.was_set.get(model.node)
        enters = None if was_set is None else ~was_set
        limit = plan.rules.predictive_p
        values = observed.raw[model.node]
        key = ("checks", replicates.digests[model.node], model.kind, model.response, limit)
        found += memory.recall(key, partial(check_node, model, values, replicates, limit, enters))
    return tuple(found)


def _shapes(
    plan: Plan, fit: Fit, observed: Observed, failed: set[str], dependence: Dependence, memory: Memory
) -> tuple[Shape, ...]:
    """Look at the families' shapes; not of nodes whose sampling failed, without flags where the verdict is withheld.

    What rows have in common within groups looks like a shape: where it is computed with, it weakens the looks.
    """
    found: list[Shape] = []
    for model in fit.spec.nodes:
        if model.node in failed:
            continue
        block, was_set = fit.blocks[model.node], observed.was_set.get(model.node)
        raw = {name: observed.raw[name] for name in (model.node, *model.parents)}
        digests = tuple(observed.digests.get(name, "") for name in raw)
        key = ("shapes", block.key, digests, model.node, model.kind, model.response, model.terms)
        enters = None if was_set is None else ~was_set
        found += memory.recall(key, partial(shapes_of, model, block.draws, raw, enters))
    taken = frozenset(plan.rules.overruled)
    if dependence.computed:
        found = [shape.weakened(dependence.worst(shape.node), LEVEL) for shape in found]
    if dependence:
        found = [replace(shape, flagged=False) for shape in found]
    return tuple(replace(shape, overruled=True) if shape.node in taken else shape for shape in found)


def _data(plan: Plan) -> DataFacts:
    columns = []
    for name in plan.nodes:
        column = plan.dataset.column(name)
        missing = int(np.isnan(plan.dataset.values(name)).sum())
        columns.append(ColumnFacts(name, column.kind, missing, column.title, column.unit, column.levels))
    return DataFacts(plan.complete.rows, tuple(columns), plan.dataset.fingerprint, plan.dataset.rows)


class _Kept:
    """Gathers what pictures need, hypothesis by hypothesis, so that the replicates can go."""

    def __init__(self, observed: Observed, nodes: tuple[str, ...], memory: Memory) -> None:
        self._observed, self._nodes, self._memory = observed, nodes, memory
        self._places: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self._rows: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self._replicated: dict[str, dict[str, NDArray[np.float32]]] = {}
        self._scores: dict[str, NDArray[np.float32]] = {}

    def keep(self, name: str, fit: Fit, replicates: Replicates) -> None:
        """Take a part of one hypothesis's replicates, and its row-wise scores."""
        rows = np.arange(self._observed.rows) if replicates.rows is None else replicates.rows
        self._places = _spread(len(rows), _PICTURE_ROWS)
        self._rows = rows[self._places]
        few = _spread(replicates.count, _PICTURE_REPLICATES)
        drawn = [model.node for model in fit.spec.nodes]  # what is conditioned on is no draw
        self._replicated[name] = {node: self._few_of(replicates, node, few) for node in drawn}
        for block in fit.blocks.values():
            if block.key not in self._scores and len(block.elpd_i) <= _SCORED_ROWS:
                self._scores[block.key] = block.elpd_i.astype(np.float32)

    def _few_of(self, replicates: Replicates, node: str, few: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return a part of one node's replicates, taken once for all hypotheses that draw it alike."""

        def take() -> NDArray[np.float32]:
            return replicates.raw[node][few][:, self._places].astype(np.float32)

        return self._memory.recall(("pictured", replicates.digests[node]), take)

    def pictures(self) -> Pictures:
        """Return what was gathered."""
        observed = {node: self._observed.raw[node][self._rows] for node in self._nodes}
        return Pictures(observed, self._replicated, self._scores)


def _spread(size: int, most: int) -> NDArray[np.intp]:
    return np.linspace(0, size - 1, min(size, most)).round().astype(np.intp)


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

"""From finished blocks to the facts of a comparison."""

from collections.abc import Mapping
from dataclasses import replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from core.check.independence import IndependenceTest, Observed, Replicates, run_tests
from core.check.predictive import Check, check_node
from core.check.roles import roles_of
from core.check.rows import find_dependence
from core.comparison.classes import class_facts
from core.comparison.differences import Rival, all_differences
from core.comparison.result import (
    BlockFacts,
    ColumnFacts,
    Comparison,
    DataFacts,
    Elpd,
    Evidence,
    HypothesisFacts,
    NodeFacts,
    Pictures,
)
from core.comparison.verdict import verdict
from core.effects.edges import edge_summaries
from core.effects.total import Effect, total_effect
from core.fit.gates import gates
from core.fit.result import BlockFit, Fit
from core.graph.causal_graph import CausalGraph
from core.graph.equivalence import equivalence_classes
from core.graph.implications import implications, untestable_reason
from core.graph.paths import nodes_on_directed_paths
from core.study.planning import Plan
from core.study.replicating import checked_rows, observed_of, replicate
from core.study.warning import all_warnings

__all__ = ["assemble"]

FloatArray = NDArray[np.float64]

_PICTURE_ROWS = 1_000
_PICTURE_REPLICATES = 50
_SCORED_ROWS = 20_000
_LEAVE_ONE_OUT = {"pareto_k"}


def assemble(
    plan: Plan, fits: Mapping[str, BlockFit], *, fit_seconds: float | None = None, begun: float | None = None
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
    """
    start = perf_counter()
    observed = observed_of(plan.complete, plan.nodes)
    groups = equivalence_classes([hypothesis.graph for hypothesis in plan.hypotheses])
    group_of = {position: number for number, group in enumerate(groups) for position in group}
    dependence = find_dependence(plan.dataset, roles_of(plan.specs[0]), observed.raw, plan.dataset.complete(plan.nodes))
    rows = checked_rows(plan.complete.rows, plan.seed)
    facts, rivals, drawn = [], [], {}
    for position, hypothesis in enumerate(plan.hypotheses):
        fit = Fit(plan.specs[position], {node: fits[key] for node, key in plan.keys[hypothesis.name].items()})
        replicates = replicate(fit, observed, rows, plan.seed)
        found = _facts(plan, position, fit, observed, replicates, bool(dependence), group_of[position])
        facts.append(found)
        failed = {failure.gate for failure in found.gates.failed}
        rivals.append(
            Rival(
                hypothesis.name,
                hypothesis.graph,
                fit,
                group_of[position],
                found.edges,
                not failed - _LEAVE_ONE_OUT,
                not failed & _LEAVE_ONE_OUT,
            )
        )
        drawn[hypothesis.name] = replicates
    differences = all_differences(rivals, bool(dependence))
    sound = all(rival.sampled_well for rival in rivals)
    classes = class_facts(
        [rival.name for rival in rivals],
        groups,
        [rival.fit.log_evidence for rival in rivals],
        [rival.fit.elpd_i for rival in rivals],
        ranked=sound and not dependence,
        predictive=all(rival.scored_well for rival in rivals),
    )
    title = {column.name: column.title for column in plan.complete.columns}
    sentences = verdict(facts, rivals, classes, differences, dependence, lambda name: title.get(name, name))
    comparison = Comparison(
        _data(plan),
        tuple(facts),
        classes,
        differences,
        sentences,
        (),
        {},
        plan.rules,
        _pictures(plan, rivals, observed, drawn),
    )
    warnings = all_warnings(plan, comparison, [fits[key] for key in plan.blocks], dependence, rows)
    return replace(comparison, warnings=warnings, seconds=_seconds(plan, fits, fit_seconds, start, begun))


def _facts(
    plan: Plan, position: int, fit: Fit, observed: Observed, replicates: Replicates, dependent: bool, group: int
) -> HypothesisFacts:
    hypothesis, spec = plan.hypotheses[position], plan.specs[position]
    parameters = {node: block.draws for node, block in fit.blocks.items()}
    report = gates(fit)
    failed = {failure.node for failure in report.failed if failure.gate not in _LEAVE_ONE_OUT}
    scored = not any(failure.gate in _LEAVE_ONE_OUT for failure in report.failed)
    return HypothesisFacts(
        name=hypothesis.name,
        nodes=tuple(NodeFacts(m.node, m.family, m.link, m.parents, m.kind, m.reason) for m in spec.nodes),
        blocks=tuple(_block(node, block) for node, block in fit.blocks.items()),
        edges=edge_summaries(spec, parameters, observed.raw),
        elpd=_elpd(fit, report.pareto_k_max, scored),
        log_evidence=_evidence(fit),
        equivalence_class=group,
        gates=report,
        implications=_implications(plan, position, observed, replicates, dependent),
        checks=_checks(plan, fit, observed, replicates),
        effects=tuple(_effect(hypothesis.graph, fit, observed, pair, plan.seed, failed) for pair in plan.effects),
        untestable=untestable_reason(hypothesis.graph),
    )


def _block(node: str, block: BlockFit) -> BlockFacts:
    return BlockFacts(
        (node,),
        block.method,
        _finite(block.elpd),
        _finite(block.log_evidence),
        float(sum(block.seconds.values())),
        block.key,
    )


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _elpd(fit: Fit, pareto_k_max: float | None, scored: bool) -> Elpd:
    rows = fit.elpd_i
    estimate = _finite(float(rows.sum())) if scored else None
    if estimate is None:
        return Elpd(None, None, None, pareto_k_max)
    sampling = len(rows) * float(np.var(rows, ddof=1)) if len(rows) > 1 else 0.0
    monte_carlo = sum(block.elpd_mcse**2 for block in fit.blocks.values())
    p = float(sum(float((block.lppd_i - block.elpd_i).sum()) for block in fit.blocks.values()))
    return Elpd(estimate, float(np.sqrt(sampling + monte_carlo)), p, pareto_k_max)


def _evidence(fit: Fit) -> Evidence:
    estimate = _finite(fit.log_evidence)
    if estimate is None:
        return Evidence(None, None)
    return Evidence(estimate, float(np.sqrt(sum(block.log_evidence_se**2 for block in fit.blocks.values()))))


def _implications(
    plan: Plan, position: int, observed: Observed, replicates: Replicates, dependent: bool
) -> tuple[IndependenceTest, ...]:
    graph = plan.hypotheses[position].graph
    statements = implications(graph)
    return run_tests(graph, statements, roles_of(plan.specs[position]), observed, replicates, plan.rules, dependent)


def _checks(plan: Plan, fit: Fit, observed: Observed, replicates: Replicates) -> tuple[Check, ...]:
    found: list[Check] = []
    for model in fit.spec.nodes:
        was_set = observed.was_set.get(model.node)
        enters = None if was_set is None else ~was_set
        found += check_node(model, observed.raw[model.node], replicates, plan.rules.predictive_p, enters)
    return tuple(found)


def _effect(
    graph: CausalGraph, fit: Fit, observed: Observed, pair: tuple[str, str], seed: int, failed: set[str]
) -> Effect:
    treatment, outcome = pair
    parameters = {node: block.draws for node, block in fit.blocks.items()}
    found = total_effect(graph, fit.spec, parameters, observed.raw, treatment, outcome, seed)
    # Rule 3: no effect of a sampled block that failed its gates.
    if failed & (nodes_on_directed_paths(graph, treatment, outcome) - {treatment}):
        return Effect(treatment, outcome, True, found.scale, None, None, None, None)
    return found


def _data(plan: Plan) -> DataFacts:
    columns = []
    for name in plan.nodes:
        column = plan.dataset.column(name)
        missing = int(np.isnan(plan.dataset.values(name)).sum())
        columns.append(ColumnFacts(name, column.kind, missing, column.title, column.unit, column.levels))
    return DataFacts(plan.complete.rows, tuple(columns), plan.dataset.fingerprint, plan.dataset.rows)


def _pictures(plan: Plan, rivals: list[Rival], observed: Observed, drawn: Mapping[str, Replicates]) -> Pictures:
    replicates = next(iter(drawn.values()))
    rows = np.arange(observed.rows) if replicates.rows is None else replicates.rows
    kept = np.linspace(0, len(rows) - 1, min(len(rows), _PICTURE_ROWS)).round().astype(np.intp)
    few = np.linspace(0, replicates.count - 1, min(replicates.count, _PICTURE_REPLICATES)).round().astype(np.intp)
    return Pictures(
        {node: observed.raw[node][rows[kept]] for node in plan.nodes},
        {
            name: {node: found.raw[node][np.ix_(few, kept)].astype(np.float32) for node in plan.nodes}
            for name, found in drawn.items()
        },
        {
            block.key: block.elpd_i.astype(np.float32)
            for rival in rivals
            for block in rival.fit.blocks.values()
            if len(block.elpd_i) <= _SCORED_ROWS
        },
    )


def _seconds(
    plan: Plan, fits: Mapping[str, BlockFit], fit_seconds: float | None, start: float, begun: float | None
) -> dict[str, float]:
    score = sum(fits[key].seconds.get("score", 0.0) for key in plan.blocks)
    own = sum(sum(fits[key].seconds.values()) for key in plan.blocks)
    fitting = own if fit_seconds is None else fit_seconds
    # A cached block reports the time that it once took: never more than what passed now.
    score = min(score, fitting)
    found = {**plan.seconds, "fit": fitting - score, "score": score, "check": perf_counter() - start}
    total = sum(found.values()) if begun is None else perf_counter() - begun
    return {**found, "total": total}

"""The second step of a comparison: each hypothesis held against the data, claim by claim and node by node."""

from dataclasses import dataclass, replace
from functools import partial

from core.check.claims import claim_tests
from core.check.predictive import Check, check_node
from core.check.roles import roles_of
from core.check.shape import LEVEL, Shape
from core.check.shapes import shapes_of
from core.check.tested import IndependenceTest, Replicates
from core.comparison.result import BlockFacts, Evidence, HypothesisFacts, NodeFacts, Pictures
from core.comparison.rival import Rival
from core.comparison.scope import LEAVE_ONE_OUT
from core.comparison.scores import elpd_of, evidence_of, finite
from core.fit.gates import gates, worst_k
from core.fit.result import BlockFit
from core.graph.implications import implications, untestable_reason
from core.memory import Memory
from core.model.spec import NodeModel
from core.study.answering import arrows_of, effect_of
from core.study.depending import without_replicates
from core.study.grounding import Ground
from core.study.picturing import Gallery
from core.study.planning import Plan

__all__ = ["Checked", "check"]


@dataclass(frozen=True, eq=False)
class Checked:
    """What the data say about each hypothesis by itself, in the plan's order.

    Parameters
    ----------
    facts : tuple of HypothesisFacts
    rivals : tuple of Rival
        The same as scores see them.
    pictures : Pictures
    """

    facts: tuple[HypothesisFacts, ...]
    rivals: tuple[Rival, ...]
    pictures: Pictures


def check(plan: Plan, ground: Ground, memory: Memory) -> Checked:
    """Hold every hypothesis against the data."""
    gallery = Gallery(ground.observed, memory)
    group_of = {position: number for number, group in enumerate(plan.classes) for position in group}
    facts, rivals = [], []
    for position, hypothesis in enumerate(plan.hypotheses):
        replicates = ground.replicates(position)
        found = _facts(plan, ground, position, replicates, group_of[position], memory)
        gallery.keep(hypothesis.name, ground.fitted[position], replicates)
        facts.append(found)
        rivals.append(_rival(plan, ground, position, found))
    return Checked(tuple(facts), tuple(rivals), gallery.pictures())


def _rival(plan: Plan, ground: Ground, position: int, found: HypothesisFacts) -> Rival:
    failed = {failure.gate for failure in found.gates.failed}
    return Rival(
        found.name,
        plan.graphs[position],
        ground.fits[position],
        found.equivalence_class,
        found.edges,
        not failed - LEAVE_ONE_OUT,
        not failed & LEAVE_ONE_OUT,
    )


def _facts(
    plan: Plan, ground: Ground, position: int, replicates: Replicates, group: int, memory: Memory
) -> HypothesisFacts:
    hypothesis, spec, fit = plan.hypotheses[position], plan.specs[position], ground.fits[position]
    observed, dependence = ground.observed, ground.dependence
    report = gates(fit)
    failed = {failure.node for failure in report.failed if failure.gate not in LEAVE_ONE_OUT}
    edges = arrows_of(fit, observed, dependence, memory)
    return HypothesisFacts(
        name=hypothesis.name,
        nodes=tuple(map(_node, spec.nodes)),
        blocks=tuple(_block(nodes, block) for nodes, block in fit.blocks.items()),
        # Rule 3: nothing is ranked or reported as an effect while a gate has failed.
        edges=tuple(edge.held_back() if edge.target in failed else edge for edge in edges),
        elpd=elpd_of(fit, report.pareto_k_max, report.passed, ground.together),
        log_evidence=Evidence(None, None) if failed else evidence_of(fit),
        equivalence_class=group,
        gates=report,
        implications=_tested(plan, ground, position, replicates, memory),
        checks=_checks(plan, ground, position, replicates, memory),
        effects=tuple(
            effect_of(hypothesis, fit, observed, pair, plan.seed, failed, dependence, memory) for pair in plan.effects
        ),
        untestable=untestable_reason(hypothesis.graph, background=frozenset(hypothesis.background)),
        given=tuple(map(_node, spec.given)),
        background=hypothesis.background,
        shapes=_shapes(plan, ground, position, failed, memory),
    )


def _node(model: NodeModel) -> NodeFacts:
    return NodeFacts(model.node, model.family, model.link, model.parents, model.kind, model.reason)


def _block(nodes: tuple[str, ...], block: BlockFit) -> BlockFacts:
    quality = block.diagnostics
    sizes = [size for size in (quality.ess_bulk_min, quality.ess_tail_min) if size is not None]
    return BlockFacts(
        nodes,
        block.method,
        finite(block.elpd),
        finite(block.log_evidence),
        float(sum(block.seconds.values())),
        block.key,
        log_evidence_se=finite(block.log_evidence_se),
        log_evidence_sweep=block.sweep,
        elpd_mcse=finite(block.elpd_mcse),
        pareto_k=worst_k(block),
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
    plan: Plan, ground: Ground, position: int, replicates: Replicates, memory: Memory
) -> tuple[IndependenceTest, ...]:
    hypothesis, scope, dependence = plan.hypotheses[position], plan.scope, ground.dependence
    upstream = None if scope is None else frozenset(scope.upstream)
    tests = claim_tests(
        hypothesis.graph,
        implications(hypothesis.graph, frozenset(hypothesis.background), upstream or frozenset()),
        upstream,
        roles_of(plan.specs[position]),
        ground.observed,
        (replicates, ground.replicator.downstream(replicates)),
        plan.rules,
        bool(dependence),
        memory,
        dependence.inflation if dependence.computed else None,
        hypothesis.crossed,
    )
    return tuple(without_replicates(test, dependence) for test in tests)


def _checks(plan: Plan, ground: Ground, position: int, replicates: Replicates, memory: Memory) -> tuple[Check, ...]:
    found: list[Check] = []
    limit = plan.rules.predictive_p
    for model in ground.fits[position].spec.nodes:
        was_set = ground.observed.was_set.get(model.node)
        enters = None if was_set is None else ~was_set
        values = ground.observed.raw[model.node]
        key = ("checks", replicates.digests[model.node], model.kind, model.response, limit)
        found += memory.recall(key, partial(check_node, model, values, replicates, limit, enters))
    return tuple(found)


def _shapes(plan: Plan, ground: Ground, position: int, failed: set[str], memory: Memory) -> tuple[Shape, ...]:
    """Look at the families' shapes; not of nodes whose sampling failed, without flags where the verdict is withheld.

    What rows have in common within groups looks like a shape: where it is computed with, it weakens the looks.
    """
    found: list[Shape] = []
    observed, dependence, fit = ground.observed, ground.dependence, ground.fits[position]
    for model in fit.spec.nodes:
        if model.node in failed:
            continue
        was_set = observed.was_set.get(model.node)
        raw = {name: observed.inputs[name] for name in (model.node, *model.inputs)}
        digests = tuple(observed.digests.get(name, "") for name in raw)
        key = ("shapes", fit.by_node[model.node].key, digests, model.node, model.kind, model.response, model.terms)
        enters = None if was_set is None else ~was_set
        found += memory.recall(key, partial(shapes_of, model, fit.draws(model.node), raw, enters))
    taken = frozenset(plan.rules.overruled)
    if dependence.computed:
        found = [shape.weakened(dependence.worst(shape.node), LEVEL) for shape in found]
    if dependence:
        found = [replace(shape, flagged=False) for shape in found]
    return tuple(replace(shape, overruled=True) if shape.node in taken else shape for shape in found)

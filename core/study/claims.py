"""The claims of one graph, tested on data without comparing anything.

Graphs with unmeasured causes cannot be fitted yet, but their claims can be tested: a test
needs the columns' forms, not a posterior. Where all families have a closed form the
hypothesis is fitted as well, for the predictive p-values.
"""

from dataclasses import dataclass, replace

from core.check.claims import claim_tests
from core.check.one_each import left_out_words, one_of_each
from core.check.roles import roles_of
from core.check.rows_as import RowsAs, rows_as
from core.check.tested import IndependenceTest, Rules
from core.data.dataset import Dataset
from core.errors import NotYetError
from core.fit.engine import fit_blocks
from core.fit.result import Fit
from core.graph.background import upstream_of
from core.graph.implications import implications, untestable_reason
from core.hypothesis import Hypothesis
from core.model.resolve import complete_rows, resolve
from core.study.depending import dependence_of, without_replicates
from core.study.planning import plan
from core.study.replicating import Replicator, observed_of

__all__ = ["Claims", "check_claims"]


@dataclass(frozen=True, eq=False)
class Claims:
    """What a graph implies, tested; ``untestable`` says why nothing can be, if so."""

    tests: tuple[IndependenceTest, ...]
    untestable: str | None
    warnings: tuple[str, ...]
    rows: int


def check_claims(
    hypothesis: Hypothesis,
    dataset: Dataset,
    *,
    rules: Rules | None = None,
    seed: int = 0,
    rows: str | RowsAs | None = None,
) -> Claims:
    """Test every independence that a graph implies among its observed nodes.

    Parameters
    ----------
    hypothesis : Hypothesis
        Latent nodes and arcs are allowed.
    dataset : Dataset
        Must hold every node that is not latent.
    rules : Rules, optional
    seed : int
        For the predictive p-values.
    rows : str, optional
        How rows are to be taken (:func:`core.check.rows_as.rows_as`).

    Raises
    ------
    WhyboardError
        If a node is not a column, or a column cannot be modelled.
    """
    taken = rows_as(rows, dataset)
    dataset = one_of_each(dataset, taken)
    graph = hypothesis.graph
    observed_nodes = tuple(graph.observed)
    # Forms of the columns: those of the same nodes without any arrow.
    bare = replace(
        hypothesis,
        nodes=tuple(replace(node, group=None) for node in hypothesis.nodes if not node.latent),
        edges=(),
        bidirected=(),
        exposure=None,
        outcome=None,
        background=(),
    )
    warnings: list[str] = []
    background = frozenset(hypothesis.background)
    reason = untestable_reason(graph, background=background)
    claims = implications(graph, background)
    if not bare.nodes:
        return Claims((), reason, (), 0)
    spec = resolve(bare, dataset, given=background if len(background) < len(observed_nodes) else ())
    complete = complete_rows(dataset, observed_nodes)
    observed = observed_of(complete, observed_nodes, dataset)
    roles = roles_of(spec)
    dependence = dependence_of(dataset, roles, observed, observed_nodes, taken)
    warnings += left_out_words(dataset, taken)
    if complete.rows < dataset.entering:
        warnings.append(
            f"{dataset.entering - complete.rows:,} of {dataset.entering:,} rows are left out: a value is missing there."
        )
    warnings += [f"{word[:1].upper()}{word[1:]}: p-values are null." for word in dependence.reasons]
    warnings += [*dependence.advice, *([dependence.said] if dependence.computed else []), *dependence.notes]
    replicates = None
    upstream = upstream_of(graph, hypothesis.exposure, hypothesis.outcome)
    if claims and not dependence:
        fit = _closed_form(hypothesis, dataset, seed)
        if fit is not None:
            replicator = Replicator(observed, seed, upstream=upstream or ())
            drawn = replicator.replicate(fit)
            replicates = drawn, replicator.downstream(drawn)
        else:
            warnings.append(
                "predictive_p is null: it needs a fit, which this graph has in no closed form (compare gives it)."
            )
    inflation = dependence.inflation if dependence.computed else None
    found = claim_tests(
        graph,
        claims,
        upstream,
        roles,
        observed,
        replicates,
        rules,
        bool(dependence),
        inflation=inflation,
        crossed=hypothesis.crossed,
    )
    tests = tuple(without_replicates(test, dependence) for test in found)
    if any(test.association is None for test in tests):
        warnings.append(
            "A claim is not tested, because too few rows are left for it or a column in it is determined by the others."
        )
    return Claims(tests, reason, tuple(warnings), complete.rows)


def _closed_form(hypothesis: Hypothesis, dataset: Dataset, seed: int) -> Fit | None:
    """Return the fit if every family has a closed form, else ``None``."""
    if any(edge.carry for edge in hypothesis.edges):
        return None
    try:
        work = plan(dataset, [hypothesis], seed=seed, draws=1000)
    except NotYetError:
        return None
    if any(block.method != "exact" for block, _ in work.blocks.values()):
        return None
    fits = fit_blocks(work.blocks)
    return Fit.of(work.specs[0], {node: fits[key] for node, key in work.keys[hypothesis.name].items()})

"""Pairs of hypotheses: where they differ, by how much, and what may be said about it.

Both predict the same rows of the same columns, so the difference of their elpd is a sum of
row-wise differences, with standard error ``sqrt(N var)`` (that of clusters, where rows belong together)
plus the Monte Carlo error of the blocks that differ. A difference under 4, or under twice its standard
error, is no difference that these data can show (Sivula, Magnusson, Matamoros & Vehtari 2020).
"""

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from core.comparison.extra import extra_arrows, extra_clause
from core.comparison.facts import Clause, Difference
from core.comparison.rival import Rival
from core.comparison.scores import sampling_variance
from core.fit.result import BlockFit, Fit

__all__ = ["SMALL_ELPD", "all_differences", "families_differ", "same_arrows", "shows_difference"]

SMALL_ELPD = 4.0

Blocks = tuple[BlockFit, ...]
Pairs = dict[tuple[str, ...], tuple[Blocks, Blocks]]
"""Nodes, and the blocks of these nodes in either of two fits."""


def all_differences(
    rivals: Sequence[Rival],
    dependent: bool = False,
    title: Callable[[str], str] = str,
    clusters: NDArray[np.intp] | None = None,
) -> tuple[Difference, ...]:
    """Return every unordered pair, the first minus the second.

    Parameters
    ----------
    rivals : sequence of Rival
    dependent : bool
        Rows are not exchangeable: numbers are given, verdicts are not.
    title : callable
        From a node's name to the user's words for it.
    clusters : array of int, shape (N,), optional
        Rows that belong together (:func:`core.comparison.scores.sampling_variance`).
    """
    return tuple(_difference(a, b, dependent, title, clusters) for a, b in combinations(rivals, 2))


def shows_difference(elpd: float | None, se: float | None) -> bool:
    """Return whether a difference in elpd is one that the data can show."""
    return elpd is not None and se is not None and abs(elpd) >= SMALL_ELPD and abs(elpd) >= 2.0 * se


def families_differ(a: Fit, b: Fit) -> tuple[str, ...]:
    """Return the nodes to which two hypotheses give different families or links."""
    own = {model.node: (model.family, model.link) for model in b.spec.nodes}
    return tuple(model.node for model in a.spec.nodes if own[model.node] != (model.family, model.link))


def _difference(
    a: Rival, b: Rival, dependent: bool, title: Callable[[str], str], clusters: NDArray[np.intp] | None
) -> Difference:
    pairs = _apart(a.fit, b.fit)
    nodes = [node for nodes in pairs for node in nodes]
    sampled = a.sampled_well and b.sampled_well
    scored = sampled and a.scored_well and b.scored_well
    by_node = {", ".join(nodes): _sum_of("elpd", *pair) for nodes, pair in pairs.items()} if scored else {}
    elpd, se = _elpd(a.fit, b.fit, pairs, clusters) if scored else (None, None)
    bayes, sweep = _bayes(pairs) if sampled else (None, None)
    same = a.group == b.group
    nested = _nested(a, b)
    said = (
        _tied(a, b, elpd, None if dependent else se, bayes, nodes)
        if same
        else (_prediction(a, b, elpd, se, dependent, nodes),)
    )
    if not same and nested is not None and sampled and not dependent:
        small, large = (a, b) if nested == b.name else (b, a)
        said = (*said, extra_clause(extra_arrows(small, large, bayes, sweep, nested == a.name), title))
    return Difference(a.name, b.name, elpd, se, by_node, bayes, sweep, same, said, nested)


def _apart(a: Fit, b: Fit) -> Pairs:
    """Return where two fits differ: nodes, and the blocks of these nodes in either.

    Of blocks of one node that is node by node. Where one fit ties together what the other does not, the smallest sets
    of nodes of which both have whole blocks.
    """
    found: Pairs = {}
    left = {node: {*nodes} for nodes in a.blocks for node in nodes}
    for nodes in b.blocks:
        whole = set().union(*(left[node] for node in nodes))
        left |= dict.fromkeys(whole, whole)
    for node in a.by_node:
        inside = tuple(other for other in a.by_node if other in left[node])
        if inside[0] != node:
            continue
        one, other = ({nodes: f for nodes, f in fit.blocks.items() if nodes[0] in left[node]} for fit in (a, b))
        if {nodes: f.key for nodes, f in one.items()} != {nodes: f.key for nodes, f in other.items()}:
            found[inside] = tuple(one.values()), tuple(other.values())
    return found


def _sum_of(what: str, one: Blocks, other: Blocks) -> float:
    """Return by how much more the first blocks have of something that adds up."""
    return float(sum(getattr(block, what) for block in one) - sum(getattr(block, what) for block in other))


def _elpd(a: Fit, b: Fit, pairs: Pairs, clusters: NDArray[np.intp] | None) -> tuple[float, float]:
    if not pairs:
        return 0.0, 0.0
    rows = a.elpd_i - b.elpd_i  # what they share cancels
    sampling = sampling_variance(rows, clusters)
    monte_carlo = sum(block.elpd_mcse**2 for one, other in pairs.values() for block in (*one, *other))
    return float(sum(_sum_of("elpd", *pair) for pair in pairs.values())), float(np.sqrt(sampling + monte_carlo))


def _bayes(pairs: Pairs) -> tuple[float | None, tuple[float, ...] | None]:
    if not pairs:
        return 0.0, (0.0, 0.0, 0.0)
    blocks = [block for one, other in pairs.values() for block in (*one, *other)]
    if not all(np.isfinite(block.log_evidence) for block in blocks):
        return None, None
    bayes = float(sum(_sum_of("log_evidence", *pair) for pair in pairs.values()))
    if any(block.sweep is None for block in blocks):
        return bayes, None
    swept = np.zeros(3)
    for one, other in pairs.values():
        swept += np.sum([block.sweep for block in one], axis=0) - np.sum([block.sweep for block in other], axis=0)
    return bayes, tuple(float(value) for value in swept)


def _nested(a: Rival, b: Rival) -> str | None:
    """Return the larger of two hypotheses that are the same but for additional arrows."""
    if families_differ(a.fit, b.fit):
        return None
    one, other = set(a.graph.edges), set(b.graph.edges)
    if one < other:
        return b.name
    return a.name if other < one else None


def same_arrows(a: Rival, b: Rival) -> bool:
    """Return whether two draw one graph: then they are rivals in form or family, and not in what causes what."""
    return set(a.graph.edges) == set(b.graph.edges) and set(a.graph.bidirected) == set(b.graph.bidirected)


def _tied(
    a: Rival, b: Rival, elpd: float | None, se: float | None, bayes: float | None, nodes: Sequence[str]
) -> tuple[Clause, ...]:
    """Say of two of one class that nothing separates them, and what a gap between their scores is due to."""
    if nodes and same_arrows(a, b):
        drawn = Clause("tied", "the same arrows: they differ in form or family alone")
        if not shows_difference(elpd, se):
            return drawn, Clause("families", "left-out rows tell neither from the other", nodes=tuple(nodes))
        better = a.name if (elpd or 0.0) > 0 else b.name
        return drawn, Clause("families", f"left-out rows speak for the form of {better}", (better,), tuple(nodes))
    tied = Clause("tied", "tied: no observational data can separate them (Markov equivalent)")
    if (bayes is not None and abs(bayes) > 1e-6) or (elpd is not None and abs(elpd) > 1e-6):
        words = "the gap in the scores is due to the assumed families and forms and no reason to prefer either"
        return tied, Clause("families", words, nodes=tuple(nodes))
    return (tied,)


def _prediction(
    a: Rival, b: Rival, elpd: float | None, se: float | None, dependent: bool, nodes: Sequence[str]
) -> Clause:
    """Say which predicts better, or why that is not said."""
    failed = tuple(rival.name for rival in (a, b) if not (rival.sampled_well and rival.scored_well))
    if failed:
        return Clause("not ranked", f"not ranked: {' and '.join(failed)} failed a gate", failed)
    if dependent:
        return Clause("no verdict", "no verdict: the rows are not exchangeable")
    if not shows_difference(elpd, se):
        words = "no difference in prediction that this data can show"
        return Clause("no difference", words, nodes=tuple(nodes))
    better = a.name if (elpd or 0.0) > 0 else b.name
    return Clause("better", f"{better} predicts better", (better,), tuple(nodes))

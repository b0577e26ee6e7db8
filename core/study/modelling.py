"""Rival hypotheses as they are modelled beside each other: what of their backgrounds is conditioned on.

What is background in every rival that has it is conditioned on: no family, no claim, no score.
What is background in some and modelled in others gets, where it is background, all arrows among
it in one order that all rivals share, which claims nothing.
"""

import threading
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace

from cachetools import LRUCache

from core.data.dataset import Dataset
from core.graph.background import completed, shared_background
from core.graph.causal_graph import CausalGraph
from core.hypothesis import Edge, Hypothesis
from core.model.earlier import with_time
from core.model.groups import with_groups
from core.model.resolve import resolve
from core.model.spec import ModelSpec

__all__ = ["Modelled", "meaning", "modelled"]

_KEPT = 100  # specifications a data set keeps: what a page, its estimate and the fit after it all ask for
_lock = threading.Lock()


@dataclass(frozen=True, eq=False)
class Modelled:
    """Rivals over the union of their nodes.

    Parameters
    ----------
    nodes : tuple of str
        The union of the hypotheses' nodes.
    given : tuple of str
        What all is conditioned on, in the order of the data's columns.
    order : tuple of str
        All nodes: what is given first, then in the order of the data's columns. One for all rivals,
        and nothing that is drawn has a part in it.
    hypotheses : tuple of Hypothesis
        As drawn, each with the others' nodes added, unconnected.
    graphs : tuple of CausalGraph
        The same with every arrow among a hypothesis' background.
    """

    nodes: tuple[str, ...]
    given: tuple[str, ...]
    order: tuple[str, ...]
    hypotheses: tuple[Hypothesis, ...]
    graphs: tuple[CausalGraph, ...]

    def spec(self, position: int, dataset: Dataset) -> ModelSpec:
        """Return the specification of one hypothesis; raises what :func:`core.model.resolve.resolve` does.

        The data set keeps it by all that it follows from, so that whoever asks again resolves nothing.
        """
        hypothesis, dataset = self._with_all_arrows(position), with_time(self.hypotheses, dataset)
        kept: LRUCache[Hashable, ModelSpec] = dataset.remembered("specifications", lambda: LRUCache(_KEPT))
        key = meaning(hypothesis), self.nodes, self.given
        with _lock:
            found = kept.get(key)
        if found is None:
            found = resolve(hypothesis, dataset, nodes=self.nodes, given=self.given)
            with _lock:
                kept[key] = found
        return found if found.name == hypothesis.name else replace(found, name=hypothesis.name)

    def _with_all_arrows(self, position: int) -> Hypothesis:
        hypothesis = self.hypotheses[position]
        if set(hypothesis.background) <= set(self.given):
            return hypothesis
        drawn = {(edge.source, edge.target): edge for edge in hypothesis.edges}
        edges = tuple(drawn.get(pair, Edge(*pair)) for pair in self.graphs[position].edges)
        return replace(hypothesis, edges=edges)


def meaning(hypothesis: Hypothesis) -> Hypothesis:
    """Return what a hypothesis says of data: without its name, its note, its marks, and where its nodes stand."""
    nodes = tuple(replace(node, position=None) for node in hypothesis.nodes)
    return replace(hypothesis, name="", note="", exposure=None, outcome=None, nodes=nodes)


def modelled(hypotheses: Iterable[Hypothesis], dataset: Dataset) -> Modelled:
    """Return rivals as they are modelled on some data."""
    rivals = tuple(with_groups(hypothesis) for hypothesis in hypotheses)
    nodes = tuple(dict.fromkeys(node.name for hypothesis in rivals for node in hypothesis.nodes))
    shared = frozenset(shared_background(nodes, ((h.graph, h.background) for h in rivals)))
    columns = [name for name in dataset.names if name in set(nodes)]
    columns += [name for name in nodes if name not in set(columns)]
    given = tuple(name for name in columns if name in shared)
    order = (*given, *(name for name in columns if name not in shared))
    whole = tuple(hypothesis.with_unconnected(nodes, shared) for hypothesis in rivals)
    graphs = tuple(completed(h.graph, [name for name in order if name in h.background]) for h in whole)
    return Modelled(nodes, given, order, whole, graphs)

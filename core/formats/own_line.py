"""What only Whyboard reads, in a comment or property of a language that has no words for it.

The text around it is the truth: somebody may have changed it since. So what is read is the hypothesis that was
kept, changed by exactly what lies between the graph that its own text shows and the graph that stands
there now.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from core.errors import HypothesisError, WhyboardError
from core.formats.armour import armoured
from core.formats.native import hypothesis_from_record
from core.formats.reading import Reading
from core.hypothesis import Edge, Hypothesis, Node, still_possible

__all__ = ["own_line", "restored", "where_it_fits"]

Names = Mapping[str, str]


def own_line(hypothesis: Hypothesis, called: Names) -> str:
    """Return a hypothesis as JSON on one line, with what its nodes are called in the text if not by their names."""
    record = _trimmed(hypothesis.to_dict())
    # Their places are kept, whatever is trimmed: an empty name is a name.
    record |= {"name": hypothesis.name, "nodes": [_trimmed(node) for node in record.get("nodes", [])]}
    record["edges"] = [_trimmed(edge) for edge in record.get("edges", [])]
    for node, said in zip(record["nodes"], hypothesis.nodes, strict=True):
        node |= {"name": said.name} | ({} if said.group is None else {"group": said.group})
    for edge, drawn in zip(record["edges"], hypothesis.edges, strict=True):
        edge |= {} if drawn.by is None else {"by": drawn.by}
    odd = {name: written for name, written in called.items() if name != written}
    return armoured(record | ({"called": odd} if odd else {}))


def _trimmed(record: Mapping[str, Any]) -> dict[str, Any]:
    silent: tuple[Any, ...] = (None, "", 0, [], {})
    return {key: value for key, value in record.items() if value not in silent and (key, value) != ("form", "linear")}


def restored(read: Reading, own: str, shown: Callable[[Hypothesis, Names], Hypothesis]) -> Reading:
    """Return what was read with what the line of ours says; told if it cannot be read.

    Parameters
    ----------
    read : Reading
        What the text itself says, under the names that it uses.
    own : str
        The line, as :func:`own_line` wrote it.
    shown : callable
        What a reader sees of a hypothesis whose nodes are called so, without the line.
    """
    try:
        record = json.loads(own)
        called = record.get("called") or {}
        kept = hypothesis_from_record(record, None, "hypothesis")
        names = {node.name: str(called.get(node.name, node.name)) for node in kept.nodes}
        back = {written: name for name, written in names.items()}
        visible, drawn = (_renamed(found, back) for found in (shown(kept, names), read.hypothesis))
    except (ValueError, AttributeError, RecursionError, WhyboardError):
        return replace(read, told=(*read.told, "the line of Whyboard's own could not be read, and was passed over"))
    title = read.hypothesis.name
    if _graph(visible) == _graph(drawn):
        return Reading(kept.renamed(title), (), _one(kept.exposure), _one(kept.outcome), kept.name)
    made = _changed(kept, visible, drawn).renamed(title)
    remark = (
        "the text was changed since Whyboard wrote it: the graph is the text's, and what only Whyboard "
        "knows was kept where it still fits"
    )
    return Reading(made, (remark, *read.told), _one(made.exposure), _one(made.outcome), kept.name)


def _one(mark: str | None) -> tuple[str, ...]:
    return () if mark is None else (mark,)


def _renamed(hypothesis: Hypothesis, names: Names) -> Hypothesis:
    """Return the graph under other names; a name that would then stand twice stays as it is."""
    new: dict[str, str] = {}
    for node in hypothesis.nodes:
        name = names.get(node.name, node.name)
        new[node.name] = name if name not in new.values() else node.name
    return Hypothesis(
        hypothesis.name,
        tuple(replace(node, name=new[node.name]) for node in hypothesis.nodes),
        tuple(
            replace(e, source=new[e.source], target=new[e.target], by=None if e.by is None else new.get(e.by, e.by))
            for e in hypothesis.edges
        ),
        tuple((new[a], new[b]) for a, b in hypothesis.bidirected),
    )


def _graph(hypothesis: Hypothesis) -> tuple[object, ...]:
    """Return what can be seen of a graph in a language, in no order."""
    return (
        {node.name: (node.latent, node.kind) for node in hypothesis.nodes},
        {(edge.source, edge.target): edge.by for edge in hypothesis.edges},
        {frozenset(pair) for pair in hypothesis.bidirected},
    )


def _changed(kept: Hypothesis, visible: Hypothesis, drawn: Hypothesis) -> Hypothesis:
    """Return ``kept`` with what lies between ``visible`` and ``drawn``."""
    seen, now = ({node.name: node for node in found.nodes} for found in (visible, drawn))
    nodes = [_node(node, seen[node.name], now[node.name]) for node in kept.nodes if node.name in now]
    nodes += [node for name, node in now.items() if name not in seen]
    before, after = ({(e.source, e.target): e for e in found.edges} for found in (visible, drawn))
    edges = [
        replace(edge, by=after[pair].by) if pair in before and before[pair].by != after[pair].by else edge
        for edge in kept.edges
        if (pair := (edge.source, edge.target)) in after
    ]
    edges += [edge for pair, edge in after.items() if pair not in before]
    arcs_before, arcs_now = ({frozenset(pair) for pair in found.bidirected} for found in (visible, drawn))
    arcs = [pair for pair in kept.bidirected if frozenset(pair) not in arcs_before - arcs_now]
    arcs += [pair for pair in drawn.bidirected if frozenset(pair) not in {frozenset(arc) for arc in arcs}]
    return where_it_fits(kept, nodes, edges, arcs)


def _node(node: Node, seen: Node, now: Node) -> Node:
    said = {key: getattr(now, key) for key in ("latent", "kind") if getattr(now, key) != getattr(seen, key)}
    return replace(node, **said)


def where_it_fits(
    base: Hypothesis, nodes: Iterable[Node], edges: Iterable[Edge], arcs: Iterable[tuple[str, str]]
) -> Hypothesis:
    """Return ``base`` with another graph, without marks, background and words that can no longer stand."""
    nodes = tuple(nodes)
    names = {node.name for node in nodes}
    background = tuple(name for name in base.background if name in names)
    drawn = [edge for edge in edges if {edge.source, edge.target} <= names]
    possible, absences = still_possible(nodes, drawn, base.absences, background)
    whole = replace(
        base,
        nodes=nodes,
        edges=possible,
        bidirected=tuple(pair for pair in arcs if names.issuperset(pair)),
        exposure=base.exposure if base.exposure in names else None,
        outcome=base.outcome if base.outcome in names else None,
        background=(),
        absences=absences,
    )
    try:
        return replace(whole, background=background)
    except HypothesisError:
        return whole

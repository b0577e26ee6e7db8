"""networkx <-> hypothesis, without loss.

The graph is that of :mod:`core.graph.network`. On it stand, under the names of the native
form and only where they say something: on nodes ``kind``, ``family``, ``link``, ``group``,
``priors``, ``unit``, ``description``, ``background`` (true) and ``pos`` (where networkx's own drawing
looks for it); on edges ``form``, ``scale``, ``sign``, ``by``, ``lag``, ``carry``, ``prior``, ``reason``,
``citation`` and ``order`` (networkx keeps edges by source, a hypothesis as they were drawn); on the
graph ``name``, ``note``, ``exposure``, ``outcome`` and ``absences``. A list ``background``
on the graph is read too; it is written on the nodes, so that one that is taken out or renamed
takes it along. Other attributes are passed over.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import networkx as nx

from core.errors import CycleError, FormatError
from core.formats.marks import TRUE
from core.formats.native import hypothesis_from_record
from core.graph.network import ArcForm, placed, read_network, with_arcs
from core.hypothesis import FORMAT, Hypothesis

__all__ = ["hypothesis_of", "network_of"]

_MADE_OF = ("kind", "family", "link", "group", "priors", "unit", "description")
_DRAWN_AS = ("form", "scale", "sign", "by", "lag", "carry", "prior", "reason", "citation")

#: What a field says that was not filled in.
_SILENT = {"unit": "", "description": "", "reason": "", "citation": "", "lag": 0, "carry": 0}


def network_of(hypothesis: Hypothesis, arcs: ArcForm = "listed") -> Any:
    """Return a hypothesis as a ``networkx.DiGraph``; see :meth:`Hypothesis.to_networkx`."""
    record = hypothesis.to_dict()
    said = {key: record[key] for key in ("name", "note", "exposure", "outcome")}
    network = nx.DiGraph(**{key: value for key, value in said.items() if value is not None})
    if record["absences"]:
        network.graph["absences"] = record["absences"]
    for node in record["nodes"]:
        place = {} if node["position"] is None else {"pos": tuple(node["position"])}
        held = {"background": True} if node["name"] in hypothesis.background else {}
        network.add_node(node["name"], latent=node["latent"], **held, **_said(node, _MADE_OF), **place)
    for order, edge in enumerate(record["edges"]):
        network.add_edge(edge["source"], edge["target"], **_said(edge, _DRAWN_AS), order=order)
    return with_arcs(network, hypothesis.bidirected, arcs)


def _said(record: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    return {key: record[key] for key in keys if record.get(key) not in (None, {}) and _SILENT.get(key) != record[key]}


def hypothesis_of(network: Any, name: str | None = None) -> Hypothesis:
    """Return a graph of networkx as a hypothesis; see :meth:`Hypothesis.from_networkx`."""
    drawn = read_network(network)
    kept = network.graph
    record = {
        "format": FORMAT,
        "name": kept.get("name"),
        "note": kept.get("note"),
        "nodes": [
            {"name": node, "latent": node in drawn.latents, "position": _position(data), **_said(data, _MADE_OF)}
            for node, data in drawn.nodes.items()
        ],
        "edges": [
            {"source": source, "target": target, **_said(data, _DRAWN_AS)}
            for (source, target), data in sorted(drawn.arrows.items(), key=lambda item: _order(item[1]))
        ],
        "bidirected": drawn.arcs,
        "exposure": _marked("exposure", kept, drawn.nodes),
        "outcome": _marked("outcome", kept, drawn.nodes),
        "background": _background(kept.get("background"), drawn.nodes),
        "absences": kept.get("absences"),
    }
    try:
        return hypothesis_from_record(record, name)
    except CycleError as error:
        raise placed(error) from None


def _position(data: Mapping[str, Any]) -> Any:
    """Return where a node stands: networkx's ``pos``, or ``x`` and ``y`` as GraphML has them."""
    place = data.get("pos")
    if place is None and "x" in data and "y" in data:
        place = (data["x"], data["y"])
    try:  # layouts of networkx are arrays
        return place if place is None or isinstance(place, str) else [float(number) for number in place]
    except (TypeError, ValueError):
        return place  # the reader says what is wrong with it, and at which node


def _order(data: Mapping[str, Any]) -> float:
    order = data.get("order")
    return float(order) if isinstance(order, int | float) and order == order else float("inf")


def _marked(role: str, kept: Mapping[str, Any], nodes: Mapping[str, Mapping[str, Any]]) -> Any:
    """Return the node with a role: as the graph says, else as the one node that says so of itself."""
    if kept.get(role) is not None:
        return kept[role]
    found = [name for name, data in nodes.items() if _says(data, role)]
    if len(found) > 1:
        raise FormatError(
            f"two nodes are marked as {role}: {found[0]!r} and {found[1]!r}",
            place=f"node {found[1]}",
            hint=f"Leave the mark {role} on one node; Whyboard looks at one effect at a time.",
        )
    return found[0] if found else None


def _background(kept: Any, nodes: Mapping[str, Mapping[str, Any]]) -> Any:
    """Return the background: what the graph lists and what nodes say of themselves."""
    listed = sorted(kept, key=str) if isinstance(kept, set | frozenset) else () if kept is None else kept
    if not isinstance(listed, list | tuple):
        return listed  # the reader says what is wrong with it
    return [*listed, *(name for name, data in nodes.items() if _says(data, "background"))]


def _says(data: Mapping[str, Any], mark: str) -> bool:
    return str(data.get(mark)).strip().lower() in TRUE  # numpy's booleans too, and what GraphML and GML make of them

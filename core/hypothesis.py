"""A hypothesis: a named causal graph plus what each node is made of.

A :class:`Hypothesis` is what a user draws. It knows nothing of data and nothing of
PyMC: whatever it leaves open (a node's kind, family, link, priors) is filled in when
it is resolved against a data set (``core.model.resolve``). It is immutable, hashable
and round-trips through JSON (``whyboard-hypothesis/1``, see the contract) without loss.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import GraphError, HypothesisError
from core.graph.causal_graph import CausalGraph
from core.vocabulary import (
    FAMILIES,
    FORMS,
    KINDS,
    LINKS,
    SCALES,
    Prior,
    check_arrows,
    check_background,
    check_words,
    still_possible,
)

if TYPE_CHECKING:
    from core.formats.reading import Reading
    from core.graph.network import ArcForm

__all__ = [
    "FAMILIES", "FORMS", "KINDS", "LINKS", "SCALES", "Absence", "Edge", "Hypothesis", "Node", "Prior", "still_possible",
]  # fmt: skip

FORMAT = "whyboard-hypothesis/1"


@dataclass(frozen=True)
class Node:
    """One variable. ``None`` means "choose from the data"; ``unit`` and ``description`` are for readers."""

    name: str
    kind: str | None = None
    family: str | None = None
    link: str | None = None
    latent: bool = False
    group: str | None = None
    position: tuple[float, float] | None = None
    priors: tuple[tuple[str, Prior], ...] = ()
    unit: str = ""
    description: str = ""


@dataclass(frozen=True)
class Edge:
    """One arrow, with its functional form.

    Parameters
    ----------
    source, target : str
    form : str
        One of :data:`FORMS`; ``"auto"`` is a straight line or a smooth curve, whichever the data ask for.
    sign : {"+", "-"}, optional
        The effect raises, or lowers, its target.
    prior : Prior, optional
        Of the slope, on the standardised scale.
    scale : {"raw", "log"}, optional
        On which the source enters; ``None`` is its own working scale (per unit, or per doubling).
    by : str, optional
        The node by whose value the effect differs (an interaction), or the target's group.
    lag : int
        In rows of the time column.
    reason, citation : str
        Why the arrow is drawn, and who says so.
    carry : int
        Over how many earlier rows of the time column what is left of the source carries over; 0 for none.
    """

    source: str
    target: str
    form: str = "linear"
    sign: str | None = None
    prior: Prior | None = None
    scale: str | None = None
    by: str | None = None
    lag: int = 0
    reason: str = ""
    citation: str = ""
    carry: int = 0


@dataclass(frozen=True)
class Absence:
    """Why there is no arrow from ``source`` to ``target``, and who says so."""

    source: str
    target: str
    reason: str = ""
    citation: str = ""


@dataclass(frozen=True)
class Hypothesis:
    """A named causal graph with what each node is made of.

    Parameters
    ----------
    name : str
        What the user calls it.
    nodes, edges, bidirected
        The graph; see :class:`core.graph.causal_graph.CausalGraph` for what is refused.
    exposure, outcome : str, optional
        The node that can be changed and the node that should move.
    note : str
        Free text.
    background : tuple of str
        Causes that may be related in any way: nobody claims anything about how, and no arrow comes
        into them from outside. Kept in the order of ``nodes``. What follows from it is in
        :mod:`core.graph.background`.
    absences : tuple of Absence
        Why arrows are not there.
    """

    name: str
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    bidirected: tuple[tuple[str, str], ...] = ()
    exposure: str | None = None
    outcome: str | None = None
    note: str = field(default="")
    background: tuple[str, ...] = ()
    absences: tuple[Absence, ...] = ()

    def __post_init__(self) -> None:
        check_words(self)
        graph = self.graph  # validates names, ends and cycles
        for role in ("exposure", "outcome"):
            marked = getattr(self, role)
            if marked is not None and marked not in graph.nodes:
                raise HypothesisError(
                    f"the {role} {marked!r} is not a node", place=f"node {marked}", hint="Add the node or unmark it."
                )
        check_arrows(self)
        object.__setattr__(self, "background", check_background(self))

    @property
    def crossed(self) -> tuple[tuple[str, str], ...]:
        """The pairs of nodes of which the effect of the first on something differs by the second."""
        return tuple(dict.fromkeys((edge.source, edge.by) for edge in self.edges if edge.by is not None))

    @cached_property
    def graph(self) -> CausalGraph:
        """The graph alone."""
        return CausalGraph(
            tuple(node.name for node in self.nodes),
            tuple((edge.source, edge.target) for edge in self.edges),
            self.bidirected,
            frozenset(node.name for node in self.nodes if node.latent),
        )

    def node(self, name: str) -> Node:
        """Return one node by name; :class:`GraphError` if there is none."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise GraphError(f"{name!r} is not a node of {self.name!r}", place=f"node {name}", hint="Check the name.")

    def edge(self, source: str, target: str) -> Edge:
        """Return one arrow; :class:`GraphError` if there is none."""
        for edge in self.edges:
            if (edge.source, edge.target) == (source, target):
                return edge
        raise GraphError(f"there is no arrow {source} -> {target} in {self.name!r}", hint="Check the names.")

    def with_node(self, name: str, **changes: Any) -> Hypothesis:
        """Return a copy in which one node has other settings."""
        self.node(name)
        nodes = tuple(replace(node, **changes) if node.name == name else node for node in self.nodes)
        return replace(self, nodes=nodes)

    def with_edge(self, source: str, target: str, **changes: Any) -> Hypothesis:
        """Return a copy in which one arrow has other settings."""
        self.edge(source, target)
        pair = (source, target)
        return replace(
            self, edges=tuple(replace(e, **changes) if (e.source, e.target) == pair else e for e in self.edges)
        )

    def renamed(self, name: str) -> Hypothesis:
        """Return a copy under another name."""
        return replace(self, name=name)

    def with_unconnected(self, names: Iterable[str], background: Collection[str] = ()) -> Hypothesis:
        """Return a copy that also holds ``names``, as unconnected nodes where it lacks them.

        A comparison covers the union of the hypotheses' nodes; what a hypothesis leaves
        out is still predicted by it, as an unconnected node. Those that are among ``background``,
        which every other hypothesis leaves open, are its background too.
        """
        known = set(self.graph.nodes)
        extra = tuple(Node(name) for name in names if name not in known)
        if not extra:
            return self
        left_open = tuple(node.name for node in extra if node.name in background)
        return replace(self, nodes=self.nodes + extra, background=(*self.background, *left_open))

    # -- JSON ---------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Return the native JSON form, which loses nothing."""
        return {
            "format": FORMAT,
            "name": self.name,
            "note": self.note,
            "nodes": [
                {
                    "name": node.name,
                    "kind": node.kind,
                    "family": node.family,
                    "link": node.link,
                    "latent": node.latent,
                    "group": node.group,
                    "position": list(node.position) if node.position is not None else None,
                    "priors": {name: prior.to_dict() for name, prior in node.priors},
                    "unit": node.unit,
                    "description": node.description,
                }
                for node in self.nodes
            ],
            "edges": [
                {
                    "source": edge.source,
                    "target": edge.target,
                    "form": edge.form,
                    "scale": edge.scale,
                    "sign": edge.sign,
                    "by": edge.by,
                    "lag": edge.lag,
                    "carry": edge.carry,
                    "prior": edge.prior.to_dict() if edge.prior else None,
                    "reason": edge.reason,
                    "citation": edge.citation,
                }
                for edge in self.edges
            ],
            "bidirected": [list(pair) for pair in self.bidirected],
            "background": list(self.background),
            "absences": [asdict(absence) for absence in self.absences],
            "exposure": self.exposure,
            "outcome": self.outcome,
        }

    def to_json(self) -> str:
        """Return the native form as text, keys in a fixed order."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1)

    @classmethod
    def from_dict(cls, record: Mapping[str, Any], name: str | None = None) -> Hypothesis:
        """Read the native JSON form.

        Raises
        ------
        FormatError
            If the record is not shaped as the contract says; GraphError, CycleError or
            HypothesisError if what it says is inconsistent.
        """
        from core.formats.native import hypothesis_from_record

        return hypothesis_from_record(record, name)

    @classmethod
    def from_dagitty(cls, text: str, name: str = "hypothesis") -> Hypothesis:
        """Read DAGitty text, ``dag { a -> b }``."""
        from core.formats import parse_graph

        return _told(parse_graph(text, "dagitty", name))

    def to_networkx(self, arcs: ArcForm = "listed") -> Any:
        """Return a ``networkx.DiGraph`` that says all that the hypothesis does.

        Parameters
        ----------
        arcs : {"listed", "latents"}
            Bidirected arcs as pairs in ``g.graph["bidirected"]``, or each as a latent node; see
            :mod:`core.graph.network`. The attributes are listed in :mod:`core.formats.network`.

        Returns
        -------
        networkx.DiGraph
            A new one. ``Hypothesis.from_networkx`` gives an equal hypothesis back.
        """
        from core.formats.network import network_of

        return network_of(self, arcs)

    @classmethod
    def from_networkx(cls, graph: Any, name: str | None = None) -> Hypothesis:
        """Read a directed graph of networkx, ours or another's.

        Parameters
        ----------
        graph : networkx.DiGraph or networkx.MultiDiGraph
            Names are texts; see :mod:`core.graph.network` for what counts as latent and as an arc.
        name : str, optional
            Overrides the graph's own.

        Raises
        ------
        GraphError, CycleError
            If it is no causal graph: undirected, cyclic, an arrow twice or to itself.
        FormatError, HypothesisError
            For an attribute that has one of our names and says something else.
        """
        from core.formats.network import hypothesis_of

        return hypothesis_of(graph, name)

    @classmethod
    def read(cls, path: str | Path, name: str | None = None) -> Hypothesis:
        """Read a file in any of the formats, chosen by its ending and what it holds.

        What was taken for what, and what is not kept, comes as warnings
        (:class:`core.formats.ReadingRemark`); :func:`core.formats.read_graph` returns it.
        """
        from core.formats import read_graph

        return _told(read_graph(path, name))


def _told(reading: Reading) -> Hypothesis:
    """Return what was read, with its remarks as warnings at the line of the notebook that asked."""
    from core.formats import ReadingRemark

    for remark in reading.remarks:
        warnings.warn(remark, ReadingRemark, stacklevel=3)
    return reading.hypothesis

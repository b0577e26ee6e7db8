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
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import GraphError, HypothesisError
from core.graph.causal_graph import CausalGraph
from core.names import fault_in

if TYPE_CHECKING:
    from core.formats.reading import Reading

if TYPE_CHECKING:
    from core.graph.network import ArcForm

__all__ = ["FAMILIES", "FORMS", "KINDS", "LINKS", "SCALES", "Edge", "Hypothesis", "Node", "Prior"]

KINDS = ("real", "positive", "proportion", "count", "binary", "category", "ordered", "identifier", "date")
FAMILIES = (
    "Normal", "StudentT", "SkewNormal", "LogNormal", "Gamma", "Weibull", "Beta", "Bernoulli", "Binomial",
    "Poisson", "NegativeBinomial", "ZeroInflatedPoisson", "ZeroInflatedNegativeBinomial", "Categorical",
    "Table", "OrderedLogit",
)  # fmt: skip
LINKS = ("identity", "log", "logit", "probit", "softmax", "cumulative")
FORMS = ("linear", "auto", "monotone", "quadratic", "smooth", "saturating", "table")
SCALES = ("raw", "log")

FORMAT = "whyboard-hypothesis/1"


@dataclass(frozen=True)
class Prior:
    """A prior distribution by name, with its parameters in the distribution's own order."""

    distribution: str
    parameters: tuple[tuple[str, float], ...] = ()

    def __getitem__(self, name: str) -> float:
        return dict(self.parameters)[name]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form: ``{"distribution": "Normal", "mu": 0, "sigma": 1}``."""
        return {"distribution": self.distribution, **dict(self.parameters)}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any], place: str = "") -> Prior:
        """Read the JSON form; numbers only."""
        if not isinstance(record, Mapping) or not isinstance(record.get("distribution"), str):
            raise HypothesisError(
                "a prior needs a distribution",
                place=place,
                hint='Write it as {"distribution": "Normal", "mu": 0, "sigma": 1}.',
            )
        parameters = []
        for name, value in record.items():
            if name == "distribution":
                continue
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise HypothesisError(f"the prior's {name} is not a number", place=place, hint="Give a number.")
            parameters.append((name, float(value)))
        return cls(record["distribution"], tuple(parameters))


@dataclass(frozen=True)
class Node:
    """One variable. ``None`` means "choose from the data"."""

    name: str
    kind: str | None = None
    family: str | None = None
    link: str | None = None
    latent: bool = False
    group: str | None = None
    position: tuple[float, float] | None = None
    priors: tuple[tuple[str, Prior], ...] = ()


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
    """

    source: str
    target: str
    form: str = "linear"
    sign: str | None = None
    prior: Prior | None = None
    scale: str | None = None
    by: str | None = None
    lag: int = 0


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
    """

    name: str
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    bidirected: tuple[tuple[str, str], ...] = ()
    exposure: str | None = None
    outcome: str | None = None
    note: str = field(default="")
    background: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _sayable(self.name, "name")
        for node in self.nodes:
            _sayable(node.group or "", f"node {node.name!r}, group")
            _member(node.kind, KINDS, "kind", node.name)
            _member(node.family, FAMILIES, "family", node.name)
            _member(node.link, LINKS, "link", node.name)
        for edge in self.edges:
            place = f"arrow {edge.source} -> {edge.target}"
            if edge.form not in FORMS:
                raise HypothesisError(f"unknown form {edge.form!r}", place=place, hint=f"One of: {', '.join(FORMS)}.")
            if edge.sign not in (None, "+", "-"):
                raise HypothesisError(f"unknown sign {edge.sign!r}", place=place, hint="One of: +, -, or none.")
            if edge.scale not in (None, *SCALES):
                raise HypothesisError(f"unknown scale {edge.scale!r}", place=place, hint="One of: raw, log, or none.")
        seen: set[tuple[str, str]] = set()
        for edge in self.edges:
            if (edge.source, edge.target) in seen:
                raise GraphError(
                    f"the arrow {edge.source} -> {edge.target} stands twice",
                    place=f"arrow {edge.source} -> {edge.target}",
                    hint="Remove one of them.",
                )
            seen.add((edge.source, edge.target))
        graph = self.graph  # validates names, ends and cycles
        for role in ("exposure", "outcome"):
            marked = getattr(self, role)
            if marked is not None and marked not in graph.nodes:
                raise HypothesisError(
                    f"the {role} {marked!r} is not a node", place=f"node {marked}", hint="Add the node or unmark it."
                )
        self._check_background()

    def _check_background(self) -> None:
        held = frozenset(self.background)
        known = {node.name: node for node in self.nodes}
        for name in self.background:
            place = f"node {name}"
            if name not in known:
                raise HypothesisError(f"the background {name!r} is not a node", place=place, hint="Add the node.")
            if known[name].latent:
                raise HypothesisError(
                    f"{name!r} is unmeasured, and what is unmeasured cannot be background",
                    place=place,
                    hint="Take it out of the background, or measure it.",
                )
            for role in ("exposure", "outcome"):
                if getattr(self, role) == name:
                    raise HypothesisError(
                        f"the {role} {name!r} cannot be background: the question is about it",
                        place=place,
                        hint="Take it out of the background, or mark another node.",
                    )
        for source, target in self.graph.edges:
            if target in held and source not in held:
                raise HypothesisError(
                    f"{target!r} is background, and an arrow comes into it from {source!r}, which is not",
                    place=f"arrow {source} -> {target}",
                    hint=f"Put {source!r} into the background too, or take {target!r} out of it.",
                )
        for a, b in self.graph.bidirected:
            if inside := sorted(held & {a, b}):
                raise HypothesisError(
                    f"an arc joins {a!r} and {b!r}, of which the background holds {' and '.join(inside)}",
                    place=f"arc {a} <-> {b}",
                    hint="Remove the arc; what is background may be related in any way already, among itself only.",
                )
        order = tuple(node.name for node in self.nodes if node.name in held)
        object.__setattr__(self, "background", order)

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
                }
                for node in self.nodes
            ],
            "edges": [
                {
                    "source": edge.source,
                    "target": edge.target,
                    "form": edge.form,
                    "sign": edge.sign,
                    "prior": edge.prior.to_dict() if edge.prior else None,
                }
                for edge in self.edges
            ],
            "bidirected": [list(pair) for pair in self.bidirected],
            "background": list(self.background),
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


def _sayable(name: str, place: str) -> None:
    fault = fault_in(name)
    if fault:
        raise HypothesisError(f"the name {name!r} holds {fault}", place=place, hint="Type the name again.")


def _member(value: str | None, allowed: tuple[str, ...], what: str, node: str) -> None:
    if value is not None and value not in allowed:
        raise HypothesisError(f"unknown {what} {value!r}", place=f"node {node}", hint=f"One of: {', '.join(allowed)}.")

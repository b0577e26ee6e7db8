"""The words of which a hypothesis is made, and which of them may stand together.

:mod:`core.hypothesis` holds what a user draws; here is what is refused of it, each with the
place (``arrow ads -> sales``, ``node ads``) and what to do. An arrow's ``by`` and a sentence on
an arrow that is not there depend on other nodes and arrows: :func:`still_possible` takes away
those that a change elsewhere has made senseless, so that deleting a node does not refuse itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core.errors import GraphError, HypothesisError
from core.names import fault_in

if TYPE_CHECKING:
    from core.hypothesis import Absence, Edge, Hypothesis, Node

__all__ = [
    "FAMILIES", "FORMS", "KINDS", "LINKS", "MOST_CARRIED", "SCALES", "Prior", "check_arrows", "check_background",
    "check_words", "impossible_by", "no_logarithm", "still_possible",
]  # fmt: skip

KINDS = ("real", "positive", "proportion", "count", "binary", "category", "ordered", "identifier", "date")
FAMILIES = (
    "Normal", "StudentT", "SkewNormal", "LogNormal", "Gamma", "Weibull", "Beta", "Bernoulli", "Binomial",
    "Poisson", "NegativeBinomial", "ZeroInflatedPoisson", "ZeroInflatedNegativeBinomial", "Categorical",
    "Table", "OrderedLogit",
)  # fmt: skip
LINKS = ("identity", "log", "logit", "probit", "softmax", "cumulative")
FORMS = ("linear", "auto", "monotone", "quadratic", "smooth", "saturating", "table")
SCALES = ("raw", "log")

MOST_CARRIED = 30
"""Over so many earlier rows an arrow carries over at most: the curve's columns are good to a thousandth up to these."""

#: What is no number, and so has no logarithm.
_NO_NUMBERS = ("binary", "category", "ordered", "identifier", "date")


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


def check_words(hypothesis: Hypothesis) -> None:
    """Refuse words that there are not, an arrow that stands twice, and names that no name may be."""
    _sayable(hypothesis.name, "name")
    for node in hypothesis.nodes:
        _sayable(node.group or "", f"node {node.name!r}, group")
        _member(node.kind, KINDS, "kind", node.name)
        _member(node.family, FAMILIES, "family", node.name)
        _member(node.link, LINKS, "link", node.name)
    seen: set[tuple[str, str]] = set()
    for edge in hypothesis.edges:
        place = f"arrow {edge.source} -> {edge.target}"
        if edge.form not in FORMS:
            raise HypothesisError(f"unknown form {edge.form!r}", place=place, hint=f"One of: {', '.join(FORMS)}.")
        if edge.sign not in (None, "+", "-"):
            raise HypothesisError(f"unknown sign {edge.sign!r}", place=place, hint="One of: +, -, or none.")
        if edge.scale not in (None, *SCALES):
            raise HypothesisError(f"unknown scale {edge.scale!r}", place=place, hint="One of: raw, log, or none.")
        if isinstance(edge.lag, bool) or not isinstance(edge.lag, int) or edge.lag < 0:
            raise HypothesisError(
                f"the lag {edge.lag!r} is not a number of rows", place=place, hint="Give a whole number, 0 or more."
            )
        _check_carry(edge.carry, place)
        if (edge.source, edge.target) in seen:
            raise GraphError(
                f"the arrow {edge.source} -> {edge.target} stands twice", place=place, hint="Remove one of them."
            )
        seen.add((edge.source, edge.target))


def _check_carry(carry: Any, place: str) -> None:
    if isinstance(carry, bool) or not isinstance(carry, int) or not 0 <= carry <= MOST_CARRIED:
        raise HypothesisError(
            f"the carry-over {carry!r} is not a number of earlier rows",
            place=place,
            hint=f"Give a whole number, 0 (none) to {MOST_CARRIED}.",
        )


def check_arrows(hypothesis: Hypothesis) -> None:
    """Refuse an arrow's scale or ``by`` that its nodes cannot have, and a reason for no arrow where there is one."""
    nodes = {node.name: node for node in hypothesis.nodes}
    for edge in hypothesis.edges:
        place, kind = f"arrow {edge.source} -> {edge.target}", nodes[edge.source].kind
        if edge.scale == "log" and no_logarithm(kind):
            raise HypothesisError(
                f"{edge.source!r} is {kind}, and has no logarithm", place=place, hint="Leave the scale out."
            )
    held = frozenset(hypothesis.background)
    for edge, fault in impossible_by(hypothesis.nodes, hypothesis.edges, held):
        raise HypothesisError(
            fault,
            place=f"arrow {edge.source} -> {edge.target}",
            hint="Name another cause of the target, or the group that its intercept varies over, or leave by out.",
        )
    arrows = set(hypothesis.graph.edges)
    said: set[tuple[str, str]] = set()
    for absence in hypothesis.absences:
        pair = (absence.source, absence.target)
        place = f"absent arrow {absence.source} -> {absence.target}"
        for end in pair:
            if end not in nodes:
                raise HypothesisError(f"{end!r} is not a node", place=place, hint="Add the node, or correct the name.")
        if absence.source == absence.target:
            raise HypothesisError("it is from a node to itself", place=place, hint="Name two nodes.")
        if pair in arrows:
            raise HypothesisError(
                "it is said why there is no such arrow, and there is one",
                place=place,
                hint="Remove the arrow, or the reason for its absence.",
            )
        if held.issuperset(pair):
            raise HypothesisError(
                "both are background, which may be related in any way",
                place=place,
                hint="Leave the reason out, or take one of them out of the background.",
            )
        if pair in said:
            raise HypothesisError("it is given twice why there is no such arrow", place=place, hint="Keep one of them.")
        said.add(pair)


def no_logarithm(kind: str | None) -> bool:
    """Return whether a node of this kind is no number, and so has no logarithm."""
    return kind in _NO_NUMBERS


def impossible_by(
    nodes: Iterable[Node], edges: Iterable[Edge], background: Collection[str] = ()
) -> list[tuple[Edge, str]]:
    """Return the arrows whose ``by`` is impossible, each with why."""
    edges = tuple(edges)
    asked = [edge for edge in edges if edge.by is not None]
    if not asked:
        return []
    groups = {node.name: node.group for node in nodes}
    place = {name: number for number, name in enumerate(groups)}
    after = _reached(place, edges)
    found = []
    for edge in asked:
        if edge.by == edge.source:
            found.append(
                (edge, f"the effect of {edge.source!r} cannot differ by {edge.source!r} itself: that is a curve")
            )
        elif edge.by in place and after[edge.target] >> place[edge.by] & 1:
            found.append((edge, f"the effect on {edge.target!r} cannot differ by {edge.by!r}, which follows from it"))
        elif edge.source in background and edge.target in background:
            found.append((edge, "both ends are background, of which nothing is said"))
        elif edge.by not in groups and edge.by != groups.get(edge.target):
            found.append((edge, f"{edge.by!r}, by which the effect differs, is no node and not the target's group"))
    return found


def _reached(place: Mapping[str, int], edges: Iterable[Edge]) -> dict[str, int]:
    """Return by node a bit for itself and for each node that follows from it; one pass, last effects first."""
    causes: dict[str, list[str]] = {}
    left = dict.fromkeys(place, 0)
    for edge in edges:
        causes.setdefault(edge.target, []).append(edge.source)
        left[edge.source] += 1
    reached = {name: 1 << number for name, number in place.items()}
    todo = [name for name, effects in left.items() if not effects]
    while todo:
        name = todo.pop()
        for cause in causes.get(name, ()):
            reached[cause] |= reached[name]
            left[cause] -= 1
            if not left[cause]:
                todo.append(cause)
    return reached


def still_possible(
    nodes: Iterable[Node], edges: Iterable[Edge], absences: Iterable[Absence], background: Collection[str] = ()
) -> tuple[tuple[Edge, ...], tuple[Absence, ...]]:
    """Return arrows and absences after a change elsewhere, without what can no longer be said of them."""
    nodes, edges = tuple(nodes), tuple(edges)
    names = {node.name for node in nodes}
    held = frozenset(background)
    gone = {(edge.source, edge.target) for edge, _ in impossible_by(nodes, edges, held)}
    arrows = {(edge.source, edge.target) for edge in edges}
    return (
        tuple(replace(edge, by=None) if (edge.source, edge.target) in gone else edge for edge in edges),
        tuple(a for a in absences if _is_absent(a, names, held) and (a.source, a.target) not in arrows),
    )


def check_background(hypothesis: Hypothesis) -> tuple[str, ...]:
    """Refuse a background that cannot be one; return it in the order of the nodes."""
    held = frozenset(hypothesis.background)
    known = {node.name: node for node in hypothesis.nodes}
    for name in hypothesis.background:
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
            if getattr(hypothesis, role) == name:
                raise HypothesisError(
                    f"the {role} {name!r} cannot be background: the question is about it",
                    place=place,
                    hint="Take it out of the background, or mark another node.",
                )
    for source, target in hypothesis.graph.edges:
        if target in held and source not in held:
            raise HypothesisError(
                f"{target!r} is background, and an arrow comes into it from {source!r}, which is not",
                place=f"arrow {source} -> {target}",
                hint=f"Put {source!r} into the background too, or take {target!r} out of it.",
            )
    for a, b in hypothesis.graph.bidirected:
        if inside := sorted(held & {a, b}):
            raise HypothesisError(
                f"an arc joins {a!r} and {b!r}, of which the background holds {' and '.join(inside)}",
                place=f"arc {a} <-> {b}",
                hint="Remove the arc; what is background may be related in any way already, among themselves.",
            )
    return tuple(node.name for node in hypothesis.nodes if node.name in held)


def _is_absent(absence: Absence, names: Set[str], background: Set[str]) -> bool:
    ends = {absence.source, absence.target}
    return ends <= names and not ends <= background


def _sayable(name: str, place: str) -> None:
    fault = fault_in(name)
    if fault:
        raise HypothesisError(f"the name {name!r} holds {fault}", place=place, hint="Type the name again.")


def _member(value: str | None, allowed: tuple[str, ...], what: str, node: str) -> None:
    if value is not None and value not in allowed:
        raise HypothesisError(f"unknown {what} {value!r}", place=f"node {node}", hint=f"One of: {', '.join(allowed)}.")

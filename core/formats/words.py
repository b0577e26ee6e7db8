"""What a hypothesis says beyond its graph, as attributes of nodes, arrows and the graph.

DAGitty, DOT, GML and GraphML pass over, or carry along, attributes that they do not know. So
``kind``, ``family``, ``link``, ``priors``, ``unit``, ``description`` stand on nodes and ``form``, ``scale``,
``sign``, ``by``, ``lag``, ``carry``, ``prior``, ``reason``, ``citation`` on arrows, under the names of the native form
and only where they say something. On the graph stand ``whyboard``, the mark of ours, ``name``
(``title`` in DOT), ``note`` and
``absences``; ``group`` on nodes counts only under that mark, since Graphviz and Gephi mean something
else by it.

A value that says nothing that we know is not kept, and that is said: other people use these words too.
"""

import json
import math
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from core.errors import WhyboardError
from core.formats.armour import armoured
from core.hypothesis import FAMILIES, FORMAT, FORMS, KINDS, LINKS, SCALES, Absence, Edge, Hypothesis, Node, Prior
from core.names import fault_in, tidy_name
from core.vocabulary import MOST_CARRIED, impossible_by, no_logarithm, still_possible

__all__ = [
    "MARK",
    "WORDS_OF_ARROWS",
    "WORDS_OF_NODES",
    "Dropped",
    "arrow_words",
    "graph_words",
    "node_words",
    "own_name",
    "said_of",
]

MARK = "whyboard"
#: What was not kept: the word, its value, and of what.
Dropped = tuple[str, str, str]


# -- writing --------------------------------------------------------------------------


def node_words(node: Node) -> dict[str, str]:
    """Return what a node says beyond the graph, as attributes."""
    said = {"kind": node.kind, "family": node.family, "link": node.link, "group": node.group}
    found = {key: _written(value) for key, value in said.items() if value is not None}
    if node.priors:
        found["priors"] = armoured({name: prior.to_dict() for name, prior in node.priors})
    texts = {"unit": node.unit, "description": node.description}
    return found | {key: _written(value) for key, value in texts.items() if value}


def arrow_words(edge: Edge) -> dict[str, str]:
    """Return what an arrow says beyond the graph, as attributes."""
    form = None if edge.form == "linear" else edge.form
    said = {"form": form, "scale": edge.scale, "sign": edge.sign, "by": edge.by}
    found = {key: _written(value) for key, value in said.items() if value is not None}
    if edge.lag:
        found["lag"] = str(edge.lag)
    if edge.carry:
        found["carry"] = str(edge.carry)
    if edge.prior is not None:
        found["prior"] = armoured(edge.prior.to_dict())
    texts = {"reason": edge.reason, "citation": edge.citation}
    return found | {key: _written(value) for key, value in texts.items() if value}


def graph_words(hypothesis: Hypothesis, named: str | None = "name") -> dict[str, str]:
    """Return what is said of the whole, under the mark of ours.

    ``named`` is the word for the name: pydot stumbles over a graph's ``name``. Without it the name is not
    held, and nothing is said where nothing else is.
    """
    found = {named: _written(hypothesis.name)} if named else {}
    if hypothesis.note:
        found["note"] = _written(hypothesis.note)
    if hypothesis.absences:
        found["absences"] = armoured([[a.source, a.target, a.reason, a.citation] for a in hypothesis.absences])
    grouped = any(node.group is not None for node in hypothesis.nodes)
    return {MARK: FORMAT, **found} if found or grouped else {}


def _written(text: str) -> str:
    """Return a text as it is, or as JSON where some format could not carry it."""
    plain = text == text.strip() and not text.startswith('"') and "\\" not in text
    return text if plain and all(unicodedata.category(c) not in _UNSEEN for c in text) else armoured(text)


_UNSEEN = frozenset({"Cc", "Cn", "Cs", "Zl", "Zp"})


# -- reading --------------------------------------------------------------------------


def _member(options: Iterable[str]) -> Callable[[str], str]:
    known = {option.lower(): option for option in options}
    return lambda said: known[said.strip().lower()]


def _text(said: str) -> str:
    found = json.loads(said) if said.startswith('"') else said
    if not isinstance(found, str) or any("\ud800" <= letter <= "\udfff" for letter in found):
        raise ValueError(said)
    return found


def _name(said: str) -> str:
    found = tidy_name(_text(said))
    if fault_in(found):
        raise ValueError(said)
    return found


def _lag(said: str) -> int:
    lag = int(said) if said.isascii() and said.isdigit() and len(said) < 10 else -1
    if lag < 0:
        raise ValueError(said)
    return lag


def _carry(said: str) -> int:
    carry = _lag(said)
    if carry > MOST_CARRIED:
        raise ValueError(said)
    return carry


def _prior(record: Any) -> Prior:
    prior = Prior.from_dict(record)
    if not all(math.isfinite(number) for _, number in prior.parameters):
        raise ValueError(record)
    _text(prior.distribution)
    return prior


def _priors(said: str) -> tuple[tuple[str, Prior], ...]:
    return tuple((_text(name), _prior(record)) for name, record in json.loads(said).items())


_OF_NODES: Mapping[str, Callable[[str], Any]] = {
    "kind": _member(KINDS),
    "family": _member(FAMILIES),
    "link": _member(LINKS),
    "group": _name,
    "priors": _priors,
    "unit": _text,
    "description": _text,
}
_OF_ARROWS: Mapping[str, Callable[[str], Any]] = {
    "form": _member(FORMS),
    "scale": _member(SCALES),
    "sign": _member("+-"),
    "by": _name,
    "lag": _lag,
    "carry": _carry,
    "prior": lambda said: _prior(json.loads(said)),
    "reason": _text,
    "citation": _text,
}
WORDS_OF_NODES, WORDS_OF_ARROWS = frozenset(_OF_NODES), frozenset(_OF_ARROWS)


def said_of(
    drawn: Hypothesis,
    nodes: Mapping[str, Mapping[str, str]],
    arrows: Mapping[tuple[str, str], Mapping[str, str]],
    whole: Mapping[str, str],
) -> tuple[Hypothesis, list[Dropped]]:
    """Return a drawn graph with what attributes say of it, by name and arrow, and what of that was not kept.

    Unless the whole bears the mark of ours, its other words and the groups of its nodes are passed over.
    """
    dropped: list[Dropped] = []
    marked = _marked(whole)
    made = []
    for node in drawn.nodes:
        said = {key: value for key, value in nodes.get(node.name, {}).items() if marked or key != "group"}
        made.append(replace(node, **_values(said, _OF_NODES, node.name, dropped)))
    kinds = {node.name: node.kind for node in made}
    edges = []
    for edge in drawn.edges:
        of = f"{edge.source} -> {edge.target}"
        values = _values(arrows.get((edge.source, edge.target), {}), _OF_ARROWS, of, dropped)
        if values.get("scale") == "log" and no_logarithm(kinds[edge.source]):
            dropped.append(("scale", values.pop("scale"), of))
        edges.append(replace(edge, **values))
    dropped += [
        ("by", edge.by or "", f"{edge.source} -> {edge.target}")
        for edge, _ in impossible_by(made, edges, drawn.background)
    ]
    absences = _absences(whole.get("absences", ""), dropped) if marked else ()
    possible, absent = still_possible(made, edges, absences, drawn.background)
    dropped += [("absences", "", f"{a.source} -> {a.target}") for a in absences if a not in absent]
    note = _values({"note": whole["note"]} if marked and "note" in whole else {}, {"note": _text}, "the graph", dropped)
    return replace(drawn, nodes=tuple(made), edges=possible, absences=absent, **note), dropped


def own_name(whole: Mapping[str, str]) -> str | None:
    """Return what the text itself calls the hypothesis, if it bears the mark of ours."""
    said = whole.get("name", whole.get("title"))
    if not _marked(whole) or said is None:
        return None
    try:
        return _name(said)
    except ValueError:
        return None


def _marked(whole: Mapping[str, str]) -> bool:
    return whole.get(MARK, "").startswith(FORMAT.partition("/")[0])


def _values(
    said: Mapping[str, str], readers: Mapping[str, Callable[[str], Any]], of: str, dropped: list[Dropped]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in said.items():
        try:
            found[key] = readers[key](value)
        except (ValueError, KeyError, AttributeError, RecursionError, OverflowError, WhyboardError):
            dropped.append((key, value, of))
    return found


def _absences(said: str, dropped: list[Dropped]) -> tuple[Absence, ...]:
    if not said:
        return ()
    try:
        rows = [Absence(*map(_plain, row)) for row in json.loads(said)]
    except (ValueError, TypeError, RecursionError):
        dropped.append(("absences", said, "the graph"))
        return ()
    return tuple({(row.source, row.target): row for row in rows if row.source != row.target}.values())


def _plain(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value

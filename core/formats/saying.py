"""What there is to say of a hypothesis that is written in another language: nothing vanishes without a word."""

from core.formats.kinds import known_format
from core.hypothesis import Hypothesis

__all__ = ["only_for_whyboard", "remarks_on_writing"]

_MOST = 4
_TABLES = "the states and tables of probabilities in it are placeholders, all alike: a hypothesis holds no numbers"


def only_for_whyboard(hypothesis: Hypothesis, format: str) -> tuple[str, ...]:
    """Return, in words, what a format has no words for: it is in the text, and other programs pass over it."""
    key = known_format(format, writing=True).key
    if key == "json":
        return ()
    nodes, edges, graph = hypothesis.nodes, hypothesis.edges, hypothesis.graph
    marked = bool(hypothesis.exposure or hypothesis.outcome)
    placed = any(node.position is not None for node in nodes)
    differ = [edge for edge in edges if edge.by is not None and (key != "lavaan" or edge.by not in graph.nodes)]
    parts = (
        ("the note", bool(hypothesis.note)),
        ("kinds of nodes", any(node.kind for node in nodes)),
        ("families and links", any(node.family or node.link for node in nodes)),
        ("groups", any(node.group is not None for node in nodes)),
        ("priors", any(node.priors for node in nodes) or any(edge.prior for edge in edges)),
        ("forms and signs of arrows", any(edge.form != "linear" or edge.sign for edge in edges)),
        ("scales, lags and carry-over of arrows", any(edge.scale or edge.lag or edge.carry for edge in edges)),
        ("what effects differ by", bool(differ)),
        ("units and descriptions", any(node.unit or node.description for node in nodes)),
        ("reasons and citations", any(e.reason or e.citation for e in edges) or bool(hypothesis.absences)),
        ("background", bool(hypothesis.background)),
        ("exposure and outcome", marked and key in ("lavaan", "bif")),
        ("places of nodes", placed and key == "lavaan"),
        ("arcs with two heads", bool(graph.bidirected) and key == "bif"),
        ("which nodes are unmeasured", bool(graph.latents) and key == "bif"),
    )
    return tuple(words for words, there in parts if there)


def remarks_on_writing(hypothesis: Hypothesis, format: str) -> tuple[str, ...]:
    """Return what to say of a text in a format: other names, placeholders, and what only Whyboard reads from it."""
    found = known_format(format, writing=True)
    told = []
    if found.called is not None:
        other = [(name, called) for name, called in found.called(hypothesis).items() if name != called]
        if other:
            said = ", ".join(f"{name!r} is {called}" for name, called in other[:_MOST])
            more = f", and {len(other) - _MOST} more" if len(other) > _MOST else ""
            told.append(f"names that {found.title} cannot hold are plain words there: {said}{more}")
    if found.key == "bif":
        told.append(_TABLES)
    ours = only_for_whyboard(hypothesis, format)
    if ours:
        told.append(f"only Whyboard reads from it: {', '.join(ours)}")
    return tuple(told)

"""The paths between exposure and outcome of the drawing in hand: in colour on the canvas, in words beside it.

What the canvas shows follows from the graph, from what the user holds fixed here, and from the path that is
chosen here; it is found anew at every edit, so nothing of it can be older than the drawing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from core.errors import WhyboardError
from core.graph.bits import bit_graph
from core.graph.identify import Identification
from core.graph.routes import Route, Routes, routes
from core.hypothesis import Hypothesis
from core.words import joined
from ui import knowing, results, words
from ui.editor import EdgeWay, NodeAdvice, Paths
from ui.session import ProjectView
from ui.why import why

__all__ = ["Trace", "Traced", "on_canvas", "panel", "trace"]

#: Paths that can be chosen; more are counted.
SHOWN = 12
EVERY = ""
_HELD = "held_fixed"
_WORDS = {"adjust": "adjust for", "avoid": "do not condition", "use": "front door", "measure": "needs measuring"}
_HEAD = "How the effect can be known"

#: An arrow or arc: its ends, and whether it is an arc.
type _Line = tuple[str, str, bool]


@dataclass(frozen=True)
class Traced:
    """What the graph says of the question, in the user's words for its nodes.

    Parameters
    ----------
    found : Identification
    nodes : mapping of str to str
        From the user's words to the names of nodes.
    routes : Routes
        Every path, with what is ``held`` fixed.
    held : tuple of str
        In the user's words.
    picked : Route, optional
        The one path to show.
    """

    found: Identification
    nodes: Mapping[str, str]
    routes: Routes
    held: tuple[str, ...] = ()
    picked: Route | None = None


#: None where no exposure or no outcome is marked; an error where one of them cannot be asked about.
Trace = Traced | WhyboardError | None


def trace(project: ProjectView, id: str, drawn: Hypothesis) -> Trace:
    """Return the paths of a drawing, with what this tab holds fixed in it and the path that it chose."""
    if drawn.exposure is None or drawn.outcome is None:
        return None
    titles = results.short_titles(project, drawn.graph.nodes, 40)
    try:
        found = knowing.found_for(drawn, drawn.exposure, drawn.outcome, titles)
    except WhyboardError as error:
        return error
    held = tuple(titles[name] for name in _held(id, _can_be_held(drawn)))
    every = routes(found.graph, found.treatment, found.outcome, held) if held else found.paths
    chosen = st.session_state.get(_path_key(id), EVERY)
    picked = next((route for route in every.paths[:SHOWN] if str(route) == chosen), None)
    return Traced(found, {title: name for name, title in titles.items()}, every, held, picked)


def _can_be_held(drawn: Hypothesis) -> list[str]:
    return [name for name in drawn.graph.observed if name not in (drawn.exposure, drawn.outcome)]


def _held(id: str, possible: Sequence[str]) -> list[str]:
    """Return what is held fixed; kept beside the field, which forgets it when the page is left."""
    kept = st.session_state.setdefault(_HELD, {})
    wanted = st.session_state.get(_held_key(id), kept.get(id, []))
    now = [name for name in wanted if name in possible]
    if st.session_state.get(_held_key(id)) != now:
        st.session_state[_held_key(id)] = now
    kept[id] = now
    return now


def _held_key(id: str) -> str:
    return f"hold_{id}"


def _path_key(id: str) -> str:
    return f"path_{id}"


# -- on the canvas ----------------------------------------------------------------


def on_canvas(trace: Trace) -> Paths | None:
    """Return what is shown on the canvas, by the names of nodes; None where nothing can be."""
    if not isinstance(trace, Traced):
        return None
    graph = trace.found.drawn
    kinds: dict[_Line, set[str]] = {(a, b, False): set() for a, b in graph.edges}
    kinds |= {(a, b, True): set() for a, b in graph.bidirected}
    for route in trace.routes.paths:
        for line in _lines(route, kinds):
            kinds[line].add(route.kind)
    picked = set(_lines(trace.picked, kinds)) if trace.picked else set()
    name = trace.nodes.__getitem__
    edges = (
        EdgeWay(name(a), name(b), arc, _way(kinds[a, b, arc]), (a, b, arc) in picked)  # type: ignore[arg-type]
        for a, b, arc in kinds
    )
    return Paths(tuple(edges), tuple(_advice(trace)))


def _lines(route: Route, drawn: Mapping[_Line, object]) -> Iterator[_Line]:
    """Yield the arrows and arcs of a path that are drawn; those that a background implies are not."""
    for a, mark, b in zip(route.nodes[:-1], route.marks, route.nodes[1:], strict=True):
        for line in {"→": [(a, b, False)], "←": [(b, a, False)], "↔": [(a, b, True), (b, a, True)]}[mark]:
            if line in drawn:
                yield line


def _way(kinds: set[str]) -> str:
    if {"causal", "biasing"} <= kinds:
        return "both"
    return next((kind for kind in ("causal", "biasing", "blocked") if kind in kinds), "")


def _advice(trace: Traced) -> Iterator[NodeAdvice]:
    told = {one.name: one for one in knowing.advised(trace.found)}
    for title, name in trace.nodes.items():
        one = told.get(title)
        sentence = one.sentence if one else ""
        if title in trace.held:
            act = one.act if one and one.act in ("adjust", "avoid") else "held"
            better = ", better not" if act == "avoid" else ""
            yield NodeAdvice(name, act, f"held fixed{better}", f"Held fixed. {sentence}".strip())  # type: ignore[arg-type]
        elif one is not None:
            yield NodeAdvice(name, one.act, _WORDS[one.act], sentence)  # type: ignore[arg-type]


# -- beside it --------------------------------------------------------------------


def panel(project: ProjectView, id: str, drawn: Hypothesis, trace: Trace) -> None:
    """Say how the effect can be known, what is open as things are held fixed, and every path."""
    head = f'<div class="wb-panel-head">{_HEAD} {why("identified")}</div>'
    if trace is None:
        if len(drawn.graph.nodes) > 1:
            first = "Mark an exposure (E) and an outcome (O) on the canvas: what to adjust for follows from the graph."
            st.html(f'{head}<div class="wb-small" data-testid="known">{first}</div>')
        return
    if isinstance(trace, WhyboardError):
        st.html(f'{head}<div class="wb-warn" data-testid="known">{words.html_error(trace)}</div>')
        return
    said = knowing.said_html(knowing.said_of(trace.found))
    more = knowing.more_html(trace.found, "formula and other ways")
    st.html(f'{head}<div class="wb-small" data-testid="known">{said}{more}</div>')
    st.multiselect(
        "Hold fixed",
        _can_be_held(drawn),
        format_func=project.title_of,
        key=_held_key(id),
        placeholder="nothing: choose, and see paths open and close",
        help="What an analysis conditions on. A node where two arrowheads meet opens its path when it is held fixed; "
        "every other node closes its paths. It is a look at the graph and changes no fit.",
    )
    st.html(f'<div class="wb-small" role="status" data-testid="open">{words.html(_open(trace))}</div>')
    _paths(id, trace)


def _open(trace: Traced) -> str:
    """Return what is open and closed as things are held fixed, in a sentence or two."""
    found, paths = trace.found, trace.routes.paths
    biasing = sum(route.kind == "biasing" for route in paths)
    closed = sum(route.causal and route.kind == "blocked" for route in paths)
    what = f"With {joined(trace.held)} held fixed" if trace.held else "With nothing held fixed"
    seen = "what is left" if trace.held else "a plain comparison"
    if trace.routes.more:
        return f"{what}: there are more than {len(paths):,} paths; the colours show the first of them."
    parts = []
    if biasing:
        parts.append(f"{words.count(biasing, 'biasing path')} {'is' if biasing == 1 else 'are'} open")
    if closed:
        parts.append(f"{words.count(closed, 'causal path')} {'is' if closed == 1 else 'are'} closed")
    if parts:
        sets = found.adjustment_sets.sets
        rest = f" Hold {joined(sets[0])} fixed, and nothing should be left to see." if found.no_effect and sets else ""
        return f"{what}, {joined(parts)}: {seen} is not the effect.{rest}"
    bits = bit_graph(found.graph)
    if not found.adjusting.valid(bits.mask(trace.held)):
        return f"{what}, no path is biasing, and yet part of the effect is taken away."
    kept = f"{seen} is the effect" if not found.no_effect else "there is no effect, and none is seen"
    return f"{what}, no biasing path is open: {kept}."


def _paths(id: str, trace: Traced) -> None:
    """List the paths; the one that is chosen stands out on the canvas."""
    every = trace.routes.paths
    if not every:
        return
    shown = every[:SHOWN]
    told = {str(route): route for route in shown}
    if st.session_state.get(_path_key(id), EVERY) not in (EVERY, *told):
        st.session_state[_path_key(id)] = EVERY
    with st.expander("Every path"):  # a fixed name: one that changed would close it
        st.radio(
            "Show on the canvas",
            [EVERY, *told],
            format_func=lambda path: words.md(path) if path else "all paths",
            captions=[_counted(every), *(words.md(_kind(route)) for route in shown)],
            key=_path_key(id),
        )
        if more := len(every) - len(shown):
            st.html(f'<div class="wb-small">and {words.count(more, "longer path")}</div>')


def _counted(every: Sequence[Route]) -> str:
    kinds = [route.kind for route in every]
    return ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("causal", "biasing", "blocked") if kind in kinds)


def _kind(route: Route) -> str:
    """Return what a path does, and what opens or blocks it."""
    if not route.blocked_by:
        if route.causal:
            return "causal: carries the effect"
        if route.colliders:
            return f"biasing: opened, since {joined(route.colliders)} or what follows is held fixed"
        return "biasing: open"
    meeting = [name for name in route.blocked_by if name in route.colliders]
    fixed = [name for name in route.blocked_by if name not in route.colliders]
    parts = []
    if meeting:
        parts.append(f"at {joined(meeting)}, where two arrowheads meet")
    if fixed:
        parts.append(f"by holding {joined(fixed)} fixed")
    return f"{'causal, but blocked' if route.causal else 'blocked'} {' and '.join(parts)}"

"""The twelve graphs of dagitty.net's menu in the forms in which the menu, and published supplements, write them."""

import pytest
from published_graphs import COUNTS, PUBLISHED, Published

from core.formats import parse_graph


def marked(graph: Published, node: str, short: bool = False) -> list[str]:
    found = [role for role in ("exposure", "outcome") if getattr(graph, role) == node]
    found += [mark for mark in ("latent", "adjusted", "selected") if node in getattr(graph, mark)]
    return [mark[0] for mark in found] if short else found


def quoted(name: str) -> str:
    return name if name.replace(".", "").isalnum() else f'"{name}"'


def statements(graph: Published, short: bool = False) -> list[str]:
    lines = ['bb="-3.5,-1,2,1.25"']
    for i, node in enumerate(graph.nodes):
        place = f'pos="{i}.500,-0.{i}"'
        lines.append(f"{quoted(node)} [{','.join([*marked(graph, node, short), place])}]")
    return lines


def bare(graph: Published) -> str:
    """Statements without ``dag { }``; effects in groups, short marks, arcs with the point where they bend."""
    lines = statements(graph, short=True)
    for line in graph.effects.split(";"):
        cause, effects = line.split(":")
        lines.append(f"{quoted(cause.strip())} -> {{ {' '.join(map(quoted, effects.split()))} }}")
    return "\n\t".join([*lines, *(f'{quoted(a)} <-> {quoted(b)} [pos="1,-1"]' for a, b in graph.arcs)])


def group_first(graph: Published) -> str:
    """Statements of which the first begins with a group: all causes of one node."""
    effects = sorted({effect for _, effect in graph.arrows})
    causes = {effect: [cause for cause, other in sorted(graph.arrows) if other == effect] for effect in effects}
    lines = [f"{{{' '.join(map(quoted, causes[effect]))}}} -> {quoted(effect)}" for effect in effects]
    return "; ".join([*lines, *(f"{quoted(a)} <-> {quoted(b)}" for a, b in graph.arcs), *statements(graph)[1:]])


def dag(graph: Published) -> str:
    lines = [f'{quoted(a)} -> {quoted(b)} [pos="-0.945,-0.571"]' for a, b in sorted(graph.arrows)]
    lines += [f"{quoted(a)} <-> {quoted(b)}" for a, b in graph.arcs]
    return "\n".join(["", "dag {", *statements(graph), *lines, "}"])


def heads(graph: Published) -> list[str]:
    letters = {"exposure": "E", "outcome": "O", "latent": "U", "adjusted": "A"}
    lines = []
    for i, node in enumerate(graph.nodes):
        said = "".join(letters.get(mark, "") for mark in marked(graph, node)) or "1"
        lines.append(f"{node} {said} @-{i}.193,{i}.639")
    return lines


def lists(graph: Published) -> str:
    """Two parts: marked names, and for each node what it points at, with a bend here and there."""
    arrows = graph.arrows | set(graph.arcs) | {(b, a) for a, b in graph.arcs}
    rows = [" ".join([node, *(f"{b} @0.446,0.643" for a, b in sorted(arrows) if a == node)]) for node in graph.nodes]
    return "\n".join([*heads(graph), "", *rows])


def matrix(graph: Published) -> str:
    rows = ["  ".join("01"[(a, b) in graph.arrows] for b in graph.nodes) for a in graph.nodes]
    return "\n".join([*heads(graph), "", *rows])


FORMS = {"bare": bare, "group first": group_first, "dag": dag, "lists": lists, "matrix": matrix}


@pytest.mark.parametrize("key", PUBLISHED)
def test_every_graph_is_read_in_every_form(key: str) -> None:
    graph = PUBLISHED[key]
    for form, write in FORMS.items():
        if form == "matrix" and graph.arcs:
            continue  # a matrix has no word for an arc
        reading = parse_graph(write(graph), "dagitty", "h")
        found = reading.hypothesis
        assert set(found.graph.nodes) == set(graph.nodes), form
        assert set(found.graph.edges) == graph.arrows, form
        assert {frozenset(pair) for pair in found.bidirected} == {frozenset(pair) for pair in graph.arcs}, form
        assert (found.exposure, found.outcome) == (graph.exposure, graph.outcome), form
        assert found.graph.latents == set(graph.latent), form
        said = " ".join(reading.remarks)
        assert all(name in said for name in graph.adjusted), form
        assert ("adjusted was not kept" in said) is bool(graph.adjusted), form
        if form not in ("lists", "matrix"):
            assert ("selected was not kept" in said) is bool(graph.selected), form


@pytest.mark.parametrize("key", PUBLISHED)
def test_as_many_as_dagitty_itself_counts(key: str) -> None:
    graph = PUBLISHED[key]
    reading = parse_graph(FORMS[graph.syntax](graph), "dagitty", "h")
    found = reading.hypothesis
    nodes, arrows, arcs, latents, exposures, outcomes, adjusted, selected = COUNTS[key]
    assert (len(found.nodes), len(found.edges), len(found.bidirected)) == (nodes, arrows, arcs)
    assert (len(found.graph.latents), len(reading.exposures), len(reading.outcomes)) == (latents, exposures, outcomes)
    assert (len(graph.adjusted), len(graph.selected)) == (adjusted, selected)

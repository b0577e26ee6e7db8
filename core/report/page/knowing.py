"""How each hypothesis can know the effect: what follows from its graph alone."""

from core.errors import WhyboardError
from core.figures.cutting import cut_all
from core.graph.causal_graph import renamed
from core.graph.identify import Identification, identify
from core.hypothesis import Hypothesis
from core.report.page.about import Told
from core.report.page.markup import Html, el, joined_html, listing, note
from core.words import joined

__all__ = ["how_it_is_known", "known_by"]

_MOST_PATHS = 5


def known_by(told: Told, hypothesis: Hypothesis) -> Identification | None:
    """Return what a graph says of the question's effect, by the user's words; None where it says nothing."""
    pair, graph = told.pair, hypothesis.graph
    if pair is None:
        return None
    words = dict(zip(graph.nodes, cut_all([told.title(node) for node in graph.nodes], 40), strict=True))
    if len({*words.values()}) < len(words):
        words = {node: node for node in graph.nodes}
    try:
        return identify(
            renamed(graph, words), words[pair[0]], words[pair[1]], [words[name] for name in hypothesis.background]
        )
    except WhyboardError:
        return None


def how_it_is_known(told: Told) -> Html:
    """Say for each hypothesis whether the effect can be known and how; those that say the same stand together."""
    if told.pair is None:
        return note("No effect is asked about.")
    said: dict[tuple[str, ...], list[tuple[str, Identification]]] = {}
    silent = []
    for hypothesis in told.comparison.drawn:
        found = known_by(told, hypothesis)
        if found is None:
            silent.append(f"{told.called(hypothesis.name)}: nothing can be known where an end is not measured.")
        else:
            said.setdefault((found.sentence, *_advice(found)), []).append((hypothesis.name, found))
    parts: list[Html] = []
    for (sentence, *advice), members in said.items():
        chips = joined_html((told.chip(name) for name, _ in members), " ")
        parts.append(el("section", el("h4", chips), el("p", sentence), listing(advice), _more(members[0][1])))
    about = note(
        "This follows from each graph alone, not from the data: it holds if all causes that matter are drawn. The "
        "effects in this report are computed from each hypothesis' own model, of which adjustment is one reading."
    )
    return joined_html([*parts, listing(silent), about])


def _advice(found: Identification) -> list[str]:
    if found.no_effect or found.left_open:
        return []
    order = {"adjust": 0, "use": 1, "avoid": 2, "measure": 3}
    kept = sorted((one for one in found.advice if one.act in order), key=lambda one: order[one.act])
    return [one.sentence for one in kept]


def _more(found: Identification) -> Html:
    """Return what the analyst asks: the formula, other ways, and the paths."""
    parts: list[object] = []
    if found.formula:
        parts.append(el("p", f"P({found.outcome} | do({found.treatment})) = {found.formula}", class_="formula"))
    if found.any_value:
        parts.append(note(f"Whichever value {joined(found.any_value)} may have."))
    others = [joined(one) or "nothing" for one in found.adjustment_sets.sets[1:5]]
    if others:
        parts.append(note(f"Or adjust for: {'; '.join(others)}."))
    if found.instruments:
        some = [
            f"{one.instrument}{f' given {joined(one.given)}' if one.given else ''}" for one in found.instruments[:3]
        ]
        parts.append(note(f"In a linear model {joined(some)} can serve as instrument."))
    ways = [
        joined([*(f"nothing unmeasured acted on both {a} and {b}" for a, b in way.deny),
                *(f"{name} was measured" for name in way.measure)])
        for way in found.ways_out[:3]
    ]  # fmt: skip
    parts += [note(f"It could be known if {way}.") for way in ways]
    paths = [f"{route.kind}: {route}" for route in found.paths.paths[:_MOST_PATHS]]
    if paths:
        rest = len(found.paths.paths) - len(paths)
        more = f", and {rest} more" if rest > 0 else ""
        parts.append(el("p", f"Paths: {'; '.join(paths)}{more}.", class_="note"))
    return joined_html(parts)

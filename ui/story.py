"""Three pictures under the doors: what one gets. Drawn with the product's own pictures."""

from __future__ import annotations

from core.hypothesis import Edge, Hypothesis, Node
from ui import pictures, words
from ui.pictures import Tone
from ui.theme import COLOURS, MUTED

__all__ = ["story"]

_PLACES = {"season": (20.0, 62.0), "ads": (90.0, 22.0), "price": (90.0, 98.0), "sales": (165.0, 62.0)}
_RED = "#c62828"


def story(tone: Tone) -> str:
    """Return the strip as HTML."""
    told = (
        (
            _claim(tone),
            "It reads your graph back to you",
            "Every arrow that you leave out is a claim. You see each claim as a sentence while you draw.",
        ),
        (
            _broken(tone),
            "It shows where a graph breaks",
            "What the data contradict stands on your own picture, with how much is left over.",
        ),
        (
            _tied(tone),
            "It never ranks what cannot be told apart",
            "Graphs that no observation can separate stand as one, and the page says so.",
        ),
    )
    parts = [
        f'<figure>{drawn}<figcaption><b>{words.html(head)}</b><br><span class="wb-muted">{words.html(text)}</span>'
        "</figcaption></figure>"
        for drawn, head, text in told
    ]
    return f'<div class="wb-story">{"".join(parts)}</div>'


def _graph(*arrows: tuple[str, str]) -> Hypothesis:
    nodes = tuple(Node(name, position=place) for name, place in _PLACES.items())
    return Hypothesis("example", nodes, tuple(Edge(a, b) for a, b in arrows), exposure="ads", outcome="sales")


def _part(arrows: tuple[tuple[str, str], ...], colour: str, tone: Tone, width: int = 186) -> str:
    return pictures.graph_inside(_graph(*arrows), colour, width, 120, tone)


def _claim(tone: Tone) -> str:
    drawn = _part((("season", "ads"), ("season", "sales"), ("price", "sales")), COLOURS[0], tone)
    lines = ("Given season,", "ads and sales", "are unrelated.")
    said = "".join(f'<tspan x="206" dy="17">{line}</tspan>' for line in lines)
    text = f'<text x="206" y="26" font-size="13.5" font-style="italic" fill="{tone.ink}">{said}</text>'
    return pictures.image(drawn + text, 310, 120, "a graph, and one of its claims as a sentence")


def _broken(tone: Tone) -> str:
    drawn = _part((("season", "ads"), ("ads", "sales"), ("price", "sales")), COLOURS[1], tone)
    mark = (
        f'<path d="M25 60H158" stroke="{_RED}" stroke-width="2.2" stroke-dasharray="2 5" stroke-linecap="round"/>'
        f'<text x="206" y="58" font-size="13.5" fill="{_RED}">0.31 left over</text>'
        f'<text x="206" y="76" font-size="12.5" fill="{MUTED}">[0.22, 0.39]</text>'
    )
    return pictures.image(drawn + mark, 310, 120, "a missing arrow that the data contradict, red and dotted")


def _tied(tone: Tone) -> str:
    left = _part((("season", "ads"), ("ads", "sales")), COLOURS[0], tone, 136)
    right = _part((("ads", "season"), ("ads", "sales")), COLOURS[2], tone, 136)
    sign = f'<text x="152" y="72" font-size="26" text-anchor="middle" fill="{MUTED}">=</text>'
    return pictures.image(f'{left}{sign}<g transform="translate(168 0)">{right}</g>', 310, 120, "two tied graphs")

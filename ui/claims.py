"""What a graph says, in the expert's words: its claims, what the data lack, what stands in the way of a fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.errors import WhyboardError
from core.graph.background import upstream_of
from core.graph.implications import implications, restricted_to, untestable_reason
from core.graph.words import notation, say
from core.hypothesis import Hypothesis
from core.model.suitable import check_supported
from ui import words

__all__ = ["Claims", "claims_html", "claims_of"]

SHOWN = 6
NAMED = 6  # of what is background
Title = Callable[[str], str]


@dataclass(frozen=True)
class Claims:
    """What stands beside the canvas. All text is HTML, escaped.

    ``sentences`` are the claims that bear on the question, all of them where none is asked; ``beside``
    those among what is upstream of it; ``left_open`` says what nobody claims anything about.
    """

    sentences: tuple[str, ...]
    untestable: str
    missing: tuple[str, ...]
    left_open: str
    unfittable: WhyboardError | None
    beside: tuple[str, ...] = ()
    asked: bool = False


def claims_of(hypothesis: Hypothesis, title: Title, columns: tuple[str, ...] | None) -> Claims:
    """Return what ``hypothesis`` claims about data with these columns (None: no data yet)."""
    graph = hypothesis.graph
    bold = lambda name: f"<b>{words.html(title(name))}</b>"  # noqa: E731
    plain = lambda name: words.html(title(name))  # noqa: E731
    background = frozenset(hypothesis.background)
    seen = graph if columns is None else restricted_to(graph, columns)
    upstream = upstream_of(graph, hypothesis.exposure, hypothesis.outcome)
    found = implications(seen, background, upstream or frozenset())
    said = {one: f'<span title="{notation(one, plain)}">{_capital(say(one, bold))}.</span>' for one in found}
    apart = frozenset() if upstream is None else upstream
    beside = tuple(text for one, text in said.items() if apart.issuperset((one.x, one.y)))
    sentences = tuple(text for one, text in said.items() if not apart.issuperset((one.x, one.y)))
    reason = untestable_reason(graph, columns, background) if not found else None
    missing = () if columns is None else tuple(n for n in graph.observed if n not in columns)
    named = words.listing((bold(name) for name in hypothesis.background), NAMED)
    left_open = f"{named} may be related in any way (background)." if len(background) > 1 else ""
    unfittable: WhyboardError | None = None
    try:
        check_supported(hypothesis)
    except WhyboardError as error:
        unfittable = error
    return Claims(sentences, reason or "", missing, left_open, unfittable, beside, upstream is not None)


def _capital(sentence: str) -> str:
    """Start a sentence with a capital, unless it starts with a name."""
    return sentence if sentence.startswith("<") else sentence[0].upper() + sentence[1:]


def claims_html(claims: Claims, title: Title) -> str:
    """Return the panel: what is left open, claims, then what the data lack and what cannot be fitted."""
    parts = []
    if claims.left_open:
        parts.append(f'<div class="wb-small wb-left-open">{claims.left_open}</div>')
    if claims.sentences:
        shown = claims.sentences[:SHOWN]
        head = words.count(len(claims.sentences), "thing")
        about = " about the question" if claims.asked else ""
        parts.append(f'<div class="wb-panel-head">This graph claims {head}{about} that data could contradict</div>')
        parts.append(f'<ul class="wb-claims">{"".join(f"<li>{text}</li>" for text in shown)}</ul>')
        if rest := claims.sentences[SHOWN:]:
            items = "".join(f"<li>{text}</li>" for text in rest)
            parts.append(f'<details><summary>{len(rest)} more</summary><ul class="wb-claims">{items}</ul></details>')
    elif claims.beside:
        head = "This graph claims nothing about the question that data could contradict"
        parts.append(f'<div class="wb-panel-head">{head}</div>')
    elif claims.untestable:
        parts.append('<div class="wb-panel-head">This graph claims nothing that data could contradict</div>')
        parts.append(f'<div class="wb-small">{words.html(words.sentence(claims.untestable))}</div>')
    if claims.beside:
        items = "".join(f"<li>{text}</li>" for text in claims.beside)
        many = words.count(len(claims.beside), "claim")
        verb = "does" if len(claims.beside) == 1 else "do"
        parts.append(
            f"<details><summary>{many} among what is upstream of the question, which {verb} not bear on it</summary>"
            f'<ul class="wb-claims">{items}</ul></details>'
        )
    if claims.missing:
        named = words.listing((title(name) for name in claims.missing), 6)
        verb = "is not a column" if len(claims.missing) == 1 else "are not columns"
        parts.append(
            f'<div class="wb-warn"><b>{words.html(named)}</b> {verb} of your data. Rename it to a column, '
            "or mark it as unmeasured.</div>"
        )
    if claims.unfittable is not None:
        parts.append(f'<div class="wb-warn">{words.html_error(claims.unfittable)}</div>')
    return f'<div class="wb-panel">{"".join(parts)}</div>'

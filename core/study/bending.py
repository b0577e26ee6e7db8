"""Arrows that may bend: every straight arrow of some hypotheses, or one, as ``auto`` (:mod:`core.forms.smooth`)."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from core.comparison.result import HypothesisFacts
from core.hypothesis import Hypothesis

__all__ = ["bending", "bent_words"]

_BENDS = 0.5


def bending(hypothesis: Hypothesis, arrows: Collection[tuple[str, str]] | None = None) -> Hypothesis:
    """Return the hypothesis with its straight arrows as ones that may bend.

    Parameters
    ----------
    hypothesis : Hypothesis
    arrows : collection of (str, str), optional
        Only these; those that the hypothesis lacks are passed over. An arrow that has another form keeps it.

    Examples
    --------
    >>> one = Hypothesis.from_dagitty("dag { a -> b }", name="one")
    >>> bending(one).edge("a", "b").form
    'auto'
    """
    edges = tuple(
        replace(edge, form="auto")
        if edge.form == "linear" and (arrows is None or (edge.source, edge.target) in arrows)
        else edge
        for edge in hypothesis.edges
    )
    return replace(hypothesis, edges=edges)


def bent_words(facts: Iterable[HypothesisFacts]) -> str:
    """Say which arrows that may bend do, arrow by arrow over all hypotheses; empty where none may."""
    found: dict[str, list[float]] = {}
    for one in facts:
        for edge in one.edges:
            if edge.bends is not None:
                found.setdefault(f"{edge.source} -> {edge.target}", []).append(edge.bends)
    if not found:
        return ""
    bends = {arrow: sum(shares) / len(shares) for arrow, shares in found.items()}
    curved = sorted((arrow for arrow in bends if bends[arrow] > _BENDS), key=lambda arrow: -bends[arrow])
    said = [f"{arrow} (probability {bends[arrow]:.2f})" for arrow in curved]
    rest = len(bends) - len(curved)
    if not curved:
        return f"{_arrows(rest)} may bend, and none of them probably does."
    verb = "bends" if len(curved) == 1 else "bend"
    return f"Of {_arrows(len(bends))} that may bend {verb}: {', '.join(said)}."


def _arrows(count: int) -> str:
    return f"{count} arrow{'' if count == 1 else 's'}"

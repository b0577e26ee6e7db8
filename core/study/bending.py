"""Arrows that may bend: every straight arrow of some hypotheses, or one, as ``auto`` (:mod:`core.forms.smooth`)."""

from collections.abc import Callable, Collection, Iterable
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
        Only these; those that the hypothesis lacks are passed over. An arrow that has another form keeps it,
        and so does one that carries over: nothing would of a curve that may be any.

    Examples
    --------
    >>> one = Hypothesis.from_dagitty("dag { a -> b }", name="one")
    >>> bending(one).edge("a", "b").form
    'auto'
    """
    edges = tuple(
        replace(edge, form="auto")
        if edge.form == "linear" and not edge.carry and (arrows is None or (edge.source, edge.target) in arrows)
        else edge
        for edge in hypothesis.edges
    )
    return replace(hypothesis, edges=edges)


def bent_words(facts: Iterable[HypothesisFacts], title: Callable[[str], str]) -> tuple[str, ...]:
    """Say which arrows that may bend do, each over all hypotheses that have it; nothing where none may."""
    found: dict[str, list[float]] = {}
    for one in facts:
        for edge in one.edges:
            if edge.bends is not None:
                found.setdefault(f"{title(edge.source)} -> {title(edge.target)}", []).append(edge.bends)
    if not found:
        return ()
    bends = {arrow: sum(shares) / len(shares) for arrow, shares in found.items()}
    curved = sorted((arrow for arrow in bends if bends[arrow] > _BENDS), key=lambda arrow: -bends[arrow])
    said = ", ".join(f"{arrow} (probability {_share(bends[arrow])})" for arrow in curved)
    may = "1 arrow that may bend" if len(bends) == 1 else f"{len(bends)} arrows that may bend"
    if not curved:
        return (f"Of {may} none probably does.",)
    return (f"Of {may} {len(curved)} probably {'does' if len(curved) == 1 else 'do'}: {said}.",)


def _share(probability: float) -> str:
    return "over 0.99" if probability > 0.99 else f"{probability:.2f}"

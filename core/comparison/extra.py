"""The additional arrows of the larger of two nested hypotheses, and whether they are there.

elpd never rejects a superfluous arrow. So of nested hypotheses two more things are said: the
arrows' intervals, and the log Bayes factor over the sweep of the prior's scale.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from core.comparison.arrow_scale import ArrowScale, arrow_scale
from core.comparison.facts import Clause
from core.comparison.rival import Rival
from core.fit.arrows import EdgeSummary
from core.graph.causal_graph import Edge
from core.words import joined

__all__ = ["Extra", "expert_words", "extra_arrows", "extra_clause"]

BARE_MENTION = 1.0
"""A log Bayes factor within this is "not worth more than a bare mention" (Kass & Raftery 1995)."""
_SHOWN = 3
_SIZED = 2
_EACH = "an effect for each level"  # of an arrow from or into a category, which has no one number

Title = Callable[[str], str]


@dataclass(frozen=True)
class Arrow:
    """One additional arrow, and how its number is said; ``found`` is None where it has none."""

    edge: Edge
    found: EdgeSummary
    scale: ArrowScale

    @property
    def known(self) -> tuple[float, float, float] | None:
        """Mean and 90 % interval."""
        found = self.found
        if found.mean is None or found.q05 is None or found.q95 is None:
            return None
        return found.mean, found.q05, found.q95

    @property
    def of_group(self) -> bool:
        """Whether it stands for a node that varies by a group, and is not drawn."""
        return self.found.form == "group"

    @property
    def leaves_zero_out(self) -> bool:
        """Whether the 90 % interval does."""
        return self.known is not None and (self.known[1] > 0 or self.known[2] < 0)


@dataclass(frozen=True)
class Extra:
    """What ``large`` adds to its smaller rival.

    ``bayes`` is the log Bayes factor for the larger one, ``low`` and ``high`` its ends over the
    prior's sweep; None where it is not known.
    """

    large: str
    arrows: tuple[Arrow, ...]
    bayes: float | None
    low: float = 0.0
    high: float = 0.0
    swept: bool = False

    @property
    def grouped(self) -> tuple[Arrow, ...]:
        """Those of nodes that vary by a group."""
        return tuple(arrow for arrow in self.arrows if arrow.of_group)

    @property
    def judged(self) -> str:
        """``"for"``, ``"against"``, ``"nothing"`` (too little to mention) or ``"prior"`` (depends on it)."""
        if max(abs(self.low), abs(self.high)) < BARE_MENTION:
            return "nothing"
        if self.low > 0:
            return "for"
        return "against" if self.high < 0 else "prior"


def extra_arrows(
    small: Rival, large: Rival, bayes: float | None, sweep: Sequence[float] | None, large_first: bool
) -> Extra:
    """Return what ``large`` adds.

    Parameters
    ----------
    small, large : Rival
    bayes : float or None
        Log Bayes factor of the first over the second of the two.
    sweep : sequence of float or None
        The same over the sweep of the prior's scale.
    large_first : bool
        Whether the larger one is the first.
    """
    known = set(small.graph.edges)
    arrows = tuple(_arrow(large, edge) for edge in large.graph.edges if edge not in known)
    if bayes is None:
        return Extra(large.name, arrows, None)
    sign = 1.0 if large_first else -1.0
    values = [sign * value for value in (sweep or (bayes,))]
    return Extra(large.name, arrows, sign * bayes, min(values), max(values), sweep is not None)


def _arrow(rival: Rival, edge: Edge) -> Arrow:
    source, target = (rival.fit.spec.node(name) for name in edge)
    found = rival.edge(*edge)
    return Arrow(edge, found, arrow_scale(vars(source), vars(target), found.working_scale))


def extra_clause(extra: Extra, title: Title) -> Clause:
    """Return the clause of a pair's difference that says it, with the log Bayes factor."""
    arrows = tuple(arrow.edge for arrow in extra.arrows)
    changed = tuple(dict.fromkeys(target for _, target in arrows))
    return Clause("extra", _analyst_words(extra, title), (extra.large,), changed, arrows)


def _analyst_words(extra: Extra, title: Title) -> str:
    words = f"{extra.large} {_added(extra, title, _listed_with_intervals)}"
    if extra.bayes is None:
        return words
    span = f"{extra.bayes:.1f}"
    if extra.swept:
        span += f" ({extra.low:.1f} to {extra.high:.1f} over the prior sweep)"
    several = len(extra.arrows) > 1
    what = ("them" if several else "it") if extra.grouped else "these arrows" if several else "this arrow"
    judged = {
        "nothing": f"the evidence says next to nothing about {'them' if several else 'it'}",
        "for": f"the evidence is for {what}",
        "against": f"the evidence is against needing {'them' if several else 'it'}",
        "prior": "the evidence depends on the prior",
    }[extra.judged]
    return f"{words}; {judged}: log Bayes factor {span}"


def expert_words(extra: Extra, title: Title, left_over: Collection[frozenset[str]] = ()) -> str:
    """Say it without terms, and reconcile the yardsticks where they seem to differ.

    ``left_over`` are the pairs between which the smaller one denies a link that the data show: evidence against an
    arrow there (one of many numbers, as of a category's levels) speaks of its price and not of its absence.
    """
    words = f"{extra.large} {_added(extra, title, _few)}"
    if extra.bayes is None:
        return words
    several = len(extra.arrows) > 1
    it, is_ = ("they", "are") if several else ("it", "is")
    clear = [arrow for arrow in extra.arrows if arrow.leaves_zero_out]
    match extra.judged:
        case "for":
            return f"{words}, and the data ask for {'them' if several else 'it'}"
        case "against" if clear and len(clear) == len(extra.arrows):
            return f"{words}: small, probably not zero, and too small for this prior to ask for"
        case "against" if any(frozenset(arrow.edge) in left_over for arrow in extra.arrows):
            what = "them all" if several else "the arrow"
            return f"{words}: a link seems to be there, but too small for this prior to ask for {what}"
        case "against":
            return f"{words}, and the data speak against needing {'them' if several else 'it'}"
        case "nothing":
            return f"{words}, and the data say next to nothing about whether {it} {is_} needed"
    return f"{words}; whether {it} {is_} needed depends on the prior"


def _added(extra: Extra, title: Title, listed: Callable[[Sequence[Arrow], Title], str]) -> str:
    """Say what comes with the larger one: arrows with their sizes (of many how many), nodes that vary by a group."""
    drawn = [arrow for arrow in extra.arrows if not arrow.of_group]
    said = [f"adds {listed(drawn, title)}"] if drawn else []
    varying: dict[str, list[str]] = {}
    for arrow in extra.grouped:
        varying.setdefault(title(arrow.edge[0]), []).append(title(arrow.edge[1]))
    said += [f"lets {joined(nodes)} vary by {group}" for group, nodes in varying.items()]
    return joined(said)


def _listed(arrows: Sequence[Arrow], title: Title, size: Callable[[Arrow], str]) -> str:
    return ", ".join(f"{title(a.edge[0])} -> {title(a.edge[1])} ({size(a)})" for a in arrows)


def _listed_with_intervals(arrows: Sequence[Arrow], title: Title) -> str:
    return f"{_listed(arrows[:_SHOWN], title, _with_interval)}{' and more' if len(arrows) > _SHOWN else ''}"


def _few(arrows: Sequence[Arrow], title: Title) -> str:
    """Name the arrows with their sizes; of many only how many there are, and the first."""
    if len(arrows) <= _SIZED:
        return _listed(arrows, title, _size)
    source, target = arrows[0].edge
    return f"{len(arrows)} arrows ({title(source)} -> {title(target)} and {len(arrows) - 1} more)"


def _with_interval(arrow: Arrow) -> str:
    return _EACH if arrow.known is None else arrow.scale.sentence(*arrow.known)


def _size(arrow: Arrow) -> str:
    if arrow.known is None:
        return _EACH
    low, high = (arrow.scale.value(end) for end in arrow.known[1:])
    mean = arrow.scale.label(arrow.known[0])
    return f"{mean}, between {low} and {high}{arrow.scale.meaning.after}"

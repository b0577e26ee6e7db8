"""What a difference between hypotheses rests on, where that does not hold: families that do not fit, links in doubt.

Scores compare families as they are assumed. Where what is favoured rests on a family whose shape is
flagged, or on a link that only a straight line over all rows finds, an arrow may stand in for a curve. The
clause then says so and names the remedy, and no probability is given until it is mended or the user takes
the node as it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.check.shape import Shape
from core.check.tested import FEW_ROWS, IndependenceTest
from core.comparison.facts import ClassFacts
from core.comparison.result import HypothesisFacts
from core.comparison.rival import Rival
from core.graph.causal_graph import CausalGraph
from core.graph.paths import nodes_on_directed_paths
from core.words import joined

__all__ = ["NOTHING", "Rest", "effect_rests_on", "resting", "without_probability"]

Title = Callable[[str], str]

_NAMED = 2


@dataclass(frozen=True, eq=False)
class Rest:
    """What a difference rests on and does not hold; falsy where nothing of the kind was found.

    Parameters
    ----------
    shapes : tuple of Shape
        Flags of families that differ between hypotheses.
    doubts : tuple of IndependenceTest
        Links that one hypothesis denies and the favoured one draws, which one look alone finds.
    """

    shapes: tuple[Shape, ...] = ()
    doubts: tuple[IndependenceTest, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.shapes or self.doubts)

    def words(self, title: Title) -> str:
        """Return what it rests on, as the end of a sentence."""
        told = list(dict.fromkeys(shape.short(title) for shape in self.shapes))
        parts = []
        if told:
            more = [f"{len(told) - _NAMED} more of the kind"] if len(told) > _NAMED else []
            fits = "a family that does not fit" if len(told) == 1 else "families that do not fit"
            parts.append(f"{fits} ({joined([*told[:_NAMED], *more])})")
        links = list(dict.fromkeys(_link(test, title) for test in self.doubts))
        if links:
            parts.append(joined(links[:_NAMED]))
        return joined(parts)

    def remedy(self, title: Title) -> str:
        """Return what would mend it, as the end of a sentence; empty where nothing here does."""
        told = dict.fromkeys(shape.mended(title) for shape in self.shapes)
        return next((words for words in told if words), "")


NOTHING = Rest()


def _link(test: IndependenceTest, title: Title) -> str:
    pair = f"a link between {title(test.x)} and {title(test.y)}"
    if test.shape == FEW_ROWS and test.rows:
        return f"{pair} that hangs on {len(test.rows)} of the rows"
    what = "what causes both" if test.about is None else title(test.about)
    if test.differs_by_group:
        return f"{pair} that is gone once effects may differ by {what}"
    return f"{pair} that is gone once {what} may act in a curve"


def resting(facts: Sequence[HypothesisFacts], rivals: Sequence[Rival], classes: Sequence[ClassFacts]) -> Rest:
    """Return what the favoured class rests on.

    Parameters
    ----------
    facts : sequence of HypothesisFacts
    rivals : sequence of Rival
        The same hypotheses in the same order, in the scope of ``classes``.
    classes : sequence of ClassFacts
    """
    if len(classes) < 2:
        return NOTHING
    favoured = max(classes, key=lambda group: (group.spoken_probability or 0.0, group.log_evidence or float("-inf")))
    differ = {
        node
        for node in rivals[0].fit.by_node
        if len({rival.fit.by_node[node].key for rival in rivals if node in rival.fit.by_node}) > 1
    }
    own = [(found, rival) for found, rival in zip(facts, rivals, strict=True) if found.name in favoured.members]
    shapes = [shape for found, _ in own for shape in found.flagged_shapes if shape.node in differ]
    drawn = {frozenset(edge) for _, rival in own for edge in rival.graph.edges}
    doubts = [
        test
        for found in facts
        if found.name not in favoured.members
        for test in found.doubted
        if test.accused and frozenset((test.x, test.y)) in drawn
    ]
    return Rest(tuple(dict.fromkeys(shapes)), tuple(doubts))


def without_probability(classes: Sequence[ClassFacts]) -> tuple[ClassFacts, ...]:
    """Return classes whose probability is withheld."""
    return tuple(replace(group, probability=None, bagged_probability=None, bagged_interval=None) for group in classes)


def effect_rests_on(facts: HypothesisFacts, pair: tuple[str, str]) -> tuple[Shape, ...]:
    """Return the flags of the families that a hypothesis' answer passes through."""
    if not facts.flagged_shapes:
        return ()
    names = tuple(node.name for node in facts.columns)
    edges = tuple((parent, node.name) for node in facts.nodes for parent in node.parents)
    way = nodes_on_directed_paths(CausalGraph(names, edges), *pair) - {pair[0]}
    return tuple(shape for shape in facts.flagged_shapes if shape.node in way)

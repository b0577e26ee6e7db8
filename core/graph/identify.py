"""What a graph says of one effect: whether it can be known from what is observed, how, and what stands in the way."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

from core.errors import GraphError
from core.graph.adjustment import Adjusting, Listed, adjusting_for, direct_adjustment_sets
from core.graph.advice import Advice, Adviser
from core.graph.background import completed, total_effect_left_open
from core.graph.bits import BitGraph, bit_graph
from core.graph.causal_graph import CausalGraph
from core.graph.expression import Expression
from core.graph.formula import adjustment_formula, front_door_formula, rendered
from core.graph.front_door import front_door_sets
from core.graph.id_algorithm import Hedge, estimand, hedge_of, moved_behind_do
from core.graph.instruments import Instrument, instruments
from core.graph.remedies import WayOut, ways_out
from core.graph.roles import roles_of
from core.graph.routes import Routes, routes
from core.graph.surgery import projected
from core.words import joined

__all__ = ["Identification", "identify"]


@dataclass(frozen=True)
class Identification:
    """One effect under one graph. What is asked of it is found when it is asked, and kept.

    Parameters
    ----------
    drawn : CausalGraph
        The graph as it was drawn.
    treatment, outcome : str
    given : tuple of str
        For an effect among units with some value of these; the effect is P(outcome | do(treatment), given).
    background : tuple of str
        Causes that may be related in any way.
    """

    drawn: CausalGraph
    treatment: str
    outcome: str
    given: tuple[str, ...] = ()
    background: tuple[str, ...] = ()

    @cached_property
    def graph(self) -> CausalGraph:
        """The graph with every arrow among the background, in the order of its nodes."""
        return completed(self.drawn, self.background)

    @cached_property
    def _bits(self) -> BitGraph:
        return bit_graph(self.graph)

    @cached_property
    def _projected(self) -> BitGraph:
        return projected(self._bits)

    @cached_property
    def _asked(self) -> tuple[int, int, int]:
        """Treatments, outcome and given as bit sets, with what may be set as well as seen among the treatments."""
        bits = self._projected
        treatments, outcomes = bits.mask([self.treatment]), bits.mask([self.outcome])
        if not self.given:
            return treatments, outcomes, 0
        treatments, given = moved_behind_do(bits, treatments, outcomes, bits.mask(self.given))
        return treatments, outcomes, given

    @cached_property
    def _hedge(self) -> Hedge | None:
        treatments, outcomes, given = self._asked
        return hedge_of(self._projected, treatments, outcomes | given)

    @cached_property
    def adjusting(self) -> Adjusting:
        """What adjustment for the total effect is about."""
        return adjusting_for(self._bits, self._bits.index[self.treatment], self._bits.index[self.outcome])

    @cached_property
    def left_open(self) -> bool:
        """Whether the effect hangs on what the background leaves open."""
        return total_effect_left_open(self.drawn, self.background, self.treatment, self.outcome)

    @cached_property
    def no_effect(self) -> bool:
        """Whether the treatment is no cause of the outcome, so that the effect is zero."""
        return not self.left_open and self.outcome not in self.graph.descendants(self.treatment)

    @cached_property
    def identified(self) -> bool:
        """Whether the effect follows from the distribution of what is observed, with no assumption on form."""
        return not self.left_open and self._hedge is None

    @cached_property
    def hedge(self) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """Nodes of the two c-forests that show that the effect is not identified, the larger first; None if it is.

        Of the latent projection: what is unmeasured is an arc in it.
        """
        if self.left_open or self._hedge is None:
            return None
        return self._bits.named(self._hedge.outer), self._bits.named(self._hedge.inner)

    @cached_property
    def adjustment_sets(self) -> Listed:
        """All inclusion-minimal sets of observed nodes for the total effect; none where it is left open."""
        return Listed(()) if self.left_open else self.adjusting.sets()

    @cached_property
    def direct_adjustment_sets(self) -> Listed:
        """All inclusion-minimal sets for the direct effect in a linear model; none where it is left open."""
        if {self.treatment, self.outcome} <= set(self.background):
            return Listed(())
        return direct_adjustment_sets(self.graph, self.treatment, self.outcome)

    @cached_property
    def front_door(self) -> Listed:
        """All inclusion-minimal front-door sets of observed nodes."""
        return Listed(()) if self.left_open else front_door_sets(self.graph, self.treatment, self.outcome)

    @cached_property
    def instruments(self) -> tuple[Instrument, ...]:
        """Instruments for the total effect, each with what to hold fixed; in a linear model."""
        return () if self.left_open else instruments(self.graph, self.treatment, self.outcome)

    @cached_property
    def paths(self) -> Routes:
        """Every path between treatment and outcome, with ``given`` held fixed."""
        return routes(self.graph, self.treatment, self.outcome, self.given)

    @cached_property
    def _plain_paths(self) -> Routes:
        return routes(self.graph, self.treatment, self.outcome) if self.given else self.paths

    @cached_property
    def roles(self) -> dict[str, tuple[str, ...]]:
        """The roles of every node, see :func:`core.graph.roles.roles_of`."""
        found = (instrument.instrument for instrument in self.instruments)
        return roles_of(self.graph, self.treatment, self.outcome, self._plain_paths.paths, found)

    @cached_property
    def advice(self) -> tuple[Advice, ...]:
        """What to do with every other node, and why; nothing where the effect is left open."""
        if self.left_open:
            return ()
        through = self.front_door.sets[0] if self.front_door.sets else ()
        sets = self.adjustment_sets.sets
        return Adviser(self._bits, self.roles, self.adjusting, sets, through, self._plain_paths.paths).all()

    @cached_property
    def ways_out(self) -> tuple[WayOut, ...]:
        """The smallest sets of arcs to deny and latents to measure that would make it identified, if it is not."""
        if self.identified or self.left_open:
            return ()
        return ways_out(self.drawn, lambda graph: self._like(graph).identified)

    def _like(self, graph: CausalGraph) -> "Identification":
        return Identification(graph, self.treatment, self.outcome, self.given, self.background)

    @cached_property
    def _estimand(self) -> tuple[Expression | None, str | None]:
        """The expression, and how it was found: the best known way that there is."""
        x, y = self.treatment, self.outcome
        if not self.identified:
            return None, None
        treatments, outcomes, given = self._asked
        if self.no_effect and not self.given:
            return estimand(self._projected, treatments, outcomes), "no effect"
        held = self._bits.mask(self.given)
        if self.given:
            best = self.adjusting.containing(held)
            sets = [] if best is None else [self._bits.named(best)]
        else:
            sets = list(self.adjusting.sets(limit=50).sets)
        if sets:
            return adjustment_formula([x], y, sets[0], self.given), "adjustment"
        if self.front_door.sets and not self.given:
            return front_door_formula(x, y, self.front_door.sets[0]), "front door"
        return estimand(self._projected, treatments, outcomes, given), "do-calculus"

    @property
    def estimand(self) -> Expression | None:
        """P(outcome | do(treatment), given) in terms of what is observed; None where it is not identified."""
        return self._estimand[0]

    @property
    def by(self) -> str | None:
        """How: ``"adjustment"``, ``"front door"``, ``"do-calculus"`` or ``"no effect"``; None where not at all."""
        return self._estimand[1]

    @property
    def formula(self) -> str | None:
        """The estimand as a line of mathematics; None where the effect is not identified."""
        if self.estimand is None:
            return None
        order = [name for name in self.graph.topological_order if name != self.treatment]
        return rendered(self.estimand, [self.treatment, *order])

    @property
    def any_value(self) -> tuple[str, ...]:
        """Nodes in the formula that are not asked about: it has the same value whichever value they have."""
        if self.estimand is None:
            return ()
        asked = {self.treatment, self.outcome, *self.given}
        return tuple(name for name in self.graph.nodes if name in self.estimand.free - asked)

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        x, y = self.treatment, self.outcome
        effect = f"effect of {x} on {y}"
        if self.given:
            effect += f" given {joined(self.given)}"
        if self.left_open:
            return f"The {effect} hangs on what is left open: {x} is background, which may be related in any way."
        if self.no_effect:
            return f"There is no effect of {x} on {y}: no path of arrows leads from one to the other."
        if not self.identified:
            return f"The {effect} cannot be known from what is observed, however many rows there are (not identified)."
        can = f"The {effect} can be known from what is observed"
        sets = self.adjustment_sets.sets
        if self.by == "adjustment" and not self.given:
            return (
                f"{can}: adjust for {joined(sets[0])}." if sets[0] else f"{can} as it is, with nothing to adjust for."
            )
        if self.by == "front door":
            return f"{can} through {joined(self.front_door.sets[0])} (front door), though not by adjustment."
        return f"{can}, by the formula below."


def identify(
    graph: CausalGraph, treatment: str, outcome: str, background: Collection[str] = (), given: Iterable[str] = ()
) -> Identification:
    """Return what a graph says of the total effect of one variable on another.

    Parameters
    ----------
    graph : CausalGraph
    treatment, outcome : str
        Two different nodes that are observed.
    background : collection of str
        Causes that may be related in any way.
    given : iterable of str
        Observed nodes, for an effect among units with some value of these.

    Raises
    ------
    GraphError
        For a name that is no node, the same node twice, or a latent node.

    Examples
    --------
    >>> graph = CausalGraph(("season", "ads", "sales"), (("season", "ads"), ("season", "sales"), ("ads", "sales")))
    >>> identify(graph, "ads", "sales").formula
    'Σ_season P(sales | ads, season) P(season)'
    """
    held = tuple(dict.fromkeys(given))
    bits = bit_graph(graph)
    for name in (treatment, outcome, *held):
        bits.number(name)
        if name in graph.latents:
            raise GraphError(
                f"{name!r} is not measured, so nothing can be known of its effects, or of effects on it, by its values",
                place=f"node {name}",
                hint="Ask about observed nodes, or take its mark as latent away.",
            )
    if treatment == outcome:
        raise GraphError(
            f"{treatment!r} is treatment and outcome at once",
            place=f"node {treatment}",
            hint="Name two different nodes.",
        )
    for name in held:
        if name in (treatment, outcome):
            raise GraphError(
                f"{name!r} is given and asked about at once", place=f"node {name}", hint="Leave it out of one of them."
            )
    inside = frozenset(background)
    ordered = tuple(name for name in graph.nodes if name in inside)
    return Identification(graph, treatment, outcome, tuple(n for n in graph.nodes if n in held), ordered)

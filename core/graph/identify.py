"""What a graph says of one effect: whether it can be known from what is observed, how, and what stands in the way."""

from collections.abc import Callable, Collection, Iterable
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
from core.graph.surgery import causal_order, projected
from core.graph.transport import transported
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
        return self._asked_of(self._projected)

    def _asked_of(self, bits: BitGraph) -> tuple[int, int, int]:
        """Return treatments, outcome and given as bit sets; what may be set as well as seen is a treatment."""
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
        return routes(self.graph, self.treatment, self.outcome, self.given, self.background)

    @cached_property
    def _plain_paths(self) -> Routes:
        return self._unconditional.paths

    @cached_property
    def roles(self) -> dict[str, tuple[str, ...]]:
        """The roles of every node, see :func:`core.graph.roles.roles_of`."""
        found = () if self.no_effect else [instrument.instrument for instrument in self.instruments]
        return roles_of(self.graph, self.treatment, self.outcome, self._plain_paths.paths, found, self.background)

    @cached_property
    def advice(self) -> tuple[Advice, ...]:
        """What to do with every other node, and why; nothing where the effect is left open."""
        if self.left_open:
            return ()
        through = self.front_door.sets[0] if self.front_door.sets else ()
        return Adviser(
            self._bits,
            self.roles,
            self.adjusting,
            self.adjustment_sets.sets,
            through,
            self._plain_paths.paths,
            self._unconditional.identified,
            frozenset(name for way in self._unconditional.ways_out for name in way.measure),
        ).all()

    @cached_property
    def _unconditional(self) -> "Identification":
        """The same effect among all units, which the advice is about."""
        if not self.given:
            return self
        return Identification(self.drawn, self.treatment, self.outcome, (), self.background)

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
        if self.no_effect and not self.given:
            return estimand(self._projected, *self._asked), "no effect"
        held = self._bits.mask(self.given)
        if self.given:
            best = self.adjusting.containing(held)
            sets = [] if best is None else [self._bits.named(best)]
        else:
            sets = list(self.adjustment_sets.sets)
        if sets:
            return adjustment_formula([x], y, sets[0], self.given), "adjustment"
        if self.front_door.sets and not self.given:
            return front_door_formula(x, y, self.front_door.sets[0]), "front door"
        asked = self._bits.mask((x, y, *self.given))
        fewest = self._fewest(asked, lambda bits: _is_identified(bits, *self._asked_of(bits)))
        return estimand(fewest, *self._asked_of(fewest)), "do-calculus"

    def _fewest(self, kept: int, works: Callable[[BitGraph], bool]) -> BitGraph:
        """Return the graph over few nodes: effects first, one after the other is left out while it ``works`` still.

        What is left out is unmeasured then, and stands in no formula.
        """
        bits = self._projected
        for node in reversed(causal_order(bits)):
            if bits.observed & ~kept & 1 << node:
                smaller = projected(bits, bits.observed & ~(1 << node))
                if works(smaller):
                    bits = smaller
        return bits

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
        return None if self.estimand is None else self.written(self.estimand)

    def written(self, expression: Expression) -> str:
        """Return an expression over nodes of this graph as a line of mathematics."""
        return rendered(expression, self.graph.topological_order, self.treatment)

    @property
    def any_value(self) -> tuple[str, ...]:
        """Nodes in the formula that are not asked about: it has the same value whichever value they have."""
        if self.estimand is None:
            return ()
        asked = {self.treatment, self.outcome, *self.given}
        return tuple(name for name in self.graph.nodes if name in self.estimand.free - asked)

    def carried_over(self, differing: Iterable[str]) -> Expression | None:
        """Return the effect where the mechanisms of ``differing`` may be other ones; None where it does not carry over.

        P is of where the treatment was set, in an experiment; P* is what is observed where the answer is to be used.

        Raises
        ------
        GraphError
            For a name that is no node, or a latent one.
        """
        names = tuple(differing)
        _check_observed(self.graph, names)
        if self.left_open:
            return None
        x, y, differing_ones = self._bits.index[self.treatment], self._bits.index[self.outcome], self._bits.mask(names)
        whole = transported(self._projected, x, y, differing_ones)
        if whole is None:
            return None
        kept = 1 << x | 1 << y | differing_ones
        fewest = self._fewest(kept, lambda bits: transported(bits, x, y, differing_ones) is not None)
        return transported(fewest, x, y, differing_ones)

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
    _check_observed(graph, (treatment, outcome, *held))
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


def _is_identified(bits: BitGraph, treatments: int, outcomes: int, given: int) -> bool:
    return hedge_of(bits, treatments, outcomes | given) is None


def _check_observed(graph: CausalGraph, names: Iterable[str]) -> None:
    bits = bit_graph(graph)
    for name in names:
        bits.number(name)
        if name in graph.latents:
            raise GraphError(
                f"{name!r} is not measured, so nothing can be known of it, or of its effects, from its values",
                place=f"node {name}",
                hint="Ask about observed nodes, or take its mark as latent away.",
            )

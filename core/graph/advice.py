"""What to do with each variable, and why, in sentences that an expert can say to a colleague."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from core.graph import roles as role
from core.graph.adjustment import Adjusting
from core.graph.bits import BitGraph
from core.graph.roles import opening_colliders
from core.graph.routes import Route
from core.words import joined

__all__ = ["Act", "Advice", "Adviser"]

Act = Literal["adjust", "avoid", "may", "leave", "measure", "use"]


@dataclass(frozen=True)
class Advice:
    """What to do with one variable: a word for machines, and a sentence."""

    name: str
    act: Act
    sentence: str


@dataclass(frozen=True)
class Adviser:
    """Who gives advice on one effect.

    Parameters
    ----------
    bits : BitGraph
        The graph.
    roles : dict
        Of every node, see :func:`core.graph.roles.roles_of`.
    adjusting : Adjusting
        What adjustment for this effect is about.
    sets : tuple
        Its minimal adjustment sets, of which the first is advised.
    through : tuple of str
        A front-door set, if there is one.
    paths : tuple of Route
        All paths between treatment and outcome, with nothing held fixed.
    identified : bool
        Whether the effect can be known.
    wanted : frozenset of str
        Latent nodes that would help to make it known if they were measured.
    """

    bits: BitGraph
    roles: dict[str, tuple[str, ...]]
    adjusting: Adjusting
    sets: tuple[tuple[str, ...], ...]
    through: tuple[str, ...]
    paths: tuple[Route, ...]
    identified: bool
    wanted: frozenset[str]

    @cached_property
    def _ends(self) -> tuple[str, str]:
        return self.bits.names[self.adjusting.x], self.bits.names[self.adjusting.y]

    def all(self) -> tuple[Advice, ...]:
        """Return the advice on every node but treatment and outcome, in the graph's order."""
        return tuple(self._on(name) for name in self.bits.names if name not in self._ends)

    def _on(self, name: str) -> Advice:
        words = self.roles[name]
        if role.UNMEASURED in words:
            return self._on_unmeasured(name, words)
        if self.sets and name in self.sets[0]:
            return Advice(name, "adjust", f"Adjust for {name}: {self._why(name, words)}.")
        if not self.sets and name in self.through:
            x, y = self._ends
            return Advice(
                name, "use", f"Use {name}, which carries the effect of {x} on {y}: not held fixed, but as a front door."
            )
        if reason := self._why_not(name, words):
            return Advice(name, "avoid", f"Do not condition on {name}: {reason}.")
        other = next((one for one in self.sets if name in one), None)
        if other is not None:
            beside = f" (with {joined(part for part in other if part != name)})" if len(other) > 1 else ""
            return Advice(
                name,
                "may",
                f"{name} can be adjusted for in place of {joined(part for part in self.sets[0] if part not in other)}"
                f"{beside}: {self._why(name, words)}.",
            )
        return self._on_others(name, words)

    def _on_unmeasured(self, name: str, words: tuple[str, ...]) -> Advice:
        bears = role.CONFOUNDER in words or role.BIASING in words
        why = f"{name} is not measured: {self._why(name, words)}"
        if self.sets:
            if not bears:
                return Advice(name, "leave", f"{name} is not measured, and need not be for this question.")
            return Advice(name, "leave", f"{why}. What is adjusted for makes up for it.")
        if self.identified:
            if not bears:
                return Advice(name, "leave", f"{name} is not measured, and need not be for this question.")
            return Advice(name, "leave", f"{why}. No adjustment makes up for it, and yet the effect can be known.")
        if name in self.wanted:
            said = why if bears else f"{name} is not measured"
            return Advice(name, "measure", f"{said}. Measured, it would help to know the effect.")
        return Advice(
            name, "leave", f"{why if bears else f'{name} is not measured'}. To measure it would not be enough."
        )

    def _on_others(self, name: str, words: tuple[str, ...]) -> Advice:
        x, y = self._ends
        if role.UNRELATED in words:
            return Advice(name, "leave", f"{name} has no bearing on this question.")
        if not self.adjusting.forbidden:  # no effect: nothing of what follows would be true
            return Advice(name, "leave", f"There is no need to adjust for {name}.")
        if role.CONFOUNDER in words or role.BIASING in words:
            if self.sets:
                return Advice(
                    name, "leave", f"There is no need to adjust for {name} too: its paths are blocked already."
                )
            why = f"{self._why(name, words)}, and something else is not measured"
            return Advice(name, "leave", f"To adjust for {name} is not enough: {why}.")
        if role.INSTRUMENT in words:
            why = f"it reaches {y} through {x} alone, so it can serve as an instrument"
            return Advice(
                name, "leave", f"Do not adjust for {name}: {why}, and held fixed it only widens the interval."
            )
        if role.EXPOSURE_ONLY in words:
            why = f"it reaches {y} through {x} alone, and held fixed it only widens the interval"
            return Advice(name, "leave", f"There is no need to adjust for {name}: {why}.")
        if role.OUTCOME_ONLY in words:
            why = f"it acts on {y} and not on {x}"
            if self.sets:
                return Advice(name, "may", f"{name} may be held fixed too: {why}, which makes the estimate sharper.")
            return Advice(name, "leave", f"There is no need to adjust for {name}: {why}.")
        if role.AFTER_EXPOSURE in words:
            return Advice(name, "leave", f"There is no need to adjust for {name}: it comes after {x}.")
        return Advice(name, "leave", f"There is no need to adjust for {name}.")

    def _why(self, name: str, words: tuple[str, ...]) -> str:
        """Return why a node is adjusted for."""
        x, y = self._ends
        if role.CONFOUNDER in words:
            return f"it acts on both {x} and {y}"
        route = next((route for route in self.paths if route.kind == "biasing" and name in route.nodes), None)
        if route is not None:
            return f"it lies on the path {route}, which is no effect of {x}"
        return f"it blocks a path between {x} and {y} that the rest of the set opens"

    def _why_not(self, name: str, words: tuple[str, ...]) -> str | None:
        """Return why a node must not be held fixed; None if it may be."""
        x, y = self._ends
        forbidden = self.adjusting.forbidden >> self.bits.number(name) & 1
        if role.MEDIATOR in words:
            return f"it lies on the way from {x} to {y}"
        if role.AFTER_OUTCOME in words and forbidden:
            opened = self._opened_by(name) if role.COLLIDER in words else None
            return opened or f"{y} acts on it, so holding it fixed takes part of the answer away"
        if forbidden:
            return f"it moves with what lies on the way from {x} to {y}"
        if not self.sets:
            helps = role.CONFOUNDER in words or role.BIASING in words
            return None if helps else self._opened_by(name)
        more = self.bits.mask((*self.sets[0], name))
        if self.adjusting.valid(more) or any(name in one for one in self.sets):
            return None
        return self._opened_by(name) or f"beside what is adjusted for it opens a path between {x} and {y}"

    def _opened_by(self, name: str) -> str | None:
        """Return what holding a node fixed does where it is, or follows from, a collider; None where it is not."""
        for route in self.paths:
            for met in opening_colliders(self.bits, route):
                if self.bits.descendants[self.bits.number(met)] >> self.bits.number(name) & 1:
                    return self._collision(name, met, route)
        return None

    def _collision(self, name: str, met: str, route: Route) -> str:
        place = route.nodes.index(met)
        causes = []
        for other, mark in ((place - 1, route.marks[place - 1]), (place + 1, route.marks[place])):
            neighbour = route.nodes[other]
            causes.append(f"an unmeasured cause of {neighbour}" if mark == "↔" else neighbour)
        what = "it" if met == name else f"{met}, from which it follows"
        opened = "" if {route.nodes[place - 1], route.nodes[place + 1]} == set(self._ends) else ", and with them "
        return (
            f"both {joined(causes)} act on {what}, so holding it fixed makes them move together"
            f"{opened and opened + joined(self._ends)}"
        )

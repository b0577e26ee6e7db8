"""Who of the rivals already denies the unmeasured causes that stand in an effect's way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from core.graph.causal_graph import CausalGraph
from core.graph.identify import Identification
from core.graph.projection import latent_projection
from core.graph.remedies import WayOut
from core.hypothesis import Hypothesis

__all__ = ["Exit", "exits_of"]


@dataclass(frozen=True)
class Exit:
    """A way out of an effect that is not identified, and the rivals in whose graphs nothing stands in that way."""

    way: WayOut
    denied_by: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """Return the JSON record."""
        deny = [list(arc) for arc in self.way.deny]
        return {"deny": deny, "measure": list(self.way.measure), "denied_by": list(self.denied_by)}


def exits_of(found: Identification, rivals: Iterable[Hypothesis]) -> tuple[Exit, ...]:
    """Return the smallest ways out of an effect that is not identified, each with who of the rivals takes it already.

    A rival denies an arc if in its graph no unmeasured cause acts on both ends; what is left open in its background is
    not denied. It denies a latent if that is measured in its graph, or if it denies every arc that the latent stands
    for.
    """
    drawn = list(rivals)
    arcs = {name: _tied_by(found.graph, name) for name in {name for way in found.ways_out for name in way.measure}}
    return tuple(Exit(way, tuple(rival.name for rival in drawn if _denies(rival, way, arcs))) for way in found.ways_out)


def _arcs(graph: CausalGraph) -> set[frozenset[str]]:
    return set(map(frozenset, latent_projection(graph).bidirected))


def _tied_by(graph: CausalGraph, latent: str) -> set[frozenset[str]]:
    """Return the pairs of observed nodes that a latent node is a common cause of."""
    return _arcs(graph) - _arcs(replace(graph, latents=graph.latents - {latent}))


def _denies(rival: Hypothesis, way: WayOut, arcs: Mapping[str, set[frozenset[str]]]) -> bool:
    graph, tied = rival.graph, _arcs(rival.graph)

    def free(pair: frozenset[str]) -> bool:
        return pair not in tied and not pair <= set(rival.background) and not pair & graph.latents

    measured = (name in graph.observed or all(map(free, arcs[name])) for name in way.measure)
    return all(map(free, map(frozenset, way.deny))) and all(measured)

"""What would make an effect identified: unmeasured common causes denied, or latent variables measured."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb

from core.graph.causal_graph import CausalGraph
from core.words import joined

__all__ = ["WayOut", "ways_out"]

_MOST_CHANGES = 3
_MOST_TRIES = 20_000


@dataclass(frozen=True)
class WayOut:
    """Changes that together would do: arcs to deny, that is pairs without a common cause, and latents to measure."""

    deny: tuple[tuple[str, str], ...] = ()
    measure: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [f"nothing unmeasured acted on both {a} and {b}" for a, b in self.deny]
        if self.measure:
            parts.append(f"{joined(self.measure)} {'was' if len(self.measure) == 1 else 'were'} measured")
        return " and ".join(parts)


def ways_out(
    graph: CausalGraph, identified: Callable[[CausalGraph], bool], most: int = _MOST_CHANGES
) -> tuple[WayOut, ...]:
    """Return the smallest sets of changes after which ``identified`` holds of the graph; none within ``most`` changes.

    Parameters
    ----------
    graph : CausalGraph
    identified : callable
        From a graph over the same nodes to whether what is asked is identified in it.
    most : int
        How many changes may be needed together; fewer where there are very many arcs and latents.
    """
    arcs = [WayOut(deny=(arc,)) for arc in graph.bidirected]
    single = [*arcs, *(WayOut(measure=(name,)) for name in graph.nodes if name in graph.latents)]
    tries = 0
    for size in range(1, most + 1):
        tries += comb(len(single), size)
        if tries > _MOST_TRIES:
            break
        together = [_together(some) for some in combinations(single, size)]
        found = tuple(way for way in together if identified(_changed(graph, way)))
        if found:
            return found
    return ()


def _together(ways: Iterable[WayOut]) -> WayOut:
    some = tuple(ways)
    return WayOut(tuple(arc for way in some for arc in way.deny), tuple(n for way in some for n in way.measure))


def _changed(graph: CausalGraph, way: WayOut) -> CausalGraph:
    return replace(
        graph,
        bidirected=tuple(arc for arc in graph.bidirected if arc not in way.deny),
        latents=graph.latents.difference(way.measure),
    )

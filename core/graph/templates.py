"""Small graphs to start from: the five patterns that most causal questions are made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.graph.causal_graph import CausalGraph

__all__ = ["TEMPLATES", "Template"]


@dataclass(frozen=True)
class Template:
    """A pattern to drop on the canvas.

    ``positions`` gives each node its place, left to right, in the units of
    :func:`core.graph.layout.layered_positions` (pixels, y downwards).
    """

    key: str
    title: str
    sentence: str
    positions: Mapping[str, tuple[float, float]]
    edges: tuple[tuple[str, str], ...]
    bidirected: tuple[tuple[str, str], ...] = ()
    latents: frozenset[str] = frozenset()
    exposure: str = "exposure"
    outcome: str = "outcome"

    @property
    def nodes(self) -> tuple[str, ...]:
        """Names, in display order."""
        return tuple(self.positions)

    @property
    def graph(self) -> CausalGraph:
        """The pattern as a graph."""
        return CausalGraph(self.nodes, self.edges, self.bidirected, self.latents)


_ALL = (
    Template(
        key="confounder",
        title="Confounder",
        sentence="Something causes both: comparing high with low exposure mixes its effect with the exposure's.",
        positions={"confounder": (180, 0), "exposure": (90, 90), "outcome": (270, 90)},
        edges=(("confounder", "exposure"), ("confounder", "outcome"), ("exposure", "outcome")),
    ),
    Template(
        key="mediator",
        title="Mediator",
        sentence="Part of the effect, or all of it, passes through something in between.",
        positions={"exposure": (0, 90), "mediator": (180, 0), "outcome": (360, 90)},
        edges=(("exposure", "mediator"), ("mediator", "outcome"), ("exposure", "outcome")),
    ),
    Template(
        key="collider",
        title="Collider",
        sentence="Both cause a third thing: looking only at cases where it happened makes them look related.",
        positions={"exposure": (0, 0), "outcome": (0, 90), "collider": (180, 45)},
        edges=(("exposure", "collider"), ("outcome", "collider")),
    ),
    Template(
        key="instrument",
        title="Instrument",
        sentence="Something moves the exposure and touches the outcome in no other way, although the two share "
        "an unmeasured cause.",
        positions={"instrument": (0, 0), "exposure": (180, 0), "outcome": (360, 0)},
        edges=(("instrument", "exposure"), ("exposure", "outcome")),
        bidirected=(("exposure", "outcome"),),
    ),
    Template(
        key="m-bias",
        title="M-bias",
        sentence="A variable that causes neither, but shares an unmeasured cause with each: holding it fixed "
        "creates a bias that was not there.",
        positions={
            "cause 1": (0, 0),
            "cause 2": (360, 0),
            "proxy": (180, 90),
            "exposure": (0, 180),
            "outcome": (360, 180),
        },
        edges=(
            ("cause 1", "proxy"),
            ("cause 1", "exposure"),
            ("cause 2", "proxy"),
            ("cause 2", "outcome"),
            ("exposure", "outcome"),
        ),
        latents=frozenset({"cause 1", "cause 2"}),
    ),
)

TEMPLATES: Mapping[str, Template] = MappingProxyType({template.key: template for template in _ALL})
"""The patterns by key, in the order in which they are offered."""

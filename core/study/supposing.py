"""What an answer about one row supposes: straight lines that move every row alike, and families that fit."""

from collections.abc import Callable, Collection

from core.comparison.resting import effect_rests_on
from core.comparison.result import HypothesisFacts
from core.effects.evidence import Evidence
from core.effects.linear import is_linear
from core.model.spec import ModelSpec
from core.words import joined

__all__ = ["rests_said", "straight_of"]

_NAMED = 2


def straight_of(spec: ModelSpec, settings: Collection[str], evidence: Evidence) -> tuple[str, ...]:
    """Return the nodes that what is set moves by the same amount in every row, or by the same factor of a logarithm."""
    found = []
    for name in evidence.changed:
        way = {name}
        for one in reversed(evidence.changed):
            if one in way:
                way.update(spec.node(one).parents)
        order = [spec.node(one) for one in evidence.changed if one in way]
        if all(is_linear(order, one, spec) for one in settings):
            found.append(name)
    return tuple(found)


def rests_said(facts: HypothesisFacts, settings: Collection[str], outcome: str, title: Callable[[str], str]) -> str:
    """Return that an answer passes through a family that does not fit, as the end of its sentence; empty where none."""
    shapes = [shape for one in settings for shape in effect_rests_on(facts, (one, outcome))]
    told = list(dict.fromkeys(shape.short(title) for shape in shapes))
    return f"; this rests on a model that does not fit there ({joined(told[:_NAMED])})" if told else ""

import pytest

from core.graph.equivalence import markov_equivalent
from core.graph.implications import Independence, implications
from core.graph.separation import d_separated
from core.graph.templates import TEMPLATES


def test_the_five_patterns_are_there_and_well_formed():
    assert list(TEMPLATES) == ["confounder", "mediator", "collider", "instrument", "m-bias"]
    for key, template in TEMPLATES.items():
        assert template.key == key
        assert template.title
        assert template.sentence.endswith(".")
        assert {template.exposure, template.outcome} <= set(template.nodes)
        assert template.graph.nodes == template.nodes
        assert len(set(template.positions.values())) == len(template.nodes)


@pytest.mark.parametrize("key", ["confounder", "mediator"])
def test_confounder_and_mediator_cannot_be_told_apart(key):
    assert implications(TEMPLATES[key].graph) == ()


def test_what_the_patterns_are_known_for():
    collider = TEMPLATES["collider"].graph
    assert implications(collider) == (Independence("exposure", "outcome"),)
    assert not d_separated(collider, "exposure", "outcome", ["collider"])
    assert not markov_equivalent(collider, TEMPLATES["confounder"].graph)
    bias = TEMPLATES["m-bias"].graph.replace_edges(
        edge for edge in TEMPLATES["m-bias"].graph.edges if edge != ("exposure", "outcome")
    )
    assert d_separated(bias, "exposure", "outcome")
    assert not d_separated(bias, "exposure", "outcome", ["proxy"])
    instrument = TEMPLATES["instrument"].graph
    assert not d_separated(instrument, "instrument", "outcome", ["exposure"])

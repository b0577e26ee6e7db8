"""One count to quote: 5,000 random graphs, three questions each, two other methods, no disagreement."""

import random

import networkx as nx
import pytest
from graph_oracle import all_statements, brute_class, canonical, random_graph, separated

from core.graph.equivalence import class_members, markov_equivalent
from core.graph.implications import implications
from core.graph.separation import d_separated


def disagreements(rng, graph):
    """Count the questions that networkx or the definitions answer otherwise than ``core.graph``."""
    wrong = 0
    whole = canonical(graph)
    other = nx.DiGraph(whole.edges)
    other.add_nodes_from(whole.nodes)
    statements = list(all_statements(graph.nodes))
    for x, y, given in rng.sample(statements, min(8, len(statements))):
        answers = {
            d_separated(graph, x, y, given),
            nx.is_d_separator(other, {x}, {y}, set(given)),
            separated(graph, x, y, given),
        }
        wrong += len(answers) > 1
    listed = implications(graph)
    wrong += sum(not nx.is_d_separator(other, {s.x}, {s.y}, set(s.given)) for s in listed)
    separable = {
        (x, y) for x, y, given in all_statements(graph.observed) if nx.is_d_separator(other, {x}, {y}, set(given))
    }
    wrong += {(s.x, s.y) for s in listed} != separable
    if not graph.bidirected and not graph.latents and len(graph.edges) <= 8:
        members = class_members(graph)
        wrong += set(members) != brute_class(graph)
        wrong += not markov_equivalent(graph, rng.choice(members))
    return wrong


@pytest.mark.parametrize("graphs", [1_000, pytest.param(5_000, marks=pytest.mark.slow)])
def test_no_disagreement_over_random_graphs(graphs):
    rng = random.Random(31)
    found = plain = 0
    for number in range(graphs):
        mixed = number % 3 == 0
        graph = random_graph(
            rng,
            rng.randint(2, 5 if mixed else 6),
            rng.choice((0.2, 0.4, 0.6)),
            arcs=0.2 if mixed else 0.0,
            latents=0.2 if mixed else 0.0,
        )
        plain += not graph.bidirected and not graph.latents
        found += disagreements(rng, graph)
    print(f"{found} disagreements over {graphs} random graphs, {plain} of them of arrows only")
    assert found == 0
    assert plain > 0.6 * graphs

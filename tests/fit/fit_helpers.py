"""Building blocks of hypotheses for the tests of fitting."""

from core.fit.blocks import make_blocks
from core.fit.engine import fit_blocks
from core.fit.result import Fit
from core.hypothesis import Edge, Hypothesis, Node
from core.model.resolve import complete_rows, resolve


def hypothesis(arrows, nodes=None, **families):
    """``hypothesis("a>b b>c", c="LogNormal")``."""
    edges = tuple(Edge(*arrow.split(">")) for arrow in arrows.split())
    names = list(dict.fromkeys([*(nodes or ()), *(end for e in edges for end in (e.source, e.target))]))
    return Hypothesis("h", tuple(Node(name, family=families.get(name)) for name in names), edges)


def blocks_of(dataset, graph, **settings):
    """The blocks of a hypothesis by node."""
    names = [node.name for node in graph.nodes]
    return make_blocks(resolve(graph, dataset), complete_rows(dataset, names), **settings)


def fit_of(dataset, graph, **settings):
    """The fit of a hypothesis, in this process."""
    names = [node.name for node in graph.nodes]
    spec = resolve(graph, dataset)
    blocks = make_blocks(spec, complete_rows(dataset, names), **settings)
    found = fit_blocks({block.key: (block, data) for block, data in blocks.values()})
    return Fit.of(spec, {node: found[block.key] for node, (block, _) in blocks.items()})

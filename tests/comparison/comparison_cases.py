"""Fitted hypotheses made by hand, so that every rule can be met exactly."""

from collections.abc import Mapping

import numpy as np

from core.comparison.rival import Rival
from core.fit.arrows import EdgeSummary
from core.fit.result import BlockFit, Diagnostics, Fit
from core.graph.causal_graph import CausalGraph
from core.model.spec import ModelSpec, NodeModel, Response

ROWS = 200


def block(key: str, level: float, evidence: float, *, noise: float = 1.0, seed: int = 0, **more: object) -> BlockFit:
    rows = level / ROWS + noise * np.random.default_rng(seed).normal(size=ROWS)
    rows += level / ROWS - rows.mean()
    return BlockFit(
        key=key,
        method="exact",
        draws={"intercept": np.zeros(10)},
        elpd_i=rows,
        lppd_i=rows + 0.01,
        log_evidence=evidence,
        **{"sweep": (evidence - 0.5, evidence, evidence + 0.5), **more},  # type: ignore[arg-type]
    )


def rival(
    name: str,
    graph: CausalGraph,
    blocks: Mapping[str, BlockFit],
    *,
    group: int = 0,
    families: Mapping[str, str] | None = None,
    edges: tuple[EdgeSummary, ...] = (),
    **more: bool,
) -> Rival:
    families = families or {}
    nodes = tuple(NodeModel(node, "real", families.get(node, "Normal"), "identity", Response()) for node in graph.nodes)
    return Rival(name, graph, Fit.of(ModelSpec(name, nodes), blocks), group, edges, **more)


def edge(source: str, target: str, mean: float, low: float, high: float) -> EdgeSummary:
    return EdgeSummary(source, target, mean, 0.1, low, high, mean, 1.0, abs(mean))


__all__ = ["ROWS", "Diagnostics", "block", "edge", "rival"]

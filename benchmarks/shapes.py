"""How often a family's shape is flagged, in worlds that bend and in straight ones.

``python -m benchmarks.shapes [--sets 60] [--rows 100,300,1000] [--worlds straight,quadratic]``. Each data
set is compared under its true graph and under a rival with one superfluous arrow. A row says in how many of them
anything was flagged, a node that bends was (under the true graph), a true claim was contradicted without
such a flag, and the wrong rival had a probability over .95, with and without one.
"""

import argparse
from collections import Counter
from collections.abc import Sequence

from benchmarks.worlds import WORLDS, Drawn, fork
from core import Dataset, Hypothesis, compare
from core.comparison.result import Comparison
from core.hypothesis import Edge, Node

SURE = 0.95
WIDTHS = 8, 9, 14, 9, 13, 9


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=60)
    parser.add_argument("--rows", default="100,300,1000")
    parser.add_argument("--worlds", default=",".join(WORLDS))
    said = parser.parse_args(arguments)
    head = ("any", "bending", "contradicted", "no flag", "wrong > .95", "no flag")
    print(f"{'world':<12}{'n':>6}" + "".join(f"{words:>{width}}" for words, width in zip(head, WIDTHS, strict=True)))
    for name in said.worlds.split(","):
        for n in map(int, said.rows.split(",")):
            found: Counter[str] = Counter()
            for seed in range(said.sets):
                found.update(_looked(fork(name, 1000 + seed, n)))
            shares = [f"{100 * found[key] / said.sets:.0f} %" for key in ("any", "bending", "contradicted")]
            rest = [str(found[key]) for key in ("contradicted unflagged", "sure", "sure unflagged")]
            row = "".join(f"{words:>{width}}" for words, width in zip([*shares, *rest], WIDTHS, strict=True))
            print(f"{name:<12}{n:>6}{row}", flush=True)
    return 0


def rivals(world: Drawn) -> list[Hypothesis]:
    nodes = tuple(map(Node, world.nodes))
    edges = tuple(Edge(a, b) for a, b in world.edges)
    return [Hypothesis("true", nodes, edges), Hypothesis("wrong", nodes, (*edges, Edge(*world.superfluous)))]


def _looked(world: Drawn) -> list[str]:
    result = compare(Dataset.from_frame(world.table), rivals(world), draws=1000, cache=None)
    return list(_said(result, {b for _, b in world.edges}))


def _said(result: Comparison, bending: set[str]) -> set[str]:
    flagged = {h.name: {shape.node for shape in h.flagged_shapes} for h in result.hypotheses}
    warned = bool((flagged["true"] | flagged["wrong"]) & bending)
    wrong = next(group for group in result.classes if "wrong" in group.members)
    sure = (wrong.spoken_probability or 0.0) > SURE
    contradicted = bool(result.hypothesis("true").contradicted)
    said = {
        "any": bool(flagged["true"] | flagged["wrong"]),
        "bending": bool(flagged["true"] & bending),
        "contradicted": contradicted,
        "contradicted unflagged": contradicted and not warned,
        "sure": sure,
        "sure unflagged": sure and not warned,
    }
    return {key for key, is_so in said.items() if is_so}


if __name__ == "__main__":
    raise SystemExit(main())

"""Operating characteristics of the verdict, on truths that straight lines can and cannot say.

    python -m benchmarks.operating [--sets 100] [--write]

For each world (:mod:`benchmarks.worlds`) and number of rows: how often the true graph is contradicted, by the
first look alone (a line over all rows: what was said before there were three) and by all three; how often that
happens without a word on shape or rows; how often a wrong rival, the true graph with a superfluous arrow, has a
probability over 0.95, all in all and with nothing withheld; and, so that nobody buys this with blindness, how
often a real additional arrow of standardised slope 0.3 is contradicted, of what the first look finds.
"""

import argparse
import math
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

from benchmarks.worlds import WORLDS, Drawn, fork, random_world
from core.comparison.result import Comparison
from core.data.dataset import Dataset
from core.hypothesis import Edge, Hypothesis, Node
from core.study.comparing import compare

__all__ = ["Told", "main", "told"]

DOC = Path(__file__).resolve().parents[1] / "docs" / "operating.md"
ROWS = (100, 300, 1000)
SLOPE = 0.3


@dataclass(frozen=True)
class Told:
    """What one comparison says: the true graph first, the rival with a superfluous arrow second."""

    accused: bool
    contradicted: bool
    silent: bool
    certain: bool
    certain_aloud: bool
    found_first: bool = False
    found: bool = False


def _compared(drawn: Drawn, seed: int) -> Comparison:
    dataset = Dataset.from_frame(drawn.table)
    nodes = tuple(Node(name) for name in drawn.nodes)
    arrows = tuple(Edge(*edge) for edge in drawn.edges)
    true = Hypothesis("true", nodes, arrows)
    rival = Hypothesis("rival", nodes, (*arrows, Edge(*drawn.superfluous)))
    return compare(dataset, [true, rival], draws=400, seed=seed, cache=None)


def told(world: str, n: int, seed: int, shape: str) -> Told:
    """Return what is said of one data set."""
    drawn = fork(world, seed, n) if shape == "fork" else random_world(seed, n, world)
    found = _compared(drawn, seed)
    true = found.hypothesis("true")
    accused = any(test.accused for test in true.implications)
    contradicted = true.contradicted
    flagged = {flag.node for flag in true.flagged_shapes}
    silent = any(not flagged & {test.x, test.y} for test in contradicted)
    raw = _raw_probability(found)
    spoken = next((c.spoken_probability for c in found.classes if "rival" in c.members and len(c.members) == 1), None)
    again = None
    if shape == "fork":
        again = _compared(fork(world, seed, n, SLOPE), seed).hypothesis("true")
    return Told(
        accused,
        bool(contradicted),
        silent,
        raw > 0.95,
        spoken is not None and spoken > 0.95,
        again is not None and any(_is_pair(test) and test.accused for test in again.implications),
        again is not None and any(_is_pair(test) and test.contradicted for test in again.implications),
    )


def _is_pair(test: object) -> bool:
    return {getattr(test, "x", ""), getattr(test, "y", "")} == {"y", "z"}


def _raw_probability(found: Comparison) -> float:
    """Return the rival's posterior probability on the rows as they are, whether or not it is spoken of."""
    evidence = {h.name: h.log_evidence.estimate for h in found.hypotheses}
    if any(value is None for value in evidence.values()) or len(found.classes) < 2:
        return 0.0
    gap = float(evidence["rival"] or 0.0) - float(evidence["true"] or 0.0)
    return 1.0 / (1.0 + math.exp(-max(min(gap, 500.0), -500.0)))


def _cell(task: tuple[str, int, str, int]) -> tuple[str, int, str, list[Told]]:
    world, n, shape, sets = task
    return world, n, shape, [told(world, n, seed, shape) for seed in range(sets)]


def _cells(sets: Mapping[str, int], worlds: tuple[str, ...]) -> Iterator[tuple[str, int, str, list[Told]]]:
    tasks = [(world, n, shape, many) for shape, many in sets.items() for world in worlds for n in ROWS]
    with ProcessPoolExecutor(os.cpu_count() or 1) as pool:
        yield from pool.map(_cell, tasks)


def _row(world: str, n: int, shape: str, found: list[Told]) -> str:
    def share(name: str) -> str:
        return f"{100 * sum(getattr(one, name) for one in found) / len(found):.0f}"

    first = sum(one.found_first for one in found)
    kept = f"{100 * sum(one.found for one in found if one.found_first) / first:.0f}" if first else "-"
    power = f"{share('found_first')} | {kept}" if shape == "fork" else "- | -"
    return (
        f"| {shape} | {world} | {n} | {share('accused')} | {share('contradicted')} | {share('silent')} "
        f"| {share('certain')} | {share('certain_aloud')} | {power} |"
    )


def main() -> None:
    """Run, print, and write docs/operating.md where asked to."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sets", type=int, default=100)
    parser.add_argument("--random-sets", type=int, default=50)
    parser.add_argument("--worlds", nargs="*", default=list(WORLDS))
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    head = [
        "| graph | world | rows | true graph accused in a line | contradicted | without a word | wrong rival over .95 "
        "| said so | slope .3 found in a line | of these contradicted |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    print("\n".join(head), flush=True)
    rows = []
    for world, n, shape, found in _cells({"fork": options.sets, "random": options.random_sets}, tuple(options.worlds)):
        rows.append(_row(world, n, shape, found))
        print(rows[-1], flush=True)
    if options.write:
        words = [
            "# Operating characteristics of the verdict",
            "",
            f"{date.today()}, {options.sets} data sets a cell of forks, {options.random_sets} of random graphs, in %; "
            f"numpy {version('numpy')}, "
            f"scipy {version('scipy')}; `python -m benchmarks.operating --write`.",
            "",
            "Forks x -> y, x -> z beside the same with a superfluous y -> z, and random true graphs of 4 to 8 nodes "
            "beside the same with one superfluous arrow. 'In a line' is the first look alone: what was said "
            "before there were three. 'Without a word': contradicted, and neither end's family is flagged. 'Said "
            "so': the probability is spoken of, nothing is withheld.",
            "",
            *head,
            *rows,
        ]
        DOC.write_text("\n".join(words) + "\n")


if __name__ == "__main__":
    main()

"""Curves and groups: beside the same families in hand-written PyMC and in bambi.

Both sides fit, and score by leave-one-out; Whyboard adds evidence with its sweep. The problem is
:mod:`benchmarks.bent_problem`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks.bent_problem import FAMILIES, drawn, families_table, rivals
from benchmarks.peers import Absent, Peer, environment
from benchmarks.problem import table
from benchmarks.record import Record
from benchmarks.timing import Row, Section, timed

__all__ = ["measure", "section"]

LEAST, MOST = 50.0, 2.0
_TURNS = 5
_SAID = {
    "smooth": "a smooth curve (8 columns), Normal",
    "group": "a level for each of 20 groups, Normal",
}


def _family(name: str, seed: int) -> Any:
    """Fit one family as a comparison does: another seed is another content."""
    from core import Dataset
    from core.fit.blocks import make_blocks
    from core.fit.engine import fit_block
    from core.model.resolve import resolve

    data = Dataset.from_frame(families_table(), kinds={"g": "category"})
    block, rows = make_blocks(resolve(drawn(name), data), data, seed=seed)["y"]
    return fit_block(block, rows)


def measure(rounds: int, names: Iterable[str], folder: Path, record: Record, say: Callable[[str], None]) -> None:
    """Measure into ``record``; see :func:`benchmarks.mixed.measure`."""
    from core import Dataset, compare

    peers: dict[str, Peer] = {}
    for name in sorted(set(names) & {"pymc", "bambi"}):
        try:
            python = Path(sys.executable) if name == "pymc" else environment(folder / "peers")
            peers[name] = Peer(python, f"benchmarks.peer_{name}", ["--serve"] if name == "pymc" else [])
            record.versions |= peers[name].about
        except Absent as reason:
            record.absent[name] = str(reason)
            say(f"{name}: {reason}")
    data, mixed = Dataset.from_frame(table()), rivals()
    compare(data, mixed, cache=None, seed=0)  # imports what it imports
    for family in FAMILIES:
        _family(family, 0)
    seed = 0
    for turn in range(rounds):
        for family in FAMILIES:
            for name, peer in peers.items():
                for _ in range(_TURNS):
                    seed += 1
                    record.add(f"bent {family}", timed(lambda family=family, seed=seed: _family(family, seed))[0])
                took = peer.do(f"bent {family}")
                record.add(f"{name} bent {family}", took)
                say(f"round {turn + 1}, {name}, {family}: {took.wall:.1f} s, of processors {took.cpu:.1f} s")
                record.loads.append(os.getloadavg()[0])
        for _ in range(_TURNS):
            seed += 1
            record.add("bent four", timed(lambda seed=seed: compare(data, mixed, cache=None, seed=seed))[0])
        record.save()
    for peer in peers.values():
        peer.end()


def section(record: Record) -> Section:
    """Return the rows of what was measured."""
    rows = [
        Row(
            f"{_SAID[family]}: {'PyMC by hand' if name == 'pymc' else name}",
            record.middle(f"{name} bent {family}"),
            record.middle(f"bent {family}"),
            LEAST,
            note=record.absent.get(name, ""),
        )
        for family in FAMILIES
        for name in ("pymc", "bambi")
    ]
    rows.append(
        Row("four mixed hypotheses, one smooth arrow each, warm", None, record.middle("bent four"), MOST, at_most=True)
    )
    how = (
        "One family each, N = 1000, 4000 draws a side, with leave-one-out; Whyboard, which begins at the table, adds "
        "the log evidence and its sweep. By hand: the same columns and priors (tau not centred). bambi: `y ~ bs(x, "
        "df=8)`, which has no penalty, and `y ~ x + (1|g)`. Everything imported, nothing kept. The four hypotheses "
        "are those of the first table; the curves go into two real nodes, a count and a binary one."
    )
    return Section("Curves and groups", "peer", "Whyboard", how, tuple(rows))

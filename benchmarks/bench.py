"""Whyboard beside what a user would run instead, in one run on this machine; each row a ratio.

    make bench
    python -m benchmarks.bench --write                      also writes docs/benchmarks.md
    python -m benchmarks.bench --peers pymc --rounds 1      one peer, once
    python -m benchmarks.bench --peers ''                   Whyboard alone
    python -m benchmarks.bench --keep A.json                keeps what is measured, as it comes
    python -m benchmarks.bench --read A.json B.json         measures nothing: tables of what was kept
    python -m benchmarks.growth                             the picture docs/growth.svg

Peers run in processes of their own (:mod:`benchmarks.peers`), pathmc and bambi in an
environment that this makes in a temporary folder: they are no requirement of Whyboard.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks import bent, mixed, report, scale
from benchmarks.record import Record

PEERS = "pymc,pathmc,bambi"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", default=PEERS, help=f"which to run beside Whyboard (default {PEERS})")
    parser.add_argument("--rounds", type=int, default=3, help="how often each peer runs")
    parser.add_argument("--only", choices=("mixed", "bent", "scale"), help="one part")
    parser.add_argument("--folder", type=Path, help="keep the peers' environment here (default: a temporary one)")
    parser.add_argument("--keep", type=Path, help="write what is measured to this file, as it comes")
    parser.add_argument("--read", type=Path, nargs="+", help="measure nothing: take what was kept")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    chosen = parser.parse_args()
    record = Record.read(chosen.read) if chosen.read else _measured(chosen)
    sections = [mixed.section(record)] if "warm" in record.times else []
    sections += [bent.section(record)] if "bent four" in record.times else []
    sections += [scale.section(record)] if "glm" in record.points else []
    print("\n\n".join(report.as_text(section) for section in sections))
    if chosen.write:
        print(f"wrote {report.write(sections, record.versions, _load(record.loads))}")
    return 0


def _measured(chosen: argparse.Namespace) -> Record:
    start = perf_counter()

    def say(words: str) -> None:
        print(f"{perf_counter() - start:6.0f} s  {words}", file=sys.stderr, flush=True)

    record = Record(loads=[os.getloadavg()[0]], file=chosen.keep)
    with tempfile.TemporaryDirectory() as made:
        folder = chosen.folder or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        peers = [name for name in chosen.peers.split(",") if name]
        if chosen.only in (None, "mixed"):
            mixed.measure(chosen.rounds, peers, folder, record, say)
        if chosen.only in (None, "bent"):
            bent.measure(chosen.rounds, peers, folder, record, say)
        if chosen.only in (None, "scale"):
            scale.measure(chosen.rounds, record, say)
    record.save()
    return record


def _load(loads: list[float]) -> str:
    """Say how busy the machine was."""
    cores = os.cpu_count() or 1
    if max(loads) < 1.5 * cores:
        return "Nothing else ran."
    return (
        f"Other work ran meanwhile (load {min(loads):.0f} to {max(loads):.0f} on {cores} cores), so times on the "
        "clock are several times what a quiet machine takes, on both sides."
    )


if __name__ == "__main__":
    sys.exit(main())

"""Whyboard beside what a user would run instead, in one run on this machine; each row a ratio.

    make bench
    python -m benchmarks.bench --write                      also writes docs/benchmarks.md
    python -m benchmarks.bench --peers pymc --rounds 1      one peer, once
    python -m benchmarks.bench --peers ''                   Whyboard alone
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

from benchmarks import report
from benchmarks.mixed import mixed
from benchmarks.scale import scale

PEERS = "pymc,pathmc,bambi"
BELOW = report.PAGE.with_name("benchmarks.below.md")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", default=PEERS, help=f"which to run beside Whyboard (default {PEERS})")
    parser.add_argument("--rounds", type=int, default=3, help="how often each peer runs")
    parser.add_argument("--only", choices=("mixed", "scale"), help="one part")
    parser.add_argument("--folder", type=Path, help="keep the peers' environment here (default: a temporary one)")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    chosen = parser.parse_args()
    start = perf_counter()

    def say(words: str) -> None:
        print(f"{perf_counter() - start:6.0f} s  {words}", file=sys.stderr, flush=True)

    sections = []
    versions: dict[str, str] = {}
    loads = [os.getloadavg()[0]]
    with tempfile.TemporaryDirectory() as made:
        folder = chosen.folder or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        names = [name for name in chosen.peers.split(",") if name]
        if chosen.only != "scale":
            section, versions = mixed(chosen.rounds, names, folder, say)
            sections.append(section)
            print(report.as_text(section), flush=True)
        loads.append(os.getloadavg()[0])
        if chosen.only != "mixed":
            sections.append(scale(chosen.rounds, say))
            print("\n" + report.as_text(sections[-1]), flush=True)
        loads.append(os.getloadavg()[0])
    if chosen.write:
        print(f"wrote {report.write(sections, versions, _load(loads))}")
    return 0


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

"""Four hypotheses over six mixed columns: beside hand-written PyMC, pathmc and bambi.

The problem is :mod:`benchmarks.problem`. Both sides fit, score, replicate and compare;
Whyboard adds evidence with its sweep, implied independences, predictive checks and the verdict.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.peers import ROOT, Absent, Peer, environment
from benchmarks.problem import CHANGES, RIVALS, hypothesis, table
from benchmarks.record import Record
from benchmarks.timing import Row, Section, Took, children_cpu, middle, timed

__all__ = ["measure", "section"]

WARM, ARROW, COLD, OTHERS = 25.0, 40.0, 15.0, 25.0

Say = Callable[[str], None]


class Ours:
    """Whyboard in this process, warm: no result is kept from one round to the next."""

    def __init__(self, record: Record) -> None:
        from core import Dataset

        self._record = record

        self._data = Dataset.from_frame(table())
        self._rivals = [hypothesis(name, parents) for name, parents in RIVALS.items()]
        self._seed = 0
        self._compare(None, self._rivals)  # imports what it imports

    def _compare(self, cache: Any, hypotheses: list[Any]) -> Any:
        from core import compare

        return compare(self._data, hypotheses, cache=cache, seed=self._seed)

    def round(self) -> None:
        """Compare once with nothing kept, then again after each changed arrow."""
        from core.fit.cache import BlockCache

        self._seed += 1  # another seed is another content: no key of an earlier round fits
        with tempfile.TemporaryDirectory() as name:
            kept = BlockCache(Path(name))
            took, result = timed(lambda: self._compare(kept, self._rivals))
            self._record.add("warm", took)
            self._record.lines["fitted"] = f"How Whyboard fitted: {_methods(result)}."
            self._record.lines["verdict"] = "Its verdict: " + " ".join(result.verdict.split())
            first, *others = self._rivals
            files = list(Path(name).rglob("*"))
            for node, parents in CHANGES.items():
                changed = [hypothesis(first.name, parents), *others]
                before = kept.memory
                kept.memory = _copy(before)  # so that no change profits from another
                took, _ = timed(lambda changed=changed: self._compare(kept, changed))
                self._record.add(f"arrow {node}", took)
                kept.memory = before
                for new in set(Path(name).rglob("*")) - set(files):
                    if new.is_file():
                        new.unlink()


def _copy(memory: Any) -> Any:
    """Return a memory that holds the same and forgets by itself."""
    other = type(memory)(int(memory._kept.maxsize))
    for key, value in list(memory._kept.items()):
        other._kept[key] = value
    return other


def _methods(result: Any) -> str:
    """Say how the blocks of a comparison were fitted."""
    ways: dict[str, set[str]] = {}
    for rival in result.hypotheses:
        for node, block in zip(rival.nodes, rival.blocks, strict=True):
            ways.setdefault(block.method, set()).add(node.name)
    return "; ".join(f"{way}: {', '.join(sorted(nodes))}" for way, nodes in sorted(ways.items()))


class Cold:
    """A command line from a cold process, its own WHYBOARD_HOME each time."""

    def __init__(self, folder: Path) -> None:
        import json

        self._folder = folder
        self._data = folder / "campaign.csv"
        table().to_csv(self._data, index=False)
        self._given: list[str] = []
        for place, (name, parents) in enumerate(RIVALS.items()):
            file = folder / f"{place}.json"
            file.write_text(json.dumps(hypothesis(name, parents).to_dict()), encoding="utf-8")
            self._given += ["-H", f"{name}={file}"]

    def ours(self) -> Took:
        """Run ``whyboard compare``."""
        with tempfile.TemporaryDirectory() as home:
            command = [str(Path(sys.executable).with_name("whyboard")), "compare", str(self._data), *self._given]
            return _run([*command, "--quiet"], {"WHYBOARD_HOME": home})

    def theirs(self) -> Took:
        """Run the hand-written PyMC script on the same file."""
        return _run([sys.executable, "-m", "benchmarks.peer_pymc", str(self._data)], {})


def _run(command: list[str], more: dict[str, str]) -> Took:
    wall, cpu = perf_counter(), children_cpu()
    found = subprocess.run(command, cwd=ROOT, env={**os.environ, **more}, capture_output=True, text=True)
    if found.returncode:
        raise RuntimeError(f"{' '.join(command[:3])}: {found.stderr}")
    return Took(perf_counter() - wall, children_cpu() - cpu)


def measure(rounds: int, names: Iterable[str], folder: Path, record: Record, say: Say) -> None:
    """Measure into ``record``.

    Parameters
    ----------
    rounds : int
        How often each peer runs; Whyboard runs before and after each of its turns.
    names : iterable of str
        Of ``"pymc"``, ``"pathmc"``, ``"bambi"``: the peers to run.
    folder : Path
        For files and for the peers' environment.
    record : Record
    say : callable
        Told what is going on.
    """
    names = list(names)
    peers = _peers(names, folder, record, say)
    ours, cold = Ours(record), Cold(folder)
    for turn in range(rounds):
        for name, task in _tasks(peers):
            ours.round()
            key = f"{name} {task}"
            if name in record.absent:
                continue
            try:
                took = peers[name].do(task)
                record.add(key, took)
                say(f"round {turn + 1}, {key}: {took.wall:.1f} s, of processors {took.cpu:.1f} s")
            except Absent as reason:
                record.absent[name] = str(reason)
                say(f"{key}: {reason}")
            record.loads.append(os.getloadavg()[0])
            record.save()
        ours.round()
        for _ in range(2):
            record.add("cold", cold.ours())
        if "pymc" in peers:
            took = cold.theirs()
            record.add("pymc cold", took)
            say(f"round {turn + 1}, pymc cold: {took.wall:.1f} s, of processors {took.cpu:.1f} s")
            for _ in range(2):
                record.add("cold", cold.ours())
        record.save()
    for peer in peers.values():
        peer.end()


def _peers(names: list[str], folder: Path, record: Record, say: Say) -> dict[str, Peer]:
    found: dict[str, Peer] = {}
    if set(names) - {"pymc"}:
        say("making an environment for pathmc and bambi")
    for name in names:
        try:
            python = Path(sys.executable) if name == "pymc" else environment(folder / "peers")
            found[name] = Peer(python, f"benchmarks.peer_{name}", ["--serve"] if name == "pymc" else [])
            record.versions |= found[name].about
        except Absent as reason:
            record.absent[name] = str(reason)
            say(f"{name}: {reason}")
    return found


def _tasks(peers: dict[str, Peer]) -> list[tuple[str, str]]:
    tasks = []
    if "pymc" in peers:
        tasks += [("pymc", "all"), *(("pymc", f"arrow {node}") for node in CHANGES)]
    return tasks + [(name, "all") for name in peers if name != "pymc"]


def section(record: Record) -> Section:
    """Return the rows of what was measured."""
    warm = record.middle("warm")
    arrows = {node: record.middle(f"arrow {node}") for node in CHANGES}
    theirs = {node: record.middle(f"pymc arrow {node}") for node in CHANGES}
    rows = [Row("four hypotheses, warm: PyMC by hand", record.middle("pymc all"), warm, WARM)]
    rows += [Row(f"one changed arrow into {node}", theirs[node], arrows[node]) for node in CHANGES]
    ours_all = [took for took in arrows.values() if took]
    theirs_all = [took for took in theirs.values() if took]
    rows.append(
        Row(
            "one changed arrow, median over the six nodes",
            middle(theirs_all) if len(theirs_all) == len(CHANGES) else None,
            middle(ours_all) if ours_all else None,
            ARROW,
        )
    )
    rows.append(
        Row("four hypotheses, cold process: a PyMC script", record.middle("pymc cold"), record.middle("cold"), COLD)
    )
    for words, name in (("four hypotheses, warm: pathmc", "pathmc"), ("ten families, warm: bambi", "bambi")):
        rows.append(Row(words, record.middle(f"{name} all"), warm, OTHERS, note=record.absent.get(name, "")))
    ours, peers = len(record.times.get("warm", [])), len(record.times.get("pymc all", []))
    how = (
        "Four rival graphs over six columns (category, real, binary, positive, count, real), N = 1000, 4000 draws a "
        "side, PyMC with nutpie (its default where it is installed). Both sides fit, score (leave-one-out), replicate "
        "and compare; Whyboard adds evidence with its sweep, implied independences, predictive checks and the "
        "verdict. Warm: imported, compiled caches on disk, no result kept. A changed arrow: the unchanged fits are "
        "kept on both sides. Cold: a new process, from reading the CSV to the printed table. pathmc has no category "
        "as response: region is given there; bambi fits each distinct family once. Whyboard has the same times "
        "in all warm rows, whose medians are over turns before and after each turn of a peer "
        f"({ours} turns; each peer {peers})."
    )
    return Section(
        "Six mixed columns, four hypotheses", "peer", "Whyboard", how, tuple(rows), tuple(record.lines.values())
    )

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
from benchmarks.timing import Row, Section, Took, children_cpu, middle, timed

__all__ = ["mixed"]

WARM, ARROW, COLD, OTHERS = 25.0, 40.0, 15.0, 25.0

Say = Callable[[str], None]


class Ours:
    """Whyboard in this process, warm: no result is kept from one round to the next."""

    def __init__(self) -> None:
        from core import Dataset

        self._data = Dataset.from_frame(table())
        self._rivals = [hypothesis(name, parents) for name, parents in RIVALS.items()]
        self.warm: list[Took] = []
        self.arrows: dict[str, list[Took]] = {node: [] for node in CHANGES}
        self.result: Any = None
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
            took, self.result = timed(lambda: self._compare(kept, self._rivals))
            self.warm.append(took)
            first, *others = self._rivals
            files = list(Path(name).rglob("*"))
            for node, parents in CHANGES.items():
                changed = [hypothesis(first.name, parents), *others]
                before = kept.memory
                kept.memory = before.copy()  # so that no change profits from another
                took, _ = timed(lambda changed=changed: self._compare(kept, changed))
                self.arrows[node].append(took)
                kept.memory = before
                for new in set(Path(name).rglob("*")) - set(files):
                    if new.is_file():
                        new.unlink()

    def methods(self) -> str:
        """Say how the blocks of the last comparison were fitted."""
        ways: dict[str, set[str]] = {}
        for rival in self.result.hypotheses:
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


def mixed(rounds: int, names: Iterable[str], folder: Path, say: Say) -> tuple[Section, dict[str, str]]:
    """Measure; return the rows, and the peers' versions.

    Parameters
    ----------
    rounds : int
        How often each peer runs; Whyboard runs before and after each of its turns.
    names : iterable of str
        Of ``"pymc"``, ``"pathmc"``, ``"bambi"``: the peers to run.
    folder : Path
        For files and for the peers' environment.
    say : callable
        Told what is going on.
    """
    names = list(names)
    peers, versions, absent = _peers(names, folder, say)
    ours, cold = Ours(), Cold(folder)
    theirs: dict[str, list[Took]] = {}
    ours_cold: list[Took] = []
    for turn in range(rounds):
        for name, task in _tasks(peers):
            ours.round()
            key = f"{name} {task}"
            try:
                theirs.setdefault(key, []).append(peers[name].do(task))
                say(f"round {turn + 1}, {key}: {theirs[key][-1].wall:.1f} s; Whyboard: {ours.warm[-1].wall:.2f} s")
            except Absent as reason:
                absent[name] = str(reason)
                say(f"{key}: {reason}")
        ours.round()
        ours_cold += [cold.ours(), cold.ours()]
        if "pymc" in peers:
            theirs.setdefault("cold", []).append(cold.theirs())
            ours_cold += [cold.ours(), cold.ours()]
            say(f"round {turn + 1}, cold: {theirs['cold'][-1].wall:.1f} s; Whyboard: {ours_cold[-1].wall:.2f} s")
    for peer in peers.values():
        peer.end()
    return _section(ours, ours_cold, theirs, absent, rounds), versions


def _peers(names: list[str], folder: Path, say: Say) -> tuple[dict[str, Peer], dict[str, str], dict[str, str]]:
    found: dict[str, Peer] = {}
    versions: dict[str, str] = {}
    absent: dict[str, str] = {}
    python: str | Path = sys.executable
    if set(names) - {"pymc"}:
        say("making an environment for pathmc and bambi")
    for name in names:
        try:
            if name != "pymc":
                python = environment(folder / "peers")
            arguments = ["--serve"] if name == "pymc" else []
            found[name] = Peer(python, f"benchmarks.peer_{name}", arguments)
            versions |= found[name].about
        except Absent as reason:
            absent[name] = str(reason)
            say(f"{name}: {reason}")
    return found, versions, absent


def _tasks(peers: dict[str, Peer]) -> list[tuple[str, str]]:
    tasks = []
    if "pymc" in peers:
        tasks += [("pymc", "all"), *(("pymc", f"arrow {node}") for node in CHANGES)]
    return tasks + [(name, "all") for name in peers if name != "pymc"]


def _section(
    ours: Ours, ours_cold: list[Took], theirs: dict[str, list[Took]], absent: dict[str, str], rounds: int
) -> Section:
    found = {key: middle(times) for key, times in theirs.items() if times}
    warm = middle(ours.warm)
    arrows = {node: middle(times) for node, times in ours.arrows.items()}
    rows = [Row("four hypotheses, warm: PyMC by hand", found.get("pymc all"), warm, WARM)]
    rows += [Row(f"one changed arrow into {node}", found.get(f"pymc arrow {node}"), arrows[node]) for node in CHANGES]
    their_arrows = [found[f"pymc arrow {node}"] for node in CHANGES if f"pymc arrow {node}" in found]
    rows.append(
        Row(
            "one changed arrow, median over the six nodes",
            middle(their_arrows) if their_arrows else None,
            middle(list(arrows.values())),
            ARROW,
        )
    )
    rows.append(Row("four hypotheses, cold process: a PyMC script", found.get("cold"), middle(ours_cold), COLD))
    rows.append(
        Row("four hypotheses, warm: pathmc", found.get("pathmc all"), warm, OTHERS, note=absent.get("pathmc", ""))
    )
    rows.append(Row("ten families, warm: bambi", found.get("bambi all"), warm, OTHERS, note=absent.get("bambi", "")))
    how = (
        "Four rival graphs over six columns (category, real, binary, positive, count, real), N = 1000, 4000 draws a "
        "side, PyMC with nutpie (its default where it is installed). Both sides fit, score (leave-one-out), replicate "
        "and compare; Whyboard adds evidence with its sweep, implied independences, predictive checks and the "
        "verdict. Warm: imported, compiled caches on disk, no result kept. A changed arrow: the unchanged fits are "
        "kept on both sides. Cold: a new process, from reading the CSV to the printed table. pathmc has no category "
        "as response: region is given there; bambi fits each distinct family once. Whyboard has the same times "
        "in all warm rows, whose medians are over turns before and after each turn of a peer "
        f"({len(ours.warm)} turns; peers {rounds})."
    )
    lines = (f"How Whyboard fitted: {ours.methods()}.", "Its verdict: " + " ".join(ours.result.verdict.split()))
    return Section("Six mixed columns, four hypotheses", "peer", "Whyboard", how, tuple(rows), lines)

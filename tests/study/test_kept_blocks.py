"""A notebook keeps blocks from one comparison to the next: counted, not timed."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.fit import engine
from core.fit.memory import BlockMemory
from core.fit.result import BlockFit
from core.hypothesis import Hypothesis
from core.study import compare
from core.study.comparing import KEPT

ROWS = 60


@pytest.fixture(scope="module")
def data() -> Dataset:
    rng = np.random.default_rng(8)
    a = rng.normal(size=ROWS)
    b = a + rng.normal(size=ROWS)
    return Dataset.from_frame(pd.DataFrame({"a": a, "b": b, "c": b + rng.normal(size=ROWS)}))


@pytest.fixture
def fitted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The nodes of the blocks that are fitted, one by one; nothing is kept before or after."""
    nodes: list[str] = []
    real = engine.fit_block

    def counting(block, *given, **named):  # type: ignore[no-untyped-def]
        nodes.append(block.model.node)
        return real(block, *given, **named)

    monkeypatch.setattr(engine, "fit_block", counting)
    KEPT.clear()
    yield nodes
    KEPT.clear()


def named(**texts: str) -> list[Hypothesis]:
    return [Hypothesis.from_dagitty(f"dag {{ a b c {text} }}", name=name) for name, text in texts.items()]


CHAIN, FORK = "a -> b b -> c", "b -> a b -> c"


def numbers(result) -> dict:  # type: ignore[no-untyped-def,type-arg]
    found = result.to_dict()
    del found["seconds"]
    for hypothesis in found["hypotheses"]:
        for block in hypothesis["blocks"]:
            del block["seconds"]
    return found


def test_a_second_comparison_with_one_changed_arrow_costs_that_arrow(data: Dataset, fitted: list[str]) -> None:
    first = compare(data, named(A=CHAIN, B=FORK))
    assert sorted(fitted) == ["a", "a", "b", "b", "c"]  # c given b is both hypotheses'
    fitted.clear()
    again = compare(data, named(A=CHAIN, B=FORK))
    assert fitted == []
    assert numbers(again) == numbers(first)
    compare(data, named(A=CHAIN, B="b -> a a -> c"))
    assert fitted == ["c"]


def test_what_is_kept_changes_no_digit_and_none_computes_all_anew(data: Dataset, fitted: list[str]) -> None:
    kept = compare(data, named(A=CHAIN, B=FORK))
    fitted.clear()
    anew = compare(data, named(A=CHAIN, B=FORK), cache=None)
    assert len(fitted) == 5
    assert numbers(anew) == numbers(kept)
    fitted.clear()
    compare(data, named(A=CHAIN, B=FORK), cache=None)
    assert len(fitted) == 5  # nor is anything kept by it


def test_other_rows_seeds_and_draws_are_other_blocks(data: Dataset, fitted: list[str]) -> None:
    compare(data, named(A=CHAIN))
    for other in ({"seed": 1}, {"draws": 500}):
        fitted.clear()
        compare(data, named(A=CHAIN), **other)  # type: ignore[arg-type]
        assert len(fitted) == 3
    fitted.clear()
    compare(Dataset.from_frame(data.table.iloc[1:].reset_index(drop=True)), named(A=CHAIN))
    assert len(fitted) == 3


def test_a_memory_of_one_s_own(data: Dataset, fitted: list[str]) -> None:
    own = BlockMemory()
    compare(data, named(A=CHAIN), cache=own)
    assert (len(own), len(KEPT)) == (3, 0)
    fitted.clear()
    compare(data, named(A=CHAIN), cache=own)
    assert fitted == []


def fit(number: int, size: int = 1_000) -> BlockFit:
    array = np.zeros(size)
    return BlockFit(f"{number:x}", "exact", {"b": array}, np.zeros(2), np.zeros(2), 0.0)


def test_the_least_recently_used_block_goes_first_and_the_bound_holds() -> None:
    kept = BlockMemory(max_bytes=60_000)
    for number in range(12):
        kept.put(fit(number))
        assert kept.get("0") is not None, "the one in use went"
    assert kept.size <= 60_000
    assert "1" not in kept
    assert "b" in kept
    kept.put(fit(99, 10_000))
    assert kept.get("63") is None  # larger than all that may be kept
    assert kept.get("0") is not None


def test_what_is_kept_cannot_be_written_to() -> None:
    kept = BlockMemory()
    kept.put(fit(1))
    found = kept.get("1")
    assert found is not None
    with pytest.raises(ValueError, match="read-only"):
        found.draws["b"][0] = 1.0
    assert replace(found).draws["b"][0] == 0.0


def test_threads_share_one() -> None:
    kept, wrong = BlockMemory(max_bytes=100_000), []

    def work(start: int) -> None:
        for number in range(start, start + 400):
            key = f"{number % 37:x}"
            kept.put(fit(number % 37))
            found = kept.get(key)
            if found is not None and found.key != key:
                wrong.append(key)

    threads = [threading.Thread(target=work, args=(start,)) for start in range(0, 80, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert 0 < kept.size <= 100_000
    assert kept.size == sum(size_of(kept, key) for key in (f"{n:x}" for n in range(37)))


def size_of(kept: BlockMemory, key: str) -> int:
    found = kept.get(key)
    if found is None:
        return 0
    alone = BlockMemory()
    alone.put(found)
    return alone.size


FORKING = """
import os, threading, sys, warnings
warnings.simplefilter("ignore")
import numpy as np
from core.fit.memory import BlockMemory
from core.fit.result import BlockFit

kept, going = BlockMemory().survive_forks(), True
fit = lambda n: BlockFit(f"{n:x}", "exact", {"b": np.zeros(9)}, np.zeros(2), np.zeros(2), 0.0)
kept.put(fit(0))

def work():
    n = 0
    while going:
        n += 1
        kept.put(fit(n % 50 + 1)); kept.memory.recall(n % 50, lambda: n)

threads = [threading.Thread(target=work) for _ in range(3)]
[t.start() for t in threads]
for _ in range(40):
    child = os.fork()
    if not child:
        import signal; signal.alarm(20)  # a lock that nobody opens would hold it for ever
        kept.put(fit(99)); kept.memory.recall("x", int)
        os._exit(0 if kept.get("0") is not None and kept.get("63") is not None else 3)
    _, status = os.waitpid(child, 0)
    if status:
        going = False; print("child", status); sys.exit(1)
going = False
"""


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="this system does not fork")
def test_a_forked_process_finds_the_locks_open_and_the_blocks_there() -> None:
    done = subprocess.run([sys.executable, "-c", FORKING], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

"""The cache: exact round trip, damage noticed, bounded, shared between processes."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from core.fit.cache import BlockCache, fit_from_bytes, fit_to_bytes
from core.fit.result import BlockFit, Diagnostics

KEY = "ab" * 16


def block(key=KEY, size=10, sampled=True):
    rng = np.random.default_rng(0)
    return BlockFit(
        key=key,
        method="nuts" if sampled else "exact",
        draws={"intercept": rng.normal(size=size), "slopes": rng.normal(size=(size, 2))},
        elpd_i=rng.normal(size=7),
        lppd_i=rng.normal(size=7),
        log_evidence=-1.0 / 3.0,
        log_evidence_se=0.01,
        elpd_mcse=0.1,
        pareto_k=rng.normal(size=7) if sampled else None,
        sweep=(1.0, 2.0, 1.0 / 7.0) if sampled else None,
        diagnostics=Diagnostics(1.001, 900.0, 800.0, 0) if sampled else Diagnostics(),
        chains=4 if sampled else 1,
        seconds={"fit": 0.1},
        warnings=("a “warning” in words",),
    )


def same(a, b):
    for name in ("key", "method", "log_evidence", "log_evidence_se", "elpd_mcse", "sweep", "diagnostics", "chains"):
        assert getattr(a, name) == getattr(b, name)
    assert (dict(a.seconds), a.warnings, list(a.draws)) == (dict(b.seconds), b.warnings, list(b.draws))
    for x, y in [(a.elpd_i, b.elpd_i), (a.lppd_i, b.lppd_i), *((a.draws[n], b.draws[n]) for n in a.draws)]:
        assert np.array_equal(x, y)
    assert (a.pareto_k is None) == (b.pareto_k is None)


@pytest.mark.parametrize("sampled", [True, False])
def test_a_block_comes_back_to_the_last_digit(tmp_path, sampled):
    cache = BlockCache(tmp_path)
    assert cache.get(KEY) is None
    cache.put(block(sampled=sampled))
    assert KEY in cache
    same(cache.get(KEY), block(sampled=sampled))
    cache.clear()
    assert cache.get(KEY) is None


def test_any_changed_byte_is_a_miss_and_is_thrown_away(tmp_path):
    cache = BlockCache(tmp_path)
    cache.put(block())
    (path,) = tmp_path.glob("*/*")
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    damaged = [whole[:cut] for cut in (0, 10, 60, len(whole) // 2, len(whole) - 1)] + [whole + b"x", b"PK\x03\x04" * 40]
    for place in rng.integers(0, len(whole), 40):
        damaged.append(whole[:place] + bytes([whole[place] ^ 0x40]) + whole[place + 1 :])
    for content in damaged:
        path.write_bytes(content)
        assert cache.get(KEY) is None
        assert not path.exists()
    cache.put(block())
    same(cache.get(KEY), block())


def test_a_block_under_another_name_is_a_miss(tmp_path):
    cache = BlockCache(tmp_path)
    cache.put(block())
    other = "cd" * 16
    (tmp_path / "cd").mkdir()
    next(tmp_path.glob("*/*.block")).rename(tmp_path / "cd" / f"{other}.block")
    assert cache.get(other) is None


def test_keys_cannot_leave_the_folder(tmp_path):
    for key in ("../evil", "", "ABC", "a/b"):
        with pytest.raises(ValueError):
            BlockCache(tmp_path).get(key)


def test_nothing_is_unpickled(tmp_path):
    """An object array inside a well-formed file (checksum and all) is refused, not loaded."""
    fit = block()
    bad = np.array([{"a": 1}], dtype=object)
    content = fit_to_bytes(BlockFit(**{**fit.__dict__, "elpd_i": bad}))
    with pytest.raises(ValueError, match="pickle"):
        fit_from_bytes(content)


def test_the_least_recently_used_go_first(tmp_path):
    one = len(fit_to_bytes(block(size=1000)))
    cache = BlockCache(tmp_path, max_bytes=int(3.5 * one))
    keys = [f"{i:02x}" * 16 for i in range(4)]
    now = time.time()
    for age, key in enumerate(keys[:3]):
        cache.put(block(key, size=1000))
        os.utime(cache._path(key), (now - 100 + age, now - 100 + age))
    assert cache.get(keys[0]) is not None  # used just now
    cache.put(block(keys[3], size=1000))
    assert [key in cache for key in keys] == [True, False, True, True]
    assert cache.size() <= cache.max_bytes


def test_an_unwritable_folder_costs_the_cache_not_the_answer(tmp_path):
    cache = BlockCache(tmp_path / "c")
    (tmp_path / "c" / KEY[:2]).write_text("a file where a folder should be")
    cache.put(block())
    assert cache.get(KEY) is None


HAMMER = """
import random, sys
from pathlib import Path
from core.fit.cache import BlockCache
from tests_block import block, same

folder, me = Path(sys.argv[1]), int(sys.argv[2])
cache, chance = BlockCache(folder, max_bytes=200_000), random.Random(me)
wanted = {key: block(key, size=2000) for key in (f"{i:02x}" * 16 for i in range(8))}
hits = misses = damaged = 0
for turn in range(250):
    key = chance.choice(list(wanted))
    match chance.randrange(6):
        case 0 | 1 | 2:
            cache.put(wanted[key])
        case 3:  # damage what stands there, in place, as a failing disk would
            paths = [path for path in folder.glob("*/*.block")]
            if paths:
                try:
                    with chance.choice(paths).open("r+b") as file:
                        size = file.seek(0, 2)
                        if chance.random() < 0.5:
                            file.truncate(chance.randrange(max(size, 1)))
                        else:
                            file.seek(chance.randrange(max(size, 1)))
                            file.write(b"damaged")
                        damaged += 1
                except FileNotFoundError:
                    pass
        case _:
            found = cache.get(key)
            hits, misses = hits + (found is not None), misses + (found is None)
            if found is not None:
                same(found, wanted[key])
assert hits > 5 and damaged > 5, (hits, misses, damaged)
print("fine")
"""


def test_two_processes_hammer_one_small_folder_while_files_are_damaged(tmp_path):
    """Every read is the right block, whole, or none; what is kept stays near the bound; nothing is left over."""
    script = tmp_path / "hammer.py"
    script.write_text(HAMMER)
    (tmp_path / "tests_block.py").write_text(Path(__file__).read_text())
    paths = os.pathsep.join([str(Path(__file__).parents[2]), str(tmp_path)])
    runs = [
        subprocess.Popen(
            [sys.executable, str(script), str(tmp_path / "cache"), str(number)],
            env={**os.environ, "PYTHONPATH": paths},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(2)
    ]
    for run in runs:
        out, err = run.communicate(timeout=300)
        assert out == "fine\n", err
    cache = BlockCache(tmp_path / "cache", max_bytes=200_000)
    assert cache.size() <= 1.5 * cache.max_bytes
    cache.trim()
    assert cache.size() <= cache.max_bytes
    assert not list((tmp_path / "cache").glob("*/.new-*"))
    for i in range(8):
        found = cache.get(f"{i:02x}" * 16)
        if found is not None:
            same(found, block(f"{i:02x}" * 16, size=2000))


def test_what_a_killed_process_left_half_written_is_cleared_away(tmp_path):
    cache = BlockCache(tmp_path, max_bytes=1000)
    (tmp_path / "ab").mkdir()
    old, fresh = tmp_path / "ab" / ".new-old", tmp_path / "ab" / ".new-fresh"
    for path in (old, fresh):
        path.write_bytes(b"half")
    hours_ago = time.time() - 2 * 3600
    os.utime(old, (hours_ago, hours_ago))
    cache.trim()
    assert (old.exists(), fresh.exists()) == (False, True)

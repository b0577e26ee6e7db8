"""Files read in a process of their own: bounded, cancelled, left, waiting; and the same data as read here."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

from core.data.apart import Readers, Reading
from core.data.limits import Limits
from core.data.read import read_dataset
from core.errors import DataError
from tests.data.hostile import HOSTILE, names, workbook

ROOT = Path(__file__).resolve().parents[2]
PATIENT = 120.0  # nothing is timed here: what never comes ends a test


@pytest.fixture
def readers() -> Iterator[Readers]:
    made = Readers()
    yield made
    made.close()


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An honest workbook of a million cells, which takes a reader many seconds."""
    row = b"<row>" + b"<c><v>1.5</v></c>" * 100 + b"</row>"
    file = tmp_path_factory.mktemp("slow") / "slow.xlsx"
    return workbook(file, [names(100), row * 100], times=100).read_bytes()


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENT
    while not what():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def at_work(reading: Reading) -> int:
    """Wait until a reader is in the middle of a file; return its process id."""
    until(lambda: reading.progress.doing == "reading the rows" or reading.ended)
    assert not reading.ended
    assert reading.pid
    return reading.pid


def refusal(reading: Reading) -> DataError:
    with pytest.raises(DataError) as caught:
        reading.result()
    return caught.value


@pytest.mark.parametrize(  # the others are refused by the same reader on the command line (test_bounds.py)
    "what", [pytest.param(what, marks=() if what == "dictionary" else pytest.mark.slow) for what in HOSTILE]
)
def test_what_becomes_too_large_is_refused_and_takes_little(tmp_path: Path, readers: Readers, what: str) -> None:
    make, said = HOSTILE[what]
    file = make(tmp_path)
    content = file.read_bytes()
    before = psutil.Process().memory_info().rss
    reading = readers.read(content, file.name)
    error = refusal(reading)
    assert said in str(error)
    assert error.place.startswith(file.name)
    assert error.hint
    assert reading.cpu_seconds < 40  # it took minutes; about two seconds now, imports included
    assert reading.memory < 700_000_000  # it took 8 GB
    assert psutil.Process().memory_info().rss - before < 50_000_000
    assert not psutil.pid_exists(reading.pid)


def frame(rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "x": rng.normal(size=rows).round(5),
            "n": rng.poisson(4, rows),
            "g": rng.choice(["north", "süd", "east"], rows),
            "p": rng.uniform(size=rows),
            "day": pd.date_range("2020-01-01", periods=rows, freq="h").strftime("%Y-%m-%d"),
            "gap": np.where(rng.uniform(size=rows) < 0.1, np.nan, rng.normal(size=rows)),
        }
    )


WRITE: dict[str, Callable[[pd.DataFrame, io.BytesIO], None]] = {
    "csv": lambda f, s: f.to_csv(s, index=False),
    "xlsx": lambda f, s: f.to_excel(s, index=False),
    "parquet": lambda f, s: f.to_parquet(s, index=False),
}


@pytest.mark.parametrize("ending", WRITE)
def test_what_is_read_apart_is_what_is_read_here(readers: Readers, ending: str) -> None:
    stream = io.BytesIO()
    WRITE[ending](frame(4_000), stream)
    name = f"table.{ending}"
    found, here = readers.read(stream.getvalue(), name).result().dataset, read_dataset(stream.getvalue(), name=name)
    assert found.fingerprint == here.fingerprint
    assert found.columns == here.columns
    assert (found.warnings, found.line_offset, found.source) == (here.warnings, here.line_offset, here.source)
    pd.testing.assert_frame_equal(found.table, here.table)


def test_a_refusal_is_the_same_apart_and_here(readers: Readers) -> None:
    with pytest.raises(DataError) as here:
        read_dataset(b"a,b\n1,2\n3\n", name="odd.csv")
    assert refusal(readers.read(b"a,b\n1,2\n3\n", "odd.csv")).lines() == here.value.lines()


def test_what_is_cancelled_leaves_no_process(readers: Readers, slow: bytes) -> None:
    reading = readers.read(slow, "slow.xlsx")
    pid = at_work(reading)
    reading.cancel()
    assert reading.wait(PATIENT)
    assert not psutil.pid_exists(pid)
    assert reading.cancelled
    assert "cancelled" in refusal(reading).message


def test_what_nobody_waits_for_leaves_no_process(readers: Readers, slow: bytes) -> None:
    there = [True]
    reading = readers.read(slow, "slow.xlsx", alive=lambda: there[0])
    pid = at_work(reading)
    assert not reading.cancelled
    there[0] = False
    assert reading.wait(PATIENT)
    assert reading.cancelled
    assert not psutil.pid_exists(pid)


def test_a_reader_ends_with_whoever_started_it(tmp_path: Path, slow: bytes) -> None:
    (tmp_path / "slow.xlsx").write_bytes(slow)
    code = (
        "import sys, time\nfrom core.data.apart import Readers\nreaders = Readers()\nreaders.warm()\n"
        "reading = readers.read(open('slow.xlsx', 'rb').read(), 'slow.xlsx')\n"
        "while reading.progress.doing != 'reading the rows': time.sleep(0.02)\n"
        "print(reading.pid, flush=True)\ntime.sleep(600)\n"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert owner.stdout
    pid = int(owner.stdout.readline())
    ours = [pid, *(child.pid for child in psutil.Process(owner.pid).children())]
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    until(lambda: not any(psutil.pid_exists(id) and psutil.Process(id).status() != "zombie" for id in ours))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"seconds": 1}, "reading it takes longer than the 1 s that one file may use"),
        ({"memory": 120_000_000}, "reading it takes more than the 120 MB of memory that one file may use"),
    ],
)
def test_what_takes_too_much_is_refused(slow: bytes, options: dict[str, int], said: str) -> None:
    reading = Readers(**options).read(slow, "slow.xlsx")
    error = refusal(reading)
    assert error.message == said
    assert error.place == "slow.xlsx"
    assert not psutil.pid_exists(reading.pid)


def test_a_reader_that_dies_is_a_refusal_too(readers: Readers, slow: bytes) -> None:
    reading = readers.read(slow, "slow.xlsx")
    os.kill(at_work(reading), signal.SIGSEGV)
    assert refusal(reading).message == "the file ended the process that read it"


@pytest.mark.slow
def test_a_few_at_once_and_the_others_in_their_turn(slow: bytes) -> None:
    readers = Readers(at_once=2)
    first, second = readers.read(slow, "1.xlsx"), readers.read(slow, "2.xlsx")
    at_work(first), at_work(second)
    third, fourth = readers.read(b"a\n1\n2\n", "3.csv"), readers.read(b"a\n1\n2\n", "4.csv")
    until(lambda: (third.progress.ahead, fourth.progress.ahead) == (2, 3))
    assert not third.pid
    assert not fourth.pid
    fourth.cancel()  # who leaves the queue keeps nobody waiting
    assert fourth.wait(PATIENT)
    assert not fourth.pid
    first.cancel()
    assert third.result().dataset.rows == 2
    assert not second.ended
    second.cancel()
    assert second.wait(PATIENT)


def ours() -> list[psutil.Process]:
    """Return the readers that this process has started; a browser's driver may be its child too."""
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.Error):
            if "core.data.reader" in child.cmdline():
                found.append(child)
    return found


def test_a_spare_is_kept_where_it_is_asked_for(readers: Readers) -> None:
    readers.warm()
    until(lambda: len(ours()) == 1)  # it is a reader once it runs one, a moment after it is there
    (spare,) = ours()
    reading = readers.read(b"a\n1\n2\n", "1.csv")
    assert reading.result().dataset.rows == 2
    assert reading.pid == spare.pid
    until(lambda: len(ours()) == 1)  # the next one
    readers.close()
    assert ours() == []


def test_a_fault_of_ours_says_so(readers: Readers) -> None:
    broken = Readers(limits=Limits(rows="many"))  # type: ignore[arg-type]
    assert "our fault" in refusal(broken.read(b"a\n1\n", "1.csv")).message

"""Starting, stopping, resuming; somebody else's scheduler; what the web process never loads."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

import core
from core.jobs import JobService
from core.store import Store

pytestmark = pytest.mark.workers

ROOT = Path(core.__file__).parents[1]


def test_a_restart_resumes_what_was_running(new_bench: Any, ended: Any, until: Any) -> None:
    with new_bench() as bench:
        first = bench.service()
        asked = bench.ask(first, "slow-resumed quick1")
        until(lambda: bench.begun("slow-resumed") and bench.begun("quick1"))
        until(lambda: any(block.state == "done" for block in first.status(asked).blocks))
        pids = list(first.cluster.pids().values())
        start = time.monotonic()
        first.shutdown()
        assert time.monotonic() - start < 40  # 15 s by its own bounds, and what a busy machine adds
        assert not any(psutil.pid_exists(pid) for pid in pids)
        assert bench.store.request(asked).live  # closing is not cancelling
        second = bench.service()
        until(lambda: bench.begun("slow-resumed") == 2)
        bench.go("slow-resumed")
        status = ended(second, asked)
        assert status.state == "done"
        assert {block.nodes[0]: block.cached for block in status.blocks} == {"slow-resumed": False, "quick1": True}
        assert bench.begun("quick1") == 1


PARENT = """
import json, sys, time
import pandas as pd, numpy as np
from core import Dataset, Hypothesis
from core.comparison.storage import comparison_from_bytes
from core.jobs import JobService
from core.store import Store

store = Store(home=sys.argv[1])
service = JobService(store, warm=False)
service.start()
rng = np.random.default_rng(0)
x = rng.normal(size=200)
data = Dataset.from_frame(pd.DataFrame({"x": x, "y": 0.5 * x + rng.normal(size=200)}))
nodes = [{"name": "x"}, {"name": "y"}]
record = {"format": "whyboard-hypothesis/1", "nodes": nodes, "exposure": "x", "outcome": "y"}
drawn = [
    Hypothesis.from_dict({**record, "name": "A", "edges": [{"source": "x", "target": "y"}]}),
    Hypothesis.from_dict({**record, "name": "B", "edges": []}),
]
request = service.submit(store.create_project().token, data, drawn, effects=[("x", "y")])
service.wait(request, 200)
status = service.status(request)
facts = comparison_from_bytes(service.result(request)).to_dict() if status.state == "done" else None
heavy = [name for name in ("pymc", "pytensor", "numba", "nutpie", "arviz", "arviz_stats") if name in sys.modules]
print(json.dumps({"pids": list(service.cluster.pids().values()), "state": status.state, "errors": status.errors,
                  "facts": facts, "heavy": heavy, "streamlit": "streamlit" in sys.modules}), flush=True)
time.sleep(300)
"""


def test_end_to_end_without_pymc_and_no_orphans(tmp_path: Path, until: Any) -> None:
    """A Gaussian request equals ``core.compare``; then the server is killed without a word."""
    from core.study import compare

    process = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        told = json.loads(line)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert (told["state"], told["errors"]) == ("done", [])
    assert told["heavy"] == []
    assert not told["streamlit"]
    assert len(told["pids"]) == 2
    until(lambda: not any(psutil.pid_exists(pid) for pid in told["pids"]))

    import numpy as np
    import pandas as pd

    from core import Dataset, Hypothesis

    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    data = Dataset.from_frame(pd.DataFrame({"x": x, "y": 0.5 * x + rng.normal(size=200)}))
    nodes = [{"name": "x"}, {"name": "y"}]
    record = {"format": "whyboard-hypothesis/1", "nodes": nodes, "exposure": "x", "outcome": "y"}
    drawn = [
        Hypothesis.from_dict({**record, "name": "A", "edges": [{"source": "x", "target": "y"}]}),
        Hypothesis.from_dict({**record, "name": "B", "edges": []}),
    ]
    here = json.loads(json.dumps(compare(data, drawn, effects=[("x", "y")]).to_dict()))

    def without_times(facts: dict[str, Any]) -> dict[str, Any]:
        for hypothesis in facts["hypotheses"]:
            for block in hypothesis["blocks"]:
                block.pop("seconds")
        return {name: value for name, value in facts.items() if name != "seconds"}

    assert without_times(told["facts"]) == without_times(here)


def test_somebody_elses_scheduler(new_bench: Any, ended: Any) -> None:
    from distributed import LocalCluster

    options = {"processes": False, "protocol": "tcp", "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    cluster = LocalCluster(n_workers=1, threads_per_worker=2, **options)
    with cluster, new_bench() as bench:
        settings = replace(bench.store.settings, scheduler=cluster.scheduler_address)
        service = bench.service(settings=settings)
        assert ended(service, bench.ask(service, "quick1 sampled1")).state == "done"
        assert service.run_quick(os.getpid) == os.getpid()
        assert service.cluster.pids() == {}


def test_a_scheduler_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    from core.errors import FitError
    from core.jobs.cluster import Cluster

    store = Store(home=tmp_path)
    cluster = Cluster(replace(store.settings, scheduler="nonsense://127.0.0.1:1"))
    with pytest.raises(FitError) as refused:
        cluster.client()
    assert "WHYBOARD_DASK_SCHEDULER" in refused.value.hint
    cluster.close()
    store.close()


def test_importing_jobs_is_light() -> None:
    program = "import sys, core.jobs, core.jobs.worker; print('numpy' in sys.modules, 'distributed' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.pymc
@pytest.mark.slow
def test_a_sampled_request(tmp_path: Path, ended: Any) -> None:
    import numpy as np
    import pandas as pd

    from core import Dataset
    from core.comparison.storage import comparison_from_bytes
    from core.errors import UsageError
    from core.hypothesis import Hypothesis, Node

    rng = np.random.default_rng(0)
    data = Dataset.from_frame(pd.DataFrame({"x": rng.normal(size=60), "n": rng.poisson(2.0, size=60)}))
    with Store(home=tmp_path) as store, JobService(store, warm=False) as service:
        drawn = Hypothesis("A", (Node("n"), Node("x")))
        quick = service.submit(store.create_project().token, data, [drawn])
        status = ended(service, quick)
        assert status.errors == ()
        assert {block.nodes[0]: block.method for block in status.blocks} == {"n": "importance", "x": "exact"}
        assert "importance/Poisson/log/0/0" in store.timings()
        asked = service.confirm(quick)
        assert service.confirm(quick) == asked
        status = ended(service, asked)
        assert status.errors == ()
        assert [(block.nodes, block.method) for block in status.blocks] == [(("n", "x"), "nuts")]
        assert (tmp_path / "cache" / "compiled" / "nuts").is_dir()
        assert "joint/2" in store.timings()
        assert service.latest(status.project).id == quick
        found = comparison_from_bytes(service.result(asked))
        assert [(one.node, one.agrees) for one in found.agreements] == [("n", True), ("x", True)]
        with pytest.raises(UsageError, match="no answer to confirm"):
            service.confirm(asked)

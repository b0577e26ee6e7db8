"""The web process loads no PyMC: it takes seconds and hundreds of megabytes."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VISIT = """
import functools
import sys
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from ui import doors, session
session.warm_up = lambda: None
# Each AppTest looks through all installed packages for components; once is enough.
manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)
import core.jobs.service
token = doors.open_sample(doors.samples()["marketing"]).token
for page in (key for key, _, _ in session.PAGES):
    test = AppTest.from_file("app.py", default_timeout=120)
    test.query_params["p"] = token
    test.run()
    if page != "start":
        test.switch_page(f"pages/{page}.py")
        test.query_params["p"] = token
        test.run()
    assert not test.exception, (page, [e.value for e in test.exception])
heavy = {"pymc", "pytensor", "numba", "nutpie", "arviz", "arviz_stats", "arviz_base", "xarray"}
print("loaded:", ",".join(sorted(heavy & set(sys.modules))))
"""


def test_visiting_every_page_loads_none_of_it(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", VISIT], cwd=ROOT,
        env={"WHYBOARD_HOME": str(tmp_path), "PATH": "", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    assert "loaded: \n" in run.stdout + "\n"

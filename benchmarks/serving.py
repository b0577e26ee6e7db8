"""A peer's process: it waits for a task, does it, and says what it took.

Each peer runs in a process of its own, some under another Python, and stays warm between
rounds. Imports nothing of Whyboard.
"""

import contextlib
import json
import sys
from collections.abc import Callable, Mapping
from time import perf_counter, process_time
from typing import Any

__all__ = ["serve"]


def serve(tasks: Mapping[str, Callable[[str], Any]], about: Mapping[str, str]) -> None:
    """Answer each line ``task argument`` on standard input with a line of JSON, until it ends.

    The first line answered, unasked, is ``about``: versions and what was left out.
    """
    out = sys.stdout
    print(json.dumps({"about": dict(about)}), file=out, flush=True)
    for line in sys.stdin:
        name, _, argument = line.strip().partition(" ")
        wall, cpu = perf_counter(), process_time()
        with contextlib.redirect_stdout(sys.stderr):
            tasks[name](argument)
        took = {"wall": perf_counter() - wall, "cpu": process_time() - cpu}
        print(json.dumps(took), file=out, flush=True)

"""One worker process: ``python -m core.jobs.worker ADDRESS --role nuts …``.

The embedded cluster starts two of these; on a cluster of your own start as many as you
like (without ``--child``), each with one role or both. One that loses its scheduler begins
anew and looks for it for ten minutes, then ends; one that the web process started ends, and
does so at once when that process is gone, however it went (:mod:`core.jobs.lifeline`).

Only the standard library is imported before the environment is set, since numpy and
PyTensor read theirs while they are imported.
"""

import argparse
import asyncio
import json
import logging
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.jobs.lifeline import end_with_parent

__all__ = ["GO_ON", "ROLES", "WAIT", "main"]

ROLES = ("quick", "nuts")
LOST_SCHEDULER_SECONDS = {True: 30, False: 600}  # of our own scheduler, and of somebody else's
_SCHEDULER_GONE = (
    "scheduler-close",
    "worker-handle-scheduler-connection-broken",
    "worker-heartbeat-error",
    "worker-heartbeat-missing",
)
# One BLAS thread a task: blocks run side by side, and threads of threads slow each other.
_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")

# What the web process writes: somebody waits for something, or nobody does any more.
WAIT, GO_ON = "wait", "go on"
_others_first = threading.Event()

logger = logging.getLogger("whyboard.worker")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a worker until its scheduler or its parent is gone."""
    args = _parser().parse_args(argv)
    told: dict[str, Any] = {}
    if args.child:
        _first_to_go()
        told = json.loads(sys.stdin.readline() or "{}")
        if told.get("wait"):
            _hear(WAIT)
        end_with_parent(told=_hear)
    _set_environment(args)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        why = asyncio.run(_serve(args, told))
    except (TimeoutError, OSError) as error:
        print(f"error: the scheduler at {args.scheduler} cannot be reached ({error})", file=sys.stderr)
        _leave(1)
    if why in _SCHEDULER_GONE and not args.child and os.name == "posix":
        # A new program, since a sampler's threads may still run; nobody can get their result any more.
        print(f"the scheduler at {args.scheduler} is gone; looking for it again", file=sys.stderr, flush=True)
        given = sys.argv[1:] if argv is None else list(argv)
        os.execv(sys.executable, [sys.executable, "-m", "core.jobs.worker", *given])  # noqa: S606
    _leave(0)
    return 0


def _hear(line: str) -> None:
    """Take a word of the web process."""
    if line == WAIT:
        _others_first.set()
    elif line == GO_ON:
        _others_first.clear()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core.jobs.worker", description="Run one Whyboard worker.")
    parser.add_argument("scheduler", help="address of the Dask scheduler, tcp://host:port")
    parser.add_argument("--role", action="append", choices=ROLES, help="what it takes on (default: all)")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--compiled", default="", help="folder for what PyTensor compiles; survives restarts")
    parser.add_argument("--scratch", default=None, help="folder for Dask's own files")
    parser.add_argument("--cold", action="store_true", help="do not import and compile in advance")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    return parser


def _set_environment(args: argparse.Namespace) -> None:
    for name in _ONE_THREAD:
        os.environ.setdefault(name, "1")
    if args.compiled:
        Path(args.compiled).mkdir(parents=True, exist_ok=True)
        flags = [flag for flag in os.environ.get("PYTENSOR_FLAGS", "").split(",") if flag]
        kept = [flag for flag in flags if not flag.startswith("base_compiledir=")]
        os.environ["PYTENSOR_FLAGS"] = ",".join([*kept, f"base_compiledir={args.compiled}"])


async def _serve(args: argparse.Namespace, told: dict[str, Any]) -> str:
    """Work until the scheduler is gone or needs us no longer; return which, in Dask's words."""
    import dask
    from distributed import Worker as DaskWorker
    from distributed.security import Security

    from core.jobs.tasks import TOPIC

    logging.getLogger("distributed").setLevel(logging.WARNING)
    roles = tuple(args.role or ROLES)
    dask.config.set({"distributed.worker.http.routes": []})
    options: dict[str, Any] = {"security": Security(**told["tls"])} if told.get("tls") else {}
    if args.child:
        options |= {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    reasons = []

    class Worker(DaskWorker):
        async def close(self, *args: Any, **options: Any) -> Any:
            reasons.append(str(options.get("reason", "")))
            return await super().close(*args, **options)

    worker = Worker(
        args.scheduler,
        name=f"whyboard-{'-'.join(roles)}-{os.getpid()}",
        nthreads=args.threads,
        resources=dict.fromkeys(roles, args.threads),
        local_directory=args.scratch,
        death_timeout=LOST_SCHEDULER_SECONDS[args.child],
        memory_limit=0,
        dashboard=False,
        **options,
    )
    async with worker:
        worker.log_event(TOPIC, {"up": os.getpid()})
        if not args.cold:
            threading.Thread(
                target=_warm, args=(worker, roles, told.get("first", ())), daemon=True, name="warm"
            ).start()
        await worker.finished()
    return reasons[0] if reasons else ""


def _warm(worker: Any, roles: tuple[str, ...], first: Sequence[str]) -> None:
    """Pay for imports and the common compilations before somebody waits for them."""
    from core.jobs.tasks import TOPIC
    from core.jobs.warm import warm_up

    def busy() -> bool:
        return worker.state.executing_count > 0 or _others_first.is_set()

    for role in sorted(roles, key=ROLES.index):
        try:
            for kind in warm_up(role, first, busy):
                worker.log_event(TOPIC, {"warm": role, "kind": kind, "worker": os.getpid()})
        except Exception:  # a worker that could not warm up works all the same, only later
            logger.exception("warming up for %s failed", role)


def _first_to_go() -> None:
    """Ask the kernel to take a worker, not the server, where memory runs out."""
    with suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("500")


def _leave(status: int) -> None:
    # A sampler's threads may still run; nobody can get their result any more.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()

"""What runs where: requests, workers, progress, cancel.

:class:`JobService` is the one door. It starts a local Dask cluster of two worker
processes in the background (or uses an existing scheduler), turns requests into blocks,
computes each block once however many ask for it, and keeps all that is needed to go on
after a restart. Nothing here, nor anything that it imports in the web process, loads
PyMC: that happens in the workers only.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.jobs.service import JobService
    from core.jobs.status import BlockStatus, HypothesisStatus, RequestStatus

__all__ = ["BlockStatus", "HypothesisStatus", "JobService", "RequestStatus"]

# Lazy, so that a worker process can set its environment before numpy is imported.
_HOMES = {
    "JobService": "core.jobs.service",
    "BlockStatus": "core.jobs.status",
    "HypothesisStatus": "core.jobs.status",
    "RequestStatus": "core.jobs.status",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'core.jobs' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value

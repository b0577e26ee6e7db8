"""All of Whyboard's thinking; imports no streamlit.

From a notebook::

    from core import Dataset, Hypothesis, build_model, compare, identify, reopen

Names are handed on lazily, so that importing one module of ``core`` never pays for
another (``build_model`` imports PyMC, which takes seconds).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.graph.identify import identify
    from core.hypothesis import Hypothesis
    from core.model.pymc_model import build_model
    from core.study import compare, reopen

__all__ = ["Dataset", "Hypothesis", "build_model", "compare", "identify", "reopen"]

_HOMES = {
    "Dataset": "core.data.dataset",
    "Hypothesis": "core.hypothesis",
    "build_model": "core.model.pymc_model",
    "compare": "core.study",
    "identify": "core.graph.identify",
    "reopen": "core.study",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'core' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)

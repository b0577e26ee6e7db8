"""Columns that can be the groups of a node: the same value in several rows, and no amount."""

from __future__ import annotations

from collections.abc import Iterable

from pandas.api.types import is_numeric_dtype

from core.data.dataset import Dataset
from core.families.choose import DISCRETE_KINDS
from core.hypothesis import Hypothesis

__all__ = ["groups_for", "groups_of"]

_NO_GROUPS = ("proportion", "date")
_MOST = 2000


def groups_for(dataset: Dataset | None, node: str) -> tuple[str, ...]:
    """Return the columns by which a node may vary; a code has to come back in other rows to be one."""
    if dataset is None:
        return ()
    found = []
    for column in dataset.columns:
        if column.name == node:
            continue
        if column.kind in DISCRETE_KINDS or (column.kind not in _NO_GROUPS and _comes_back(dataset, column.name)):
            found.append(column.name)
    return tuple(found)


def groups_of(hypotheses: Iterable[Hypothesis]) -> tuple[str, ...]:
    """Return the columns by which nodes vary, which need not be nodes themselves."""
    return tuple(dict.fromkeys(node.group for one in hypotheses for node in one.nodes if node.group is not None))


def _comes_back(dataset: Dataset, name: str) -> bool:
    """Return whether a column holds codes that stand in several rows: names, or whole numbers."""
    values = dataset.table[name].dropna()
    if not 1 < values.nunique() <= min(dataset.rows // 2, _MOST):
        return False
    return not is_numeric_dtype(values) or bool((values % 1 == 0).all())

"""Columns that can be the groups of a node: the same value in several rows, and no amount."""

from __future__ import annotations

from core.data.dataset import Dataset
from core.families.choose import DISCRETE_KINDS

__all__ = ["groups_for"]

#: Numbers may code shops or patients.
_CODES = ("identifier", "count")
_MOST = 2000


def groups_for(dataset: Dataset | None, node: str) -> tuple[str, ...]:
    """Return the columns by which a node may vary; a code has to come back in other rows to be one."""
    if dataset is None:
        return ()
    found = []
    for column in dataset.columns:
        if column.name == node:
            continue
        if column.kind in DISCRETE_KINDS or (column.kind in _CODES and _comes_back(dataset, column.name)):
            found.append(column.name)
    return tuple(found)


def _comes_back(dataset: Dataset, name: str) -> bool:
    return 1 < dataset.table[name].nunique() <= min(dataset.rows // 2, _MOST)

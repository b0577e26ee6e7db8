"""One row of each group, or of equal rows: what is left of rows that belong together can be taken as exchangeable."""

import numpy as np
from numpy.typing import NDArray

from core.check.resemblance import copies, labels_of, size_of_repeats
from core.check.rows_as import RowsAs
from core.data.dataset import Dataset

__all__ = ["left_out_words", "one_of_each"]

_NAMES = ("category", "ordered", "binary", "identifier", "date")
_SEED = 20261128  # the same rows each time, and any order of a file may have its reason


def one_of_each(dataset: Dataset, taken: RowsAs) -> Dataset:
    """Return a data set of which analyses use one row of each group, drawn at random, or one of equal rows.

    Parameters
    ----------
    dataset : Dataset
    taken : RowsAs
        Unless its way is ``"one"``, all rows stay.
    """
    if taken.way != "one":
        return dataset
    return dataset.remembered(("one of each", taken.column), lambda: dataset.keeping(_kept(dataset, taken.column)))


def left_out_words(dataset: Dataset, taken: RowsAs) -> list[str]:
    """Return what must be said of the rows that are not kept: a sentence, or nothing."""
    if dataset.entering == dataset.rows:
        return []
    what = "one of equal rows is kept"
    if taken.column:
        what = f"one row of each {dataset.column(taken.column).title} is kept, drawn at random"
    return [f"{dataset.rows - dataset.entering:,} of {dataset.rows:,} rows are left out: {what}, as you say."]


def _kept(dataset: Dataset, column: str) -> NDArray[np.bool_]:
    labels = labels_of(dataset.values(column)) if column else _copied(dataset)
    order = np.arange(dataset.rows)
    if column:  # equal rows are all the same
        order = np.random.default_rng([_SEED, dataset.rows]).permutation(dataset.rows)
    kept = np.zeros(dataset.rows, dtype=bool)
    kept[order[np.unique(labels[order], return_index=True)[1]]] = True
    kept.setflags(write=False)
    return kept


def _copied(dataset: Dataset) -> NDArray[np.intp]:
    """Return for each row which distinct row it is a copy of; a name of its own is no difference."""
    columns = [c for c in dataset.columns if c.kind != "identifier" or size_of_repeats(dataset.values(c.name)) > 1.0]
    numbers = tuple(column.name for column in columns if column.kind not in _NAMES)
    place = copies({column.name: dataset.values(column.name) for column in columns}, numbers)
    return np.arange(dataset.rows) if place is None else place

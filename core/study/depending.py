"""Rows that depend on one another: found once a data set, and what then has no meaning left."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.check.dependence import Dependence
from core.check.roles import Role
from core.check.rows import find_dependence
from core.check.rows_as import LOOK, RowsAs
from core.check.tested import IndependenceTest, Observed
from core.data.dataset import Dataset

__all__ = ["dependence_of", "without_replicates"]


def dependence_of(
    dataset: Dataset, roles: Mapping[str, Role], observed: Observed, nodes: Sequence[str], taken: RowsAs = LOOK
) -> Dependence:
    """Return whether rows depend on one another, looked at once for these columns and what the user says.

    Parameters
    ----------
    dataset : Dataset
        All columns and rows.
    roles : mapping of str to Role
    observed : Observed
        The modelled columns over complete rows.
    nodes : sequence of str
        The columns that rows are complete in.
    taken : RowsAs
    """

    def find() -> Dependence:
        return find_dependence(dataset, roles, observed.raw, dataset.complete(nodes), taken)

    titles = tuple(column.title for column in dataset.columns)  # it is told in the user's words
    return dataset.remembered(("dependence", tuple(sorted(roles.items())), taken, titles), find)


def without_replicates(test: IndependenceTest, dependence: Dependence) -> IndependenceTest:
    """Return a test without the p-value of its replicates where its ends resemble each other within rows.

    Replicates are made of independent rows, so that they scatter too little to be held against such rows.
    """
    if not dependence.computed or dependence.inflation(test.x, test.y) <= 1.0:
        return test
    return replace(test, predictive_p=None)

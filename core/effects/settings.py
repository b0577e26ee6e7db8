"""What is done to a node: set, moved, multiplied, or spread over a range; everywhere, or where another column says so.

A setting says what a row's value becomes. It never leaves what the node can be: a value that would is an error,
since a model says nothing of it (a share of 1.2, a negative price).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.families import get_family
from core.families.choose import DISCRETE_KINDS
from core.model.spec import ModelSpec, NodeModel

__all__ = ["Setting", "column_of"]

FloatArray = NDArray[np.float64]

Way = Literal["set", "shift", "scale", "spread"]


@dataclass(frozen=True)
class Setting:
    """What is done to one node.

    Parameters
    ----------
    node : str
    amount : float
        The value it is set to (a level's code), by how much it is moved, by what it is multiplied, or the lower end
        of a range.
    way : {"set", "shift", "scale", "spread"}
        ``spread``: each row gets a value of the range, all of them equally often.
    top : float
        The upper end of a range.
    where : (str, float), optional
        A column of levels and one of its codes: only those rows are acted on, the others stay as they are.
    """

    node: str
    amount: float
    way: Way = "set"
    top: float = 0.0
    where: tuple[str, float] | None = None

    def applied(self, raw: Mapping[str, FloatArray], seed: int = 0) -> FloatArray:
        """Return the node's values under the setting, shape (N,).

        Parameters
        ----------
        raw : mapping of str to array, shape (N,)
            Rows as they were observed, levels as codes.
        seed : int
            Of which row gets which value of a range.
        """
        before = np.asarray(raw[self.node], dtype=np.float64)
        if self.way == "set":
            after = np.full(before.shape, self.amount)
        elif self.way == "shift":
            after = before + self.amount
        elif self.way == "scale":
            after = before * self.amount
        else:
            places = np.random.default_rng([seed, 29]).permutation(len(before))
            after = self.amount + (self.top - self.amount) * (places + 0.5) / len(before)
        if self.where is None:
            return after
        column, code = self.where
        return np.where(raw[column] == code, after, before)

    def check(self, spec: ModelSpec, raw: Mapping[str, FloatArray]) -> None:
        """Refuse what the node cannot be.

        Raises
        ------
        ModelError
            If the node is not known, is a category that is to be moved, or would take a value that its family cannot.
        """
        model = column_of(spec, self.node)
        discrete = model.kind in DISCRETE_KINDS
        if discrete and self.way != "set":
            raise ModelError(
                f"{self.node!r} has levels: it can be set to one, not moved",
                place=f"node {self.node}",
                hint=f"Its levels are: {', '.join(model.response.levels[:12])}.",
            )
        low, high = (-0.5, model.levels - 0.5) if discrete else get_family(model.family).settable
        after = self.applied(raw)
        outside = ~((after > low) & (after < high))
        if outside.any():
            value = float(after[outside][0])
            raise ModelError(
                f"{self.node!r} would be {value:g} in {int(outside.sum()):,} of {len(after):,} rows",
                place=f"node {self.node}",
                hint=f"It is modelled as {model.family}: give a value that it can have.",
            )


def column_of(spec: ModelSpec, name: str) -> NodeModel:
    """Return a column of a specification, modelled or given.

    Raises
    ------
    ModelError
        If there is none of that name.
    """
    for model in spec.columns:
        if model.node == name:
            return model
    names = ", ".join(model.node for model in spec.columns)
    raise ModelError(f"there is no node {name!r}", place=f"node {name}", hint=f"The nodes are: {names}.")

"""The rows of what is conditioned on, for data sets that a hypothesis generates.

Nobody says how the members of a background are related, so no data set can be drawn of them:
simulated data sets take them from the observed rows, whole rows at a time.
"""

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import Dataset
from core.model.earlier import timed_as
from core.model.groups import as_modelled
from core.model.spec import ModelSpec
from core.names import TIME

__all__ = ["background_rows"]

FloatArray = NDArray[np.float64]


def background_rows(spec: ModelSpec, dataset: Dataset | None, rows: int, seed: int = 0) -> dict[str, FloatArray]:
    """Return the columns that a specification conditions on, each of shape (rows,).

    Parameters
    ----------
    spec : ModelSpec
    dataset : Dataset or None
        Rows in which one of the columns is missing are passed over. None where nothing is given.
    rows, seed : int
        Another number of rows than there are is drawn from them, with replacement.
    """
    names = [model.node for model in spec.given]
    if not names or dataset is None:
        return {}
    dataset = timed_as(spec, as_modelled(spec, dataset))
    known = np.flatnonzero(dataset.complete(names))
    given = {**{name: dataset.values(name) for name in names}, **dataset.before(names)}
    if rows != len(known):  # each with the earlier values that it had, and itself in no order
        known = np.random.default_rng([seed, 11]).choice(known, rows)
        given.pop(TIME, None)
    return {name: values[known] for name, values in given.items()}

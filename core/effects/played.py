"""What came of playing an action: the outcome in each of several worlds."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.effects.all_rows import brought
from core.model.spec import NodeModel

__all__ = ["Played", "over_all"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Played:
    """The outcome in each of W worlds.

    Parameters
    ----------
    scale : {"mean", "median"}
        What :attr:`centre` is: the median for a LogNormal outcome.
    centre : array, shape (W, S), or (W, S, K) for an outcome of K > 2 levels
        Averaged over the rows, on the outcome's own scale; of a binary outcome the chance of its second level, of
        levels the chance of each.
    settled : array, shape (W, S), or None
        The centre as it would be over endless noise: its spread over the draws less what the noise of so few rows adds
        to it. For a world by itself; what two worlds differ by is that of their centres, in which noise cancels. None
        for levels.
    on_mean : array, shape (W, S), or None
        Of a LogNormal outcome the mean, sigma held; None for others, and where there is none.
    by_row : array, shape (W, R), or None
        The centre of each row, averaged over the draws; None for levels.
    cells : array, shape (W, S, R), or None
        Drawn outcomes of single rows, levels as codes, where they were asked for.
    moved : array, shape (S,), or None
        By how much the last world's centre is above the first one's, as it would be over endless noise. None for
        levels.
    noisy : bool
        Whether an average took noise of nodes on the way; else every draw's is exact on these rows.
    """

    scale: str
    centre: FloatArray
    settled: FloatArray | None
    on_mean: FloatArray | None
    by_row: FloatArray | None
    cells: FloatArray | None = None
    moved: FloatArray | None = None
    noisy: bool = False


def over_all(played: Played, of_all: Played, some: NDArray[np.intp], target: NodeModel) -> Played:
    """Return what was played on some rows as it is over all (:mod:`core.effects.all_rows`).

    Parameters
    ----------
    played, of_all : Played
        All draws on some rows, and some draws on all rows.
    some : array of int
        Which draws these are.
    target : NodeModel
        The outcome's.
    """
    factor = played.scale == "median" or target.link == "log"
    share = bool(target.response.levels) or target.kind == "proportion"

    def brought_(one: FloatArray | None, other: FloatArray | None) -> FloatArray | None:
        return one if one is None or other is None else brought(one, other, some, factor=factor, share=share)

    moved = played.moved
    if moved is not None and len(played.centre) > 1:
        step, over_all = ((one[-1] - one[0]) for one in (played.centre[:, some], of_all.centre))
        moved = moved + (over_all.mean() - step.mean())
    cells = played.cells
    if cells is not None and not share and target.kind != "count":  # a whole number is not moved by a part of one
        flat = brought(played.centre, of_all.centre, some, factor=factor, share=False).mean(axis=1)
        before = played.centre.mean(axis=1)
        cells = cells * (flat / before)[:, None, None] if factor else cells + (flat - before)[:, None, None]
    return replace(
        played,
        centre=brought(played.centre, of_all.centre, some, factor=factor, share=share),
        settled=brought_(played.settled, of_all.centre if of_all.centre.ndim == 2 else None),
        on_mean=brought_(played.on_mean, of_all.on_mean),
        moved=moved,
        cells=cells,
    )

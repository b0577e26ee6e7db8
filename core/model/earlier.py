"""Earlier values of a cause: which column is the time, and what a row's cause was some rows before.

Where something carries over, a family takes its parent's earlier values beside it (``NodeModel.inputs``), under names
that no column has. The data set supplies them from the whole table in the order of time, before rows are left out or
drawn again: so whoever takes some of the rows takes the right ones, and knows nothing of time. Before the first row the
first value is taken. Where there is no table (simulated data) values are shifted, in the order of the data's time where
there is one, else as rows stand: here, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import ModelError
from core.forms import FORMS
from core.hypothesis import FORMS as NAMES
from core.hypothesis import Edge, Hypothesis
from core.model.spec import ModelSpec, NodeModel
from core.names import TIME

if TYPE_CHECKING:
    from core.data.dataset import Dataset

__all__ = ["check_carrying", "has_time", "timed_as", "with_earlier", "with_time"]

_HINT = (
    'Say which column is the time (--rows time:COL, rows="time:COL", or what the rows are in the app), or correct its '
    "kind to date."
)


def check_carrying(edge: Edge) -> None:
    """Refuse a carry-over of an arrow whose form has none."""
    form = FORMS.get(edge.form)
    if edge.carry and (form is None or form.carrying is None):
        carries = ", ".join(one.name for one in FORMS.values() if one.name in NAMES and one.carrying is not None)
        raise ModelError(
            f"the effect of {edge.source!r} is {edge.form}, and what is left of such a one does not carry over",
            place=f"arrow {edge.source} -> {edge.target}",
            hint=f"Choose the form {carries}, or set the carry-over to 0.",
        )


def with_time(hypotheses: Iterable[Hypothesis], dataset: Dataset) -> Dataset:
    """Return the data with the earlier values of every column from which something carries over.

    One selection of rows is compared on: so they are asked for by all rivals at once.

    Raises
    ------
    ModelError
        If no column is the time, or it does not order the rows.
    """
    reach: dict[str, int] = {}
    for hypothesis in hypotheses:
        for edge in hypothesis.edges:
            if edge.carry and edge.source in dataset.names:
                reach[edge.source] = max(edge.carry, reach.get(edge.source, 0))
    return _earlier(reach, dataset)


def timed_as(spec: ModelSpec, dataset: Dataset) -> Dataset:
    """Return the data with the earlier values that a specification takes."""
    reach: dict[str, int] = {}
    for model in spec.nodes:
        for term in model.terms:
            if term.earlier:
                reach[term.parent] = max(len(term.earlier), reach.get(term.parent, 0))
    return _earlier(reach, dataset)


def _earlier(reach: Mapping[str, int], dataset: Dataset) -> Dataset:
    lacking = {name: rows for name, rows in reach.items() if dataset.reach(name) < rows}
    if not lacking:
        return dataset
    known = {**{name: dataset.reach(name) for name in dataset.names if dataset.reach(name)}, **lacking}
    key = ("earlier", tuple(sorted(known.items())))
    return dataset.remembered(key, partial(dataset.with_earlier, known, _time(dataset)))


def has_time(dataset: Dataset) -> bool:
    """Return whether rows have an order in which something can carry over."""
    try:
        return bool(_time(dataset))
    except ModelError:
        return False


def _time(dataset: Dataset) -> str:
    """Return the column by which rows are ordered: what the user says, else the only date."""
    dates = [column.name for column in dataset.columns if column.kind == "date"]
    time = dataset.time or (dates[0] if len(dates) == 1 else "")
    if not time:
        many = f"there are {len(dates)} columns of dates" if dates else "no column is a date"
        raise ModelError(
            f"an effect is to carry over to later rows, and nobody says in which order rows stand: {many}",
            place=dataset.source,
            hint=_HINT,
        )
    values = dataset.values(time)
    if np.isnan(values).any() or len(np.unique(values)) < len(values):
        what = "is missing in some rows" if np.isnan(values).any() else "has the same value in several rows"
        raise ModelError(
            f"an effect is to carry over to later rows, and {time!r}, by which they are ordered, {what}",
            place=f"column {time}",
            hint="Name a column with a value of its own in every row, such as its week; add up rows of one time first.",
        )
    return time


def _moved(values: Any, rows: int, time: Any) -> Any:
    """Return values (…, N) of some rows earlier in numpy or PyTensor, same shape: before the first row, the first."""
    if time is None:
        return values[..., np.maximum(np.arange(values.shape[-1]) - rows, 0)]
    order = np.argsort(time, kind="stable")
    rank = np.argsort(order, kind="stable")
    return values[..., order[np.maximum(rank - rows, 0)]]


def with_earlier(model: NodeModel, raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return raw values by name, with the earlier ones that a family takes and that are not among them.

    Rows are in the order of what stands under :data:`core.names.TIME`, or as they are without it.
    """
    found = {
        name: _moved(raw[term.parent], rows + 1, raw.get(TIME))
        for term in model.terms
        for rows, name in enumerate(term.earlier)
        if name not in raw
    }
    return {**raw, **found} if found else raw

"""Whether an action does the same to everyone, in sentences."""

from collections.abc import Mapping

from core.comparison.facts import ColumnFacts
from core.study.per_row import RowEffects
from core.study.said import ends_said

__all__ = ["per_row_said"]

_CLEAR = 0.005  # of rows: what less is, goes without saying


def per_row_said(found: RowEffects, columns: Mapping[str, ColumnFacts], outcome: str) -> tuple[str, ...]:
    """Say how what an action does differs by row, if one hypothesis is right.

    Parameters
    ----------
    found : RowEffects
    columns : mapping of str to ColumnFacts
        The user's words for columns.
    outcome : str
    """
    if found.reason == "no path leads there":
        return ("Nothing happens to any row: no path leads there.",)
    if found.effects is None:
        return (f"{found.reason[:1].upper()}{found.reason[1:]}.",)
    if found.form == "straight":
        return (
            "The same for every row: every arrow on the way is a straight line. Let one bend, or let its effect differ "
            "by another column, and rows may differ.",
        )
    if found.form == "alone":
        return ("The same for every row: nothing that differs between rows has a part in it.",)
    if found.alike:
        return ("About the same for every row: rows differ by less than a twentieth of the average.",)
    low, _, high = found.ends
    said = f"For 90 % of rows {ends_said(low, high, columns[outcome], median=found.median)}"
    if found.other_way >= _CLEAR:
        said += f"; for {_percent(found.other_way)} it goes the other way than on average"
    told = [f"{said}."]
    if found.form == "factor":
        told.append("As a factor it is the same for every row: rows differ by how much they have to begin with.")
    if found.varies is not None:
        title = columns[found.varies.column].label
        told.append(f"It differs most with {title}, which explains {_percent(found.varies.share)} of how rows differ.")
    elif found.form != "factor":
        told.append("No single column explains how rows differ.")
    return tuple(told)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else "under 1 %"

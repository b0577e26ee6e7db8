"""``whyboard effect --per-row``: whether an action does the same to everyone."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.cli.reading import write_text

if TYPE_CHECKING:
    from core.effects.settings import Setting
    from core.study.acting import Acting
    from core.study.per_row import RowEffects

__all__ = ["rows_of", "rows_text", "with_rows"]


def rows_of(
    acting: "Acting", worlds: "Sequence[Sequence[Setting]]", outcome: str, path: str | None
) -> "tuple[RowEffects, ...]":
    """Return what each hypothesis says happens to each row, written to a file; nothing where none is named."""
    if path is None:
        return ()
    import pandas as pd

    from core.study.per_row import per_row, table_of

    found = per_row(acting, worlds, outcome)
    known = [one.name for one in found if one.effects is not None]
    frame = pd.DataFrame(table_of(found), columns=["row", *known])
    write_text(path, frame.to_csv(index=False, lineterminator="\n"))
    return found


def with_rows(records: Sequence[dict[str, Any]], found: "Sequence[RowEffects]") -> list[dict[str, Any]]:
    """Return the hypotheses' records with how rows differ in each; null where that was not asked, or has no number."""
    by_name = {one.name: one.to_dict() for one in found}
    return [{**record, "per_row": by_name.get(record["name"])} for record in records]


def rows_text(found: "Sequence[RowEffects]", acting: "Acting", outcome: str) -> list[str]:
    """Return in lines of text how rows differ under each hypothesis."""
    if not found:
        return []
    from core.study.per_row_words import per_row_said

    columns = {column.name: column for column in acting.comparison.data.columns}
    return [
        "",
        "Is it the same for everyone?",
        *(f"  {one.name}: {' '.join(per_row_said(one, columns, outcome))}" for one in found),
    ]

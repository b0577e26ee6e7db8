"""How large a table may be: the one place where the numbers stand."""

from dataclasses import dataclass

__all__ = ["LIMITS", "Limits"]


@dataclass(frozen=True)
class Limits:
    """The largest file and table that are read.

    Parameters
    ----------
    bytes : int
        Of the file, and of what it unpacks to.
    rows, columns, cells : int
        Of the table; ``cells`` is rows times columns.
    name : int
        Characters in a column's name.
    levels : int
        Different values in a category.
    """

    bytes: int = 200_000_000
    rows: int = 5_000_000
    columns: int = 1_000
    cells: int = 50_000_000
    name: int = 200
    levels: int = 1_000


LIMITS = Limits()

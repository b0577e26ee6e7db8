"""How large a table may be: the one place where the numbers stand."""

from dataclasses import dataclass

__all__ = ["LIMITS", "Limits"]


@dataclass(frozen=True)
class Limits:
    """The largest file and table that are read.

    A small file can become a large table: what repeats is packed, or stands once in a
    dictionary. So what a file becomes is bounded too, and counted before it is made.

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
    cell : int
        Characters in one cell; as many as a spreadsheet program takes.
    decoded : int
        Bytes of all cells together, each written out.
    sheet_cells : int
        Cells of a workbook's sheet, which take about thirty times as long to read as those of a CSV file.
    """

    bytes: int = 200_000_000
    rows: int = 5_000_000
    columns: int = 1_000
    cells: int = 20_000_000
    name: int = 200
    levels: int = 1_000
    cell: int = 32_767
    decoded: int = 500_000_000
    sheet_cells: int = 3_000_000


LIMITS = Limits()

"""What a column is called in PyMC and ArviZ: its own name, unless they cannot take it."""

from collections.abc import Iterable

__all__ = ["free_name", "run_name", "variable_names"]


def free_name(name: str, taken: Iterable[str]) -> str:
    """Return ``name``, with as many underscores behind it as it takes to be none of ``taken``."""
    known = set(taken)
    while name in known:
        name += "_"
    return name


def run_name(start: int, stop: int) -> str:
    """Return the name of coefficients that stand together, from ``start`` to before ``stop``."""
    return f"coefficient[{start}]" if stop == start + 1 else f"coefficient[{start}:{stop}]"


def variable_names(columns: Iterable[str]) -> dict[str, str]:
    """Return the variable's name of each column.

    PyMC refuses a slash (ArviZ reads it as a path) and a colon at the end; they become
    underscores. All other names stay as they are.

    Examples
    --------
    >>> variable_names(["price", "price/unit", "price_unit"])
    {'price': 'price', 'price/unit': 'price_unit_', 'price_unit': 'price_unit'}
    """
    names = list(columns)
    found = {name: name for name in names if _plain(name) == name}
    for name in names:
        if name not in found:
            found[name] = free_name(_plain(name), found.values())
    return {name: found[name] for name in names}


def _plain(name: str) -> str:
    plain = name.replace("/", "_")
    return plain.rstrip(":") + "_" * (len(plain) - len(plain.rstrip(":")))

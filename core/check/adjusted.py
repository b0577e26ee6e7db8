"""Many p-values at once: the false-discovery-rate adjustment."""

from collections.abc import Sequence

__all__ = ["adjust"]


def adjust(p_values: Sequence[float | None]) -> list[float | None]:
    """Return p-values adjusted as Benjamini & Hochberg (1995), in the same order; ``None`` stays and does not count.

    Examples
    --------
    >>> adjust([0.01, 0.04, None, 0.03])
    [0.03, 0.04, None, 0.04]
    """
    order = sorted((p, i) for i, p in enumerate(p_values) if p is not None)
    result: list[float | None] = [None] * len(p_values)
    least = 1.0
    for rank in range(len(order), 0, -1):
        p, i = order[rank - 1]
        least = min(least, p * len(order) / rank)
        result[i] = least
    return result

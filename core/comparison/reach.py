"""How far "not contradicted" reaches: which associations the intervals rule out."""

from collections.abc import Iterable

from core.check.tested import REACH, IndependenceTest

__all__ = ["reach_words"]


def reach_words(tests: Iterable[IndependenceTest]) -> str:
    """Say what some claims that are not contradicted rule out; empty where none was tested.

    Examples
    --------
    >>> reach_words([IndependenceTest("a", "b", (), 0.02, -0.05, 0.09, contradicted=False)])
    'associations over 0.1 are ruled out'
    """
    held = [test for test in tests if test.contradicted is False and not test.accused]
    if not held:
        return ""
    sizes = [test.rules_out for test in held]
    open_ = sum(size is None for size in sizes)
    known = [size for size in sizes if size is not None]
    if not open_:
        return f"associations over {max(known):g} are ruled out"
    which = "its one claim leaves" if len(held) == 1 else f"{open_} of {len(held)} claims leave"
    if open_ == len(held) > 1:
        which = f"all {open_} claims leave"
    return f"{which} room for an association over {REACH:g}"

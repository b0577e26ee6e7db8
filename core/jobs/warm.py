"""What a worker does before it is asked: imports, and compiling the commonest models.

A compiled model lives in the worker's memory and takes seconds to make, so the signatures
that this installation has used come first, then those that most graphs need.
"""

import time
from collections.abc import Callable, Iterator, Sequence

from core.jobs.estimate import kind_of_signature, signature_of_kind

__all__ = ["COMMON", "LIMIT", "warm_up"]

COMMON = tuple(
    f"{family}/{link}/{p}/0"
    for p in (1, 0, 2, 3)  # design columns; 0 is a node that nothing points at
    for family, link in (("Bernoulli", "logit"), ("Poisson", "log"), ("NegativeBinomial", "log"))
)
LIMIT = 16


def warm_up(role: str, first: Sequence[str], busy: Callable[[], bool]) -> Iterator[str]:
    """Warm one role up; yield what is ready, one word or signature at a time.

    ``busy`` says whether somebody's task runs; warming then waits.
    """
    if role == "quick":
        import core.study  # noqa: F401

        yield "imports"
        return
    from core.fit.nuts_sampling import prewarm

    yield "imports"
    for kind in list(dict.fromkeys([*first, *COMMON]))[:LIMIT]:
        signature = signature_of_kind(kind)
        if signature is None:
            continue
        while busy():
            time.sleep(0.2)
        prewarm([signature])
        yield kind_of_signature(signature)

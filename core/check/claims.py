"""The claims of one graph tested: those that bear on the question, and those beside it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from core.check.independence import run_tests
from core.check.roles import Role
from core.check.tested import IndependenceTest, Observed, Replicates, Rules
from core.graph.causal_graph import CausalGraph
from core.graph.implications import Independence
from core.memory import Memory

__all__ = ["claim_tests"]

_MOST_CURVED = 200  # claims of one graph that are all looked at in curves: so many take some seconds at most


def claim_tests(
    graph: CausalGraph,
    claims: Sequence[Independence],
    upstream: frozenset[str] | None,
    roles: Mapping[str, Role],
    observed: Observed,
    replicates: tuple[Replicates, Replicates] | None = None,
    rules: Rules | None = None,
    suspended: bool = False,
    memory: Memory | None = None,
    inflation: Callable[[str, str], float] | None = None,
    crossed: Sequence[tuple[str, str]] = (),
) -> tuple[IndependenceTest, ...]:
    """Test claims; those that bear on the question are adjusted among themselves, and so are the others.

    So what is said about the question does not hang on how many claims a graph makes beside it.

    Parameters
    ----------
    graph, claims, roles, observed, rules, suspended, memory, inflation, crossed
        See :func:`core.check.independence.run_tests`.
    upstream : frozenset of str or None
        What is upstream of the question: a claim with both ends there does not bear on it. None
        without a question.
    replicates : (Replicates, Replicates), optional
        For claims beside the question, and for those that bear on it: there with what is upstream as
        it was observed.

    Returns
    -------
    tuple of IndependenceTest
        In the order of ``claims``.
    """
    found: dict[int, IndependenceTest] = {}
    for bears in (True, False):
        places = [i for i, one in enumerate(claims) if _bears(one, upstream) is bears]
        if not places:
            continue
        drawn = None if replicates is None else replicates[bears]
        asked = [claims[i] for i in places]
        # Claims that bear are counted by themselves: nothing said of the question hangs on the others.
        everywhere = (len(asked) if bears else len(claims)) <= _MOST_CURVED
        tests = run_tests(
            graph, asked, roles, observed, drawn, rules, suspended, memory, inflation, crossed, everywhere
        )
        found |= zip(places, tests if upstream is None else [replace(test, bears=bears) for test in tests], strict=True)
    return tuple(found[i] for i in range(len(claims)))


def _bears(claim: Independence, upstream: frozenset[str] | None) -> bool:
    return upstream is None or not upstream.issuperset((claim.x, claim.y))

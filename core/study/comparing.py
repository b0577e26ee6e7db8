"""Compare in one call: plan, fit in this process, assemble."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

from core.check.rows_as import RowsAs
from core.check.tested import Rules
from core.comparison.result import Comparison
from core.data.dataset import Dataset
from core.fit.cache import BlockCache
from core.fit.memory import BlockMemory
from core.fit.result import Block, BlockFit
from core.fit.summary import summarise
from core.hypothesis import Hypothesis
from core.model.design import BlockData
from core.study.assembling import assemble
from core.study.planning import plan

__all__ = ["KEPT", "compare", "tell_blocks"]

FitBlocks = Callable[..., Mapping[str, BlockFit]]

KEPT = BlockMemory().survive_forks()
"""The blocks of this process: what :func:`compare` keeps from call to call. ``KEPT.clear()`` forgets them."""


def compare(
    data: Dataset | str | Path,
    hypotheses: Iterable[Hypothesis],
    *,
    effects: Iterable[tuple[str, str]] = (),
    method: str = "auto",
    draws: int = 4000,
    seed: int = 0,
    rules: Rules | Mapping[str, Any] | None = None,
    methods: Mapping[str, str] | None = None,
    rows: str | RowsAs | None = None,
    cache: BlockCache | BlockMemory | None = KEPT,
    progress: Callable[[str, float], None] | None = None,
    fit_blocks: FitBlocks | None = None,
    read_seconds: float | None = None,
) -> Comparison:
    """Fit rival hypotheses to the same rows and say what the data say about each.

    Parameters
    ----------
    data : Dataset or path
    hypotheses : iterable of Hypothesis
    effects : iterable of (str, str)
        Total effects to report, (treatment, outcome).
    method : str
        ``"auto"`` (closed form, else importance sampling, else NUTS), ``"exact"``,
        ``"importance"`` or ``"nuts"``.
    draws : int
        Posterior draws of each block.
    seed : int
        The same request with the same seed gives the same digits.
    rules : Rules, or mapping of its fields, optional
        Thresholds.
    methods : mapping of str to str, optional
        Node to the way that stands in for ``method`` there.
    rows : str, optional
        How rows are to be taken: ``"none"`` (exchangeable: neither their order nor groups count),
        ``"time:COL"`` (in the order of a column), ``"group:COL"`` (those of one value belong together),
        ``"one:COL"`` (one row of each value is kept) or ``"one"`` (one of equal rows).
        Unless given, every column of the file and the order are looked at, and what is found is counted.
    cache : BlockCache, BlockMemory or None
        Finished blocks: asked first, and given what was computed. Unless given, those that this
        process keeps in memory from call to call (:data:`KEPT`; bounded, the least recently used
        go first), so that a second comparison with one changed arrow costs that arrow. None
        computes all anew. Workers have a process each and do not come by here.
    progress : callable, optional
        Called with words and a share between 0 and 1.
    fit_blocks : callable, optional
        Takes ``(blocks, cache, progress)`` and returns fits by key; this process unless given.
    read_seconds : float, optional
        What reading took, where a data set is given that was read before; it enters ``seconds``.

    Returns
    -------
    Comparison
        ``to_dict()`` is the JSON of the contract.

    Examples
    --------
    ::

        from core import Dataset, Hypothesis, compare
        a = Hypothesis.from_dagitty("dag { ads -> sales }", name="A")
        b = Hypothesis.from_dagitty("dag { season -> ads season -> sales }", name="B")
        result = compare(Dataset.read("data.csv"), [a, b], effects=[("ads", "sales")])
        print(result.verdict)
    """
    begun = perf_counter() - (read_seconds or 0.0)
    work = plan(
        data,
        hypotheses,
        effects=effects,
        method=method,
        draws=draws,
        seed=seed,
        rules=rules,
        methods=methods,
        rows=rows,
    )
    if read_seconds is not None:
        work = replace(work, seconds={**work.seconds, "read": read_seconds})
    if fit_blocks is None:
        from core.fit.engine import fit_blocks as in_process

        fit_blocks = in_process
        start = perf_counter()
        summarise(work.blocks[key] for key in work.missing(cache))
        work = replace(work, seconds={**work.seconds, "summarise": work.seconds["summarise"] + perf_counter() - start})
    start = perf_counter()
    fits = fit_blocks(work.blocks, cache, tell_blocks(work.blocks, progress))
    result = assemble(
        work, fits, fit_seconds=perf_counter() - start, begun=begun, memory=cache.memory if cache else None
    )
    if progress is not None:
        progress("checked and compared", 1.0)
    return result


def tell_blocks(
    blocks: Mapping[str, tuple[Block, BlockData]], progress: Callable[[str, float], None] | None
) -> Callable[[str, float], None] | None:
    """Turn a report on one block into one on all: words, and a share between 0 and 0.95."""
    if progress is None:
        return None
    done = dict.fromkeys(blocks, 0.0)

    def tell(key: str, share: float) -> None:
        done[key] = share
        progress(f"fitting {blocks[key][0].model.node}", 0.95 * sum(done.values()) / max(len(done), 1))

    return tell

"""One door to fitting: a block in, its :class:`BlockFit` out.

:func:`fit_block` is pure, so it can run in a worker and its result can be kept by content
key. Closed forms and importance sampling need numpy and a little scipy; what NUTS samples
imports PyMC, and only then.
"""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

from core.fit.cache import BlockCache
from core.fit.exact import fit_exact
from core.fit.memory import BlockMemory
from core.fit.result import (
    AnyBlock,
    AnyData,
    Block,
    BlockFit,
    FitCancelledError,
    JointBlock,
    JointData,
    NeedsSamplerError,
)
from core.fit.summary import FEW_ROWS
from core.model.design import BlockData

__all__ = ["fit_block", "fit_blocks"]

Progress = Callable[[float], None]
Cancelled = Callable[[], bool]


def fit_block(
    block: AnyBlock,
    data: AnyData,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    *,
    sampler: bool = True,
) -> BlockFit:
    """Fit one block in the way that it asks for.

    A block that leaves the way open (``"auto"``) is fitted by importance sampling, and by
    NUTS where that does not do.

    Parameters
    ----------
    block : Block or JointBlock
        The second is a whole hypothesis, and needs the sampler.
    data : BlockData or JointData
    progress : callable, optional
        Called with the share done, 0 to 1, from any thread.
    cancelled : callable, optional
        Asked many times a second while sampling; true stops the sampler.
    sampler : bool
        Whether NUTS may be run here. If not, and it is needed, NeedsSamplerError says so at once.

    Raises
    ------
    FitError
        If it cannot be fitted; FitCancelledError if ``cancelled`` said so; NeedsSamplerError if
        it needs NUTS and ``sampler`` is false, or if only importance sampling was asked for.
    """
    if isinstance(block, JointBlock):
        from core.fit.joint import fit_joint

        assert isinstance(data, JointData)
        return fit_joint(block, data, progress, cancelled)
    assert not isinstance(data, JointData)
    if cancelled is not None and cancelled():
        raise FitCancelledError(f"node {block.model.node}")
    fit = fit_exact(block, data) if block.method == "exact" else _fit_sampled(block, data, progress, cancelled, sampler)
    if progress is not None:
        progress(1.0)
    return fit


def _fit_sampled(
    block: Block, data: BlockData, progress: Progress | None, cancelled: Cancelled | None, sampler: bool
) -> BlockFit:
    if block.method != "nuts":
        from core.fit.importance import fit_importance

        try:
            return fit_importance(block, data, progress, cancelled)
        except NeedsSamplerError:
            if block.method == "importance" or not sampler:
                raise
    elif not sampler:
        raise NeedsSamplerError(
            "this node is to be fitted with NUTS, which is not run here",
            place=f"node {block.model.node}",
            hint="Fit it where the sampler is.",
        )
    from core.fit.nuts import fit_nuts

    return fit_nuts(block, data, progress, cancelled)


def fit_blocks(
    blocks: Mapping[str, tuple[Block, BlockData]],
    cache: BlockCache | BlockMemory | None = None,
    progress: Callable[[str, float], None] | None = None,
    cancelled: Cancelled | None = None,
) -> dict[str, BlockFit]:
    """Fit blocks in this process: exact ones of few rows at once, others in threads, as many as there are cores.

    What is held beside the results are the rows of the blocks in those threads, and of
    exact ones a chunk of them.

    Parameters
    ----------
    blocks : mapping of content key to (block, rows)
    cache : BlockCache or BlockMemory, optional
        Asked first, and given what was computed.
    progress : callable, optional
        Called with a content key and the share of that block done, from any thread.
    cancelled : callable, optional

    Returns
    -------
    dict
        Content key to result, in the order of ``blocks``.
    """
    found: dict[str, BlockFit] = {}
    sampled: list[str] = []
    for key, (block, data) in blocks.items():
        kept = cache.get(key) if cache is not None else None
        if kept is not None:
            found[key] = kept
            if progress is not None:
                progress(key, 1.0)
        elif block.method == "exact" and data.rows <= FEW_ROWS:
            found[key] = _fit_and_keep(block, data, cache, progress, cancelled)
        else:
            sampled.append(key)
    if sampled:
        found.update(_in_threads({key: blocks[key] for key in sampled}, cache, progress, cancelled))
    return {key: found[key] for key in blocks}


def _fit_and_keep(
    block: Block,
    data: BlockData,
    cache: BlockCache | BlockMemory | None,
    progress: Callable[[str, float], None] | None,
    cancelled: Cancelled | None,
) -> BlockFit:
    tell = None if progress is None else lambda share: progress(block.key, share)
    try:
        fit = fit_block(block, data, tell, cancelled)
    finally:
        data.forget()  # what was made of the shared columns lives as long as its fit
    if cache is not None:
        cache.put(fit)
    return fit


def _in_threads(
    blocks: Mapping[str, tuple[Block, BlockData]],
    cache: BlockCache | BlockMemory | None,
    progress: Callable[[str, float], None] | None,
    cancelled: Cancelled | None,
) -> dict[str, BlockFit]:
    """Fit several blocks at once; the sampler and numpy leave the interpreter lock alone."""
    failed = False

    def stop() -> bool:
        return failed or (cancelled is not None and cancelled())

    with ThreadPoolExecutor(max_workers=min(len(blocks), os.cpu_count() or 1)) as pool:
        tasks = {
            key: pool.submit(_fit_and_keep, block, data, cache, progress, stop) for key, (block, data) in blocks.items()
        }
        try:
            done, _ = wait(tasks.values(), return_when=FIRST_EXCEPTION)
            wrong = next((task.exception() for task in done if task.exception() is not None), None)
            if wrong is not None:
                raise wrong
        finally:
            failed = True  # on an error or an interrupt the others stop, else nobody listens any more
            pool.shutdown(wait=True, cancel_futures=True)
    return {key: task.result() for key, task in tasks.items()}

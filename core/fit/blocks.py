"""Cutting a specification into blocks, and the content key of each.

With independent priors and complete data the posterior of a graph is the product of its
families' posteriors, so a block is one family. Its content key is a digest of everything
that its result depends on and of nothing else: two hypotheses, or two users, that ask the
same thing share one fit, and redrawing one arrow changes the key of one family.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

from core.data.dataset import Dataset
from core.errors import ModelError, UsageError
from core.fit.keys import content
from core.fit.result import AnyBlock, Block, JointBlock, JointData
from core.model.design import BlockData, block_data
from core.model.spec import ModelSpec, NodeModel

__all__ = ["FIT_VERSION", "METHODS", "block_keys", "block_seed", "content_key", "make_blocks", "make_joint"]

FIT_VERSION = 8
"""Raise it whenever the same inputs would give other numbers."""

METHODS = ("auto", "exact", "importance", "nuts")
MIN_DRAWS, MAX_DRAWS = 400, 100_000

_SAMPLED = ("numpy", "scipy", "pymc", "nutpie", "pytensor")
_VERSIONS = {
    "exact": ("numpy",),
    "importance": ("numpy", "scipy"),
    "nuts": _SAMPLED,
    "auto": _SAMPLED,  # which way it goes is known only once it is fitted
}


def make_blocks(
    spec: ModelSpec,
    dataset: Dataset,
    *,
    method: str = "auto",
    methods: Mapping[str, str] | None = None,
    draws: int = 4000,
    seed: int = 0,
) -> dict[str, tuple[Block, BlockData]]:
    """Return each node's block and the rows it is fitted to.

    Parameters
    ----------
    spec : ModelSpec
    dataset : Dataset
        The complete rows that ``spec`` was resolved on.
    method : str
        ``"auto"``: closed form where there is one, else importance sampling, and NUTS where
        that does not do. ``"exact"``, ``"importance"``, ``"nuts"``: this way for all nodes.
    methods : mapping of str to str, optional
        Node to the way that stands in for ``method`` there.
    draws : int
        Posterior draws a block, over all chains.
    seed : int
        A part of the key: the same request gives the same digits.

    Raises
    ------
    ModelError
        If a closed form is demanded of a family that has none.
    UsageError
        For an unknown method or node, or an impossible number of draws.
    """
    return {
        model.node: (Block(key, model, way, draws, seed), block_data(model, dataset))
        for model, way, key in _keyed(spec, dataset, method, methods, draws, seed)
    }


def block_keys(
    spec: ModelSpec,
    dataset: Dataset,
    *,
    method: str = "auto",
    methods: Mapping[str, str] | None = None,
    draws: int = 4000,
    seed: int = 0,
) -> dict[str, str]:
    """Return each node's content key, that of :func:`make_blocks`, for whoever asks whether a fit still holds."""
    return {model.node: key for model, _, key in _keyed(spec, dataset, method, methods, draws, seed)}


def make_joint(spec: ModelSpec, dataset: Dataset, draws: int, seed: int) -> tuple[JointBlock, JointData]:
    """Return a hypothesis as one piece of work, and its rows; parameters as in :func:`make_blocks`."""
    nodes = [content_key(model, _fingerprints(model, dataset), "nuts", draws, seed) for model in spec.nodes]
    key = hashlib.blake2b(json.dumps(["joint", *nodes]).encode(), digest_size=20).hexdigest()
    names = [model.node for model in spec.columns]
    raw = {name: dataset.values(name) for name in (*names, *spec.earlier)}
    return JointBlock(key, spec, draws, seed), JointData(raw, {name: ~dataset.was_set(name) for name in names})


def _keyed(
    spec: ModelSpec, dataset: Dataset, method: str, methods: Mapping[str, str] | None, draws: int, seed: int
) -> Iterator[tuple[NodeModel, str, str]]:
    """Yield each node's family, the way it is fitted, and its content key."""
    own = dict(methods or {})
    for asked in (method, *own.values()):
        if asked not in METHODS:
            raise UsageError(f"there is no method {asked!r}", place="method", hint=f"One of: {', '.join(METHODS)}.")
    for node in own:
        if node not in {model.node for model in spec.nodes}:
            raise UsageError(f"there is no node {node!r} to fit in a way of its own", place="methods")
    if isinstance(draws, bool) or not isinstance(draws, int) or not MIN_DRAWS <= draws <= MAX_DRAWS:
        raise UsageError(
            f"{draws!r} draws a node cannot be done",
            place="draws",
            hint=f"Ask for a whole number from {MIN_DRAWS} to {MAX_DRAWS:,}.",
        )
    for model in spec.nodes:
        way = _way(model, own.get(model.node, method))
        yield model, way, content_key(model, _fingerprints(model, dataset), way, draws, seed)


def _way(model: NodeModel, method: str) -> str:
    if method == "exact" and not model.conjugate:
        raise ModelError(
            f"the family {model.family} with these priors has no closed form",
            place=f"node {model.node}",
            hint="Use the method auto, or give the node a family with one: Normal or LogNormal, or Table.",
        )
    return "exact" if model.conjugate and method == "auto" else method


def _fingerprints(model: NodeModel, dataset: Dataset) -> tuple[str, ...]:
    return tuple(dataset.column_fingerprint(name) for name in (model.node, *model.inputs))


def content_key(model: NodeModel, fingerprints: Iterable[str], method: str, draws: int, seed: int) -> str:
    """Return the hex digest that names a block's result.

    Names of nodes and levels, labels and reasons are left out; fingerprints stand for the
    node's column and then its parents', in the order of the design matrix.
    """
    record = {
        "version": FIT_VERSION,
        "packages": _versions(method),
        "model": content(model),
        "columns": list(fingerprints),
        "method": method,
        "draws": draws,
        "seed": seed,
    }
    return hashlib.blake2b(json.dumps(record, sort_keys=True).encode(), digest_size=20).hexdigest()


@lru_cache
def _versions(method: str) -> tuple[str, ...]:
    found = []
    for package in _VERSIONS[method]:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"{package} missing")
    return tuple(found)


def block_seed(block: AnyBlock) -> int:
    """Return the seed of a block's own random numbers, from its content key and seed."""
    digest = hashlib.blake2b(f"{block.key}:{block.seed}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1  # 63 bits: nutpie takes signed integers

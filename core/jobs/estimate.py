"""How long a fit will take, from what earlier ones took.

A block's *kind* is the way in which it is fitted and, unless that is the closed form, the
signature of its model: blocks of one kind differ in rows only. The last measured time of a
kind is scaled to the rows at hand; what was never measured is guessed from the measurements
behind the design (closed form 1 ms, importance sampling 0.2 s and NUTS about 2 s at 1,000
rows, compiling about 8 s).
"""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.fit.result import AnyBlock, BlockFit
    from core.model.block_model import Signature

__all__ = [
    "COMPARE",
    "block_seconds",
    "compare_seconds",
    "is_sampled",
    "kind_of",
    "kind_of_signature",
    "measured",
    "signature_of_kind",
]

COMPILE_SECONDS = 8.0
SAMPLE_SECONDS = 2.0  # at ROWS rows
IMPORTANCE_SECONDS = 0.2  # at ROWS rows
EXACT_SECONDS = 0.02  # with its way to the worker and back
ROWS = 1000
COMPARE = "compare"  # the kind under which checking and comparing is remembered
COMPARE_SECONDS = 0.15  # a hypothesis and node
_IMPORTANCE, _JOINT = "importance/", "joint/"
# A block has a share of its time that does not grow with its rows.
FIXED_SHARE = 0.5


_PARTS = (4, 6)  # of a signature as text: without scaled columns, and with some


def kind_of(block: "AnyBlock", way: str = "") -> str:
    """Return what a block is, as far as its time goes.

    ``"exact"``, ``"family/link/p/K"`` of a sampled block, and the same behind
    ``"importance/"`` of one that is tried that way first; ``"joint/n"`` of a joint model of n nodes, which is
    compiled anew each time. ``way`` is what became of a block
    that may be fitted in any way.
    """
    from core.fit.result import JointBlock

    if isinstance(block, JointBlock):
        return f"{_JOINT}{len(block.nodes)}"
    way = way or block.method
    if way == "exact":
        return "exact"
    from core.model.block_model import signature

    kind = kind_of_signature(signature(block.model))
    return kind if way == "nuts" else _IMPORTANCE + kind


def kind_of_signature(signature: "Signature") -> str:
    """Return a signature as text: family, link, p and K, and which tau scales which column where some are scaled."""
    kind = "/".join(str(part) for part in signature[:4])
    if not signature.nothing:
        return kind
    scaled = ",".join(str(tau) for tau in signature.scaled_by)
    return f"{kind}/{scaled}/{''.join(str(int(nothing)) for nothing in signature.nothing)}"


def signature_of_kind(kind: str) -> "Signature | None":
    """Return the signature that :func:`kind_of_signature` wrote; None for anything else."""
    from core.model.block_model import Signature

    parts = kind.split("/")
    if len(parts) not in _PARTS or not (parts[2].isdecimal() and parts[3].isdecimal()):
        return None
    plain = Signature(parts[0], parts[1], int(parts[2]), int(parts[3]))
    if len(parts) == 4:
        return plain
    if not set(parts[4]) <= set("-,0123456789") or not parts[5].isdecimal():
        return None
    scaled = tuple(int(tau) for tau in parts[4].split(","))
    return plain._replace(scaled_by=scaled, nothing=tuple(one == "1" for one in parts[5]))


def is_sampled(kind: str) -> bool:
    """Return whether blocks of this kind need a compiled model."""
    return kind.count("/") + 1 in _PARTS and not kind.startswith(_IMPORTANCE)


def block_seconds(kind: str, rows: int, known: Mapping[str, tuple[int, float]], warm: Collection[str]) -> float:
    """Estimate one block's time in seconds.

    Parameters
    ----------
    kind : str
    rows : int
    known : mapping
        Kind to (rows, seconds) of the last block of that kind.
    warm : collection of str
        Kinds whose model is compiled in the worker.
    """
    if kind == "exact":
        return EXACT_SECONDS * max(1.0, rows / 100_000)
    if kind.startswith(_JOINT):
        guess = ROWS, COMPILE_SECONDS + (COMPILE_SECONDS / 2 + SAMPLE_SECONDS) * int(kind.removeprefix(_JOINT))
        then, seconds = known.get(kind, guess)
        return seconds * (FIXED_SHARE + (1 - FIXED_SHARE) * rows / max(then, 1))
    sampled = is_sampled(kind)
    then, seconds = known.get(kind, (ROWS, SAMPLE_SECONDS if sampled else IMPORTANCE_SECONDS))
    growth = FIXED_SHARE + (1 - FIXED_SHARE) * rows / max(then, 1)
    return seconds * growth + (COMPILE_SECONDS if sampled and kind not in warm else 0.0)


def compare_seconds(units: int, known: Mapping[str, tuple[int, float]]) -> float:
    """Estimate the seconds of checking and comparing ``units`` nodes, summed over hypotheses."""
    then, seconds = known.get(COMPARE, (1, COMPARE_SECONDS))
    return max(0.2, seconds * units / max(then, 1))


def measured(kind: str, fit: "BlockFit", known: Collection[str], warm: Collection[str]) -> tuple[int, float] | None:
    """Return the (rows, seconds) to remember of a finished block; None to keep what is known.

    A block that had to wait for its model to be compiled says nothing about the next one:
    of such a kind only the guess is noted, so that the model is compiled early next time.
    """
    if kind in warm or not is_sampled(kind):
        return len(fit.elpd_i), float(sum(fit.seconds.values()))
    return None if kind in known else (ROWS, SAMPLE_SECONDS)

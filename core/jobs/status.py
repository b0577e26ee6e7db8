"""How far a request is: plain facts for a page to draw, once a second."""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["BlockStatus", "HypothesisStatus", "RequestStatus"]


@dataclass(frozen=True)
class BlockStatus:
    """One block of a request.

    ``state`` is queued, running, done, failed or cancelled; ``message`` says in words what
    is going on, or what went wrong. ``cached`` blocks were not computed anew.
    """

    key: str
    nodes: tuple[str, ...]
    hypotheses: tuple[str, ...]
    method: str
    state: str
    fraction: float
    message: str = ""
    attempts: int = 0
    cached: bool = False


@dataclass(frozen=True)
class HypothesisStatus:
    """One hypothesis of a request: the share of its blocks' work that is done."""

    fraction: float
    state: str


@dataclass(frozen=True)
class RequestStatus:
    """A request as a whole.

    ``state`` is queued, running, done, failed or cancelled; ``stage`` says in words what
    is going on. ``seconds_left`` is an estimate, None where there is none.
    """

    id: str
    project: str
    state: str
    stage: str
    fraction: float
    seconds_elapsed: float
    seconds_left: float | None
    hypotheses: Mapping[str, HypothesisStatus] = field(default_factory=dict)
    blocks: tuple[BlockStatus, ...] = ()
    errors: tuple[str, ...] = ()

    @property
    def live(self) -> bool:
        """Whether it is still worked on."""
        return self.state in ("queued", "running")


def by_hypothesis(blocks: tuple[BlockStatus, ...], weights: Mapping[str, float]) -> dict[str, HypothesisStatus]:
    """Sum blocks up by hypothesis; ``weights`` are expected seconds by content key."""
    names = list(dict.fromkeys(name for block in blocks for name in block.hypotheses))
    return {name: _sum([b for b in blocks if name in b.hypotheses], weights) for name in names}


def _sum(blocks: list[BlockStatus], weights: Mapping[str, float]) -> HypothesisStatus:
    return HypothesisStatus(fraction=share(blocks, weights), state=_state([block.state for block in blocks]))


def share(blocks: list[BlockStatus] | tuple[BlockStatus, ...], weights: Mapping[str, float]) -> float:
    """Return the share of the blocks' expected work that is done."""
    total = sum(weights.get(block.key, 1.0) for block in blocks)
    done = sum(weights.get(block.key, 1.0) * (1.0 if block.state == "done" else block.fraction) for block in blocks)
    return done / total if total else 0.0


def _state(states: list[str]) -> str:
    for state in ("failed", "cancelled", "running"):
        if state in states:
            return state
    if all(state == "done" for state in states):
        return "done"
    return "running" if "done" in states else "queued"

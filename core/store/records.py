"""What the store hands out: frozen records, no live database objects."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.hypothesis import Hypothesis

__all__ = [
    "COLOURS",
    "LIVE_STATES",
    "BlockRow",
    "Deletion",
    "LiveRequest",
    "Project",
    "Request",
    "StoredHypothesis",
    "Upload",
    "letter_of",
]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe-Ito colours, in the order in which hypotheses get them."""

LIVE_STATES = ("queued", "running")


@dataclass(frozen=True)
class Project:
    """One project; ``token`` is its unguessable address. Times are Unix seconds."""

    token: str
    title: str
    question: str
    exposure: str | None
    outcome: str | None
    settings: Mapping[str, Any]
    created: float
    updated: float


@dataclass(frozen=True)
class Upload:
    """A project's data file.

    ``overrides`` maps a column's name to what the user corrected: any of ``kind``,
    ``label``, ``unit`` and ``levels``. ``version`` changes with the bytes and with the
    overrides: a key for caches of the data set read from it.
    """

    project: str
    name: str
    path: str
    bytes: int
    digest: str
    sample: str | None
    overrides: Mapping[str, Mapping[str, Any]]
    created: float
    version: str


@dataclass(frozen=True)
class StoredHypothesis:
    """One drawing of a project.

    ``document`` is the native JSON record (``whyboard-hypothesis/1``); ``rev`` and ``seq``
    are the editor's counters that came with it. ``id`` stays when the name changes.
    """

    id: str
    project: str
    position: int
    letter: str
    colour: str
    document: Mapping[str, Any]
    rev: int
    seq: int
    note: str
    deleted_at: float | None
    updated: float

    @property
    def name(self) -> str:
        """What the user calls it; its letter where it has no name."""
        return str(self.document.get("name") or self.letter)

    @property
    def hypothesis(self) -> Hypothesis:
        """The drawing as a :class:`Hypothesis`; raises what reading the record raises."""
        return Hypothesis.from_dict(self.document, self.name)


@dataclass(frozen=True)
class Request:
    """One asked-for comparison. ``state``: queued, running, done, failed or cancelled."""

    id: str
    project: str
    payload: Mapping[str, Any]
    state: str
    fraction: float
    errors: tuple[str, ...]
    result: str | None
    owner: str | None
    heartbeat: float
    created: float
    finished: float | None

    @property
    def live(self) -> bool:
        """Whether it is still to be worked on."""
        return self.state in LIVE_STATES


@dataclass(frozen=True)
class LiveRequest:
    """Who works on a request that has not ended, and when that was last said."""

    id: str
    owner: str | None
    heartbeat: float


@dataclass(frozen=True)
class BlockRow:
    """One block of a request, as it was last written down."""

    request: str
    key: str
    nodes: tuple[str, ...]
    hypotheses: tuple[str, ...]
    method: str
    state: str
    fraction: float = 0.0
    message: str = ""
    attempts: int = 0


@dataclass(frozen=True)
class Deletion:
    """What :meth:`Store.delete_project_data` removed.

    ``block_keys`` are the blocks that only this project had asked for: whoever holds the
    block cache drops them.
    """

    upload: str | None
    files: int
    bytes: int
    requests: int
    block_keys: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        if not (self.upload or self.files or self.requests or self.block_keys):
            return "There was nothing to delete."
        parts = [f"the upload {self.upload!r}"] if self.upload else []
        parts.append(f"{self.files} stored file{'s' * (self.files != 1)} ({self.bytes / 1e6:,.2f} MB)")
        parts.append(f"{self.requests} fit request{'s' * (self.requests != 1)} with results")
        parts.append(f"{len(self.block_keys)} cached block{'s' * (len(self.block_keys) != 1)}")
        return f"Deleted {', '.join(parts[:-1])} and {parts[-1]}. The drawings were kept."


def letter_of(index: int) -> str:
    """Return the letter of the ``index``-th hypothesis: A to Z, then AA, AB and on.

    >>> letter_of(0), letter_of(25), letter_of(26)
    ('A', 'Z', 'AA')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters

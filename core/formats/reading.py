"""What reading a graph gives: the hypothesis, and what was taken for what."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.hypothesis import Hypothesis

__all__ = ["Reading", "ReadingRemark"]


class ReadingRemark(UserWarning):
    """Something that a graph file says and its hypothesis does not, or was read as something else."""


@dataclass(frozen=True)
class Reading:
    """A hypothesis and what there is to say about how it was read.

    Parameters
    ----------
    hypothesis : Hypothesis
    told : tuple of str
        What was taken for what and what was not kept, each a clause that can stand after the
        file's name.
    exposures, outcomes : tuple of str
        The nodes that the text marks. Where it marks several, the hypothesis has none of them:
        whoever asked is to choose.
    """

    hypothesis: Hypothesis
    told: tuple[str, ...] = ()
    exposures: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """All that there is to say: the marks that are left to choose among, then what was told."""
        return (*(_open(role, names) for role, names in self.open_roles.items()), *self.told)

    @property
    def open_roles(self) -> dict[str, tuple[str, ...]]:
        """The marks to choose among, by role; only roles that are marked on several nodes."""
        return {role: names for role, names in self._marks.items() if len(names) > 1}

    def answered(self, exposure: str | None, outcome: str | None) -> Reading:
        """Return this with the open marks taken where one of the marked nodes is the one that is asked about."""
        given = {role: asked for role, asked in (("exposure", exposure), ("outcome", outcome)) if asked is not None}
        known = {role: given[role] for role, names in self.open_roles.items() if given.get(role) in names}
        if not known:
            return self
        hypothesis = replace(
            self.hypothesis,
            exposure=known.get("exposure", self.hypothesis.exposure),
            outcome=known.get("outcome", self.hypothesis.outcome),
        )
        left = [(known[role],) if role in known else names for role, names in self._marks.items()]
        return Reading(hypothesis, self.told, *left)

    @property
    def _marks(self) -> dict[str, tuple[str, ...]]:
        return {"exposure": self.exposures, "outcome": self.outcomes}


def _open(role: str, names: tuple[str, ...]) -> str:
    said = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
    return (
        f"{len(names)} nodes are marked as {role} ({said}): none of the marks was taken; "
        "say which one the question is about"
    )

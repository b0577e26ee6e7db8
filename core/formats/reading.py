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
    own_name : str, optional
        What the text itself calls the hypothesis.
    """

    hypothesis: Hypothesis
    told: tuple[str, ...] = ()
    exposures: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    own_name: str | None = None

    def called(self, name: str | None, default: str) -> Reading:
        """Return this with the hypothesis under a name: the given one, else the text's own, else ``default``."""
        chosen = next(found for found in (name, self.own_name, default) if found is not None)
        return self if chosen == self.hypothesis.name else replace(self, hypothesis=self.hypothesis.renamed(chosen))

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
        left = {f"{role}s": (found,) for role, found in known.items()}
        return replace(
            self,
            hypothesis=hypothesis,
            exposures=left.get("exposures", self.exposures),
            outcomes=left.get("outcomes", self.outcomes),
        )

    @property
    def _marks(self) -> dict[str, tuple[str, ...]]:
        return {"exposure": self.exposures, "outcome": self.outcomes}


def _open(role: str, names: tuple[str, ...]) -> str:
    said = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
    return (
        f"{len(names)} nodes are marked as {role} ({said}): none of the marks was taken; "
        "say which one the question is about"
    )

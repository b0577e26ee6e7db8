"""What reading a graph gives: the hypothesis, and what was taken for what."""

from dataclasses import dataclass

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
    remarks : tuple of str
        What was taken for what and what was not kept, each a clause that can stand after the
        file's name.
    exposures, outcomes : tuple of str
        The nodes that the text marks. Where it marks several, the hypothesis has none of them:
        whoever asked is to choose.
    """

    hypothesis: Hypothesis
    remarks: tuple[str, ...] = ()
    exposures: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()

    @property
    def open_roles(self) -> dict[str, tuple[str, ...]]:
        """The marks to choose among, by role; only roles that are marked on several nodes."""
        marked = {"exposure": self.exposures, "outcome": self.outcomes}
        return {role: names for role, names in marked.items() if len(names) > 1}

"""The small facts that a comparison is made of: columns, nodes, blocks, scores, classes and pairs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

__all__ = [
    "BlockFacts",
    "ClassFacts",
    "Clause",
    "ClauseKind",
    "ColumnFacts",
    "DataFacts",
    "Difference",
    "Elpd",
    "Evidence",
    "LeftOut",
    "NodeFacts",
    "RowsFacts",
    "label_in",
]


@dataclass(frozen=True)
class ColumnFacts:
    """A modelled column."""

    name: str
    kind: str
    missing: int
    title: str = ""
    unit: str = ""
    levels: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The user's word for it, else its name."""
        return self.title or self.name


def label_in(columns: Mapping[str, ColumnFacts]) -> Callable[[str], str]:
    """Return the function from a column's name to the user's word for it; a name that is not among them is its own."""

    def label(name: str) -> str:
        return columns[name].label if name in columns else name

    return label


@dataclass(frozen=True)
class DataFacts:
    """The rows that were compared on: ``rows`` complete ones of ``rows_read``."""

    rows: int
    columns: tuple[ColumnFacts, ...]
    fingerprint: str
    rows_read: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the contract's record."""
        columns = [{"name": c.name, "kind": c.kind, "missing": c.missing} for c in self.columns]
        return {"rows": self.rows, "columns": columns, "fingerprint": self.fingerprint, "rows_read": self.rows_read}


@dataclass(frozen=True)
class RowsFacts:
    """How rows were taken: ``taken`` by what the user said (empty: by what was found).

    ``grade`` is ``"withheld"`` (no verdict), ``"computed"`` (errors take into account how they depend on one
    another) or ``""``; ``offers`` are other ways to take them, as a plan's ``rows``; ``said`` is what the
    verdict says of it.
    """

    taken: str = ""
    grade: str = ""
    offers: tuple[str, ...] = ()
    said: str = ""


@dataclass(frozen=True)
class LeftOut:
    """A hypothesis that is not in the numbers, since some of its ``nodes`` could not be fitted; ``said`` says why."""

    name: str
    nodes: tuple[str, ...]
    said: str


@dataclass(frozen=True)
class NodeFacts:
    """A node's family, and why it has it."""

    name: str
    family: str
    link: str
    parents: tuple[str, ...]
    kind: str = ""
    reason: str = ""


@dataclass(frozen=True)
class BlockFacts:
    """A fitted block, and how well it was fitted; ``key`` finds its row-wise scores in :class:`Pictures`.

    ``proposal_k`` and ``effective_draws`` are those of importance sampling; ``rhat``, ``ess``
    (the smaller of bulk and tail) and ``divergences`` those of NUTS; ``pareto_k`` is the
    largest of leave-one-out. ``rows_sampled`` and ``rows_scored`` are None where all rows
    entered. A figure that has no meaning for a block is None.
    """

    nodes: tuple[str, ...]
    method: str
    elpd: float | None
    log_evidence: float | None
    seconds: float
    key: str = ""
    log_evidence_se: float | None = None
    log_evidence_sweep: tuple[float, ...] | None = None
    elpd_mcse: float | None = None
    pareto_k: float | None = None
    proposal_k: float | None = None
    effective_draws: float | None = None
    rhat: float | None = None
    ess: float | None = None
    divergences: int | None = None
    draws: int | None = None
    rows_sampled: int | None = None
    rows_scored: int | None = None


@dataclass(frozen=True)
class Elpd:
    """Expected log predictive density: a sum over rows, its standard error, and the effective number of parameters."""

    estimate: float | None
    se: float | None
    p: float | None
    pareto_k_max: float | None


@dataclass(frozen=True)
class Evidence:
    """Log marginal likelihood, its Monte Carlo standard error, and its sweep over the prior's scale.

    ``sweep`` is the log evidence at half, one and two times the prior's scale (tables: 1, 5
    and 10 as equivalent sample size); None where a block has none.
    """

    estimate: float | None
    se: float | None
    sweep: tuple[float, ...] | None = None


@dataclass(frozen=True)
class ClassFacts:
    """Hypotheses that no observational data can separate; scores belong to the class.

    ``probability`` follows from the evidence on the rows as they are. ``bagged_probability`` is its
    mean over resampled data sets, ``bagged_interval`` the 5 % and 95 % points over these; both are
    None in comparisons that were stored before there were any.
    """

    members: tuple[str, ...]
    log_evidence: float | None
    probability: float | None
    stacking_weight: float | None
    bagged_probability: float | None = None
    bagged_interval: tuple[float, float] | None = None

    @property
    def spoken_probability(self) -> float | None:
        """The probability that sentences speak of: the bagged one, where there is one."""
        return self.probability if self.bagged_probability is None else self.bagged_probability


ClauseKind = Literal["tied", "families", "not ranked", "no verdict", "no difference", "better", "extra", "stored"]
"""What a clause says: that no data separate the two, that a gap is due to the assumed families, that a gate failed,
that rows are not exchangeable, that prediction does not or does tell them apart, whether additional arrows are
there. ``"stored"`` is all that was said of a pair in a comparison that was stored before clauses were kept apart."""


@dataclass(frozen=True)
class Clause:
    """One thing that may be said of a pair, and what it is about.

    Parameters
    ----------
    kind : str
        See :data:`ClauseKind`.
    text : str
        A part of a sentence.
    hypotheses : tuple of str
        Those that it speaks of: the one that predicts better, the one that adds arrows, those that failed a gate.
    nodes : tuple of str
        Those whose families it rests on.
    arrows : tuple of (str, str)
        The additional arrows that it is about.
    """

    kind: ClauseKind
    text: str
    hypotheses: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    arrows: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Difference:
    """``a`` minus ``b``, and what may be said about it.

    ``by_node`` holds the nodes that the two fit differently; the rest cancels exactly. The first of ``clauses``
    is on the two as a whole, the others follow on it.
    ``nested`` is the name of the larger hypothesis if the other is it less some arrows.
    """

    a: str
    b: str
    elpd: float | None
    se: float | None
    by_node: Mapping[str, float]
    log_bayes_factor: float | None
    log_bayes_factor_sweep: tuple[float, ...] | None
    same_class: bool
    clauses: tuple[Clause, ...]
    nested: str | None = None

    @property
    def verdict(self) -> str:
        """All clauses as one text."""
        return "; ".join(clause.text for clause in self.clauses)

    def to_dict(self) -> dict[str, Any]:
        """Return the contract's record."""
        return {
            "a": self.a,
            "b": self.b,
            "elpd": self.elpd,
            "se": self.se,
            "by_node": dict(self.by_node),
            "log_bayes_factor": self.log_bayes_factor,
            "log_bayes_factor_sweep": None if self.log_bayes_factor_sweep is None else [*self.log_bayes_factor_sweep],
            "same_class": self.same_class,
            "verdict": self.verdict,
            "nested": self.nested,
        }

"""A comparison as plain facts: what ``compare`` returns, what the pages show, what the JSON holds.

The dataclasses follow ``compare --json`` of docs/contract.md field by field. What they hold
beside it (replicates, row-wise scores, draws of effects) is for pictures and stays out of
:meth:`Comparison.to_dict`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.check.predictive import Check
from core.check.shape import Shape
from core.check.tested import IndependenceTest, Rules
from core.comparison.agreement import Agreement
from core.comparison.codec import flatten
from core.comparison.facts import (
    BlockFacts,
    ClassFacts,
    ColumnFacts,
    DataFacts,
    Difference,
    Elpd,
    Evidence,
    LeftOut,
    NodeFacts,
    RowsFacts,
)
from core.effects.total import Effect
from core.fit.arrows import EdgeSummary
from core.fit.gates import GateFailure, GateReport
from core.hypothesis import Hypothesis
from core.model.spec import ModelSpec

if TYPE_CHECKING:
    from core.figures.compared import GraphPicture

__all__ = [
    "BlockFacts",
    "ClassFacts",
    "ColumnFacts",
    "Comparison",
    "DataFacts",
    "Difference",
    "Elpd",
    "Evidence",
    "HypothesisFacts",
    "NodeFacts",
    "Pictures",
    "Question",
    "RowsFacts",
    "Standing",
]

FloatArray = NDArray[np.float64]

FORMAT = "whyboard-comparison/1"


@dataclass(frozen=True, eq=False)
class HypothesisFacts:
    """All that the data say about one hypothesis.

    ``untestable`` says in words why no implied independence could be tested, if so. ``given`` are
    the columns that everything is conditioned on, ``background`` those that the hypothesis itself
    leaves open. ``shapes`` are the looks at the families' shapes, flagged or not.
    """

    name: str
    nodes: tuple[NodeFacts, ...]
    blocks: tuple[BlockFacts, ...]
    edges: tuple[EdgeSummary, ...]
    elpd: Elpd
    log_evidence: Evidence
    equivalence_class: int
    gates: GateReport
    implications: tuple[IndependenceTest, ...]
    checks: tuple[Check, ...]
    effects: tuple[Effect, ...]
    untestable: str | None = None
    given: tuple[NodeFacts, ...] = ()
    background: tuple[str, ...] = ()
    shapes: tuple[Shape, ...] = ()

    @property
    def columns(self) -> tuple[NodeFacts, ...]:
        """What is given, then what is modelled."""
        return (*self.given, *self.nodes)

    @property
    def contradicted(self) -> tuple[IndependenceTest, ...]:
        """The implied independences that the data contradict: those that bear on the question first, by strength."""
        found = [test for test in self.implications if test.contradicted]
        return tuple(sorted(found, key=lambda test: (test.bears is False, -abs(test.association or 0.0))))

    @property
    def bearing(self) -> tuple[IndependenceTest, ...]:
        """The implied independences that bear on the question; all of them where none is asked."""
        return tuple(test for test in self.implications if test.bears is not False)

    @property
    def contradicted_bearing(self) -> tuple[IndependenceTest, ...]:
        """Those of :attr:`contradicted` that bear on the question."""
        return tuple(test for test in self.contradicted if test.bears is not False)

    @property
    def contradicted_beside(self) -> tuple[IndependenceTest, ...]:
        """Those of :attr:`contradicted` that do not bear on the question."""
        return tuple(test for test in self.contradicted if test.bears is False)

    @property
    def flagged_shapes(self) -> tuple[Shape, ...]:
        """The looks at a family's shape that are flagged and that the user did not overrule, node by node."""
        return tuple(shape for shape in self.shapes if shape.flagged and not shape.overruled)

    @property
    def overruled_shapes(self) -> tuple[Shape, ...]:
        """Those that are flagged, and that the user takes as they are."""
        return tuple(shape for shape in self.shapes if shape.flagged and shape.overruled)

    @property
    def doubted(self) -> tuple[IndependenceTest, ...]:
        """The claims on which the looks disagree, by strength, less those that the user takes as they are."""
        found = [test for test in self.implications if test.shape is not None and not test.overruled]
        return tuple(sorted(found, key=lambda test: (not test.accused, -abs(test.association or 0.0))))

    @property
    def doubted_bearing(self) -> tuple[IndependenceTest, ...]:
        """Those of :attr:`doubted` that bear on the question."""
        return tuple(test for test in self.doubted if test.bears is not False)

    def to_dict(self) -> dict[str, Any]:
        """Return the contract's record."""
        return {
            "name": self.name,
            "nodes": [_record(node) for node in self.nodes],
            "blocks": [_record(block) for block in self.blocks],
            "edges": [edge.to_dict() for edge in self.edges],
            "elpd": _record(self.elpd),
            "log_evidence": _record(self.log_evidence),
            "equivalence_class": self.equivalence_class,
            "gates": _gates(self.gates),
            "implications": [test.to_dict() for test in self.implications],
            "untestable": self.untestable,
            "background": list(self.background),
            "given": [_record(node) for node in self.given],
            "checks": [check.to_dict() for check in self.checks],
            "shapes": [shape.to_dict() for shape in self.shapes],
            "effects": [effect.to_dict() for effect in self.effects],
        }


@dataclass(frozen=True)
class Standing:
    """How one hypothesis scores in the question's scope; ``failed`` gates are those of the scope's nodes."""

    name: str
    elpd: Elpd
    log_evidence: Evidence
    equivalence_class: int
    gates: GateReport


@dataclass(frozen=True)
class Question:
    """What is asked, and the scores in its scope (:mod:`core.comparison.scope`).

    Parameters
    ----------
    exposure, outcome : str
    columns : tuple of str
        The question's columns: exposure, outcome, and all that any hypothesis has downstream of them.
    upstream : tuple of str
        All others, which are background to the question.
    standings : tuple of Standing
        Of each hypothesis.
    classes, differences
        As in :class:`Comparison`, over the families of ``columns`` alone.
    """

    exposure: str
    outcome: str
    columns: tuple[str, ...]
    upstream: tuple[str, ...]
    standings: tuple[Standing, ...]
    classes: tuple[ClassFacts, ...]
    differences: tuple[Difference, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the contract's record."""
        standings = [{**_record(found), "gates": _gates(found.gates)} for found in self.standings]
        return {
            "exposure": self.exposure,
            "outcome": self.outcome,
            "columns": list(self.columns),
            "hypotheses": standings,
            "classes": [_record(facts) for facts in self.classes],
            "differences": [found.to_dict() for found in self.differences],
        }


@dataclass(frozen=True, eq=False)
class Pictures:
    """What figures need beside the facts.

    Parameters
    ----------
    observed : mapping of str to array, shape (n,)
        Raw values of the rows kept for pictures, by node.
    replicated : mapping of str to mapping of str to array, shape (R, n)
        Posterior predictive data sets beside them, by hypothesis and node.
    scores : mapping of str to array, shape (N,)
        Row-wise elpd by block key; empty where there are too many rows to keep.
    """

    observed: Mapping[str, FloatArray] = field(default_factory=dict)
    replicated: Mapping[str, Mapping[str, NDArray[np.float32]]] = field(default_factory=dict)
    scores: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Rival hypotheses side by side; :meth:`to_dict` is the JSON of the contract.

    ``sentences`` are those of the verdict, one by one. ``agreements`` holds what sampling
    with NUTS said of the blocks that another way had fitted before, where it was asked for.
    ``drawn`` holds the hypotheses as they were drawn, the others' nodes added, for :meth:`graph`.
    ``question`` holds the scores in the scope of the first effect asked for, None without one.
    ``rows`` says how rows were taken, ``left_out`` which hypotheses could not be fitted (in ``warnings`` too).
    ``specs`` are the hypotheses as they were fitted, in the same order: what comes after starts from them
    (:func:`core.study.reopen`). A comparison that was stored before there were any has none.
    """

    data: DataFacts
    hypotheses: tuple[HypothesisFacts, ...]
    classes: tuple[ClassFacts, ...]
    differences: tuple[Difference, ...]
    sentences: tuple[str, ...]
    warnings: tuple[str, ...]
    seconds: Mapping[str, float]
    rules: Rules = field(default_factory=Rules)
    pictures: Pictures = field(default_factory=Pictures)
    agreements: tuple[Agreement, ...] | None = None
    drawn: tuple[Hypothesis, ...] = ()
    question: Question | None = None
    rows: RowsFacts = field(default_factory=RowsFacts)
    left_out: tuple[LeftOut, ...] = ()
    specs: tuple[ModelSpec, ...] = ()

    @property
    def verdict(self) -> str:
        """The verdict as one text."""
        return " ".join(self.sentences)

    def hypothesis(self, name: str) -> HypothesisFacts:
        """Return one hypothesis by name (KeyError if there is none)."""
        for facts in self.hypotheses:
            if facts.name == name:
                return facts
        raise KeyError(name)

    def plot(self, *, dark: bool = False) -> dict[str, Any]:
        """Return the Compare page's pictures as Plotly figures, by name.

        Each effect that was asked for, every hypothesis' answer on one axis (``"effect of ads on
        sales"``); then each two hypotheses that predict something differently, node by node, those
        that differ most first (``"A and B"``).

        Parameters
        ----------
        dark : bool
            For a dark page.

        Returns
        -------
        dict of str to plotly.graph_objects.Figure
        """
        from core.figures.compared import figures_of

        return figures_of(self, dark=dark)

    def graph(self, name: str, *, dark: bool = False, width: int = 900, height: int = 480) -> "GraphPicture":
        """Return one hypothesis as the Compare page draws it, with what its fit says on the arrows.

        Parameters
        ----------
        name : str
            A hypothesis' name.
        dark : bool
            For a dark page.
        width, height : int
            Of the frame, in pixels.

        Returns
        -------
        core.figures.compared.GraphPicture
            Shows itself in a notebook; ``html`` is one self-contained page and ``save(path)`` writes it.

        Raises
        ------
        UsageError
            If there is no such hypothesis.
        """
        from core.figures.compared import picture_of

        return picture_of(self, name, dark=dark, width=width, height=height)

    def to_dict(self) -> dict[str, Any]:
        """Return the contract's JSON (``whyboard-comparison/1``): plain dicts, lists, numbers and text.

        JSON has no word for an infinite number: such a one is null, and ``warnings`` says so.
        """
        lost: list[float] = []
        record: dict[str, Any] = _finite(self._record(), lost)
        if lost:
            many = "A number is" if len(lost) == 1 else f"{len(lost):,} numbers are"
            record["warnings"].append(
                f"{many} null: not finite, as where columns are too large or small in their units."
            )
        return record

    def _record(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "data": self.data.to_dict(),
            "hypotheses": [facts.to_dict() for facts in self.hypotheses],
            "classes": [_record(facts) for facts in self.classes],
            "differences": [found.to_dict() for found in self.differences],
            "question": None if self.question is None else self.question.to_dict(),
            "verdict": self.verdict,
            "warnings": list(self.warnings),
            "seconds": dict(self.seconds),
            "agreements": None if self.agreements is None else [_record(found) for found in self.agreements],
        }

    def __repr__(self) -> str:
        from core.comparison.text import comparison_text

        return comparison_text(self)


def _finite(value: Any, lost: list[float]) -> Any:
    """Return a record with null for each number that is not finite, and note those in ``lost``."""
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        lost.append(value)
        return None
    if isinstance(value, dict):
        return {key: _finite(part, lost) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part, lost) for part in value]
    return value


def _record(facts: Any) -> dict[str, Any]:
    found: dict[str, Any] = flatten(facts, {})
    return found


def _gates(report: GateReport) -> dict[str, Any]:
    failed: list[GateFailure] = list(report.failed)
    return {
        "passed": report.passed,
        "rhat_max": report.rhat_max,
        "ess_min": report.ess_min,
        "divergences": report.divergences,
        "failed": [_record(failure) for failure in failed],
    }

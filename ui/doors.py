"""Ways into a project: a sample, the user's own data, or a drawing; and the question they share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from core.data.apart import Table
from core.data.corrections import carry_over
from core.data.dataset import Dataset
from core.data.samples import Sample, list_samples
from core.formats import read_hypothesis
from core.graph.background import closed_without
from core.graph.templates import TEMPLATES
from core.hypothesis import Edge, Hypothesis, Node
from core.store.load import read_here
from ui import session, words
from ui.datasets import get_datasets
from ui.session import ProjectView

__all__ = [
    "Asked",
    "from_template",
    "mark",
    "open_drawing",
    "open_sample",
    "open_upload",
    "replace_data",
    "sample_hypotheses",
]


#: Letters of a hypothesis' name, as its field takes them.
LONGEST_NAME = 80
_NUMBERED = re.compile(r"(.+) ([2-9]|[1-9]\d)")  # not a year, which belongs to the name
_SYNTHETIC = "Synthetic: "


@dataclass(frozen=True)
class Asked:
    """What the two plain questions were answered with: names or words, possibly empty."""

    change: str = ""
    move: str = ""

    @property
    def question(self) -> str:
        """The question in words; empty while one half is missing."""
        return f"Does {self.change} move {self.move}?" if self.change and self.move else ""

    @property
    def title(self) -> str:
        """A first title for the project."""
        return f"{self.change[:1].upper()}{self.change[1:]} and {self.move}" if self.question else ""

    def among(self, dataset: Dataset) -> tuple[str | None, str | None]:
        """Return the columns that were meant, by name or label: as they are, else the only one that begins so.

        Case does not matter, nor whether words are parted by blanks, dots or lines.
        """
        known = {_plain(column.title): column.name for column in dataset.columns}
        known |= {_plain(column.name): column.name for column in dataset.columns}
        change, move = (_meant(_plain(said), known) for said in (self.change, self.move))
        return change, move if move != change else None


def _plain(text: str) -> str:
    return " ".join(re.split(r"[\s_.\-]+", text.casefold())).strip()


def _meant(said: str, known: Mapping[str, str]) -> str | None:
    if said in known or not said:
        return known.get(said)
    begun = {name for words_, name in known.items() if words_.startswith(f"{said} ")}
    return begun.pop() if len(begun) == 1 else None


def open_sample(sample: Sample, file: int = 0) -> ProjectView:
    """Start a project from a sample: one of its data files, its words, question and rival graphs."""
    project = session.new_project(sample.title, sample.question, exposure=sample.exposure, outcome=sample.outcome)
    path = sample.files[file].path
    content = path.read_bytes()
    session.get_store().save_upload(
        project.token,
        path.name,
        content,
        table=read_here(content, path.name),
        sample=sample.key,
        overrides=sample_overrides(sample),
    )
    for hypothesis in sample_hypotheses(sample.key):
        add(project, hypothesis)
    return project


def sample_overrides(sample: Sample) -> dict[str, dict[str, Any]]:
    """Return a sample's words and kinds as the corrections that a user would make."""
    overrides: dict[str, dict[str, Any]] = {}
    for column, (label, unit) in sample.words.items():
        overrides.setdefault(column, {}).update(label=label, unit=unit)
    for column, kind in sample.kinds.items():
        overrides.setdefault(column, {})["kind"] = kind
    return overrides


@lru_cache(maxsize=1)
def samples() -> Mapping[str, Sample]:
    """Return the bundled samples by key."""
    return MappingProxyType({sample.key: sample for sample in list_samples()})


@lru_cache(maxsize=16)
def sample_hypotheses(key: str) -> tuple[Hypothesis, ...]:
    """Return a sample's rival graphs, marked with its exposure and outcome."""
    sample = samples()[key]
    found = (replace(read_hypothesis(rival.path, rival.name), note=rival.note) for rival in sample.hypotheses)
    return tuple(mark(hypothesis, sample.exposure, sample.outcome) for hypothesis in found)


def open_upload(name: str, content: bytes, asked: Asked, read: Table | None = None) -> ProjectView:
    """Start a project from a file. The file is read first: what cannot be read starts nothing.

    Parameters
    ----------
    read : Table, optional
        What was read of it; unless given it is read now, in a process of its own.

    Raises
    ------
    WhyboardError
        What reading the file raises.
    """
    read = read or session.get_readers().read(content, name).result()
    exposure, outcome = asked.among(read.dataset)
    title = asked.title or Path(name).stem.replace("_", " ")
    project = session.new_project(
        words.one_line(title)[:120], asked.question, exposure=exposure, outcome=outcome, settings=_said(asked)
    )
    upload = session.get_store().save_upload(project.token, name, content, table=read.table)
    get_datasets().put(project.token, upload.version, read.dataset)
    return project


def replace_data(project: ProjectView, name: str, content: bytes, read: Table | None = None) -> tuple[str, ...]:
    """Put a file in place of a project's data, once it was read; return which corrections do not fit it.

    Kinds, orders of levels, labels and units that fit the new table are kept.

    Parameters
    ----------
    read : Table, optional
        What was read of it; unless given it is read now, in a process of its own.

    Raises
    ------
    WhyboardError
        What reading the file raises; the data before are then untouched.
    """
    read = read or session.get_readers().read(content, name).result()
    carried = carry_over(project.upload.overrides if project.upload else {}, read.dataset)
    session.get_store().save_upload(project.token, name, content, table=read.table, overrides=carried.kept)
    exposure, outcome = asked_before(project).among(read.dataset)
    if (exposure and not project.exposure) or (outcome and not project.outcome):
        set_roles(project, project.exposure or exposure, project.outcome or outcome)
    return carried.lost


def open_drawing(asked: Asked, template: str | None = None) -> ProjectView:
    """Start a project from a drawing: the two things that were named, or a pattern around them."""
    exposure, outcome = _two_names(asked)
    project = session.new_project(
        asked.title, asked.question, exposure=exposure, outcome=outcome, settings=_said(asked)
    )
    add(project, first_drawing(exposure, outcome, template))
    return project


def first_drawing(exposure: str, outcome: str, template: str | None = None, name: str = "First idea") -> Hypothesis:
    """Return the pattern with its roles under the user's names; without one, exposure -> outcome."""
    if template is not None:
        return from_template(template, {"exposure": exposure, "outcome": outcome})
    nodes = (Node(exposure, position=(0.0, 0.0)), Node(outcome, position=(220.0, 0.0)))
    return Hypothesis(name, nodes, (Edge(exposure, outcome),), exposure=exposure, outcome=outcome)


def from_template(key: str, names: Mapping[str, str | None] | None = None) -> Hypothesis:
    """Return a pattern as a hypothesis; ``names`` maps its roles to the user's words for them."""
    template = TEMPLATES[key]
    called = {role: said for role, said in (names or {}).items() if said and said not in template.nodes}

    def name(node: str) -> str:
        return called.get(node, node)

    return Hypothesis(
        template.title,
        tuple(
            Node(name(node), latent=node in template.latents, position=(float(x), float(y)))
            for node, (x, y) in template.positions.items()
        ),
        tuple(Edge(name(a), name(b)) for a, b in template.edges),
        tuple((name(a), name(b)) for a, b in template.bidirected),
        name(template.exposure),
        name(template.outcome),
    )


def add(project: ProjectView, hypothesis: Hypothesis) -> str:
    """Add a drawing to a project; return its id."""
    return session.get_store().add_hypothesis(project.token, hypothesis.to_dict(), note=hypothesis.note).id


def mark(hypothesis: Hypothesis, exposure: str | None, outcome: str | None) -> Hypothesis:
    """Return the hypothesis with these marks, where it has those nodes; what is marked is no background."""
    nodes = hypothesis.graph.nodes
    return replace(
        hypothesis,
        exposure=exposure if exposure in nodes else None,
        outcome=outcome if outcome in nodes else None,
        background=closed_without(hypothesis.graph, hypothesis.background, (exposure, outcome)),
    )


def set_roles(project: ProjectView, exposure: str | None, outcome: str | None) -> None:
    """Mark exposure and outcome for the project, and in every drawing that has those nodes."""
    session.get_store().update_project(project.token, exposure=exposure, outcome=outcome)
    for record in project.hypotheses():
        marked = mark(record.hypothesis, exposure, outcome)
        if record.problem is None and marked != record.hypothesis:
            session.save_hypothesis(project, record.id, marked)


def asked_before(project: ProjectView) -> Asked:
    """Return what was answered at the start, for data that come later."""
    said = project.settings.get("asked", {})
    return Asked(str(said.get("change", "")), str(said.get("move", "")))


def unused_name(names: Iterable[str], wanted: str) -> str:
    """Return ``wanted``; where it is taken the next in its row: after "First idea 2" comes "First idea 3"."""
    taken = set(names)
    if wanted not in taken:
        return wanted
    numbered = _NUMBERED.fullmatch(wanted)
    stem, number = (numbered[1], int(numbered[2])) if numbered else (wanted, 1)
    while True:
        number += 1
        name = f"{stem[: LONGEST_NAME - len(str(number)) - 1].rstrip()} {number}"
        if name not in taken:
            return name


def synthetic_title(title: str) -> str:
    """Return the title of a project of generated data; generated again it is still one."""
    return f"{_SYNTHETIC}{title.removeprefix(_SYNTHETIC)}"


def _said(asked: Asked) -> dict[str, Any]:
    return {"asked": {"change": asked.change, "move": asked.move}} if asked.change or asked.move else {}


def _two_names(asked: Asked) -> tuple[str, str]:
    exposure = words.one_line(asked.change)[:80] or "exposure"
    outcome = words.one_line(asked.move)[:80] or "outcome"
    return exposure, outcome if outcome != exposure else f"{outcome} 2"

"""The data sets that come with Whyboard, each with rival hypotheses and a card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.data.dataset import Dataset
from core.errors import DataError

__all__ = ["SAMPLE_FOLDER", "Sample", "SampleFile", "SampleHypothesis", "get_sample", "list_samples"]

SAMPLE_FOLDER = Path(__file__).resolve().parents[2] / "sample_data"
FORMAT = "whyboard-sample/1"


@dataclass(frozen=True)
class SampleFile:
    """One data file of a sample, and what it is in a few words."""

    path: Path
    title: str


@dataclass(frozen=True)
class SampleHypothesis:
    """One rival of a sample: a DAGitty file, its name, what it says, and whether it made the data."""

    path: Path
    name: str
    note: str = ""
    true: bool = False


@dataclass(frozen=True)
class Sample:
    """A data set with its question, its rivals and its card.

    Parameters
    ----------
    key : str
        Its folder's name.
    title, question : str
    exposure, outcome : str
        Columns that all its hypotheses mark.
    folder : Path
    files : tuple of SampleFile
        The first is the one to open; others are there to compare.
    hypotheses : tuple of SampleHypothesis
    card : str
        Markdown: origin, licence, what to look for.
    words : mapping of str to (str, str)
        A label and a unit for each column.
    kinds : mapping of str to str
        Kinds of columns.
    """

    key: str
    title: str
    question: str
    exposure: str
    outcome: str
    folder: Path
    files: tuple[SampleFile, ...]
    hypotheses: tuple[SampleHypothesis, ...]
    card: str
    words: Mapping[str, tuple[str, str]]
    kinds: Mapping[str, str]

    @property
    def data_path(self) -> Path:
        """The data file to open."""
        return self.files[0].path

    def read(self, path: Path | None = None) -> Dataset:
        """Read a data file of the sample (the first unless given), with its words and kinds."""
        dataset = Dataset.read(path or self.data_path, kinds=self.kinds)
        for name, (label, unit) in self.words.items():
            dataset = dataset.with_words(name, label=label, unit=unit)
        return dataset


@lru_cache(maxsize=4)
def list_samples(folder: Path = SAMPLE_FOLDER) -> tuple[Sample, ...]:
    """Return all samples in the order in which to show them; none if the folder is not there."""
    cards = sorted(folder.glob("*/card.json")) if folder.is_dir() else []
    found = [(_record(card), card.parent) for card in cards]
    found.sort(key=lambda pair: (pair[0].get("order", 99), pair[1].name))
    return tuple(_sample(record, where) for record, where in found)


def get_sample(key: str) -> Sample:
    """Return one sample; :class:`DataError` if there is none of that key."""
    for sample in list_samples():
        if sample.key == key:
            return sample
    raise DataError(
        f"there is no sample {key!r}", hint=f"There are: {', '.join(sample.key for sample in list_samples())}."
    )


def _record(card: Path) -> dict[str, Any]:
    record = json.loads(card.read_text(encoding="utf-8"))
    if record.get("format") != FORMAT:
        raise DataError(f"the card is not of the format {FORMAT}", place=f"{card.parent.name}/{card.name}")
    return dict(record)


def _sample(record: Mapping[str, Any], folder: Path) -> Sample:
    return Sample(
        key=folder.name,
        title=record["title"],
        question=record["question"],
        exposure=record["exposure"],
        outcome=record["outcome"],
        folder=folder,
        files=tuple(SampleFile(folder / file["file"], file["title"]) for file in record["files"]),
        hypotheses=tuple(
            SampleHypothesis(folder / entry["file"], entry["name"], entry["note"], entry["true"])
            for entry in record["hypotheses"]
        ),
        card=(folder / "card.md").read_text(encoding="utf-8"),
        words={name: (entry["label"], entry["unit"]) for name, entry in record["words"].items()},
        kinds=dict(record["kinds"]),
    )

"""``whyboard counterfactual``."""

import argparse
from typing import TYPE_CHECKING

from core.cli.reading import (
    as_json,
    named_file,
    one_and_data,
    open_cache,
    progress_of,
    split_pair,
    tell,
)
from core.errors import UsageError, WhyboardError

if TYPE_CHECKING:
    from core.data.dataset import Dataset

__all__ = ["run_counterfactual"]


def run_counterfactual(options: argparse.Namespace) -> str:
    """Say what a row, or a group of rows, would have shown; return what to print."""
    from core.study.imagined_words import sentences_of
    from core.study.imagining import imagine

    told: list[str] = []
    hypothesis, file, dataset = one_and_data(options, told)
    nodes = [node.name for node in hypothesis.nodes]
    settings = [split_pair(text, "=", nodes, None, "--do") for text in options.settings]
    if len({name for name, _ in settings}) < len(settings):
        raise UsageError("a node is set twice", place="--do", hint="Give each node one value.")
    try:
        found = imagine(
            hypothesis,
            dataset,
            dict(settings),
            row=options.row,
            where=None if options.where is None else _where(options.where, dataset),
            draws=options.draws,
            seed=options.seed,
            rows=options.rows,
            cache=open_cache(options),
            progress=progress_of(options),
        )
    except WhyboardError as error:
        if not error.place.startswith("row "):  # what a row lacks is about the data
            error.__dict__.setdefault("hypothesis", hypothesis.name)
        raise named_file(error, {hypothesis.name: (hypothesis, file)}, options.data) from None
    if options.json:
        record = found.to_dict()
        return as_json({**record, "warnings": [*told, *found.warnings]})
    tell(told, options)
    return "\n".join(sentences_of(found, dataset))


def _where(text: str, dataset: "Dataset") -> tuple[str, str]:
    name = text.split("=")[0].strip()
    if "=" in text and not any(text.startswith(f"{column}=") for column in dataset.names):
        dataset.column(name)  # refuses it, with the columns that there are
    return split_pair(text, "=", dataset.names, None, "--where")

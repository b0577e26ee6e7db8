"""``whyboard counterfactual``."""

import argparse
from typing import TYPE_CHECKING, Any

from core.cli.experiments import experiments_record, learn, read_experiments
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
from core.words import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.data.dataset import Dataset
    from core.hypothesis import Hypothesis
    from core.study.experimenting import Experimented
    from core.study.imagining import Imagined

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
        asked = {"row": options.row, "where": None if options.where is None else _where(options.where, dataset)}
        learned: Experimented | None = None
        words: tuple[str, ...] = ()
        if options.experiment or options.experiments is not None:
            found, learned, words = _learnt(options, hypothesis, dataset, dict(settings), asked)
        else:
            found = imagine(
                hypothesis,
                dataset,
                dict(settings),
                **asked,
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
        record["experiments"] = experiments_record(learned, learned.acting.reopened.fits[0].spec) if learned else []
        return as_json({**record, "warnings": [*told, *words, *found.warnings]})
    tell(told, options)
    return "\n".join([*(sentence(text) for text in words), *sentences_of(found, dataset)])


def _learnt(
    options: argparse.Namespace,
    hypothesis: "Hypothesis",
    dataset: "Dataset",
    settings: "Mapping[str, str | float]",
    asked: "Mapping[str, Any]",
) -> "tuple[Imagined, Experimented, tuple[str, ...]]":
    """Return the answer of a hypothesis that has learnt from experiments, which move its strengths, not the row."""
    from core.check.rows_as import rows_as
    from core.study import compare, reopen
    from core.study.acting import acting_on
    from core.study.comparing import KEPT
    from core.study.experiment_words import taken_words
    from core.study.imagining import imagine_from

    cache = open_cache(options) or KEPT
    comparison = compare(
        dataset,
        [hypothesis],
        draws=options.draws,
        seed=options.seed,
        rows=rows_as(options.rows, dataset, "--rows"),
        cache=cache,
        progress=progress_of(options),
    )
    reopened = reopen(comparison, dataset, cache)
    spec = comparison.specs[0]
    experiments = read_experiments(options, spec, hypothesis.outcome or "")
    learned, words = learn(acting_on(reopened, seed=options.seed), experiments)
    if learned is None:
        raise UsageError("no experiment was given", place="--experiments", hint="Give a row a result, or leave it out.")
    fit = learned.acting.reopened.fits[0]
    found = imagine_from(comparison.drawn[0], fit, reopened.dataset, settings, **asked, seed=options.seed)
    return found, learned, (taken_words(experiments), *words)


def _where(text: str, dataset: "Dataset") -> tuple[str, str]:
    name = text.split("=")[0].strip()
    if "=" in text and not any(text.startswith(f"{column}=") for column in dataset.names):
        dataset.column(name)  # refuses it, with the columns that there are
    return split_pair(text, "=", dataset.names, None, "--where")

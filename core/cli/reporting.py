"""``whyboard export --to html``: the report on rival hypotheses."""

import argparse
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.experiments import learn, read_experiments
from core.cli.reading import (
    named_file,
    open_cache,
    progress_of,
    rivals_and_data,
    split_pair,
    write_text,
)
from core.errors import UsageError, WhyboardError

if TYPE_CHECKING:
    from core.comparison.result import Comparison
    from core.data.dataset import Dataset
    from core.fit.cache import BlockCache
    from core.fit.memory import BlockMemory
    from core.report.page.followed import Followed

__all__ = ["write_report"]


def write_report(options: argparse.Namespace) -> list[str]:
    """Compare and write the report; return what there is to say of how files were read."""
    told: list[str] = []
    rivals, dataset = rivals_and_data(options, told)
    nodes = [node.name for hypothesis, _ in rivals.values() for node in hypothesis.nodes]
    effects = [split_pair(text, ":", nodes, nodes, "--effect") for text in options.effects]

    from core.check.rows_as import rows_as
    from core.report.html import About, report_of
    from core.study import compare
    from core.study.comparing import KEPT

    cache = open_cache(options) or KEPT
    try:
        comparison = compare(
            dataset,
            [hypothesis for hypothesis, _ in rivals.values()],
            effects=effects,
            draws=options.draws,
            seed=options.seed,
            rows=rows_as(options.rows, dataset, "--rows"),
            cache=cache,
            progress=progress_of(options),
        )
    except WhyboardError as error:
        raise named_file(error, rivals, options.data) from None
    about = About(
        source=Path(options.data).name,
        seed=options.seed,
        draws=options.draws,
        date=datetime.now().astimezone().date().isoformat(),
    )
    try:
        found = _followed(comparison, dataset, cache, options)
    except WhyboardError as error:
        raise named_file(error, rivals, options.data) from None
    write_text(options.out, report_of(comparison, about, found))
    return [*told, *(one.said for one in comparison.left_out)]


def _followed(
    comparison: "Comparison", dataset: "Dataset", cache: "BlockCache | BlockMemory", options: argparse.Namespace
) -> "Followed | str | None":
    """Return what follows from moving the exposure; why where nothing can be said, None where nothing is asked."""
    from core.report.page.followed import followed
    from core.study import reopen
    from core.study.acting import acting_on

    asked = comparison.question
    if asked is None:
        if options.experiment or options.experiments is not None:
            raise UsageError("experiments were given, and no effect is asked about", hint="Name one with --effect X:Y.")
        return None
    reopened, seed = reopen(comparison, dataset, cache), options.seed
    learned, _ = learn(acting_on(reopened, seed=seed), read_experiments(options, comparison.specs[0], asked.outcome))
    try:
        return followed(reopened, (asked.exposure, asked.outcome), seed=seed, learned=learned)
    except WhyboardError as error:
        return str(error)

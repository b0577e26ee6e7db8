"""``whyboard export --to html``: the report on rival hypotheses."""

import argparse
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.deciding import decided
from core.cli.experiments import learn, read_experiments
from core.cli.reading import (
    named_file,
    open_cache,
    progress_of,
    rivals_and_data,
    split_pair,
    write_text,
)
from core.cli.unfitted import apart
from core.errors import UsageError, WhyboardError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.comparison.result import Comparison
    from core.data.dataset import Dataset
    from core.fit.cache import BlockCache
    from core.fit.memory import BlockMemory
    from core.hypothesis import Hypothesis
    from core.report.page.chosen import Choice
    from core.report.page.followed import Followed

__all__ = ["write_report"]


def write_report(options: argparse.Namespace) -> list[str]:
    """Compare and write the report; return what there is to say of how files were read."""
    told: list[str] = []
    rivals, dataset = rivals_and_data(options, told)
    drawn = [hypothesis for hypothesis, _ in rivals.values()]
    nodes = [node.name for hypothesis in drawn for node in hypothesis.nodes]
    effects = [split_pair(text, ":", nodes, nodes, "--effect") for text in options.effects]
    fitted, left = apart(drawn)
    if not fitted:  # nothing can be compared, and why is said by the comparison
        fitted, left = drawn, []
    _check_choice(options, drawn, effects)

    from core.check.rows_as import rows_as
    from core.report.html import About, report_of
    from core.study import compare
    from core.study.comparing import KEPT
    from core.study.unfitted_rows import why_not_fitted

    cache = open_cache(options) or KEPT
    missing = [(one, why_not_fitted(one)) for one in left]
    try:
        comparison = compare(
            dataset,
            fitted,
            effects=effects,
            draws=options.draws,
            seed=options.seed,
            rows=rows_as(options.rows, dataset, "--rows"),
            cache=cache,
            progress=progress_of(options),
        )
        found, choice = _acted(comparison, dataset, cache, options, missing)
    except WhyboardError as error:
        raise named_file(error, rivals, options.data) from None
    about = About(
        source=Path(options.data).name,
        seed=options.seed,
        draws=options.draws,
        date=datetime.now().astimezone().date().isoformat(),
        missing=tuple((one.name, reason) for one, reason in missing),
    )
    write_text(options.out, report_of(comparison, about, found, choice))
    return [*told, *(one.said for one in comparison.left_out)]


def _check_choice(
    options: argparse.Namespace, drawn: "Sequence[Hypothesis]", effects: "Sequence[tuple[str, str]]"
) -> None:
    """Refuse, before anything is fitted, what can be seen to be wrong of a choice."""
    if not options.choices:
        return
    from core.study.deciding import check_asked

    outcome = effects[0][1] if effects else next((one.outcome for one in drawn if one.outcome), None)
    if outcome is None:
        raise UsageError("there is a choice, and no outcome that it is for", hint="Name one with --effect X:Y.")
    nodes = list(dict.fromkeys(name for one in drawn for name in one.graph.nodes))
    check_asked(nodes, outcome, options.utility, options.limits, options.risk, None)


def _acted(
    comparison: "Comparison",
    dataset: "Dataset",
    cache: "BlockCache | BlockMemory",
    options: argparse.Namespace,
    missing: "Sequence[tuple[Hypothesis, str]]",
) -> "tuple[Followed | str | None, Choice | None]":
    """Return what follows from moving the exposure, why where nothing can be said; and what to choose, if asked."""
    from core.report.page.chosen import Choice
    from core.report.page.followed import followed
    from core.study import reopen
    from core.study.acting import acting_on

    asked = comparison.question
    if asked is None:
        if options.experiment or options.experiments is not None:
            raise UsageError("experiments were given, and no effect is asked about", hint="Name one with --effect X:Y.")
        if options.choices:
            raise UsageError("there is a choice, and no effect is asked about", hint="Name one with --effect X:Y.")
        return None, None
    reopened, seed = reopen(comparison, dataset, cache), options.seed
    acting = acting_on(reopened, seed=seed)
    learned, _ = learn(acting, read_experiments(options, comparison.specs[0], asked.outcome))
    found: Followed | str
    try:
        found = followed(reopened, (asked.exposure, asked.outcome), seed=seed, learned=learned, left=missing)
    except WhyboardError as error:
        found = str(error)
    if not options.choices:
        return found, None
    now = acting if learned is None else learned.acting
    taken = () if learned is None else tuple(one.experiment for one in learned.learned)
    return found, Choice(decided(options, now, asked.outcome), bool(options.utility), experiments=taken)

"""``whyboard export``."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.reading import (
    as_json,
    check_out,
    named_file,
    one_and_data,
    open_cache,
    progress_of,
    tell,
    write_text,
)
from core.errors import UsageError, WhyboardError

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.hypothesis import Hypothesis

__all__ = ["run_export"]

_CHAINS = 4  # among which a script parts its draws


def run_export(options: argparse.Namespace) -> str:
    """Write what runs, or opens, without the house; return what to print."""
    check_out(options)
    told = _write_report(options) if options.to == "html" else _write_one(options)
    tell(told, options)
    if options.json:
        return as_json({"format": "whyboard-export/1", "to": options.to, "out": options.out, "warnings": told})
    if not options.quiet:
        print(f"wrote {options.out}", file=sys.stderr)
    return ""


def _write_report(options: argparse.Namespace) -> list[str]:
    from core.cli.reporting import write_report

    return write_report(options)


def _write_one(options: argparse.Namespace) -> list[str]:
    """Write one hypothesis; return what there is to say of it."""
    if options.effects:
        raise UsageError(
            f"an effect was asked for, of which --to {options.to} says nothing",
            place=f"--effect {options.effects[0]}",
            hint="Leave it out, or write a report with --to html.",
        )
    if options.experiment or options.experiments is not None:
        raise UsageError(
            f"an experiment was given, which --to {options.to} does not take",
            place="--experiment",
            hint="Leave it out, or write a report with --to html.",
        )
    if options.choices:
        raise UsageError(
            f"there is a choice, of which --to {options.to} says nothing",
            place=f"--choose {options.choices[0]}",
            hint="Leave it out, or write a report with --to html.",
        )
    told: list[str] = []
    hypothesis, file, dataset = one_and_data(options, told)
    dataset = _rows_of(dataset, options.rows)
    try:
        if options.to == "netcdf":
            _write_draws(hypothesis, dataset, options)
        else:
            told += _write_code(hypothesis, dataset, options)
    except WhyboardError as error:
        error.__dict__.setdefault("hypothesis", hypothesis.name)
        raise named_file(error, {hypothesis.name: (hypothesis, file)}, options.data) from None
    return told


def _rows_of(dataset: "Dataset", said: str | None) -> "Dataset":
    """Return the rows that a comparison would take, in the order that they are said to have."""
    from core.check.one_each import one_of_each
    from core.check.rows_as import in_order, rows_as

    taken = rows_as(said, dataset, "--rows")
    return in_order(one_of_each(dataset, taken), taken)


def _write_code(hypothesis: "Hypothesis", dataset: "Dataset", options: argparse.Namespace) -> list[str]:
    """Write a script or a notebook; return what there is to say of it."""
    from core.report.notebook import notebook_of
    from core.report.rows import readings_of
    from core.report.script import script_of
    from core.study.modelling import modelled

    spec = modelled([hypothesis], dataset).spec(0, dataset)
    rows, odd = readings_of(spec, options.data, dataset)
    write = script_of if options.to == "script" else notebook_of
    write_text(options.out, write(spec, rows, -(-options.draws // _CHAINS), options.seed))
    if not odd:
        return []
    return [f"pandas alone reads {', '.join(odd)} otherwise than Whyboard does: correct read() in {options.out}"]


def _write_draws(hypothesis: "Hypothesis", dataset: "Dataset", options: argparse.Namespace) -> None:
    """Write the posterior of the house's own fit, as ArviZ takes it."""
    from core.fit.glue import write_netcdf
    from core.study.exporting import posterior_tree

    tree = posterior_tree(
        hypothesis,
        dataset,
        draws=options.draws,
        seed=options.seed,
        cache=open_cache(options),
        progress=progress_of(options),
    )
    write_netcdf(tree, Path(options.out))

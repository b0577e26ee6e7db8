"""``whyboard simulate``."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.reading import (
    as_json,
    check_out,
    named_file,
    one_hypothesis,
    open_cache,
    progress_of,
    read_data,
    split_pair,
    tell,
    write_text,
)
from core.errors import UsageError, WhyboardError
from core.words import number, table

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.hypothesis import Hypothesis

__all__ = ["run_simulate"]

_OTHER_ENDINGS = (".parquet", ".pq", ".xlsx", ".xls", ".feather", ".arrow", ".dta", ".json", ".tsv", ".gz")


def run_simulate(options: argparse.Namespace) -> str:
    """Write one simulated data set; return what to print."""
    check_out(options)
    if Path(options.out).suffix.lower() in _OTHER_ENDINGS:
        raise UsageError("simulated data are written as CSV", place=options.out, hint="Let the name end in .csv.")
    if options.like is not None and options.fit is not None and not options.quiet:
        print(f"--like {options.like} is not used: --fit has kinds and ranges of its own", file=sys.stderr)
    told: list[str] = []
    hypothesis, file = one_hypothesis(options.hypotheses, told)
    nodes = [node.name for node in hypothesis.nodes]
    settings = [split_pair(text, "=", nodes, None, "--do") for text in options.settings]
    if len({name for name, _ in settings}) < len(settings):
        raise UsageError("a node is set twice", place="--do", hint="Give each node one value.")
    dataset = None if options.fit is None and options.like is None else read_data(options.fit or options.like)
    try:
        made = _simulated(hypothesis, dataset, dict(settings), options)
    except WhyboardError as error:
        error.__dict__.setdefault("hypothesis", hypothesis.name)
        raise named_file(error, {hypothesis.name: (hypothesis, file)}, options.fit or options.like or file) from None
    told += _about_background(hypothesis, dataset)
    tell(told, options)
    frame, parameters = made
    frame = frame[nodes]
    write_text(options.out, frame.to_csv(index=False, lineterminator="\n"))
    overflows = int(frame.isna().to_numpy().sum())
    if overflows and not options.quiet:
        print(f"{overflows:,} values were too large to write and are missing (overflow)", file=sys.stderr)
    record = {
        "format": "whyboard-simulate/1",
        "out": options.out,
        "rows": len(frame),
        "overflows": overflows,
        "warnings": told,
        "parameters": {node: parameters.get(node, {}) for node in nodes},
    }
    return as_json(record) if options.json else _text(record)


def _about_background(hypothesis: "Hypothesis", dataset: "Dataset | None") -> list[str]:
    if not hypothesis.background:
        return []
    names = ", ".join(hypothesis.background)
    if dataset is None:
        return [f"without data the background ({names}) is drawn as columns that are unrelated among themselves"]
    return [f"the background ({names}) is taken from the observed rows, not drawn"]


def _simulated(
    hypothesis: "Hypothesis", dataset: "Dataset | None", settings: Mapping[str, str], options: argparse.Namespace
) -> Any:
    from core.model.resolve import resolve
    from core.simulate.ancestral import do_values
    from core.simulate.background import background_rows
    from core.simulate.synthetic import synthetic

    if dataset is not None and options.fit is not None:
        from core.study.simulating import posterior_data

        return posterior_data(
            hypothesis,
            dataset,
            options.rows,
            options.seed,
            settings,
            cache=open_cache(options),
            progress=progress_of(options),
        )
    spec = resolve(hypothesis, dataset)
    given = background_rows(spec, dataset, options.rows, options.seed)
    return synthetic(spec, None, options.rows, options.seed, do=do_values(spec, settings), given_raw=given)


def _text(record: Mapping[str, Any]) -> str:
    rows = [
        [node, name, number(value)] for node, named in record["parameters"].items() for name, value in named.items()
    ]
    lines = [f"{record['rows']:,} rows written to {record['out']}, {record['overflows']:,} overflows", ""]
    return "\n".join([*lines, "Drawn with", *table(["node", "parameter", "value"], rows, "llr")])

"""``whyboard compare``."""

import argparse
import sys
from time import perf_counter

from core.cli.reading import (
    as_json,
    check_out,
    named_file,
    open_cache,
    progress_of,
    rivals_and_data,
    split_pair,
    tell,
    write_text,
)
from core.errors import UsageError, WhyboardError

__all__ = ["run_compare"]


def run_compare(options: argparse.Namespace) -> str:
    """Fit, check and compare; return what to print."""
    check_out(options)
    told: list[str] = []
    start = perf_counter()
    rivals, dataset = rivals_and_data(options, told)
    read = perf_counter() - start
    tell(told, options)
    nodes = [node.name for hypothesis, _ in rivals.values() for node in hypothesis.nodes]
    effects = [split_pair(text, ":", nodes, nodes, "--effect") for text in options.effects]
    _check_overruled(options.overruled, nodes)

    from core.check.rows_as import rows_as
    from core.check.tested import Rules
    from core.study import compare
    from core.study.bending import bending

    taken = rows_as(options.rows, dataset, "--rows")
    try:
        result = compare(
            dataset,
            [bending(hypothesis) if options.bend else hypothesis for hypothesis, _ in rivals.values()],
            effects=effects,
            method=options.method,
            draws=options.draws,
            seed=options.seed,
            rows=taken,
            rules=Rules(overruled=tuple(dict.fromkeys(options.overruled))),
            cache=open_cache(options),
            progress=progress_of(options),
            read_seconds=read,
        )
    except WhyboardError as error:
        raise named_file(error, rivals, options.data) from None
    record = result.to_dict()
    record["warnings"] = [*told, *record["warnings"]]
    if options.out:
        write_text(options.out, as_json(record) + "\n")
        if not options.quiet:
            print(f"wrote {options.out}", file=sys.stderr)
    if options.json:
        return as_json(record)
    return "" if options.out else repr(result)


def _check_overruled(overruled: list[str], nodes: list[str]) -> None:
    for name in overruled:
        if name not in nodes:
            raise UsageError(
                f"{name!r} is not a node of any hypothesis",
                place=f"--overrule {name}",
                hint=f"The nodes are: {', '.join(list(dict.fromkeys(nodes))[:8])}.",
            )

"""What a million rows and fifty nodes cost Whyboard: each size in a process of its own, repeated."""

import os
from collections.abc import Callable
from statistics import median
from typing import Any

from benchmarks.point import point
from benchmarks.record import Record
from benchmarks.timing import Row, Section, Took

__all__ = ["measure", "section"]

FEW, MANY, NODES = 10_000, 1_000_000, 8
GROWTH, A_FAMILY, FIFTY = 3.0, 1.0, 30.0


def measure(rounds: int, record: Record, say: Callable[[str], None]) -> None:
    """Measure into ``record``, sizes in turn."""
    sizes: dict[str, tuple[Any, ...]] = {"few": ("gaussian", FEW, NODES, 2), "many": ("gaussian", MANY, NODES, 2)}
    sizes |= {"wide": ("gaussian", 1000, 50, 10), "glm": ("glm", MANY)}
    for turn in range(rounds):
        for name, (kind, *size) in sizes.items():
            found = point(kind, *size)
            record.points.setdefault(name, []).append(found)
            say(f"round {turn + 1}, {name}: {found['wall']:.1f} s, of processors {found['cpu']:.1f} s")
            record.loads.append(os.getloadavg()[0])
            record.save()


def section(record: Record) -> Section:
    """Return the rows of what was measured."""
    few, many, wide, glm = (record.points[name] for name in ("few", "many", "wide", "glm"))
    rounds = len(few)
    rows = [
        _growth("refit and evidence", few, many, lambda one: one["refit"]),
        Row(
            "exact leave-one-out of a family, 1,000,000 rows (the slowest)",
            ours=_seconds(many, lambda one: one["score"]),
            target=A_FAMILY,
            at_most=True,
        ),
        Row(
            "the one pass that summarises 1,000,000 rows", ours=_seconds(many, lambda one: one["seconds"]["summarise"])
        ),
        Row("the whole comparison, 1,000,000 rows", ours=_whole(many)),
        Row(
            f"ten hypotheses of 50 nodes, 1,000 rows, {wide[0]['families']} distinct families, all in all",
            ours=_whole(wide),
            target=FIFTY,
            at_most=True,
            note=f"{median(one['megabytes'] for one in wide):.0f} MB at the peak",
        ),
        Row("a count and a binary node on 1,000,000 rows, all in all", ours=_whole(glm)),
    ]
    how = (
        f"Two random Gaussian graphs of {NODES} nodes, {FEW:,} rows beside {MANY:,}; the refit has another seed on the "
        "same data set, so draws, evidence and its sweep are new and the summary of the rows is the one that stands "
        "(times of fits of all families added up). Each size runs in a process of its own, imports done; medians over "
        f"{rounds} {'turns' if rounds > 1 else 'turn'}."
    )
    return Section("Scale", f"{FEW:,} rows", "Whyboard", how, tuple(rows), tuple(_glm_lines(glm[-1])))


def _growth(what: str, few: list[Any], many: list[Any], read: Callable[[Any], float]) -> Row:
    small, large = median(map(read, few)), median(map(read, many))
    return Row(
        f"{what}: {MANY:,} rows over {FEW:,}",
        Took(small, small),
        Took(large, large),
        GROWTH,
        at_most=True,
        growth=large / small,
    )


def _seconds(found: list[Any], read: Callable[[Any], float]) -> Took:
    value = median(map(read, found))
    return Took(value, value)


def _whole(found: list[Any]) -> Took:
    return Took(median(one["wall"] for one in found), median(one["cpu"] for one in found))


def _glm_lines(one: Any) -> list[str]:
    """Say how the GLM blocks of a million rows were scored, each with its error."""
    lines = []
    for block in one["blocks"]:
        if block["method"] == "exact":
            continue
        scored = f"{block['rows_scored']:,} of {MANY:,} rows" if block.get("rows_scored") else "all rows"
        lines.append(
            f"GLM `{block['node']}` on {MANY:,} rows ({block['method']}, {block['seconds']:.1f} s): elpd "
            f"{block['elpd']:,.1f} with Monte Carlo error {block['elpd_mcse']:.2f}, leave-one-out of {scored}."
        )
    return lines

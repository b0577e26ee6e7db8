"""``whyboard profile``."""

import argparse

from core.cli.reading import as_json, read_data
from core.data.constants import ColumnConstants
from core.data.profile import Profile, profile
from core.errors import WhyboardError
from core.families.choose import DISCRETE_KINDS, choose_family
from core.words import number, table

__all__ = ["run_profile"]


def run_profile(options: argparse.Namespace) -> str:
    """Describe a data file; return what to print."""
    dataset = read_data(options.data)
    # As compare chooses: over what can be modelled, so that a column of numbers of rows changes nothing.
    modelled = [column.kind for column in dataset.columns if column.kind not in ("identifier", "date")]
    all_discrete = all(kind in DISCRETE_KINDS for kind in modelled)

    def family_of(constants: ColumnConstants) -> str | None:
        try:
            return choose_family(constants, all_discrete).family
        except WhyboardError:
            return None  # a date or an identifier has none

    found = profile(dataset, family_of)
    return as_json(found.to_dict()) if options.json else _text(found)


def _text(found: Profile) -> str:
    rows = [
        [
            column.name,
            column.kind,
            column.family or "-",
            f"{column.missing:,}",
            f"{column.distinct:,}",
            number(column.mean),
            number(column.sd),
            number(column.min),
            number(column.max),
        ]
        for column in found.columns
    ]
    head = ["column", "kind", "family", "missing", "distinct", "mean", "sd", "min", "max"]
    lines = [f"{found.rows:,} rows, {len(found.columns):,} columns", "", *table(head, rows, "lllrrrrrr")]
    warnings = [*found.warnings, *(f"{c.name}: {w}" for c in found.columns for w in c.warnings)]
    if warnings:
        lines += ["", "Warnings", *table([""], [[warning] for warning in dict.fromkeys(warnings)])[1:]]
    return "\n".join(lines)

"""Experiments as a user writes them: one in a line, or many in a table.

``ads=6,7: sales=1.2±0.3`` is an experiment in which ads were 7 instead of 6 and sales were 1.2 higher, with a standard
error of 0.3; ``+-`` and ``+/-`` do for ``±``. In front of the first colon is what ``--do`` takes, several nodes with
semicolons between them, ``ads+=1; price=20``: what is set to one value is held there, so that the effect along a single
arrow is that of its source with the other parents held. A name may stand before it, ``spring: ads+=1: sales=1.2±0.3``.
``@ region=north`` behind the result says that it was done there only. A table has a row an experiment, with the columns
``do``, ``estimate`` and ``se``, and, where wanted, ``outcome``, ``given`` and ``name``.
"""

import csv
import re
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from core.effects.experiments import Experiment
from core.effects.settings import Setting
from core.errors import UsageError, WhyboardError
from core.model.spec import ModelSpec
from core.study.doing import given_rows, said_world, worlds_of

__all__ = ["MOST", "experiment_of", "experiments_in", "experiments_of"]

_HINT = 'Write it as --experiment "ads=6,7: sales=1.2±0.3", with @ region=north behind it where it was done there only.'
_RESULT = re.compile(
    r"^(?P<left>.*)=\s*(?P<estimate>[^=]*?)\s*(?:±|\+/-|\+-)\s*(?P<se>[^@]*?)\s*(?:@\s*(?P<given>.*))?$", re.S
)
_NEEDED = ("do", "estimate", "se")
MOST = 1000
"""Experiments in one table."""


def experiment_of(spec: ModelSpec, text: str) -> Experiment:
    """Read one experiment.

    Parameters
    ----------
    spec : ModelSpec
        Of any of the hypotheses: all know the same columns.
    text : str

    Raises
    ------
    UsageError
        If it cannot be read.
    ModelError
        For an unknown node or level.
    """
    where = f"--experiment {text}"
    found = _RESULT.match(text.strip())
    if found is None:
        raise UsageError(f"{text!r} is no result of an experiment", place="--experiment", hint=_HINT)
    done, outcome = _outcome(spec, found["left"].rstrip(), where)
    name, settings = _settings(spec, done)
    return _made(spec, name, settings, outcome, (found["estimate"], found["se"]), found["given"], where)


def experiments_in(spec: ModelSpec, path: str, outcome: str) -> tuple[Experiment, ...]:
    """Read a table of experiments; what is refused names the row.

    Parameters
    ----------
    spec : ModelSpec
    path : str
        A CSV file, UTF-8, with a head.
    outcome : str
        Where a row names none.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is no text in UTF-8"
        raise UsageError(f"the file cannot be read: {reason}", place=path, hint="Check the path.") from None
    return experiments_of(spec, text, outcome, path)


def experiments_of(spec: ModelSpec, text: str, outcome: str, place: str) -> tuple[Experiment, ...]:
    """Read a table of experiments that was read already; ``place`` is what it is called in a refusal."""
    top = text.partition("\n")[0]
    reader = csv.DictReader(StringIO(text), delimiter=max(",;\t", key=top.count), skipinitialspace=True)
    head = [(name or "").strip() for name in reader.fieldnames or ()]
    if missing := [name for name in _NEEDED if name not in head]:
        raise UsageError(
            f"this table of experiments has no column {missing[0]!r}",
            place=place,
            hint="It needs do, estimate and se, and may have outcome, given and name.",
        )
    found: list[Experiment] = []
    for cells in reader:
        row = {(name or "").strip(): (cell or "").strip() for name, cell in cells.items() if isinstance(cell, str)}
        if not any(row.values()):
            continue
        where, (name, settings) = f"{place}, line {reader.line_num}", _settings(spec, row.get("do", ""))
        numbers = (row.get("estimate", ""), row.get("se", ""))
        found.append(
            _made(
                spec, row.get("name") or name, settings, row.get("outcome") or outcome, numbers, row.get("given"), where
            )
        )
    if not 1 <= len(found) <= MOST:
        raise UsageError(
            f"this table has {len(found):,} experiments", place=place, hint=f"Give from 1 to {MOST:,}, one a row."
        )
    return tuple(found)


def _outcome(spec: ModelSpec, left: str, where: str) -> tuple[str, str]:
    """Split at the colon behind which a node's name stands."""
    for name in sorted((model.node for model in spec.columns), key=len, reverse=True):
        before = left.removesuffix(name).rstrip()
        if left.endswith(name) and before.endswith(":"):
            return before[:-1].strip(), name
    known = ", ".join([model.node for model in spec.columns][:8])
    raise UsageError("no outcome stands before the result", place=where, hint=f"{_HINT} The nodes are: {known}.")


def _settings(spec: ModelSpec, done: str) -> tuple[str, list[str]]:
    """Return the name that stands in front, if any, and what is done to each node."""
    names = tuple(model.node for model in spec.columns)
    starts = [0] if done.startswith(names) else []
    starts += [i + 1 for i, letter in enumerate(done) if letter == ":" and done[i + 1 :].lstrip().startswith(names)]
    start = starts[0] if starts else 0
    name, body = done[:start].removesuffix(":").strip(), done[start:].strip()
    cuts = [i for i, letter in enumerate(body) if letter == ";" and body[i + 1 :].lstrip().startswith(names)]
    ends = [*cuts, len(body)]
    parts = [body[begin:end].strip() for begin, end in zip([0, *(cut + 1 for cut in cuts)], ends, strict=True)]
    return name, parts


def _made(
    spec: ModelSpec,
    name: str,
    settings: Sequence[str],
    outcome: str,
    numbers: tuple[str, str],
    given: str | None,
    where: str,
) -> Experiment:
    try:
        worlds = worlds_of(spec, settings)
        if len(worlds) != 2:
            raise UsageError(
                f"an experiment compares two worlds, and {len(worlds)} are described",
                hint="Give each node one value or two, as ads=6,7; more are cells of their own.",
            )
        first, second = worlds
        rows = given_rows(spec, [given] if given else [])
        estimate, se = (_number(text) for text in numbers)
        return Experiment(name or _said(spec, worlds), (first, second), outcome, estimate, se, rows)
    except WhyboardError as error:
        # Its place names an option that was not used.
        raise UsageError(error.message, place=where, hint=error.hint) from None


def _said(spec: ModelSpec, worlds: Sequence[Sequence[Setting]]) -> str:
    first, second = (dict(said_world(spec, world)) for world in worlds)
    parts = []
    for name, value in second.items():
        before = first.get(name, value)
        parts.append(f"{name} {'' if before == value else f'{_short(before)} -> '}{_short(value)}")
    return ", ".join(parts)


def _short(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _number(text: str) -> float:
    try:
        return float(text.replace("\u2212", "-"))
    except ValueError:
        raise UsageError(
            f"{text!r} is no number", hint="Write an estimate and its standard error as 1.2 and 0.3."
        ) from None

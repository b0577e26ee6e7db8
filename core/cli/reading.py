"""What commands share: reading hypotheses and data, writing files, telling progress."""

import argparse
import json
import math
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import UsageError, WhyboardError

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.fit.cache import BlockCache
    from core.hypothesis import Hypothesis

__all__ = [
    "as_json",
    "check_out",
    "one_and_data",
    "one_hypothesis",
    "open_cache",
    "progress_of",
    "read_data",
    "rivals_and_data",
    "split_pair",
    "tell",
    "write_text",
]


def read_data(path: str) -> "Dataset":
    """Read a data file; whatever is refused names it."""
    from core.data.read import read_dataset

    if not path.strip():
        raise UsageError("the data file's name is empty", place="DATA", hint="Name a file, such as data.csv.")
    return read_dataset(path)


def rivals_and_data(
    options: argparse.Namespace, told: list[str]
) -> "tuple[dict[str, tuple[Hypothesis, str]], Dataset]":
    """Read the hypotheses and the data of a command; return name to (hypothesis, file), and the data.

    Where labels and identifiers of a graph differ, the ones that are the data's columns are taken. What there is to say
    about how a file was read is added to ``told``.
    """
    remarks: list[str] = []
    rivals = _read_rivals(options.hypotheses, remarks)
    dataset = read_data(options.data)
    if not _knows_all(dataset, (hypothesis for hypothesis, _ in rivals.values())):
        remarks.clear()
        rivals = _read_rivals(options.hypotheses, remarks, dataset.names)
    told += remarks
    return rivals, dataset


def one_and_data(options: argparse.Namespace, told: list[str]) -> "tuple[Hypothesis, str, Dataset]":
    """Read the one hypothesis, with its file, and the data of a command, as :func:`rivals_and_data` does."""
    remarks: list[str] = []
    hypothesis, file = one_hypothesis(options.hypotheses, remarks)
    dataset = read_data(options.data)
    if not _knows_all(dataset, [hypothesis]):
        remarks.clear()
        hypothesis, file = one_hypothesis(options.hypotheses, remarks, dataset.names)
    told += remarks
    return hypothesis, file, dataset


def _read_rivals(
    given: Sequence[str] | None, told: list[str], columns: Collection[str] = ()
) -> "dict[str, tuple[Hypothesis, str]]":
    """Read ``NAME=FILE`` arguments, in order; ``columns`` are the data's, where they are known already."""
    if not given:
        raise UsageError("no hypothesis was given", hint="Give at least one, as -H NAME=FILE.")
    found: dict[str, tuple[Hypothesis, str]] = {}
    for text in given:
        name, file = _name_and_file(text)
        hypothesis = _read(file, name, told, columns)
        if hypothesis.name in found:
            raise UsageError(
                f"two hypotheses are called {hypothesis.name!r}",
                place=f"-H {text}",
                hint="Give each a name of its own.",
            )
        found[hypothesis.name] = (hypothesis, file)
    return found


def one_hypothesis(
    given: Sequence[str] | None, told: list[str], columns: Collection[str] = ()
) -> "tuple[Hypothesis, str]":
    """Read the one hypothesis of a command that takes one; a name in front is allowed.

    ``columns`` are the data's, where they are known already; remarks are added to ``told``.
    """
    if not given:
        raise UsageError("no hypothesis was given", hint="Give one, as -H FILE.")
    if len(given) > 1:
        raise UsageError("more than one hypothesis was given", place=f"-H {given[1]}", hint="This command takes one.")
    name, file = _name_and_file(given[0])
    return _read(file, name, told, columns), file


def _read(file: str, name: str | None, told: list[str], columns: Collection[str]) -> "Hypothesis":
    from core.formats import read_graph

    reading = read_graph(file, name, columns=columns)
    told += [f"{file}: {remark}" for remark in reading.remarks]
    return reading.hypothesis


def _knows_all(dataset: "Dataset", hypotheses: "Iterable[Hypothesis]") -> bool:
    """Return whether every node that is not latent is a column; else a graph may go by other names."""
    return all(set(hypothesis.graph.observed) <= set(dataset.names) for hypothesis in hypotheses)


def tell(told: Iterable[str], options: argparse.Namespace) -> None:
    """Print on standard error how files were read; not with ``--quiet``, and not beside JSON, which holds it."""
    if not options.quiet and not options.json:
        for remark in told:
            print(f"note: {remark}", file=sys.stderr)


def _name_and_file(text: str) -> tuple[str | None, str]:
    """Split ``NAME=FILE``; a file's own name may hold an equals sign, and so may a hypothesis's."""
    if not text.strip():
        raise UsageError("the file's name is empty", place="-H", hint="Write it as -H Confounded=confounded.dagitty.")
    if Path(text).is_file() or "=" not in text:
        return None, text
    places = [i for i, letter in enumerate(text) if letter == "="]
    cut = next((i for i in places if Path(text[i + 1 :]).is_file()), places[0])
    name, file = text[:cut].strip(), text[cut + 1 :]
    if not name or not file.strip():
        raise UsageError(f"{text!r} is not NAME=FILE", place="-H", hint="Write it as -H Confounded=confounded.dagitty.")
    return name, file


def split_pair(text: str, mark: str, left: Iterable[str], right: Iterable[str] | None, option: str) -> tuple[str, str]:
    """Split ``X:Y`` or ``X=V`` where a part may itself hold the mark: the split that names known nodes."""
    known, others = set(left), None if right is None else set(right)
    example = f"{option} ads:sales" if mark == ":" else f"{option} ads=100"
    places = [i for i, letter in enumerate(text) if letter == mark]
    if not places:
        raise UsageError(f"{text!r} has no {mark!r}", place=option, hint=f"Write it as {example}.")
    parts = [(text[:i].strip(), text[i + 1 :].strip()) for i in places]
    fitting = [(x, y) for x, y in parts if x in known and (others is None or y in others)]
    if len(fitting) > 1 and others is not None:
        raise UsageError(f"{text!r} can be read in more than one way", place=option, hint="Rename one of the nodes.")
    if fitting:
        return fitting[-1]
    x, y = parts[0]
    wrong = x if x not in known else y
    names = ", ".join(list(dict.fromkeys(left))[:8])
    raise UsageError(f"there is no node {wrong!r}", place=f"{option} {text}", hint=f"The nodes are: {names}.")


def check_out(options: argparse.Namespace, option: str = "--out") -> None:
    """Refuse, before any work, an ``option`` that names a file which cannot be written, or which the command reads."""
    path: str | None = getattr(options, option.lstrip("-").replace("-", "_"))
    if path is None:
        return
    file = Path(path)
    try:
        folder = file.is_dir()
        there = file.parent.is_dir()
        read = there and any(file.samefile(name) for name in _inputs(options) if file.exists() and Path(name).exists())
    except (OSError, ValueError):
        folder, there, read = False, False, False
    if folder:
        raise UsageError("this is a folder, not a file", place=path, hint=f"Give the name of a file after {option}.")
    if not there:
        raise UsageError("the folder of this file does not exist", place=path, hint="Make the folder first.")
    if read:
        raise UsageError(
            "this file is read here, and would be overwritten", place=path, hint=f"Give another name after {option}."
        )


def _inputs(options: argparse.Namespace) -> list[str]:
    """Return the names of the files that a command was given to read."""
    files = [_name_and_file(text)[1] for text in getattr(options, "hypotheses", None) or ()]
    named = (getattr(options, name, None) for name in ("data", "like", "fit", "file"))
    return [*files, *(name for name in named if name)]


def write_text(path: str, text: str) -> None:
    """Write a file as UTF-8."""
    try:
        Path(path).write_text(text, encoding="utf-8", newline="\n", errors="surrogateescape")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UsageError(f"the file cannot be written: {reason}", place=path, hint="Check the path.") from None


def as_json(record: Any) -> str:
    """Return JSON; what is not a number (NaN, infinity) is null, since JSON has no word for it."""
    return json.dumps(_finite(record), ensure_ascii=False, indent=1, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return value


def open_cache(options: argparse.Namespace) -> "BlockCache | None":
    """Return the cache of finished blocks; none with ``--no-cache``, or where the folder cannot be used."""
    from core.fit.cache import BlockCache
    from core.settings import load_settings, make_home

    if options.no_cache:
        return None
    try:
        settings = load_settings()
        make_home(settings)
        return BlockCache(settings.blocks)
    except (OSError, ValueError) as error:
        if not options.quiet:
            print(f"nothing is kept: {error}", file=sys.stderr)
        return None


def progress_of(options: argparse.Namespace) -> Callable[[str, float], None] | None:
    """Return a function that prints a line for each tenth done; none with ``--quiet``."""
    if options.quiet:
        return None
    last = [-1]

    def tell(words: str, share: float) -> None:
        tenth = int(share * 10)
        if tenth > last[0]:
            last[0] = tenth
            print(f"{share:4.0%} {words}", file=sys.stderr, flush=True)

    return tell


def named_file(error: WhyboardError, files: "dict[str, tuple[Hypothesis, str]]", data: str) -> WhyboardError:
    """Return the error with the file in front that it is about: the hypothesis's, else the data's."""
    owner = error.__dict__.get("hypothesis")
    file = files[owner][1] if owner in files else data
    if isinstance(error, UsageError) or file in error.place:
        return error
    return error.at(file)

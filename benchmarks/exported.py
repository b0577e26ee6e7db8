"""Exported scripts and notebooks, run where Whyboard is not: that they print the app's numbers.

An environment is made that has pymc, pandas and arviz only, at the versions of requirements.txt. In it runs what
``whyboard export --to script`` writes of every hypothesis of the sample data, and of one with a curve, an
interaction, groups and a slope that varies; what is printed is held against ``whyboard compare`` of the same
hypothesis. Of files that are no text the rows are read, with the package that the script says it needs. Notebooks run
by nbclient, which with ipykernel and matplotlib is added to that environment last. docs/exported.md is the page.

    python -m benchmarks.exported --write                 all, and writes the page (make exported does)
    python -m benchmarks.exported --only marketing        prints what it finds of some

Means are compared in Monte Carlo standard errors of both sides. The largest of so many numbers may by chance be as
large as :func:`core.comparison.agreement.bound_for` says.
"""

import argparse
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from math import hypot, isfinite, isnan
from pathlib import Path

from benchmarks.clean_environment import clean_environment, pinned
from benchmarks.exported_cases import CASES, READ, Case
from benchmarks.report import machine
from core import Dataset
from core.comparison.agreement import bound_for

__all__ = ["Deviation", "Number", "Row", "compared", "main", "page"]

PAGE = Path(__file__).resolve().parents[1] / "docs" / "exported.md"
ROOT = PAGE.parents[1]
DRAWS = 16_000  # of the app: its own error is then half that of a script
SCRIPT_DRAWS = 4000
LARGEST_SHARE = 0.15  # of a posterior standard deviation: what 4000 draws can be off by where chains are slow
NEEDED = ("pymc", "pandas", "arviz")
READERS = {"parquet": "pyarrow", "feather": "pyarrow", "xlsx": "openpyxl"}  # a .dta pandas reads by itself
NOTEBOOKS = ("nbclient", "ipykernel", "matplotlib")
OPENED = ("marketing", "made up")  # whose first hypothesis is run as a notebook too

# Runs a script's ``main``, and notes beside what it prints the errors of what it prints.
_RUN = """
import importlib.util, json, sys
import arviz as az
found = importlib.util.spec_from_file_location("exported", sys.argv[1])
script = importlib.util.module_from_spec(found)
found.loader.exec_module(script)
edges, noted = script.edges, []
def watched(data, trace):
    chains = trace.posterior.sizes["chain"]
    for source, target, values, what in edges(data, trace):
        known = values.std() > 0  # of a group there is no number
        own = values.reshape(chains, -1) if known else None
        noted.append([float(az.mcse(own, method=way)) for way in ("mean", "sd")] if known else [0.0, 0.0])
        yield source, target, values, what
script.edges = watched
script.main()
with open(sys.argv[2], "w") as file:
    json.dump(noted, file)
"""

# Reads the rows alone.
_READ = """
import importlib.util, json, sys
found = importlib.util.spec_from_file_location("exported", sys.argv[1])
script = importlib.util.module_from_spec(found)
found.loader.exec_module(script)
print(json.dumps({name: list(values) for name, values in script.read().items()}))
"""

_NOTEBOOK = """
import sys
import nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
nbformat.validate(notebook)
NotebookClient(notebook, timeout=3600, kernel_name="python3").execute()
shown = [out for cell in notebook.cells if cell.cell_type == "code" for out in cell.outputs]
print(sum("image/png" in out.get("data", {}) for out in shown))
"""

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Number:
    """What is said of an arrow, or of one contrast: posterior mean and sd, each with its Monte Carlo error."""

    mean: float
    sd: float
    mean_error: float
    sd_error: float


@dataclass(frozen=True)
class Deviation:
    """By what the numbers of one hypothesis differ at most.

    ``errors`` is of means in Monte Carlo errors, ``share`` the same in posterior sds, ``spread_errors`` of sds in
    their Monte Carlo errors.
    """

    numbers: int
    errors: float
    share: float
    spread_errors: float
    worst: str


@dataclass(frozen=True)
class Row:
    """One hypothesis, as a script or as a notebook: how long it took, and what came of it."""

    sample: str
    name: str
    seconds: float = 0.0
    found: Deviation | None = None
    pictures: int | None = None
    read: int | None = None  # rows of a file that is no text
    wrong: str = ""


def compared(ours: Mapping[Key, Number], theirs: Mapping[Key, Number]) -> Deviation:
    """Compare what the app says of each arrow with what a script prints.

    Raises
    ------
    ValueError
        If they speak of different arrows, or one has no number.
    """
    if set(ours) != set(theirs):
        missing = sorted(set(ours) ^ set(theirs))
        raise ValueError(f"only one of the two has a number of {' '.join(missing[0])}; {len(missing)} such")
    errors, shares, spreads = {}, [0.0], [0.0]
    for key, one in ours.items():
        other = theirs[key]
        if not all(isfinite(value) for value in (one.mean, one.sd, other.mean, other.sd)):
            raise ValueError(f"no number of {' '.join(key)}")
        difference = abs(one.mean - other.mean)
        least = 1e-5 * max(abs(one.mean), one.sd)  # six digits are printed
        errors[key] = difference / (hypot(one.mean_error, other.mean_error) + least)
        shares.append(difference / (one.sd + least))
        spreads.append(abs(one.sd - other.sd) / (hypot(one.sd_error, other.sd_error) + least))
    worst = max(errors, key=errors.__getitem__) if errors else ("", "", "")
    name = f"{worst[0]} → {worst[1]}" + (f", {worst[2]}" if worst[2] else "")
    return Deviation(len(errors), max(errors.values(), default=0.0), max(shares), max(spreads), name)


# -- the two sides -----------------------------------------------------------------------


def _whyboard(*arguments: str, folder: Path) -> str:
    here = {**os.environ, "PYTHONPATH": str(ROOT), "WHYBOARD_HOME": str(folder / "home")}
    command = [sys.executable, "-m", "core", *arguments, "--quiet"]
    done = subprocess.run(command, cwd=folder, env=here, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"whyboard {arguments[0]}: {done.stderr.strip().splitlines()[0]}")
    return done.stdout


def _export(case: Case, kind: str, folder: Path, *more: str) -> str:
    out = "exported.py" if kind == "script" else "exported.ipynb"
    _whyboard("export", case.data, "-H", case.file, "--to", kind, "--out", out, *more, folder=folder)
    return out


def _of_the_app(case: Case, folder: Path) -> dict[Key, Number]:
    said = _whyboard("compare", case.data, "-H", f"A={case.file}", "--json", "--draws", str(DRAWS), folder=folder)
    (facts,) = json.loads(said)["hypotheses"]
    sizes: dict[str, float] = {}
    for block in facts["blocks"]:
        size = block["ess"] or block["effective_draws"] or block["draws"]
        sizes |= dict.fromkeys(block["nodes"], min(size, block["draws"]))
    found = {}
    for edge in facts["edges"]:
        for part in edge["contrasts"] or [edge]:
            if part["mean"] is not None:
                size, sd = sizes[edge["target"]], part["sd"]
                errors = sd / size**0.5, sd / (2 * size) ** 0.5
                found[edge["source"], edge["target"], part.get("name", "")] = Number(part["mean"], sd, *errors)
    return found


def _of_the_script(case: Case, python: Path, folder: Path) -> dict[Key, Number]:
    script = _export(case, "script", folder, "--draws", str(SCRIPT_DRAWS))
    lines = list(csv.reader(io.StringIO(_run(python, _RUN, script, "errors.json", folder=folder))))
    errors = json.loads((folder / "errors.json").read_text(encoding="utf-8"))
    found = {}
    for (source, target, mean, sd, *what), error in zip(lines, errors, strict=True):
        if not isnan(float(mean)):  # the levels of a group are drawn together
            found[source, target, "".join(what)] = Number(float(mean), float(sd), *error)
    return found


def _read(case: Case, python: Path, folder: Path) -> int:
    """Read a file that is no text by a script; return how many rows it has, all of them as Whyboard reads them."""
    found = json.loads(_run(python, _READ, _export(case, "script", folder), folder=folder))
    known = Dataset.read(folder / case.data)
    for name, values in found.items():
        if list(known.values(name)) != values:
            raise ValueError(f"{name} is read otherwise")
    return known.rows


def _run(python: Path, program: str, *arguments: str, folder: Path) -> str:
    """Run a program where nothing of the house can be imported; its last words are the error if it fails."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "WHYBOARD"))}
    command = [str(python), "-c", program, *arguments]
    done = subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["it ended without a word"])[-1])
    return done.stdout


def _row(case: Case, python: Path, folder: Path, notebook: bool) -> Row:
    """Run one hypothesis; what goes wrong is the row's."""
    start = time.perf_counter()
    try:
        case.prepare(folder)
        if notebook:
            file = _export(case, "notebook", folder)
            start = time.perf_counter()
            pictures = int(_run(python, _NOTEBOOK, file, folder=folder))
            return Row(case.sample, case.name, time.perf_counter() - start, pictures=pictures)
        if case.sample == READ:
            return Row(case.sample, case.name, read=_read(case, python, folder))
        ours = _of_the_app(case, folder)
        start = time.perf_counter()
        theirs = _of_the_script(case, python, folder)
        seconds = time.perf_counter() - start
        return Row(case.sample, case.name, seconds, compared(ours, theirs))
    except (RuntimeError, ValueError) as error:
        return Row(case.sample, case.name, time.perf_counter() - start, wrong=str(error))


# -- the page ------------------------------------------------------------------------------


def faults(rows: Sequence[Row]) -> list[str]:
    """Return, of each row that is not as it should be, what is wrong."""
    bound = bound_for(2 * sum(row.found.numbers for row in rows if row.found))
    said = []
    for row in rows:
        where = f"{row.sample}, {row.name}"
        if row.wrong:
            said.append(f"{where}: {row.wrong}")
        elif row.pictures == 0:
            said.append(f"{where}: no picture in the notebook")
        elif row.found and (max(row.found.errors, row.found.spread_errors) > bound or row.found.share > LARGEST_SHARE):
            said.append(f"{where}: {row.found.errors:.1f} errors, {row.found.share:.2f} sds at {row.found.worst}")
    return said


def page(rows: Sequence[Row]) -> str:
    """Return docs/exported.md."""
    numbers = sum(row.found.numbers for row in rows if row.found)
    said = ", ".join(f"{name} {pinned()[name]}" for name in NEEDED)
    wrong = faults(rows)
    lines = [
        "# Exported scripts and notebooks, run without Whyboard",
        "",
        f"Written by `make exported` on {date.today().isoformat()}: {machine()}; {said}.",
        "",
        "Each script was written by `whyboard export --to script` and run in an environment that has pymc, pandas and "
        "arviz only. What "
        "it prints stands beside `whyboard compare` of the same hypothesis: the largest difference of a posterior mean "
        "in Monte Carlo standard errors of both sides and in posterior sds, and of a posterior sd in Monte Carlo "
        f"standard errors. Of {numbers} means and as many sds the largest would by chance be up to "
        f"{bound_for(2 * numbers):.1f} errors. Seconds are on the clock, imports and compilation "
        "among them, whatever else the machine did.",
        "",
        "| data | hypothesis | seconds | numbers | means: errors | at | means: sds | sds: errors |",
        "|---|---|---:|---:|---:|---|---:|---:|",
    ]
    for row in rows:
        if row.pictures is not None or row.sample == READ:
            continue
        head = f"| {row.sample} | {row.name} | {row.seconds:.0f} "
        if row.found is None:
            lines.append(f"{head}| {row.wrong} | | | | |")
        else:
            one = row.found
            lines.append(
                f"{head}| {one.numbers} | {one.errors:.1f} | {one.worst} | {one.share:.3f} | {one.spread_errors:.1f} |"
            )
    lines += ["", "## Files that are no text", ""]
    lines += [
        "The rows that the script reads are those that Whyboard reads, to the last digit: "
        + ", ".join(f"{row.name} ({row.read} rows)" for row in rows if row.read is not None)
        + "; with pyarrow (Parquet, Feather) or openpyxl (XLSX) beside pandas, as the script says in its first lines.",
    ]
    lines += ["", "## Notebooks", ""]
    if all(row.pictures is None for row in rows):
        lines.append("None was run yet.")
    lines += [
        "They run by nbclient, which is with ipykernel and matplotlib added to that environment: they bring "
        "some twenty packages along, too many for requirements-dev.txt.",
        "",
        "| data | hypothesis | seconds | pictures |",
        "|---|---|---:|---:|",
    ]
    for row in rows:
        if row.pictures is not None:
            lines.append(f"| {row.sample} | {row.name} | {row.seconds:.0f} | {row.pictures} |")
    asked, run = len(CASES) + len(OPENED), len(rows)
    missing = "" if run == asked else f"{run} of {asked} were run; `make exported` runs all. "
    lines += ["", missing + "Nothing is wrong." if not wrong else missing + "**Wrong:** " + "; ".join(wrong), ""]
    return "\n".join(lines)


def main(arguments: Iterable[str] | None = None) -> int:
    """Run what was asked for; 1 if a number differs or a script fails."""
    parser = argparse.ArgumentParser(description="Run exported scripts and notebooks without Whyboard.")
    parser.add_argument("--only", help="those whose data or name has this in it")
    parser.add_argument("--notebooks", action="store_true", help="notebooks of these too")
    parser.add_argument("--finished", action="store_true", help="run nothing: what stands in the folder")
    parser.add_argument("--folder", type=Path, help="keep environment, files and finished rows here, and go on from it")
    parser.add_argument("--write", action="store_true", help="write docs/exported.md")
    options = parser.parse_args(None if arguments is None else list(arguments))
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.folder or Path(temporary)).resolve()
        rows = _all(folder, options.only, options.notebooks, options.finished)
    wrong = faults(rows)
    for line in wrong:
        print(f"wrong: {line}", file=sys.stderr)
    if options.write:
        PAGE.write_text(page(rows), encoding="utf-8")
    return int(bool(wrong))


def _all(folder: Path, only: str | None, notebooks: bool, finished: bool) -> list[Row]:
    folder.mkdir(parents=True, exist_ok=True)
    asked = [case for case in CASES if only is None or only in f"{case.sample} {case.name}"]
    first = {case.sample: case for case in reversed(asked)}
    opened = [first[sample] for sample in OPENED if sample in first] if only is None or notebooks else []
    todo = [(case, False) for case in asked] + [(case, True) for case in opened]
    rows = []
    for case, notebook in todo:
        kept = folder / f"{CASES.index(case)}-{'notebook' if notebook else 'script'}"
        done = kept / "row.json"
        if done.exists():
            record = json.loads(done.read_text(encoding="utf-8"))
            found = record.pop("found")
            row = Row(**record, found=Deviation(**found) if found else None)
        elif finished:
            continue
        else:
            more = NOTEBOOKS if notebook else filter(None, [READERS.get(case.data.rpartition(".")[2])])
            python = clean_environment(folder / "python", [*NEEDED, *more])
            row = _row(case, python, kept, notebook)
            if not row.wrong:
                done.write_text(json.dumps(asdict(row)), encoding="utf-8")
        rows.append(row)
        print(
            f"{row.sample}, {row.name}: {row.seconds:.0f} s {row.found or row.pictures or row.read or row.wrong}",
            flush=True,
        )
    return rows


if __name__ == "__main__":
    sys.exit(main())

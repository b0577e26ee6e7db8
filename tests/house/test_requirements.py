"""pyproject.toml and what was compiled from it agree."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins(name: str) -> dict[str, tuple[str, int]]:
    """Package to (version, number of hashes); a package may be pinned twice under markers."""
    found: dict[str, tuple[str, int]] = {}
    current = ""
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        start = re.match(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==([^ ;\\]+)", line)
        if start:
            current = canonicalize_name(start[1])
            found[current] = (start[2], 0)
        elif "--hash=sha256:" in line and current:
            found[current] = (found[current][0], found[current][1] + 1)
        elif line and not line.startswith((" ", "#")):
            raise AssertionError(f"{name}: not a pin: {line}")
    return found


RUN, DEV = pins("requirements.txt"), pins("requirements-dev.txt")


def test_every_dependency_is_pinned_within_its_range() -> None:
    groups = [(PROJECT["project"]["dependencies"], RUN), (PROJECT["dependency-groups"]["dev"], DEV)]
    for wanted, pinned in groups:
        for text in wanted:
            need = Requirement(text)
            name = canonicalize_name(need.name)
            assert name in pinned, f"{name} is not pinned: run make lock"
            assert need.specifier.contains(pinned[name][0], prereleases=True), f"{name}: run make lock"


def test_every_pin_is_hashed() -> None:
    for pinned in (RUN, DEV):
        assert all(count > 0 for _, count in pinned.values())


def test_tests_run_on_what_users_get() -> None:
    assert {name: version for name, (version, _) in RUN.items()}.items() <= {
        name: version for name, (version, _) in DEV.items()
    }.items()


def test_nothing_stands_in_the_lock_that_nobody_asked_for() -> None:
    """Each direct entry ("via whyboard") of the lock is a dependency of pyproject.toml."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    direct = set()
    current = ""
    for line in text.splitlines():
        start = re.match(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==", line)
        if start:
            current = canonicalize_name(start[1])
        if "whyboard (pyproject.toml)" in line:
            direct.add(current)
    assert direct == {canonicalize_name(Requirement(t).name) for t in PROJECT["project"]["dependencies"]}


def test_what_runs_has_a_permissive_licence() -> None:
    """By what each installed package says of itself; packages of other platforms are not here to be asked."""
    allowed = re.compile(r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|Zlib|Unlicense|HPND|CC0|0BSD")
    mild = {"certifi": "MPL"}  # a list of certificates under a licence that covers its own file only
    for name in RUN:
        try:
            said = metadata(name)
        except PackageNotFoundError:
            continue
        classifiers = [c for c in said.get_all("Classifier", []) if c.startswith("License ::")]
        stated = [text for text in (said.get("License-Expression"), *classifiers) if text]
        words = " ".join(stated) or said.get("License", "")
        assert re.search(mild[name], words) if name in mild else allowed.search(words), f"{name}: {words[:200]}"
        assert not re.search(r"GPL|GNU", words), f"{name}: {words[:200]}"

"""The committed bundle is what the source builds to, and carries its licences."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

EDITOR = Path(__file__).resolve().parents[2] / "ui" / "editor"
FRONTEND, BUILD = EDITOR / "frontend", EDITOR / "build"


def test_the_bundle_is_one_module_that_asks_nobody():
    text = (BUILD / "editor.js").read_text(encoding="utf-8")
    assert "export{" in text
    assert not re.search(r"\bimport\s*[\w{*].*?from\s*[\"'](?!data:)", text)
    assert len(text) < 700_000
    for call in ("eval(", "new Function(", "innerHTML=", "document.write("):
        # React knows how to set innerHTML when it is told to; our own source never does.
        assert call not in "".join(p.read_text(encoding="utf-8") for p in FRONTEND.glob("src/*.ts*"))


def test_every_bundled_package_has_its_licence():
    text = (BUILD / "THIRD_PARTY_LICENCES.txt").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^(\S+) \S+ \((MIT|ISC|BSD-3-Clause|Apache-2\.0)\)$", text, re.M))
    assert {"@xyflow/react", "@dagrejs/dagre", "react", "react-dom"} <= set(listed)
    assert text.count("=" * 78) == 2 * len(listed), "a package under another licence is bundled"
    wanted = json.loads((FRONTEND / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert set(wanted) <= set(listed)


def test_the_lock_names_no_registry():
    lock = json.loads((FRONTEND / "package-lock.json").read_text(encoding="utf-8"))
    assert not [name for name, entry in lock["packages"].items() if "resolved" in entry]
    assert all("integrity" in entry for name, entry in lock["packages"].items() if name)


def test_the_component_is_declared_alike_for_checkouts_and_wheels():
    checkout = tomllib.loads((EDITOR.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = tomllib.loads((EDITOR / "pyproject.toml").read_text(encoding="utf-8"))
    assert wheel["tool"]["streamlit"] == checkout["tool"]["streamlit"]
    assert wheel["project"]["name"] == checkout["project"]["name"]
    declared = checkout["tool"]["streamlit"]["component"]["components"][0]
    assert (EDITOR.parents[1] / declared["asset_dir"]).resolve() == BUILD


@pytest.mark.skipif(
    shutil.which("node") is None or not (FRONTEND / "node_modules" / "esbuild").is_dir(),
    reason="needs Node and installed packages (make frontend)",
)
def test_building_again_gives_the_same_bytes(tmp_path: Path):
    installed = json.loads((FRONTEND / "node_modules" / "esbuild" / "package.json").read_text(encoding="utf-8"))
    wanted = json.loads((FRONTEND / "package.json").read_text(encoding="utf-8"))["devDependencies"]["esbuild"]
    if installed["version"] != wanted:
        pytest.skip("the installed packages are not those of package-lock.json (make frontend)")
    subprocess.run(["node", "build.mjs", "--out", str(tmp_path)], cwd=FRONTEND, check=True, timeout=120)
    for name in ("editor.js", "THIRD_PARTY_LICENCES.txt"):
        assert (tmp_path / name).read_bytes() == (BUILD / name).read_bytes(), f"{name} is stale: run make frontend"


@pytest.mark.skipif(
    shutil.which("node") is None or not (FRONTEND / "node_modules" / "typescript").is_dir(),
    reason="needs Node and installed packages (make frontend)",
)
def test_the_source_passes_the_type_checker():
    done = subprocess.run(
        ["node", "node_modules/typescript/bin/tsc", "--noEmit"],
        cwd=FRONTEND,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout

"""The benchmark's own arithmetic; its peers are no requirement of Whyboard."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import mixed, report
from benchmarks.growth import PANELS, draw
from benchmarks.problem import CHANGES, RIVALS
from benchmarks.record import Record
from benchmarks.timing import Row, Took

ROOT = Path(__file__).resolve().parents[2]


def test_peers_stand_in_no_list_of_requirements() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "pyproject.toml"):
        assert not re.search(r"^\W*(pathmc|bambi)\b", (ROOT / name).read_text(encoding="utf-8"), re.M)


def test_a_target_is_met_or_missed_or_not_measured() -> None:
    slow, quick = Took(50.0, 60.0), Took(1.0, 1.5)
    row = Row("", slow, quick, 25.0)
    assert (row.ratio, row.cpu_ratio, row.met) == (50.0, 40.0, True)
    assert Row("", slow, quick, 60.0).met is False
    assert Row("", None, quick, 25.0).met is None
    assert Row("", ours=quick, target=0.5, at_most=True).met is False
    assert Row("", quick, slow, 3.0, at_most=True, growth=2.0).met is True


def test_records_of_two_runs_are_one(tmp_path: Path) -> None:
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for seconds, file in zip((1.0, 3.0), files, strict=True):
        record = Record(file=file, loads=[seconds])
        record.add("warm", Took(seconds, seconds))
        record.add("pymc all", Took(100.0, 150.0))
        for node in CHANGES:
            record.add(f"arrow {node}", Took(0.5, 0.5))
            record.add(f"pymc arrow {node}", Took(20.0, 25.0))
        record.save()
    both = Record.read(files)
    assert both.loads == [1.0, 3.0]
    found = {row.what: row for row in mixed.section(both).rows}
    assert found["four hypotheses, warm: PyMC by hand"].ratio == pytest.approx(50.0)
    assert found["one changed arrow, median over the six nodes"].ratio == pytest.approx(40.0)
    text = report.as_markdown(mixed.section(both))
    assert "| at least 40 x: yes |" in text
    assert "not measured" in text  # nobody ran the cold script


def test_a_changed_arrow_changes_one_family_or_its_neighbours() -> None:
    base = next(iter(RIVALS.values()))
    for node, changed in CHANGES.items():
        assert changed[node] != base[node]


def test_the_picture_of_growth_is_well_formed() -> None:
    found = {}
    for panel in PANELS:
        for line in panel.lines:
            x = [float(size[line.place]) for size in line.sizes]
            found[f"{panel.title} {line.kind}"] = {"x": x, "wall": x, "cpu": x, "megabytes": x}
    picture = ElementTree.fromstring(draw(found, busy=False))
    assert len(picture.findall(".//{*}polyline")) == 8

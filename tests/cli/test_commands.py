"""The commands: what they print and write, and that they start quickly."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core import compare
from core.cli import main
from core.data.dataset import Dataset
from core.hypothesis import Hypothesis
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHYBOARD_HOME", str(tmp_path / "home"))
    rng = np.random.default_rng(0)
    season = rng.normal(size=300)
    ads = 0.8 * season + rng.normal(size=300)
    frame = pd.DataFrame({"season": season, "ads": ads, "sales": 0.5 * ads + season + rng.normal(size=300)})
    frame.to_csv(tmp_path / "data.csv", index=False)
    (tmp_path / "a.dagitty").write_text("dag { ads -> sales season -> sales }")
    (tmp_path / "b.dagitty").write_text("dag { ads [exposure] sales [outcome] season -> {ads sales} ads -> sales }")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    status = main(arguments)
    out, err = capsys.readouterr()
    assert status == 0, err
    if "--quiet" in arguments:
        assert err == ""
    return out


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return json.loads(run(capsys, *arguments, "--json", "--quiet"))


COMPARE = ("compare", "data.csv", "-H", "A=a.dagitty", "-H", "B=b.dagitty")


def test_compare_gives_what_core_gives(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = run_json(capsys, *COMPARE, "--effect", "ads:sales", "--seed", "4")
    hypotheses = [Hypothesis.read("a.dagitty", "A"), Hypothesis.read("b.dagitty", "B")]
    direct = compare(Dataset.read("data.csv"), hypotheses, effects=[("ads", "sales")], seed=4).to_dict()
    for name in ("data", "classes", "differences", "verdict", "warnings"):
        assert printed[name] == json.loads(json.dumps(direct[name]))
    assert printed["hypotheses"][0]["effects"] == json.loads(json.dumps(direct["hypotheses"][0]["effects"]))
    assert printed["seconds"]["read"] > 0


def test_rows_are_taken_as_the_user_says(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = pd.read_csv("data.csv")
    shared = np.random.default_rng(1).normal(size=(20, 2))[np.arange(300) % 20]
    frame[["ads", "sales"]] += 2.0 * shared
    frame.assign(shop=[f"no {row % 20}" for row in range(300)]).to_csv("data.csv", index=False)
    assert run_json(capsys, *COMPARE)["verdict"].startswith("No verdict: rows of one shop resemble each other")
    said = run_json(capsys, *COMPARE, "--rows", "group:shop")
    assert "Rows of one shop are taken as a group, as you say" in said["verdict"]
    assert any("Rows of one shop are taken as a group" in warning for warning in said["warnings"])
    assert "resemble" not in run_json(capsys, *COMPARE, "--rows", "none")["verdict"]
    tested = ("implications", "-H", "a.dagitty", "data.csv")
    assert run_json(capsys, *tested)["implications"][0]["p_value"] is None
    assert run_json(capsys, *tested, "--rows", "group:shop")["implications"][0]["p_value"] is not None


def test_compare_writes_a_file_or_prints_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, *COMPARE, "--out", "out.json", "--quiet") == ""
    assert json.loads((folder / "out.json").read_text())["format"] == "whyboard-comparison/1"
    text = run(capsys, *COMPARE, "--quiet")
    assert "A is contradicted" in text
    assert "ads on sales" in text  # the marked exposure and outcome
    assert "\x1b" not in text


GAUSSIAN_FIGURES = {"rhat", "ess", "divergences", "proposal_k", "effective_draws", "pareto_k"}


def test_each_block_says_how_it_was_fitted_and_how_well(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exact = run_json(capsys, *COMPARE)["hypotheses"][0]
    for block in exact["blocks"]:
        assert block["method"] == "exact"
        assert {block[name] for name in GAUSSIAN_FIGURES} == {None}
        assert (block["rows_sampled"], block["rows_scored"]) == (None, None)
    forced = run_json(capsys, *COMPARE, "--method", "importance")["hypotheses"][0]
    for block in forced["blocks"]:
        assert block["method"] == "importance"
        assert block["proposal_k"] < 0.5
        assert 1000 <= block["effective_draws"] <= 4000
        assert {block[name] for name in ("rhat", "ess", "divergences")} == {None}
    for record in (exact, forced):
        assert [record["gates"][name] for name in ("rhat_max", "ess_min", "divergences")] == [None] * 3
        assert record["gates"]["passed"] is True
    one, other = exact["log_evidence"], forced["log_evidence"]
    assert abs(one["estimate"] - other["estimate"]) < 0.05
    assert one["sweep"][1] == pytest.approx(one["estimate"])
    edges = zip(exact["edges"], forced["edges"], strict=True)
    assert all(abs(a["mean"] - b["mean"]) < 0.1 * a["sd"] for a, b in edges)


def test_the_table_says_the_way_in_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = run(capsys, *COMPARE, "--quiet")
    lines = text.split("How each node was fitted")[1].split("\n\n")[0].splitlines()
    assert sorted(line.split()[0] for line in lines[2:]) == ["ads", "ads", "sales", "season"]
    assert all("closed form" in line for line in lines[2:])
    text = run(capsys, *COMPARE, "--method", "importance", "--quiet")
    lines = text.split("How each node was fitted")[1].split("\n\n")[0].splitlines()[2:]
    assert all("importance sampling" in line and "Pareto k" in line and "effective draws" in line for line in lines)


def test_a_way_that_is_forced_is_refused_where_it_cannot_be(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = {
        "format": "whyboard-hypothesis/1",
        "nodes": [{"name": "ads"}, {"name": "sales", "family": "StudentT"}],
        "edges": [{"source": "ads", "target": "sales"}],
    }
    Path("heavy.json").write_text(json.dumps(record))
    assert main(["compare", "data.csv", "-H", "A=heavy.json", "--method", "exact", "--quiet"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    error, hint = err.strip().split("\n")
    assert error.startswith("error: ")
    assert "node sales" in error
    assert "no closed form" in error
    assert hint.startswith("hint: ")
    blocks = run_json(capsys, "compare", "data.csv", "-H", "A=heavy.json")["hypotheses"][0]["blocks"]
    assert {block["nodes"][0]: block["method"] for block in blocks} == {"ads": "exact", "sales": "importance"}
    assert main(["compare", "data.csv", "-H", "A=heavy.json", "--method", "laplace"]) == 2
    error, hint = capsys.readouterr().err.strip().split("\n")
    assert "laplace" in error
    assert "importance" in error


def test_a_cached_run_and_one_without_cache_give_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, cached = (run_json(capsys, *COMPARE) for _ in range(2))
    anew = run_json(capsys, *COMPARE, "--no-cache")
    assert list((folder / "home").rglob("*.block"))
    for record in (first, cached, anew):
        record.pop("seconds")
        for hypothesis in record["hypotheses"]:
            for block in hypothesis["blocks"]:
                block.pop("seconds")
    assert first == cached == anew


def test_no_cache_keeps_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, *COMPARE, "--no-cache", "--quiet")
    assert not (folder / "home").exists()


def test_a_home_that_cannot_be_used_costs_the_cache_and_not_the_answer(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "file").write_text("")
    monkeypatch.setenv("WHYBOARD_HOME", str(folder / "file"))
    assert run_json(capsys, *COMPARE)["verdict"]


def test_progress_goes_to_standard_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*COMPARE, "--json", "--no-cache"]) == 0
    out, err = capsys.readouterr()
    json.loads(out)
    assert "fitting" in err


def test_names_with_colons_and_equals_signs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = pd.read_csv("data.csv").rename(columns={"ads": "ads:web", "sales": "sales=net"})
    frame.to_csv("odd.csv", index=False)
    Path("odd.dagitty").write_text('dag { "ads:web" -> "sales=net" season -> "sales=net" }')
    record = run_json(capsys, "compare", "odd.csv", "-H", "x=y=odd.dagitty", "--effect", "ads:web:sales=net")
    assert record["hypotheses"][0]["name"] == "x=y"
    assert record["hypotheses"][0]["effects"][0]["treatment"] == "ads:web"
    run(capsys, "simulate", "-H", "odd.dagitty", "--rows", "4", "--do", "ads:web=2", "--out", "s.csv", "--quiet")
    assert pd.read_csv("s.csv")["ads:web"].tolist() == [2.0] * 4


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "two words", "it's", "=cmd|x", "naïve 😀"])
def test_names_are_kept_verbatim(folder: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    pd.read_csv("data.csv").rename(columns={"ads": name}).to_csv("odd.csv", index=False)
    record = {
        "format": "whyboard-hypothesis/1",
        "nodes": [{"name": name}, {"name": "sales"}],
        "edges": [{"source": name, "target": "sales"}],
    }
    Path("odd.json").write_text(json.dumps(record))
    found = run_json(capsys, "compare", "odd.csv", "-H", "A=odd.json")
    assert found["hypotheses"][0]["edges"][0]["source"] == name
    run(capsys, "compare", "odd.csv", "-H", "A=odd.json", "--quiet")
    run(capsys, "simulate", "-H", "odd.json", "--like", "odd.csv", "--rows", "20", "--out", "s.csv", "--quiet")
    assert list(pd.read_csv("s.csv").columns) == [name, "sales"]
    assert run_json(capsys, "profile", "s.csv")["columns"][0]["name"] == name
    assert run(capsys, "convert", "odd.json", "--to", "dagitty", "--quiet")


def test_profile(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = run_json(capsys, "profile", "data.csv")
    assert record["format"] == "whyboard-profile/1"
    assert record["rows"] == 300
    fields = {"name", "kind", "family", "missing", "distinct", "mean", "sd", "min", "max", "warnings"}
    assert all(fields <= column.keys() for column in record["columns"])
    assert record["columns"][0]["family"] == "Normal"
    text = run(capsys, "profile", "data.csv", "--quiet")
    assert "season" in text
    assert "300 rows, 3 columns" in text


def test_profile_names_the_family_that_compare_takes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"id": range(1, 81), "sex": rng.choice(["f", "m"], 80), "ill": rng.choice(["no", "yes"], 80)})
    frame.to_csv("t.csv", index=False)
    Path("t.dagitty").write_text("dag { sex -> ill }")
    profiled = {column["name"]: column["family"] for column in run_json(capsys, "profile", "t.csv")["columns"]}
    compared = run_json(capsys, "compare", "t.csv", "-H", "A=t.dagitty")["hypotheses"][0]["nodes"]
    assert profiled == {"id": None, **{node["name"]: node["family"] for node in compared}}


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid", "ignore:divide")
def test_a_number_that_json_has_no_word_for_is_null_with_a_sentence(folder: Path) -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"a": 1e-300 * rng.normal(size=50), "b": 1e300 * rng.normal(size=50)})
    found = compare(Dataset.from_frame(frame), [Hypothesis.from_dagitty("dag { a -> b }", name="A")]).to_dict()
    json.dumps(found, allow_nan=False)
    assert found["hypotheses"][0]["edges"][0]["mean"] is None
    assert "null: not finite" in found["warnings"][-1]


def test_implications_without_and_with_data(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = run_json(capsys, "implications", "-H", "a.dagitty")
    assert record["format"] == "whyboard-implications/1"
    collider = {"members": 1, "more": False, "compelled": [["ads", "sales"], ["season", "sales"]], "either_way": []}
    assert record["class"] == collider
    complete = run_json(capsys, "implications", "-H", "b.dagitty")["class"]
    assert (complete["members"], complete["compelled"], len(complete["either_way"])) == (6, [], 3)
    assert "either way round: ads - sales, " in run(capsys, "implications", "-H", "b.dagitty", "--quiet")
    assert record["testable"] is True
    assert record["implications"] == [{"x": "ads", "y": "season", "given": []}]
    tested = run_json(capsys, "implications", "-H", "a.dagitty", "data.csv")["implications"]
    assert tested[0]["contradicted"] is True
    compared = run_json(capsys, *COMPARE)["hypotheses"][0]["implications"]
    assert tested[0].keys() == compared[0].keys()
    for name in ("association", "q05", "q95", "p_value", "p_adjusted"):
        assert tested[0][name] == compared[0][name]
    assert run_json(capsys, "implications", "-H", "b.dagitty")["testable"] is False
    assert "unrelated" in run(capsys, "implications", "-H", "a.dagitty", "--quiet")
    assert "contradicted" in run(capsys, "implications", "-H", "a.dagitty", "data.csv", "--quiet")
    assert "saturated" in run(capsys, "implications", "-H", "b.dagitty", "--quiet")


def test_implications_leave_the_background_open(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("h.dagitty").write_text("dag { ads [background] season [background] {ads season} -> sales sales -> visits }")
    record = run_json(capsys, "implications", "-H", "h.dagitty")
    assert record["background"] == ["ads", "season"]
    assert record["implications"] == [{"x": x, "y": "visits", "given": ["sales"]} for x in ("ads", "season")]
    said = run(capsys, "implications", "-H", "h.dagitty", "--quiet").splitlines()
    assert said[0] == "ads and season may be related in any way (background)"
    assert said[1] == "This graph claims"
    assert not any("ads ⊥ season" in line for line in said)
    Path("h.dagitty").write_text("dag { ads [background] season [background] {ads season} -> sales }")
    tested = run_json(capsys, "implications", "-H", "h.dagitty", "data.csv")
    assert tested["background"] == ["ads", "season"]
    assert "background" in run(capsys, "implications", "-H", "h.dagitty", "data.csv", "--quiet").splitlines()[0]
    without = run_json(capsys, "implications", "-H", "h.dagitty")
    assert (without["testable"], without["implications"]) == (False, [])
    assert "saturated" in run(capsys, "implications", "-H", "h.dagitty", "--quiet")
    assert run_json(capsys, "implications", "-H", "a.dagitty")["background"] == []


def test_simulate_before_a_fit(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("simulate", "-H", "b.dagitty", "--like", "data.csv", "--rows", "50", "--seed", "3", "--out")
    record = run_json(capsys, *arguments, "s.csv")
    assert {"out", "rows", "overflows", "parameters"} <= record.keys()
    assert record["parameters"]["sales"].keys() >= {"intercept", "slope[ads]", "slope[season]", "sigma"}
    frame = pd.read_csv("s.csv")
    assert set(frame.columns) == {"season", "ads", "sales"}
    assert len(frame) == 50
    run(capsys, *arguments, "again.csv", "--quiet")
    assert Path("s.csv").read_bytes() == Path("again.csv").read_bytes()
    run(capsys, "simulate", "-H", "b.dagitty", "--rows", "50", "--seed", "4", "--out", "other.csv", "--quiet")
    assert Path("s.csv").read_bytes() != Path("other.csv").read_bytes()


def test_simulate_after_a_fit_keeps_the_data_s_own_scale(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("simulate", "-H", "b.dagitty", "--fit", "data.csv", "--rows", "4000", "--seed", "1")
    record = run_json(capsys, *arguments, "--out", "s.csv")
    assert record["parameters"]["sales"]["slope[ads]"] == pytest.approx(0.5, abs=0.25)
    made, seen = pd.read_csv("s.csv"), pd.read_csv("data.csv")
    assert made["sales"].mean() == pytest.approx(seen["sales"].mean(), abs=0.5)
    assert made["sales"].std() == pytest.approx(seen["sales"].std(), rel=0.25)
    run(capsys, *arguments, "--do", "ads=3", "--out", "set.csv", "--quiet")
    changed = pd.read_csv("set.csv")
    assert changed["ads"].tolist() == [3.0] * 4000
    slope = record["parameters"]["sales"]["slope[ads]"]
    assert changed["sales"].mean() - made["sales"].mean() == pytest.approx(3 * slope, abs=0.3)


def test_levels_come_back_as_they_were(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(1)
    pd.DataFrame({"sex": rng.choice(["f", "m"], 80), "ill": rng.choice(["no", "yes"], 80)}).to_csv("t.csv", index=False)
    Path("t.dagitty").write_text("dag { sex -> ill }")
    run(
        capsys,
        "simulate",
        "-H",
        "t.dagitty",
        "--fit",
        "t.csv",
        "--rows",
        "60",
        "--do",
        "sex=m",
        "--out",
        "s.csv",
        "--quiet",
    )
    made = pd.read_csv("s.csv")
    assert set(made["sex"]) == {"m"}
    assert set(made["ill"]) <= {"no", "yes"}


@pytest.mark.parametrize("to", ["dagitty", "dot", "graphml", "gml", "json"])
def test_convert_there_and_back(folder: Path, capsys: pytest.CaptureFixture[str], to: str) -> None:
    run(capsys, "convert", "b.dagitty", "--to", to, "--out", f"c.{to}", "--quiet")
    assert run(capsys, "convert", "b.dagitty", "--to", to, "--quiet").strip() == Path(f"c.{to}").read_text().strip()
    first, again = Hypothesis.read("b.dagitty"), Hypothesis.read(f"c.{to}")
    assert set(first.graph.edges) == set(again.graph.edges)
    assert (again.exposure, again.outcome) == ("ads", "sales")
    assert run_json(capsys, "convert", "b.dagitty", "--to", to)["to"] == to


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["compare", "--help"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
    text = capsys.readouterr().out
    for command in ("app", "profile", "compare", "simulate", "implications", "convert"):
        assert command in text


@pytest.mark.parametrize("text", ["season -> ads ads -> sales", "ill -> sex"])
def test_quick_work_never_loads_the_sampler(folder: Path, text: str) -> None:
    if "sex" in text:
        rng = np.random.default_rng(1)
        frame = pd.DataFrame({"sex": rng.choice(["f", "m"], 80), "ill": rng.choice(["no", "yes"], 80)})
        frame.to_csv("data.csv", index=False)
    Path("h.dagitty").write_text(f"dag {{ {text} }}")
    code = (
        "import sys\nfrom core.cli import main\n"
        "status = main(['compare', 'data.csv', '-H', 'A=h.dagitty', '--quiet', '--json'])\n"
        "heavy = {'pymc', 'pytensor', 'numba', 'nutpie', 'arviz', 'xarray', 'streamlit', 'plotly', 'distributed'}\n"
        "print(status, sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    assert done.stderr.strip().split("\n")[-1] == "0 []"
    json.loads(done.stdout)


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def test_a_cold_start_answers_in_seconds(folder: Path) -> None:
    """Processor time, which other work on the machine does not change."""
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "core", *COMPARE, "--quiet", "--no-cache"],
        capture_output=True, check=True, env={**environment(), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime < 10.0


def test_a_reader_that_goes_away_is_no_fault(folder: Path) -> None:
    command = [sys.executable, "-m", "core", *COMPARE, "--json", "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()


def test_the_app_serves_and_stops_with_all_that_it_started(folder: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "core", "app", "--port", str(port)]
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert answers(port, 120), "the app did not answer"
        process.send_signal(signal.SIGTERM)
        start = time.monotonic()
        assert process.wait(15) == 0
        assert time.monotonic() - start < 15
        assert not answers(port, 0)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def answers(port: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=2) as response:
                return bool(response.status == 200)
        except OSError:
            if time.monotonic() > until:
                return False
            time.sleep(0.3)


def test_a_port_in_use_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        taken.listen()
        assert main(["app", "--port", str(taken.getsockname()[1])]) == 2
    assert "in use" in capsys.readouterr().err


def test_a_data_folder_that_cannot_be_made_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "file").write_text("")
    monkeypatch.setenv("WHYBOARD_HOME", str(folder / "file" / "home"))
    assert main(["app"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0] == f"error: {folder / 'file' / 'home'}: the data folder cannot be written to"
    assert "WHYBOARD_HOME" in said[1]

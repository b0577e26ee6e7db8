"""Projects, uploads and hypotheses are kept, by threads and processes at once."""

import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import core
from core.errors import StoreError
from core.hypothesis import Edge, Hypothesis, Node
from core.store import Store
from core.store.records import COLOURS
from tests.store.store_cases import bytes_of


def drawing(name: str = "Ads first", **extra: object) -> dict[str, object]:
    made = Hypothesis(name, (Node("ads"), Node("sales")), (Edge("ads", "sales"),))
    return {**made.to_dict(), **extra}


def test_a_project_is_found_by_its_token_alone(store: Store) -> None:
    one, two = store.create_project("Mix", "Does it pay?", exposure="ads"), store.create_project()
    assert store.project(one.token) == one
    assert (one.title, one.question, one.exposure, one.outcome) == ("Mix", "Does it pay?", "ads", None)
    assert len(one.token) == 32
    assert one.token != two.token
    for wrong in ("", "nonsense", "a\x00b", "\ud800", one.token[:-1], one.token + "x", "%", "' OR 1=1 --"):
        with pytest.raises(StoreError) as refused:
            store.project(wrong)
        assert refused.value.hint
        assert one.token not in refused.value.lines()


def test_projects_change_setting_by_setting(store: Store) -> None:
    token = store.create_project(settings={"draws": 4000}).token
    assert store.update_project(token, title="New", outcome="sales").outcome == "sales"
    store.change_settings(token, seed=3)
    assert store.change_settings(token, draws=None, method="nuts").settings == {"seed": 3, "method": "nuts"}
    with pytest.raises(TypeError):
        store.update_project(token, token="mine")
    with pytest.raises(StoreError):
        store.change_settings("nobody", seed=1)


def test_hypotheses_get_letters_and_colours_in_order(store: Store) -> None:
    token = store.create_project().token
    made = [store.add_hypothesis(token, drawing(f"H{i}")) for i in range(7)]
    assert "".join(h.letter for h in made) == "ABCDEFG"
    assert [h.colour for h in made] == [*COLOURS, COLOURS[0]]
    assert store.hypotheses(token) == tuple(made)
    assert made[0].hypothesis == Hypothesis.from_dict(drawing("H0"))


def test_a_deleted_hypothesis_comes_back(store: Store) -> None:
    token = store.create_project().token
    a, b = (store.add_hypothesis(token, drawing(name)) for name in ("one", "two"))
    store.delete_hypothesis(token, a.id)
    assert [h.id for h in store.hypotheses(token)] == [b.id]
    assert [h.id for h in store.hypotheses(token, deleted=True)] == [a.id]
    assert store.restore_hypothesis(token, a.id).letter == "A"
    store.delete_hypothesis(token, a.id)
    new = store.add_hypothesis(token, drawing("three"))
    assert new.letter == "A"  # free again
    back = store.restore_hypothesis(token, a.id)
    assert back.letter == "C"
    assert back.document == drawing("one")


def test_saving_is_an_upsert_that_keeps_counters_and_letter(store: Store) -> None:
    token = store.create_project().token
    first = store.save_hypothesis(token, "abc", drawing("one"), rev=1, seq=1)
    later = store.save_hypothesis(token, "abc", drawing("renamed"), rev=1, seq=2)
    assert (later.id, later.letter, later.name, later.rev, later.seq) == (first.id, "A", "renamed", 1, 2)
    assert store.update_hypothesis(token, "abc", note="why", colour="#000000").note == "why"
    assert store.save_hypothesis(token, "abc", drawing("again")).note == "why"
    other = store.create_project().token
    with pytest.raises(StoreError):
        store.save_hypothesis(other, "abc", drawing("stolen"))
    with pytest.raises(StoreError):
        store.hypothesis(other, "abc")
    with pytest.raises(StoreError):
        store.save_hypothesis(token, "abc", drawing(note="x" * 3_000_000))
    with pytest.raises(StoreError):
        store.save_hypothesis("nobody", "new", drawing())


def test_order_and_strange_text(store: Store) -> None:
    token = store.create_project("=cmd|'/c'!A1 <b>💥</b> “x”").token
    assert store.project(token).title == "=cmd|'/c'!A1 <b>💥</b> “x”"
    a, b, c = (store.add_hypothesis(token, drawing(name)) for name in ("a", "<script>", "ü'\"; DROP TABLE"))
    assert [h.id for h in store.hypotheses(token)] == [a.id, b.id, c.id]
    assert store.hypotheses(token)[2].name == "ü'\"; DROP TABLE"


def test_an_upload_is_kept_to_the_byte_under_a_path_of_ours(store: Store, tmp_path: Path) -> None:
    token = store.create_project().token
    with pytest.raises(StoreError, match="no data"):
        bytes_of(store, token)
    content = b"ads,sales\n1,2\n" * 100
    upload = store.save_upload(token, "../../etc/passwd.csv.gz", content, overrides={"ads": {"label": "Ad spend"}})
    assert bytes_of(store, token) == content
    assert (upload.name, upload.overrides) == ("../../etc/passwd.csv.gz", {"ads": {"label": "Ad spend"}})
    assert ".." not in upload.path
    assert upload.path.endswith(".csv.gz")
    files = [path for path in (tmp_path / "artifacts").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in files] == [content]
    assert token not in str(files[0])
    again = store.save_upload(token, "b.csv", b"a\n1\n")
    assert store.upload(token) == again
    assert [path.read_bytes() for path in (tmp_path / "artifacts").rglob("*.csv*")] == [b"a\n1\n"]


def test_column_corrections_add_up(store: Store) -> None:
    token = store.create_project().token
    with pytest.raises(StoreError):
        store.set_column(token, "ads", unit="EUR")
    first = store.save_upload(token, "a.csv", b"ads\n1\n")
    second = store.set_column(token, "ads", unit="EUR", kind="binary", levels=["no", "yes"])
    third = store.set_column(token, "ads", label="Ad spend")
    assert third.overrides == {"ads": {"unit": "EUR", "kind": "binary", "levels": ["no", "yes"], "label": "Ad spend"}}
    assert store.set_column(token, "ads", kind="count").overrides["ads"] == {
        "unit": "EUR",
        "kind": "count",
        "label": "Ad spend",
    }
    assert len({first.version, second.version, third.version}) == 3


def test_a_lost_file_is_an_error_with_a_hint(store: Store) -> None:
    token = store.create_project().token
    upload = store.save_upload(token, "a.csv", b"ads\n1\n")
    store.artifacts.delete(upload.path)
    with pytest.raises(StoreError) as refused:
        bytes_of(store, token)
    assert "Upload" in refused.value.hint


def test_everything_survives_a_new_start(url: str, tmp_path: Path) -> None:
    with Store(url=url, home=tmp_path) as store:
        token = store.create_project("Mix").token
        store.add_hypothesis(token, drawing())
        store.save_upload(token, "a.csv", b"x\n1\n")
    with Store(url=url, home=tmp_path) as again:
        assert again.project(token).title == "Mix"
        assert again.hypotheses(token)[0].document == drawing()
        assert bytes_of(again, token) == b"x\n1\n"
        again.delete_project(token)
        with pytest.raises(StoreError):
            again.project(token)
        assert not list((tmp_path / "artifacts").rglob("*.csv"))


def test_saving_a_drawing_is_quick(store: Store) -> None:
    token = store.create_project().token
    nodes = tuple(Node(f"n{i}", position=(i, i)) for i in range(30))
    made = Hypothesis("big", nodes, tuple(Edge(f"n{i}", f"n{i + 1}") for i in range(29))).to_dict()
    store.save_hypothesis(token, "one", made)
    taken = []
    for seq in range(40):
        start = time.thread_time()  # of this thread alone: other work on the machine does not change it
        store.save_hypothesis(token, "one", made, rev=1, seq=seq)
        taken.append(time.thread_time() - start)
    assert statistics.median(taken) < 0.02


def test_threads_write_at_once_without_losing_anything(store: Store) -> None:
    token = store.create_project().token
    errors: list[BaseException] = []

    def work(name: int) -> None:
        try:
            for step in range(10):
                store.save_hypothesis(token, f"h{name}", drawing(f"{name}-{step}"), seq=step)
                store.change_settings(token, **{f"s{name}": step})
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    kept = store.hypotheses(token)
    assert sorted(h.letter for h in kept) == list("ABCDEFGH")  # no letter twice
    assert {h.seq for h in kept} == {9}
    assert store.project(token).settings == {f"s{name}": 9 for name in range(8)}


def test_two_processes_open_and_write_at_once(url: str, tmp_path: Path) -> None:
    """Both find an empty database, so both want to migrate it."""
    program = (
        "import sys; from core.store import Store\n"
        "store = Store(url=sys.argv[1], home=sys.argv[2])\n"
        "for _ in range(15): store.create_project(sys.argv[3])\n"
    )
    root = Path(core.__file__).parents[1]
    command = [sys.executable, "-c", program, url, str(tmp_path)]
    both = [subprocess.Popen([*command, name], cwd=root, stderr=subprocess.PIPE, text=True) for name in "ab"]
    assert [process.communicate(timeout=120)[1] for process in both] == ["", ""]
    with Store(url=url, home=tmp_path) as store, store.database.read() as connection:
        found = connection.exec_driver_sql("SELECT title, count(*) FROM projects GROUP BY title ORDER BY title")
        assert [tuple(row) for row in found] == [("a", 15), ("b", 15)]


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "mysterysql://x/y",
        "sqlite:////proc/nowhere/whyboard.db",
        "postgresql+pg8000://u:geheim@127.0.0.1:1/x",
    ],
)
def test_a_wrong_address_is_refused_in_words(address: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError) as refused:
        Store(url=address, home=tmp_path)
    assert refused.value.hint
    assert "geheim" not in refused.value.lines()


def test_migrations_make_the_tables_that_the_code_expects(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from core.store.tables import metadata

    with store.database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


@pytest.mark.parametrize("letter", ["\0", "\x1b", "\u202e", "\ud800", "\n"])
def test_a_name_that_holds_what_nobody_can_see_is_not_kept(store: Store, letter: str) -> None:
    token = store.create_project().token
    id = store.add_hypothesis(token, drawing()).id
    bad = f"sal{letter}es"
    for document in (drawing() | {"name": bad}, drawing() | {"nodes": [{"name": bad}]},
                     drawing() | {"nodes": [{"name": "a", "group": bad}]}):  # fmt: skip
        with pytest.raises(StoreError, match="holds"):
            store.add_hypothesis(token, document)
        with pytest.raises(StoreError, match="holds"):
            store.save_hypothesis(token, id, document)
    assert [record.hypothesis for record in store.hypotheses(token)] == [Hypothesis.from_dict(drawing())]

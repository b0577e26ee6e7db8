"""Every button, upload and field of the Draw page: what it did is counted, and that it did it once."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.hypothesis import Edge, Hypothesis, Node
from core.store import Store
from tests.ui.conftest import Open, shown
from ui import doors, session

BASE = Hypothesis(
    "Base", (Node("ads"), Node("visits"), Node("sales")), (Edge("ads", "visits"), Edge("visits", "sales"))
)
CSV = b"ads,visits,sales,price\n" + b"".join(b"%d.5,%d,%d.25,1%d\n" % (i, i % 7, i * i % 11, i) for i in range(30))
#: Hypotheses, then nodes, arrows and arcs of the one that is shown.
Size = tuple[int, int, int, int]


def labelled(elements: Any, label: str) -> Any:
    return next(element for element in elements if element.label.startswith(label))


def press(key: str) -> Callable[[AppTest, str], Any]:
    return lambda test, id: test.button(key=key.replace("ID", id)).click()


def take_pattern(test: AppTest, id: str) -> Any:
    test.selectbox(key="template").set_value("instrument").run()
    return test.button(key="add_template").click()


def rename_hypothesis(test: AppTest, id: str) -> Any:
    test.text_input(key=f"name_{id}").set_value("Other")
    return labelled(test.button, "Keep").click()


def apply(test: AppTest, id: str) -> Any:
    test.text_area(key=f"text_{id}").set_value("dag { ads -> sales ; visits ; price }")
    return test.button(key=f"text_apply_{id}").click()


def apply_nothing(test: AppTest, id: str) -> Any:
    return test.button(key=f"text_apply_{id}").click()


def type_only(test: AppTest, id: str) -> Any:
    return test.text_area(key=f"text_{id}").set_value("dag { ads -> sales ; vis }")


def add_node(test: AppTest, id: str) -> Any:
    return test.selectbox(key=f"add_node_{id}_3").set_value("price")


def latent(test: AppTest, id: str) -> Any:
    return labelled(test.toggle, "Unmeasured").set_value(True)


def rename_node(test: AppTest, id: str) -> Any:
    return labelled(test.text_input, "Rename this node").set_value(" turn\u202eover ")


def role(test: AppTest, id: str) -> Any:
    return labelled(test.segmented_control, "Its part").set_value("outcome")


def family(test: AppTest, id: str) -> Any:
    return labelled(test.selectbox, "Made of").set_value("StudentT")


ACTS: list[tuple[str, Callable[[AppTest, str], Any], str, Size, dict[str, int]]] = [
    ("copy", press("copy"), "Text", (2, 3, 2, 0), {"add_hypothesis": 1}),
    ("empty", press("empty"), "Text", (2, 0, 0, 0), {"add_hypothesis": 1}),
    ("pattern", take_pattern, "Text", (2, 3, 2, 1), {"add_hypothesis": 1}),
    ("keep", rename_hypothesis, "Text", (1, 3, 2, 0), {"save_hypothesis": 1, "update_hypothesis": 1}),
    ("apply", apply, "Text", (1, 4, 1, 0), {"save_hypothesis": 1}),
    ("apply nothing", apply_nothing, "Text", (1, 3, 2, 0), {}),
    ("type only", type_only, "Text", (1, 3, 2, 0), {}),
    ("add node", add_node, "Nodes", (1, 4, 2, 0), {"save_hypothesis": 1}),
    ("latent", latent, "Nodes", (1, 3, 2, 0), {"save_hypothesis": 1}),
    ("rename node", rename_node, "Nodes", (1, 3, 2, 0), {"save_hypothesis": 1}),
    ("role", role, "Nodes", (1, 3, 2, 0), {"save_hypothesis": 1, "update_project": 1}),
    ("family", family, "Nodes", (1, 3, 2, 0), {"save_hypothesis": 1}),
    ("remove", lambda test, id: labelled(test.button, "Remove").click(), "Nodes", (1, 2, 1, 0), {"save_hypothesis": 1}),
]


@pytest.mark.parametrize(("act", "tool", "size", "wrote"), [a[1:] for a in ACTS], ids=[a[0] for a in ACTS])
def test_what_each_control_did(
    open_page: Open,
    store: Store,
    writes: list[str],
    act: Callable[[AppTest, str], Any],
    tool: str,
    size: Size,
    wrote: dict[str, int],
) -> None:
    project = session.new_project("Count")
    store.save_upload(project.token, "shop.csv", CSV)
    id = doors.add(project, BASE)
    writes.clear()
    test = open_page("draw", project.token, tool=tool)
    assert writes == []  # opening the page writes nothing
    act(test, id).run()
    test.run()  # and running it again does nothing again
    assert not test.exception, [e.value for e in test.exception]
    assert Counter(writes) == wrote
    shown_now = store.hypothesis(project.token, test.session_state["hypothesis"]).hypothesis
    found = (
        len(store.hypotheses(project.token)),
        len(shown_now.nodes),
        len(shown_now.edges),
        len(shown_now.bidirected),
    )
    assert found == size
    names = set(shown_now.graph.nodes)
    if act in (add_node, rename_node, apply):
        assert {add_node: "price", rename_node: "turn over", apply: "price"}[act] in names
    assert all(name == name.strip() and name.isprintable() for name in names)


def test_the_first_graph_deletion_and_its_undo(open_page: Open, store: Store, writes: list[str]) -> None:
    project = session.new_project("Count")
    test = open_page("draw", project.token)
    for key, count, wrote in (
        ("first", 1, "add_hypothesis"),
        ("delete", 0, "delete_hypothesis"),
        ("undo_delete", 1, "restore_hypothesis"),
    ):
        writes.clear()
        test.button(key=key).click().run()
        test.run()
        assert not test.exception, [e.value for e in test.exception]
        assert writes == [wrote]
        assert len(store.hypotheses(project.token)) == count


def test_the_way_on_writes_nothing(open_page: Open, store: Store, writes: list[str]) -> None:
    project = session.new_project("Count")
    doors.add(project, BASE)
    writes.clear()
    test = open_page("draw", project.token)
    test.button(key="to_simulate").click().run()
    assert writes == []
    assert "wb-bad" not in shown(test)

"""Names that the app gives: the next in a row, never a row of numbers."""

import pytest

from core.store import Store
from tests.ui.conftest import Open
from tests.ui.made_projects import button, graph
from ui import doors, session


@pytest.mark.parametrize(
    ("names", "wanted", "made"),
    [
        ([], "First idea", "First idea"),
        (["First idea"], "First idea", "First idea 2"),
        (["First idea", "First idea 2"], "First idea 2", "First idea 3"),
        (["First idea", "First idea 2", "First idea 3"], "First idea", "First idea 4"),
        (["First idea 2"], "First idea 2", "First idea 3"),
        (["Model 2019"], "Model 2019", "Model 2019 2"),
        (["A 1"], "A 1", "A 1 2"),
        (["x" * 80], "x" * 80, "x" * 78 + " 2"),
    ],
)
def test_the_next_name_in_a_row(names: list[str], wanted: str, made: str) -> None:
    assert doors.unused_name(names, wanted) == made


def test_copies_of_copies_count_on(open_page: Open, store: Store) -> None:
    token = session.new_project("Names").token
    store.add_hypothesis(token, graph("First idea", ("x", "y")).to_dict())
    test = open_page("draw", token)
    for _ in range(3):
        button(test, "copy").click().run()
        assert not test.exception
    drawn = store.hypotheses(token)
    assert [record.name for record in drawn] == ["First idea", "First idea 2", "First idea 3", "First idea 4"]
    assert all(record.hypothesis.edges == drawn[0].hypothesis.edges for record in drawn)


def test_generated_data_of_generated_data_say_so_once() -> None:
    assert doors.synthetic_title("Shop") == "Synthetic: Shop"
    assert doors.synthetic_title(doors.synthetic_title("Shop")) == "Synthetic: Shop"

"""Where one is stays: the hypothesis that is drawn, over a reload, another page and a link; menus close when done."""

from streamlit.testing.v1 import AppTest

from core.store import Store
from tests.ui.conftest import CSV, ROOT, Open
from tests.ui.made_projects import button, graph, view
from ui import doors, session


def drawn(store: Store) -> str:
    token = session.new_project("Three").token
    for name in ("One", "Two", "Three"):
        store.add_hypothesis(token, graph(name, ("x", "y")).to_dict())
    return token


def chosen(test: AppTest) -> str:
    """The letter of the hypothesis that is shown: the menu deletes it."""
    return button(test, "delete").label.removeprefix("Delete ")[:1]


def letter(test: AppTest) -> str:
    """The letter that the address names."""
    return "".join(test.query_params["h"])


def opened(token: str, named: str) -> AppTest:
    """Open Draw anew at an address that names a letter."""
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    test.run()
    test.switch_page("pages/draw.py")
    test.query_params["p"], test.query_params["h"] = token, named
    test.run()
    assert not test.exception
    return test


def test_a_reload_shows_the_hypothesis_that_was_shown(open_page: Open, store: Store) -> None:
    token = drawn(store)
    ids = [record.id for record in store.hypotheses(token)]
    test = open_page("draw", token)
    assert chosen(test) == "A"
    assert letter(test) == "A"
    test.session_state["hypothesis"] = ids[1]
    test.run()
    assert letter(test) == "B"
    assert chosen(opened(token, "B")) == "B"


def test_another_page_and_back_shows_it_too(open_page: Open, store: Store) -> None:
    token = drawn(store)
    test = open_page("draw", token, last_hypothesis={token: store.hypotheses(token)[2].id})
    assert chosen(test) == "C"


def test_a_letter_that_is_gone_shows_the_first(open_page: Open, store: Store) -> None:
    token = drawn(store)
    assert chosen(opened(token, "Z")) == "A"


def test_one_alone_needs_no_letter_in_the_address(open_page: Open, store: Store) -> None:
    token = session.new_project("One").token
    store.add_hypothesis(token, graph("One", ("x", "y")).to_dict())
    assert "h" not in open_page("draw", token).query_params


def test_a_menu_that_has_done_its_work_is_another_one(open_page: Open, store: Store) -> None:
    """A popover keeps open by its key; with another it is drawn anew, closed."""
    token = drawn(store)
    test = open_page("draw", token)
    assert "this_menu_0" in menus(test)
    next(b for b in test.button if b.label == "Keep").click().run()
    assert "this_menu_1" in menus(test)
    button(test, "delete").click().run()
    assert len(store.hypotheses(token)) == 2
    assert "this_menu_2" in menus(test)
    start = open_page("start", token)
    assert "project_menu_0" in menus(start)
    next(b for b in start.button if b.label == "Rename").click().run()
    assert "project_menu_1" in menus(start)


def test_the_menu_that_replaces_the_data_is_another_one_for_other_data(open_page: Open, uploaded: str) -> None:
    before = menus(open_page("data", uploaded))
    doors.replace_data(view(session.get_store(), uploaded), "shop.csv", CSV)
    after = menus(open_page("data", uploaded))
    assert len([key for key in before - after if key.startswith("replace_")]) == 1


def menus(test: AppTest) -> set[str]:
    """Return the keys of all popovers."""
    found, left = set(), [test._tree]
    while left:
        block = left.pop()
        left += getattr(block, "children", {}).values()
        if block.type == "popover":
            found.update(block.proto.id.split("-", 2)[2:])  # one without a key cannot be told from itself
    return found

"""The first screen, and the ways into a project."""

from core.store import Store
from tests.ui.conftest import CSV, Open, shown, token_of
from ui import doors, session


def test_first_screen_offers_three_doors_and_asks_two_questions(open_page: Open) -> None:
    test = open_page()
    text = shown(test)
    assert "Open a sample" in text
    assert "Upload your data" in text
    assert "Draw first" in text
    assert [field.label for field in test.text_input] == ["What can you change?", "What should move?"]
    primary = [button.label for button in test.button if button.proto.type == "primary"]
    assert primary == ["Open this sample"]


def test_a_sample_opens_with_its_question_data_and_rivals(open_page: Open, store: Store) -> None:
    test = open_page()
    test.button(key="open_sample").click().run()
    assert not test.exception
    token = token_of(test)
    project = store.project(token)
    sample = doors.samples()["marketing"]
    assert (project.question, project.exposure, project.outcome) == (sample.question, "ads", "sales")
    drawn = store.hypotheses(token)
    assert [record.letter for record in drawn] == ["A", "B", "C"]
    assert [record.name for record in drawn] == [rival.name for rival in sample.hypotheses]
    assert all(record.hypothesis.exposure == "ads" for record in drawn)
    assert sample.question in shown(test)


def test_drawing_first_marks_what_was_named(open_page: Open, store: Store) -> None:
    test = open_page()
    test.text_input(key="change").set_value("price <b>").run()
    test.text_input(key="move").set_value("sales").run()
    test.selectbox(key="pattern").set_value("confounder").run()
    test.button(key="open_drawing").click().run()
    assert not test.exception
    token = token_of(test)
    (record,) = store.hypotheses(token)
    assert record.hypothesis.exposure == "price <b>"
    assert set(record.hypothesis.graph.edges) == {
        ("confounder", "price <b>"), ("confounder", "sales"), ("price <b>", "sales"),
    }  # fmt: skip
    assert store.project(token).question == "Does price <b> move sales?"
    assert "price <b>" not in shown(test)
    assert "price &lt;b&gt;" in shown(test)


def test_an_upload_matches_columns_whatever_the_case(store: Store) -> None:
    project = doors.open_upload("shop.csv", CSV, doors.Asked("ADS", "sales "))
    assert (project.exposure, project.outcome) == ("ads", "sales")


def test_an_unreadable_upload_starts_no_project(open_page: Open, store: Store) -> None:
    test = open_page()
    test.file_uploader(key="start_upload").set_value(("bad.csv", b"a,b\n1,2,3\n", "text/csv")).run()
    assert not test.exception
    assert "bad.csv" in shown(test)
    assert "p" not in test.query_params


def test_an_unknown_address_says_so_with_a_way_back(open_page: Open) -> None:
    test = open_page("draw", "no-such-token")
    assert "This address leads to no project." in shown(test)
    assert any("Start a new project" in link.proto.label for link in test.page_link)


def test_a_page_without_a_project_says_what_to_do(open_page: Open) -> None:
    assert "Nothing is open yet." in shown(open_page("data"))


def test_the_question_of_an_open_project_can_be_put_and_marks_every_drawing(
    open_page: Open, store: Store, marketing: str
) -> None:
    test = open_page("start", marketing)
    fields = {box.label: box for box in test.selectbox}
    fields["What can you change?"].set_value("price")
    test.text_input[0].set_value("Do prices move sales?")
    next(b for b in test.button if b.label == "Keep this question").click().run()
    project = store.project(marketing)
    assert (project.question, project.exposure, project.outcome) == ("Do prices move sales?", "price", "sales")
    assert {record.hypothesis.exposure for record in store.hypotheses(marketing)} == {"price"}


def test_links_keep_the_project(open_page: Open, marketing: str) -> None:
    test = open_page("start", marketing)
    links = [link.proto for link in test.sidebar.page_link]
    assert len(links) > 2
    assert all(f"p={marketing}" in link.query_string for link in links)


def test_a_page_without_the_token_takes_the_project_of_this_tab(open_page: Open, marketing: str) -> None:
    test = open_page("data", "", **{session._TOKEN: marketing})
    assert token_of(test) == marketing

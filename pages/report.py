"""Report: the same, to send to a colleague."""

from ui import frame, reporting, results, session


def main() -> None:
    project = session.require()
    frame.header(project)
    found, last = results.shown(
        project,
        "Here all of it stands on one page, to send to a colleague: the answer, the graphs, what the data say to each, "
        "and every assumption by who made it.",
    )
    if last is None:
        return
    said = reporting.about(project, found, last)
    left = reporting.left_of(project, found, last)
    reporting.downloads(project, last, said, left)
    reporting.paper(last, said)
    reporting.shown(project, last, said, left)


main()

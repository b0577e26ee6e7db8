"""How the report was made: versions, seed, the method of each block, the fingerprint of the data, and warnings."""

import platform
from importlib.metadata import PackageNotFoundError, version

from core.comparison.ways import quality, way
from core.report.page.about import Told
from core.report.page.markup import Html, el, joined_html, listing, table

__all__ = ["how_it_was_made", "versions"]

_PACKAGES = ("whyboard", "numpy", "scipy", "pymc")


def versions() -> dict[str, str]:
    """Return Python's version and those of the packages that stand behind the numbers, where they are installed."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def how_it_was_made(told: Told) -> Html:
    """Return all that somebody needs who wants the same numbers."""
    comparison, about = told.comparison, told.about
    facts = [
        ("data", " ".join(part for part in (about.source, f"fingerprint {comparison.data.fingerprint}") if part)),
        ("seed", "-" if about.seed is None else str(about.seed)),
        ("posterior draws of each column", "-" if about.draws is None else f"{about.draws:,}"),
        ("versions", ", ".join(f"{name} {number}" for name, number in versions().items())),
        ("date", about.date or "-"),
    ]
    listed = el("dl", *(joined_html([el("dt", name), el("dd", words)]) for name, words in facts))
    warnings = [el("h4", "Warnings"), listing(comparison.warnings)] if comparison.warnings else []
    return joined_html([listed, *warnings, _methods(told)])


def _methods(told: Told) -> Html:
    rows: dict[str, tuple[list[str], list[str]]] = {}
    for facts in told.comparison.hypotheses:
        for block in facts.blocks:
            nodes = ", ".join(map(told.title, block.nodes))
            if block.key in rows and block.key:
                rows[block.key][1].append(facts.name)
                continue
            causes = next(node.parents for node in facts.nodes if node.name == block.nodes[0])
            said = [nodes, ", ".join(map(told.title, causes)) or "-", way(block), quality(block) or "-"]
            rows[block.key or f"{facts.name} {nodes}"] = (said, [facts.name])
    body: list[list[object]] = []
    for said, names in rows.values():
        everywhere = len(names) == len(told.names)
        who = "all" if everywhere else joined_html((told.chip(name, full=False) for name in names), " ")
        body.append([said[0], who, *said[1:]])
    return table(("column", "in", "causes", "method", "quality"), body, caption="How each column was fitted")

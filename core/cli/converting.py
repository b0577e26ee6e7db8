"""``whyboard convert``."""

import argparse

from core.cli.reading import as_json, check_out, tell, write_text

__all__ = ["run_convert"]


def run_convert(options: argparse.Namespace) -> str:
    """Write a graph in another format; return what to print."""
    from core.formats import format_hypothesis, only_for_whyboard, read_graph, remarks_on_writing

    check_out(options)
    reading = read_graph(options.file)
    hypothesis = reading.hypothesis
    text = format_hypothesis(hypothesis, options.to)
    told = [f"{options.file}: {remark}" for remark in reading.remarks]
    told += [f"in {options.to}: {remark}" for remark in remarks_on_writing(hypothesis, options.to)]
    tell(told, options)
    if options.out:
        write_text(options.out, text if text.endswith("\n") else f"{text}\n")
    if options.json:
        record = {
            "format": "whyboard-convert/1",
            "to": options.to,
            "out": options.out,
            "text": text,
            "lost": [] if options.to != "dagitty" else ["the name, which is the file's"],
            "only_whyboard": list(only_for_whyboard(hypothesis, options.to)),
            "warnings": told,
        }
        return as_json(record)
    return "" if options.out else text

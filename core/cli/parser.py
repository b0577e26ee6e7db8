"""What can be typed: commands, options, and refusals in the house's two lines."""

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

from core.errors import UsageError

__all__ = ["build_parser"]

LATER = ("recover", "next")


class Parser(argparse.ArgumentParser):
    """argparse, but a fault of usage is a :class:`UsageError` and options are never guessed."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **settings})

    def error(self, message: str) -> NoReturn:
        """Refuse."""
        hint = f"Write {self.prog} --help for what it takes."
        if message.endswith(": expected one argument"):
            option = message.removeprefix("argument ").split(":")[0].split("/")[-1]
            hint = f"Give it a value; one that begins with a minus sign stands behind =, as {option}=-x."
        raise UsageError(_plain(message), hint=hint)


def _plain(message: str) -> str:
    if message.startswith("argument command: invalid choice:"):
        word = message.split(":", 2)[2].strip().split(" (choose", 1)[0].strip("'\"")
        if word in LATER:
            return f"this version has no command {word!r} yet"
        return f"there is no command {word!r}"
    return message


def build_parser() -> Parser:
    """Return the parser of all commands."""
    parser = Parser(prog="whyboard", description="Draw rival causal graphs, fit each, and see where each is wrong.")
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(dest="command", metavar="command", parser_class=Parser)
    _app(commands)
    _profile(commands)
    _compare(commands)
    _simulate(commands)
    _implications(commands)
    _effect(commands)
    _decide(commands)
    _identify(commands)
    _counterfactual(commands)
    _export(commands)
    _convert(commands)
    return parser


def _command(commands: Any, name: str, words: str, run: str) -> Parser:
    """Add a command; ``run`` is the module and function that do it, imported only then."""
    parser: Parser = commands.add_parser(name, help=words, description=words)
    parser.set_defaults(run=run)
    if name != "app":
        parser.add_argument("--json", action="store_true", help="print the answer as JSON")
        parser.add_argument("--quiet", action="store_true", help="print no progress")
    return parser


def _whole(low: int, high: int, what: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not {what}") from None
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not {what} from {low} to {high:,}")
        return value

    return read


def _seed(parser: Parser, default: int | None = 0) -> None:
    whole = _whole(0, 2**63 - 1, "a whole number")
    parser.add_argument(
        "--seed", type=whole, default=default, metavar="N", help="makes a run repeatable to the last digit"
    )


def _rows(parser: Parser) -> None:
    parser.add_argument(
        "--rows",
        metavar="none|time:COL|group:COL|one[:COL]",
        help="how rows are to be taken. none: exchangeable, neither their order nor groups count; time:COL: in the "
        "order of a column; group:COL: rows of one value belong together; one:COL: one row of each value is kept; one: "
        "one of equal rows (default: look, and count what is found)",
    )


def _experiments(parser: Parser) -> None:
    parser.add_argument(
        "--experiment",
        action="append",
        default=[],
        metavar="DO: Y=V±SE",
        help="what an experiment found, as 'ads=6,7: sales=1.2±0.3' (or +-): done as --do has it, several nodes with "
        "semicolons, by how much the outcome moved and its standard error; @ G=LEVEL behind it: only there; repeat",
    )
    parser.add_argument(
        "--experiments", metavar="F.csv", help="many: columns do, estimate, se, and outcome, given, name where wanted"
    )


def _app(commands: Any) -> None:
    parser = _command(commands, "app", "serve the web app on this machine", "app.run_app")
    parser.add_argument("--port", type=_whole(1, 65535, "a port"), default=8501, help="default 8501")
    parser.add_argument("--host", default="localhost", help="address to listen on (default: this machine only)")


def _profile(commands: Any) -> None:
    parser = _command(commands, "profile", "column kinds, missing values, warnings", "data.run_profile")
    parser.add_argument("data", metavar="DATA", help="CSV, TSV, Parquet, XLSX, Feather, Arrow or Stata")


def _compare(commands: Any) -> None:
    parser = _command(commands, "compare", "fit rival hypotheses, check and compare them", "comparing.run_compare")
    parser.add_argument("data", metavar="DATA")
    parser.add_argument(
        "-H",
        "--hypothesis",
        dest="hypotheses",
        action="append",
        metavar="NAME=FILE",
        help="a hypothesis; repeat for each",
    )
    parser.add_argument(
        "--effect", dest="effects", action="append", default=[], metavar="X:Y", help="a total effect to report; repeat"
    )
    _rows(parser)
    parser.add_argument(
        "--bend", action="store_true", help="let every straight arrow bend where the data ask for it, and say which do"
    )
    parser.add_argument(
        "--method",
        default="auto",
        choices=("auto", "exact", "importance", "nuts"),
        help="how each node is fitted. auto: in closed form where there is one, else by importance sampling, and with "
        "NUTS where its weights are too uneven; exact: closed form or a refusal; importance: importance sampling for "
        "all; nuts: sampling for all (slow). The answer says for each node which it was (default auto)",
    )
    parser.add_argument(
        "--draws",
        type=_whole(1, 100_000, "a number of draws"),
        default=4000,
        metavar="S",
        help="posterior draws of each node, 400 or more (default 4000)",
    )
    parser.add_argument(
        "--overrule",
        dest="overruled",
        action="append",
        default=[],
        metavar="NODE",
        help="a node whose family you take as it is, whatever its shape: its flags stay listed and do not reach the "
        "verdict; repeat",
    )
    _seed(parser)
    parser.add_argument("--out", metavar="F.json", help="write the JSON to a file")
    parser.add_argument("--no-cache", action="store_true", help="compute every block anew")


def _simulate(commands: Any) -> None:
    parser = _command(commands, "simulate", "data that a hypothesis generates", "simulating.run_simulate")
    parser.add_argument("-H", "--hypothesis", dest="hypotheses", action="append", metavar="FILE")
    parser.add_argument("--like", metavar="DATA", help="take kinds and typical ranges from these data")
    parser.add_argument("--fit", metavar="DATA", help="fit to these data first (posterior predictive)")
    parser.add_argument("--rows", type=_whole(1, 10_000_000, "a number of rows"), required=True, metavar="N")
    _seed(parser)
    parser.add_argument("--do", dest="settings", action="append", default=[], metavar="X=V", help="set a node; repeat")
    parser.add_argument("--out", required=True, metavar="F.csv")
    parser.add_argument("--no-cache", action="store_true", help="compute every block anew")


def _implications(commands: Any) -> None:
    parser = _command(commands, "implications", "implied independences, and their tests", "implying.run_implications")
    parser.add_argument("data", metavar="DATA", nargs="?")
    parser.add_argument("-H", "--hypothesis", dest="hypotheses", action="append", metavar="FILE")
    _rows(parser)
    _seed(parser)


def _effect(commands: Any) -> None:
    parser = _command(commands, "effect", "what follows from acting, under each hypothesis", "acting.run_effect")
    parser.add_argument("data", metavar="DATA")
    parser.add_argument("-H", "--hypothesis", dest="hypotheses", action="append", metavar="NAME=FILE")
    parser.add_argument(
        "--do",
        dest="settings",
        action="append",
        default=[],
        metavar="X=V[,V2]",
        help="set a node, to a second value for a second world; X=LO..HI: a range; X+=D, X*=F: move it; @ G=LEVEL "
        "behind it: only where; repeat for another node",
    )
    parser.add_argument("--outcome", metavar="Y", help="what is asked about (default: the outcome that is marked)")
    parser.add_argument(
        "--given", action="append", default=[], metavar="Z=V", help="only rows of this level, number or range LO..HI"
    )
    _experiments(parser)
    parser.add_argument(
        "--naive", action="store_true", help="beside it what is commonly computed without a graph, and why it differs"
    )
    parser.add_argument(
        "--mediation",
        action="store_true",
        help="by which way the effect comes: directly, and through what lies between",
    )
    parser.add_argument(
        "--through",
        action="append",
        default=[],
        metavar="M",
        help="with --mediation: what counts as lying between (default: all that does); repeat",
    )
    parser.add_argument(
        "--per-row", metavar="F.csv", help="whether it is the same for everyone: write what it does to each row"
    )
    _rows(parser)
    _seed(parser)
    parser.add_argument("--no-cache", action="store_true", help="compute every block anew")


def _counterfactual(commands: Any) -> None:
    parser = _command(
        commands, "counterfactual", "what a row would have shown had something been set", "imagining.run_counterfactual"
    )
    parser.add_argument("data", metavar="DATA")
    parser.add_argument("-H", "--hypothesis", dest="hypotheses", action="append", metavar="FILE")
    parser.add_argument(
        "--row",
        type=_whole(-(10**12), 10**12, "a row"),
        metavar="I",
        help="the row, from 1 on as it stands in the file",
    )
    parser.add_argument(
        "--where", metavar="COL=VALUE", help="instead of one row, all rows with a value, each by itself, averaged"
    )
    parser.add_argument(
        "--do", dest="settings", action="append", default=[], metavar="X=V", help="what had been otherwise; repeat"
    )
    _experiments(parser)
    _rows(parser)
    parser.add_argument(
        "--draws",
        type=_whole(1, 100_000, "a number of draws"),
        default=4000,
        metavar="S",
        help="posterior draws of each node, 400 or more (default 4000)",
    )
    _seed(parser)
    parser.add_argument("--no-cache", action="store_true", help="compute every block anew")


def _decide(commands: Any) -> None:
    words = "the best action by expectation, by its worst draws and by regret"
    parser = _command(commands, "decide", words, "deciding.run_decide")
    parser.add_argument("data", metavar="DATA")
    parser.add_argument("-H", "--hypothesis", dest="hypotheses", action="append", metavar="NAME=FILE")
    parser.add_argument("--outcome", metavar="Y", help="what it is for (default: the outcome that is marked)")
    _choice(parser)
    parser.add_argument("--spread", type=float, metavar="K", help="also choose by the mean less K standard deviations")
    _experiments(parser)
    _rows(parser)
    _seed(parser)
    parser.add_argument("--no-cache", action="store_true", help="compute every block anew")


def _choice(parser: Parser) -> None:
    """What can be chosen, at what cost, within which limits, and what is to be large."""
    parser.add_argument(
        "--choose", dest="choices", action="append", default=[], metavar="A=lo:hi", help="what can be set; repeat"
    )
    parser.add_argument(
        "--cost", dest="costs", action="append", default=[], metavar="A=C", help="what one unit of it costs; repeat"
    )
    parser.add_argument(
        "--budget", type=float, metavar="B", help="the most that costs may come to (without costs: the sum of levers)"
    )
    parser.add_argument(
        "--limit", dest="limits", action="append", default=[], metavar="'A + B <= 10'", help="a linear limit; repeat"
    )
    parser.add_argument(
        "--utility", metavar="FORMULA", help="what is to be large (default: the outcome less what the action costs)"
    )
    parser.add_argument(
        "--risk", type=float, default=0.1, metavar="P", help="the share of worst draws that is looked at (default 0.1)"
    )


def _identify(commands: Any) -> None:
    parser = _command(
        commands,
        "identify",
        "whether an effect can be known from what is observed, and how",
        "identifying.run_identify",
    )
    parser.add_argument(
        "data", metavar="DATA", nargs="?", help="for bounds, where it cannot be known and levels are few"
    )
    parser.add_argument("-H", "--hypothesis", dest="hypotheses", action="append", metavar="FILE")
    parser.add_argument(
        "--effect",
        dest="effects",
        action="append",
        default=[],
        metavar="X:Y",
        help="the total effect that is asked about (default: of the marked exposure on the marked outcome)",
    )
    parser.add_argument(
        "--given",
        action="append",
        default=[],
        metavar="Z",
        help="ask about the effect among units with some value of this node, and show paths with it held fixed; repeat",
    )
    parser.add_argument(
        "--differs",
        action="append",
        default=[],
        metavar="W",
        help="a node that may come about otherwise where the answer is to be used than where X was set in an "
        "experiment: ask how the effect carries over; repeat",
    )


def _export(commands: Any) -> None:
    parser = _command(commands, "export", "what runs, or opens, without Whyboard", "exporting.run_export")
    parser.add_argument("data", metavar="DATA")
    parser.add_argument(
        "-H",
        "--hypothesis",
        dest="hypotheses",
        action="append",
        metavar="NAME=FILE",
        help="a hypothesis; html: repeat for each rival",
    )
    parser.add_argument(
        "--to",
        required=True,
        choices=("script", "notebook", "netcdf", "html"),
        help="script: Python that needs pymc, pandas and arviz only; notebook: the same in cells, with figures; "
        "netcdf: the posterior, for ArviZ; html: the report on rivals, one page that opens anywhere",
    )
    parser.add_argument(
        "--effect",
        dest="effects",
        action="append",
        default=[],
        metavar="X:Y",
        help="html: a total effect to report (default: of the marked exposure on the marked outcome); repeat",
    )
    parser.add_argument("--out", required=True, metavar="F", help="the file to write")
    _choice(parser)
    _experiments(parser)
    _rows(parser)
    parser.add_argument(
        "--draws",
        type=_whole(1, 100_000, "a number of draws"),
        default=4000,
        metavar="S",
        help="posterior draws; a script parts them among four chains (default 4000)",
    )
    _seed(parser)
    parser.add_argument("--no-cache", action="store_true", help="compute every block anew (netcdf, html)")


def _convert(commands: Any) -> None:
    parser = _command(commands, "convert", "from one graph format to another", "converting.run_convert")
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--to", required=True, metavar="FORMAT", help="dagitty, dot, graphml, gml, lavaan, bif or json")
    parser.add_argument("--out", metavar="F", help="write to a file instead of standard output")

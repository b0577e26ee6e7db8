"""``whyboard effect``: what follows, in a sentence a hypothesis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.words import sentence

if TYPE_CHECKING:
    from core.effects.settings import Setting
    from core.study.acting import Acting
    from core.study.forecast import Acted

__all__ = ["Sentences", "effect_sentences", "sentences_text", "with_sentences"]


@dataclass(frozen=True)
class Sentences:
    """What is done, and by how much the outcome moves then, by hypothesis and for all together."""

    done: str
    amounts: Mapping[str, str]


def effect_sentences(acting: "Acting", found: "Acted", worlds: "Sequence[Sequence[Setting]]") -> Sentences:
    """Return what is said of an action."""
    from core.study.elastic import beside_all
    from core.study.said import amount_said, moved_said

    columns = {column.name: column for column in acting.comparison.data.columns}
    beside = beside_all(acting, worlds, found.outcome)
    answers = [*found.forecasts, *([found.averaged] if found.averaged.known else [])]
    amounts = {one.name: amount_said(one, columns, found.outcome, beside.get(one.name)) for one in answers}
    return Sentences(moved_said(worlds, columns), amounts)


def with_sentences(record: dict[str, Any], said: Sentences) -> dict[str, Any]:
    """Return the record with each answer's sentence in it; null for all together where nobody answers."""

    def told(one: dict[str, Any]) -> dict[str, Any]:
        amount = said.amounts.get(one["name"])
        return {**one, "sentence": None if amount is None else sentence(f"{said.done}: {amount}")}

    return {**record, "hypotheses": [told(one) for one in record["hypotheses"]], "averaged": told(record["averaged"])}


def sentences_text(said: Sentences) -> list[str]:
    """Return the sentences as lines of text: those that say the same once."""
    by_words: dict[str, list[str]] = {}
    for name, words in said.amounts.items():
        by_words.setdefault(words, []).append(name)
    done = said.done[:1].upper() + said.done[1:]
    return ["", f"{done}:", *(f"  {', '.join(names)}: {sentence(words)}" for words, names in by_words.items())]

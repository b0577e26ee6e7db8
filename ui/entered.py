"""The experiments that were typed in or uploaded: kept with the project, and taken into account on Act.

A record names columns and levels by their words, not by codes, so that it outlives another fit; what can no longer be
read under the present one stays in the list with the reason, and counts for nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.effects.experiments import Experiment
from core.effects.settings import Setting, column_of
from core.errors import UsageError, WhyboardError
from core.model.spec import ModelSpec
from core.study.acting import Acting, acting_on
from core.study.experimenting import Experimented, experimented
from core.study.reopening import Reopened
from ui import kept, session
from ui.results import Fitted
from ui.session import ProjectView

__all__ = ["MOST", "NOTHING", "Entry", "Taken", "add", "entries", "learnt", "put_back", "remove", "removed", "taken"]

_SETTING = "experiments"
#: Experiments in one project: each is played under each hypothesis.
MOST = 100
Given = tuple[str, float | tuple[float, float]]


@dataclass(frozen=True)
class Entry:
    """One experiment that is kept; ``problem`` says why it cannot be taken into account."""

    id: str
    name: str
    experiment: Experiment | None
    problem: WhyboardError | None = None


@dataclass(frozen=True)
class Taken:
    """What is taken into account: compared by what was found alone."""

    experiments: tuple[Experiment, ...] = ()
    learned: Experimented | None = field(default=None, compare=False)

    def acting(self, reopened: Reopened, given: Given | None) -> Acting:
        """Return hypotheses ready to be acted on, with what they learnt."""
        if self.learned is None:
            return acting_on(reopened, given=given)
        return replace(self.learned.acting, given=given)


NOTHING = Taken()


# -- what is kept -------------------------------------------------------------------------


def entries(project: ProjectView, reopened: Reopened) -> tuple[Entry, ...]:
    """Return the experiments of a project, in the order in which they came."""
    return tuple(_entry(reopened.fits[0].spec, record) for record in _kept(project)["entries"])


def removed(project: ProjectView) -> tuple[str, ...]:
    """Return the names of those that were removed last, which can be put back."""
    return tuple(str(record.get("name", "")) for record in _kept(project)["removed"])


def add(project: ProjectView, reopened: Reopened, new: Sequence[Experiment]) -> int:
    """Keep experiments with the project; return how many were not there yet.

    Raises
    ------
    UsageError
        If there are too many, or one cannot be played.
    """
    spec, state = reopened.fits[0].spec, _kept(project)
    known = {_content(record) for record in state["entries"]}
    records = [record for record in (_record(spec, one) for one in new) if _content(record) not in known]
    if len(state["entries"]) + len(records) > MOST:
        raise UsageError(f"a project takes at most {MOST} experiments", hint="Put the like of them together.")
    for one in new:
        _check(reopened, one)
    if records:
        made = [{"id": uuid.uuid4().hex[:8], **record} for record in records]
        session.put_setting(project, **{_SETTING: {"entries": [*state["entries"], *made], "removed": [], "at": 0}})
    return len(records)


def _check(reopened: Reopened, one: Experiment) -> None:
    """Refuse at once what cannot be played; what it takes long to find out is said in the list."""
    try:
        at = acting_on(reopened, given=one.given)
        if one.outcome in one.touched:
            raise UsageError("what was set is what is asked about", hint="Name what followed from it.")
        at.check(one.touched, one.outcome)
        for setting in (setting for world in one.worlds for setting in world):
            setting.check(reopened.fits[0].spec, at.raw)
    except WhyboardError as error:
        raise error.at(f"experiment {one.name}") from None


def remove(project: ProjectView, ids: Sequence[str]) -> None:
    """Take experiments out; they can be put back."""
    state = _kept(project)
    out = [place for place, record in enumerate(state["entries"]) if record.get("id") in ids]
    if out:
        rest = [record for place, record in enumerate(state["entries"]) if place not in out]
        gone = [state["entries"][place] for place in out]
        session.put_setting(project, **{_SETTING: {"entries": rest, "removed": gone, "at": out[0]}})


def put_back(project: ProjectView) -> None:
    """Put back what was removed last, where it stood."""
    state = _kept(project)
    found = [*state["entries"][: state["at"]], *state["removed"], *state["entries"][state["at"] :]]
    session.put_setting(project, **{_SETTING: {"entries": found, "removed": [], "at": 0}})


def _kept(project: ProjectView) -> dict[str, Any]:
    found = project.settings.get(_SETTING)
    found = found if isinstance(found, Mapping) else {}
    lists = {
        name: [record for record in found.get(name) or () if isinstance(record, Mapping)]
        for name in ("entries", "removed")
    }
    return {**lists, "at": int(found.get("at") or 0)}


def _content(record: Mapping[str, Any]) -> str:
    """Return what makes two records one experiment: all but what it is called."""
    return repr([(name, record.get(name)) for name in ("worlds", "outcome", "estimate", "se", "given")])


# -- records and experiments --------------------------------------------------------------


def _record(spec: ModelSpec, one: Experiment) -> dict[str, Any]:
    given: list[Any] | None = None
    if one.given is not None:
        column, wanted = one.given
        given = [column, list(wanted) if isinstance(wanted, tuple) else _named(spec, column, wanted)]
    return {
        "name": one.name,
        "worlds": [[_set(spec, setting) for setting in world] for world in one.worlds],
        "outcome": one.outcome,
        "estimate": one.estimate,
        "se": one.se,
        "given": given,
    }


def _set(spec: ModelSpec, setting: Setting) -> dict[str, Any]:
    where = None if setting.where is None else [setting.where[0], _named(spec, *setting.where)]
    amount = _named(spec, setting.node, setting.amount)
    return {"node": setting.node, "amount": amount, "way": setting.way, "top": setting.top, "where": where}


def _named(spec: ModelSpec, column: str, code: float) -> str | float:
    levels = column_of(spec, column).response.levels
    return levels[int(code)] if levels else float(code)


def _coded(spec: ModelSpec, column: str, value: str | float) -> float:
    levels = column_of(spec, column).response.levels
    if not levels:
        return float(value)
    if value not in levels:
        raise UsageError(f"{column!r} has no level {value!r} any more", hint="Remove this one and enter it again.")
    return float(levels.index(str(value)))


def _entry(spec: ModelSpec, record: Mapping[str, Any]) -> Entry:
    id, name = str(record.get("id", "")), str(record.get("name", ""))
    try:
        return Entry(id, name, _experiment(spec, record))
    except WhyboardError as error:
        return Entry(id, name, None, error)
    except (KeyError, TypeError, ValueError, IndexError):
        return Entry(id, name, None, UsageError("it cannot be read", hint="Remove this one and enter it again."))


def _experiment(spec: ModelSpec, record: Mapping[str, Any]) -> Experiment:
    first, second = (tuple(_setting(spec, part) for part in world) for world in record["worlds"])
    given: Given | None = None
    if record["given"] is not None:
        column, wanted = record["given"]
        given = (
            column,
            (float(wanted[0]), float(wanted[1])) if isinstance(wanted, list) else _coded(spec, column, wanted),
        )
    column_of(spec, record["outcome"])
    return Experiment(
        str(record["name"]),
        (first, second),
        str(record["outcome"]),
        float(record["estimate"]),
        float(record["se"]),
        given,
    )


def _setting(spec: ModelSpec, part: Mapping[str, Any]) -> Setting:
    where = None if part["where"] is None else (part["where"][0], _coded(spec, *part["where"]))
    amount = _coded(spec, part["node"], part["amount"])
    return Setting(str(part["node"]), amount, part["way"], float(part["top"]), where)


# -- what is learnt -----------------------------------------------------------------------


def learnt(last: Fitted, reopened: Reopened, experiments: tuple[Experiment, ...]) -> Experimented:
    """Return what hypotheses learn from experiments; found once."""
    key = (last.request.id, reopened.dataset.fingerprint, experiments)
    return kept.recall("experimented", key, lambda: experimented(acting_on(reopened), experiments, alone=False))


def taken(last: Fitted, reopened: Reopened, found: Sequence[Entry]) -> tuple[Taken, tuple[Entry, ...]]:
    """Return what can be taken into account, and every entry with why it cannot be, where it cannot."""
    usable = tuple(one.experiment for one in found if one.experiment is not None)
    if not usable:
        return NOTHING, tuple(found)
    try:
        return Taken(usable, learnt(last, reopened, usable)), tuple(found)
    except WhyboardError:
        checked = tuple(_checked(last, reopened, one) for one in found)
        usable = tuple(one.experiment for one in checked if one.experiment is not None)
        return (Taken(usable, learnt(last, reopened, usable)) if usable else NOTHING), checked


def _checked(last: Fitted, reopened: Reopened, one: Entry) -> Entry:
    if one.experiment is None:
        return one
    try:
        learnt(last, reopened, (one.experiment,))
    except WhyboardError as error:
        return replace(one, experiment=None, problem=error)
    return one

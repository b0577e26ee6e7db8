"""How many requests are worked on at once: a few of each project, whoever asked most."""

import threading
from collections import Counter
from collections.abc import Callable

__all__ = ["Slots"]

AT_ONCE = 24  # requests, over all projects; each is a thread that mostly waits
OF_A_PROJECT = 3
PATIENT = 2  # confirmations, beside the others


class Slots:
    """Admits requests in the order in which they came, except that none waits behind another project's flood."""

    def __init__(self, at_once: int = AT_ONCE, of_a_project: int = OF_A_PROJECT, patient: int = PATIENT) -> None:
        self._at_once, self._of_a_project, self._patient = at_once, of_a_project, patient
        self._changed = threading.Condition()
        self._waiting: list[tuple[object, str, bool]] = []
        self._inside: Counter[tuple[str, bool]] = Counter()

    def enter(self, project: str, patient: bool, stopped: Callable[[], bool]) -> bool:
        """Wait for a slot; False, and none is taken, if ``stopped`` says so first."""
        me = (object(), project, patient)
        with self._changed:
            self._waiting.append(me)
            try:
                while not stopped():
                    if self._next(patient) is me[0]:
                        self._inside[project, patient] += 1
                        return True
                    self._changed.wait(0.5)
                return False
            finally:
                self._waiting.remove(me)
                self._changed.notify_all()

    def leave(self, project: str, patient: bool) -> None:
        """Give a slot back."""
        with self._changed:
            self._inside[project, patient] -= 1
            self._inside += Counter()  # forgets zeros
            self._changed.notify_all()

    def wake(self) -> None:
        """Let those who wait look whether they were stopped."""
        with self._changed:
            self._changed.notify_all()

    def _next(self, patient: bool) -> object | None:
        """Return who of the patient, or of the others, comes next; None while all slots are taken."""
        taken = sum(number for (_, kind), number in self._inside.items() if kind == patient)
        if taken >= (self._patient if patient else self._at_once):
            return None
        most = 1 if patient else self._of_a_project
        fit = [(me, project) for me, project, kind in self._waiting if kind == patient]
        free = [(me, project) for me, project in fit if self._inside[project, patient] < most]
        if not free:
            return None
        return min(free, key=lambda one: self._inside[one[1], patient])[0]

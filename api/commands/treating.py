"""Whether an order is about a patient whom its caller treats, where the access policy wants that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aggregates.kit import COMMAND_NAME
from aggregates.values import PatientId, SessionId
from api.access import needs_relationship
from api.access.relationships import Asking, broken, leads, teams, treats, treats_somebody_of
from api.commands.order import Order, OutOfReach
from iop_es.engine.log import Log, StoredFact


@dataclass(slots=True)
class Treating:
    """The relationships of the callers of one append, at one moment: each is asked for once, the teams of all its
    patients in one query."""

    log: Log
    now: str
    _known: dict[Any, bool] = field(default_factory=dict)
    _teams: dict[PatientId, list[StoredFact]] = field(default_factory=dict)
    _rosters: dict[SessionId, frozenset[PatientId]] = field(default_factory=dict)

    def read_ahead(self, orders: Iterable[tuple[Order, Any]]) -> None:
        """Reads the teams of those whom these orders are about, each with the state of its own stream."""
        asked = [_said(order.command, state, "patient_id") for order, state in orders if _must_ask(order, state)]
        self._teams |= teams(self.log, [one for one in dict.fromkeys(asked) if one is not None])

    def must(self, order: Order, aggregate: str, state: Any) -> None:
        """Refuses an order about a patient whom the caller neither treats nor broke the glass of. Raises OutOfReach.

        A document is its author's, and theirs whose cosignature it waits for or has, or who signed beside the author; a
        session's documents are its leaders', as far as they are about its members: whoever leads some session may not
        name it to write about anybody else, since who wrote about a patient treats them.
        """
        if not _must_ask(order, state):
            return
        patient, session = _said(order.command, state, "patient_id"), _said(order.command, state, "session_id")
        who = Asking(order.by, order.role, order.programs or frozenset(), self.now)
        if session is not None and self._leads(who, session, patient):
            return
        asked: list[tuple[str, str | None, Any]] = [("treats", patient, self._treats), ("broken", patient, broken)]
        if patient is None:
            asked.append(("treats_somebody_of", session, treats_somebody_of))
        if any(thing is not None and self._asked(name, ask, who, thing) for name, thing, ask in asked):
            return
        if patient is not None or session is not None:
            raise OutOfReach(what=aggregate.replace("_", " "))

    def _asked(self, name: str, ask: Any, who: Asking, thing: str) -> bool:
        key = (who, name, thing)
        if key not in self._known:
            self._known[key] = bool(ask(self.log, who, thing))
        return self._known[key]

    def _leads(self, who: Asking, session: SessionId, patient: PatientId | None) -> bool:
        if not self._asked("leads", leads, who, session):
            return False
        if patient is not None and session not in self._rosters:
            self._rosters[session] = self.log.members(session)
        return patient is None or patient in self._rosters[session]

    def _treats(self, log: Log, who: Asking, patient: PatientId) -> bool:
        return treats(log, who, patient, self._teams.get(patient))


def _must_ask(order: Order, state: Any) -> bool:
    return (
        order.programs is not None
        and needs_relationship(order.role, COMMAND_NAME[type(order.command)])
        and order.by not in _signers_of(state)
    )


def _signers_of(document: Any) -> set[str]:
    """Whose a document is; nobody's for anything else."""
    drafted = getattr(document, "drafted", None)
    named = (drafted, "author_id"), (document, "supervisor_id"), (document, "cosigner_id")
    owners = {one for thing, name in named if drafted is not None and (one := getattr(thing, name, None))}
    return owners.union(getattr(document, "facilitators", ()) if drafted is not None else ())


def _said(command: Any, state: Any, field: str) -> str | None:
    found: str | None = getattr(command, field, None) or getattr(state, field, None)
    return found

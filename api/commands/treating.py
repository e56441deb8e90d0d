"""Whether an order is about a patient whom its caller treats, where the access policy wants that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aggregates.kit import COMMAND_NAME
from aggregates.note.commands import SignAsFacilitator
from aggregates.values import PatientId
from api.access import needs_relationship
from api.access.relationships import Asking, broken, owed_signatures, roster, teams, treated_of, treats
from api.commands.order import Order, OutOfReach
from iop_es.engine.log import Log


@dataclass(slots=True)
class Treating:
    """The relationships of the callers of one append, at one moment: each is asked for once, those of all its patients
    together."""

    log: Log
    now: str
    _known: dict[tuple[Asking, PatientId], bool] = field(default_factory=dict)

    def read_ahead(self, orders: Iterable[tuple[Order, Any]]) -> None:
        """Reads whom of those whom these orders are about their callers treat; each comes with the state of its own
        stream."""
        asked: dict[Asking, dict[PatientId, None]] = {}
        for order, state in orders:
            if _must_ask(order, state) and (patient := _said(order.command, state, "patient_id")) is not None:
                asked.setdefault(self._asking(order), {})[patient] = None
        team = teams(self.log, list(dict.fromkeys(one for several in asked.values() for one in several)))
        for who, patients in asked.items():
            near = set(treated_of(self.log, who, list(patients), team))
            self._known |= {(who, one): one in near for one in patients}

    def must(self, order: Order, aggregate: str, state: Any) -> None:
        """Refuses an order about a patient whom the caller neither treats nor broke the glass of. Raises OutOfReach.

        A document is its author's, and theirs whose cosignature it waits for or has, or who signed beside the author or
        is to. What a session's patients share is theirs who treat one of them.
        """
        if not _must_ask(order, state):
            return
        patient, session = _said(order.command, state, "patient_id"), _said(order.command, state, "session_id")
        who = self._asking(order)
        if patient is not None:
            near = self._treats(who, patient) or broken(self.log, who, patient) is not None
        elif session is not None:
            people = roster(self.log, session)
            near = any(self._known.get((who, one)) for one in people) or any(treated_of(self.log, who, people))
        else:
            return
        if not near and isinstance(order.command, SignAsFacilitator):
            near = bool(owed_signatures(self.log, who, {order.command.note_id: state.drafted}))
        if not near:
            raise OutOfReach(what=aggregate.replace("_", " "))

    def _treats(self, who: Asking, patient: PatientId) -> bool:
        key = (who, patient)
        if key not in self._known:
            self._known[key] = treats(self.log, who, patient)
        return self._known[key]

    def _asking(self, order: Order) -> Asking:
        return Asking(order.by, order.role, order.programs or frozenset(), self.now)


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

"""People who sign with keys of their own, and a document's stream that they write together, decision by decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from aggregates.clinician.facts import SupervisorAssigned
from aggregates.clinician.state import NotJoined
from aggregates.codec import decode, encode
from aggregates.kit import FACT_OF, Act, Refusal, Seen
from aggregates.note import AGGREGATE
from aggregates.note.commands import ElectronicSignature
from aggregates.note.envelope import Authentication, envelope_of, signed_bytes
from aggregates.note.signature import to_be_signed
from aggregates.note.verification import Checked, checked
from aggregates.session import AGGREGATE as SESSIONS
from aggregates.values import instant, moment
from tests.aggregates.clinic import SESSION, a_plan
from tests.aggregates.documents import NOTE
from tests.aggregates.scenario import an_act, an_id, folded, seen_as
from tests.aggregates.vectors import VECTORS, clinicians

PEOPLE = VECTORS["people"]
STATES = clinicians({})
AUTHOR, SUPERVISOR, STRANGER = (PEOPLE[one]["person"] for one in ("author", "supervisor", "stranger"))


def _associate(clinician: Any) -> Any:
    under = SupervisorAssigned(supervisor_id=SUPERVISOR, effective_from="2024-01-02")
    first = clinician.employments[0]
    first = replace(first, joined=replace(first.joined, associate=True))
    return replace(clinician, supervisors=(under,), employments=(first,))


SUPERVISED = STATES | {AUTHOR: _associate(STATES[AUTHOR])}
"""The same people, the author an associate."""
KEYS = {one["person"]: Ed25519PrivateKey.from_private_bytes(bytes.fromhex(one["seed"])) for one in PEOPLE.values()}
BEGIN = "2026-03-02T18:00:00.000000Z"
REGISTERED = Seen(an_id("patient"), 1, None)
"""The patient, of whom a document only asks whether anybody registered them."""

LED = seen_as(SESSIONS, SESSION, a_plan(facilitators=(AUTHOR, SUPERVISOR, STRANGER)))
"""The session that all three of them lead."""


def signer(person: str) -> Any:
    """What is known of a clinician; nothing of a stranger."""
    return STATES.get(person, NotJoined())


def worth(facts: list[Any], note_id: str = NOTE) -> list[Checked]:
    """What the signatures of these facts are worth."""
    return checked(note_id, facts, signer)


def stored(facts: list[Any]) -> list[Any]:
    """The facts as they come back from storage."""
    told = [encode(one) for one in facts]
    return [decode(kind.topic, state, sealed) for kind, state, sealed in told]


@dataclass
class Desk:
    """A document's facts; whatever is refused leaves them as they are."""

    facts: list[Any] = field(default_factory=list)
    minute: int = 0
    people: Mapping[str, Any] = field(default_factory=lambda: STATES)

    def order(self, command: Any, by: str, role: Any = "clinician") -> list[Any]:
        """Decides the command a minute later, and with it the signature where it makes one; answers the new facts."""
        self.minute += 1
        now = instant(moment(BEGIN) + timedelta(minutes=self.minute))
        act = an_act(by=by, role=role, occurred_at=now, now=now, salt=f"{self.minute:064x}")
        state = folded(AGGREGATE, *self.facts)
        seen = {"clinician": Seen(by, 1, self.people[by]), "patient": REGISTERED, "session": LED}
        try:
            new = _facts(AGGREGATE.decide(state, command, act, seen))
            if new and hasattr(command, "signature"):
                signing = to_be_signed(NOTE, state, new[0], self.people[by])
                command = replace(command, signature=_signature(signing, act))
                new = _facts(AGGREGATE.decide(state, command, act, seen))
        except Refusal:
            return []
        self.facts += new
        return new


def _facts(outcomes: tuple[Any, ...]) -> list[Any]:
    return [one for one in outcomes if type(one) in FACT_OF]


def _signature(signing: Any, act: Act) -> ElectronicSignature:
    auth = Authentication(aal=2, methods=("pwd", "otp"), at=act.now, challenge="x" * 54)
    text = envelope_of(signing, auth, act.now)
    return ElectronicSignature(envelope=text, signature=KEYS[act.by].sign(signed_bytes(text)).hex())

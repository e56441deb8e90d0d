"""Nobody's identity in another's chart: the words of a session's documents against everyone on its roster, those of no
session against everyone whom the patient met in the sessions of the day.

A full name or a record number is refused, or stands with a stated cause; what may be somebody's name is for the author
to see (see `exposed`) and refuses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.kit import Seen, Stream
from aggregates.note.facts import NoteContent, Section
from aggregates.note.identities import Exposure, Person, exposures
from aggregates.note.refusals import IdentityOfAnother
from aggregates.session.state import Known
from aggregates.values import Code, Date, PatientId, ProgramId

MEMBER = "member:"
DAY = "day"
"""Under which name the sessions are looked at that a patient had on the day of a document of no session."""


def members(session: Any) -> dict[str, Stream]:
    """Everybody who ever stood on the session's roster, as streams to look at."""
    people = session.everyone.values() if isinstance(session, Known) else ()
    return {f"{MEMBER}{one.patient_id}": Stream("patient", one.patient_id) for one in people}


def of_the_day(patient_id: PatientId, service_date: Date) -> dict[str, Stream]:
    """The patient's sessions of the day, as streams to look at: whoever was met there may be named."""
    return {DAY: Stream("session", of_day=(patient_id, service_date))}


def met(program_id: ProgramId, service_date: Date, seen: Mapping[str, Seen]) -> dict[str, Stream]:
    """Everybody of the sessions that were seen under `DAY`, where these are of the program and still of that day."""
    sessions = (one.state for name, one in seen.items() if name.startswith(f"{DAY}:"))
    people: dict[str, Stream] = {}
    for one in sessions:
        if isinstance(one, Known) and (one.program_id, one.plan.service_date) == (program_id, service_date):
            people |= members(one)
    return people


def exposed(words: NoteContent, own: PatientId | None, seen: Mapping[str, Seen]) -> tuple[Exposure, ...]:
    """Where the words identify another member; `own` is whose part it is, None for what all share."""
    people = (_person(one) for name, one in seen.items() if name.startswith(MEMBER))
    others = [person for person in people if person is not None]
    mine = next((person for person in others if person.patient_id == own), None)
    return exposures([(one.name, one.words) for one in words.sections], others, mine)


def must_name_nobody_else(
    words: NoteContent, own: PatientId | None, seen: Mapping[str, Seen], override: Code | None
) -> None:
    """Raises IdentityOfAnother for a full name or record number that no cause speaks for."""
    if override is not None:
        return
    found = [one for one in exposed(words, own, seen) if one.severity == "refused"]
    if found:
        what = " and ".join(sorted({one.kind.replace("_", " ") for one in found}))
        raise IdentityOfAnother(what=what, sections=", ".join(dict.fromkeys(one.section for one in found)))


def words_must_name_nobody_else(
    words: str, own: PatientId | None, seen: Mapping[str, Seen], override: Code | None
) -> None:
    """The same of words that are no section: why a document is struck or sent back. Raises IdentityOfAnother."""
    must_name_nobody_else(NoteContent(sections=(Section(name="words", words=words),)), own, seen, override)


def _person(member: Seen) -> Person | None:
    """None where nobody is registered or the identity's key is gone."""
    known = getattr(member.state, "identity", None)
    if known is None:
        return None
    return Person(
        patient_id=member.id, family_name=known.family_name, given_names=(known.given_name,),
        medical_record_number=known.medical_record_number,
    )

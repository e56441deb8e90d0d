"""Who treats a patient: the people to whom the chart is open, made from the facts alone.

    the team        who attends an open episode, admitted to it, diagnosed or certified in it, and whoever wrote a
                    document of it that was not struck
    the document    its author until it is signed, and whose cosignature it waits for until that is given; and, of the
                    document alone, who signed it beside them, and who led its group and still owes a payer that
    the room        who leads a group in which the patient has a place; who leads a session on whose roster the patient
                    stands, from one day before it until the patient's document of it, and what all share, are signed
    the alert       who took one of the patient's upon themselves, for as long as an episode is open; who took one of
                    safety last, until it is cleared, for it outlives the episode
    the referral    who was referred and is not admitted yet has no team: all clinical staff of the program may see

Beside them stand who supervises one of these people, and who is on call for the program of an open episode: whoever
asks looks those up.
An episode counts as open for 30 days after its discharge, for the summary and the measures that follow it. That, the
day before a session and the day after one that a patient missed are ours: no rule gives a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aggregates.enrollment import facts as episode
from aggregates.group import facts as group
from aggregates.note import facts as note
from aggregates.risk.decide import OF_SAFETY
from aggregates.risk.facts import AlertAcknowledged
from aggregates.session import facts as session
from aggregates.values import instant, moment

OPEN_AFTER_DISCHARGE = timedelta(days=30)
BEFORE_A_SESSION = AFTER_A_MISSED_ONE = timedelta(days=1)
TEAM = (
    "enrollment.patient_referred", "enrollment.patient_admitted", "enrollment.attending_corrected",
    "enrollment.diagnosis_recorded", "enrollment.plan_certified", "enrollment.plan_recertified",
    "enrollment.patient_discharged", "enrollment.discharge_corrected", "risk.alert_acknowledged",
)  # fmt: skip
"""Which of a patient's facts, few of them, mostly say it already."""
OTHERS = (
    "note.drafted", "note.signed", "note.signature_attested", "note.cosigned", "note.returned",
    "note.entered_in_error", "group.patient_rostered", "session.patient_expected", "session.patient_not_expected",
    "session.rescheduled", "session.patient_checked_in", "session.patient_marked_absent",
    "session.attendance_corrected",
)  # fmt: skip
"""And which say the rest."""
SIGNATURES = (
    "note.drafted", "note.signed", "note.signature_attested", "note.facilitator_signed", "note.returned",
    "note.entered_in_error",
)  # fmt: skip
"""Which say whose signatures documents have as they now read."""
LEADING = ("session.scheduled", "session.rescheduled", "session.started", "session.closed", "session.cancelled")
"""The last of these facts of a session says who leads it; cancelled, nobody does."""


@dataclass(slots=True)
class _Episode:
    program_id: str
    attending_id: str | None = None
    discharged_on: str | None = None
    team: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class _Document:
    drafted: note.NoteDrafted
    signed: bool = False
    cosigner_owed: bool = False
    supervisor_id: str | None = None
    struck: bool = False
    signers: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """Whether nobody's signature is missing."""
        return self.struck or (self.signed and not self.cosigner_owed)


@dataclass(slots=True)
class _Place:
    """A patient's place in a session: its attendance id, day and time; `ends_at` is None where it was not planned."""

    attendance_id: str
    service_date: str
    starts_at: str
    ends_at: str | None = None
    missed: bool = False


@dataclass(slots=True)
class Treated:
    """What one patient's own facts say of who treats them. Take the facts in, in order."""

    episodes: dict[str, _Episode] = field(default_factory=dict)
    documents: dict[str, _Document] = field(default_factory=dict)
    places: dict[str, _Place] = field(default_factory=dict)
    groups: dict[str, None] = field(default_factory=dict)
    takers: dict[str, None] = field(default_factory=dict)
    of_safety: dict[tuple[str, str], str] = field(default_factory=dict)

    def take(self, stream: str, fact: Any, by: Callable[[], str]) -> None:  # noqa: C901, PLR0912 # one arm a fact
        """Takes in one fact of a stream; `by` says who recorded it, where that matters."""
        match fact:
            case episode.PatientReferred():
                self.episodes[stream] = _Episode(fact.program_id)
            case episode.PatientAdmitted() if stream in self.episodes:
                self.episodes[stream].attending_id = fact.attending_id
                self.episodes[stream].team[by()] = None
            case episode.AttendingCorrected() if stream in self.episodes:
                self.episodes[stream].attending_id = fact.attending_id
            case episode.DiagnosisRecorded() if stream in self.episodes:
                self.episodes[stream].team[fact.diagnosed_by] = None
            case episode.PlanCertified() | episode.PlanRecertified() if stream in self.episodes:
                self.episodes[stream].team[fact.physician_id] = None
            case episode.PatientDischarged() | episode.DischargeCorrected() if stream in self.episodes:
                self.episodes[stream].discharged_on = fact.discharged_on
            case note.NoteDrafted():
                self.documents[stream] = _Document(fact)
            case note.NoteSigned() | note.SignatureAttested() if stream in self.documents:
                self._signed(self.documents[stream], fact)
            case note.NoteCosigned() if stream in self.documents:
                self.documents[stream].cosigner_owed = False
            case note.FacilitatorSigned() if stream in self.documents:
                self.documents[stream].signers += (fact.signer_id,)
            case note.NoteReturned() if stream in self.documents:
                self.documents[stream].signed, self.documents[stream].signers = False, ()
            case note.NoteEnteredInError() if stream in self.documents:
                self.documents[stream].struck = True
            case group.PatientRostered():
                self.groups[stream] = None
            case session.PatientExpected():
                self.places[stream] = _Place(fact.attendance_id, fact.service_date, fact.starts_at, fact.ends_at)
            case session.PatientNotExpected():
                self.places.pop(stream, None)
            case session.SessionRescheduled() if stream in self.places:
                was = self.places[stream]
                self.places[stream] = _Place(was.attendance_id, fact.service_date, fact.starts_at, fact.ends_at)
            case session.PatientCheckedIn():
                came = _Place(fact.attendance_id, fact.service_date, fact.arrived_at)
                self.places.setdefault(stream, came).missed = False
            case session.PatientMarkedAbsent() if stream in self.places:
                self.places[stream].missed = True
            case session.AttendanceCorrected() if stream in self.places:
                self.places[stream].missed = not fact.after.intervals
            case AlertAcknowledged():
                self._acknowledged(fact)

    def _signed(self, document: _Document, fact: note.NoteSigned | note.SignatureAttested) -> None:
        if not document.signed:
            document.signed, document.cosigner_owed = True, fact.needs_cosignature
            document.signers = (fact.signer_id,)
        document.supervisor_id = fact.supervisor_id or document.supervisor_id

    def _acknowledged(self, fact: AlertAcknowledged) -> None:
        self.takers[fact.acknowledged_by] = None
        name = fact.alert.kind, fact.alert.about
        if fact.outcome == "cleared":
            self.of_safety.pop(name, None)
        elif fact.alert.kind in OF_SAFETY:
            self.of_safety[name] = fact.acknowledged_by

    def programs(self, now: str) -> frozenset[str]:
        """Where the patient is in care, waits for it, or was until a short while ago."""
        return frozenset(one.program_id for one in self.episodes.values() if _is_open(one, now))

    def is_open(self, enrollment: str | None, now: str) -> bool:
        """Whether an episode goes on, or went on until a short while ago."""
        return enrollment in self.episodes and _is_open(self.episodes[enrollment], now)

    def awaits_admission(self, programs: Iterable[str]) -> bool:
        """Whether one of these programs has the patient's referral and no admission yet, or nobody has a referral."""
        waiting = {one.program_id for one in self.episodes.values() if one.attending_id is None and _is_open(one, None)}
        return not self.episodes or bool(waiting & set(programs))

    def people(self, now: str) -> frozenset[str]:
        """The team, who has a document in hand, and who took an alert."""
        opened = {stream: one for stream, one in self.episodes.items() if _is_open(one, now)}
        found = {who for one in opened.values() for who in (one.attending_id, *one.team)}
        for one in self.documents.values():
            if not one.done or (one.drafted.enrollment_id in opened and not one.struck):
                found.add(one.drafted.author_id)
            if one.cosigner_owed:
                found.add(one.supervisor_id)
        takers = (*self.of_safety.values(), *(self.takers if opened else ()))
        return frozenset(one for one in (*found, *takers) if one)

    def lacks_signature_of(self, person: str, session: str) -> bool:
        """Whether authors signed what tells of the patient in a session, their own part or what all share, and the
        person signed none of it."""
        there = [one for one in self.documents.values() if one.signed and not one.struck]
        signed = [one.signers for one in there if one.drafted.session_id == session]
        return bool(signed) and not any(person in signers for signers in signed)

    def sessions(self, now: str) -> list[str]:
        """The sessions through which whoever leads them treats the patient now."""
        soon = instant(moment(now) + BEFORE_A_SESSION)
        return [
            stream for stream, one in self.places.items()
            if one.starts_at <= soon and not (self._missed_and_over(one, now) or self._documented(stream, one))
        ]

    def _missed_and_over(self, place: _Place, now: str) -> bool:
        return place.missed and moment(place.ends_at or place.starts_at) + AFTER_A_MISSED_ONE < moment(now)

    def _documented(self, stream: str, place: _Place) -> bool:
        """Whether the patient has a document of this attendance, or of the whole day, and that and what the session's
        patients share have every signature that they need. A part whose narrative was struck waits for another one."""
        about = [
            one for one in self.documents.values() if (
                one.drafted.attendance_id == place.attendance_id or one.drafted.session_id == stream
                or (one.drafted.kind == "daily" and one.drafted.service_date == place.service_date)
            )
        ]  # fmt: skip
        own = [one.drafted for one in about if one.drafted.patient_id is not None and not one.struck]
        shared = [one for one in about if one.drafted.patient_id is None]
        lost = bool(shared) and all(one.struck for one in shared) and any(one.narrative_id for one in own)
        return bool(own) and not lost and all(one.done for one in about)


def leads_a_group(state: Any, patient: str, now: str) -> frozenset[str]:
    """Who leads a group (its state) about now, where the patient has a place in it about now; its zone is left open."""
    days = {(moment(now) + timedelta(hours=hours)).date().isoformat() for hours in (-12, 0, 14, 24)}
    placed = [day for day in days if any(one.patient_id == patient for one in state.roster_on(day))]
    return frozenset(one for day in placed for one in state.facilitators_on(day))


def leads_sessions(last: Mapping[str, Any]) -> frozenset[str]:
    """Who leads sessions, by the last of their `LEADING` facts."""
    return frozenset(one for fact in last.values() for one in getattr(fact, "facilitators", ()))


def _is_open(one: _Episode, now: str | None) -> bool:
    """Whether care goes on, or went on until a short while ago; without `now`, only whether it goes on."""
    if one.discharged_on is None:
        return True
    return now is not None and moment(f"{one.discharged_on}T00:00:00.000000Z") + OPEN_AFTER_DISCHARGE >= moment(now)

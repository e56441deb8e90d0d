"""A payer's letter and a denial, for the tests of disputes: two days of one patient on a claim that was sent."""

from __future__ import annotations

from typing import Any

from aggregates.access import AGGREGATE as ACCESS
from aggregates.access.facts import DisclosureMade
from aggregates.access.streams import access_of
from aggregates.claim import AGGREGATE as CLAIM
from aggregates.claim.facts import ClaimRejected
from aggregates.dispute import AGGREGATE
from aggregates.dispute import commands as ask
from aggregates.enrollment import AGGREGATE as ENROLLMENT
from aggregates.enrollment.facts import PatientReferred
from aggregates.kit import Refusal, Seen
from aggregates.patient.facts import ConsentSigned
from aggregates.program import AGGREGATE as PROGRAM
from aggregates.program.facts import ProgramOpened
from tests.aggregates.biller import (
    EPISODE,
    IT,
    PATIENT_ID,
    PAYER,
    POLICY_ID,
    PROGRAM_ID,
    SENT,
    TAKEN,
    episode,
    patient,
    policy,
    prepared,
)
from tests.aggregates.scenario import Decided, Given, an_act, an_id, given, seen_as

DISPUTE, REQUEST, LETTER = an_id("dispute"), an_id("request"), an_id("letter")
SECOND = an_id("claim", 3)
DECEMBER = an_act(occurred_at="2026-12-31T12:00:00Z", role="biller")
DIGEST = "ab" * 32


def around(*more: Any, **changes: Any) -> dict[str, Seen]:
    """The claim with what more happened to it, another one of the same patient, and the policy of both."""
    told = prepared(policy_id=POLICY_ID, **changes)
    return {
        f"claim:{IT}": seen_as(CLAIM, IT, told, SENT, TAKEN, *more),
        f"claim:{SECOND}": seen_as(CLAIM, SECOND, prepared(claim_id=SECOND), SENT),
        "policy": policy(), "patient": patient(), "program": seen_as(PROGRAM, PROGRAM_ID),
        f"enrollment:{EPISODE}": episode(), "access": seen_as(ACCESS, access_of(PATIENT_ID)),
    }  # fmt: skip


def substance_use(*recorded: Any, told: tuple[DisclosureMade, ...] = ()) -> dict[str, Seen]:
    """The same of a program that treats a substance use; what else is recorded of the patient, and was disclosed."""
    opened = ProgramOpened(
        code="iop", level_of_care="intensive_outpatient", focus="substance_use", population="adult", time_zone="UTC",
        opened_on="2026-01-01",
    )  # fmt: skip
    referred = PatientReferred(patient_id=PATIENT_ID, program_id=PROGRAM_ID, referred_on="2026-02-26", source="self")
    return around() | {
        "patient": patient(*recorded), "program": seen_as(PROGRAM, PROGRAM_ID, opened),
        f"enrollment:{EPISODE}": seen_as(ENROLLMENT, EPISODE, referred),
        "access": seen_as(ACCESS, access_of(PATIENT_ID), *told),
    }


def consent(**changes: Any) -> ConsentSigned:
    """To this payer for payment, from the referral on."""
    fields: dict[str, Any] = {
        "consent_id": an_id("consent"), "kind": "disclosure", "purpose": "payment", "recipient_payers": (PAYER,),
        "signed_on": "2026-02-26", "signed_by": "patient", "capacity_rule": "adult", "right_to_revoke_stated": True,
        "expires_upon": "none",
    }  # fmt: skip
    return ConsentSigned(**(fields | changes))


def disclosure(basis: Any = "audit", **changes: Any) -> DisclosureMade:
    """On record, by this basis."""
    fields: dict[str, Any] = {
        "disclosure_id": an_id("disclosure"), "patient_id": PATIENT_ID, "made_by": an_id("person"),
        "made_on": "2026-04-20", "information": ("group_notes",), "purpose": "payment", "basis": basis,
    }  # fmt: skip
    return DisclosureMade(**(fields | changes))


REJECTED = ClaimRejected(rejected_at="2026-03-11T04:00:00Z", source="277CA", codes=("A7",))


def matter(**changes: Any) -> dict[str, Any]:
    """Whose it is, with which payer, on Medicare's way."""
    return {
        "dispute_id": DISPUTE, "patient_id": PATIENT_ID, "program_id": PROGRAM_ID, "payer_id": PAYER,
        "track": "medicare", "claims": (IT,),
    } | changes  # fmt: skip


def receive(**changes: Any) -> ask.ReceiveRequest:
    """A medical reviewer's letter of 1 April."""
    fields = {
        "request_id": REQUEST, "letter_id": LETTER, "kind": "medical_review",
        "items": ("group_notes", "attendance"), "received_on": "2026-04-01", "words": "Please send.",
    }  # fmt: skip
    return ask.ReceiveRequest(**matter(**fields) | changes)


def send(**changes: Any) -> ask.SendRecords:
    """Through the portal on 20 April."""
    fields = {"request_id": REQUEST, "sent_on": "2026-04-20", "means": "portal", "items": ("group_notes",)}
    return ask.SendRecords(dispute_id=DISPUTE, **fields | changes)


def open_it(**changes: Any) -> ask.OpenDispute:
    """Against the denial received on 2 April."""
    fields = {
        "codes": ("CO-50",), "level": "redetermination", "received_on": "2026-04-02", "amount_cents": 65_000,
        "words": "The plan was met.",
    }  # fmt: skip
    return ask.OpenDispute(**matter(**fields) | changes)


def file_it(level: str = "redetermination", on: str = "2026-05-04", **changes: Any) -> ask.FileAppeal:
    """The appeal, by courier; its id is that of its level."""
    fields = {
        "appeal_id": an_id(level), "level": level, "filed_on": on, "means": "courier", "tracking": "1Z 999",
        "amount_cents": 65_000,
    }  # fmt: skip
    return ask.FileAppeal(dispute_id=DISPUTE, **fields | changes)


def answer(level: str = "redetermination", on: str = "2026-07-01", **changes: Any) -> ask.ResolveDispute:
    """Upheld in full, received on the day of the decision."""
    fields = {
        "level": level, "outcome": "upheld", "decided_on": on, "received_on": on, "upheld_cents": 65_000,
        "overturned_cents": 0,
    }  # fmt: skip
    return ask.ResolveDispute(dispute_id=DISPUTE, **fields | changes)


def issue(**changes: Any) -> ask.IssuePacket:
    """The payer's edition, approved by the biller who orders it."""
    fields = {
        "packet_id": an_id("packet"), "patient_id": PATIENT_ID, "claims": (IT,), "edition": "payer", "as_of": 40,
        "known_to": 90, "sha256": DIGEST, "bytes": 80_000, "pages": 12, "items": ("attendance", "group_notes"),
        "left_out": ("outcome_scores",), "approved_by": DECEMBER.by,
    }  # fmt: skip
    return ask.IssuePacket(dispute_id=DISPUTE, **fields | changes)


def after(*commands: Any, seen: dict[str, Seen] | None = None) -> Given:
    """The stream after commands that are all accepted on the last day of the year."""
    stream = given(AGGREGATE)
    for one in commands:
        decided = stream.when(one, DECEMBER, seen or around())
        assert decided.refusal is None, decided.refusal
        stream = decided.after
    return stream


def asked(command: Any, *before: Any, seen: dict[str, Seen] | None = None) -> Decided:
    """The decision on that day."""
    return after(*before, seen=seen).when(command, DECEMBER, seen or around())


def refused(command: Any, rule: type[Refusal], *before: Any, seen: dict[str, Seen] | None = None) -> str:
    """The refusal's message."""
    return asked(command, *before, seen=seen).refuses(rule)

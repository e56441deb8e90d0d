"""The rules of a dispute, each by the name of its refusal."""

from __future__ import annotations

from aggregates.kit import Refusal, Unknown


class UnknownDispute(Unknown):
    """No dispute is recorded under {dispute_id}; put the request or the decision on record first, or correct the id."""


class UnknownRequest(Unknown):
    """No request for records is recorded under {request_id} here; record it first, or correct the id."""


class UnknownPacket(Unknown):
    """No packet {packet_id} was issued here; issue it first, or leave it out."""


class ClaimOfAnother(Refusal):
    """Claim {claim_id} is another patient's, program's or payer's; a dispute is about one patient's claims to one
    payer: give the others a dispute of their own."""


class ClaimNotSent(Refusal):
    """Claim {claim_id} never counted as filed; a payer can be asked about it only once it has it."""


class ClaimTwice(Refusal):
    """Claim {claim_id} is named twice; name each once."""


class OtherMatter(Refusal):
    """Under this id another patient's, program's or payer's dispute is recorded; use a new id."""


class RequestToldOtherwise(Refusal):
    """Request {request_id} is recorded with other contents; give the new one its own id."""


class DueBeforeReceipt(Refusal):
    """The letter came on {received_on} and cannot be due on {due_on}; correct one of the two."""


class ClockUnknown(Refusal):
    """No clock is known for such a request; give the due day that the letter states."""


class SentBeforeRequest(Refusal):
    """Records cannot have left on {sent_on} for a request received on {received_on}; correct one of the two."""


class AlreadySent(Refusal):
    """The same sending is recorded with other words; give the new one its own day, means or tracking number."""


class AlreadyOpened(Refusal):
    """The dispute was opened with other contents; begin another one under a new id."""


class AlreadyDisputed(Refusal):
    """One of these claims is in another open dispute at this level already; go on with that one, or resolve it."""


class LevelOfAnotherTrack(Refusal):
    """{level} is no level of the way {track}; its levels are {levels}."""


class LevelSkipped(Refusal):
    """{level} comes after {before}, which has no answer yet; record the answer, or say with a cause why it is not
    waited for."""


class LevelIsOver(Refusal):
    """The level {level} has its answer; file at a later one."""


class AlreadyFiled(Refusal):
    """An appeal at the level {level} was filed on {filed_on}; record its answer before filing again."""


class AppealToldOtherwise(Refusal):
    """Appeal {appeal_id} is recorded with other contents; give the new one its own id."""


class NothingContested(Refusal):
    """No decision is contested here; open the dispute first."""


class NeverReceived(Refusal):
    """The clock runs from receipt: give the day on which the decision was received, or that of its notice."""


class NoticeAfterReceipt(Refusal):
    """The notice of {notice_on} cannot have come on {received_on}; correct one of the two."""


class TooSmallInControversy(Refusal):
    """A {level} asks for {least_cents} cents in controversy at least, and {amount_cents} are brought; say with a cause
    why it is brought all the same, such as claims that are heard together."""


class FiledBeforeDecision(Refusal):
    """Nothing can have been filed or heard on {on}, before the decision of {decided_on}; correct one of the two."""


class OtherLevel(Refusal):
    """The dispute stands at the level {level}; name that one."""


class AlreadyAnswered(Refusal):
    """The level {level} was answered on {decided_on}; an answer stands, and what is appealed has its own level."""


class AmountsContradict(Refusal):
    """{outcome} does not go with {upheld_cents} cents upheld and {overturned_cents} overturned; correct them."""


class DisputeIsOver(Refusal):
    """The dispute ended on {decided_on}; nobody goes on with it."""


class AlreadyLogged(Refusal):
    """This event is recorded with other words; give the new one its own date, time or outcome."""


class ContactInTheFuture(Refusal):
    """The contact at {contacted_at} has not happened yet; record it afterwards, or correct the time."""


class PacketOfAnother(Refusal):
    """The packet is about another patient or other claims than this dispute; correct it."""


class PacketToldOtherwise(Refusal):
    """Packet {packet_id} is recorded with other contents; give the new one its own id."""


class KnownBeforeAsOf(Refusal):
    """A packet shows what was known at {as_of}, so it cannot be built from what was known at {known_to} already."""


class NotAskedFor(Refusal):
    """No letter about these claims asks for {items}; leave it out (45 CFR 164.502(b)), or give the cause for sending it
    all the same as beyond_cause."""


class HalfACheckpoint(Refusal):
    """A checkpoint has a size and a root hash: give both or neither."""


class ApprovalMissing(Refusal):
    """A packet for the payer is approved by the person who issues it, {by}; name this person."""


class DisclosureForbidden(Refusal):
    """The patient paid for {on} in full and forbade telling this payer (45 CFR 164.522(a)(1)(vi)); leave out the claims
    of that day."""


class NoConsentToDisclose(Refusal):
    """No consent in force lets this payer be told of a substance-use record (42 CFR 2.31); have one signed, or record
    the disclosure with the exception that allows it and give its disclosure_id."""

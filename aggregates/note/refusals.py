"""What a document refuses, one class a rule."""

from __future__ import annotations

from aggregates.kit import Refusal, Unknown


class UnknownNote(Unknown):
    """No document is recorded under {note_id}; draft it first or correct the id."""


class UnknownNarrative(Unknown):
    """No group narrative is recorded under {narrative_id}; draft it first, be it still empty, or correct the id."""


class NoteAlreadyDrafted(Refusal):
    """Document {note_id} exists and is about something else; give the new one an id of its own."""


class NoteAlreadySigned(Refusal):
    """Signed by {by} at {at}; add an amendment instead."""


class NoteNotSigned(Refusal):
    """Document {note_id} has no signature of its author yet; revise it, or have it signed first."""


class NoteAlreadyCosigned(Refusal):
    """Cosigned by {by} at {at}; add an amendment instead."""


class NoCosignatureNeeded(Refusal):
    """Signed by {by} at {at}, who needs no cosignature: the document is finished and is not sent back; ask {by} for an
    amendment.
    """


class NoteStruck(Refusal):
    """Document {note_id} was entered in error, as {by} declared, and stays as it is; draft a new one."""


class DocumentIncomplete(Refusal):
    """A document of kind {kind} needs {missing}; give it with the draft."""


class NarrativeNamesPatient(Refusal):
    """The narrative that a group shares is about nobody in particular; leave out {field} and draft the patient's own
    part.
    """


class NarrativeOfAnotherSession(Refusal):
    """Document {narrative_id} is not the narrative of session {session_id}; give the one that is."""


class SessionOfAnotherProgram(Refusal):
    """Session {session_id} belongs to program {program_id}; draft the document there."""


class ServiceDateDiffers(Refusal):
    """Session {session_id} was on {session_date}, not on {service_date}; give the session's own date."""


class ServiceEndElsewhere(Refusal):
    """A service of {service_date} cannot have ended at {service_ended_at}; compare the two."""


class AttendanceOfAnother(Refusal):
    """Attendance {attendance_id} is not that of patient {patient_id} in this session; compare it with the roster."""


class DocumentStands(Refusal):
    """A session has one narrative and one part for each patient, and document {note_id} by {by} is that already; go on
    with it, add to it, or have it entered in error first.
    """


class DocumentBegunMeanwhile(Refusal):
    """Somebody else has just begun the same document of this session; read the session's documents and go on with that
    one.
    """


class NotInTheGroup(Refusal):
    """Patient {patient_id} was absent from this session, so there is no part to write or to sign; correct the
    attendance, or write a document of another kind.
    """


class AnothersDraft(Refusal):
    """This document is written by {author_id}; act on their behalf, or draft one of your own."""


class AnothersSignature(Refusal):
    """Only {signer_id} can sign here; nobody signs or attests for somebody else."""


class EmptyDocument(Refusal):
    """The document says nothing yet; write it before signing."""


class SignedOtherContent(Refusal):
    """The document now reads otherwise (digest {current}); read it again and sign what it says."""


class CredentialNotActive(Refusal):
    """No credential of {clinician_id} is known to have been active on {service_date}, and nobody signs for a service
    given without one; if there was one, have it recorded first.
    """


class NotEmployed(Refusal):
    """{clinician_id} did not work here on {service_date}, by the days that are recorded, and nobody signs for a service
    as one's own that was given then; if those days are wrong, have the employment recorded first.
    """


class SignatureIsMadeNow(Refusal):
    """A signature bears the time at which it is made; leave occurred_at out, and give a late reason if it is late."""


class NotTheCertifier(Refusal):
    """A certification is signed by the treating physician, in the role of prescriber: {certifiers}; ask them."""


class SupervisorMissing(Refusal):
    """{clinician_id} signs under supervision, and no supervisor is known for {service_date}; assign one, or sign
    with an override cause.
    """


class NotTheSupervisor(Refusal):
    """Only a supervisor other than the author does this; the supervisor on record is {supervisor_id}."""


class CosignerMissing(Refusal):
    """No supervisor is on record for this document; give your own id as the cosigner."""


class DocumentOfNoSession(Refusal):
    """Document {note_id} is of no session that anybody led; its author signs it, and a supervisor where that is needed.
    """


class FacilitatorUnnamed(Refusal):
    """Several may have led the session; give your own id as the signer."""


class SignsAsAuthor(Refusal):
    """{by} wrote this document and signs it as its author; the others who led the session sign as facilitators."""


class NotAFacilitator(Refusal):
    """The session was led by {facilitators}; nobody else signs beside the author."""


class FacilitatorHasSigned(Refusal):
    """{by} has signed these words already; add an amendment instead."""


class AmendmentIdTaken(Refusal):
    """Amendment {amendment_id} exists and says something else; give the new one an id of its own."""


class NotTheSigner(Refusal):
    """Only who signed a document amends it: {signers}; ask them, or draft a document of your own."""


class AttestationForOrder(Refusal):
    """A missing signature under an order cannot be attested afterwards (Medicare Program Integrity Manual 3.3.2.4);
    write a new order.
    """


class NotYoursToStrike(Refusal):
    """Only the author {author_id} or a supervisor declares this document entered in error; ask one of them."""


class IdentityOfAnother(Refusal):
    """Another member of the session stands here by {what}, in {sections}; take that out, or say with identity_override
    why it has to stand.
    """


class SignerUnnamed(Refusal):
    """A signature shows the signer's printed name, and none is recorded for {signer_id}; let them join first."""


class NoSigningKey(Refusal):
    """{signer_id} has no key to sign with; have one made, then sign."""


class SignatureNotValid(Refusal):
    """This is no signature over its envelope by key {key_id}, with which the signer signs now; sign again."""


class SignatureCoversOther(Refusal):
    """The signature is over something else than what stands here now ({fields}); read it again and sign that."""


class SignatureNotJustMade(Refusal):
    """A signature is recorded within {seconds} seconds of its own time, and this one says {signed_at}; sign again."""


class NotAuthenticatedJustNow(Refusal):
    """The signer proved who they are at {at}, and that counts for {seconds} seconds; prove it again."""


class ChallengeUsed(Refusal):
    """This challenge was used for a signature before; ask for a new one."""


class CorrectionOfNothing(Refusal):
    """The document has no section {section} to correct; name one that it has, or make it an addendum."""


class PatientDoesNotSign(Refusal):
    """A document of kind {kind} is not signed by the patient; a plan of care and each review of it are."""


class GuardianUnnamed(Refusal):
    """A guardian's answer names the guardian; give guardian_id of one who is on record."""


class AnsweredBeforeService(Refusal):
    """Nobody signed or refused on {on} what was written of {service_date}; compare the two dates."""


class CorrectionHoldsOther(Refusal):
    """A correction of {section} holds the new words of that section and nothing else, and this one holds {given};
    correct each section by itself, and add what is new as an addendum.
    """


class AlreadyAttested(Refusal):
    """{by} has attested this document already; nothing more is needed of them."""


class ServiceNotOver(Refusal):
    """Session {session_id} goes on until {until}, and nobody signs for a service before it was given; sign when it is
    over, or close the session first if it ended early.
    """


class NotReady(Refusal):
    """Not ready to be signed: {sections}; finish that, or say with incomplete_cause why it is signed as it is."""


class NarrativeStruck(Refusal):
    """The narrative {narrative_id} was entered in error, and nothing rests on it; document the session's narrative
    anew, and have this rest on that one.
    """


class NarrativeStands(Refusal):
    """The narrative {narrative_id}, on which this part rests, was not struck; amend that one instead."""


class GoalsAreCorrected(Refusal):
    """Goals are given by a correction of `goals` alone, which has no words; add what there is to say as an addendum."""


class SectionMissing(Refusal):
    """A correction says which section it corrects; name it."""

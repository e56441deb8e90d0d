"""The rules of shredding, each by the name of its refusal."""

from __future__ import annotations

from aggregates.kit import Refusal, Unknown


class AnotherShreddingStream(Refusal):
    """What concerns the shredding of this patient's record is recorded under {shredding_id}; use this id."""


class ShreddingAlreadyRequested(Refusal):
    """Request {request_id} is not decided yet; approve it or withdraw it before the next."""


class RequestIdTaken(Refusal):
    """Request {request_id} is another one of this patient; use a new id."""


class UnknownShreddingRequest(Unknown):
    """No request {request_id} stands for this patient; take the id of the one that waits, or ask anew."""


class ApprovalOfOwnRequest(Refusal):
    """Whoever asked for it does not approve it; have another person do so."""


class ShreddingNotRequested(Refusal):
    """Nobody asked for the shredding of this patient; a privacy officer has to ask, and another person to approve."""


class ShreddingNotApproved(Refusal):
    """Request {request_id} is not approved; somebody other than who asked has to approve it, thirty days before."""


class ShreddingTooEarly(Refusal):
    """Request {request_id} can be carried out from {not_before} on; until then it can be withdrawn."""


class HeldFromShredding(Refusal):
    """The record is on hold ({kinds}); release {holds} first, if nothing asks for the record any more."""


class InCareStill(Refusal):
    """The patient is in care ({enrollments}); a record in use is not given up."""


class DisputeStillOpen(Refusal):
    """Disputes of this patient are open ({disputes}); see them to their end first."""


class RetentionRuns(Refusal):
    """The record has to be kept through {retained_until}; carry the request out after that day."""


class UnknownHold(Unknown):
    """This patient has no hold {hold_id}; take the id of one that stands."""


class HoldIdTaken(Refusal):
    """Hold {hold_id} is another one of this patient; use a new id."""


class KeyOfAnotherPatient(Refusal):
    """{subject} is not this patient; the keys of a shredding are the patient's own and those of sessions."""

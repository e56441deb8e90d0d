"""The rules of a claim, each by the name of its refusal."""

from __future__ import annotations

from aggregates.kit import Refusal, Unknown


class UnknownClaim(Unknown):
    """No claim is recorded under {claim_id}; prepare it first, or correct the id."""


class UnknownPolicy(Unknown):
    """No policy is recorded under {policy_id}; publish the payer's terms first, or correct the id."""


class DayAlreadyBilled(Refusal):
    """A line's service day is already billed to this payer; replace that claim instead of billing the day again."""


class PerDiemAlreadyBilled(Refusal):
    """A line's service day has its one per diem on another claim to this payer already; put that claim right first."""


class UnitAlreadyDrawn(Refusal):
    """A unit of the authorization is already drawn by another claim; draw the next free one, or extend it."""


class AlreadyPrepared(Refusal):
    """Claim {claim_id} was prepared with other contents, and a claim is never edited; replace it or use a new id."""


class LinesMisnumbered(Refusal):
    """Line {line} stands at place {place}; number the lines 1, 2, 3 and so on."""


class LineOutsidePeriod(Refusal):
    """Line {line} is of {on}, outside {from_date} to {through_date}; correct the line or the claim's period."""


class LineTwice(Refusal):
    """Lines {first} and {line} bill one service with the same modifiers on one day; join their units in one line."""


class UnitDrawnTwice(Refusal):
    """Line {line} draws unit {unit} of an authorization that another line draws; give each line its own units."""


class UnitsUnnamed(Refusal):
    """Line {line} must name an authorization together with the numbers of the units it draws, or neither."""


class TotalOutOfBalance(Refusal):
    """The lines add up to {sum_cents} cents, and the total says {total_cents}; correct one of them."""


class OriginalReplacesNothing(Refusal):
    """An original of frequency {frequency} replaces no claim; use frequency 7 to replace or 8 to void."""


class ReplacedClaimMissing(Refusal):
    """Frequency {frequency} needs the claim that it replaces or voids; name it."""


class ReplacesAnother(Refusal):
    """Claim {claim_id} is of another patient, payer or program; name the one that this claim corrects."""


class NotReplaceable(Refusal):
    """Claim {claim_id} is {phase}; only what a payer took in can be replaced or voided at that payer."""


class ServiceOutsideEpisode(Refusal):
    """Line {line} is of {on}, a day outside the episode; bill it under the right episode or leave it out."""


class LevelOnDay(Refusal):
    """Line {line} bills {billed} on {on}, a day at {level_of_care}; a day belongs to exactly one level, bill that."""


class PolicyOfAnother(Refusal):
    """Policy {policy_id} is another payer's; name the policy of the payer that is billed."""


class NoTermsOnDay(Refusal):
    """Policy {policy_id} has no terms for {on}; publish the terms of that day first."""


class PolicyUnverified(Refusal):
    """Policy {policy_id} has unverified terms for {on}: {fields}; verify them against the payer's own source first."""


class PolicyNeverVerified(Refusal):
    """Nobody has verified the terms of policy {policy_id} for {on}; have a named person compare them with the payer's
    own source, and record it with `iop-es policy verify`."""


class AuthorizationOfAnother(Refusal):
    """Authorization {authorization_id} is of another patient or payer; name the one that covers line {line}."""


class AuthorizationNotInForce(Refusal):
    """Authorization {authorization_id} does not cover {on} of line {line}; extend it or request another."""


class UnitsBeyondAuthorization(Refusal):
    """Line {line} draws unit {unit}, and authorization {authorization_id} has {units}; extend it first."""


class UnknownPrimaryClaim(Unknown):
    """No claim is recorded under {claim_id}, after which this one was to be billed; correct the id."""


class PrimaryClaimOfAnother(Refusal):
    """Claim {claim_id} is of another patient or program, or of the same payer; name the one that the payer before this
    one answered."""


class PrimaryClaimUnanswered(Refusal):
    """Claim {claim_id} is {phase}; the next payer is billed once the one before has answered."""


class FileHalfNamed(Refusal):
    """A claim that left in a file says its place, and the file's interchange number, digest, position and the writer's
    version; give all five or none."""


class InterchangeUsed(Refusal):
    """Interchange {key} is the number of another file; take the next free one and write the file again."""


class TimeInTheFuture(Refusal):
    """The time {at} has not come yet; record it afterwards, or correct it."""


class NotSubmitted(Refusal):
    """The claim is {phase} and was never sent; submit it first."""


class ClaimIsOver(Refusal):
    """The claim is {phase}; prepare a new claim instead."""


class AlreadySubmitted(Refusal):
    """Submitted at {submitted_at}; a claim is sent once, prepare a replacement to send it again."""


class AnsweredBeforeSubmission(Refusal):
    """The answer of {at} is earlier than the submission at {submitted_at}; correct one of the two."""


class AlreadyAcknowledged(Refusal):
    """{source} already acknowledged this claim with another time or reference; correct the source or leave it out."""


class AlreadyAdjudicated(Refusal):
    """Adjudicated on {adjudicated_on}; reverse that answer first, with the remittance that took it back."""


class AnswerWasReversed(Refusal):
    """This answer of {adjudicated_on} was reversed; give the payer's new answer with its own date or remittance."""


class NotAdjudicated(Refusal):
    """The claim is {phase} and no answer to it stands; only an answer that was given can be reversed."""


class ReversedBeforeAnswer(Refusal):
    """Reversed on {reversed_on}, earlier than the answer of {adjudicated_on}; correct one of the two dates."""


class UnknownLine(Refusal):
    """The claim has no line {line}; correct the number in the payer's answer."""


class LineAnsweredTwice(Refusal):
    """Line {line} is answered twice; join the two answers."""


class LineUnanswered(Refusal):
    """Line {line} has no answer; give one for every line, with its adjustments where nothing was paid."""


class LineOutOfBalance(Refusal):
    """Line {line} charges {charge_cents} cents, but paid and adjustments make {answered_cents}; correct the answer."""


class PaidOutOfBalance(Refusal):
    """The lines pay {sum_cents} cents, and the answer says {paid_cents}; correct one of them."""


class VoidAtPayer(Refusal):
    """The claim is {phase}, so the payer has it; prepare a claim of frequency 8 that names this one."""


class DisclosureForbidden(Refusal):
    """The patient paid for {on} in full and forbade telling this payer; void the claim here, it was never sent."""


class NoConsentToDisclose(Refusal):
    """No consent in force lets this payer be told of a substance-use record; have one signed, or void this claim."""

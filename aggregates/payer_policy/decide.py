"""Refusals and decisions of a payer's policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.days import day_before, must_run_forwards
from aggregates.decision import made, not_in_the_future
from aggregates.kit import Act, Claim, Refusal, Seen, Unknown, altered
from aggregates.payer_policy.commands import (
    Command,
    PublishPolicy,
    RecordElectronicAddress,
    RetirePolicy,
    RevisePolicy,
    VerifyPolicy,
)
from aggregates.payer_policy.facts import (
    ElectronicAddressRecorded,
    PolicyPublished,
    PolicyRetired,
    PolicyRevised,
    PolicyVerified,
)
from aggregates.payer_policy.sense import fields_must_exist, must_make_sense
from aggregates.payer_policy.state import NotPublished, Policy, State

Outcomes = tuple[Any, ...]


class UnknownPolicy(Unknown):
    """No policy is recorded under {policy_id}; publish it first or correct the id."""


class PolicyAlreadyPublished(Refusal):
    """This policy is published from {effective_from} with other particulars; revise it instead."""


class PayerHasPolicy(Refusal):
    """This payer already has a policy; revise that one from the day on which the new terms apply."""


class RevisionNotLater(Refusal):
    """The latest terms apply from {effective_from}; a revision has to start on a later day."""


class GapUntold(Refusal):
    """The latest terms end on {ended}, and the new ones begin on {effective_from}; begin on the day after, or say with
    gap_cause why the days between have no terms."""


class NoGap(Refusal):
    """No day before {effective_from} would be without terms; leave gap_cause out."""


class RetiresBeforeStart(Refusal):
    """The latest terms apply from {effective_from}; the policy cannot end before that day."""


class PolicyAlreadyRetired(Refusal):
    """The policy's last day is recorded as {effective_through}; revise it from a later day to take it up again."""


class ElectronicAddressFromSameDay(Refusal):
    """Another electronic address already starts on {effective_from}; give the change its own first day."""


class NoTermsFromDay(Refusal):
    """No terms of this policy begin on {effective_from}; they begin on {days}: name one of these days."""


class VerifiesOwnTerms(Refusal):
    """These terms were set by the person who would verify them; have somebody else compare them with the payer's own
    source, a biller or a director."""


class NothingVerified(Refusal):
    """A verification names the fields that were compared; name at least one."""


def decide(state: State, command: Command, act: Act, seen: Mapping[str, Seen]) -> Outcomes:  # noqa: ARG001 # every decide has the same shape
    """The outcomes of a command, or a refusal."""
    match state, command:
        case _, PublishPolicy():
            outcomes = _publish(state, command, act)
        case NotPublished(), _:
            raise UnknownPolicy(policy_id=command.policy_id)
        case Policy(), VerifyPolicy():
            outcomes = _verify(state, command, act)
        case Policy(), RevisePolicy():
            outcomes = _revise(state, command, act)
        case Policy(), RetirePolicy():
            outcomes = _retire(state, command)
        case Policy(), RecordElectronicAddress():
            outcomes = _record_electronic_address(state, command)
    return outcomes


def _publish(state: State, command: PublishPolicy, act: Act) -> Outcomes:
    fact = PolicyPublished(
        payer_id=command.payer_id,
        payer_kind=command.payer_kind,
        payer_name=command.payer_name,
        code=command.code,
        effective_from=command.effective_from,
        effective_through=command.effective_through,
        terms=command.terms,
        document_digest=command.document_digest,
        published_by=act.by,
    )
    if isinstance(state, Policy):
        if altered(state.published, published_by=act.by) == fact:
            return ()
        raise PolicyAlreadyPublished(effective_from=state.published.effective_from)
    must_run_forwards(command.effective_from, command.effective_through)
    must_make_sense(command.terms)
    return fact, Claim("policy_of_payer", command.payer_id, held=PayerHasPolicy)


def _verify(state: Policy, command: VerifyPolicy, act: Act) -> Outcomes:
    if not command.fields:
        raise NothingVerified
    fields_must_exist(command.fields)
    not_in_the_future(act, command.verified_on)
    version = state.version_from(command.effective_from)
    if version is None:
        days = ", ".join(one.effective_from for one in state.versions)
        raise NoTermsFromDay(effective_from=command.effective_from, days=days)
    if version.set_by == act.by:
        raise VerifiesOwnTerms
    fact = PolicyVerified(
        verified_by=act.by, verified_on=command.verified_on, source=command.source, fields=command.fields,
        effective_from=command.effective_from,
    )
    return () if fact in state.verifications and not set(fact.fields) & set(version.unverified) else (fact,)


def _revise(state: Policy, command: RevisePolicy, act: Act) -> Outcomes:
    fact = PolicyRevised(
        effective_from=command.effective_from,
        terms=command.terms,
        cause=command.cause,
        document_digest=command.document_digest,
        gap_cause=command.gap_cause,
        revised_by=act.by,
    )
    if any(altered(one, revised_by=act.by) == fact for one in state.revisions):
        return ()
    last = state.versions[-1]
    if command.effective_from <= last.effective_from:
        raise RevisionNotLater(effective_from=last.effective_from)
    if state.retired is not None and command.effective_from <= state.retired.effective_through:
        raise PolicyAlreadyRetired(effective_through=state.retired.effective_through)
    must_make_sense(command.terms)
    _gap_must_be_told(state, command)
    return (fact,)


def _gap_must_be_told(state: Policy, command: RevisePolicy) -> None:
    """Days without terms are nobody's oversight: a retirement has its cause, any other gap needs one."""
    ended = state.versions[-1].effective_through
    gap = ended is not None and ended < day_before(command.effective_from)
    if gap and state.retired is None and command.gap_cause is None:
        raise GapUntold(ended=ended, effective_from=command.effective_from)
    if not gap and command.gap_cause is not None:
        raise NoGap(effective_from=command.effective_from)


def _retire(state: Policy, command: RetirePolicy) -> Outcomes:
    fact = PolicyRetired(effective_through=command.effective_through, cause=command.cause)
    if state.retired == fact:
        return ()
    if state.retired is not None:
        raise PolicyAlreadyRetired(effective_through=state.retired.effective_through)
    effective_from = state.versions[-1].effective_from
    if command.effective_through < effective_from:
        raise RetiresBeforeStart(effective_from=effective_from)
    return (fact,)


def _record_electronic_address(state: Policy, command: RecordElectronicAddress) -> Outcomes:
    fact = made(ElectronicAddressRecorded, command)
    if fact in state.electronic_addresses:
        return ()
    if any(one.effective_from == command.effective_from for one in state.electronic_addresses):
        raise ElectronicAddressFromSameDay(effective_from=command.effective_from)
    return (fact,)

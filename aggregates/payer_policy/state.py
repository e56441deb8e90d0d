"""What a payer's policy remembers. Folding judges nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aggregates.days import covers, day_before
from aggregates.payer_policy.facts import (
    ElectronicAddressRecorded,
    PolicyPublished,
    PolicyRetired,
    PolicyRevised,
    PolicyVerified,
)
from aggregates.payer_policy.terms import Terms


@dataclass(frozen=True, slots=True)
class NotPublished:
    """No policy is recorded under this id."""


@dataclass(frozen=True, slots=True)
class Version:
    """Terms, the days on which they apply, who set them (None: not told), and who compared them with what."""

    effective_from: str
    effective_through: str | None
    terms: Terms
    set_by: str | None = None
    verifications: tuple[PolicyVerified, ...] = ()

    @property
    def verified(self) -> frozenset[str]:
        """The fields whose mark was taken off."""
        return frozenset(name for one in self.verifications for name in one.fields)

    @property
    def vouched_for(self) -> bool:
        """Whether a named person compared these terms with a named source, and nothing is left unverified."""
        return bool(self.verifications) and not self.unverified

    @property
    def unverified(self) -> tuple[str, ...]:
        """The fields that no official source has confirmed yet, in the order in which the terms name them; whoever
        verified a field has verified its parts."""
        verified = self.verified
        return tuple(one for one in self.terms.unverified if not {one, one.partition(".")[0]} & verified)


@dataclass(frozen=True, slots=True)
class Policy:
    """A published policy, its versions in the order of their days."""

    published: PolicyPublished
    versions: tuple[Version, ...]
    revisions: tuple[PolicyRevised, ...] = ()
    verifications: tuple[PolicyVerified, ...] = ()
    retired: PolicyRetired | None = None
    electronic_addresses: tuple[ElectronicAddressRecorded, ...] = ()

    @property
    def payer_id(self) -> str:
        """The payer whose terms these are."""
        return self.published.payer_id

    def version_from(self, day: str | None) -> Version | None:
        """The version that begins on a day, or for None the one recorded last; None when none begins then."""
        if day is None:
            return self.versions[-1]
        return next((one for one in self.versions if one.effective_from == day), None)

    def terms_on(self, day: str) -> tuple[int, Terms] | None:
        """The index of the version that applies to a day and its terms; None when none applies."""
        for index, one in enumerate(self.versions):
            if covers(one.effective_from, one.effective_through, day):
                return index, one.terms
        return None

    def version_on(self, day: str) -> Version | None:
        """The version that applies to a day; None when none applies."""
        found = self.terms_on(day)
        return None if found is None else self.versions[found[0]]

    def unverified_on(self, day: str) -> tuple[str, ...]:
        """The fields still unverified in the version that applies to a day; empty when none applies."""
        found = self.version_on(day)
        return () if found is None else found.unverified

    def electronic_address_on(self, day: str) -> ElectronicAddressRecorded | None:
        """Where claim files go on a day; None when nobody has recorded it."""
        started = [one for one in self.electronic_addresses if one.effective_from <= day]
        return max(started, key=lambda one: one.effective_from, default=None)


State = NotPublished | Policy


def evolve(state: State, fact: object) -> State:
    """The state after the fact."""
    match state, fact:
        case _, PolicyPublished():
            return Policy(fact, (Version(fact.effective_from, fact.effective_through, fact.terms, fact.published_by),))
        case Policy(), PolicyVerified():
            compared = state.version_from(fact.effective_from)
            versions = tuple(
                replace(one, verifications=(*one.verifications, fact)) if one is compared else one
                for one in state.versions
            )
            return replace(state, versions=versions, verifications=(*state.verifications, fact))
        case Policy(), PolicyRevised():
            new = Version(fact.effective_from, None, fact.terms, fact.revised_by)
            versions = (*_ended(state, day_before(fact.effective_from)), new)
            return replace(state, versions=versions, revisions=(*state.revisions, fact), retired=None)
        case Policy(), PolicyRetired():
            return replace(state, versions=_ended(state, fact.effective_through), retired=fact)
        case Policy(), ElectronicAddressRecorded():
            return replace(state, electronic_addresses=(*state.electronic_addresses, fact))
        case _:
            return state


def _ended(state: Policy, day: str) -> tuple[Version, ...]:
    """The versions, the last of them ending on `day` at the latest."""
    last = state.versions[-1]
    through = day if last.effective_through is None else min(day, last.effective_through)
    return (*state.versions[:-1], replace(last, effective_through=through))

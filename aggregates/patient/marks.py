"""By what two records are seen to be one person's. Nobody is turned away for it: a record that agrees with another one
is registered, and the two are told of.

A mark is a reservation that many may hold (`shared:`): its key is a digest, which the log blinds, and the record that
holds it, so that no claim of one is ever refused. A family shares the subscriber's member number, so that the number
alone says nothing: it counts for two who both are the subscriber, or have one birth date. Names are compared folded,
whichever of the two stands first, and of several given names the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Literal, NamedTuple, get_args

from aggregates.folding import fold, parts_of, squeeze
from aggregates.kit import Claim, Refusal, Release
from aggregates.patient.facts import Identity
from aggregates.patient.state import Coverage, Patient, State

Ground = Literal["name_and_birth_date", "social_security_number", "subscriber", "member_and_birth_date"]
GROUNDS: dict[str, Ground] = {f"shared:{ground}": ground for ground in get_args(Ground)}
"""In what two records agree, by the kind of the reservation."""


class Mark(NamedTuple):
    """The kind of a reservation, and what its key is made of."""

    kind: str
    said: tuple[str, ...]

    def key(self, patient_id: str) -> str:
        """The key under which a record holds it: a digest, which the log blinds, and the record."""
        said = "\n".join((self.kind, *self.said))
        return f"{sha256(said.encode()).hexdigest()}:{patient_id}"


def moved(patient_id: str, before: State, after: State) -> tuple[Any, ...]:
    """What a record holds no longer, and what it holds from now on."""
    old, new = marks_of(before), marks_of(after)
    gone = [Release(one.kind, one.key(patient_id)) for one in sorted(old - new)]
    keys = [(one.kind, one.key(patient_id)) for one in sorted(new - old)]
    # Released before it is claimed: whatever the record held by mistake, nothing of it stands in the way.
    come = [one for key in keys for one in (Release(*key), Claim(*key, held=Refusal))]
    return *gone, *come


def marks_of(state: State) -> frozenset[Mark]:
    """The marks of a record as it stands; none without the identity at hand."""
    if not isinstance(state, Patient) or state.identity is None:
        return frozenset()
    own = frozenset(_of_identity(state.identity))
    return own.union(*(_of_coverage(one, state.identity) for one in state.coverages))


def _of_identity(identity: Identity) -> Iterator[Mark]:
    given = [one for one in parts_of(_folded(identity.given_name)) if one]
    names = sorted((squeeze(_folded(identity.family_name)), *given[:1]))
    yield _mark("name_and_birth_date", *names, identity.birth_date)
    number = squeeze(identity.social_security_number or "")
    if len(number) == 9 and len(set(number)) > 1:  # a part of it, or 999-99-9999, is many people's
        yield _mark("social_security_number", number)


def _of_coverage(coverage: Coverage, identity: Identity) -> Iterator[Mark]:
    """Of a coverage that never was, nothing."""
    told, through = coverage.recorded, coverage.effective_through
    number = squeeze(_folded((told.sealed.member_number if told.sealed else None) or ""))
    if not number or (through is not None and through < told.effective_from):
        return
    yield _mark("member_and_birth_date", told.payer_id, number, identity.birth_date)
    if told.relationship == "self":
        yield _mark("subscriber", told.payer_id, number)


def _folded(words: str) -> str:
    return fold(words)[0]


def _mark(ground: Ground, *said: str) -> Mark:
    return Mark(f"shared:{ground}", said)

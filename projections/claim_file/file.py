"""One file: the claims of a batch that share form, submitter and receiver, in the order of their places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from projections.claim_file import institutional, professional
from projections.claim_file.contents import Contents, known
from projections.claim_file.loops import beginning, billing_provider, people
from projections.claim_file.segments import Envelope, Hierarchy, Segment, Transaction, enveloped

VERSIONS = {"837I": institutional.VERSION, "837P": professional.VERSION}
WRITER = 4
"""The version of the writer: one more with every change that gives the same claims other bytes; see `batch`."""
Channel = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClaimFile:
    """A written file and the claims in it."""

    interchange: int
    claims: tuple[Contents, ...]
    content: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes, in hex."""
        return sha256(self.content).hexdigest()

    @property
    def form(self) -> str:
        """Which form all its claims have."""
        return self.claims[0].prepared.form

    @property
    def name(self) -> str:
        """What the file is called: form, receiver and number, none of which is about a patient."""
        return f"{self.form}-{channel(self.claims[0])[2]}-{self.interchange:09d}.x12"

    @property
    def total_cents(self) -> int:
        """What all its claims charge."""
        return sum(one.prepared.total_cents for one in self.claims)


def channel(claim: Contents) -> Channel:
    """What the claims of one file have in common: form, submitter and receiver, and what kind of ids these are."""
    submitter, address = known(claim.submitter), known(known(claim.insurance).address)
    ids = (submitter.submitter_id, address.receiver_id)
    return claim.prepared.form, *ids, address.submitter_qualifier, address.receiver_qualifier


def by_channel(claims: Iterable[Contents]) -> list[list[Contents]]:
    """The claims of each file, the files in order of form, submitter and receiver."""
    found: dict[Channel, list[Contents]] = {}
    for claim in claims:
        found.setdefault(channel(claim), []).append(claim)
    return [found[one] for one in sorted(found)]


def written_file(claims: Sequence[Contents], interchange: int, test: bool) -> ClaimFile:
    """The file of these claims, which have passed every check and share one channel."""
    body = [*beginning(claims[0], interchange), *_detail(claims)]
    content = enveloped(_envelope(claims[0], interchange, test), body).encode("ascii")
    return ClaimFile(interchange, tuple(claims), content)


def _envelope(first: Contents, interchange: int, test: bool) -> Envelope:
    form, submitter, receiver, submitter_qualifier, receiver_qualifier = channel(first)
    return Envelope(
        VERSIONS[form], submitter, submitter_qualifier, receiver, receiver_qualifier, first.sent_at, interchange, test
    )


def _detail(claims: Sequence[Contents]) -> list[Segment]:
    """Claim after claim; neighbors of one billing provider stand under it together."""
    transaction, hierarchy, provider, known = Transaction(), Hierarchy(), 0, None
    for claim in claims:
        if claim.provider != known or not provider:
            provider, segments = billing_provider(claim, hierarchy)
            transaction.add(*segments)
            known = claim.provider
        transaction.add(*people(claim, hierarchy, provider), *_claim(claim))
    return transaction.segments


def _claim(claim: Contents) -> list[Segment]:
    if claim.prepared.form == "837I":
        return institutional.institutional_claim(claim)
    return professional.professional_claim(claim)

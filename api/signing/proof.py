"""Who signs proves it anew: a token of the same issuer, fresh, for this person, whose nonce is the challenge.

The first signing of a working session takes factors of two kinds (two things that somebody knows are no second factor),
a following one in the same session, with no more than 15 minutes between, one factor (21 CFR 11.200 as a benchmark).
That a session goes on is kept nowhere: each signing gives the signer what shows it at the next one, to any process of
the house. Without it both factors are asked for again.
"""

from __future__ import annotations

from dataclasses import dataclass

from aggregates.kit import Refusal
from aggregates.note.envelope import SEVERAL, factors
from api.signing.known import Signer, known, said
from iop_es.engine.keys import Keyring

FRESH_SECONDS = 120
LEEWAY_SECONDS = 5
"""How far the issuer's clock may be ahead of ours."""
IDLE_SECONDS = 15 * 60
PURPOSE, END_BYTES = "working-session", 8
KINDS = {
    "knows": frozenset({"kba", "pin", "pwd"}),
    "has": frozenset({"hwk", "otp", "pop", "sc", "sms", "swk", "tel"}),
    "is": frozenset({"face", "fpt", "iris", "retina", "vbm"}),
}
"""Methods of RFC 8176 by what they show of somebody; one that stands nowhere here shows nothing that could be a second
kind, and whose issuer knows better says `mfa`."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a signing token says: whose it is, which challenge it answers, by which methods (RFC 8176) and how many
    seconds ago."""

    person: str
    challenge: str
    methods: tuple[str, ...]
    age: float

    @property
    def factors(self) -> int:
        """How many factors were used."""
        return factors(self.methods)

    @property
    def of_several_kinds(self) -> bool:
        """Whether factors of two kinds were used, by the methods or by the issuer's own word."""
        told = {one.lower() for one in self.methods}
        return SEVERAL in told or sum(not told.isdisjoint(kind) for kind in KINDS.values()) > 1


class ProofOfAnother(Refusal):
    """The signing token speaks for somebody else; prove who you are yourself."""


class ProofTooOld(Refusal):
    """The signing token's authentication is older than {seconds} seconds, or of the future; authenticate again."""


class SecondFactorMissing(Refusal):
    """The first signature of a working session takes factors of two kinds, of what you know, have and are, and after
    {minutes} idle minutes again; use two, such as a password and a one-time code, or send `continues` as the last
    signing answered it.
    """


def must_be_proved(keyring: Keyring, proof: Proof, signer: Signer, continues: str | None, now: float) -> None:
    """Raises ProofOfAnother, ProofTooOld, SecondFactorMissing."""
    if proof.person != signer.person:
        raise ProofOfAnother
    if not -LEEWAY_SECONDS <= proof.age <= FRESH_SECONDS:
        raise ProofTooOld(seconds=FRESH_SECONDS)
    goes_on = _goes_on(keyring, signer, continues, now)
    if not (proof.factors if goes_on else proof.of_several_kinds):
        raise SecondFactorMissing(minutes=IDLE_SECONDS // 60)


def going_on(keyring: Keyring, signer: Signer, now: float) -> str:
    """What shows at the next signing that the session was going on now."""
    return said(keyring, PURPOSE, (int(now) + IDLE_SECONDS).to_bytes(END_BYTES), signer)


def _goes_on(keyring: Keyring, signer: Signer, continues: str | None, now: float) -> bool:
    ends = None if continues is None else known(keyring, PURPOSE, continues, END_BYTES, signer)
    return ends is not None and now <= int.from_bytes(ends)

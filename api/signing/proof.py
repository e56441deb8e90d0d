"""Who signs proves it anew: a token of the same issuer, fresh, for this person, whose nonce is the challenge.

The first signing of a working session takes two factors, a following one in the same session, with no more than 15
minutes between, one (21 CFR 11.200 as a benchmark). A session is a person with one bearer token at one process of the
house: a process that does not know it asks for both factors again.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from aggregates.kit import Refusal
from aggregates.note.envelope import factors

FRESH_SECONDS = 120
LEEWAY_SECONDS = 5
"""How far the issuer's clock may be ahead of ours."""
IDLE_SECONDS = 15 * 60
MOST_SESSIONS = 10_000


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


class ProofOfAnother(Refusal):
    """The signing token speaks for somebody else; prove who you are yourself."""


class ProofTooOld(Refusal):
    """The signing token's authentication is older than {seconds} seconds, or of the future; authenticate again."""


class SecondFactorMissing(Refusal):
    """The first signature of a working session takes two factors, and after {minutes} idle minutes again; use both."""


@dataclass(slots=True)
class Sessions:
    """When each working session last signed, in seconds."""

    _last: dict[tuple[str, str], float] = field(default_factory=dict)

    def must_be_proved(self, proof: Proof, person: str, session: str, now: float) -> None:
        """Raises ProofOfAnother, ProofTooOld, SecondFactorMissing."""
        if proof.person != person:
            raise ProofOfAnother
        if not -LEEWAY_SECONDS <= proof.age <= FRESH_SECONDS:
            raise ProofTooOld(seconds=FRESH_SECONDS)
        last = self._last.get((person, session))
        goes_on = last is not None and now - last <= IDLE_SECONDS
        if proof.factors < (1 if goes_on else 2):
            raise SecondFactorMissing(minutes=IDLE_SECONDS // 60)

    def signed(self, person: str, session: str, now: float) -> None:
        """Takes note of a signing."""
        if len(self._last) >= MOST_SESSIONS:
            self._last.clear()
        self._last[person, session] = now

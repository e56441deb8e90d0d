"""Our side: claims by control number, payers by name, programs by NPI, and what was unmatched before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from aggregates import account, claim
from aggregates.account.state import Account
from aggregates.account.streams import account_of
from aggregates.claim.facts import ClaimPrepared
from aggregates.claim.state import Bill
from aggregates.codec import decode
from aggregates.kit import Aggregate
from iop_es.engine.log import Log, StoredFact
from iop_es.remittance.elements import Fault


@dataclass(frozen=True, slots=True)
class OurClaim:
    """A claim of ours as it stands, and the account that it is on."""

    claim_id: str
    bill: Bill
    prepared: ClaimPrepared
    account_id: str
    account: Account


@dataclass
class Books:
    """Read from the log once, but for what changes while a file is imported."""

    log: Log
    _claims: dict[str, OurClaim] = field(default_factory=dict)

    def claim_of(self, control_number: str) -> str:
        """The claim that was sent under a control number, in letters of any case. Raises Fault."""
        found = self._by_control_number.get(control_number.upper(), ())
        if len(found) != 1:
            raise Fault("claim-ambiguous" if found else "claim-unknown", "control number")
        return found[0]

    def claims_in(self, batch: str) -> tuple[str, ...]:
        """The claims that were sent in a batch. Raises Fault where there is none."""
        found = self._by_batch.get(batch, ())
        if not found:
            raise Fault("batch-unknown", "AK102")
        return found

    def claim(self, claim_id: str, fresh: bool = False) -> OurClaim:
        """A claim and its account; `fresh`: as they stand now rather than when first asked for."""
        if fresh or claim_id not in self._claims:
            self._claims[claim_id] = self._read(claim_id)
        return self._claims[claim_id]

    def referred(self, reference: str | None) -> str | None:
        """The claim that a payer's reference names, by our number or the payer's."""
        for word in (reference or "").split():
            found = self._by_control_number.get(word.upper()) or self._by_payers_number.get(word)
            if found and len(found) == 1:
                return found[0]
        return None

    def payer_of(self, name: str, numbers: Sequence[str]) -> str:
        """The payer that a file names, by an id of its electronic addresses or else by its name. Raises Fault.

        An id that no address of the payer of this name has is no proof of either, so nobody is taken for the payer.
        """
        named = self._payers.get(_folded(name), set())
        known = set[str]().union(*(self._numbered.get(_folded(one), set()) for one in numbers))
        addressed = set[str]().union(*self._numbered.values())
        if numbers and named and not known & named and (known or named & addressed):
            raise Fault("payer-number-differs", "REF2U")
        found = known & named or known or named
        if len(found) != 1:
            raise Fault("payer-unknown", "N1PR")
        return next(iter(found))

    def program_with(self, npi: str) -> str | None:
        """The program that bills under this NPI, if exactly one does."""
        found = self._programs.get(npi, set())
        return next(iter(found)) if len(found) == 1 else None

    @cached_property
    def unmatched(self) -> dict[str, str]:
        """What is unmatched and waits: ids, each with its account."""
        return {key: stream for key, stream in self.ever_unmatched.items() if key not in self.assigned}

    @cached_property
    def ever_unmatched(self) -> dict[str, str]:
        """Everything that ever was unmatched."""
        return {fact.unmatched_id: stored.stream for stored, fact in self._facts("account.remittance_unmatched")}

    @cached_property
    def assigned(self) -> set[str]:
        """What somebody assigned."""
        return {fact.unmatched_id for _, fact in self._facts("account.unmatched_assigned")}

    @cached_property
    def _by_control_number(self) -> dict[str, tuple[str, ...]]:
        """In capitals, as files have them: earlier releases kept small letters and sent capitals."""
        return _grouped((fact.control_number.upper(), stored.stream) for stored, fact in self._facts("claim.submitted"))

    @cached_property
    def _by_batch(self) -> dict[str, tuple[str, ...]]:
        return _grouped((fact.batch, stored.stream) for stored, fact in self._facts("claim.submitted"))

    @cached_property
    def _by_payers_number(self) -> dict[str, tuple[str, ...]]:
        return _grouped((fact.payer_control_number, stored.stream) for stored, fact in self._facts("claim.adjudicated"))

    @cached_property
    def _payers(self) -> dict[str, set[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for _, fact in self._facts("payer_policy.published"):
            found[_folded(fact.payer_name)].add(fact.payer_id)
        return found

    @cached_property
    def _numbered(self) -> dict[str, set[str]]:
        """Payers by the ids of their electronic addresses, of whatever day."""
        payers = {stored.stream: fact.payer_id for stored, fact in self._facts("payer_policy.published")}
        found: defaultdict[str, set[str]] = defaultdict(set)
        for stored, fact in self._facts("payer_policy.electronic_address_recorded"):
            found[_folded(fact.electronic_payer_id)].add(payers[stored.stream])
        return found

    @cached_property
    def _programs(self) -> dict[str, set[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for stored, fact in self._facts("program.provider_identity_recorded"):
            found[fact.npi].add(stored.stream)
        return found

    def _facts(self, name: str) -> list[tuple[StoredFact, Any]]:
        return [(stored, decode(stored.topic, stored.state)) for stored in self.log.by_topics([name])]

    def _read(self, claim_id: str) -> OurClaim:
        bill: Bill = _folded_stream(claim.AGGREGATE, self.log.streams([claim_id])[claim_id])
        if bill.prepared is None:
            raise Fault("claim-unknown", "control number")
        account_id = account_of(bill.prepared.patient_id)
        known = _folded_stream(account.AGGREGATE, self.log.streams([account_id])[account_id])
        return OurClaim(claim_id, bill, bill.prepared, account_id, known)


def _folded_stream(aggregate: Aggregate, facts: list[StoredFact]) -> Any:
    state = aggregate.initial
    for stored in facts:
        state = aggregate.evolve(state, decode(stored.topic, stored.state))
    return state


def _grouped(pairs: Any) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for key, value in pairs:
        found[key][value] = None
    return {key: tuple(values) for key, values in found.items()}


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())

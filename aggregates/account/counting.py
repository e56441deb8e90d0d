"""Which charges count: of claims that were sent and stand, or are taken back and the payer has yet to accept that.

A replacement counts in place of the earlier claim once its payer has taken it in, and a void leaves nothing. The facts
on the account say nothing of this, so the claims themselves are looked at; `projections.billing.keeping` has the same
definition for statements, and a law holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aggregates.account.commands import IssueRefund, PostSelfPayCharge, RequestWriteOff, WriteOffBalance
from aggregates.account.facts import ChargePosted
from aggregates.account.shares import Shares, added, in_force, together
from aggregates.account.state import Account
from aggregates.claim.before import lines_before, place_of
from aggregates.claim.state import VOID, Acknowledged, Adjudicated, Bill, Prepared, Submitted, taken_in
from aggregates.kit import Seen, Stream

AT_PAYER = (Submitted, Acknowledged, Adjudicated)


def looked_at(
    state: Account, command: IssueRefund | PostSelfPayCharge | RequestWriteOff | WriteOffBalance
) -> dict[str, Stream]:
    """The claim of a write-off, if it is of one; all that charged a day which the patient is to be charged for; of a
    refund all that charged or answered something of the program's."""
    if isinstance(command, PostSelfPayCharge):
        return {_own(one.claim_id): Stream("claim", one.claim_id) for one in charged_on(state, command.service_date)}
    if isinstance(command, RequestWriteOff | WriteOffBalance):
        return {} if command.claim_id is None else {_own(command.claim_id): Stream("claim", command.claim_id)}
    charged = [claim for (claim, _), line in state.lines.items() if line.charge.program_id == command.program_id]
    further = [claim for line in state.lines.values() for claim, _ in line.further]
    return {_own(one): Stream("claim", one) for one in dict.fromkeys((*charged, *further))}


def charged_on(state: Account, day: str) -> list[ChargePosted]:
    """What claims charge for a day."""
    return [line.charge for line in state.lines.values() if line.charge.service_date == day]


def taking_back(seen: Mapping[str, Seen]) -> dict[str, Stream]:
    """What replaced these claims, or voids them: a void holds what they held until its payer has accepted it; and what
    they replace, whose answer may stand although they were denied."""
    found: dict[str, Stream] = {}
    for name, one in seen.items():
        bill = one.state
        if name == _own(one.id) and isinstance(bill, Bill):
            if bill.prepared is not None and bill.prepared.replaces is not None:
                found.setdefault(_own(bill.prepared.replaces), Stream("claim", bill.prepared.replaces))
            if bill.replaced is not None:
                found[_instead(one.id)] = Stream("claim", bill.replaced.replaced_by)
            elif bill.voided is not None and bill.held:
                found[_instead(one.id)] = Stream("claim", holder_of=bill.held[0])
    return found


def counts(claim_id: str, seen: Mapping[str, Seen]) -> bool:
    """Whether the charges of a claim that was looked at count."""
    bill: Bill = seen[_own(claim_id)].state
    if bill.prepared is None or bill.prepared.frequency == VOID or bill.submitted is None:
        return False
    if bill.replaced is None and bill.voided is None:
        return isinstance(bill, AT_PAYER) and not _pending(bill, seen)
    later = seen.get(_instead(claim_id))
    return later is not None and _pending(later.state, seen) and later.state.prepared.replaces == claim_id


def owed_cents(state: Account, program_id: str, seen: Mapping[str, Seen]) -> int:
    """What of the charges that count, and of self-pay days, the patient owes a program."""
    owed = sum(one.owed_cents for one in state.self_pay.values() if one.charge.program_id == program_id)
    settled = {
        key: line.shares for key, line in state.lines.items()
        if line.charge.program_id == program_id and counts(key[0], seen)
    }  # fmt: skip
    for key, shares in _further(state, program_id, seen):
        if key in settled:
            settled[key] = together(settled[key], shares)
        else:
            owed += shares.patient
    for key, shares in settled.items():
        line = state.lines[key]
        owed += shares.patient - in_force(line.written_off, line.charge.charge_cents, shares).patient
    return owed


def _further(
    state: Account, program_id: str, seen: Mapping[str, Seen]
) -> Iterator[tuple[tuple[str, int] | None, Shares]]:
    """What second payers' answers that count add to the lines before them; all of it, where no such line counts."""
    for (claim, number), line in state.lines.items():
        for (second, own), shares in line.further.items():
            if line.charge.program_id == program_id and counts(second, seen):
                standing = counts(claim, seen)
                key = (claim, number) if standing else _in_place_of(state, claim, (second, own), seen)
                before = None if key is None else state.lines[key]
                yield key, shares if before is None else added(before.shares, shares, before.charge.charge_cents)


def _in_place_of(
    state: Account, claim_id: str, second: tuple[str, int], seen: Mapping[str, Seen]
) -> tuple[str, int] | None:
    """The charged line that stands for the one which the second payer's claim bills again."""
    later = seen.get(_instead(claim_id))
    if later is None or _own(later.id) not in seen:
        return None
    if not counts(later.id, seen):
        return _in_place_of(state, later.id, second, seen)
    told = (place_of(one) for one in seen[_own(second[0])].state.prepared.lines)
    found = lines_before(told, (place_of(one) for one in later.state.prepared.lines))
    key = later.id, found.get(second[1], 0)
    return key if key in state.lines else None


def _pending(bill: Bill, seen: Mapping[str, Seen]) -> bool:
    """Whether it takes another claim back and its payer has yet to accept that."""
    if bill.prepared is None or bill.prepared.replaces is None or not isinstance(bill, (Prepared, *AT_PAYER)):
        return False
    earlier = seen.get(_own(bill.prepared.replaces))
    return not taken_in(bill, earlier.state if earlier else None)


def _own(claim_id: str) -> str:
    return f"claim:{claim_id}"


def _instead(claim_id: str) -> str:
    return f"instead:{claim_id}"

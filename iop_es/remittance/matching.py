"""A remitted claim against the claim that was sent: every line found, by our number or else by day, code and charge.

Amounts of a reversal are those of an answer with the sign turned; `sign` turns them back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from aggregates.claim.facts import AdjudicatedLine, Adjustment, ClaimLine, ClaimPrepared
from iop_es.remittance.elements import Fault
from iop_es.remittance.reading import Adjusted, RemittedClaim, RemittedLine


def answers_of(claim: RemittedClaim, sent: ClaimPrepared, sign: int = 1) -> tuple[AdjudicatedLine, ...]:
    """The answer to each line that was sent, in order. Raises Fault where a line or an amount is not the claim's."""
    if sign * claim.charge != sent.total_cents:
        raise Fault("charge-differs", "CLP03")
    if not claim.lines:
        return _of_the_whole(claim, sent, sign)
    if claim.adjustments and len(sent.lines) > 1:
        raise Fault("no-lines", "CAS")
    found = _placed(claim, sent, sign)
    if len(found) != len(sent.lines):
        raise Fault("line-unmatched", "SVC")
    whole = claim.adjustments  # of a claim of one line, what adjusts the claim adjusts the line
    paid = {number: line.paid - sum(one.cents for one in whole) for number, line in found.items()}
    return tuple(
        _answer(
            one.line, sign * paid[one.line], [*found[one.line].adjustments, *whole],
            found[one.line].remarks or claim.remarks, found[one.line].allowed, sign,
        )
        for one in sent.lines
    )  # fmt: skip


def is_split(parts: Sequence[RemittedClaim], sent: ClaimPrepared, sign: int = 1) -> bool:
    """Whether the payer told the claim in several parts, none of them all of it, whose lines together are exactly the
    lines that were sent."""
    if len(parts) < 2 or not all(one.lines and sign * one.charge < sent.total_cents for one in parts):
        return False
    whole = RemittedClaim(
        parts[0].control_number, parts[0].status, parts[0].sequence, charge=sum(one.charge for one in parts),
        lines=[line for one in parts for line in one.lines],
    )
    try:
        return bool(answers_of(whole, sent, sign))
    except Fault:
        return False


def _of_the_whole(claim: RemittedClaim, sent: ClaimPrepared, sign: int) -> tuple[AdjudicatedLine, ...]:
    """An answer without lines: to the only line; or one reason for all of it, which is then each line's."""
    if len(sent.lines) == 1:
        line = sent.lines[0].line
        return (_answer(line, sign * claim.paid, claim.adjustments, claim.remarks, None, sign),)
    if claim.paid or len(claim.adjustments) != 1:
        raise Fault("no-lines", "CLP")
    [why] = claim.adjustments
    return tuple(
        _answer(one.line, 0, [Adjusted(why.group, why.carc, sign * one.charge_cents)], claim.remarks, None, sign)
        for one in sent.lines
    )


def _placed(claim: RemittedClaim, sent: ClaimPrepared, sign: int) -> dict[int, RemittedLine]:
    """The remitted lines under the numbers of the lines that they answer, each once."""
    found: dict[int, RemittedLine] = {}
    for line in claim.lines:
        number = _number(line, claim, sent, sign, found)
        if number in found:
            raise Fault("line-unmatched", "REF6R")
        found[number] = line
    return found


def _number(
    line: RemittedLine, claim: RemittedClaim, sent: ClaimPrepared, sign: int, taken: dict[int, RemittedLine]
) -> int:
    ours = {one.line: one for one in sent.lines}
    given = int(line.number) if line.number and line.number.isdecimal() and len(line.number) < 4 else None
    if given in ours:
        if ours[given].charge_cents != sign * line.charge:
            raise Fault("charge-differs", "SVC02")
        return given
    date = line.date or (claim.date if len(sent.lines) == 1 else None)
    alike = [one.line for one in sent.lines if one.line not in taken and _alike(one, line, date, sign)]
    if len(alike) != 1:
        raise Fault("line-unmatched", "SVC01")
    return alike[0]


def _alike(sent: ClaimLine, line: RemittedLine, date: str | None, sign: int) -> bool:
    same = sent.procedure_code == line.procedure if line.procedure else sent.revenue_code == line.revenue
    return same and sent.service_date == date and sent.charge_cents == sign * line.charge


def _answer(
    number: int, paid: int, adjustments: list[Adjusted], remarks: list[str], allowed: int | None, sign: int
) -> AdjudicatedLine:
    """One line's answer; its first remark stands with what is neither the fee's reduction nor the patient's share."""
    if paid < 0:
        raise Fault("unsupported", "SVC03")
    remark = remarks[0] if remarks else None
    return AdjudicatedLine(
        line=number, paid_cents=paid, allowed_cents=None if allowed is None else abs(allowed),
        adjustments=tuple(
            Adjustment(
                group=cast(Any, one.group), carc=one.carc, amount_cents=sign * one.cents,
                rarc=None if one.carc == "45" or one.group == "PR" else remark,
            )
            for one in adjustments
        ),
    )  # fmt: skip

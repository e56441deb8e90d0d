"""A letter of appeal, drafted from facts alone: for each code of the denial what the record says to it.

What answers which code is the field's own list (its confidence is not higher than general knowledge, so the letter is a
draft that a person reads, changes and signs).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from projections.billing.words import dollars
from projections.chart.pages import Block
from projections.packet.attendance import sessions
from projections.packet.differences import days, told
from projections.packet.items import TITLES
from projections.packet.money import codes, denied
from projections.packet.reading import Fact, Record, control_number
from projections.packet.sections import Section, sheet, shown

UNAPPEALABLE = "MA130"
"""The remark that a claim could not be processed and gives no right of appeal: it is corrected and sent again."""
Argument = Callable[[Record], list[Fact]]


def letter(record: Record) -> Section:
    """The letter; nothing where the payer denied nothing."""
    answers = denied(record)
    if not answers:
        return Section("letter")
    cited = [fact for code in codes(record) for fact in _argument(code)(record)]
    blocks = [
        Block("notice", "Draft", ("Made from the record alone. Read it, change it, sign it.",)),
        Block("words", f"To {record.payer}", tuple(_opening(record))),
        *(_answer(record, code) for code in codes(record)),
        Block("words", "What we ask", tuple(_asked(record, cited))),
    ]  # fmt: skip
    return Section("letter", (sheet(record, TITLES["letter"], blocks),), shown([*answers, *cited]))


def _asked(record: Record, cited: Sequence[Fact] = ()) -> Iterator[str]:
    """Payment of the days that the record bears out as they were billed, and of no other."""
    own = [one for one in days(record) if one.claim_id in record.wanted.claims]
    good = [
        one.date for one in own
        if one.now is not None and one.now.underlying == "billable" and (one.now.cents or 0) >= one.billed_cents
    ]  # fmt: skip
    other = [one.date for one in own if one.date not in good]
    if good and not _unappealable(record):
        yield f"Please review the decision and pay what was billed for {', '.join(good) if other else 'these days'}."
    if other:
        yield f"We do not ask for {', '.join(other)}: by what is known today that is not billable as it was billed."
    yield "The packet holds the proof that each fact named here stands in our sealed log."
    if record.wanted.edition == "payer" and any(one.name == "assessment.administered" for one in cited):
        yield "Of an outcome measure it proves the place alone: what was answered is withheld."


def _unappealable(record: Record) -> bool:
    lines = [line for answer in denied(record) for line in answer.told.lines]
    return any(each.rarc == UNAPPEALABLE for line in lines for each in line.adjustments)


def _opening(record: Record) -> Iterator[str]:
    claims = ", ".join(control_number(one) for one in record.claims if one.claim_id in record.wanted.claims)
    first, last = record.days[0], record.days[-1]
    total = sum(one.prepared.total_cents for one in record.claims if one.claim_id in record.wanted.claims)
    yield f"Claims {claims}, services {first} through {last}, charged {dollars(total)}."
    for one in record.claims:
        for answer in one.of("claim.adjudicated"):
            number, day = answer.told.payer_control_number, answer.told.adjudicated_on
            yield f"Your answer {number} of {day} paid {dollars(answer.told.paid_cents)}."
    if _unappealable(record):
        yield "You answered with MA130, which leaves no appeal: this is to be corrected and sent again instead."


def _answer(record: Record, code: str) -> Block:
    argument = _argument(code)
    facts = argument(record)
    said = tuple(_signed(record, facts)) if argument is _documents else tuple(
        f"{told(record, one)} (fact {one.position:,}, recorded {record.clock(one.recorded_at)})" for one in facts
    )
    return Block("words", f"To {code}", said or ("The record has nothing on this: a person has to answer it.",))


def _signed(record: Record, facts: Sequence[Fact]) -> Iterator[str]:
    """Day by day how many documents there are, who signed them, and when the last signature came."""
    about = {one.stream: one.told.service_date for one in record.of("note.drafted")}
    for day in record.days:
        own = [one for one in facts if about[one.stream] == day]
        if not own:
            yield f"{day}: no signed document."
            continue
        documents, amended = len({one.stream for one in own}), sum(one.name == "note.amended" for one in own)
        people = ", ".join(dict.fromkeys(record.clinician(one.told.signer_id).printed_name or "" for one in own))
        more = f"; {amended} amendment{'s' if amended != 1 else ''}, each signed" if amended else ""
        yield (
            f"{day}: {documents} document{'s' if documents != 1 else ''}, signed by {people}, the last signature on"
            f" {record.clock(own[-1].recorded_at)}{more} (facts {own[0].position:,} to {own[-1].position:,})."
        )


def _argument(code: str) -> Argument:
    return ARGUMENTS.get(code.partition("-")[2], _documents)


def _authorized(record: Record) -> list[Fact]:
    drawn = {line.authorization_id for one in record.claims for line in one.prepared.lines}
    drawn -= {one.stream for one in record.of("authorization.voided")}
    return [one for one in record.of("authorization.approved", "authorization.extended") if one.stream in drawn]


def _needed(record: Record) -> list[Fact]:
    names = (
        "enrollment.level_of_care_assessed", "enrollment.plan_of_care_adopted", "enrollment.plan_reviewed",
        "enrollment.plan_certified", "enrollment.plan_recertified", "assessment.administered",
    )  # fmt: skip
    return [one for one in record.of(*names) if record.clock(one.occurred_at)[:10] <= record.days[-1]]


def _documents(record: Record) -> list[Fact]:
    signed = record.of(
        "note.signed", "note.cosigned", "note.facilitator_signed", "note.signature_attested", "note.amended"
    )
    about = {one.stream for one in record.of("note.drafted") if one.told.service_date in record.days}
    about -= {one.stream for one in record.of("note.entered_in_error")}
    return [one for one in signed if one.stream in about]


def _filed(record: Record) -> list[Fact]:
    return [fact for one in record.claims for fact in one.of("claim.submitted", "claim.acknowledged")]


def _held(record: Record) -> list[Fact]:
    return [fact for one in sessions(record) for fact in one.facts if fact.name == "session.closed"]


def _covered(record: Record) -> list[Fact]:
    return record.of("patient.coverage_recorded", "patient.coverage_ended", "patient.eligibility_checked")


ARGUMENTS: dict[str, Argument] = {
    "197": _authorized, "198": _authorized, "15": _authorized, "50": _needed, "16": _documents, "252": _documents,
    "29": _filed, "18": _filed, "97": _held, "119": _held, "151": _held, "22": _covered, "26": _covered,
    "27": _covered,
}  # fmt: skip
"""By CARC, the facts that answer it; any other is answered with the signed documents."""

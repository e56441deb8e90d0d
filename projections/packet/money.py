"""The claim as it was sent, what the payer answered, the proof that it was filed in time, and the terms in force."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from aggregates.payer_policy.state import Policy, Version
from projections.billing.words import dollars
from projections.chart.pages import Block, Sheet
from projections.packet.differences import lines_of
from projections.packet.items import TITLES
from projections.packet.reading import Claim, Fact, Record, control_number
from projections.packet.sections import Section, listed, sheet, shown, table

FREQUENCIES = {
    "1": "original", "2": "first interim", "3": "continuing interim", "4": "last interim", "7": "replacement",
    "8": "void",
}  # fmt: skip
FILED = ("claim.submitted", "claim.acknowledged", "claim.rejected")


def claim(record: Record) -> Section:
    """Every version: its header, its lines with their money, and what became of it."""
    blocks = [block for one in record.claims for block in _claim(record, one)]
    facts = [fact for one in record.claims for fact in one.facts]
    return Section("claim", (sheet(record, TITLES["claim"], blocks),), shown(facts))


def remittance(record: Record) -> Section:
    """Each answer line by line: paid, allowed, adjustments with group code, CARC and RARC."""
    facts = [fact for one in record.claims for fact in one.of("claim.adjudicated", "claim.adjudication_reversed")]
    if not facts:
        return Section("remittance")
    claims = {one.claim_id for one in record.claims}
    posted = [one for one in record.of(*_POSTED) if getattr(one.told, "claim_id", None) in claims]
    blocks = [block for one in record.claims for block in _answers(one)]
    page = sheet(record, TITLES["remittance"], [*blocks, listed(record, "Posted to the account", posted)])
    return Section("remittance", (page,), shown([*facts, *posted]))


def timely_filing(record: Record) -> Section:
    """When each version left, who took it in when, and the last day for filing by the terms in force."""
    facts = [fact for one in record.claims for fact in one.of(*FILED)]
    if not facts:
        return Section("timely_filing")
    due = {day: [one.filing_due_on for one in record.now.days.get(day, ()) if one.filing_due_on] for day in record.days}
    rows = [(day, ", ".join(found)) for day, found in due.items() if found]
    blocks = [listed(record, "", facts), table("Last day for filing, by the payer's terms", ("service", "due"), rows)]
    return Section("timely_filing", (sheet(record, TITLES["timely_filing"], blocks),), shown(facts))


def policy(record: Record) -> Section:
    """The terms that applied to the claimed days as they were known at the earlier moment, value by value."""
    pages, positions = [], []
    for policy_id in dict.fromkeys(one.prepared.policy_id for one in record.claims):
        known = record.story_then(policy_id)
        if not isinstance(known.state, Policy):
            continue
        lines = (line for one in record.claims if one.prepared.policy_id == policy_id for line in one.prepared.lines)
        found = (known.state.version_on(day) for day in sorted({line.service_date for line in lines}))
        versions = {one.effective_from: one for one in found if one is not None}
        pages += [_terms(record, known.state, one) for one in versions.values()]
        positions += [one.position for one in known.told if versions]
    return Section("policy", tuple(pages), dict.fromkeys(positions, False))


def _terms(record: Record, of: Policy, version: Version) -> Sheet:
    unverified = set(version.unverified)
    rows = [
        (name.replace("_", " "), _value(value), "unverified" if name in unverified else "")
        for name, value in msgspec.to_builtins(version.terms).items()
        if name != "unverified" and value not in (None, [], (), {})
    ]  # fmt: skip
    about = (
        ("Payer", of.published.payer_name), ("Terms", of.published.code),
        ("In force", f"{version.effective_from} through {version.effective_through or 'further notice'}"),
    )  # fmt: skip
    return sheet(record, TITLES["policy"], [table("", ("term", "value", ""), rows)], about, record.then)


_POSTED = ("account.charge_posted", "account.remittance_posted", "account.payment_reversed")


def _claim(record: Record, one: Claim) -> Iterator[Block]:
    told = one.prepared
    kind = FREQUENCIES.get(told.frequency, told.frequency)
    yield Block("heading", f"Claim {control_number(one)}: {kind}")
    rows = [
        (str(line.line), line.service_date, lines_of([line]), dollars(line.charge_cents),
         ", ".join(str(unit) for unit in line.authorization_units))
        for line in told.lines
    ]  # fmt: skip
    yield table(
        f"{told.form}{f', type of bill {told.type_of_bill}' if told.type_of_bill else ''}, {told.from_date} through"
        f" {told.through_date}, total {dollars(told.total_cents)}",
        ("line", "service", "billed as", "charge", "authorized units"), rows,
        f"Decided as of fact {told.decided_at:,} of the log.",
    )
    yield listed(record, "What became of it", one.facts)


def _answers(one: Claim) -> Iterator[Block]:
    charges = {line.line: line.charge_cents for line in one.prepared.lines}
    for answer in one.of("claim.adjudicated"):
        rows = [
            (str(line.line), dollars(charges.get(line.line, 0)),
             "" if line.allowed_cents is None else dollars(line.allowed_cents), dollars(line.paid_cents),
             "; ".join(f"{each.group}-{each.carc}{f' {each.rarc}' if each.rarc else ''} {dollars(each.amount_cents)}"
                       for each in line.adjustments))
            for line in answer.told.lines
        ]  # fmt: skip
        yield table(
            f"Claim {control_number(one)}, answered {answer.told.adjudicated_on} as"
            f" {answer.told.payer_control_number}, paid {dollars(answer.told.paid_cents)}",
            ("line", "charge", "allowed", "paid", "adjustments"), rows,
            f"Remittance {answer.told.trace_number}." if answer.told.trace_number else None,
        )


def codes(record: Record) -> list[str]:
    """The adjustments by which the payer took money off, as texts such as CO-197; contractual ones (45) left out."""
    found = (
        f"{each.group}-{each.carc}"
        for one in record.claims for answer in one.of("claim.adjudicated") for line in answer.told.lines
        for each in line.adjustments if each.group != "PR" and each.carc != "45"
    )
    return list(dict.fromkeys(found))


def denied(record: Record) -> list[Fact]:
    """The answers that took money off for another reason than the contract."""
    return [
        answer for one in record.claims for answer in one.of("claim.adjudicated")
        if any(each.group != "PR" and each.carc != "45" for line in answer.told.lines for each in line.adjustments)
    ]  # fmt: skip


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return "; ".join(_value(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(
            f"{name.replace('_', ' ')} {_value(one)}" for name, one in value.items() if one not in (None, [], (), {})
        )
    return str(value)


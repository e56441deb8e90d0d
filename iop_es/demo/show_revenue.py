"""The money of the report on a terminal: claims, denials, corrections, accounts, and a month under other terms."""

from __future__ import annotations

from rich.console import Console

from iop_es.demo import page
from iop_es.demo.figures import Report, Takeback

DENIED_FOR = {
    "16": "information missing", "18": "duplicate", "27": "coverage ended", "29": "filed too late",
    "50": "not medically necessary", "97": "part of another service", "197": "no authorization",
    "198": "authorization used up", "252": "records asked for",
}
"""What the commonest CARCs come down to, in our words."""
FREQUENCIES = {"7": "7 replacement", "8": "8 void"}
ADDING_UP = (
    ("charged", "charged_cents"), ("contractual", "contractual_cents"), ("paid by payers", "paid_cents"),
    ("patients' share", "patient_cents"), ("written off", "written_off_cents"), ("open", "open_cents"),
)  # fmt: skip
"""Of an account, what is charged and what that is divided into."""
HEAD_WORDS = {"billed": "billed", "billable": "billable", "held": "waiting or held", "not_billable": "not billable"}


def show_claims(report: Report, console: Console) -> None:
    """What the payers were asked for and said."""
    claims = report.claims
    table = page.table("payer", "#claims", "#answered", "#charged", "#paid", "~", "#denied")
    for one in claims.by_payer:
        table.add_row(
            one.payer, f"{one.claims:,}", f"{one.answered:,}", page.money(one.charged_cents),
            page.money(one.paid_cents), page.bar(one.paid_cents, one.charged_cents, 10), page.money(one.denied_cents),
        )
    table.add_row(
        "[bold]all[/bold]", f"{claims.submitted:,}", f"{sum(one.answered for one in claims.by_payer):,}",
        page.money(claims.charged_cents), page.money(claims.paid_cents),
        page.bar(claims.paid_cents, claims.charged_cents, 10), page.money(claims.denied_cents),
    )
    statuses = ", ".join(f"{one.claims:,} {page.words(one.status)}" for one in claims.by_status) or "none yet"
    words = f"{claims.prepared:,} claims were prepared: {statuses}. Money is that of claims not corrected since."
    page.section(console, "Claims", words, table)
    if claims.secondary:
        page.say(console, f"  Second payers were asked by {claims.secondary:,} of them for what the first ones left, "
                 f"and paid {page.money(claims.secondary_paid_cents)}.")  # fmt: skip


def show_denials(report: Report, console: Console) -> None:
    """Denied days by the payers' own codes."""
    table = page.table("adjustment", "in short", "#days", "~", "#denied")
    most = max((one.days for one in report.claims.denials), default=0)
    for one in report.claims.denials:
        carcs = [code.partition("-")[2] for code in one.adjustments.split(", ")]
        short = "; ".join(DENIED_FOR[carc] for carc in carcs if carc in DENIED_FOR)
        table.add_row(
            one.adjustments, short or "–", f"{one.days:,}", page.bar(one.days, most, 20), page.money(one.cents)
        )
    page.section(console, "Denials", "Days that a payer refused, by group code and CARC.", table)


def show_corrections(report: Report, console: Console) -> None:
    """Claims that are to be put right."""
    found = report.corrections
    table = page.table("frequency", "#claims", "#charged", "#right", "#difference", "!an example")
    for one in found.due:
        table.add_row(
            "waits" if one.waits else FREQUENCIES.get(one.frequency or "", "void here"), f"{one.claims:,}",
            page.money(one.claimed_cents), page.money(one.right_cents), page.money(one.difference_cents), one.example,
        )
    words = (
        f"Claims that are wrong by what is known now. Put right so far: {found.replacements:,} replaced, "
        f"{found.voids:,} voided. `iop-es claims correct` prepares the next."
    )
    page.section(console, "Corrections due", words, table)


def show_accounts(report: Report, console: Console) -> None:
    """What became of the charges, each column adding up to its first line."""
    found = report.accounts
    table = page.table("account", *(f"#{one.program}" for one in found.programs), "#all")
    for name, field in ADDING_UP:
        cents = [getattr(one, field) for one in found.programs]
        table.add_row(name, *map(page.money, cents), page.money(sum(cents)))
    words = (
        f"Charges of claims that were taken in and stand, and below them what they add up from; "
        f"{found.remittances:,} remittances."
    )
    page.section(console, "Accounts", words, table)
    paid = sum(one.patient_paid_cents for one in found.programs)
    denied = sum(one.denied_cents for one in found.programs)
    page.say(console, f"  Patients paid {page.money(paid)} of their share. Payers denied {page.money(denied)}, open as "
             "long as nobody gives it up.")  # fmt: skip
    if found.provider_adjustments_cents:
        page.say(console, f"  Adjustments of the provider: {page.money(found.provider_adjustments_cents)} (below zero: "
                 "paid to us, such as interest).")  # fmt: skip
    for one in found.takebacks:
        page.say(console, _told(one))


def show_disputes(report: Report, console: Console) -> None:
    """What payers asked for, and what is contested."""
    found = report.disputes
    table = page.table("!claim", "#charged", "#denied", "how it stands")
    for one in found.entries:
        table.add_row(
            one.claims[0], page.money(one.charge_cents), page.money(one.denied_cents), f"{one.payer}: {one.sentence}"
        )
    words = "Records that payers ask for, and decisions that are contested, by their last day."
    page.section(console, "Disputes", words, table)
    for one in found.entries:
        if one.decided_at is not None:
            page.say(console, f"  {one.claims[0]}, since it was decided at fact {one.decided_at:,}:")
        for line in one.changed:
            page.say(console, f"    {line}")
    page.say(console, f"  {found.uncontested:,} denied claims ({page.money(found.uncontested_cents)}) nobody contests "
             f"yet: iop-es worklist disputes. {found.unverified:,} of all rest on an unverified clock.")  # fmt: skip


def show_other_terms(report: Report, console: Console) -> None:
    """The same days, decided again."""
    found = report.other_terms
    if found is None:
        return
    table = page.table("of the month", "#days now", "#expected", "#days then", "#expected then", "#difference")
    for one in found.heads:
        table.add_row(
            HEAD_WORDS[one.head], f"{one.now_days:,}", _starred(one.now_cents, one.now_demo), f"{one.then_days:,}",
            _starred(one.then_cents, one.then_demo), page.money(one.then_cents - one.now_cents),
        )
    words = (
        f"{found.payer}, {found.from_date} through {found.to_date}, {found.patients:,} patients: as it is, and had the "
        f"terms been those of {found.terms_of}. Claim by claim:"
    )
    page.section(console, "The same month under other terms", words, table)
    command, _, rest = found.command.partition(" --payer ")
    page.say(console, f"  .venv/bin/iop-es {command} \\\n    --payer {rest}")


def _starred(cents: int, demo: bool) -> str:
    return f"{page.money(cents)}{'*' if demo and cents else ' '}"


def _told(one: Takeback) -> str:
    """A takeback in a sentence."""
    why = f" ({', '.join(one.adjustments)})" if one.adjustments else ""
    return (
        f"  Taken back: on {one.on} {one.payer} reversed its answer to claim {one.claim_id} and paid "
        f"{page.money(one.paid_cents)} instead of {page.money(one.taken_cents)}{why}."
    )

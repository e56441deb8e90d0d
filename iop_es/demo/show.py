"""The report on a terminal: a section a function, each a sentence and a table; every bar has its number beside it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from iop_es.demo import page
from iop_es.demo.figures import Drawn, Report
from iop_es.demo.page import WIDTH
from iop_es.demo.show_revenue import (
    show_accounts,
    show_claims,
    show_corrections,
    show_denials,
    show_disputes,
    show_other_terms,
)

__all__ = ["WIDTH", "show"]

STATE_WORDS = {
    "billed": "on a claim", "billable": "can be billed now", "waiting": "wait for something",
    "held": "somebody must act", "not_billable": "nothing to bill", "written_off": "given up",
}


LISTED = 12
"""How many of today's list the page shows."""


def show(report: Report, console: Console) -> None:
    """Prints the whole report."""
    for section in (
        show_head, show_facts, show_census, show_days, show_reasons, show_claims, show_denials,
        show_corrections, show_accounts, show_disputes, show_other_terms, show_outcomes, show_cohorts, show_stays,
        show_today, show_documents, show_audit, show_incidents,
    ):  # fmt: skip
        section(report, console)


def show_head(report: Report, console: Console) -> None:
    """What this is, and what is made up."""
    console.rule(f"[bold]{report.log}[/bold]", align="left")
    kind = "A simulated clinic: people, answers and rates are invented. " if report.simulation else ""
    page.say(console, f"{kind}It is {page.moment(report.now)}; {report.position:,} facts are projected.")


def show_facts(report: Report, console: Console) -> None:
    """The programs, and facts by kind of stream."""
    table = page.table("program", "for", "focus", "level of care")
    for program in report.programs:
        table.add_row(
            program.code, f"{program.population}s", page.words(program.focus), page.words(program.level_of_care)
        )
    page.section(console, "Programs", "Who is treated where.", table)
    table = page.table("facts about", "#count", "~")
    most = max(report.facts.by_stream.values(), default=0)
    for stream, count in report.facts.by_stream.items():
        table.add_row(page.words(stream), f"{count:,}", page.bar(count, most))
    table.add_row("[bold]all[/bold]", f"[bold]{report.facts.total:,}[/bold]", "")
    page.section(console, "Facts", "Everything below is worked out from these; none was ever changed.", table)


def show_census(report: Report, console: Console) -> None:
    """Who came, who left, who is there."""
    table = page.table("program", "#referred", "#admitted", "#left", "#in care", "#mean stay", "#attended", "~by week")
    for one in report.census:
        stay = "–" if one.mean_stay_days is None else f"{one.mean_stay_days:.0f} days"
        table.add_row(
            one.program, str(one.referrals), str(one.admissions), str(one.discharges), str(one.in_care), stay,
            page.share(one.attendance_rate), page.line([week.census for week in one.weeks]),
        )  # fmt: skip
    words = "In care by week; the stay is that of those who left; attended of attended and absent."
    page.section(console, "Census", words, table)
    console.print()
    table = page.table("program", "#hours delivered", "#scheduled", "#sessions held", "#called off", "left because")
    for one in report.census:
        reasons = ", ".join(f"{count} {page.words(reason)}" for reason, count in one.discharges_by_reason.items())
        table.add_row(
            one.program, f"{one.delivered_minutes // 60:,}", f"{one.scheduled_minutes // 60:,}",
            f"{one.sessions_held:,}", f"{one.sessions_cancelled:,}", reasons or "–",
        )  # fmt: skip
    console.print(table)


def show_days(report: Report, console: Console) -> None:
    """Every decided day, once."""
    table = page.table("state", "#days", "~", "#charges", "#expected", "which means")
    states = report.billing.states
    most = max((state.days for state in states), default=0)
    for state in states:
        table.add_row(
            page.words(state.state), f"{state.days:,}", page.bar(state.days, most), page.money(state.cents),
            page.expected(state), STATE_WORDS[state.state],
        )
    days, cents = sum(one.days for one in states), sum(one.cents for one in states)
    expected = sum(one.expected_cents for one in states)
    table.add_row(
        "[bold]all[/bold]", f"[bold]{days:,}[/bold]", "", f"[bold]{page.money(cents)}[/bold]",
        f"[bold]{page.money(expected)}[/bold] ",
    )
    words = "Each day of each patient, decided under the terms of that day: the charge, and what is expected."
    page.section(console, "Days", words, table)
    unverified = sum(one.unverified for one in states)
    page.say(console, f"  * {sum(one.demo for one in states):,} of these days are expected at a demo rate; "
         f"{unverified:,} rest on a value of the payer's terms that is unverified.\n")  # fmt: skip
    table = page.table("program", *(f"#{page.words(state.state)}" for state in states))
    for program in report.programs:
        table.add_row(program.code, *(f"{state.by_program.get(program.code, 0):,}" for state in states))
    console.print(table)


def show_reasons(report: Report, console: Console) -> None:
    """What is in the way, and whose move it is."""
    table = page.table("state", "because", "#days", "#expected", "to act")
    for one in report.billing.reasons:
        table.add_row(
            page.words(one.state), page.words(one.reason), f"{one.days:,}{'u' if one.unverified else ' '}",
            page.expected(one), page.words(one.owner),
        )
    words = "Why days are not billed, the dearest first. * demo rate; u rests on unverified terms of the payer."
    page.section(console, "In the way", words, table)


def show_outcomes(report: Report, console: Console) -> None:
    """Who is getting better."""
    table = page.table("program", "measure", "#n", "#baseline", "#last", "#change", "~by month", "#better", "#worse")
    for one in report.outcomes:
        table.add_row(
            one.program, one.instrument, str(one.n), page.score(one.baseline_mean), page.score(one.last_mean),
            page.change(one.mean_change),
            page.line([point.mean for point in one.months]), page.share(one.share_improved),
            page.share(one.share_deteriorated),
        )  # fmt: skip
    words = "Means of those measured at least twice; better and worse count only reliable change."
    page.section(console, "Outcomes", words, table)
    doubtful = sorted({one.instrument for one in report.outcomes if one.threshold_verified is False})
    if doubtful:
        page.say(console, f"  What counts as reliable change is unverified for {', '.join(doubtful)}.")


def show_today(report: Report, console: Console) -> None:
    """Who needs someone today, and why."""
    table = page.table("!alert", "#days", "patient, why, and what was done so far")
    for one in report.today[:LISTED]:
        table.add_row(
            f"{page.words(one.kind)}{' !' if one.urgent else ''}", str(one.age_days),
            f"{one.patient_id}, {one.program}: {one.done}\n{one.why}",
        )
    words = "Urgent ones (!) first, then the oldest. A low score clears nothing: a person does."
    if not report.today:
        words = "Nobody stands on the list."
    page.section(console, "Who needs someone today", words, table)
    if len(report.today) > LISTED:
        page.say(console, f"  {len(report.today) - LISTED:,} more: iop-es today.")
    for kind in report.alerts:
        page.say(console, f"  {page.words(kind.kind).capitalize()}: {kind.alerts:,} about {kind.patients:,} patients, "
                 f"{kind.urgent:,} urgent; {kind.cleared:,} cleared, {kind.open:,} on the list.")  # fmt: skip


def show_cohorts(report: Report, console: Console) -> None:
    """Who completed, and everybody."""
    table = page.table(
        "!program", "measure", "#everybody", "#once", "#change", "#effect", "#completers", "#change", "#effect"
    )
    for one in report.cohorts:
        table.add_row(
            one.program, one.instrument, f"{one.everybody:,}", f"{one.never_again:,}", page.change(one.change),
            page.effect(one.effect), f"{one.completers:,}", page.change(one.completers_change),
            page.effect(one.completers_effect),
        )  # fmt: skip
    words = "Everybody with a baseline, who came once only as unchanged; an effect above zero is better."
    page.section(console, "Completers and everybody", words, table)


def show_stays(report: Report, console: Console) -> None:
    """How long they stay."""
    weeks = sorted({week for one in report.stays for week in one.survival}, key=int)
    table = page.table("!program", "#admitted", "#completed", "#dropped out", "#other", "#in care",
                       *(f"#week {week}" for week in weeks))  # fmt: skip
    for one in report.stays:
        table.add_row(
            one.program, *(f"{number:,}" for number in (one.admitted, one.completed, one.dropped_out, one.other,
                                                         one.in_care)),
            *(page.share(one.survival.get(week)) for week in weeks),
        )  # fmt: skip
    words = "Not dropped out by the end of a week (Kaplan-Meier; completed, other and in care are censored)."
    page.section(console, "Stay", words, table)


def show_documents(report: Report, console: Console) -> None:
    """What was written, how far it came, and whether the signatures hold."""
    found, states = report.documents, ("draft", "signed", "awaiting_cosignature", "cosigned", "entered_in_error")
    shown = [state for state in states if any(state in one.states for one in found.kinds)]
    table = page.table("documents", *(f"#{page.words(state)}" for state in shown))
    for one in found.kinds:
        table.add_row(page.words(one.kind), *(f"{one.states.get(state, 0):,}" for state in shown))
    words = "A group's narrative is written once; each patient's part rests on it and is signed by itself."
    page.section(console, "Documents", words, table)
    hold = "all of them hold" if found.verified == found.signatures else f"{found.verified:,} of them hold"
    page.say(console, f"  {found.signatures:,} electronic signatures, checked one by one: {hold}.")
    page.say(console, f"  {found.late:,} after the payer's window ({found.late_reasoned:,} with a reason), "
             f"{found.attested:,} attested to, {found.amendments:,} amendments, {found.returned:,} returned for "
             f"changes; {found.alike:,} pairs of parts of one group read alike.")  # fmt: skip


def show_audit(report: Report, console: Console) -> None:
    """Who changed what."""
    audit = report.audit
    table = page.table("entries", "#count", "#late")
    for one in audit.by_kind:
        table.add_row(f"{one.kind}s", f"{one.entries:,}", f"{one.late:,}")
    table.add_row("[bold]all[/bold]", f"[bold]{audit.entries:,}[/bold]", f"[bold]{audit.late_entries:,}[/bold]")
    words = "Every fact has an author and two times; late is recorded more than a day after it was true."
    page.section(console, "Audit trail", words, table)
    roles = ", ".join(f"{page.words(role)} {count:,}" for role, count in audit.by_role.items())
    page.say(console, f"  By role: {roles}.")
    page.say(console, f"  {audit.late_signatures:,} days have a note signed after the payer's window (unverified "
             "windows).")  # fmt: skip


def show_incidents(report: Report, console: Console) -> None:
    """What went wrong, with an example of each."""
    table = page.table("what", "#times", "!an example: iop-es explain")
    for one in report.incidents:
        example = f"{one.patient_id} {one.explain_date}" if one.patient_id and one.explain_date else "–"
        table.add_row(one.what, f"{one.count:,}", example)
    words = "As in every clinic. Copy an example behind `iop-es explain` to see what it did to the day's bill."
    page.section(console, "What went wrong", words, table)


def show_pictures(drawn: Sequence[Drawn], console: Console) -> None:
    """Where the pictures lie."""
    if drawn:
        folder = drawn[0].file.rpartition("/")[0]
        console.print("\n[bold]Pictures[/bold]")
        page.say(console, f"Drawn into {folder}/, each with its numbers as text.")
    for one in drawn:
        page.say(console, f"    {one.file.rpartition('/')[2]}: {one.shows}")

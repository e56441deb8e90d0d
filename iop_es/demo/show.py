"""The report on a terminal: a section a function, each a sentence and a table; every bar has its number beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from rich import box
from rich.console import Console
from rich.table import Table

from iop_es.demo.figures import Days, Report

STATE_WORDS = {
    "billed": "on a claim", "billable": "can be billed now", "waiting": "wait for something",
    "held": "somebody must act", "not_billable": "nothing to bill", "written_off": "given up",
}
DENIED_FOR = {
    "16": "information missing", "18": "duplicate", "27": "coverage ended", "29": "filed too late",
    "50": "not medically necessary", "97": "part of another service", "197": "no authorization",
    "198": "authorization used up", "252": "records asked for",
}
"""What the commonest CARCs come down to, in our words."""
WIDTH = 100
BLOCKS = "▁▂▃▄▅▆▇█"


def show(report: Report, console: Console) -> None:
    """Prints the whole report."""
    for section in (
        show_head, show_facts, show_census, show_days, show_reasons, show_claims, show_denials, show_outcomes,
        show_audit, show_incidents,
    ):  # fmt: skip
        section(report, console)


def show_head(report: Report, console: Console) -> None:
    """What this is, and what is made up."""
    console.rule(f"[bold]{report.log}[/bold]", align="left")
    kind = "A simulated clinic: people, answers and rates are invented. " if report.simulation else ""
    _say(console, f"{kind}It is {_moment(report.now)}; {report.position:,} facts are projected.")


def show_facts(report: Report, console: Console) -> None:
    """The programs, and facts by kind of stream."""
    table = _table("program", "for", "focus", "level of care")
    for program in report.programs:
        table.add_row(
            program.code, f"{program.population}s", _words(program.focus), _words(program.level_of_care)
        )
    _section(console, "Programs", "Who is treated where.", table)
    table = _table("facts about", "#count", "~")
    most = max(report.facts.by_stream.values(), default=0)
    for stream, count in report.facts.by_stream.items():
        table.add_row(_words(stream), f"{count:,}", _bar(count, most))
    table.add_row("[bold]all[/bold]", f"[bold]{report.facts.total:,}[/bold]", "")
    _section(console, "Facts", "Everything below is worked out from these; none was ever changed.", table)


def show_census(report: Report, console: Console) -> None:
    """Who came, who left, who is there."""
    table = _table("program", "#referred", "#admitted", "#left", "#in care", "#mean stay", "#attended", "~by week")
    for one in report.census:
        stay = "–" if one.mean_stay_days is None else f"{one.mean_stay_days:.0f} days"
        table.add_row(
            one.program, str(one.referrals), str(one.admissions), str(one.discharges), str(one.in_care), stay,
            _share(one.attendance_rate), _line([week.census for week in one.weeks]),
        )  # fmt: skip
    words = "In care by week; the stay is that of those who left; attended of attended and absent."
    _section(console, "Census", words, table)
    console.print()
    table = _table("program", "#hours delivered", "#scheduled", "#sessions held", "#called off", "left because")
    for one in report.census:
        reasons = ", ".join(f"{count} {_words(reason)}" for reason, count in one.discharges_by_reason.items())
        table.add_row(
            one.program, f"{one.delivered_minutes // 60:,}", f"{one.scheduled_minutes // 60:,}",
            f"{one.sessions_held:,}", f"{one.sessions_cancelled:,}", reasons or "–",
        )  # fmt: skip
    console.print(table)


def show_days(report: Report, console: Console) -> None:
    """Every decided day, once."""
    table = _table("state", "#days", "~", "#charges", "#expected", "which means")
    states = report.billing.states
    most = max((state.days for state in states), default=0)
    for state in states:
        table.add_row(
            _words(state.state), f"{state.days:,}", _bar(state.days, most), _money(state.cents), _expected(state),
            STATE_WORDS[state.state],
        )
    days, cents = sum(one.days for one in states), sum(one.cents for one in states)
    expected = sum(one.expected_cents for one in states)
    table.add_row(
        "[bold]all[/bold]", f"[bold]{days:,}[/bold]", "", f"[bold]{_money(cents)}[/bold]",
        f"[bold]{_money(expected)}[/bold] ",
    )
    words = "Each day of each patient, decided under the terms of that day: the charge, and what is expected."
    _section(console, "Days", words, table)
    unverified = sum(one.unverified for one in states)
    _say(console, f"  * {sum(one.demo for one in states):,} of these days are expected at a demo rate; "
         f"{unverified:,} rest on a value of the payer's terms that is unverified.\n")  # fmt: skip
    table = _table("program", *(f"#{_words(state.state)}" for state in states))
    for program in report.programs:
        table.add_row(program.code, *(f"{state.by_program.get(program.code, 0):,}" for state in states))
    console.print(table)


def show_reasons(report: Report, console: Console) -> None:
    """What is in the way, and whose move it is."""
    table = _table("state", "because", "#days", "#expected", "to act")
    for one in report.billing.reasons:
        table.add_row(
            _words(one.state), _words(one.reason), f"{one.days:,}{'u' if one.unverified else ' '}", _expected(one),
            _words(one.owner),
        )
    words = "Why days are not billed, the dearest first. * demo rate; u rests on unverified terms of the payer."
    _section(console, "In the way", words, table)


def show_claims(report: Report, console: Console) -> None:
    """What the payers were asked for and said."""
    claims = report.claims
    table = _table("payer", "#claims", "#answered", "#charged", "#paid", "~", "#denied")
    for one in claims.by_payer:
        table.add_row(
            one.payer, f"{one.claims:,}", f"{one.answered:,}", _money(one.charged_cents), _money(one.paid_cents),
            _bar(one.paid_cents, one.charged_cents, 10), _money(one.denied_cents),
        )
    table.add_row(
        "[bold]all[/bold]", f"{claims.submitted:,}", f"{sum(one.answered for one in claims.by_payer):,}",
        _money(claims.charged_cents), _money(claims.paid_cents),
        _bar(claims.paid_cents, claims.charged_cents, 10), _money(claims.denied_cents),
    )
    statuses = ", ".join(f"{one.claims:,} {_words(one.status)}" for one in claims.by_status) or "none yet"
    words = f"{claims.prepared:,} claims were prepared: {statuses}. Charged by the programs' fee schedule."
    _section(console, "Claims", words, table)


def show_denials(report: Report, console: Console) -> None:
    """Denied days by the payers' own codes."""
    table = _table("adjustment", "in short", "#days", "~", "#denied")
    most = max((one.days for one in report.claims.denials), default=0)
    for one in report.claims.denials:
        carcs = [code.partition("-")[2] for code in one.adjustments.split(", ")]
        short = "; ".join(DENIED_FOR[carc] for carc in carcs if carc in DENIED_FOR)
        table.add_row(one.adjustments, short or "–", f"{one.days:,}", _bar(one.days, most, 20), _money(one.cents))
    _section(console, "Denials", "Days that a payer refused, by group code and CARC.", table)


def show_outcomes(report: Report, console: Console) -> None:
    """Who is getting better."""
    table = _table("program", "measure", "#n", "#baseline", "#last", "#change", "~by month", "#better", "#worse")
    for one in report.outcomes:
        table.add_row(
            one.program, one.instrument, str(one.n), _score(one.baseline_mean), _score(one.last_mean),
            "–" if one.mean_change is None else f"{one.mean_change:+.1f}", _line([point.mean for point in one.months]),
            _share(one.share_improved), _share(one.share_deteriorated),
        )  # fmt: skip
    words = "Means of those measured at least twice; better and worse count only reliable change."
    _section(console, "Outcomes", words, table)
    doubtful = sorted({one.instrument for one in report.outcomes if one.threshold_verified is False})
    if doubtful:
        _say(console, f"  What counts as reliable change is unverified for {', '.join(doubtful)}.")
    for flag in report.flags:
        _say(console, f"  Flagged for {_words(flag.kind)}: {flag.patients:,} patients in {flag.flags:,} measures, "
             f"{flag.urgent:,} of them urgent.")  # fmt: skip


def show_audit(report: Report, console: Console) -> None:
    """Who changed what."""
    audit = report.audit
    table = _table("entries", "#count", "#late")
    for one in audit.by_kind:
        table.add_row(f"{one.kind}s", f"{one.entries:,}", f"{one.late:,}")
    table.add_row("[bold]all[/bold]", f"[bold]{audit.entries:,}[/bold]", f"[bold]{audit.late_entries:,}[/bold]")
    words = "Every fact has an author and two times; late is recorded more than a day after it was true."
    _section(console, "Audit trail", words, table)
    roles = ", ".join(f"{_words(role)} {count:,}" for role, count in audit.by_role.items())
    _say(console, f"  By role: {roles}.")
    _say(console, f"  {audit.late_signatures:,} days have a note signed after the payer's window (unverified windows).")


def show_incidents(report: Report, console: Console) -> None:
    """What went wrong, with an example of each."""
    table = _table("what", "#times", "!an example: iop-es explain")
    for one in report.incidents:
        example = f"{one.patient_id} {one.explain_date}" if one.patient_id and one.explain_date else "–"
        table.add_row(one.what, f"{one.count:,}", example)
    words = "As in every clinic. Copy an example behind `iop-es explain` to see what it did to the day's bill."
    _section(console, "What went wrong", words, table)


def _section(console: Console, title: str, words: str, table: Table) -> None:
    console.print(f"\n[bold]{title}[/bold]")
    _say(console, words)
    console.print(table)


def _say(console: Console, words: str) -> None:
    console.print(words, highlight=False)


def _table(*columns: str) -> Table:
    """A table with these headings; # marks numbers, to the right; ~ bars; ! what must not be cut or wrapped."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(
            column.lstrip("#~!"), justify="right" if column[0] == "#" else "left",
            style="cyan" if column[0] == "~" else "", no_wrap=column[0] in "#~!",
        )  # fmt: skip
    return table


def _words(code: str) -> str:
    return code.replace("_", " ")


def _money(cents: int) -> str:
    return f"${cents // 100:,}.{cents % 100:02d}"


def _expected(days: Days) -> str:
    """What payers are expected to allow, marked where a demo rate is in it; what is unknown adds nothing."""
    return f"{_money(days.expected_cents)}{'*' if days.demo else ' '}"


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _score(mean: float | None) -> str:
    return "–" if mean is None else f"{mean:.1f}"


def _moment(now: str) -> str:
    return f"{datetime.fromisoformat(now).astimezone(UTC):%A %Y-%m-%d %H:%M} UTC"


def _bar(value: int, most: int, width: int = 24) -> str:
    return "█" * max(round(value / most * width), 1 if value else 0) if most else ""


def _line(values: Sequence[float]) -> str:
    """A line of blocks, from zero to the largest value."""
    most = max(values, default=0) or 1
    return "".join(BLOCKS[round(value / most * (len(BLOCKS) - 1))] for value in values)

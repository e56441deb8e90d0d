"""The answer to a what-if on a terminal: claims, unclaimed days, days outside the period, totals; now and then."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from projections.billing.words import dollars
from projections.billing.worth import Group, Marks, SupposedClaim, Total, WhatIf

WIDTH = 100
HEADS = {
    "claimed": "on claims", "billable": "billable, not claimed", "pending": "waiting or held",
    "nothing": "not billable",
}  # fmt: skip


def console() -> Console:
    """Standard output; what is no terminal gets lines that hold a claim's id and its money."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=WIDTH)


def show(answer: WhatIf, page: Console) -> None:
    """Prints the whole answer."""
    _head(answer, page)
    if any(total.now_days for total in answer.totals) or answer.outside:
        _claims(answer, page)
        _groups("Days on no claim", "Of the period, by what they are now and would be then.", answer.unclaimed, page)
        _outside(answer, page)
        _totals(answer, page)
        _notes(answer, page)
    else:
        _say(page, "This payer covers no decided day of the period.")


def _head(answer: WhatIf, page: Console) -> None:
    where = "every program" if answer.program_id is None else f"program {answer.program_id}"
    page.rule(f"[bold]What if {escape(answer.payer_name)} had these terms[/bold]", align="left")
    _say(page, f"{answer.from_date} through {answer.to_date}, {where}: {answer.patients:,} patients, as of fact "
         f"{answer.position:,}. The terms are those of {answer.code}, whatever their own first day; nothing is stored. "
         "Claims stay as they are, with the units that they draw. Money is what the payer is expected to "
         "allow.")  # fmt: skip


def _claims(answer: WhatIf, page: Console) -> None:
    moved = [claim for claim in answer.claims if claim.days_moved]
    if moved:
        table = table_of("claim", "#$ now", "#$ then", "#difference", "#days", "because")
        for claim in moved:
            table.add_row(*_claim(claim))
        marks = _both([claim.marks for claim in moved])
        charged, worth = sum(one.claimed_cents for one in moved), sum(one.worth_cents for one in moved)
        table.add_row(
            f"all {len(moved):,}", _money(charged, marks.now_demo), _money(worth, marks.then_demo),
            _change(worth - charged), "", "", style="bold",
        )  # fmt: skip
        words = (
            "Whole claims, also their days outside the period; days: changed of all; pending: would wait or be held."
        )
        _section(page, "Claims whose money changes", words, table)
    _kept(answer, page, "other " if moved else "")


def _kept(answer: WhatIf, page: Console, other: str) -> None:
    rest = [claim for claim in answer.claims if not claim.days_moved]
    warned = sum(claim.days_changed > 0 for claim in rest)
    if rest:
        money = dollars(sum(one.claimed_cents for one in rest))
        only = f"; for {warned:,} of them another reason is told" if warned else ""
        kept = f"claim over {money} keeps its money" if len(rest) == 1 else f"claims over {money} keep their money"
        _say(page, f"  {len(rest):,} {other}{kept}{only}.")


def _claim(claim: SupposedClaim) -> tuple[str, ...]:
    pending = f"\n{dollars(claim.pending_cents)} \npending " if claim.pending_cents else ""
    return (
        f"{claim.claim_id}\n[dim]{claim.from_date} – {claim.through_date}\n{_words(claim.status)}[/dim]",
        _money(claim.claimed_cents, claim.marks.now_demo),
        f"{_money(claim.worth_cents, claim.marks.then_demo)}{pending}",
        _change(claim.difference_cents),
        f"{claim.days_changed}/{claim.days}{'u' if claim.marks.unverified else ' '}",
        claim.why or "–",
    )


def _groups(title: str, words: str, groups: Sequence[Group], page: Console) -> None:
    if not groups:
        return
    table = table_of("now", "then", "#days", "#$ now", "#$ then", "#difference", "mainly because")
    for one in groups:
        table.add_row(
            _words(one.now), _words(one.then), f"{one.days:,}{'u' if one.marks.unverified else ' '}",
            _money(one.now_cents, one.marks.now_demo), _money(one.then_cents, one.marks.then_demo),
            _change(one.then_cents - one.now_cents), one.why or "–",
        )
    _section(page, title, words, table)


def _outside(answer: WhatIf, page: Console) -> None:
    words = (
        "They change with those inside it: the weekly test looks at whole weeks, and an authorization's units go to "
        "its days in order."
    )
    _groups("Days outside the period", words, answer.outside, page)


def _totals(answer: WhatIf, page: Console) -> None:
    table = table_of("of the period", "#days now", "#now", "#days then", "#then", "#difference")
    by_head = {total.counts_as: total for total in answer.totals}
    charged = [by_head["claimed"], by_head["billable"]]
    for total in charged:
        _total(table, HEADS[total.counts_as], [total])
    _total(table, "can be charged", charged, style="bold")
    for head in ("pending", "nothing"):
        _total(table, HEADS[head], [by_head[head]])
    _section(page, "Totals", "Each day of the period is under one head, now and then.", table)


def _total(table: Table, name: str, totals: Sequence[Total], style: str | None = None) -> None:
    now, then = sum(one.now_cents for one in totals), sum(one.then_cents for one in totals)
    marks = _both([one.marks for one in totals])
    table.add_row(
        name, f"{sum(one.now_days for one in totals):,}", _money(now, marks.now_demo),
        f"{sum(one.then_days for one in totals):,}", _money(then, marks.then_demo), _change(then - now), style=style,
    )


def _notes(answer: WhatIf, page: Console) -> None:
    _say(page, "  * has a demo rate in it, made up for a demonstration. u rests on unverified terms, now or then.")
    if answer.unknown_rates:
        _say(page, f"  {answer.unknown_rates:,} days of the period have no known rate then: they count nothing.")


def _both(marks: Sequence[Marks]) -> Marks:
    return Marks(
        now_demo=any(one.now_demo for one in marks), then_demo=any(one.then_demo for one in marks),
        unverified=any(one.unverified for one in marks),
    )


def _section(page: Console, title: str, words: str, table: Table) -> None:
    page.print(f"\n[bold]{title}[/bold]")
    _say(page, words)
    page.print(table)


def _say(page: Console, words: str) -> None:
    page.print(escape(words))


def table_of(*columns: str) -> Table:
    """A table with these headings; # marks numbers, to the right and never wrapped, like the first column. Nothing is
    cut off, and the gaps are narrow: a claim's line is wide."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for place, column in enumerate(columns):
        number = column[0] == "#"
        table.add_column(
            column.lstrip("#"), justify="right" if number else "left", no_wrap=number or place == 0, overflow="fold"
        )
    return table


def _words(code: str) -> str:
    return code.replace("_", " ")


def _money(cents: int, demo: bool) -> str:
    return f"{dollars(cents)}{'*' if demo and cents else ' '}"


def _change(cents: int) -> str:
    return "–" if cents == 0 else f"{'+' if cents > 0 else ''}{dollars(cents)}"

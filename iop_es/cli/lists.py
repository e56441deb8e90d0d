"""The worklists by name: what each asks of billing, what it counts, and how it is laid out on a terminal.

Patients, claims and clinicians are told by their ids, because billing knows no name; payers and programs by the names
that they have in their policies and openings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg import Cursor

from projections.billing import queries, self_pay, worklists
from projections.billing.accounts import queries as accounts
from projections.billing.disputes import queries as disputing
from projections.billing.words import dollars

Cell = Callable[[Any, "Asked"], str]


@dataclass(frozen=True, slots=True)
class Asked:
    """How the lists are asked: for these programs, so many days ahead; what payers and programs are called, and which
    records may be one person's."""

    programs: Sequence[str]
    within_days: int = worklists.SOON
    older_than_days: int = worklists.MONTH
    names: dict[str, str] = field(default_factory=dict)
    agreed: Sequence[worklists.Agreed] = ()

    def name(self, key: str | None) -> str:
        """A payer or program by name; by its id where it has none."""
        return "–" if key is None else self.names.get(key, key)


@dataclass(frozen=True, slots=True)
class Worklist:
    """One list. `counts` says what its entries are, `count` and `cents` what one of them adds to the overview; a
    heading that begins with # is a number's."""

    title: str
    counts: str
    ask: Callable[[Cursor[Any], str, Asked], Sequence[Any]]
    columns: dict[str, Cell]
    count: Callable[[Any], int] = lambda _: 1
    cents: Callable[[Any], int] | None = None
    state: str | None = None

    def overview(self, cursor: Cursor[Any], now: str, asked: Asked) -> tuple[int, int | None]:
        """How many, and the money; of a list that is a state of days by its totals, so that no day is read for it."""
        if self.state is not None:
            totals = queries.totals(cursor, programs=asked.programs, now=now)
            own = [one for one in totals if one.state == self.state]
            return sum(one.days for one in own), sum(one.cents for one in own)
        found = self.ask(cursor, now, asked)
        money = None if self.cents is None else sum(self.cents(one) for one in found)
        return sum(self.count(one) for one in found), money


def _days(state: str) -> Callable[[Cursor[Any], str, Asked], Sequence[Any]]:
    return lambda cursor, now, asked: queries.days(
        cursor, programs=asked.programs, now=now, state=state, limit=None
    )


def _plain(query: Callable[..., Sequence[Any]]) -> Callable[[Cursor[Any], str, Asked], Sequence[Any]]:
    return lambda cursor, now, asked: query(cursor, programs=asked.programs, now=now)


def _soon(query: Callable[..., Sequence[Any]], **more: Any) -> Callable[[Cursor[Any], str, Asked], Sequence[Any]]:
    return lambda cursor, now, asked: query(
        cursor, programs=asked.programs, now=now, within_days=asked.within_days, **more
    )


def _of(name: str) -> Cell:
    return lambda one, _: _words(getattr(one, name))


def _money(name: str) -> Cell:
    return lambda one, _: "?" if getattr(one, name) is None else dollars(getattr(one, name))


def _named(name: str) -> Cell:
    return lambda one, asked: asked.name(getattr(one, name))


def _words(value: Any) -> str:
    return "–" if value is None or value == "" else f"{value:,}" if isinstance(value, int) else str(value)


def _spaced(name: str) -> Cell:
    return lambda one, _: _words(getattr(one, name)).replace("_", " ")


def _clock(at: str | None) -> str:
    """An instant as far as a person needs it; UTC."""
    return "–" if at is None else f"{at[:10]} {at[11:16]}Z"


def _several(claims: Sequence[str]) -> str:
    return claims[0] if len(claims) == 1 else f"{claims[0]} and {len(claims) - 1} more"


def _asked_of(one: Any, _asked: Asked) -> str:
    """What would be given up and under which id, why, and who asked for it when."""
    if one.kind == "day":
        of = f"Day of episode {one.enrollment_id}"
    else:
        of = f"charge {one.charge_id}" if one.claim_id is None else f"line {one.line} of claim {one.claim_id}"
        of = f"Write-off {one.write_off_id} of the {one.share}'s part of {of}"
    return f"{of}: {one.cause.replace('_', ' ')}. Asked for by {one.requested_by} on {one.requested_at[:10]}."


def _owner(one: Any) -> str:
    return f" Owner {one.owner_id}." if one.owner_id else ""


def _unverified(one: Any) -> str:
    return " u" if one.unverified else ""


def _because(one: Any) -> str:
    """Why a claim is wrong, by the first day that has a reason."""
    if one.look is not None:
        code = ", ".join(one.denied)
        return f"denied {code} ({dollars(one.denied_cents)}): find out what was missing, then claims correct CLAIM"
    reason = next((day.reason for day in one.days if day.reason), "other lines" if one.days else "other header")
    return _words(reason).replace("_", " ")


def _correct_by(one: Any) -> str:
    """The last day for a correction, where the payer's terms set one, and what comes of one after it."""
    if one.correct_by is None:
        return ""
    past = ": over, expect CO-29" if one.late else ": over, released" if one.late_released else ""
    return f"; by {one.correct_by}{_unverified(one)}{past}"


PATIENT: dict[str, Cell] = {"patient": _of("patient_id")}
DAY: dict[str, Cell] = PATIENT | {"day": _of("service_date"), "payer": _named("payer_id")}
CHARGED: dict[str, Cell] = {"#charges": _money("cents"), "#expected": _money("expected_cents")}

WORKLISTS: dict[str, Worklist] = {
    "billable": Worklist(
        "Days that can be billed now", "days", _days("billable"), DAY | CHARGED,
        cents=lambda one: one.cents or 0, state="billable",
    ),
    "waiting": Worklist(
        "Days that wait, and until when", "days", _days("waiting"),
        PATIENT | {
            "day": _of("service_date"), "until": lambda one, _: _clock(one.due_at), "then": _spaced("becomes"),
            "because": _spaced("reason"), "#charges": _money("cents"),
        },
        cents=lambda one: one.cents or 0, state="waiting",
    ),
    "held": Worklist(
        "Days that somebody must act on", "days", _plain(queries.held),
        {
            "owner": _spaced("owner"), "because": _spaced("reason"), "next step": _of("next_step"),
            "#days": _of("days"), "#charges": _money("cents"), "oldest": _of("oldest"),
        },
        count=lambda one: one.days, cents=lambda one: one.cents, state="held",
    ),
    "unsigned": Worklist(
        "Documents to sign, revise or cosign; a day that needs several is under each", "documents",
        _plain(worklists.unsigned),
        {
            "clinician": _of("clinician_id"), "to": _of("task"), "#documents": _of("notes"), "#days": _of("days"),
            "#held": _of("held"), "#charges": _money("cents"), "oldest": _of("oldest"),
        },
        count=lambda one: one.notes, cents=lambda one: one.cents,
    ),
    "authorizations": Worklist(
        "Authorizations that run out, by units at the present pace or by their last day", "authorizations",
        _soon(worklists.running_out),
        PATIENT | {
            "#left": lambda one, _: f"{one.remaining}/{one.units}",
            "#pace": lambda one, _: f"{one.pace_units} in {one.pace_days} days", "units end": _of("units_end_on"),
            "last day": _of("valid_through"), "#in days": _of("days_left"),
        },
    ),
    "recertifications": Worklist(
        "Certifications and plan reviews that the payer asks for, and consents that end", "papers",
        _soon(worklists.recertifications),
        PATIENT | {
            "what": _spaced("kind"), "payer": _named("payer_id"), "last": _of("last_on"), "due": _of("due_on"),
            "#in days": lambda one, _: f"{one.days_left:,}{_unverified(one)}",
        },
    ),
    "eligibility": Worklist(
        "Coverages of patients in care that nobody checked lately (how lately is our convention, unverified)",
        "coverages",
        lambda cursor, now, asked: worklists.eligibility(
            cursor, programs=asked.programs, now=now, older_than_days=asked.older_than_days
        ),
        PATIENT | {
            "payer": _named("payer_id"), "#rank": _of("rank"), "last check": _of("checked_on"),
            "#days ago": _of("age_days"),
            "answer": lambda one, _: "–" if one.active is None else "active" if one.active else "not active",
        },
    ),
    "alike": Worklist(
        "Records that may be one person's; a day that both have goes on one's claims alone", "pairs",
        lambda cursor, now, asked: worklists.alike(
            cursor, programs=asked.programs, now=now, agreed=asked.agreed
        ),
        {
            "patient": lambda one, _: one.patient_ids[0], "and": lambda one, _: one.patient_ids[1],
            "agree in": lambda one, _: ", ".join(one.grounds).replace("_", " "), "#since fact": _of("since"),
            "#days of both": _of("days"), "#charges": _money("cents"), "from": _of("first_day"),
        },
        cents=lambda one: one.cents,
    ),
    "filing": Worklist(
        "Days and claims whose window for filing closes or is past", "entries", _soon(worklists.filing, limit=None),
        {
            "due": _of("due_on"), "#in days": lambda one, _: f"{one.days_left:,}{_unverified(one)}",
            "what": _of("kind"), "stands": _spaced("status"),
            "claim or patient": lambda one, _: one.claim_id or one.patient_id, "from": _of("from_date"),
            "#money": _money("cents"),
        },
        cents=lambda one: one.cents or 0,
    ),
    "corrections": Worklist(
        "Claims that are wrong by what is known now, or that their payer denied as to be corrected", "claims",
        _plain(queries.corrections),
        {
            "claim": _of("claim_id"), "payer": _named("payer_id"), "#frequency": _of("frequency"),
            "#claimed": _money("claimed_cents"), "#right": _money("right_cents"),
            "#days": lambda one, _: str(len(one.days)),
            "because": lambda one, _: _because(one) + _correct_by(one),
        },
        cents=lambda one: one.difference_cents,
    ),
    "denied-voids": Worklist(
        "Voids and replacements that their payer denied while the earlier claim's answer stands: a person says which "
        "holds (claim.reject or claim.acknowledge)",
        "claims", _plain(queries.denied_voids),
        {
            "denied claim": _of("claim_id"), "#frequency": _of("frequency"), "of claim": _of("replaces"),
            "payer": _named("payer_id"), "denied": _of("denied_on"), "why": lambda one, _: ", ".join(one.adjustments),
            "#charges": _money("total_cents"),
        },
        cents=lambda one: one.total_cents,
    ),
    "self-pay": Worklist(
        "Days that no payer is asked for, and the patient's account does not say so", "days", _plain(self_pay.due),
        PATIENT | {
            "day": _of("service_date"), "to do": _spaced("action"), "because": _spaced("basis"),
            "#charge": _money("charge_cents"), "#owes": _money("owed_cents"), "#charged": _money("charged_cents"),
        },
        cents=lambda one: one.difference_cents,
    ),
    "unmatched": Worklist(
        "What of payers' files could not be posted: it moved nothing until somebody settles and assigns it", "parts",
        lambda cursor, now, asked: accounts.unmatched(
            cursor, programs=asked.programs, now=now, assigned=False, limit=None
        ),
        {
            "payer": _named("payer_id"), "file": _of("source"), "part": _spaced("part"),
            "claim": _of("claim_id"), "trace number": _of("trace_number"), "paid on": _of("remittance_on"),
            "#paid": lambda one, _: "–" if one.paid_cents is None else dollars(one.paid_cents),
            "why, and what to do": _of("sentence"),
        },
        cents=lambda one: one.paid_cents or 0,
    ),
    "unanswered": Worklist(
        "Claims without an answer: taken back, or sent long ago (how long is our convention, unverified)", "claims",
        lambda cursor, now, asked: worklists.unanswered(
            cursor, programs=asked.programs, now=now, older_than_days=asked.older_than_days
        ),
        {
            "claim": _of("claim_id"), "payer": _named("payer_id"), "is": _spaced("status"), "since": _of("since"),
            "#days": _of("days"), "#charges": _money("cents"), "next step": _of("next_step"),
        },
        cents=lambda one: one.cents,
    ),
    "denials": Worklist(
        "What payers refused, by reason", "lines", _plain(accounts.denials),
        {
            "payer": _named("payer_id"), "reason": lambda one, _: f"{one.group}-{one.carc}", "remark": _of("rarc"),
            "answer": lambda one, _: "corrected claim" if one.corrected else "appeal",
            "#lines": _of("lines"), "#patients": _of("patients"), "#refused": _money("cents"), "oldest": _of("oldest"),
        },
        count=lambda one: one.lines, cents=lambda one: one.cents,
    ),
    "disputes": Worklist(
        "Records asked for, disputes, and denials that nobody contests, by their last day (u: unverified)", "entries",
        _plain(disputing.disputes),
        {
            "due": _of("due_on"), "#in days": lambda one, _: f"{_words(one.days_left)}{_unverified(one)}",
            "to do": _spaced("task"), "claim": lambda one, _: _several(one.claims),
            "#at stake": _money("denied_cents"),
            "how it stands": lambda one, asked: f"{asked.name(one.payer_id)}: {one.sentence}{_owner(one)}",
        },
        cents=lambda one: one.denied_cents,
    ),
    "write-offs": Worklist(
        "Write-offs that somebody asked for; another person approves or somebody withdraws them", "requests",
        _plain(accounts.write_off_requests),
        PATIENT | {
            "day": _of("service_date"), "#gives up": _money("amount_cents"), "what, why and who asked": _asked_of,
        },
        cents=lambda one: one.amount_cents or 0,
    ),
    "credits": Worklist(
        "What payers paid for claims that stand no longer: overpaid once a person says so", "claims",
        _plain(accounts.payer_credits),
        {
            "claim": _of("claim_id"), "payer": _named("payer_id"), "is": _of("claim_status"),
            "answered": _of("adjudicated_on"), "#credit": _money("credit_cents"),
            "#identified": _money("identified_cents"), "#withheld": _money("withheld_cents"),
            "#settled beside": _money("adjusted_cents"),
        },
        cents=lambda one: one.credit_cents,
    ),
    "takebacks": Worklist(
        "Recovered or put off beside the claims (PLB), with no reversal or return that bears it out: ask the payer",
        "claims", _plain(accounts.unmatched_takebacks),
        {
            "claim": _of("claim_id"), "payer": _named("payer_id"), "is": _of("claim_status"),
            "answered": _of("adjudicated_on"), "#unmatched": _money("unmatched_cents"),
            "#identified": _money("identified_cents"),
        },
        cents=lambda one: one.unmatched_cents,
    ),
    "secondary": Worklist(
        "Answered claims of which something is left for a second payer (the clock for filing is unverified)", "claims",
        _plain(worklists.secondary),
        {
            "claim": _of("claim_id"), "second payer": _named("next_payer_id"), "#left": _money("left_cents"),
            "answered": _of("answered_on"), "file by": _of("filing_due_on"),
            "first": lambda one, _: one.objection or one.warning or "–",
        },
        cents=lambda one: one.left_cents,
    ),
    "unbilled": Worklist(
        "Delivered days on no claim, by days since the service", "days", _plain(worklists.unbilled),
        {"age": _of("age"), "state": _of("state"), "#days": _of("days")} | CHARGED | {"oldest": _of("oldest")},
        count=lambda one: one.days, cents=lambda one: one.cents,
    ),
    "months": Worklist(
        "All days by program, payer and month", "days", _plain(queries.months),
        {
            "month": _of("month"),
            "program, payer": lambda one, asked: f"{asked.name(one.program_id)}, {asked.name(one.payer_id)}",
            "state": _spaced("state"), "#days": _of("days"), "#charges": _money("cents"),
            "#paid": _money("paid_cents"), "#denied": _money("denied_cents"),
            "#patients": _money("patient_cents"), "#open": _money("open_cents"),
        },
        count=lambda one: one.days, cents=lambda one: one.cents,
    ),
}  # fmt: skip
"""In the order in which they are worked."""

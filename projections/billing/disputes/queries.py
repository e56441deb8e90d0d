"""Questions about disputes; called as the other questions to billing are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import Cursor

from aggregates.days import days_between
from projections.billing.disputes.documents import Until
from projections.billing.disputes.rows import Entry, Suggestion, decode_entry, decode_suggestion
from projections.billing.disputes.views import DisputeView
from projections.billing.statements import read, where_of
from projections.billing.words import dollars

KINDS = ("records", "dispute", "denial")
_DOING = {
    "send_records": "records asked for {age}", "file_appeal": "contested {age}, not filed",
    "await_answer": "appeal filed on {filed}, no answer", "appeal_further": "answered on {answered}: {outcome}",
    "none": "over",
}


def disputes(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, kind: str | None = None, payer_id: str | None = None,
    owner_id: str | None = None, patient_id: str | None = None, closed: bool = False,
) -> list[DisputeView]:  # fmt: skip
    """Open requests for records, disputes, and denied claims that nobody contests whose clock runs, by their last day;
    `closed` ones too, if asked for. Somebody's are those assigned or begun, so that no denial is anybody's."""
    filters = {"payer_id": payer_id, "patient_id": patient_id}
    found: list[DisputeView] = []
    if kind != "denial":
        where, parameters = where_of(programs, now, filters | {"dispute_owner": owner_id})
        rows = read(cursor, "disputes", where, parameters | {"closed": closed})
        found += [_entry(decode_entry(body), today) for body, today in rows]
    if kind in {None, "denial"} and owner_id is None:
        rows = read(cursor, "uncontested", *where_of(programs, now, filters))
        found += [_denial(decode_suggestion(body), today) for body, today in rows]
    wanted = (one for one in found if kind in {None, one.kind})
    return sorted(wanted, key=lambda one: (one.due_on or "9999", one.patient_id, one.dispute_id or "", one.claims))


def _entry(one: Entry, today: str) -> DisputeView:
    request = one.entry if one.kind == "records" else None
    age = f"{days_between(one.began_on, today)} days ago"
    doing = _DOING[one.task].format(
        age=age, filed=one.filed_on, answered=one.answered_on, outcome=(one.outcome or "").replace("_", " ")
    )
    lacks = f"; missing {', '.join(f'{name} ({count})' for name, count in one.missing.items())}" if one.missing else ""
    own = {name: getattr(one, name) for name in Entry.__struct_fields__ if name not in {"entry", "until"}}
    sentence = f"{_capital(doing)}{_by(one.until)}{lacks}."
    return DisputeView(**own, request_id=request, sentence=sentence, **_clock(one.began_on, one.until, today))


def _denial(one: Suggestion, today: str) -> DisputeView:
    ago = days_between(one.denied_on, today)
    own = {name: getattr(one, name) for name in Suggestion.__struct_fields__ if name not in {"until", "denied_on"}}
    claim_id = own.pop("claim_id")
    return DisputeView(
        **own, kind="denial", dispute_id=None, request_id=None, letter_id=None, status="not_contested", task="contest",
        sentence=f"{dollars(one.denied_cents)} denied {ago} days ago, no dispute{_by(one.until)}.", owner_id=None,
        claims=[claim_id], items=[], missing={}, unjudged=[], began_on=one.denied_on, amount_cents=None,
        upheld_cents=None, overturned_cents=None, filed_on=None, late=False, answered_on=one.denied_on, outcome=None,
        contact_at=None, contacts=0, packets=0, **_clock(one.denied_on, one.until, today),
    )


def _clock(began_on: str, until: Until, today: str) -> dict[str, Any]:
    return {
        "age_days": days_between(began_on, today), "due_on": until.on,
        "days_left": None if until.on is None else days_between(today, until.on), "source": until.source,
        "confidence": until.confidence, "unverified": until.unverified,
    }  # fmt: skip


def _by(until: Until) -> str:
    return "" if until.on is None else f"; due by {until.on}{' (unverified)' if until.unverified else ''}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]

"""Questions to billing. The caller has opened the transaction and looks into the read model's schema.

`programs` bounds every answer; `now` is the instant that counts as now. Lists that may grow are read page by page:
`after` is the `cursor_of` the last view of the page before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from psycopg import Cursor

from iop_es.engine.readmodel.model import Delta
from projections.billing import stale
from projections.billing.corrections import correction
from projections.billing.day import Day
from projections.billing.documents import Patient
from projections.billing.explain import day_view, trace_view
from projections.billing.reasons import REASONS
from projections.billing.rows import AUTHORIZATION_LEDGER, CLAIM_STATUS
from projections.billing.standing import due_lines, underlying_at
from projections.billing.statements import read, split, where_of
from projections.billing.variants import AFTERWARDS
from projections.billing.views import (
    ClaimView,
    CorrectionView,
    CoveredView,
    DayView,
    HeldView,
    LedgerView,
    MonthView,
    TotalView,
    TraceView,
    WeekView,
)

_decode = msgspec.json.Decoder(Day).decode
_TOTAL = ("state", "reason", "owner", "days", "cents", "expected_cents", "unknown", "demo", "unverified")
_MONTH = (
    "program_id", "payer_id", "month", "state", "days", "cents", "expected_cents", "paid_cents", "denied_cents",
    "patient_cents", "open_cents",
)  # fmt: skip


def days(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, patient_id: str | None = None,
    program_id: str | None = None, payer_id: str | None = None, state: str | None = None, owner: str | None = None,
    reason: str | None = None, claim_id: str | None = None, from_date: str | None = None,
    through_date: str | None = None, after: str | None = None, limit: int | None = 100,
) -> list[DayView]:
    """Decided days in order of service date; `state` is the state at `now`, `reason` any reason of the day."""
    filters = {
        "patient_id": patient_id, "program_id": program_id, "payer_id": payer_id, "state": state, "owner": owner,
        "reason": reason, "claim_id": claim_id, "from_date": from_date, "through_date": through_date, "after": after,
    }
    return [day_view(day, now) for day in _days(cursor, programs, now, filters, limit)]


def decided(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, patient_id: str, service_date: str
) -> list[Day]:
    """Every episode's decision on one day of a patient."""
    filters = {"patient_id": patient_id, "from_date": service_date, "through_date": service_date}
    return _days(cursor, programs, now, filters, 100)


def self_pay_days(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, patient_id: str | None = None,
    from_date: str | None = None, through_date: str | None = None,
) -> list[Day]:
    """Decided days of which the patient's account does not say what they are decided to be, for `self_pay`."""
    filters = {"self_pay": "", "patient_id": patient_id, "from_date": from_date, "through_date": through_date}
    return _days(cursor, programs, now, filters, None)


def billable_days(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, payer_id: str | None = None,
    from_date: str | None = None, through_date: str | None = None,
) -> list[Day]:
    """Decided days with something to bill now, for `claims.prepare`; all of them."""
    filters = {"unbilled": "", "payer_id": payer_id, "from_date": from_date, "through_date": through_date}
    found = _days(cursor, programs, now, filters, None)
    return [day for day in found if due_lines(day, now) or underlying_at(day, now) == "billable"]


def to_bill(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, payer_id: str | None = None,
    from_date: str | None = None, through_date: str | None = None,
) -> tuple[list[Day], list[Day]]:
    """The `billable_days`, and all days of those stays whose payer is told where in them a claim stands."""
    found = billable_days(
        cursor, programs=programs, now=now, payer_id=payer_id, from_date=from_date, through_date=through_date
    )
    told = sorted({day.enrollment_id for day in found if day.interim_claims})
    return found, _days(cursor, programs, now, {"enrollments": told}, None) if told else []


def covered(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, payer_id: str, from_date: str, through_date: str
) -> CoveredView:
    """Whose decided days in a period one payer covers."""
    filters = {"payer_id": payer_id, "from_date": from_date, "through_date": through_date}
    rows = read(cursor, "covered", *where_of(programs, now, filters))
    return CoveredView(payer_id=payer_id, patient_ids=[patient for (patient,) in rows])


def ever_claimed(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, from_date: str, through_date: str
) -> CoveredView:
    """Whose days of a period were ever on a claim, whatever became of it: of whom a self-audit may have to ask."""
    filters = {"claimed_from": from_date, "claimed_through": through_date}
    rows = read(cursor, "ever_claimed", *where_of(programs, now, filters))
    return CoveredView(payer_id=None, patient_ids=[patient for (patient,) in rows])


def held(cursor: Cursor[Any], *, programs: Sequence[str], now: str, owner: str | None = None) -> list[HeldView]:
    """Who has to do what, oldest first: held days by role and deciding reason."""
    rows = read(cursor, "held", *where_of(programs, now, {"state": "held", "owner": owner}))
    return [
        HeldView(
            owner=who, reason=why, next_step=_next_step(why, who) or "", days=count, cents=cents,
            expected_cents=expected, oldest=oldest,
        )
        for who, why, count, cents, expected, oldest in rows
    ]


def totals(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, program_id: str | None = None,
    from_date: str | None = None, through_date: str | None = None,
) -> list[TotalView]:
    """Days and money by state and deciding reason at `now`: every decided day is in exactly one of them."""
    filters = {"program_id": program_id, "from_date": from_date, "through_date": through_date}
    rows = read(cursor, "totals", *where_of(programs, now, filters))
    found = [dict(zip(_TOTAL, row, strict=True)) for row in rows]
    return [TotalView(**one, next_step=_next_step(one["reason"], one["owner"])) for one in found]


def months(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, program_id: str | None = None
) -> list[MonthView]:
    """Days and money by program, payer, month and state at `now`."""
    rows = read(cursor, "months", *where_of(programs, now, {"program_id": program_id}))
    return [MonthView(**dict(zip(_MONTH, row, strict=True))) for row in rows]


def corrections(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, program_id: str | None = None,
    payer_id: str | None = None, claim_id: str | None = None,
) -> list[CorrectionView]:
    """The claims that are wrong by what is known at `now`, secondary ones with them, and those that their payer denied
    as to be corrected, by their first days."""
    asked = {"program_id": program_id, "payer_id": payer_id, "claim_id": claim_id}
    days_of = _days(cursor, programs, now, {"wrong": ""} | asked, None)
    ids = {line.claim_id for day in days_of for line in day.claimed if claim_id in {None, line.claim_id}}
    denied = {"program_id": program_id, "payer_id": payer_id, "one_claim": claim_id}
    ids.update(one for (one,) in read(cursor, "to_correct", *where_of(programs, now, denied)))
    found = [_correction(cursor, programs, now, one) for one in ids]
    for one in stale_claims(cursor, programs=programs, now=now, **asked):
        known = claim(cursor, programs=programs, now=now, claim_id=one.claim_id)
        found.append(None if known is None else stale.correction(known, one, now))
    return sorted((one for one in found if one is not None), key=lambda one: (one.from_date, one.claim_id))


def stale_claims(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, program_id: str | None = None,
    payer_id: str | None = None, claim_id: str | None = None,
) -> list[stale.Stale]:
    """The secondary claims that no longer say what the payer before answered."""
    filters = {"program_id": program_id, "payer_id": payer_id, "one_claim": claim_id}
    rows = read(cursor, "stale_secondary", *where_of(programs, now, filters))
    return [stale.decode(body) for (body,) in rows]


def days_of_claim(cursor: Cursor[Any], *, programs: Sequence[str], now: str, claim_id: str) -> list[Day]:
    """The decided days that a claim bills, for `claims.correcting`."""
    return _days(cursor, programs, now, {"claim_id": claim_id}, None)


def unsigned_days(cursor: Cursor[Any], *, programs: Sequence[str], now: str, reasons: Sequence[str]) -> list[Day]:
    """The decided days that wait, or are held, and have one of these reasons."""
    return _days(cursor, programs, now, {"unsigned": list(reasons)}, None)


def _correction(cursor: Cursor[Any], programs: Sequence[str], now: str, claim_id: str) -> CorrectionView | None:
    known = claim(cursor, programs=programs, now=now, claim_id=claim_id)
    own = days_of_claim(cursor, programs=programs, now=now, claim_id=claim_id)
    told = sorted({day.enrollment_id for day in own if day.interim_claims})
    stay = _days(cursor, programs, now, {"enrollments": told}, None) if told else own
    return None if known is None else correction(known, stay, now)


def week(
    cursor: Cursor[Any], *, programs: Sequence[str], now: str, patient_id: str, monday: str
) -> WeekView | None:
    """One week of a patient, or None when nothing is recorded in it."""
    where, parameters = where_of(programs, now, {"patient_id": patient_id})
    rows = read(cursor, "week", where, parameters | {"monday": monday})
    return _week_view(patient_id, monday, [day_view(_decode(body), now) for (body,) in rows])


def authorizations(
    cursor: Cursor[Any], *, programs: Sequence[str],
    now: str,  # noqa: ARG001 - every query is called alike; units do not change as time passes
    patient_id: str | None = None, ends_before: str | None = None, remaining_at_most: int | None = None,
    after: str | None = None, limit: int = 100,
) -> list[LedgerView]:
    """The authorization ledger, the first to end first."""
    first, second = split(after, 2)
    parameters = {
        "programs": list(programs), "patient_id": patient_id, "ends_before": ends_before,
        "remaining": remaining_at_most, "first": first, "second": second, "limit": limit,
    }
    return [ledger_view(row) for row in read(cursor, "authorizations", "", parameters)]


def claims(
    cursor: Cursor[Any], *, programs: Sequence[str],
    now: str,  # noqa: ARG001 - every query is called alike; a claim's standing does not change as time passes
    patient_id: str | None = None, status: str | None = None, payer_id: str | None = None,
    claim_id: str | None = None, after: str | None = None, limit: int = 100,
) -> list[ClaimView]:
    """Claims in order of their first day."""
    first, second = split(after, 2)
    parameters = {
        "programs": list(programs), "patient_id": patient_id, "status": status, "payer_id": payer_id,
        "claim_id": claim_id, "first": first, "second": second, "limit": limit,
    }
    return [_claim_view(row) for row in read(cursor, "claims", "", parameters)]


def denied_voids(
    cursor: Cursor[Any], *, programs: Sequence[str],
    now: str,  # noqa: ARG001 - every query is called alike
    payer_id: str | None = None,
) -> list[ClaimView]:  # fmt: skip
    """The voids that their payer denied, and the replacements of claims whose own answer stands, until a person says
    whether it took them in; the oldest answer first."""
    given = {"programs": list(programs), "payer_id": payer_id}
    return [_claim_view(row) for row in read(cursor, "denied_voids", "", given)]


def claim(cursor: Cursor[Any], *, programs: Sequence[str], now: str, claim_id: str) -> ClaimView | None:
    """One claim; its days are `days(claim_id=…)`."""
    return next(iter(claims(cursor, programs=programs, now=now, claim_id=claim_id)), None)


def cursor_of(view: DayView | LedgerView | ClaimView) -> str:
    """Where the next page begins after this view."""
    if isinstance(view, DayView):
        return f"{view.service_date}|{view.patient_id}|{view.enrollment_id}"
    if isinstance(view, LedgerView):
        return f"{view.valid_through}|{view.authorization_id}"
    return f"{view.from_date}|{view.claim_id}"


def days_from(delta: Delta, patient_id: str) -> list[Day]:
    """A patient's decided days out of rows made in memory, in order; for answers as of an earlier position."""
    scopes = delta.rows.get("patient_day", {})
    found = [_decode(row[-1]) for scope, rows in scopes.items() if scope[0] == patient_id for row in rows]
    return sorted(found, key=lambda one: (one.service_date, one.enrollment_id))


def document_from(delta: Delta, patient_id: str) -> Patient | None:
    """What billing remembers of a patient, made in memory; None: nothing."""
    kept = delta.documents.get(patient_id)
    return None if kept is None else msgspec.msgpack.decode(kept, type=Patient)


def from_rows(delta: Delta, *, patient_id: str, programs: Sequence[str], now: str) -> list[DayView]:
    """`days` of one patient out of rows made in memory."""
    return [day_view(one, now) for one in days_from(delta, patient_id) if one.program_id in programs]


def decided_from_rows(
    delta: Delta, *, patient_id: str, programs: Sequence[str], service_date: str,
    now: str = "",  # noqa: ARG001 - every query is called alike
) -> list[Day]:  # fmt: skip
    """`decided` of one patient out of rows made in memory."""
    own = [one for one in days_from(delta, patient_id) if one.program_id in programs]
    return [one for one in own if one.service_date == service_date]


def traces_from_rows(
    delta: Delta, *, patient_id: str, programs: Sequence[str], now: str, service_date: str
) -> list[TraceView]:
    """The same with each rule that was asked."""
    own = decided_from_rows(delta, patient_id=patient_id, programs=programs, service_date=service_date)
    return [trace_view(one, now) for one in own]


def week_from_rows(
    delta: Delta, *, patient_id: str, programs: Sequence[str], now: str, monday: str
) -> WeekView | None:
    """`week` of one patient out of rows made in memory."""
    views = from_rows(delta, patient_id=patient_id, programs=programs, now=now)
    return _week_view(patient_id, monday, [view for view in views if view.week == monday])


def authorizations_from_rows(
    delta: Delta, *, patient_id: str, programs: Sequence[str],
    now: str = "",  # noqa: ARG001 - every query is called alike
) -> list[LedgerView]:  # fmt: skip
    """`authorizations` of one patient out of rows made in memory."""
    views = [ledger_view(row) for row in delta.rows.get("authorization_ledger", {}).get((patient_id,), [])]
    return sorted((view for view in views if view.program_id in programs), key=cursor_of)


def claims_from_rows(
    delta: Delta, *, patient_id: str, programs: Sequence[str],
    now: str = "",  # noqa: ARG001 - every query is called alike
) -> list[ClaimView]:  # fmt: skip
    """`claims` of one patient out of rows made in memory."""
    views = [_claim_view(row) for rows in delta.rows.get("claim_status", {}).values() for row in rows]
    own = [view for view in views if view.patient_id == patient_id and view.program_id in programs]
    return sorted(own, key=cursor_of)


def claim_from_rows(
    delta: Delta, *, programs: Sequence[str],
    now: str,  # noqa: ARG001 - every query is called alike
    claim_id: str,
) -> ClaimView | None:  # fmt: skip
    """`claim` out of rows made in memory."""
    views = [_claim_view(row) for row in delta.rows.get("claim_status", {}).get((claim_id,), [])]
    return next((view for view in views if view.program_id in programs), None)


def _next_step(reason: str | None, owner: str | None) -> str | None:
    """What to do about a reason: what its wait's end leaves, for whoever it is left to."""
    if reason is None:
        return None
    later = AFTERWARDS.get(reason)
    return later.next_step if later is not None and later.owner == owner else REASONS[reason].next_step


def _days(
    cursor: Cursor[Any], programs: Sequence[str], now: str, filters: Mapping[str, Any], limit: int | None
) -> list[Day]:
    where, parameters = where_of(programs, now, filters)
    return [_decode(body) for (body,) in read(cursor, "days", where, parameters | {"limit": limit})]


def _week_view(patient_id: str, monday: str, views: list[DayView]) -> WeekView | None:
    minutes = sum(view.minutes for view in views)
    return WeekView(patient_id=patient_id, week=monday, minutes=minutes, days=views) if views else None


def ledger_view(row: Sequence[Any]) -> LedgerView:
    """A row of the ledger, with what is left."""
    fields = dict(zip(AUTHORIZATION_LEDGER.columns, row, strict=True))
    decided_on = fields.pop("decided_on")
    del fields["position"]
    return LedgerView(
        **fields,
        remaining=fields["units"] - fields["reserved"] - fields["drawn"],
        retroactive=decided_on is not None and decided_on > fields["valid_from"],
    )


def _claim_view(row: Sequence[Any]) -> ClaimView:
    fields = dict(zip(CLAIM_STATUS.columns, row, strict=True))
    del fields["position"], fields["time_zone"]
    return ClaimView(**fields)

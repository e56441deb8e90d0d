"""Statements by name out of `queries.sql` and `worklists.sql`, with a question's scope and filters filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from psycopg import Cursor

from projections.billing.rows import AUTHORIZATION_LEDGER, CLAIM_STATUS
from projections.billing.standing import IN_SEQUENCE, OWNER_AT, REASON_AT, REASONS_AT, STATE_AT, UNDERLYING_AT

TODAY = "(%(now)s::text::timestamptz AT TIME ZONE d.time_zone)::date"
"""As text first: a parameter has one type in a whole statement, and the other expressions compare it as text."""
_LATER = "SELECT FROM patient_day l WHERE l.patient_id = d.patient_id AND l.enrollment_id = d.enrollment_id" \
    " AND l.service_date > d.service_date"
_ENDS_WRONG = f"""CASE WHEN d.told_status IS NULL THEN false
        WHEN d.told_status <> '30' THEN d.told_status IS DISTINCT FROM d.left_status OR EXISTS ({_LATER})
        ELSE d.left_status IS NOT NULL AND NOT EXISTS (
            {_LATER} AND l.told_status IS NOT NULL AND l.payer_id IS NOT DISTINCT FROM d.payer_id)
    END"""
"""Whether a bill may have told its payer wrongly that the stay ended with it, or that it went on."""
_PATIENTS = f"""(d.state <> 'billed' AND d.owed_cents IS NOT NULL AND {UNDERLYING_AT} = 'not_billable'
        AND {REASON_AT} IN ('self_pay', 'disclosure_restricted') AND NOT 'correction_not_accepted' = ANY(d.reasons))"""
"""Whether a day is the patient's to pay, and nothing of it is at a payer any more."""
_FILTERS = {
    "patient_id": "d.patient_id = %(patient_id)s",
    "program_id": "d.program_id = %(program_id)s",
    "enrollments": "d.enrollment_id = ANY(%(enrollments)s)",
    "payer_id": "d.payer_id = %(payer_id)s",
    "next_payer_id": "d.next_payer_id = %(next_payer_id)s",
    "state": f"{STATE_AT} = %(state)s",
    "owner": f"{OWNER_AT} = %(owner)s",
    "dispute_owner": "d.owner_id = %(dispute_owner)s",
    "reason": f"%(reason)s = ANY({REASONS_AT})",
    # Its patient beside it: under row-level security an index of arrays cannot be asked before whose the row is.
    "claim_id": "d.claim_ids @> ARRAY[%(claim_id)s]"
    " AND d.patient_id = (SELECT c.patient_id FROM claim_status c WHERE c.claim_id = %(claim_id)s)",
    "one_claim": "d.claim_id = %(one_claim)s",
    "wrong": f"d.state = 'billed' AND (d.differs OR {UNDERLYING_AT} NOT IN ('billable', 'waiting') OR {_ENDS_WRONG})",
    "unsigned": f"{STATE_AT} IN ('waiting', 'held') AND {REASONS_AT} && %(unsigned)s::text[]",
    "unbilled": f"({STATE_AT} = 'billable' OR d.unbilled_cents > 0 AND {UNDERLYING_AT} = 'billable'"
    f" OR {STATE_AT} = 'waiting' AND {REASON_AT} = '{IN_SEQUENCE}')",
    "self_pay": f"CASE WHEN d.patient_charge_cents IS NULL THEN {_PATIENTS} ELSE NOT {_PATIENTS}"
    " OR d.patient_charge_cents IS DISTINCT FROM d.cents OR d.patient_owed_cents <> d.owed_cents END",
    "from_date": "d.service_date >= %(from_date)s",
    "through_date": "d.service_date <= %(through_date)s",
    "claimed_from": "d.through_date >= %(claimed_from)s",
    "claimed_through": "d.from_date <= %(claimed_through)s",
    "after": "(d.service_date, d.patient_id, d.enrollment_id) > (%(after_0)s, %(after_1)s, %(after_2)s)",
}
_PARTS = {
    "state": STATE_AT,
    "reason": REASON_AT,
    "owner": OWNER_AT,
    "money": "CASE WHEN d.state = 'billed' THEN d.charge_cents + coalesce(d.unbilled_cents, 0) ELSE d.cents END",
    "ledger": ", ".join(f"d.{name}" for name in AUTHORIZATION_LEDGER.columns),
    "claim": ", ".join(f"d.{name}" for name in CLAIM_STATUS.columns),
    "today": TODAY,
}


def _statements() -> dict[str, str]:
    found = {}
    for name in ("queries.sql", "worklists.sql"):
        text = (files("projections.billing") / name).read_text(encoding="utf-8")
        blocks = (block.partition("\n") for block in re.split(r"^-- name: ", text, flags=re.MULTILINE)[1:])
        found.update({name.strip(): statement.strip() for name, _, statement in blocks})
    return found


_STATEMENTS = _statements()


def read(cursor: Cursor[Any], name: str, where: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """What a statement answers."""
    statement = _STATEMENTS[name].format(where=where, **_PARTS)
    return cursor.execute(statement.encode(), parameters).fetchall()


def where_of(programs: Sequence[str], now: str, filters: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The condition that programs and filters make, and its parameters; a filter that is None is none."""
    given = {name: value for name, value in filters.items() if value is not None}
    parameters: dict[str, Any] = {"programs": list(programs), "now": now, **given}
    if "after" in given:
        parameters |= {f"after_{place}": part for place, part in enumerate(split(given["after"], 3))}
    scope = "d.program_id = ANY(%(programs)s)"
    return " AND ".join([scope, *(_FILTERS[name] for name in given)]), parameters


def split(after: str | None, parts: int) -> tuple[str | None, ...]:
    """The parts of a cursor; ValueError for a text that no page gave out."""
    if after is None:
        return (None,) * parts
    found = tuple(after.split("|"))
    if len(found) != parts:
        raise ValueError("This cursor was not given out by this list; start again without one.")
    return found

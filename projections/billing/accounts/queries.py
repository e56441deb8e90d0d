"""Questions about accounts; called as the other questions to billing are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from psycopg import Cursor

from aggregates.account.streams import account_of
from aggregates.dispute.clocks import is_corrected
from iop_es.engine.readmodel.model import Delta, Table
from projections.billing.accounts.payer_credits import TABLE as CREDIT
from projections.billing.accounts.provider import ADJUSTMENT, UNMATCHED
from projections.billing.accounts.rows import BALANCE, LINE, OVERPAYMENT, SELF_PAY, SUMS
from projections.billing.accounts.views import (
    AccountView,
    AdjustmentView,
    BalanceView,
    CreditView,
    DenialView,
    LineView,
    OverpaymentView,
    ProviderAdjustmentView,
    SelfPayChargeView,
    SumsView,
    UnmatchedView,
    WriteOffRequestView,
)
from projections.billing.accounts.words import WHY
from projections.billing.accounts.write_offs import TABLE as WRITE_OFF

UNVERIFIED_DAYS = {"return_days": 60, "suspended_days": 180}
"""Days that stand in secondary sources only (42 CFR 401.305 as restated): where they are used, they are unverified."""

_DENIAL = ("payer_id", "group", "carc", "rarc", "lines", "patients", "cents", "oldest")
_SUMS = (*SUMS, "adjusted_cents", "credit_cents", "returned_cents", "received_cents", "refunded_cents", "balance_cents")
_ACCOUNT = ("balances", "lines", "overpayments", "self_pay_charges")
_ADJUSTED = ("groups", "carcs", "rarcs", "cents", "shares")


def _statements() -> dict[str, str]:
    text = (files("projections.billing.accounts") / "queries.sql").read_text(encoding="utf-8")
    parts = {
        "balance": BALANCE, "line": LINE, "overpayment": OVERPAYMENT, "unmatched": UNMATCHED, "adjustment": ADJUSTMENT,
        "credit": CREDIT, "self_pay": SELF_PAY, "write_off": WRITE_OFF,
    }
    columns = {name: ", ".join(f"d.{column}" for column in table.columns) for name, table in parts.items()}
    columns["sums"] = ", ".join(f"sum(d.{column})::bigint" for column in _SUMS)
    blocks = (block.partition("\n") for block in re.split(r"^-- name: ", text, flags=re.MULTILINE)[1:])
    return {name.strip(): statement.format(**columns) for name, _, statement in blocks}


_STATEMENTS = _statements()


def account(cursor: Cursor[Any], *, programs: Sequence[str], now: str, patient_id: str) -> AccountView | None:  # noqa: ARG001 - every query is called alike
    """One patient's account with these programs, or None when nothing was ever charged or paid there."""
    given = {"programs": list(programs), "patient_id": patient_id}
    return _account(patient_id, *(_rows(cursor, name, given) for name in _ACCOUNT))


def sums(
    cursor: Cursor[Any], *, programs: Sequence[str],
    now: str,  # noqa: ARG001 - every query is called alike
) -> list[SumsView]:  # fmt: skip
    """What all accounts with each of these programs come to."""
    rows = _rows(cursor, "sums", {"programs": list(programs)})
    return [SumsView(**dict(zip(("program_id", *_SUMS), row, strict=True))) for row in rows]


def account_from_rows(
    delta: Delta, *, patient_id: str, programs: Sequence[str],
    now: str = "",  # noqa: ARG001 - every query is called alike
) -> AccountView | None:  # fmt: skip
    """`account` out of rows made in memory."""
    found = [
        [row for rows in delta.rows.get(table.name, {}).values() for row in rows if _within(table, row, programs)]
        for table in (BALANCE, LINE, OVERPAYMENT, SELF_PAY)
    ]
    return _account(patient_id, *found)


def unmatched(
    cursor: Cursor[Any], *, programs: Sequence[str],
    now: str,  # noqa: ARG001 - every query is called alike
    assigned: bool | None = None, after: str | None = None, limit: int | None = 100,
) -> list[UnmatchedView]:
    """What could not be trusted or matched, in the order of recording; `assigned` False: what still waits."""
    given = {"programs": list(programs), "assigned": assigned, "after": int(after or 0), "limit": limit}
    return [_unmatched(row) for row in _rows(cursor, "unmatched", given)]


def denials(
    cursor: Cursor[Any], *, programs: Sequence[str],
    now: str,  # noqa: ARG001 - every query is called alike
    payer_id: str | None = None, carc: str | None = None,
) -> list[DenialView]:
    """What payers refused, by payer, group code, CARC and RARC; most money first."""
    given = {"programs": list(programs), "payer_id": payer_id, "carc": carc}
    found = [dict(zip(_DENIAL, row, strict=True)) for row in _rows(cursor, "denials", given)]
    return [DenialView(**one, corrected=is_corrected(one["carc"], one["rarc"])) for one in found]


def denied_lines(
    cursor: Cursor[Any], *, programs: Sequence[str],
    now: str,  # noqa: ARG001 - every query is called alike
    payer_id: str | None = None, carc: str | None = None, after: str | None = None, limit: int = 100,
) -> list[LineView]:
    """Lines that a payer refused, in order of the day, each with the decision that the denial contests."""
    first, second, third = after.split("|") if after else (None, None, None)
    given = {
        "programs": list(programs), "payer_id": payer_id, "carc": carc, "first": first, "second": second,
        "third": None if third is None else int(third), "limit": limit,
    }
    return [_line(row) for row in _rows(cursor, "denied_lines", given)]


def payer_credits(
    cursor: Cursor[Any], *, programs: Sequence[str],
    now: str,  # noqa: ARG001 - every query is called alike
    payer_id: str | None = None,
) -> list[CreditView]:  # fmt: skip
    """What payers paid for claims that stand no longer, as long as it is not back; the oldest answer first."""
    given = {"programs": list(programs), "payer_id": payer_id, "unmatched": False}
    return [_credit(row) for row in _rows(cursor, "credits", given)]


def unmatched_takebacks(
    cursor: Cursor[Any], *, programs: Sequence[str],
    now: str,  # noqa: ARG001 - every query is called alike
    payer_id: str | None = None,
) -> list[CreditView]:  # fmt: skip
    """The claims that payers say they recovered money for, or put that off, where nothing on record bears it out."""
    given = {"programs": list(programs), "payer_id": payer_id, "unmatched": True}
    return [_credit(row) for row in _rows(cursor, "credits", given)]


def write_off_requests(
    cursor: Cursor[Any], *, programs: Sequence[str],
    now: str,  # noqa: ARG001 - every query is called alike
    patient_id: str | None = None,
) -> list[WriteOffRequestView]:  # fmt: skip
    """What somebody asked to have written off, as long as nobody approved or withdrew it; the oldest first."""
    given = {"programs": list(programs), "patient_id": patient_id}
    return [_write_off(row) for row in _rows(cursor, "write_offs", given)]


def adjustments(
    cursor: Cursor[Any], *, programs: Sequence[str],
    now: str,  # noqa: ARG001 - every query is called alike
    after: str | None = None, limit: int = 100,
) -> list[ProviderAdjustmentView]:
    """What payers settled with the programs, in the order of recording."""
    given = {"programs": list(programs), "after": int(after or 0), "limit": limit}
    rows = _rows(cursor, "adjustments", given)
    return [ProviderAdjustmentView(**_fields(ADJUSTMENT, row)) for row in rows]


def cursor_of(view: UnmatchedView | LineView | ProviderAdjustmentView) -> str:
    """Where the next page begins after this view."""
    if isinstance(view, LineView):
        return f"{view.service_date}|{view.claim_id}|{view.line}"
    return str(view.position)


def _account(
    patient_id: str, balances: Any, lines: Any, overpayments: Any, self_pay: Any
) -> AccountView | None:  # fmt: skip
    if not (balances or lines or overpayments or self_pay):
        return None
    return AccountView(
        patient_id=patient_id,
        account_id=account_of(patient_id),
        balances=sorted(map(_balance, balances), key=lambda one: one.program_id),
        lines=sorted(map(_line, lines), key=lambda one: (one.service_date, one.claim_id, one.line)),
        self_pay=sorted(map(_self_pay, self_pay), key=lambda one: (one.service_date, one.charge_id)),
        overpayments=sorted(map(_overpayment, overpayments), key=lambda one: (one.return_due_on, one.overpayment_id)),
    )


def _balance(row: Sequence[Any]) -> BalanceView:
    fields = _fields(BALANCE, row)
    del fields["account_id"], fields["position"]
    return BalanceView(**fields)


def _line(row: Sequence[Any]) -> LineView:
    fields = _fields(LINE, row)
    del fields["position"]
    adjusted = zip(*(fields.pop(name) for name in _ADJUSTED), strict=True)
    told = [
        AdjustmentView(group=group, carc=carc, rarc=rarc or None, cents=cents, share=share)
        for group, carc, rarc, cents, share in adjusted
    ]
    return LineView(**fields, adjustments=told)


def _self_pay(row: Sequence[Any]) -> SelfPayChargeView:
    fields = _fields(SELF_PAY, row)
    del fields["position"]
    return SelfPayChargeView(**fields)


def _overpayment(row: Sequence[Any]) -> OverpaymentView:
    fields = _fields(OVERPAYMENT, row)
    del fields["position"]
    unverified = [name for name, days in UNVERIFIED_DAYS.items() if fields[name] == days]
    return OverpaymentView(**fields, unverified=unverified)


def _credit(row: Sequence[Any]) -> CreditView:
    *own, adjusted = row
    fields = _fields(CREDIT, own)
    del fields["position"]
    return CreditView(**fields, adjusted_cents=adjusted)


def _write_off(row: Sequence[Any]) -> WriteOffRequestView:
    *own, cents = row
    fields = _fields(WRITE_OFF, own)
    amount, request = fields.pop("amount_cents"), fields.pop("request")
    of_a_day = fields["kind"] == "day"
    return WriteOffRequestView(
        **fields, write_off_id=None if of_a_day else request, amount_cents=cents if of_a_day else amount
    )


def _unmatched(row: Sequence[Any]) -> UnmatchedView:
    *own, resolution, claim_id = row
    fields = _fields(UNMATCHED, own)
    sentence = WHY.get(fields["why"], "Read what is kept with it, and settle it by hand.")
    return UnmatchedView(**fields, sentence=sentence, resolution=resolution, assigned_claim_id=claim_id)


def _fields(table: Table, row: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(table.columns, row, strict=True))


def _within(table: Table, row: Sequence[Any], programs: Sequence[str]) -> bool:
    return row[table.columns.index("program_id")] in programs


def _rows(cursor: Cursor[Any], name: str, given: Mapping[str, Any]) -> list[Any]:
    return cursor.execute(_STATEMENTS[name].encode(), given).fetchall()

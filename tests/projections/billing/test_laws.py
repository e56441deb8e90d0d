"""The laws of billing, after anything that may happen: nothing is lost, nothing is billed twice, nothing is made up.

Each is tried on a few random pasts; IOP_ES_EXAMPLES=20 tries twenty times as many.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from itertools import count
from typing import Any

import rfc8785
from hypothesis import HealthCheck, given, settings

from aggregates.claim.facts import ClaimLine
from aggregates.claim.state import kept, reservations
from aggregates.claim.taking_back import WAITING
from projections.billing import MODEL
from projections.billing.corrections import differs
from projections.billing.queries import authorizations_from_rows, days_from
from projections.billing.standing import standing
from tests.projections.billing.clinic import an_id
from tests.projections.billing.office import NOW, PATIENTS, PROGRAMS, SENT, Office, again
from tests.projections.billing.office_stories import (
    billed_pasts,
    coverage,
    elsewhere,
    insured_elsewhere,
    longer_elsewhere,
    meet,
    mend,
    prepare,
    reconsider,
    send,
    units,
    visit,
)
from tests.projections.story import folded

MANY = int(os.environ.get("IOP_ES_EXAMPLES", "1"))
TAKEN, UNIT = {"day-already-billed", "per-diem-already-billed"}, {"authorization_unit"}
STATES = {"billable", "waiting", "held", "billed", "not_billable", "written_off"}
Line = tuple[Any, ...]


def few(examples: int) -> settings:
    """So many random pasts, however long each takes."""
    calm = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    return settings(max_examples=examples * MANY, deadline=None, suppress_health_check=calm)


@few(30)
@given(billed_pasts(visit))
def test_every_charge_is_counted_exactly_once(office: Office) -> None:
    """At every moment a day is in one state; each of its lines is on a claim or on none yet, or its claim is wrong."""
    live = office.live()
    billed = Counter(_billed(claim.enrollment_id, line) for claim in live.values() for line in claim.lines)
    days = office.days()
    claimed = Counter(
        (day.enrollment_id, day.service_date, *line.billed_as) for day in days for line in day.claimed
    )
    assert claimed == billed
    for day in days:
        codes = {line.code for line in day.claimed}
        for line in day.lines:
            assert (line in day.unbilled) + (line.code in codes) == 1 or differs(day)
        for moment in ("", *(stage.since for stage in day.stages), NOW):
            state, _, _ = standing(day, moment)
            assert state in STATES
            assert (state == "billed") == bool(day.claimed)


@few(30)
@given(billed_pasts())
def test_what_was_known_when_a_claim_was_decided_makes_the_same_bytes(office: Office) -> None:
    """The patient's facts up to the `decided_at` that a claim names, prepared again, give its data whatever came
    later."""
    for made in office.made:
        [position] = {json.loads(data)["decided_at"] for data in made.claims}
        facts = office.clinic.story.recorded(MODEL, position, made.patient_id)
        days = days_from(folded(MODEL, facts), made.patient_id)
        first = _number(made.claims[0])
        found = again(days, made.position, made.period, count(first)).claims
        assert tuple(map(rfc8785.dumps, found)) == made.claims


@few(30)
@given(billed_pasts(elsewhere, longer_elsewhere, prepare))
def test_nothing_is_billed_twice(office: Office) -> None:
    """No two claims that stand hold a day and service, none is prepared that the rules of claims refuse for that, and
    preparing once more prepares nothing that stands."""
    services = [
        (claim.patient_id, claim.payer_id, line.service_date, line.revenue_code, line.procedure_code)
        for claim in office.live().values() for line in claim.lines
    ]
    per_diems = [
        (claim.patient_id, claim.payer_id, day) for claim in office.live().values() for day in claim.per_diem_days or ()
    ]
    assert (len(services), len(per_diems)) == (len(set(services)), len(set(per_diems)))
    office.prepare()
    assert office.prepare() == 0
    assert [one for one in office.refused if one.rule in TAKEN] == []


@few(60)
@given(billed_pasts(send, reconsider, mend, prepare))
def test_what_a_claim_takes_back_stays_taken_until_its_payer_has_accepted_that(office: Office) -> None:
    """The reservations held are those of claims that stand, and what a replacement or a void not yet accepted takes
    back; so whatever the payer has not accepted it can still reject, and the books say so."""
    pending = office.pending()
    assert {key for key in office.keys if key[0] != WAITING} == _bound(office)
    phases = {one.claim_id: one.status for one in office.claims()}
    for claim_id in pending.keys() & {key for key, phase in phases.items() if phase in SENT}:
        office.reject(claim_id)
    assert [one for one in office.refused if one.rule in TAKEN] == []
    after = {one.claim_id: one.status for one in office.claims()}
    assert {after[one] for one in pending if phases[one] in SENT} <= {"rejected"}
    assert {key for key in office.keys if key[0] != WAITING} == _bound(office)


@few(30)
@given(billed_pasts(insured_elsewhere, mend, send))
def test_a_day_of_an_episode_is_billed_to_one_payer_first(office: Office) -> None:
    """Whatever coverage turns out to be, no two claims to payers that are billed first stand for one day, and none is
    prepared that only the rules of claims keep back."""
    payers = {
        (claim.enrollment_id, line.service_date): claim.payer_id
        for claim in office.live().values() for line in claim.lines
    }
    for claim in office.live().values():
        assert all(payers[claim.enrollment_id, line.service_date] == claim.payer_id for line in claim.lines)
    assert [one for one in office.refused if one.rule in {*TAKEN, "authorization-of-another"}] == []


@few(30)
@given(billed_pasts(meet, visit, prepare, least=1))
def test_no_unit_is_drawn_twice_or_beyond_what_was_allowed(office: Office) -> None:
    """Units of claims that stand are different numbers within those allowed, and the ledger counts every one, and with
    them those of claims that are taken back and not let go yet."""
    delta = office.delta()
    ledgers = {
        one.authorization_id: one for patient in PATIENTS
        for one in authorizations_from_rows(delta, patient_id=patient, programs=PROGRAMS)
    }
    drawn = [
        (line.authorization_id, number) for claim in office.live().values() for line in claim.lines
        for number in line.authorization_units
    ]
    assert len(drawn) == len(set(drawn))
    drawn = [(unit.rpartition(":")[0], int(unit.rpartition(":")[2])) for kind, unit in office.keys if kind in UNIT]
    for key, number in drawn:
        assert 1 <= number <= ledgers[str(key)].units
    for key, ledger in ledgers.items():
        assert ledger.drawn == sum(one == key for one, _ in drawn)
        assert ledger.reserved + ledger.drawn <= ledger.units
    refused = {"unit-already-drawn", "units-beyond-authorization"}
    assert [one for one in office.refused if one.rule in refused] == []


@few(40)
@given(billed_pasts(coverage, units))
def test_a_claim_is_wrong_exactly_when_its_days_would_be_billed_otherwise(office: Office) -> None:
    """Had its days never been billed, they would be prepared with the claim's lines, or it is on the corrections for
    one of them; or they would name an authorization, and it names a void one, or none though the payer did not pay it.
    One that is there for what it says beside its lines (`test_headers`) has no such day."""
    wrong, live = {one.claim_id for one in office.wrong() if one.days}, office.live()
    same = ("patient_id", "enrollment_id", "payer_id", "form")
    void = {told.stream for told in office.clinic.story.facts if told.name == "authorization.voided"}
    taken_back = {key: earlier.prepared for key, (_, earlier) in office.pending().items() if earlier.prepared}
    for claim_id, claim in live.items():
        dates = {line.service_date for line in claim.lines}
        beside = {
            key for key, one in (live | taken_back).items() if one.enrollment_id == claim.enrollment_id
            and any(line.service_date in dates for line in one.lines)
        }  # fmt: skip
        made = again(office.days(without=beside), 1, "week", count(1_000)).claims
        anew = [
            ClaimLine(**line) for data in made if all(data[name] == getattr(claim, name) for name in same)
            for line in data["lines"] if line["service_date"] in dates
        ]
        other = Counter(_billed("", line) for line in anew) != Counter(_billed("", line) for line in claim.lines)
        answer = office.seen(claim_id).adjudicated
        unpaid = answer is None or answer.paid_cents == 0
        names = {_billed("", line): line.authorization_id for line in claim.lines}
        misnamed = any(
            line.authorization_id and (names[_billed("", line)] in void or (unpaid and not names[_billed("", line)]))
            for line in anew if _billed("", line) in names
        )
        assert (other or misnamed) == (claim_id in wrong)


def _bound(office: Office) -> set[tuple[str, str]]:
    """What claims that stand bill, and what is kept of those that are taken back."""
    held = {key for claim in office.live().values() for key in reservations(claim)}
    return held | {key for claim, earlier in office.pending().values() for key in kept(claim, earlier)}


def _number(data: bytes) -> int:
    """The number of a claim's id."""
    return next(number for number in range(1, 1_000) if an_id("claim", number).encode() in data)


def _billed(enrollment_id: str, line: ClaimLine) -> Line:
    code = line.procedure_code or ""
    return enrollment_id, line.service_date, line.revenue_code, code, line.modifiers, line.units, line.charge_cents

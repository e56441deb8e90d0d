"""What goes to a payer in a dispute: only what it may be told, and what its letters ask for."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.disclosure import DisclosureNotOnRecord
from aggregates.dispute import AGGREGATE
from aggregates.dispute import commands as ask
from aggregates.dispute import refusals as no
from aggregates.kit import Seen
from aggregates.patient.facts import ConsentRevoked, DisclosureRestricted
from tests.aggregates.biller import EPISODE, IT, PATIENT_ID, PAYER, PROGRAM_ID, patient
from tests.aggregates.disputing import (
    DISPUTE,
    SECOND,
    after,
    around,
    asked,
    consent,
    disclosure,
    file_it,
    issue,
    open_it,
    receive,
    refused,
    send,
    substance_use,
)
from tests.aggregates.scenario import an_id

SPOKEN = ask.HoldPeerToPeer(dispute_id=DISPUTE, held_on="2026-04-20", outcome="upheld")
TOLD = pytest.mark.parametrize("command", [send(), file_it(), SPOKEN], ids=lambda one: type(one).__name__)
REVOKED = ConsentRevoked(consent_id=an_id("consent"), revoked_at="2026-04-10T12:00:00.000000Z")
BEFORE = (receive(), open_it())


def named(command: Any) -> Any:
    """The same command for the disclosure on record."""
    fields = {name: getattr(command, name) for name in type(command).__dataclass_fields__}
    return type(command)(**fields | {"disclosure_id": an_id("disclosure")})


@TOLD
def test_a_substance_use_record_goes_under_a_consent_in_force_alone(command: Any) -> None:
    """One that names this payer, permits this program and was not revoked before; of another record none is asked."""
    refused(command, no.NoConsentToDisclose, *BEFORE, seen=substance_use())
    assert asked(command, *BEFORE, seen=substance_use(consent())).facts
    refused(command, no.NoConsentToDisclose, *BEFORE, seen=substance_use(consent(), REVOKED))
    refused(command, no.NoConsentToDisclose, *BEFORE, seen=substance_use(consent(recipient_payers=(an_id("o"),))))
    elsewhere = consent(programs=(an_id("program", 2),))
    refused(command, no.NoConsentToDisclose, *BEFORE, seen=substance_use(elsewhere))
    recorded = (disclosure("consent", consent_id=an_id("consent")),)
    refused(named(command), no.NoConsentToDisclose, *BEFORE, seen=substance_use(elsewhere, told=recorded))
    assert asked(command, *BEFORE, seen=substance_use(consent(programs=(PROGRAM_ID,)))).facts
    assert asked(command, *BEFORE).facts[0].disclosure_id is None


@TOLD
def test_or_for_a_disclosure_on_record_that_names_an_exception(command: Any) -> None:
    """What rests on a consent goes while that is in force; what was told to the patient lets no payer be told."""
    for basis in ("audit", "required_by_law", "other_permitted"):
        (fact, *_) = asked(named(command), *BEFORE, seen=substance_use(told=(disclosure(basis),))).facts
        assert fact.disclosure_id == an_id("disclosure")
    under = (disclosure("consent", consent_id=an_id("consent")),)
    assert asked(named(command), *BEFORE, seen=substance_use(consent(), told=under)).facts
    ended = substance_use(consent(), REVOKED, told=under)
    refused(named(command), no.NoConsentToDisclose, *BEFORE, seen=ended)
    refused(named(command), no.NoConsentToDisclose, *BEFORE, seen=substance_use(told=(disclosure("payment"),)))
    for wrong in ((), (disclosure("individual"),), (disclosure("emergency"),)):
        refused(named(command), DisclosureNotOnRecord, *BEFORE, seen=substance_use(told=wrong))


@TOLD
def test_no_exception_lets_a_payer_be_told_that_is_for_something_else(command: Any) -> None:
    """What was told for a state's survey, or of another episode, is no reason; what names no episode is of the whole
    record."""
    for wrong in (disclosure("audit", purpose="oversight"), disclosure("audit", enrollment_id=an_id("episode", 2))):
        refused(named(command), DisclosureNotOnRecord, *BEFORE, seen=substance_use(told=(wrong,)))
    assert asked(named(command), *BEFORE, seen=substance_use(told=(disclosure(enrollment_id=EPISODE),))).facts


def test_what_goes_as_a_packet_goes_for_the_packet_s_disclosure() -> None:
    """So that the accounting tells of it once."""
    packet = issue(disclosure_id=an_id("disclosure"))
    seen = substance_use(consent(), told=(disclosure("consent", consent_id=an_id("consent")),))
    for command in (send(packet_id=an_id("packet")), file_it(packet_id=an_id("packet"))):
        (fact, *_) = asked(command, *BEFORE, packet, seen=seen).facts
        assert fact.disclosure_id == an_id("disclosure")


def restricted(**changes: Any) -> dict[str, Seen]:
    """The patient paid for 2 March in full and forbade telling this payer."""
    fields: dict[str, Any] = {
        "restriction_id": an_id("restriction"), "payer_id": PAYER, "effective_from": "2026-03-02",
        "effective_through": "2026-03-02", "paid_in_full": True,
    }  # fmt: skip
    return around() | {"patient": patient(DisclosureRestricted(**fields | changes))}


@pytest.mark.parametrize("command", [send(), file_it(), SPOKEN, issue()], ids=lambda one: type(one).__name__)
def test_no_payer_is_told_of_a_day_that_the_patient_paid_in_full_and_forbade(command: Any) -> None:
    """45 CFR 164.522(a)(1)(vi); another payer and another day are not forbidden."""
    assert "2026-03-02" in refused(command, no.DisclosureForbidden, *BEFORE, seen=restricted())
    assert asked(command, *BEFORE, seen=restricted(payer_id=an_id("other"))).facts
    free = restricted(effective_from="2026-03-03", effective_through="2026-03-03")
    assert asked(command, *BEFORE, seen=free).facts


def test_our_own_packet_and_a_request_that_comes_in_tell_nobody() -> None:
    """Both are recorded whatever was forbidden."""
    assert asked(issue(edition="internal", approved_by=None), *BEFORE, seen=restricted()).facts
    assert asked(receive(), seen=restricted()).facts


def test_it_looks_at_whose_it_is_and_at_what_was_agreed_and_recorded() -> None:
    """The claims first, then their episodes; a letter that comes in and an internal matter look at neither."""
    state = asked(receive()).state
    looked = AGGREGATE.consult(state, send())
    assert {*looked} == {f"claim:{IT}", "patient", "program", "access"}
    assert (looked["patient"].id, looked["access"].aggregate) == (PATIENT_ID, "access")
    assert AGGREGATE.further(state, send(), around())[f"enrollment:{EPISODE}"].id == EPISODE


def test_a_payer_gets_what_its_letters_ask_for() -> None:
    """More only for a cause that is kept; the draft of a letter and the payer's own terms are no records."""
    message = refused(issue(items=("group_notes", "outcome_scores", "claim")), no.NotAskedFor, receive())
    assert "outcome_scores, claim" in message and "group_notes" not in message
    assert asked(issue(items=("letter", "policy", "group_notes", "attendance")), receive()).facts
    (fact,) = asked(issue(items=("claim",), beyond_cause="asked-by-telephone"), receive()).facts
    assert fact.beyond_cause == "asked-by-telephone"
    assert asked(issue(items=("claim",), edition="internal", approved_by=None), receive()).facts
    signatures = receive(items=("signatures",))
    assert asked(issue(items=("group_notes", "individual_notes", "progress_notes")), signatures).facts


def test_what_goes_with_an_appeal_is_ours_to_choose_where_no_letter_asks_about_the_claim() -> None:
    """A letter about one claim does not open the record of another: both are asked about, or the one is appealed."""
    assert asked(issue(items=("claim",)), open_it()).facts
    refused(issue(items=("claim",)), no.NotAskedFor, *BEFORE)
    both = (receive(), receive(request_id=an_id("request", 2), claims=(SECOND,), items=("claim",)))
    refused(issue(claims=(IT, SECOND), items=("claim",)), no.NotAskedFor, *both)
    assert asked(issue(claims=(SECOND,), items=("claim",)), *both).facts
    assert after(*both).facts

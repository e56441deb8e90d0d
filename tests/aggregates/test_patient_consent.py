"""Consents: every element, a signature by whoever had the capacity, guardians in their time, revocation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from aggregates.decision import DateInTheFuture
from aggregates.patient import AGGREGATE, consent
from aggregates.patient import commands as ask
from aggregates.patient import facts as past
from tests.aggregates.scenario import an_act, an_id, every_prefix_folds, folded, given

PATIENT, PAYER, CONSENT, GUARDIAN = an_id("patient"), an_id("payer"), an_id("consent"), an_id("guardian")


def registered(birth_date: str = "1990-05-17", *, opened: bool = True) -> past.PatientRegistered:
    """A patient born on a day; unless opened, only the year is at hand."""
    who = past.Identity(family_name="Lindqvist", given_name="Mina", birth_date=birth_date, sex="female")
    return past.PatientRegistered(
        patient_id=PATIENT, year_of_birth=int(birth_date[:4]), has_medical_record_number=False, has_address=False,
        sealed=who if opened else None,
    )


def sign(**changes: Any) -> ask.SignConsent:
    """A complete consent to disclosure to a payer, signed by an adult on Monday 2 March 2026."""
    fields: dict[str, Any] = {
        "consent_id": CONSENT, "kind": "disclosure", "discloser": "Harbor Care", "information": "Attendance, diagnosis",
        "recipients": "Meridian Mutual", "recipient_payers": (PAYER,), "redisclosure_statement": "May be disclosed on.",
        "purpose": "payment", "right_to_revoke_stated": True, "expires_on": "2027-03-02", "signed_by": "patient",
        "signed_on": "2026-03-02", "capacity_rule": "adult",
    }
    return ask.SignConsent(patient_id=PATIENT, **(fields | changes))


def revoke(moment: str | None = None, consent_id: str = CONSENT) -> ask.RevokeConsent:
    """Revokes it."""
    return ask.RevokeConsent(patient_id=PATIENT, consent_id=consent_id, revoked_at=moment)


def appoint(**changes: Any) -> ask.RecordGuardian:
    """Records a parent who may act from 2020 on."""
    fields: dict[str, Any] = {
        "guardian_id": GUARDIAN, "relationship": "parent", "authority": "custody", "effective_from": "2020-01-01",
        "family_name": "Lindqvist", "given_name": "Per",
    }
    return ask.RecordGuardian(patient_id=PATIENT, **(fields | changes))


def dismiss(day: str, guardian_id: str = GUARDIAN) -> ask.EndGuardian:
    """Ends the parent's authority."""
    return ask.EndGuardian(patient_id=PATIENT, guardian_id=guardian_id, ended_on=day)


APPOINTED = past.GuardianRecorded(
    guardian_id=GUARDIAN, relationship="parent", authority="custody", effective_from="2020-01-01",
    sealed=past.GuardianIdentity(family_name="Lindqvist", given_name="Per"),
)
BY_GUARDIAN = {"signed_by": "guardian", "capacity_rule": "guardian", "guardian_id": GUARDIAN}


def test_a_complete_consent_is_recorded() -> None:
    """Its words are sealed, its dates and codes are not."""
    given(AGGREGATE, registered()).when(sign()).then(
        past.ConsentSigned(
            consent_id=CONSENT, kind="disclosure", purpose="payment", recipient_payers=(PAYER,),
            signed_on="2026-03-02", expires_on="2027-03-02", signed_by="patient", capacity_rule="adult",
            right_to_revoke_stated=True,
            sealed=past.ConsentTerms(
                discloser="Harbor Care", information="Attendance, diagnosis", recipients="Meridian Mutual",
                redisclosure_statement="May be disclosed on.",
            ),
        )
    ).once()


def test_a_consent_can_name_the_programs_that_may_disclose() -> None:
    """42 CFR 2.31(a)(2); who named none before named every one, and another list is another consent."""
    named = given(AGGREGATE, registered()).when(sign(programs=(an_id("program"),)))
    assert named.facts[0].programs == (an_id("program"),)
    given(AGGREGATE, registered(), *named.facts).when(sign()).refuses(consent.ConsentAlreadySigned)


@pytest.mark.parametrize(
    ("changes", "element"),
    [
        ({"discloser": None}, "who may disclose"),
        ({"information": None}, "the information"),
        ({"recipients": None}, "the recipients"),
        ({"purpose": None}, "the purpose"),
        ({"right_to_revoke_stated": False}, "the right to revoke"),
        ({"expires_on": None}, "an expiry date or event"),
        ({"signed_by": None}, "a signature"),
        ({"signed_on": None}, "the date of signature"),
        ({"redisclosure_statement": None}, "the redisclosure statement"),
        ({"signed_by": "guardian", "capacity_rule": "guardian"}, "the guardian who signed"),
    ],
)
def test_a_consent_without_one_of_its_elements_is_refused_by_that_element(
    changes: dict[str, Any], element: str
) -> None:
    """42 CFR 2.31 lists them; the refusal says which one to complete."""
    message = given(AGGREGATE, registered()).when(sign(**changes)).refuses(consent.ConsentIncomplete)
    assert f"lacks {element};" in message


def test_every_missing_element_is_named_at_once() -> None:
    """Whoever mends the form mends it in one go."""
    message = given(AGGREGATE, registered()).when(sign(purpose=None, expires_on=None)).refuses(
        consent.ConsentIncomplete
    )
    assert "the purpose, an expiry date or event;" in message


def test_an_expiry_event_does_as_well_as_a_date() -> None:
    """A consent to treatment needs no redisclosure statement, and may end with the treatment."""
    changes = {"kind": "treatment", "expires_on": None, "expires_upon": "discharge", "redisclosure_statement": None}
    assert given(AGGREGATE, registered()).when(sign(**changes)).refusal is None


def test_a_consent_is_neither_signed_tomorrow_nor_expired_when_signed() -> None:
    """It may be entered late, and it may expire on the day itself."""
    scene = given(AGGREGATE, registered())
    scene.when(sign(signed_on="2026-03-05")).refuses(DateInTheFuture)
    scene.when(sign(expires_on="2026-03-01")).refuses(consent.ConsentExpiresBeforeSigning)
    assert scene.when(sign(expires_on="2026-03-02")).refusal is None
    assert scene.when(sign(signed_on="2025-03-02")).refusal is None


def test_an_id_stands_for_one_consent() -> None:
    """Other terms are another consent."""
    scene = given(AGGREGATE, registered()).when(sign()).after
    scene.when(sign(purpose="treatment")).refuses(consent.ConsentAlreadySigned)


@pytest.mark.parametrize(
    ("birth_date", "opened", "adult"),
    [
        ("2008-03-02", True, True),  # eighteen on the day of signing
        ("2008-03-03", True, False),
        ("2008-01-01", False, False),  # only the year is at hand: may still be seventeen
        ("2007-12-31", False, True),
    ],
)
def test_who_may_be_under_eighteen_does_not_sign_as_an_adult(birth_date: str, opened: bool, adult: bool) -> None:
    """By the birth date when it is at hand, else by the year, where doubt counts as under age."""
    scene = given(AGGREGATE, registered(birth_date, opened=opened))
    as_adult, as_minor = scene.when(sign()), scene.when(sign(capacity_rule="minor_alone"))
    if adult:
        assert as_adult.refusal is None
        as_minor.refuses(consent.IsAdult)
    else:
        as_adult.refuses(consent.MayBeMinor)
        assert as_minor.refusal is None


@pytest.mark.parametrize(
    ("rule", "birth_date", "allowed"),
    [
        ("adult", "1990-05-17", {"patient"}),
        ("minor_alone", "2010-05-17", {"patient"}),
        ("guardian", "2010-05-17", {"guardian"}),
        ("guardian", "1990-05-17", {"guardian"}),
        ("minor_and_guardian", "2010-05-17", {"patient_and_guardian"}),
        ("court_order", "2010-05-17", {"patient", "guardian", "patient_and_guardian"}),
    ],
)
def test_the_rule_of_capacity_says_who_signs(rule: str, birth_date: str, allowed: set[str]) -> None:
    """The signer named has to be the one to whom the rule gives the capacity."""
    scene = given(AGGREGATE, registered(birth_date), APPOINTED)
    for signer in ("patient", "guardian", "patient_and_guardian"):
        guardian = None if signer == "patient" else GUARDIAN
        decided = scene.when(sign(signed_by=signer, capacity_rule=rule, guardian_id=guardian))
        if signer in allowed:
            assert decided.refusal is None
        else:
            decided.refuses(consent.WrongSigner)


def test_a_guardian_signs_while_they_may_act() -> None:
    """From the first through the last day of their authority, and nobody unknown."""
    scene = given(AGGREGATE, registered("2010-05-17")).when(appoint()).then(APPOINTED).once().after
    scene = scene.when(dismiss("2026-03-01")).once().after
    scene.when(sign(**BY_GUARDIAN)).refuses(consent.GuardianNotActive)
    scene.when(sign(**BY_GUARDIAN, signed_on="2019-12-31")).refuses(consent.GuardianNotActive)
    unknown = BY_GUARDIAN | {"guardian_id": an_id("guardian", 2)}
    scene.when(sign(**unknown)).refuses(consent.GuardianNotActive)
    assert scene.when(sign(**BY_GUARDIAN, signed_on="2026-03-01")).refusal is None


def test_an_id_stands_for_one_guardian_whose_authority_ends_after_it_began() -> None:
    """A mistaken last day may be mended."""
    scene = given(AGGREGATE, registered(), APPOINTED)
    scene.when(appoint(relationship="other")).refuses(consent.GuardianAlreadyRecorded)
    scene.when(dismiss("2019-12-31")).refuses(consent.GuardianEndsBeforeStart)
    scene.when(dismiss("2026-03-01", an_id("guardian", 2))).refuses(consent.UnknownGuardian)
    second = scene.when(appoint(guardian_id=an_id("guardian", 2), given_name="Ida")).once().after
    state = second.when(dismiss("2026-03-01")).after.when(dismiss("2026-02-01")).state
    assert [one.ended_on for one in state.guardians] == ["2026-02-01", None]


def test_a_revocation_follows_the_signature() -> None:
    """Without a time it holds from when it was made; the day of signing is soon enough."""
    scene = given(AGGREGATE, registered()).when(sign()).after
    revoked = past.ConsentRevoked(consent_id=CONSENT, revoked_at="2026-03-02T15:00:00.000000Z")
    scene.when(revoke()).then(revoked).once()
    # The day of signing begins first in the zone that is fourteen hours ahead of UTC.
    scene.when(revoke("2026-03-01T09:59:59Z")).refuses(consent.RevokedBeforeSigning)
    assert scene.when(revoke("2026-03-01T10:00:00Z")).refusal is None
    scene.when(revoke("2026-03-02T15:00:00.000001Z")).refuses(consent.RevocationAhead)
    scene.when(revoke(consent_id=an_id("consent", 2))).refuses(consent.UnknownConsent)


def test_the_earliest_revocation_counts() -> None:
    """A later one adds nothing; an earlier one that comes to light is recorded."""
    act = an_act(occurred_at="2026-04-01T12:00:00Z")
    scene = given(AGGREGATE, registered()).when(sign()).after.when(revoke("2026-03-20T12:00:00Z"), act).after
    scene.when(revoke("2026-03-21T12:00:00Z"), act).nothing_happened()
    state = scene.when(revoke("2026-03-10T12:00:00Z"), act).once().state
    assert state.consents[0].revoked_at == "2026-03-10T12:00:00.000000Z"


def test_revoking_one_consent_leaves_the_others() -> None:
    """Each consent is revoked by its own id."""
    scene = given(AGGREGATE, registered()).when(sign()).after.when(sign(consent_id=an_id("consent", 2))).after
    state = scene.when(revoke()).state
    assert [one.revoked_at is None for one in state.consents] == [False, True]


@for_all(st.dates(date(2000, 1, 1), date(2012, 12, 31)), st.dates(date(2013, 1, 1), date(2026, 3, 2)))
def test_the_year_alone_never_makes_an_adult_of_a_minor(born: date, signed: date) -> None:
    """For any birth date, the ages that the year allows contain the true age."""
    known = consent.ages_on(folded(AGGREGATE, registered(born.isoformat())), signed.isoformat())
    guessed = consent.ages_on(folded(AGGREGATE, registered(born.isoformat(), opened=False)), signed.isoformat())
    years = signed.year - born.year - ((signed.month, signed.day) < (born.month, born.day))
    assert known == (years, years)
    assert guessed[0] <= years <= guessed[1]


SIGNED = given(AGGREGATE, registered()).when(sign()).facts[0]
FACTS = [
    registered(), APPOINTED, SIGNED, replace(SIGNED, consent_id=an_id("consent", 2)),
    past.ConsentRevoked(consent_id=CONSENT, revoked_at="2026-03-02T15:00:00.000000Z"),
    past.GuardianEnded(guardian_id=GUARDIAN, ended_on="2026-03-01"),
]


@for_all(st.lists(st.sampled_from(FACTS), max_size=10))
def test_folding_never_raises(facts: list[object]) -> None:
    """Any facts in any order fold."""
    every_prefix_folds(AGGREGATE, *facts)

"""A payer's policy: terms that make sense, one version a day, marks that only a verification takes off."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from aggregates.days import PeriodRunsBackwards
from aggregates.kit import Claim
from aggregates.payer_policy import AGGREGATE, sense
from aggregates.payer_policy import commands as ask
from aggregates.payer_policy import decide as rules
from aggregates.payer_policy import facts as past
from aggregates.payer_policy import terms as words
from aggregates.payer_policy.state import Policy
from tests.aggregates.scenario import an_act, an_id, every_prefix_folds, folded, given

POLICY, PAYER = an_id("policy"), an_id("payer")
ANOTHER = an_act(by=an_id("person", 2))
DAY_RATE = words.PerDiem(
    level_of_care="intensive_outpatient", focus="mental_health", procedure_code="S9480", revenue_code="0905",
    unit_basis="day", rate_cents=21_500, rate_kind="demo",
)
GROUP_LINE = words.ServicePrice(service_kind="group", procedure_code="90853", use="day_line", revenue_code="0915")
FAMILIES = words.GroupMaximum(service_kind="family_with_patient", maximum=24)
GROUP_MODIFIER = words.ModifierRule(modifier="HQ", when="group")
WEEK = words.WeeklyTest(measure="scheduled", minutes=540, days=3, consequence="warn")


def always(count: int) -> list[words.ModifierRule]:
    """So many modifiers that every line carries."""
    return [words.ModifierRule(modifier=f"U{one}", when="always") for one in range(1, count + 1)]


def terms(**changes: Any) -> words.Terms:
    """Terms with two unverified fields."""
    fields: dict[str, Any] = {
        "per_diems": (DAY_RATE,), "minimum_minutes": 180, "minimum_sessions": 0, "counted_kinds": ("group",),
        "weekly": WEEK, "cosignature_required": True, "credential_required": True, "authorization_required": True,
        "claim_form": "837I", "type_of_bill": "0131", "unverified": ("minimum_minutes", "per_diems.rate_cents"),
    }
    return words.Terms(**(fields | changes))


def publish(**changes: Any) -> ask.PublishPolicy:
    """Publishes those terms from 1 January 2026."""
    fields: dict[str, Any] = {
        "policy_id": POLICY, "payer_id": PAYER, "payer_kind": "commercial", "payer_name": "Meridian Mutual",
        "code": "meridian-2026", "effective_from": "2026-01-01", "terms": terms(),
    }
    return ask.PublishPolicy(**(fields | changes))


def published(**changes: Any) -> past.PolicyPublished:
    """The fact of it."""
    fields: dict[str, Any] = {
        "payer_id": PAYER, "payer_kind": "commercial", "payer_name": "Meridian Mutual", "code": "meridian-2026",
        "effective_from": "2026-01-01", "terms": terms(), "published_by": an_id("person"),
    }
    return past.PolicyPublished(**(fields | changes))


def revise(day: str, **changes: Any) -> ask.RevisePolicy:
    """Asks only two hours from a day on."""
    fields: dict[str, Any] = {"terms": terms(minimum_minutes=120), "cause": "contract_amended"}
    return ask.RevisePolicy(policy_id=POLICY, effective_from=day, **(fields | changes))


def revised(day: str) -> past.PolicyRevised:
    """The fact of it."""
    return past.PolicyRevised(
        effective_from=day, terms=terms(minimum_minutes=120), cause="contract_amended", revised_by=an_id("person"),
    )


def verify(*names: str, **changes: Any) -> ask.VerifyPolicy:
    """Compares fields against the payer's manual."""
    fields: dict[str, Any] = {"verified_on": "2026-03-02", "source": "Provider manual 7.2"}
    return ask.VerifyPolicy(policy_id=POLICY, fields=names, **(fields | changes))


def verified(*names: str, of: str | None = None) -> past.PolicyVerified:
    """The fact of it, by another person than who set the terms."""
    return past.PolicyVerified(
        verified_by=ANOTHER.by, verified_on="2026-03-02", source="Provider manual 7.2", fields=names,
        effective_from=of,
    )


def retire(day: str, cause: str = "contract_ended") -> ask.RetirePolicy:
    """Sets the last day."""
    return ask.RetirePolicy(policy_id=POLICY, effective_through=day, cause=cause)


def retired(day: str) -> past.PolicyRetired:
    """The fact of it."""
    return past.PolicyRetired(effective_through=day, cause="contract_ended")


def test_publishing_records_the_terms_and_claims_the_payer() -> None:
    """One payer has one policy, so that two never apply to one day."""
    claim = Claim("policy_of_payer", PAYER, held=rules.PayerHasPolicy)
    given(AGGREGATE).when(publish()).then(published(), claim).once()
    given(AGGREGATE, published()).when(publish(code="other")).refuses(rules.PolicyAlreadyPublished)


@pytest.mark.parametrize("command", [verify("minimum_minutes"), revise("2026-07-01"), retire("2026-12-31")])
def test_nothing_happens_to_a_policy_that_was_never_published(command: object) -> None:
    """Every other command names the unknown id."""
    assert POLICY in given(AGGREGATE).when(command).refuses(rules.UnknownPolicy)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"counted_kinds": ()}, sense.NothingCounts),
        ({"per_diems": (DAY_RATE, DAY_RATE)}, sense.PerDiemTwice),
        ({"unverified": ("minimum_hours",)}, sense.FieldUnknown),
        ({"unverified": ("unverified",)}, sense.FieldUnknown),
        ({"unverified": ("weekly.hours",)}, sense.FieldUnknown),
        ({"weekly": words.WeeklyTest(measure="none", minutes=540, days=0, consequence="hold")}, sense.WeekCannotHold),
        ({"weekly": words.WeeklyTest(measure="none", minutes=0, days=3, consequence="hold")}, sense.WeekCannotHold),
        ({"weekly": words.WeeklyTest(measure="attended", minutes=2881, days=2, consequence="hold")},
         sense.WeekCannotHold),
        ({"per_diems": (words.PerDiem(level_of_care="outpatient", focus="mental_health", revenue_code="0900",
                                     unit_basis="day", rate_cents=1),)}, sense.RateWithoutKind),
        ({"per_diems": (words.PerDiem(level_of_care="outpatient", focus="mental_health", revenue_code="0900",
                                     unit_basis="day", rate_kind="contract"),)}, sense.RateWithoutKind),
        ({"group_minimum": 13, "group_maximum": 12}, sense.GroupLimitsCross),
        ({"group_maximums": (FAMILIES, FAMILIES)}, sense.GroupMaximumTwice),
        ({"group_maximum": 12, "group_maximums": (replace(FAMILIES, service_kind="group"),)}, sense.GroupMaximumTwice),
        ({"line_basis": "service"}, sense.LinesWithoutPrices),
        ({"primary_services": ("90837",)}, sense.PrimaryServicesUnpriced),
        ({"primary_services": ("90837",), "services": (GROUP_LINE,)}, sense.PrimaryServicesUnpriced),
        ({"primary_services": ("90853",), "services": (replace(GROUP_LINE, use="carved_out"),)},
         sense.PrimaryServicesUnpriced),
        ({"primary_services": ("90853", "9083"), "services": (GROUP_LINE,)}, sense.CodeMisshapen),
        ({"timely_filing_days": 365, "timely_filing_months": 12}, sense.TwoFilingWindows),
        ({"correction_window_days": 180, "correction_window_months": 6}, sense.TwoCorrectionWindows),
        ({"signature_hours": 24, "signature_business_days": 3}, sense.TwoSignatureWindows),
        ({"note_sections": ("plan", "risk", "plan")}, sense.SectionTwice),
        ({"services": (GROUP_LINE, GROUP_LINE)}, sense.ServicePriceTwice),
        ({"services": (replace(GROUP_LINE, rate_cents=1),)}, sense.RateWithoutKind),
        ({"per_diems": (replace(DAY_RATE, revenue_code="905"),)}, sense.CodeMisshapen),
        ({"per_diems": (replace(DAY_RATE, procedure_code="H15"),)}, sense.CodeMisshapen),
        ({"modifiers": (words.ModifierRule(modifier="HQX", when="group"),)}, sense.CodeMisshapen),
        ({"modifiers": (GROUP_MODIFIER, GROUP_MODIFIER)}, sense.ModifierTwice),
        ({"type_of_bill": "131"}, sense.CodeMisshapen),
        ({"certified_by": ("MD", "DO", "MD"), "certification_days": 60}, sense.TitleTwice),
        ({"certified_by": ("MD",)}, sense.CertifierUnasked),
        ({"late_recording": "hold"}, sense.LateRecordingUnasked),
        ({"condition_codes": ("92", "9")}, sense.CodeMisshapen),
        ({"condition_codes": ("92", "41", "92")}, sense.ConditionCodeTwice),
        ({"condition_codes": ("41",)}, sense.ConditionCodeOfAnotherLevel),
        ({"condition_codes": ("92",),
          "per_diems": (DAY_RATE, replace(DAY_RATE, level_of_care="partial_hospitalization"))},
         sense.ConditionCodeOfAnotherLevel),
        ({"per_diems": (replace(DAY_RATE, revenue_code="0001"),)}, sense.CodeMisshapen),
        ({"per_diems": (replace(DAY_RATE, revenue_code="9900"),)}, sense.CodeMisshapen),
        ({"per_diems": (replace(DAY_RATE, revenue_code="1001"),)}, sense.CodeMisshapen),
        ({"type_of_bill": "0031"}, sense.CodeMisshapen),
        ({"type_of_bill": None}, sense.TypeOfBillMissing),
        ({"claim_form": "837P", "type_of_bill": None, "services": (replace(GROUP_LINE, form="837I"),)},
         sense.TypeOfBillMissing),
        ({"claim_form": "837P"}, sense.TypeOfBillUnused),
        ({"claim_form": "837P", "type_of_bill": None, "interim_claims": True}, sense.StayUntold),
        ({"claim_form": "837P", "type_of_bill": None, "sequential_claims": True}, sense.StayUntold),
        ({"claim_form": "837P", "type_of_bill": None, "per_diems": (replace(DAY_RATE, procedure_code=None),)},
         sense.ProcedureCodeMissing),
        ({"session_minimum_minutes": 181}, sense.SessionLongerThanDay),
        ({"per_diems": (replace(DAY_RATE, services_at_least=25),)}, sense.TooManyServices),
        ({"late_signature": "attestation"}, sense.NoSignatureWindow),
        ({"late_signature": "hold"}, sense.NoSignatureWindow),
        ({"modifiers": (*always(4), GROUP_MODIFIER)}, sense.TooManyModifiers),
        ({"telehealth": (words.TelehealthAllowance(effective_from="2025-02-01", effective_through="2025-01-31",
                                                   modalities=("audio_video",), places_of_service=("10",)),)},
         PeriodRunsBackwards),
    ],
)
def test_terms_that_contradict_themselves_are_refused(changes: dict[str, Any], rule: type[rules.Refusal]) -> None:
    """When published and when revised, by the name of the rule."""
    given(AGGREGATE).when(publish(terms=terms(**changes))).refuses(rule)
    given(AGGREGATE, published()).when(revise("2026-07-01", terms=terms(**changes))).refuses(rule)


@pytest.mark.parametrize(
    "changes",
    [
        {"per_diems": ()},
        {"per_diems": (DAY_RATE, replace(DAY_RATE, services_at_least=4))},
        {"group_minimum": 12, "group_maximum": 12},
        {"group_minimum": 4, "group_maximum": 12, "group_maximums": (FAMILIES,)},
        {"group_maximums": (FAMILIES,), "unverified": ("group_maximums.maximum",)},
        {"line_basis": "service", "services": (GROUP_LINE,)},
        {"timely_filing_months": 12},
        {"correction_window_months": 6},
        {"claim_form": "837P", "type_of_bill": None},
        {"claim_form": "837P", "services": (replace(GROUP_LINE, form="837I"),)},
        {"session_minimum_minutes": 180},
        {"session_minimum_minutes": 45, "minimum_minutes": 0},
        {"per_diems": (replace(DAY_RATE, services_at_least=24),)},
        {"late_signature": "attestation", "signature_hours": 48},
        {"per_diems": (replace(DAY_RATE, revenue_code="2106"),)},
        {"modifiers": (*always(3), words.ModifierRule(modifier="93", when="audio_only"),
                       words.ModifierRule(modifier="95", when="audio_video"))},
        {"primary_services": ("90837", "90853"), "services": (GROUP_LINE,)},
        {"group_consequence": "hold"},  # without a maximum it never applies
        {"unverified": ("weekly.minutes", "per_diems", "group_maximum")},
        {"weekly": words.WeeklyTest(measure="none", minutes=0, days=0, consequence="none")},
        {"weekly": words.WeeklyTest(measure="attended", minutes=10_080, days=0, consequence="hold")},
        {"per_diems": (DAY_RATE, words.PerDiem(level_of_care="intensive_outpatient", focus="substance_use",
                                              revenue_code="0906", unit_basis="day"))},
    ],
)
def test_unusual_terms_are_taken(changes: dict[str, Any]) -> None:
    """A rate may be unknown, a week may ask for nothing, both focuses may be priced."""
    assert given(AGGREGATE).when(publish(terms=terms(**changes))).refusal is None


def test_a_published_period_runs_forwards() -> None:
    """The last day is not before the first."""
    given(AGGREGATE).when(publish(effective_through="2025-12-31")).refuses(PeriodRunsBackwards)


def test_a_revision_ends_the_version_before_it() -> None:
    """The earlier terms keep their days, up to the day before."""
    state = given(AGGREGATE, published()).when(revise("2026-07-01")).then(revised("2026-07-01")).once().state
    assert state.terms_on("2025-12-31") is None
    assert state.terms_on("2026-01-01") == state.terms_on("2026-06-30") == (0, terms())
    assert state.terms_on("2026-07-01") == (1, terms(minimum_minutes=120))
    assert state.payer_id == PAYER


def test_a_revision_starts_later_than_the_version_before_it() -> None:
    """The same day would give that day two versions, an earlier one would rewrite what was in force."""
    scene = given(AGGREGATE, published(), revised("2026-07-01"))
    scene.when(revise("2026-07-01")).nothing_happened()
    scene.when(revise("2026-07-01", cause="typo")).refuses(rules.RevisionNotLater)
    scene.when(revise("2026-06-30")).refuses(rules.RevisionNotLater)


def test_days_without_terms_are_told_with_their_cause() -> None:
    """A published last day stands; the next version begins on the day after, or says why it does not."""
    scene = given(AGGREGATE, published(effective_through="2026-03-31"))
    told = scene.when(revise("2026-07-01")).refuses(rules.GapUntold)
    assert "end on 2026-03-31" in told
    scene.when(revise("2026-04-01")).then(revised("2026-04-01"))
    scene.when(revise("2026-04-01", gap_cause="contract_ended")).refuses(rules.NoGap)
    meant = replace(revised("2026-07-01"), gap_cause="contract_ended")
    state = scene.when(revise("2026-07-01", gap_cause="contract_ended")).then(meant).once().state
    assert state.terms_on("2026-03-31") == (0, terms())
    assert state.terms_on("2026-04-01") is None
    assert state.unverified_on("2026-04-01") == ()


def test_retiring_sets_the_last_day() -> None:
    """Not before the latest terms start, and only once."""
    scene = given(AGGREGATE, published(), revised("2026-07-01"))
    scene.when(retire("2026-06-30")).refuses(rules.RetiresBeforeStart)
    decided = scene.when(retire("2026-12-31")).then(retired("2026-12-31")).once()
    assert decided.state.terms_on("2026-12-31") is not None
    assert decided.state.terms_on("2027-01-01") is None
    decided.after.when(retire("2027-12-31")).refuses(rules.PolicyAlreadyRetired)


def test_a_retired_policy_is_taken_up_again_by_a_later_revision() -> None:
    """From a day after the last one; the days between have no terms."""
    scene = given(AGGREGATE, published(), retired("2026-12-31"))
    scene.when(revise("2026-12-31")).refuses(rules.PolicyAlreadyRetired)
    state = scene.when(revise("2027-02-01")).then(revised("2027-02-01")).once().state
    assert state.terms_on("2027-01-31") is None
    assert state.terms_on("2027-02-01") == (1, terms(minimum_minutes=120))


FACTS = [
    published(), published(effective_through="2026-03-31"), revised("2026-07-01"), revised("2027-02-01"),
    retired("2026-12-31"), verified("minimum_minutes"), verified("minimum_minutes", of="2026-01-01"),
]


@for_all(st.lists(st.sampled_from(FACTS), max_size=10))
def test_folding_never_raises(facts: list[object]) -> None:
    """Any facts in any order fold."""
    every_prefix_folds(AGGREGATE, *facts)


DAYS = st.dates(min_value=date(2025, 12, 1), max_value=date(2026, 3, 31)).map(date.isoformat)


@for_all(st.lists(st.tuples(st.booleans(), DAYS), max_size=8), DAYS)
def test_no_day_has_two_versions(steps: list[tuple[bool, str]], day: str) -> None:
    """Revisions and retirements in any order: each works once, and a day has at most one version."""
    scene = given(AGGREGATE, published())
    for revises, when in steps:
        scene = scene.when(revise(when) if revises else retire(when)).never_twice().after
    state = folded(AGGREGATE, *scene.facts)
    assert isinstance(state, Policy)
    applying = [
        index for index, one in enumerate(state.versions)
        if one.effective_from <= day <= (one.effective_through or "9999-12-31")
    ]
    found = state.terms_on(day)
    assert applying == ([] if found is None else [found[0]])


def address_from(day: str, **changes: Any) -> ask.RecordElectronicAddress:
    """States where claim files go from a day on."""
    fields: dict[str, Any] = {
        "receiver_id": "CLEARWAY1", "receiver_name": "Clearway", "electronic_payer_id": "MRDN1",
        "claim_filing_indicator": "CI",
    }
    return ask.RecordElectronicAddress(policy_id=POLICY, effective_from=day, **(fields | changes))


def test_claim_files_go_to_one_address_a_day() -> None:
    """From its first day on, until another one starts; before a policy there is none."""
    scene = given(AGGREGATE, published()).when(address_from("2026-01-01")).once()
    another = address_from("2026-01-01", electronic_payer_id="MRDN2")
    scene.after.when(another).refuses(rules.ElectronicAddressFromSameDay)
    state = scene.after.when(address_from("2026-07-01", electronic_payer_id="MRDN2")).state
    assert state.electronic_address_on("2025-12-31") is None
    assert state.electronic_address_on("2026-06-30").electronic_payer_id == "MRDN1"
    assert state.electronic_address_on("2026-07-01").electronic_payer_id == "MRDN2"
    assert (state.electronic_addresses[0].submitter_qualifier, state.electronic_addresses[0].receiver_qualifier) == (
        "ZZ", "ZZ",
    )
    given(AGGREGATE).when(address_from("2026-01-01")).refuses(rules.UnknownPolicy)


@pytest.mark.parametrize(
    "changes",
    [{"claim_filing_indicator": "XX"}, {"receiver_qualifier": "99"}, {"receiver_id": "clearway"},
     {"electronic_payer_id": "A:1"}, {"electronic_payer_id": "A"}],
)  # fmt: skip
def test_an_address_has_codes_of_the_standard(changes: dict[str, str]) -> None:
    """Filing indicators and qualifiers are the standard's, ids hold nothing that segments are made of."""
    with pytest.raises(ValueError, match=next(iter(changes))):
        address_from("2026-01-01", **changes)

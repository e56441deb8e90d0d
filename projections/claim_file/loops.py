"""The loops that both forms share, from the submitter to the patient, named by their numbers in the guides.

What a segment says follows the implementation guides 005010X222A1 and 005010X223A2. Benefits are assigned (Y in CLM08
and OI03: programs are paid by the payer, not through the patient; no fact keeps an assignment of its own). The release
of information (CLM09, OI06) is Y where a consent lets the payer be told when the file is sent
(`aggregates.disclosure`), without which no substance-use record is billed (42 CFR 2.31), and else I: not collected, and
no law asks for it, since payment needs no consent of others (45 CFR 164.506(c)).
"""

from __future__ import annotations

from aggregates.access.notice import SHORT, TEXTS
from aggregates.claim.facts import Adjustment, ClaimLine
from aggregates.clinician.facts import ClinicianIdentity
from aggregates.patient.facts import CoverageIdentity, Identity
from projections.claim_file.contents import Answered, Contents, Insurance, known
from projections.claim_file.segments import Element, Hierarchy, Segment, Transaction, amount, day, digits, text

RESPONSIBILITY = {1: "P", 2: "S", 3: "T"}
RELATIONSHIP = {"self": "18", "spouse": "01", "child": "19", "other": "G8"}
SEX = {"female": "F", "male": "M", "unknown": "U"}
TRIPLES = 6
"""How many reasons one CAS segment holds."""


def beginning(first: Contents, interchange: int) -> list[Segment]:
    """What kind of transaction it is, who sends it (1000A) and who receives it (1000B)."""
    submitter, address = known(first.submitter), known(known(first.insurance).address)
    contact, identity = known(submitter.sealed), known(known(first.provider).sealed)
    return [
        ("BHT", "0019", "00", str(interchange), f"{first.sent_at:%Y%m%d}", f"{first.sent_at:%H%M}", "CH"),
        ("NM1", "41", "2", text(identity.legal_name, 60), "", "", "", "", "46", submitter.submitter_id),
        ("PER", "IC", text(contact.name, 60), "TE", digits(contact.phone)),
        ("NM1", "40", "2", text(address.receiver_name, 60), "", "", "", "", "46", address.receiver_id),
    ]


def billing_provider(claim: Contents, hierarchy: Hierarchy) -> tuple[int, list[Segment]]:
    """Loops 2000A and 2010AA: the program as the payer knows it; answers the level's number too."""
    provider = known(claim.provider)
    number, level = hierarchy.level(None, "20", has_child=True)
    identity = known(provider.sealed)
    return number, [
        level,
        ("PRV", "BI", "PXC", text(provider.taxonomy, 50)),
        ("NM1", "85", "2", text(identity.legal_name, 60), "", "", "", "", "XX", provider.npi),
        ("N3", text(identity.address, 55)),
        ("N4", text(identity.city, 30), text(identity.state, 2), digits(identity.postal_code)),
        ("REF", "EI", digits(identity.tax_id)),
    ]


def people(claim: Contents, hierarchy: Hierarchy, provider: int) -> list[Segment]:
    """Loops 2000B with 2010BA and 2010BB, and 2000C with 2010CA where the patient is not the subscriber."""
    insurance, patient = known(claim.insurance), known(claim.patient)
    number, level = hierarchy.level(provider, "22", has_child=claim.dependent)
    transaction = Transaction([level, _subscriber_information(insurance, "" if claim.dependent else "18")])
    transaction.add(*(_dependents_subscriber(insurance) if claim.dependent else _subscriber(insurance, patient)))
    transaction.add(_payer(insurance))
    if claim.dependent:
        transaction.add(
            hierarchy.level(number, "23", has_child=False)[1],
            ("PAT", RELATIONSHIP[insurance.coverage.relationship]),
            ("NM1", "QC", "1", text(patient.family_name, 60), text(patient.given_name, 35)),
            *_home(patient.address, patient.city, patient.state, patient.postal_code),
            ("DMG", "D8", day(patient.birth_date), SEX[patient.sex]),
        )
    return transaction.segments


def _subscriber_information(insurance: Insurance, relationship: str) -> Segment:
    group, filed_as = text(insurance.member.group_number, 50), known(insurance.address).claim_filing_indicator
    return ("SBR", RESPONSIBILITY[insurance.coverage.rank], relationship, group, "", "", "", "", "", filed_as)


def _subscriber(insurance: Insurance, patient: Identity) -> list[Segment]:
    return [
        _insured("IL", patient.family_name, patient.given_name, insurance.member),
        *_home(patient.address, patient.city, patient.state, patient.postal_code),
        ("DMG", "D8", day(patient.birth_date), SEX[patient.sex]),
    ]


def _dependents_subscriber(insurance: Insurance) -> list[Segment]:
    """Somebody else than the patient; the address only where it is known."""
    member = insurance.member
    home = (member.subscriber_address, member.subscriber_city, member.subscriber_state, member.subscriber_postal_code)
    return [
        _insured("IL", member.subscriber_family_name, member.subscriber_given_name, member),
        *(_home(*home) if all(home) else ()),
        ("DMG", "D8", day(member.subscriber_birth_date or ""), SEX[member.subscriber_sex or "unknown"]),
    ]


def _insured(entity: str, family: str | None, given: str | None, member: CoverageIdentity) -> Segment:
    number = text(member.member_number, 80)
    return ("NM1", entity, "1", text(family, 60), text(given, 35), "", "", "", "MI", number)


def _home(address: str | None, city: str | None, state: str | None, postal_code: str | None) -> list[Segment]:
    return [("N3", text(address, 55)), ("N4", text(city, 30), text(state, 2), digits(postal_code))]


def _payer(insurance: Insurance) -> Segment:
    payer_id = known(insurance.address).electronic_payer_id.upper()
    return ("NM1", "PR", "2", text(insurance.payer_name, 60), "", "", "", "", "PI", payer_id)


def references(claim: Contents) -> list[Segment]:
    """Loop 2300: the prior authorization's number (G1), the payer's number of the claim corrected (F8), and of a
    substance-use record the notice that goes with it (NTE with ADD, 80 characters)."""
    numbers = [("REF", "G1", text(number, 50)) for number in claim.authorization_numbers[:1]]
    corrects = claim.prepared.frequency in {"7", "8"}
    corrected = [("REF", "F8", text(claim.payer_control_number, 50))] if corrects else []
    return [*numbers, *corrected, *([("NTE", "ADD", text(TEXTS[SHORT], 80))] if claim.substance_use else [])]


def practitioner(entity: str, who: ClinicianIdentity) -> Segment:
    """A person who treated, by NPI."""
    return ("NM1", entity, "1", text(who.family_name, 60), text(who.given_name, 35), "", "", "", "XX", known(who.npi))


def condition_codes(claim: Contents) -> Segment | None:
    """Loop 2300, HI with BG: what the payer's terms ask for, such as 92 on every Medicare IOP bill, in its order."""
    return ("HI", *(("BG", code) for code in claim.condition_codes)) if claim.condition_codes else None


def other_payers(claim: Contents) -> list[Segment]:
    """Loops 2320 with 2330A and 2330B: every other payer, the one before with its number and what it paid of the lines
    that are here, so that the lines' payments make the claim's."""
    found: list[Segment] = []
    if claim.before is not None:
        paid = sum(known(claim.before.line(line)).paid_cents for line in claim.prepared.lines)
        found += _other_payer(claim, known(claim.before.insurance), [("AMT", "D", amount(paid))])
        found.append(("REF", "F8", text(claim.before.answer.payer_control_number, 50)))
    for insurance in claim.others:
        found += _other_payer(claim, insurance, [])
    return found


def _other_payer(claim: Contents, insurance: Insurance, paid: list[Segment]) -> list[Segment]:
    patient, member = known(claim.patient), insurance.member
    own = insurance.coverage.relationship == "self"
    names = (
        (patient.family_name, patient.given_name) if own
        else (member.subscriber_family_name, member.subscriber_given_name)
    )  # fmt: skip
    return [
        _subscriber_information(insurance, RELATIONSHIP[insurance.coverage.relationship]),
        *paid,
        ("OI", "", "", "Y", "", "", claim.release),
        _insured("IL", *names, member),
        _payer(insurance),
    ]


def line_adjudication(before: Answered, line: ClaimLine, revenue_code: str) -> list[Segment]:
    """Loop 2430: what the payer before paid of this line, and why not the rest."""
    theirs, answer = known(before.billed(line)), known(before.line(line))
    payer_id = known(known(before.insurance).address).electronic_payer_id.upper()
    return [
        ("SVD", payer_id, amount(answer.paid_cents), procedure(theirs) or "", revenue_code, str(theirs.units)),
        *adjustments(answer.adjustments),
        ("DTP", "573", "D8", day(before.answer.adjudicated_on)),
    ]


def adjustments(given: tuple[Adjustment, ...]) -> list[Segment]:
    """CAS segments: the reasons of one group together, at most six in one segment."""
    groups: dict[str, list[Adjustment]] = {}
    for one in given:
        groups.setdefault(one.group, []).append(one)
    parts = (
        (group, some[start : start + TRIPLES])
        for group, some in groups.items() for start in range(0, len(some), TRIPLES)
    )
    return [
        ("CAS", group, *(part for one in some for part in (one.carc.upper(), amount(one.amount_cents), "")))
        for group, some in parts
    ]


def procedure(line: ClaimLine) -> Element | None:
    """The HCPCS code with its modifiers in order; None where the line has no code."""
    if line.procedure_code is None:
        return None
    return ("HC", line.procedure_code.upper(), *(one.upper() for one in line.modifiers))

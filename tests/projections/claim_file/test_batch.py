"""A batch: which claims go into which file, in which order; and the very same bytes again, whatever came later."""

from __future__ import annotations

from hashlib import sha256

import pytest

from aggregates.claim.facts import ClaimSubmitted, SentFile
from aggregates.payer_policy.facts import ElectronicAddressRecorded
from projections.claim_file.batch import (
    Batch,
    NotInAFile,
    NotTheSameFile,
    OtherWriter,
    batch_of,
    last_interchange,
    sent_files,
)
from tests.projections.claim_file.office import (
    CLAIM,
    LATER,
    SENT_AT,
    UNITS,
    Office,
    a_line,
    an_id,
    complaints,
    office,
    segments,
)

THIRD = an_id("claim", 7)


def of_three() -> Office:
    """Three claims: two 837I of one receiver, in the order of their days, and an 837P."""
    clinic = office()
    clinic.prepare(LATER, from_date="2026-03-05", through_date="2026-03-05", lines=(a_line(day="2026-03-05"),))
    clinic.prepare(THIRD, form="837P", lines=(a_line(),))
    clinic.prepare(CLAIM)
    return clinic


def made(clinic: Office, name: str = "B-9") -> Batch:
    """The files of all three claims, as of now."""
    numbers = {LATER: "CN2", THIRD: "CN3", CLAIM: "CN1"}
    return batch_of(clinic.log, numbers, name=name, submitted_at=SENT_AT, upto=clinic.head, test=True)


def send(clinic: Office, batch: Batch, sealed: bool = True, **changes: int) -> None:
    """Records that every claim of these files left; of what left before digests were sealed, they stand beside."""
    for file in batch.files:
        for data in batch.submissions(file):
            stream, digest = str(data.pop("claim_id")), data.pop("file_digest")
            told = {"sealed": SentFile(digest=digest)} if sealed else {"file_digest": digest}
            clinic.story.tell(stream, ClaimSubmitted(**data | changes | told))


def test_a_file_holds_one_form_in_the_order_of_patients_and_days() -> None:
    """Places go on from one file to the next, numbers rise by one, and the validator takes both files."""
    clinic = of_three()
    batch = made(clinic)
    assert [(one.form, one.interchange) for one in batch.files] == [("837I", 1), ("837P", 2)]
    assert [one.name for one in batch.files] == [
        "837I-CLEARWAY1-000000001.x12", "837P-CLEARWAY1-000000002.x12",
    ]  # fmt: skip
    sent = [data for one in batch.files for data in batch.submissions(one)]
    assert [(one["claim_id"], one["place"]) for one in sent] == [(CLAIM, 1), (LATER, 2), (THIRD, 3)]
    assert [complaints(one.content) for one in batch.files] == [[], []]
    found = segments(batch.files[0].content)
    assert [one for one in found if one.startswith(("HL", "CLM"))] == [
        "HL*1**20*1", "HL*2*1*22*0", "CLM*CN1*651***13:A:1**A*Y*I", "HL*3*1*22*0", "CLM*CN2*325.5***13:A:1**A*Y*I",
    ]  # fmt: skip
    assert batch.files[0].digest == sha256(batch.files[0].content).hexdigest() == sent[0]["file_digest"]
    assert batch.files[0].total_cents == 97_650


def test_a_claim_with_an_objection_stays_behind() -> None:
    """The others leave without it."""
    clinic = of_three()
    clinic.prepare(LATER, type_of_bill="0132")
    batch = made(clinic)
    assert [one.claim_id for one in batch.left_out] == [LATER]
    assert [claim.claim_id for one in batch.files for claim in one.claims] == [CLAIM, THIRD]


def test_numbers_rise_over_every_batch() -> None:
    """The next file takes one more than the highest number that was sent."""
    clinic = of_three()
    assert last_interchange(clinic.log) == 0
    send(clinic, made(clinic))
    assert last_interchange(clinic.log) == 2
    assert [one.interchange for one in made(clinic, "B-10").files] == [3, 4]


@pytest.mark.parametrize("sealed", [True, False])
def test_the_same_bytes_come_out_after_everything_was_corrected(sealed: bool) -> None:
    """Demographics, coverage, address of the payer, identity of the provider, authorization: none reaches back."""
    clinic = of_three()
    batch = made(clinic)
    clinic.correct(family_name="Meanwhile")  # recorded after the file was written and before it was recorded as sent
    send(clinic, batch, sealed)
    clinic.correct(family_name="Corrected", address="1 New Road")
    clinic.identify(effective_from="2024-01-03", legal_name="Another Name", npi="2999999081")
    clinic.story.tell(an_id("policy"), ElectronicAddressRecorded(
        effective_from="2025-02-01", receiver_id="ELSEWHERE1", receiver_name="Elsewhere", electronic_payer_id="ELSE1",
        claim_filing_indicator="MB",
    ))  # fmt: skip
    clinic.authorize("ANOTHER", UNITS)
    clinic.discharge()
    again = sent_files(clinic.log, "B-9", test=True)
    assert [one.content for one in again.files] == [one.content for one in batch.files]
    assert [one.content for one in made(clinic, "B-10").files] != [one.content for one in batch.files]
    assert again.submissions(again.files[1]) == batch.submissions(batch.files[1])


def test_a_control_number_is_kept_as_it_is_sent_and_old_ones_make_the_same_bytes() -> None:
    """In capitals; a store where an earlier release kept it in small letters still writes the file that left."""
    clinic = of_three()
    small = {LATER: "c2f", THIRD: "c3f", CLAIM: "c1f"}
    batch = batch_of(clinic.log, small, name="B-9", submitted_at=SENT_AT, upto=clinic.head, test=True)
    sent = [data for one in batch.files for data in batch.submissions(one)]
    assert [one["control_number"] for one in sent] == ["C1F", "C2F", "C3F"]
    for data in sent:
        stream = str(data.pop("claim_id"))
        clinic.story.tell(stream, ClaimSubmitted(**data | {"control_number": str(data["control_number"]).lower()}))
    again = sent_files(clinic.log, "B-9", test=True)
    assert [one.content for one in again.files] == [one.content for one in batch.files]


def test_bytes_that_cannot_be_made_again_are_refused() -> None:
    """A file that would differ in one byte is never given out as the one that was sent."""
    clinic = of_three()
    send(clinic, made(clinic))
    with pytest.raises(NotTheSameFile):
        sent_files(clinic.log, "B-9", test=False)
    with pytest.raises(NotInAFile):
        sent_files(clinic.log, "B-8", test=True)


def test_a_file_of_another_writer_says_which_versions() -> None:
    """Where another writer made the same bytes they are given out; where it did not, both versions are named."""
    clinic = of_three()
    batch = made(clinic)
    assert {data["writer_version"] for one in batch.files for data in batch.submissions(one)} == {4}
    send(clinic, batch, writer_version=5)
    again = sent_files(clinic.log, "B-9", test=True)
    assert [one.digest for one in again.files] == [one.digest for one in batch.files]
    with pytest.raises(OtherWriter) as refused:
        sent_files(clinic.log, "B-9", test=False)
    told = str(refused.value)
    assert "File 1 was written by version 5 of the writer, and this release has version 4" in told


def test_a_shredded_name_is_no_accident() -> None:
    """Without the personal parts the file cannot be made again, and it says so."""
    clinic = of_three()
    send(clinic, made(clinic))
    shredded = Office()
    for one in clinic.story.facts:
        shredded.story.facts.append(type(one)(**{
            name: None if name == "sealed" else getattr(one, name) for name in type(one).__dataclass_fields__
        }))  # fmt: skip
    with pytest.raises(NotTheSameFile):
        sent_files(shredded.log, "B-9", test=True)

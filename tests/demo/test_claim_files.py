"""Every claim file that the demonstration sends is one that an independent validator takes."""

from __future__ import annotations

import pytest

from aggregates.codec import decode
from iop_es import wiring
from iop_es.settings import Settings
from iop_es.wiring import House
from projections.claim_file.batch import Batch, sent_files
from tests.projections.claim_file.office import complaints


def batches(house: House) -> list[Batch]:
    """All files that were sent, made again from the log."""
    names = dict.fromkeys(decode(one.topic, one.state).batch for one in house.log.by_topics(["claim.submitted"]))
    return [sent_files(house.log, name, test=True) for name in names]


def test_every_file_of_the_demonstration_is_accepted(house: House) -> None:
    """Both forms, each receiver but Medicare's, which is billed by the month; no claim was prepared and not sent."""
    files = [file for batch in batches(house) for file in batch.files]
    assert [complaints(file.content) for file in files] == [[] for _ in files]
    assert {file.form for file in files} == {"837I", "837P"}
    assert {file.name.split("-")[1] for file in files} == {"CLEARINGDEMO", "MEDICAIDDEMO"}
    sent = {claim.claim_id for file in files for claim in file.claims}
    assert sent == {one.stream for one in house.log.by_topics(["claim.prepared"])}


def test_interchange_numbers_rise_with_the_weeks(house: House) -> None:
    """Dense from one on, later files under higher numbers, and none twice."""
    numbers = [file.interchange for batch in batches(house) for file in batch.files]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.slow
def test_every_file_of_the_full_clinic_is_accepted(full_clinic: Settings) -> None:
    """Thirteen weeks of three programs: interim and last bills, corrections, dependents, every payer."""
    with wiring.opened(full_clinic) as house:
        files = [file for batch in batches(house) for file in batch.files]
        assert [complaints(file.content) for file in files] == [[] for _ in files]
        bills = [claim.prepared for file in files for claim in file.claims]
        assert {one.frequency for one in bills} == {"1", "2", "3", "4", "7", "8"}
        assert any(claim.dependent for file in files for claim in file.claims)
        assert any(claim.before is not None for file in files for claim in file.claims)

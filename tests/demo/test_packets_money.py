"""What a packet of a simulated clinic says was paid."""

from __future__ import annotations

import pytest

from aggregates.codec import decode
from iop_es import wiring
from iop_es.settings import Settings
from projections.billing.words import dollars
from tests.demo.test_packets import words

pytestmark = pytest.mark.slow


def test_what_was_taken_back_is_not_paid(full_clinic: Settings) -> None:
    """A payer that reversed its answer and gave another has paid what the last one says."""
    with wiring.opened(full_clinic) as house:
        with house.sealer() as sealer:
            sealer.catch_up()
        reversed_ = house.log.by_topics(["claim.adjudication_reversed"])[0].stream
        answers = [one for one in house.log.streams([reversed_])[reversed_] if one.name == "claim.adjudicated"]
        first, last = (decode(one.topic, one.state).paid_cents for one in (answers[0], answers[-1]))
        maker = house.packets()
        printed = words(maker.made(maker.wanted([reversed_], "payer", ["remittance"], None)).archive)
    assert 0 < last < first
    assert f"Paid {dollars(last)}" in printed and f"Paid {dollars(first + last)}" not in printed

"""Reading a payer's file: its parts, its sums, and that nothing in it, however broken, ends the import."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from iop_es.remittance import balance
from iop_es.remittance.interchange import Interchange, read
from iop_es.remittance.reading import Remittance, remittance_of
from tests.remittance.builder import Claim, Payment, Service, file

WHOLE = Payment(
    [
        Claim("C1", [
            Service("2026-03-02", 200.0, 150.25, (("CO", "45", 20.0), ("PR", "2", 29.75)), number="1", allowed=180.0),
            Service("2026-03-04", 200.0, 0.0, (("CO", "197", 200.0),), remark="N54"),
        ]),
        Claim("C1", [Service("2026-03-02", -200.0, -200.0)], status="22"),
    ],
    produced_on="2026-03-31", plb=[("WO", "C1", 12.5)],
)  # fmt: skip


def remittances(data: bytes) -> tuple[Interchange, list[Remittance]]:
    """Everything that is read of a file, its sums checked."""
    interchange = read(data)
    found = [remittance_of(one, interchange.component) for one in interchange.transactions if one.kind == "835"]
    for one in found:
        balance.check(one)
    return interchange, found


def test_every_part_of_a_remittance_is_read() -> None:
    """Amounts in cents with their signs, dates, codes, our numbers, what the payer allows and remarks."""
    interchange, [one] = remittances(file(WHOLE))
    assert interchange.faults == [] and one.fault is None
    assert (one.trace_number, one.paid_on, one.produced_on, one.date) == (
        "EFT-1", "2026-04-01", "2026-03-31", "2026-03-31",
    )
    assert (one.payment, one.payer, one.payee, one.originator) == (-6_225, "PAYER 1", "1234567893", "1512345678")
    first, second = one.claims
    assert (first.sequence, second.sequence, second.status, second.charge) == (1, 2, "22", -20_000)
    assert [(line.paid, line.procedure, line.revenue, line.number, line.allowed) for line in first.lines] == [
        (15_025, "S9480", "0905", "1", 18_000), (0, "S9480", "0905", None, None),
    ]
    assert first.lines[1].remarks == ["N54"] and first.lines[1].date == "2026-03-04"
    assert [(one.reason, one.reference, one.cents) for one in one.adjustments] == [("WO", "C1", 1_250)]
    assert first.fault is second.fault is None


def test_adjustments_of_one_group_stand_in_one_segment_or_several() -> None:
    """Up to six reasons of a group in a CAS, each with amount and quantity."""
    data = file(Payment([Claim("C1", [Service("2026-03-02", 200.0, 150.0, [("CO", "45", 50.0)])])]))
    _, [one] = remittances(data.replace(b"CAS*CO*45*50", b"CAS*CO*45*20*1*253*30"))
    assert [(each.carc, each.cents) for each in one.claims[0].lines[0].adjustments] == [("45", 2_000), ("253", 3_000)]
    assert one.claims[0].fault is None


def test_amounts_are_whole_cents() -> None:
    """A part of a cent, or a number that is none, is a fault of its claim, and the payment no longer adds up."""
    for wrong in (b"150.255", b"1O", b"", b"NaN", b"1E400"):
        _, [one] = remittances(file(WHOLE).replace(b"*150.25*", b"*" + wrong + b"*"))
        assert one.claims[0].fault is not None and one.claims[0].fault.why == "bad-amount"


def test_two_interchanges_in_one_file_are_both_read() -> None:
    """As clearing houses join them."""
    interchange, found = remittances(file(WHOLE) + file(WHOLE))
    assert len(found) == 2 and interchange.faults == []


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1_500), st.integers(0, 40), st.binary(max_size=6)), max_size=4))
def test_no_damage_ends_the_reading(damages: list[tuple[int, int, bytes]]) -> None:
    """Whatever is cut out of a file or put into it, what is read has a fault, or it still adds up."""
    data = file(WHOLE, WHOLE)
    for place, length, other in damages:
        data = data[:place] + other + data[place + length :]
    interchange, found = remittances(data)
    assert interchange.faults or interchange.transactions
    for one in found:
        if one.fault is None:
            paid = sum(claim.paid for claim in one.claims) - sum(each.cents for each in one.adjustments)
            assert one.payment == paid and one.trace_number


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_end_the_reading(data: bytes) -> None:
    """Also such as begin like an interchange."""
    for one in (data, b"ISA" + data, file(WHOLE)[:107] + data):
        remittances(one)

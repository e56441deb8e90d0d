"""Segments: what people typed cannot break them, amounts and counts are as the standard writes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.claim_file.checks import objections
from projections.claim_file.file import written_file
from projections.claim_file.segments import FORBIDDEN, Envelope, amount, enveloped, text, written
from projections.claim_file.wording import unbroken
from tests.projections.claim_file.office import Office, complaints, office, segments

typed = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf")), min_size=1, max_size=200).filter(str.strip)


@pytest.fixture(scope="module")
def shared() -> Office:
    """An office whose claim nobody changes."""
    made = office()
    made.prepare()
    return made


@pytest.fixture(scope="module")
def expected(shared: Office) -> list[tuple[str, int]]:
    """The segments of its file, and how many elements each has."""
    return [(one.split("*")[0], one.count("*")) for one in shared.file()]


@pytest.mark.parametrize(
    ("cents", "told"),
    [
        (0, "0"), (20_000, "200"), (20_050, "200.5"), (17_003, "170.03"), (5, ".05"), (70, ".7"), (-3_500, "-35"),
        (-5, "-.05"),
    ],
)  # fmt: skip
def test_an_amount_has_no_zeros_that_say_nothing(cents: int, told: str) -> None:
    """Whole dollars stand alone, and no cent is lost."""
    assert amount(cents) == told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("José Núñez-Müller", "JOSE NUNEZ-MULLER"), ("Straße", "STRASSE"), ("Ørsted & Søn", "ORSTED & SON"),
        ("a*b:c~d^e", "A B C D E"), ("  two\n lines ", "TWO LINES"), ("李小龍", ""), (None, ""), ("“Ann”", "ANN"),
    ],
)  # fmt: skip
def test_words_are_brought_into_the_basic_character_set(words: str | None, told: str) -> None:
    """Capitals without accents, and a space where a character cannot stand."""
    assert text(words, 60) == told


@given(typed, st.integers(1, 60))
def test_no_words_hold_a_delimiter_or_are_too_long(words: str, longest: int) -> None:
    """Whatever is typed, it is one element of at most that length."""
    told = text(words, longest)
    assert not FORBIDDEN.search(told)
    assert len(told) <= longest
    assert told == told.strip()


@pytest.mark.parametrize("identifier", ["A*1", "A:1", "A~", "A^1", "ä1", " A", "A ", "A  1", "A" * 21, "A\n1"])
def test_an_id_that_a_file_would_change_is_refused(identifier: str) -> None:
    """Ids go as they are or not at all; only small letters become capitals."""
    assert [one.field for one in unbroken("number", identifier, 20, "Correct it.")] == ["number"]
    assert list(unbroken("number", "abc-12.3 D", 20, "Correct it.")) == []


def test_what_is_empty_at_the_end_is_left_out() -> None:
    """Elements and components, but not those in between."""
    assert written(("SV2", "0905", "", "5", "", "")) == "SV2*0905**5~"
    assert written(("HI", ("ABK", "F331", ""))) == "HI*ABK:F331~"
    assert written(("SV1", ("HC", "H0015", "", "HF"), "1")) == "SV1*HC:H0015::HF*1~"


def test_the_first_segment_has_its_fixed_width_and_the_counts_are_right() -> None:
    """A reader finds the delimiters at their places in the 106 characters of ISA; SE counts ST and itself."""
    envelope = Envelope(
        "005010X222A1", "HARBOR01", "ZZ", "CLEARWAY1", "30", datetime(2026, 3, 9, 7, 5), 42, test=True  # noqa: DTZ001
    )  # fmt: skip
    content = enveloped(envelope, [("BHT", "0019"), ("HL", "1")])
    isa, *rest = content.removesuffix("~").split("~")
    assert len(isa) + 1 == 106
    assert isa[3] == isa[103] == "*"
    assert (isa[82], isa[104], content[105]) == ("^", ":", "~")
    assert isa[70:81] == "260309*0705"
    assert rest[-3:] == ["SE*4*0001", "GE*1*42", "IEA*1*000000042"]


@given(family=typed, given_name=typed, street=typed, city=typed)
def test_no_name_breaks_a_file(
    shared: Office, expected: list[tuple[str, int]], family: str, given_name: str, street: str, city: str
) -> None:
    """Any text in a patient's name and address is refused as unreadable, or gives the same segments."""
    claim = shared.contents()
    assert claim.patient is not None
    patient = replace(claim.patient, family_name=family, given_name=given_name, address=street, city=city)
    changed = replace(claim, patient=patient)
    if objections(changed):
        assert not all(text(one, 60) for one in (family, given_name, street)) or len(text(city, 60)) < 2
        return
    found = segments(written_file([changed], 905, test=True).content)
    assert [(one.split("*")[0], one.count("*")) for one in found] == expected


def test_the_validator_would_find_what_is_wrong(shared: Office) -> None:
    """A file without its submitter, or with a code that the standard does not know, is not taken."""
    content = written_file([shared.contents()], 1, test=True).content
    assert complaints(content) == []
    assert complaints(content.replace(b"NM1*41*", b"NM1*4X*"))
    assert complaints(content.replace(b"CL1*3*1*30~", b""))


@pytest.mark.parametrize("name", ["Zoë~Ångström*Peña:^", "X" * 200, "D'Arcy, Jr.", "Ünal|<>"])
def test_odd_names_pass_the_validator(name: str) -> None:
    """The independent validator finds nothing in a file with such a name."""
    clinic = office()
    clinic.correct(family_name=name, given_name=name, address=name, city=name)
    clinic.prepare()
    assert complaints(written_file([clinic.contents()], 1, test=True).content) == []

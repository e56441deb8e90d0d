"""Nobody's identity in another's chart: full names and record numbers are refused, a single name is a warning."""

from __future__ import annotations

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.note.identities import Exposure, Person, exposures


def person(which: int, family: str, *given_names: str, number: str | None = None) -> Person:
    """One of the roster."""
    return Person(f"00000000-0000-4000-8000-{which:012}", family, given_names, number)


ANN = person(1, "Novák", "Ann", number="MR-004512")
MARIA = person(2, "García-López", "María José")
TIM = person(3, "O'Brien", "Tim", number="88120417")
JAN = person(4, "van der Berg", "Jan P.")
HOPE = person(5, "May", "Hope")
WILL = person(6, "Kowalski", "Will", number="2026")
RICH = person(7, "Rich", "Art")
MILLER = person(8, "Miller", "Anna")
ME = person(9, "Miller", "Ben", number="77001122")
OLD = person(10, "Łuczak Jr.", "Søren", "Emil")
KAY = person(15, "St. John", "Kay")
JR = person(16, "Smith", "J.R.")
SO = person(17, "Novak", "So", "To")
REFUSED, WARNING = "refused", "warning"

CASES: list[tuple[str, Person, list[tuple[str, str]]]] = [
    # Full names
    ("Ann Novák spoke.", ANN, [(REFUSED, "Ann Novák")]),
    ("ann novak spoke.", ANN, [(REFUSED, "ann novak")]),
    ("ANN NOVAK SPOKE.", ANN, [(REFUSED, "ANN NOVAK")]),
    ("Novak, Ann: no.", ANN, [(REFUSED, "Novak, Ann")]),
    ("Novak,Ann", ANN, [(REFUSED, "Novak,Ann")]),
    ("NOVAK ANN", ANN, [(REFUSED, "NOVAK ANN")]),
    ("sat by Ann B. Novak", ANN, [(REFUSED, "Ann B. Novak")]),
    ("sat by Ann B Novak", ANN, [(REFUSED, "Ann B Novak")]),
    ("sat by Ann B.Novak", ANN, [(REFUSED, "Ann B.Novak")]),
    ("sat by Ann Elizabeth Novak", ANN, [(REFUSED, "Ann Elizabeth Novak")]),
    ("Ann Novak's view", ANN, [(REFUSED, "Ann Novak")]),
    ("Ann Novak’s view", ANN, [(REFUSED, "Ann Novak")]),
    ("sat by Ann\nNovak", ANN, [(REFUSED, "Ann\nNovak")]),
    ("sat by Ann \r\n  Novak", ANN, [(REFUSED, "Ann \r\n  Novak")]),
    ("mail of ann.novak@example.org", ANN, [(REFUSED, "ann.novak")]),
    ("file ann_novak", ANN, [(REFUSED, "ann_novak")]),
    ("Ann\u00a0Nova\u0301k left", ANN, [(REFUSED, "Ann\u00a0Nova\u0301k")]),
    ("A\u00adnn No\u200dvak left", ANN, [(REFUSED, "A\u00adnn No\u200dvak")]),
    ("Maria José Garcia Lopez", MARIA, [(REFUSED, "Maria José Garcia Lopez")]),
    ("María García", MARIA, [(REFUSED, "María García")]),
    ("José López-García", MARIA, [(REFUSED, "José López"), (WARNING, "García")]),
    ("MariaJose Garcia-\nLopez", MARIA, [(REFUSED, "MariaJose Garcia-\nLopez")]),
    ("Tim OBrien and tim o’brien", TIM, [(REFUSED, "Tim OBrien"), (REFUSED, "tim o’brien")]),
    ("Jan van der Berg", JAN, [(REFUSED, "Jan van der Berg")]),
    ("Jan Berg and Van Der Berg, Jan", JAN, [(REFUSED, "Jan Berg"), (REFUSED, "Van Der Berg, Jan")]),
    ("Soren Luczak, Emil Łuczak", OLD, [(REFUSED, "Soren Luczak"), (REFUSED, "Emil Łuczak")]),
    ("Hope May was loud.", HOPE, [(REFUSED, "Hope May")]),
    ("He sees that hope may grow.", HOPE, []),
    ("I know will kowalski.", WILL, [(REFUSED, "will kowalski")]),
    ("Then will Kowalski speak?", WILL, [(WARNING, "Kowalski")]),
    ("sat by will Kowalski", WILL, [(REFUSED, "will Kowalski")]),
    ("Kowalski - Will", WILL, [(REFUSED, "Kowalski - Will")]),
    ("Kowalski – Will came", WILL, [(REFUSED, "Kowalski – Will")]),
    ("Kowalski (Will)", WILL, [(REFUSED, "Kowalski (Will")]),
    ("Will (Bill) Kowalski said", WILL, [(REFUSED, "Will (Bill) Kowalski")]),
    ("Will “Bill” Kowalski said", WILL, [(REFUSED, "Will “Bill” Kowalski")]),
    ("Will 'Billy' Kowalski said", WILL, [(REFUSED, "Will 'Billy' Kowalski")]),
    ("listened to Novak", SO, [(WARNING, "Novak")]),
    ("Kay St. John spoke", KAY, [(REFUSED, "Kay St. John")]),
    ("kay st.john spoke", KAY, [(REFUSED, "kay st.john")]),
    ("Kay St John and St. John, Kay", KAY, [(REFUSED, "Kay St John"), (REFUSED, "St. John, Kay")]),
    ("sat by Mr. St. John.", KAY, [(WARNING, "St. John")]),
    ("J.R. Smith left", JR, [(REFUSED, "J.R. Smith")]),
    ("J. R. Smith and JR Smith", JR, [(REFUSED, "J. R. Smith"), (REFUSED, "JR Smith")]),
    ("told J.R. that", JR, [(WARNING, "J.R.")]),
    ("with Tim. O'Brien left", TIM, [(WARNING, "Tim"), (WARNING, "O'Brien")]),
    # Names alone
    ("Ann said so.", ANN, [(WARNING, "Ann")]),
    ("told by ann's sister", ANN, [(WARNING, "ann")]),
    ("Ms. Novak said so.", ANN, [(WARNING, "Novak")]),
    ("with Ann. Novak left", ANN, [(WARNING, "Ann"), (WARNING, "Novak")]),
    ("annoyed by the announcement, Joann and Annie", ANN, []),
    ("innovakation", ANN, []),
    ("Jan told van stories; der Mann", JAN, [(WARNING, "Jan")]),
    ("He asked García.", MARIA, [(WARNING, "García")]),
    # Everyday words
    ("He will come. Will he? I will.", WILL, []),
    ("He asked Will to stay.", WILL, [(WARNING, "Will")]),
    ("WE WILL GO", WILL, []),
    ("Has hope. Hope helps. \"Hope\" was the word.", HOPE, []),
    ("He praised Hope twice.", HOPE, [(WARNING, "Hope")]),
    ("Hope said so. Hope, who was new, cried.", HOPE, [(WARNING, "Hope"), (WARNING, "Hope")]),
    ("Will said it. Will ask at home. \"Will did not ask,\" he said.", WILL, [(WARNING, "Will"), (WARNING, "Will")]),
    ("So said he. To ask is hard.", SO, []),
    ("Relapse in May, on May 3 and since May 2025.", HOPE, []),
    ("May was better: May is done.\nMay too", HOPE, []),
    ("He thanked May.", HOPE, [(WARNING, "May")]),
    ("Mr. Rich was kind.", RICH, [(WARNING, "Rich")]),
    ("art therapy; a rich talk", RICH, []),
    # Record numbers
    ("See MR-004512.", ANN, [(REFUSED, "MR-004512")]),
    ("See mr 004512.", ANN, [(REFUSED, "mr 004512")]),
    ("MR004512", ANN, [(REFUSED, "MR004512")]),
    ("MRN 004512", ANN, [(REFUSED, "004512")]),
    ("record 4512", ANN, [(REFUSED, "4512")]),
    ("4512 steps", ANN, []),
    ("88120417", TIM, [(REFUSED, "88120417")]),
    ("(8812-0417)", TIM, [(REFUSED, "8812-0417")]),
    ("88 12 04 17, 88.12.04.17", TIM, [(REFUSED, "88 12 04 17"), (REFUSED, "88.12.04.17")]),
    ("0088120417", TIM, [(REFUSED, "0088120417")]),
    ("188120417 and 881204170 and A88120417", TIM, []),
    ("5-88120417 and 88120417-5", TIM, []),
    ("8 8 1 2 0 4 1 7", TIM, []),
    ("since 2026", WILL, []),
    ("MRN: 2026", WILL, [(REFUSED, "2026")]),
]


def told(words: str, *others: Person, own: Person | None = None) -> list[tuple[str, str]]:
    """Each finding as its severity and the words that it points at."""
    found = exposures((("response", words),), others, own)
    return [(one.severity, words[one.start : one.end]) for one in found]


@pytest.mark.parametrize(("words", "other", "expected"), CASES, ids=[repr(one[0]) for one in CASES])
def test_what_identifies_another_is_found_and_nothing_else(
    words: str, other: Person, expected: list[tuple[str, str]]
) -> None:
    """Severity and place, case by case, as a reader would judge them."""
    assert told(words, other) == expected


def test_the_patients_own_name_and_number_stand() -> None:
    """A brother's chart speaks of the family by its name, and of the patient by theirs."""
    words = "Ben Miller (77001122) told of the Miller house. Miller, Ben agreed; Anna did not. Anna Miller left."
    assert told(words, MILLER, ME, own=ME) == [(WARNING, "Anna"), (REFUSED, "Anna Miller")]


def test_the_same_name_as_the_patients_is_the_patients() -> None:
    """Father and son of one name: nobody can tell whom the words mean, so the patient's own name stands."""
    son = person(11, "Miller", "Ben", number="77001123")
    assert told("Ben Miller and Miller, Ben, Ben; 77001123", son, own=ME) == [(REFUSED, "77001123")]
    whole = person(12, "Lopez", "Mary Ann")
    assert told("Mary Ann Lopez and Ann Lopez", person(13, "Lopez", "Ann"), own=whole) == []


def test_the_patients_name_beside_anothers_hides_nothing() -> None:
    """Neighbors in a list are read for what they are."""
    assert told("Ben Miller, Anna spoke", MILLER, own=ME) == [(WARNING, "Anna")]
    assert told("Anna Miller Ben Miller", MILLER, own=ME) == [(REFUSED, "Anna Miller")]


def test_a_shared_narrative_has_no_own_patient() -> None:
    """Everybody of the roster is another there."""
    assert told("Ben Miller spoke, Anna listened", MILLER, ME) == [(REFUSED, "Ben Miller"), (WARNING, "Anna")]


def test_two_of_one_name_are_both_told() -> None:
    """Either may be the one who is meant."""
    other = person(14, "Novak", "Ann")
    assert len(exposures((("response", "Ann Novak"),), (ANN, other))) == 2


def test_each_section_is_read_by_itself() -> None:
    """The finding names the section and counts in its words, also where two sections bear one name."""
    found = exposures((("response", "Calm."), ("plan", "Call Ann Novak"), ("plan", "Ann")), (ANN,))
    assert [(one.section, one.start, one.end) for one in found] == [("plan", 5, 14), ("plan", 0, 3)]


def test_a_finding_and_a_person_can_be_logged() -> None:
    """Neither shows a name or a number."""
    found = exposures((("plan", "Ann Novák MR-004512, ann"),), (ANN,))
    shown = normalize("NFKD", f"{found!r} {found} {ANN!r} {ANN}").casefold()
    assert len(found) == 3
    assert "ann" not in shown and "nova" not in shown and "4512" not in shown


NAMES = st.sampled_from(["Tran", "Okafor", "Müller", "O'Neil", "Ruiz-Soto", "De la Cruz", "Zoë", "Ngũgĩ", "Ana Sofía"])
SPACES = st.text(" \n\t\u00a0", min_size=1, max_size=3)
CASING = st.sampled_from([str.lower, str.upper, str.title, str])
AROUND = st.sampled_from(["", "He met ", "(", "“", "Then, ", "the mother of\n"])
AFTER = st.sampled_from(["", ".", "'s", "’s friend", ", who", ")", "\n"])


@given(NAMES, NAMES, st.booleans(), SPACES, CASING, st.sampled_from(["NFC", "NFD"]), AROUND, AFTER)
def test_a_full_name_is_refused_however_it_is_written(
    family: str, given_name: str, turned: bool, gap: str, casing: object, form: str, before: str, after: str
) -> None:
    """Order, case, accents, white space, Unicode form and what stands around do not matter."""
    name = f"{family},{gap}{given_name}" if turned else f"{given_name}{gap}{family}"
    words = normalize(form, before + casing(name) + after)  # type: ignore[operator] # a casing is a function of text
    found = exposures((("response", words),), (person(1, family, given_name),))
    assert REFUSED in [one.severity for one in found]
    assert all(0 <= one.start < one.end <= len(words) for one in found)


@given(st.text(max_size=60), st.text(max_size=12), st.text(max_size=12), st.text(max_size=12))
def test_no_text_and_no_name_breaks_the_reading(words: str, family: str, given_name: str, number: str) -> None:
    """Whatever was registered and whatever was typed, and the own name alone is never told."""
    one, own = person(1, family, given_name, number=number), person(2, family, given_name, number=number)
    for exposure in exposures((("a", words),), (one,)):
        assert isinstance(exposure, Exposure) and 0 <= exposure.start < exposure.end <= len(words)
    assert exposures((("a", words),), (one,), own) == ()


@given(st.text("0123456789", min_size=5, max_size=12), st.text("0123456789", min_size=1, max_size=3), st.booleans())
def test_a_number_inside_a_longer_one_is_another_number(number: str, more: str, ahead: bool) -> None:
    """Digits that touch belong together; zeros ahead do not change a number."""
    longer = more + number if ahead else number + more
    same = longer.lstrip("0") == number.lstrip("0")
    found = exposures((("a", f"See {longer}."),), (person(1, "Novak", "Ann", number=number),))
    assert bool(found) == same


@given(st.integers(10_000, 99_999_999), st.data())
def test_separators_do_not_hide_a_number(number: int, data: st.DataObject) -> None:
    """Pairs of digits however they are set apart."""
    digits = str(number)
    gaps = [data.draw(st.sampled_from(["", " ", "-", ".", "/"])) for _ in digits[2:]]
    written = digits[:2] + "".join(gap + digit for gap, digit in zip(gaps, digits[2:], strict=True))
    found = exposures((("a", f"See {written}, he said"),), (person(1, "Novak", "Ann", number=digits),))
    assert [one.kind for one in found] == ["medical_record_number"]

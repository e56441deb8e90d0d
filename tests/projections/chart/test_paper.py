"""Sheets in type: what was typed is text, every page says whose it is, and the same sheets are the same bytes."""

from __future__ import annotations

import io
from dataclasses import replace
from html.parser import HTMLParser

import pypdf
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregates.values import INVISIBLE
from projections.chart.html import html
from projections.chart.pages import Print
from projections.chart.pdf import _glyphs, pdf, printable
from projections.chart.sheets import of_chart, of_document, of_session
from tests.aggregates.scenario import an_id
from tests.projections.chart.charted import PATIENT, amended, part_drafted, shown, signed

TYPED = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\t"), min_size=1).map(
    lambda text: f"a{INVISIBLE.sub('', text)}z"
)
"""What the door lets in."""
MARKUP = "<script>alert(1)</script> {{ 7*7 }} {% raw %} &amp; \"'> #strong[x] *b* _i_ $x$ @ref <lab> \\ // `c` /*"


class Page(HTMLParser):
    """The text of each element of class `text`, and every element's name."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self._inside: str | None = None
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.tags.append(tag)
        if dict(attrs).get("class") == "text":
            self._inside = tag
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        self._inside = None if tag == self._inside else self._inside

    def handle_data(self, data: str) -> None:
        """Text."""
        if self._inside:
            self.texts[-1] += data


def of_words(words: str) -> Print:
    """A signed part that says this."""
    part = part_drafted(response=words)
    return of_document(shown([part, signed(part.content_digest)]))


def pages(print_: Print) -> list[str]:
    """The text of each page."""
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf(print_))).pages]


PLAIN = Page(html(of_words("plain"))).tags


@given(TYPED)
@example(MARKUP)
@example("one\n\n  two \t three\n")
def test_any_text_stands_in_the_page_and_is_never_markup(words: str) -> None:
    """The page has the elements that it has with plain words, and the words as they are."""
    said = part_drafted(response=words).sealed.sections[0].words  # as the door keeps it
    page = Page(html(of_words(words)))
    assert page.tags == PLAIN
    assert said in page.texts


@settings(max_examples=25, deadline=None)
@given(TYPED)
@example(MARKUP)
@example("a\u202eb\u0000c\u2066\ufeff\U0001f600\u0301 \u05e9\u05dc\u05d5\u05dd \u0645\u0631 \u4e2d\u6587")
def test_any_text_can_be_printed_and_the_same_is_the_same_bytes(words: str) -> None:
    """Right-to-left text, emoji, invisible and control characters break nothing, and no clock is asked."""
    print_ = _with_words(words)
    assert pdf(print_) == pdf(print_)


def test_markup_of_the_typesetter_is_text_on_paper() -> None:
    """Every character of it comes out again."""
    [page] = pages(of_words(MARKUP))
    assert "".join(MARKUP.split()) in "".join(page.split())


def test_what_the_fonts_lack_is_told_by_its_number() -> None:
    """So nothing that was signed is left out of the paper; letters of many scripts are printed as they are."""
    assert printable("Žofia Ωμέγα Жанна שלום 😀\x07") == "Žofia Ωμέγα Жанна שלום [U+1F600][U+0007]"
    [page] = pages(of_words("Žofia Ωμέγα Жанна 😀"))
    assert "Žofia Ωμέγα Жанна [U+1F600]" in page


def test_the_fonts_have_what_they_are_said_to_have() -> None:
    """Every character that is printed as it is has a glyph: none comes out as the mark for a missing one."""
    starts, ends = _glyphs()
    points = [chr(point) for first, last in zip(starts, ends, strict=True) for point in range(first, last + 1)]
    assert len(points) > 3_000
    assert "\x00" not in "".join(pages(of_words(" ".join(points))))


def test_every_page_says_whose_it_is_and_which_of_how_many() -> None:
    """Twenty thousand characters go over several pages, also without a single space."""
    for words in ("word " * 4_000, "x" * 20_000):
        found = pages(of_words(words.strip()))
        assert len(found) > 3
        for number, page in enumerate(found, 1):
            whose = "Quillfeather, Ada · born 1984-07-13 · MRN MRN-77"
            assert page.count(whose) == 2, page[:200]
            assert f"page {number} of {len(found)}" in page
    assert sum(page.count("x") for page in found) >= 20_000


def test_the_amended_original_is_on_the_paper() -> None:
    """Struck and readable, in its place before what corrects it; a signature under each."""
    part = part_drafted()
    print_ = of_document(shown([part, signed(part.content_digest), amended(1, "correction", "Spoke once", "response")]))
    [page] = pages(print_)
    assert page.index("Spoke twice") < page.index("Spoke once") < page.index("Authorship of this amendment")
    assert page.count("license NY 078331") == 2


def test_a_draft_is_marked_on_every_page() -> None:
    """Behind the words."""
    found = pages(of_document(shown([part_drafted(response="word " * 3_000)])))
    assert len(found) > 1
    assert all("DRAFT, NOT SIGNED" in page for page in found)


def test_a_session_is_a_set_of_pages_for_each_patient() -> None:
    """Each set counts its own pages and shows one patient; the narrative is in each."""
    one = shown([part_drafted()])
    other = replace(
        one, patient_id=an_id("patient", 2), note_id=an_id("note", 3),
        patient=replace(one.patient, patient_id=an_id("patient", 2), name="Zimmer, Bo"),
    )
    found = pages(of_session([other, one]))
    assert ["page 1 of 1" in page for page in found] == [True, True]
    assert ("Ada" in found[0], "Bo" in found[0]) == (True, False)
    assert ("Ada" in found[1], "Bo" in found[1]) == (False, True)
    assert all("Early signs" in page for page in found)


def test_a_chart_begins_with_its_contents() -> None:
    """In order of service, each with the page on which it begins; the pages are counted through."""
    first = replace(shown([part_drafted(response="word " * 3_000)]), note_id=PATIENT)
    second = replace(shown([part_drafted()]), service_date="2026-03-04")
    found = pages(of_chart("Quillfeather, Ada", "2026-03-01", "2026-03-31", [second, first]))
    begins = next(number for number, page in enumerate(found, 1) if "2026-03-04" in page and number > 1)
    assert begins > 3
    lines = [line for line in found[0].splitlines() if line.startswith("2026-03-0")]
    assert [(line[:10], line.split()[-1]) for line in lines] == [("2026-03-02", "2"), ("2026-03-04", str(begins))]
    assert all(f"page {number} of {len(found)}" in page for number, page in enumerate(found, 1))


def test_a_chart_without_documents_says_so() -> None:
    """An empty stretch of time is an answer."""
    made = of_chart("Quillfeather, Ada", "2026-03-01", "2026-03-31", [])
    assert "No document in this time." in html(made).decode()
    assert "No document in this time." in pages(made)[0]


def _with_words(words: str) -> Print:
    """A print that says this, whatever the door would say to it."""
    made = of_words("x")
    [pages_] = made.sets
    [sheet] = pages_.sheets
    blocks = tuple(replace(one, lines=tuple(words.split("\n"))) for one in sheet.blocks)
    return replace(made, sets=(replace(pages_, running=words, sheets=(replace(sheet, blocks=blocks),)),))

"""The instruments' scores, bands, skips and triage, row by row from their sources, and what their documents promise."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from aggregates.assessment.instruments import Instrument, current, instrument, read, versions
from aggregates.assessment.scales import ItemMissing, ItemOutOfRange, Scale
from aggregates.assessment.thresholds import reliable_change

NEVER = (None,) * 7
SCALES = [(kind, scale) for kind in versions().values() for scale in kind.scales]
IDS = [f"{kind.code}-{kind.version}-{scale.name}" for kind, scale in SCALES]
DAY = "2026-03-02"


def only(count: int, **points: int) -> tuple[int, ...]:
    """Answers of 0 but for some items: only(10, i4=2)."""
    return tuple(points.get(f"i{number}", 0) for number in range(1, count + 1))


def scale_of(code: str, name: str = "total", version: str | None = None) -> Scale:
    """A scale of an instrument that is known here."""
    kind = instrument(code, version)
    assert kind is not None
    return kind.scale(name)


KROENKE = "Kroenke, Spitzer and Williams 2001"
GUIDE = "scoring guide of the GAD-7"
COMORBIDITY = "Comorbidity Guidelines, AUDIT and DAST-10"
WHO = "World Health Organization"
REVIEW = "systematic review of the WHO-5"
VENDOR = "vendor's scoring of the BAM"
BLEVINS = "PMC10292741 and the clusters by item"

TABLE: list[tuple[str, str, str, tuple[int | None, ...], int]] = [
    (KROENKE, "phq-9", "total", (3,) * 9, 27), (KROENKE, "phq-9", "total", (0,) * 9, 0),
    ("first items of the PHQ-9", "phq-2", "total", (3, 2), 5), ("as the PHQ-9", "phq-a", "total", (3,) * 9, 27),
    (GUIDE, "gad-7", "total", (3,) * 7, 21),
    (BLEVINS, "pcl-5", "total", (4,) * 20, 80), (BLEVINS, "pcl-5", "cluster-b", (4,) * 20, 20),
    (BLEVINS, "pcl-5", "cluster-c", (4,) * 20, 8), (BLEVINS, "pcl-5", "cluster-d", (4,) * 20, 28),
    (BLEVINS, "pcl-5", "cluster-e", (4,) * 20, 24), (BLEVINS, "pcl-5", "cluster-b", only(20, i5=3, i6=4), 3),
    (BLEVINS, "pcl-5", "cluster-c", only(20, i5=3, i6=4, i7=1, i8=4), 5),
    (BLEVINS, "pcl-5", "cluster-d", only(20, i7=4, i8=1, i14=2, i15=4), 3),
    (BLEVINS, "pcl-5", "cluster-e", only(20, i14=4, i15=1, i20=2), 3),
    (REVIEW, "who-5", "total", (5,) * 5, 100), (REVIEW, "who-5", "total", (1, 2, 3, 4, 3), 52),
    (WHO, "whodas-2.0-12", "total", (4,) * 12, 48), (WHO, "whodas-2.0-12", "total", (1,) * 12, 12),
    (WHO, "audit", "total", (4,) * 10, 40), (WHO, "audit", "total", (0, *NEVER, 2, 0), 2),
    (WHO, "audit", "total", (1, 0, 0, *[None] * 5, 4, 0), 5),
    (COMORBIDITY, "dast-10", "total", only(10, i3=1), 0), (COMORBIDITY, "dast-10", "total", only(10), 1),
    (COMORBIDITY, "dast-10", "total", (1, 1, 0, 1, 1, 1, 1, 1, 1, 1), 10),
    (VENDOR, "bam", "use", (4,) * 17, 12), (VENDOR, "bam", "risk", (4,) * 17, 24),
    (VENDOR, "bam", "protective", (4,) * 17, 24), (VENDOR, "bam", "use", only(17, i4=1, i5=2, i6=3, i7=4), 6),
    (VENDOR, "bam", "risk", only(17, i1=1, i2=1, i3=1, i8=1, i11=1, i15=1, i17=4), 6),
    (VENDOR, "bam", "protective", only(17, i9=1, i10=1, i12=1, i13=1, i14=1, i16=1, i17=4), 6),
]


@pytest.mark.parametrize(("source", "code", "scale", "items", "score"), TABLE)
def test_scores_are_those_of_the_published_rules(
    source: str, code: str, scale: str, items: tuple[int | None, ...], score: int
) -> None:
    """Answers that the instrument takes, and what its source makes of them."""
    kind = instrument(code)
    assert source and kind is not None and kind.items is not None
    kind.items.check(items)
    assert kind.scale(scale).score(items) == score


def test_the_continuous_bam_runs_in_days_and_is_another_version() -> None:
    """Use from 0 to 90, Risk and Protective from 0 to 180: a vendor's scoring; today's version is the categorical."""
    ranges = {one.name: (one.low, one.high) for one in versions()["bam", "continuous-1"].scales}
    assert ranges == {"use": (0, 90), "risk": (0, 180), "protective": (0, 180)}
    assert scale_of("bam", "use", "continuous-1").score((30,) * 17) == 90
    assert current()["bam"].version == "categorical-1"
    assert all(kind.total is None for kind in versions().values() if kind.code == "bam")


@pytest.mark.parametrize(("source", "code", "edges"), [
    (KROENKE, "phq-9", {4: "minimal", 5: "mild", 9: "mild", 10: "moderate", 15: "moderately severe", 20: "severe"}),
    (GUIDE, "gad-7", {4: "minimal", 5: "mild", 10: "moderate", 15: "severe"}),
    ("customary", "bdi-ii", {13: "minimal", 14: "mild", 19: "mild", 20: "moderate", 28: "moderate", 29: "severe"}),
    ("the cut", "pcl-5", {32: "below the cut", 33: "at or above the cut"}),
    ("customary", "phq-2", {2: "below the cut", 3: "at or above the cut"}),
    (REVIEW, "who-5", {28: "likely depression", 32: "poor wellbeing", 48: "poor wellbeing", 52: "adequate wellbeing"}),
    (WHO, "audit", {7: "zone I", 8: "zone II", 15: "zone II", 16: "zone III", 19: "zone III", 20: "zone IV"}),
    (COMORBIDITY, "dast-10", {0: "none", 1: "low", 2: "low", 3: "moderate", 6: "substantial", 9: "severe"}),
])
def test_bands_begin_and_end_where_published(source: str, code: str, edges: dict[int, str]) -> None:
    """Both sides of every edge."""
    by = scale_of(code).on(DAY)
    assert source and {score: band[0].label for score in edges if (band := by.band(score))} == edges


@pytest.mark.parametrize(("kind", "scale"), SCALES, ids=IDS)
def test_every_score_of_a_banded_scale_has_exactly_one_band(kind: Instrument, scale: Scale) -> None:
    """No gap, no overlap, nothing outside."""
    for bands in (by.bands for by in scale.thresholds if by.bands):
        for score in range(scale.low, scale.high + 1):
            assert sum(band.low <= score <= band.high for band in bands.ranges) == 1
        for outside in (scale.low - 1, scale.high + 1):
            with pytest.raises(ValueError, match=str(outside)):
                bands.holding(outside)
    assert kind.scale(scale.name) is scale


@pytest.mark.parametrize(("items", "zone", "raised"), [
    (only(10, i1=4, i2=1, i4=1), "zone I", False), (only(10, i4=2), "zone II", True), (only(10, i6=2), "zone II", True),
    (only(10, i9=2, i10=2), "zone I", False), (only(10, i10=4), "zone II", True), (only(10, i9=4), "zone II", True),
    (only(10, i4=4, i5=4, i9=4), "zone III", True), (only(10, i1=4, i2=4, i4=4, i5=4), "zone IV", True),
    ((4,) * 10, "zone IV", False), ((4, 4, 4, 1, 1, 1, 1, 1, 2, 2), "zone IV", False),
])
def test_the_audit_goes_one_zone_up_by_single_answers(items: tuple[int, ...], zone: str, raised: bool) -> None:
    """Items 4 to 6 at 2 or more, or item 9 or 10 at 4: one zone, once, and none above the fourth (zones of the WHO)."""
    total = scale_of("audit")
    band = total.on("2026-12-01").band(total.score(items), items)
    assert band is not None and (band[0].label, band[1]) == (zone, raised)


def test_an_audit_keeps_the_zone_of_the_day_it_was_taken() -> None:
    """What was taken before the rule of single answers was adopted is banded by its total, for ever."""
    before = scale_of("audit").on("2026-11-30").band(2, only(10, i4=2))
    assert before is not None and (before[0].label, before[1]) == ("zone I", False)


# Columbia Lighthouse Project's triage: low 1 or 2; moderate 3, or 6 longer ago; high 4, 5, or 6 within three months.
TRIAGE: list[tuple[tuple[int | None, ...], str]] = [
    ((0, 0, None, None, None, 0), "none"), ((1, 0, None, None, None, 0), "low"), ((0, 1, 0, 0, 0, 0), "low"),
    ((1, 1, 1, 0, 0, 0), "moderate"), ((0, 0, None, None, None, 1), "moderate"), ((1, 1, 0, 0, 0, 1), "moderate"),
    ((1, 1, 1, 1, 0, 0), "high"), ((1, 1, 0, 0, 1, 0), "high"), ((0, 0, None, None, None, 2), "high"),
    ((1, 1, 1, 0, 0, 2), "high"), ((0, 0, 0, 1, 0, 0), "high"),
]


@pytest.mark.parametrize(("items", "level"), TRIAGE)
def test_the_screener_triages_and_never_adds_up(items: tuple[int | None, ...], level: str) -> None:
    """The worst answer decides; an item that was answered without being asked counts all the same."""
    screener = current()["c-ssrs-screener"]
    assert screener.items is not None and screener.triage is not None and not screener.scales
    screener.items.check(items)
    assert screener.triage.level(items) == level


@pytest.mark.parametrize(("items", "missing"), [
    ((0, 1, None, None, None, 0), 3), ((0, 1, 1, None, 0, 0), 4), ((None, 0, None, None, None, 0), 1),
    ((0, None, None, None, None, 0), 2), ((0, 0, None, None, None, None), 6), ((0, 0), 6),
])
def test_the_screener_asks_for_what_its_branch_needs(items: tuple[int | None, ...], missing: int) -> None:
    """Items 1, 2 and 6 always; 3 to 5 after a yes to item 2."""
    screener = current()["c-ssrs-screener"]
    with pytest.raises(ItemMissing) as wrong:
        screener.items.check(items)  # type: ignore[union-attr] # it has items
    assert wrong.value.item == missing


@for_all(st.tuples(*[st.integers(0, 1)] * 5, st.integers(0, 2)))
def test_one_more_yes_never_lowers_the_triage(items: tuple[int, ...]) -> None:
    """Every yes keeps the level or raises it."""
    order = ("none", "low", "moderate", "high")
    triage: Any = current()["c-ssrs-screener"].triage
    for place, most in enumerate((1, 1, 1, 1, 1, 2)):
        worse = (*items[:place], most, *items[place + 1 :])
        assert order.index(triage.level(worse)) >= order.index(triage.level(items))


ENOUGH = {"i1": 2, "i6": 2, "i8": 2, "i14": 2, "i15": 2, "i20": 2}


@pytest.mark.parametrize(("items", "met"), [
    (only(20, **ENOUGH), True), ((2,) * 20, True), ((1,) * 20, False), (only(20, **ENOUGH | {"i1": 1}), False),
    (only(20, **ENOUGH | {"i6": 1, "i7": 4}), True), (only(20, **ENOUGH | {"i6": 0}), False),
    (only(20, **ENOUGH | {"i14": 1}), False), (only(20, **ENOUGH | {"i20": 1}), False),
])
def test_the_provisional_diagnosis_needs_each_cluster(items: tuple[int, ...], met: bool) -> None:
    """One of B (1-5), one of C (6-7), two of D (8-14), two of E (15-20), each at 2 or more."""
    diagnosis: Any = current()["pcl-5"].diagnosis
    assert diagnosis.met(items) == met


def test_the_audit_skips_only_by_its_own_rule_and_offers_three_answers_at_the_end() -> None:
    """Item 9 takes 0, 2 or 4; items 2 to 8 are skipped by who never drinks, not by who does."""
    audit: Any = current()["audit"].items
    with pytest.raises(ItemOutOfRange) as wrong:
        audit.check((0,) * 8 + (3, 0))
    assert wrong.value.item == 9
    with pytest.raises(ItemMissing) as missing:
        audit.check((2, *NEVER, 0, 0))
    assert missing.value.item == 2
    audit.check((0, *NEVER, 0, 0))


@pytest.mark.parametrize(("what", "deviation", "reliability", "points"), [
    ("PHQ-9, alpha .89: 5.24", 5.7, 0.89, 6), ("GAD-7, alpha .92: 3.53", 4.5, 0.92, 4),
    ("PHQ-9, retest .84: 6.76", 6.1, 0.84, 7), ("WHODAS, ICC .98: 2.8", 7.1, 0.98, 3),
    ("WHODAS, alpha .86: 7.4", 7.1, 0.86, 8),
])
def test_reliable_change_follows_jacobson_and_truax(
    what: str, deviation: float, reliability: float, points: int
) -> None:
    """1.96 x SD x sqrt 2 x sqrt(1 - reliability), rounded up to a whole point: the worked examples by hand."""
    assert what and reliable_change(deviation, reliability) == points


@pytest.mark.parametrize(("code", "points", "verified"), [
    ("phq-9", 6, False), ("gad-7", 4, False), ("pcl-5", 18, True), ("whodas-2.0-12", 8, False),
])
def test_the_thresholds_in_use(code: str, points: int, verified: bool) -> None:
    """NHS Talking Therapies 6 and 4; the PCL-5 as published; the stricter of two for the WHODAS."""
    change = scale_of(code).on(DAY).reliable_change
    assert change is not None and (change.threshold, change.verified) == (points, verified)


def test_nothing_is_reliable_where_no_source_says_so() -> None:
    """Screening and status tools have no reliable change, and the BDI-II none with a source."""
    known = {kind.code for kind, scale in SCALES if any(by.reliable_change for by in scale.thresholds)}
    assert known == {"phq-9", "gad-7", "pcl-5", "whodas-2.0-12"}


def test_what_nobody_confirmed_says_so() -> None:
    """Nothing of the PHQ-A, the PHQ-2 and the BAM is verified, and no flag of the BAM."""
    for kind in versions().values():
        if kind.code in {"phq-a", "phq-2", "bam"}:
            assert "verified=True" not in repr(kind)
    flags = {one.name: cut.points for one in current()["bam"].scales if (cut := one.on(DAY).cut)}
    assert flags == {"use": 1, "risk": 12, "protective": 12}


def test_an_instrument_is_found_by_code_and_version() -> None:
    """In any case; an unknown version is not today's, and one that was used stays."""
    assert instrument("GAD-7") is instrument("gad-7", "1") is current()["gad-7"]
    assert instrument("gad-7", "9") is None
    assert instrument("unknown") is None
    used = ("phq-9", "gad-7", "bdi-ii", "pcl-5", "who-5", "audit", "dast-10")
    assert all((code, "1") in versions() for code in used)


@for_all(st.sampled_from([one for one in SCALES if one[0].items]), st.data())
def test_a_score_is_always_one_that_the_instrument_can_have(known: tuple[Instrument, Scale], data: Any) -> None:
    """Any complete set of offered answers scores inside the range and has a band, where there are bands."""
    scale, form = known[1], known[0].items
    assert form is not None
    items = tuple(data.draw(st.sampled_from(form.answers(number))) for number in range(1, form.count + 1))
    form.check(items)
    score = scale.score(items)
    assert scale.holds(score)
    for by in scale.thresholds:
        band = by.band(score, items)
        assert (band is None) == (by.bands is None)


SOUND = """
code = "x"
version = "1"
label = "X"
[items]
count = 2
highest = 3
source = "s"
verified = false
[[scales]]
name = "total"
label = "X"
items = [1, 2]
high = 6
source = "s"
verified = false
[[scales.thresholds]]
"""
LATER = '[[scales.thresholds]]\nin_force_from = "2027-01-01"\ncut = {points = 3, source = "s", verified = false}\n'


def test_thresholds_are_those_of_the_day() -> None:
    """A later entry judges what is taken from its day on."""
    total = read(SOUND + LATER).scale("total")
    assert [total.on(day).cut is not None for day in ("2026-12-31", "2027-01-01", "2027-01-02")] == [False, True, True]


HEAD = "[[scales.thresholds]]\n"
BANDS = '[scales.thresholds.bands]\nsource = "s"\nverified = false\nranges = '
UNTOLD = 'reliable_change = {source = "s", verified = false}\n'


@pytest.mark.parametrize(("old", "new", "why"), [
    ("high = 6", "high = 7", "runs from 0 to 6"), ("items = [1, 2]", "items = [1, 3]", "does not have"),
    ("items = [1, 2]", "items = [1, 2]\nreversed = [3]", "reverses"), ('name = "total"', 'nam = "total"', "nam"),
    (HEAD, LATER, "since ever"), (HEAD, "thresholds = []\n", "since ever"), (HEAD, HEAD + LATER + LATER, "later entry"),
    (HEAD, HEAD + UNTOLD, "published in points"),
    (HEAD, f'{HEAD}{BANDS}[{{label = "a", low = 0, high = 2}}, {{label = "b", low = 4, high = 6}}]\n', "gap"),
    (HEAD, f'{HEAD}{BANDS}[{{label = "a", low = 0, high = 5}}]\n', "end at 5"),
])
def test_a_document_that_contradicts_itself_is_not_read(old: str, new: str, why: str) -> None:
    """So that a wrong number in a document fails at once and not in a result."""
    read(SOUND)
    assert old in SOUND
    with pytest.raises(ValueError, match=why):
        read(SOUND.replace(old, new))


def test_no_item_of_any_instrument_is_worded() -> None:
    """An item is a number and its answers; the words are their owners'."""
    allowed = {"count", "highest", "lowest", "offered", "skips", "source", "verified", "dated"}
    forms = [kind.items for kind in versions().values() if kind.items]
    assert all(set(type(one).__dataclass_fields__) == allowed for one in forms)
    assert [kind.code for kind in versions().values() if kind.items is None] == ["bdi-ii"]

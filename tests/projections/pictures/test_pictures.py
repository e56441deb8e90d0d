"""Pictures: the same bytes for the same views, told as text, and to be told apart without color."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pytest

from projections.pictures.attendance import attendance
from projections.pictures.course import course
from projections.pictures.drawing import drawn, frame
from projections.pictures.drawing.attendance import SHAPES
from projections.pictures.drawing.trend import _lines, _shapes
from projections.pictures.picture import Picture, alternative
from projections.pictures.stay import survival
from projections.pictures.svg import svg
from projections.pictures.trend import trend
from tests.projections.pictures.measured import (
    EPISODE,
    PATIENT,
    PROGRAM,
    SCORES,
    UNTIL,
    attended,
    cohort,
    courses,
    expected,
    stay,
)

SVG = "{http://www.w3.org/2000/svg}"


def every() -> dict[str, Picture]:
    """One of each kind."""
    return {
        "trend": trend(courses(), UNTIL, [expected()]), "course": course([cohort()], PROGRAM),
        "stay": survival(stay()), "attendance": attendance(attended()),
    }  # fmt: skip


@pytest.fixture(scope="module")
def pictures() -> dict[str, Picture]:
    """One of each kind."""
    return every()


@pytest.fixture(scope="module")
def drawings(pictures: dict[str, Picture]) -> dict[str, str]:
    """Each of them drawn."""
    return {name: svg(one) for name, one in pictures.items()}


def test_each_is_well_formed_and_has_its_title_and_description(
    pictures: dict[str, Picture], drawings: dict[str, str]
) -> None:
    """The first two children say what it shows and its numbers, and the picture is labelled by them."""
    for name, drawing in drawings.items():
        root = ElementTree.fromstring(drawing)  # noqa: S314 - our own
        title, described = list(root)[:2]
        assert (title.tag, title.text) == (f"{SVG}title", pictures[name].title)
        assert (described.tag, described.text) == (f"{SVG}desc", pictures[name].described)
        assert root.attrib["aria-labelledby"] == f"{title.attrib['id']} {described.attrib['id']}"
        assert root.attrib["role"] == "img"


def test_the_same_views_make_the_same_bytes(drawings: dict[str, str]) -> None:
    """In this process after others were drawn, and in another one that lives in another time zone."""
    assert {name: svg(one) for name, one in every().items()} == drawings
    program = (
        "from tests.projections.pictures.test_pictures import every, svg; import os, sys;"
        " sys.stdout.write(svg(every()['trend'])); sys.stdout.flush(); os._exit(0)"
    )
    made = subprocess.run(
        [sys.executable, "-c", program], env={"TZ": "Pacific/Auckland", "PATH": "/usr/bin:/bin"}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert made.stdout == drawings["trend"]


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chart whose data lie at an address is refused, whatever the machine could reach."""
    chart: Any = frame.alt.Chart("https://example.org/rows.json").mark_point().encode(x="a:Q")
    with pytest.raises(ValueError, match="External data url not allowed"):
        frame.document(frame.alt.layer(chart), "a", "b", small=False)


def test_the_text_of_a_trend_tells_the_views_numbers(pictures: dict[str, Picture]) -> None:
    """Each score by day, change and class as the view has them, and from where on a change is reliable: 18 ± 6."""
    [view] = courses()
    told = pictures["trend"].described
    assert re.findall(r"(\d{4}-\d\d-\d\d): (\d+) \([a-z]", told) == [(day, str(score)) for day, score in SCORES]
    assert [(row[2], row[3], row[5], row[6]) for row in alternative(pictures["trend"]).rows] == [
        (one.administered_on.isoformat(), one.score, one.change, one.change_class) for one in view.measures
    ]
    assert "reliably better at 12 or below, reliably worse at 24 or above" in told
    assert "2026-05-04: 9 (mild, change -9, recovered)" in told
    assert view.slope is not None and f"Slope {view.slope.per_week:+.2f} points a week" in told
    assert "Expected: 2026-03-02: 16.4 (15.4 to 17.4); 2026-04-01: 13 (12 to 14)" in told


def test_a_missing_measure_is_marked_and_is_no_zero(pictures: dict[str, Picture], drawings: dict[str, str]) -> None:
    """Two whole fortnights after 16 March, and one after the last measure; none of them is a score."""
    panel = pictures["trend"].panels[0]  # type: ignore[attr-defined] # a trend's
    assert panel.missing == (date(2026, 3, 30), date(2026, 4, 13), date(2026, 5, 18))
    assert [one.value for one in panel.dots] == [score for _, score in SCORES]
    assert "No measure in the 14 days to 2026-03-30, to 2026-04-13, to 2026-05-18." in pictures["trend"].described
    assert "no measure in 14 days" in drawings["trend"]


def test_two_versions_have_a_panel_each() -> None:
    """Never one line: each panel has its own scores, heading and description."""
    both = trend([*courses(SCORES[3:], version="0"), *courses(SCORES[:3])], UNTIL)
    assert [[one.value for one in panel.dots] for panel in both.panels] == [[18, 19, 15], [12, 9]]
    assert [panel.heading.rpartition(" ")[2] for panel in both.panels] == ["1", "0"]
    assert drawn(both, small=False).count("version ") >= 4
    assert "No change is called reliable: no threshold is established." in both.described


def test_series_differ_without_color(pictures: dict[str, Picture], drawings: dict[str, str]) -> None:
    """Each line of a trend has a dash of its own, each class a shape, each mark of attendance too."""
    panel = pictures["trend"].panels[0]  # type: ignore[attr-defined] # a trend's
    dashes = [tuple(dash) for _, dash in _lines(panel).values()]
    assert len(dashes) == len(set(dashes)) == 5
    shapes = _shapes(panel)
    assert len(set(shapes.values())) == len(shapes) == 5
    for name, least in (("trend", 5), ("stay", 2)):
        assert len(set(re.findall(r'stroke-dasharray="([^"]+)"', drawings[name]))) >= least, name
    marks = pictures["attendance"].squares  # type: ignore[attr-defined] # a map's
    assert {one.mark for one in marks} == SHAPES.keys() and len(set(SHAPES.values())) == 4


def test_no_picture_knows_more_of_a_person_than_an_id(drawings: dict[str, str]) -> None:
    """Ids are cut to their beginning."""
    for name, drawing in drawings.items():
        assert (PATIENT[:8] in drawing) == (name in {"trend", "attendance"}), name
        assert PATIENT not in drawing and EPISODE not in drawing


def test_a_cohorts_points_have_interval_and_number(pictures: dict[str, Picture]) -> None:
    """t(59) = 2.001: 16.2 ± 1.317; a single episode has no interval; who is missing is told and in no mean."""
    told = pictures["course"].described
    assert "Month 0: mean 16.2 (95 % interval 14.9 to 17.5), n = 60, 0 missing" in told
    assert "month 2: mean 12, n = 1, 31 missing" in told
    assert alternative(pictures["course"]).rows[0][5:8] == (16.2, 14.883, 17.517)


def test_survival_of_stay_is_kaplan_meiers() -> None:
    """Five, of whom one left on day 10 (4/5), and of three at risk one on day 30 (4/5 x 2/3); the rest is censored."""
    found = stay()
    assert [(one.day, one.at_risk) for one in found.steps] == [(0, 5), (10, 5), (20, 4), (30, 3), (40, 1)]
    assert [one.survival for one in found.steps] == pytest.approx([1, 0.8, 0.8, 0.8 * 2 / 3, 0.8 * 2 / 3])
    for one in found.steps[1:]:
        assert one.low is not None and one.high is not None and 0 <= one.low < one.survival < one.high <= 1
    picture = survival(found)
    assert picture.at_risk == ((0, 5), (7, 5), (14, 4), (21, 3), (28, 3), (35, 1))
    assert "5 admissions, 2 dropped out" in picture.described and "from day 30: 53.3%" in picture.described


def test_nobody_who_dropped_out_is_a_line_at_one() -> None:
    """Without an interval, which nothing says anything about."""
    all_stayed = stay((20, "completed"), (30, "in_care"), (40, "other"))
    assert {(one.survival, one.low, one.high) for one in all_stayed.steps} == {(1.0, None, None)}
    assert "Nobody dropped out." in survival(all_stayed).described
    ElementTree.fromstring(svg(survival(all_stayed)))  # noqa: S314 - our own


def test_a_day_is_present_before_excused_before_absent(pictures: dict[str, Picture]) -> None:
    """Who came to one service was there; a day on which nobody was expected has no mark."""
    shown = alternative(pictures["attendance"])
    assert shown.columns == ("patient", "2026-03-02", "2026-03-04", "2026-03-06")
    assert [row[1:] for row in shown.rows] == [("present", "excused", "open"), (None, "present", "absent")]
    assert "2 days present, 50% of the days that are decided, 1 excused, 1 absent" in shown.described

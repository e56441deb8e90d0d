"""A patient's trend: bands as stripes with their names, thresholds and the expected course as lines, measures as dots.

The shape of a dot says the class of its change; an improvement points to the better side.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import altair as alt

from projections.pictures.drawing.frame import BLUE, DASHES, GRAY, INK, PALE, Chart, kinds, rows
from projections.pictures.trend import CLASSES, Panel, TrendPicture

CROSS = "M-0.8,-0.8L0.8,0.8M-0.8,0.8L0.8,-0.8"
PAGE, SMALL = (540, 250), (190, 92)
MISSING = "no measure in 14 days"
SCORE, EXPECTED = "score", "earlier episodes of the program, mean with 95 % interval"
FILLED = {"baseline", "recovered", "improved", "deteriorated"}


def chart(picture: TrendPicture, small: bool) -> Chart:
    """A panel below the other for each course; the small one shows the latest course alone."""
    panels = picture.panels[-1:] if small else picture.panels
    made = [_panel(one, picture.title, small) for one in panels]
    return made[0] if len(made) == 1 else alt.vconcat(*made, spacing=22).resolve_scale(
        shape="independent", strokeDash="independent", color="independent", fill="independent"
    )


def _panel(panel: Panel, title: str, small: bool) -> Chart:
    width, height = SMALL if small else PAGE
    first, last = _span(panel)
    days = alt.Scale(type="utc", domain=[first.isoformat(), last.isoformat()], nice=False)
    layers = [
        *_bands(panel, first, last, days, small), *_thresholds(panel, first, last, days, small),
        *_expected(panel, last, days, small), *_scores(panel, days, small),
    ]
    heading = title if small else alt.TitleParams(title, subtitle=panel.heading)
    return alt.layer(*layers).properties(width=width, height=height, title=heading)


def _span(panel: Panel) -> tuple[date, date]:
    """The days shown: of all that was measured or missing, and no further into what is expected than half as far."""
    days = [*(one.day for one in panel.dots), *panel.missing]
    first, last = min(days), max(days)
    further = last + timedelta(max(14, (last - first).days // 2))
    ahead = [one.day for one in panel.expected if last < one.day <= further]
    edge = timedelta(max(2, (last - first).days // 30))
    return first - edge, max([last, *ahead]) + edge


def _x(days: alt.Scale, small: bool, field: str = "day") -> alt.X:
    axis = alt.Axis(
        title=None if small else "day of the measure", format="%b %-d" if small else "%Y-%m-%d",
        tickCount=3 if small else 5, zindex=1, grid=False, labelOverlap="greedy", labelSeparation=8,
    )  # fmt: skip
    return alt.X(field, type="temporal", scale=days, axis=axis)


def _y(panel: Panel, small: bool, field: str = "value") -> alt.Y:
    room = (panel.high - panel.low) * 0.06
    scale = alt.Scale(domain=[panel.low - room, panel.high + room], nice=False, zero=False)
    ticks: dict[str, Any] = {"tickCount": 3 if small else 6, "tickMinStep": 1}
    if panel.levels:
        ticks = {"values": list(range(len(panel.levels))), "labelExpr": f"{list(panel.levels)}[datum.value]"}
    axis = alt.Axis(title=None if small else panel.axis, grid=bool(panel.levels), zindex=1, **ticks)
    return alt.Y(field, type="quantitative", scale=scale, axis=axis)


def _bands(panel: Panel, first: date, last: date, days: alt.Scale, small: bool) -> Iterator[alt.Chart]:
    found = [
        {
            "from": first, "to": last, "low": max(one.low - 0.5, panel.low), "high": min(one.high + 0.5, panel.high),
            "middle": (max(one.low, panel.low) + min(one.high, panel.high)) / 2,
            "label": f"{one.label} {one.low:g}–{one.high:g}{'' if one.verified else ' (unverified)'}",
        }
        for one in panel.stripes
    ]  # fmt: skip
    if not found:
        return
    yield alt.Chart(rows(found[1::2])).mark_rect(opacity=1, fill=PALE).encode(
        _x(days, small, "from"), _y(panel, small, "low"), alt.X2("to"), alt.Y2("high")
    )
    if not small:
        yield alt.Chart(rows(found)).mark_text(align="left", dx=8, color=GRAY, fontSize=10).encode(
            _x(days, small, "to"), _y(panel, small, "middle"), text="label:N"
        )


def _lines(panel: Panel) -> dict[str, tuple[float | None, list[int]]]:
    """The lines of a panel with their dashes; the height is None for those that are no level."""
    better, worse = ("at least", "at most") if panel.higher_is_better else ("at most", "at least")
    found: dict[str, tuple[float | None, list[int]]] = {SCORE: (None, DASHES["solid"])}
    if panel.baseline is not None:
        found[f"baseline {panel.baseline}"] = (panel.baseline, DASHES["dotted"])
    if panel.better is not None and panel.worse is not None:
        found[f"reliably better: {better} {panel.better}"] = (panel.better, DASHES["dashed"])
        found[f"reliably worse: {worse} {panel.worse}"] = (panel.worse, DASHES["dash-dot"])
    if panel.expected:
        found[EXPECTED] = (None, DASHES["short"])
    return found


def _dash(panel: Panel, small: bool) -> alt.StrokeDash:
    lines = _lines(panel)
    legend = None if small else alt.Legend(symbolType="stroke", symbolSize=420, columns=2)
    scale = alt.Scale(domain=list(lines), range=[dash for _, dash in lines.values()])
    return alt.StrokeDash("line", type="nominal", scale=scale, legend=legend)


def _thresholds(panel: Panel, first: date, last: date, days: alt.Scale, small: bool) -> Iterator[alt.Chart]:
    found = [
        {"line": line, "value": height, "day": first, "to": last}
        for line, (height, _) in _lines(panel).items()
        if height is not None and panel.low <= height <= panel.high
    ]
    if found:
        yield alt.Chart(rows(found)).mark_rule(color=GRAY, strokeWidth=1.2).encode(
            _x(days, small), _y(panel, small), alt.X2("to"), _dash(panel, small)
        )


def _expected(panel: Panel, last: date, days: alt.Scale, small: bool) -> Iterator[alt.Chart]:
    found = [
        {"day": one.day, "value": one.mean, "low": one.low, "high": one.high, "line": EXPECTED}
        for one in panel.expected if one.day <= last
    ]
    if found:
        data = rows(found)
        yield alt.Chart(data).mark_area(color=GRAY, opacity=0.22).encode(
            _x(days, small), _y(panel, small, "low"), alt.Y2("high")
        )
        yield alt.Chart(data).mark_line(color=INK, strokeWidth=1.4).encode(
            _x(days, small), _y(panel, small), _dash(panel, small)
        )


def _scores(panel: Panel, days: alt.Scale, small: bool) -> Iterator[alt.Chart]:
    points = [{"day": one.day, "value": one.value, "line": SCORE} for one in panel.dots]
    yield alt.Chart(rows(points)).mark_line(
        color=BLUE, strokeWidth=1.5 if small else 2, interpolate="step-after" if panel.levels else "linear"
    ).encode(_x(days, small), _y(panel, small), _dash(panel, small))
    marks = [{"day": one.day, "value": one.value, "what": one.what} for one in panel.dots]
    yield alt.Chart(rows(marks)).mark_point(**_dot(small)).encode(
        _x(days, small), _y(panel, small), *_kinds(panel, small)
    )
    if panel.missing:
        foot = SMALL[1] if small else PAGE[1]
        crosses = rows([{"day": one, "what": MISSING} for one in panel.missing])
        yield alt.Chart(crosses).mark_point(**_dot(small)).encode(
            _x(days, small), *_kinds(panel, small), y=alt.value(foot - 7)
        )


def _dot(small: bool) -> dict[str, Any]:
    return {"size": 34 if small else 75, "strokeWidth": 1.4, "opacity": 1, "fillOpacity": 1}


def _kinds(panel: Panel, small: bool) -> tuple[Any, ...]:
    legend = None if small else alt.Legend(columns=6)
    return kinds("what", _shapes(panel), dict.fromkeys(FILLED, BLUE), legend)


def _shapes(panel: Panel) -> dict[str, str]:
    """The shape of each class that there is."""
    towards, away = ("triangle-up", "triangle-down") if panel.higher_is_better else ("triangle-down", "triangle-up")
    shapes = ("square", "diamond", towards, "circle", away, "M-1,-0.3L1,-0.3L1,0.3L-1,0.3Z")
    there = {one.what for one in panel.dots}
    found = {what: shape for what, shape in zip(CLASSES, shapes, strict=True) if what in there}
    return found | ({MISSING: CROSS} if panel.missing else {})

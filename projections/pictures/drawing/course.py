"""A cohort's course: means with whiskers, and below them how many were measured and how many are missing."""

from __future__ import annotations

import altair as alt

from projections.pictures.course import CoursePicture, Line
from projections.pictures.drawing.frame import BLUE, GRAY, INK, Chart, rows

WIDTH, HEIGHT = 520, 240


def chart(picture: CoursePicture) -> Chart:
    """A panel below the other for each version."""
    made = [_panel(picture, one) for one in picture.lines]
    return made[0] if len(made) == 1 else alt.vconcat(*made, spacing=26)


def _panel(picture: CoursePicture, line: Line) -> Chart:
    points = [
        {"point": one.point.replace("_", " "), "mean": one.mean, "low": one.low, "high": one.high, "n": f"n {one.n}",
         "missing": f"–{one.missing}" if one.missing else ""}
        for one in line.points
    ]  # fmt: skip
    data, order = rows(points), [str(one["point"]) for one in points]
    low, high = _reach(picture, line)
    x = alt.X("point", type="ordinal", sort=order, axis=alt.Axis(
        title=f"{picture.axis}; below the line: n measured, – missing", labelAngle=0, grid=False, labelPadding=34,
        ticks=False,
    ))  # fmt: skip
    scale = alt.Scale(domain=[low, high], nice=False, zero=False)

    axis = alt.Axis(title="mean score, 95 % interval", tickCount=6)

    def y(field: str) -> alt.Y:
        return alt.Y(field, type="quantitative", scale=scale, axis=axis)

    whiskers = [{name: one[name] for name in ("point", "low", "high")} for one in points if one["low"] is not None]
    return alt.layer(
        alt.Chart(rows(whiskers)).mark_rule(color=INK, strokeWidth=1.3).encode(x, y("low"), alt.Y2("high")),
        *(alt.Chart(rows(whiskers)).mark_tick(orient="horizontal", color=INK, size=12, thickness=1.3).encode(x, y(end))
          for end in ("low", "high")),
        alt.Chart(data).mark_line(color=BLUE, strokeWidth=2).encode(x, y("mean")),
        alt.Chart(data).mark_point(size=70, fill=BLUE, stroke=BLUE, opacity=1).encode(x, y("mean")),
        alt.Chart(data).mark_text(color=INK, fontSize=10, dy=14).encode(x, text="n:N", y=alt.value(HEIGHT)),
        alt.Chart(data).mark_text(color=GRAY, fontSize=10, dy=27).encode(x, text="missing:N", y=alt.value(HEIGHT)),
    ).properties(width=WIDTH, height=HEIGHT, title=alt.TitleParams(picture.title, subtitle=line.heading))  # fmt: skip


def _reach(picture: CoursePicture, line: Line) -> tuple[float, float]:
    """The whole scale where it is known, else as far as the intervals go."""
    ends = [end for one in line.points for end in (one.low, one.high, one.mean) if end is not None]
    low, high = min([0.0, *ends]), max([1.0, *ends])
    return picture.low if picture.low is not None else low, picture.high if picture.high is not None else high

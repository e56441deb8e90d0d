"""Attendance: full squares, halves and rings, which print as well as they shine."""

from __future__ import annotations

import altair as alt

from projections.pictures.attendance import MARKS, WORDS, AttendancePicture
from projections.pictures.drawing.frame import BLUE, GRAY, Chart, kinds, rows

CELL = 13
WIDEST = 60
"""Days up to which each has its date."""
SHAPES = {
    "present": "square", "excused": "triangle-up", "absent": "circle", "open": "M-0.2,-0.2L0.2,-0.2L0.2,0.2L-0.2,0.2Z",
}  # fmt: skip


def chart(picture: AttendancePicture) -> Chart:
    """A column for each day with a service, weeks apart by a line."""
    days = [day.isoformat() for day in picture.days]
    data = rows([
        {"patient": one.patient, "day": one.day, "mark": WORDS[one.mark]} for one in picture.squares
    ])  # fmt: skip
    every = -(-len(days) // WIDEST) or 1
    shown = [day for place, day in enumerate(days) if place % every == 0]
    x = alt.X("day", type="ordinal", sort=days, scale=alt.Scale(domain=days), axis=alt.Axis(
        title="day with a service", values=shown, labelAngle=-90, grid=False, ticks=False, domain=False,
        labelExpr="slice(datum.value, 5)",
    ))  # fmt: skip
    y = alt.Y("patient", type="ordinal", scale=alt.Scale(domain=list(picture.patients)), axis=alt.Axis(
        title="patient, by first day in care", grid=True, ticks=False, domain=False,
        labelFont="Liberation Mono, monospace",
    ))  # fmt: skip
    there = [one for one in MARKS if any(square.mark == one for square in picture.squares)] or list(MARKS[:1])
    look = kinds(
        "mark", {WORDS[one]: SHAPES[one] for one in there}, {WORDS["present"]: BLUE, WORDS["excused"]: "#b8b8b8"},
        alt.Legend(columns=4),
    )
    mondays = [day.isoformat() for before, day in zip(picture.days, picture.days[1:], strict=False)
               if day.isocalendar()[:2] != before.isocalendar()[:2]]  # fmt: skip
    return alt.layer(
        alt.Chart(rows([{"day": one} for one in mondays])).mark_rule(
            color=GRAY, strokeWidth=0.6, xOffset=-CELL / 2
        ).encode(x),
        alt.Chart(data).mark_point(size=72, strokeWidth=1, opacity=1).encode(x, y, *look),
    ).properties(
        width={"step": CELL}, height={"step": CELL + 1},
        title=alt.TitleParams(picture.title, subtitle=picture.heading),
    )  # fmt: skip

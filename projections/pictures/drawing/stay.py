"""Survival of stay: a step curve with the edges of its interval, and the numbers at risk below the days."""

from __future__ import annotations

from typing import Any

import altair as alt

from projections.pictures.drawing.frame import BLUE, DASHES, GRAY, INK, Chart, rows
from projections.pictures.stay import StayPicture

WIDTH, HEIGHT = 520, 240
CURVE, EDGE = "share that had not dropped out", "95 % interval"


def chart(picture: StayPicture) -> Chart:
    """The curve."""
    steps = picture.stay.steps
    data = rows([step._asdict() for step in steps])
    marks = [day for day, _ in picture.at_risk]
    days = alt.Scale(domain=[0, max(steps[-1].day, 1)], nice=False)
    x = alt.X("day", type="quantitative", scale=days, axis=alt.Axis(
        title="days since admission; below the line: number at risk", values=marks, grid=False, labelPadding=22,
    ))  # fmt: skip
    dashes = alt.Scale(domain=[CURVE, EDGE], range=[DASHES["solid"], DASHES["dashed"]])
    legend = alt.Legend(symbolType="stroke", symbolSize=420)

    def line(field: str, name: str, **look: Any) -> Any:
        axis = alt.Axis(title="share of admissions", format=".0%", tickCount=5)
        return alt.Chart(data).mark_line(interpolate="step-after", **look).transform_calculate(line=f"'{name}'").encode(
            x, alt.Y(field, type="quantitative", scale=alt.Scale(domain=[0, 1]), axis=axis),
            alt.StrokeDash("line", type="nominal", scale=dashes, legend=legend),
        )

    at_risk = rows([{"day": day, "n": str(n)} for day, n in picture.at_risk])
    stay = picture.stay
    heading = f"program {stay.program_id[:8]}, {stay.episodes} admissions, {stay.ended} dropped out"
    return alt.layer(
        alt.Chart(data).mark_area(interpolate="step-after", color=GRAY, opacity=0.15).encode(
            x, alt.Y("low", type="quantitative"), alt.Y2("high")
        ),
        line("low", EDGE, color=GRAY, strokeWidth=1), line("high", EDGE, color=GRAY, strokeWidth=1),
        line("survival", CURVE, color=BLUE, strokeWidth=2.2),
        alt.Chart(at_risk).mark_text(color=INK, fontSize=10, dy=14).encode(x, text="n:N", y=alt.value(HEIGHT)),
    ).properties(width=WIDTH, height=HEIGHT, title=alt.TitleParams(picture.title, subtitle=heading))  # fmt: skip

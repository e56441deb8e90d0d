"""What all drawings share: the type, the grays and the dashes, and how a chart becomes an SVG document."""

from __future__ import annotations

import hashlib
from datetime import date
from html import escape
from typing import Any

import altair as alt
import vl_convert

VEGA_LITE = "6.4"
"""Pinned, so that a later wheel with a newer Vega-Lite does not draw another picture unasked."""
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
"""The first one is in vl-convert's own wheel: texts are measured by it wherever this runs."""
INK, GRAY, PALE, BLUE = "#111111", "#555555", "#f0f0f0", "#1b3a5c"
DASHES = {"solid": [1, 0], "dotted": [1, 3], "dashed": [7, 3], "dash-dot": [8, 3, 2, 3], "short": [3, 2]}
LEGENDS = {"bottom": {"direction": "vertical", "anchor": "start", "margin": 6}}
"""One below the other; Altair's own schema has no name for what Vega has one for."""
Chart = alt.LayerChart | alt.FacetChart | alt.VConcatChart


def rows(found: list[dict[str, Any]]) -> alt.InlineData:
    """Data of a layer; days as text, which Vega reads as UTC."""
    return alt.InlineData(values=[
        {name: one.isoformat() if isinstance(one, date) else one for name, one in row.items()} for row in found
    ])  # fmt: skip


def document(chart: Chart, title: str, described: str, small: bool) -> str:
    """The chart as SVG. Nothing is fetched: no address is allowed as a source of data.

    No mark may be clipped: Vega numbers its clips from the start of the process, and the same picture would be other
    bytes each time.
    """
    spec = chart.configure(**_look(8 if small else 11)).to_dict(validate=False)
    spec["config"]["legend"]["layout"] = LEGENDS
    made: str = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, allowed_base_urls=[])
    head, _, body = made.replace(' class="marks"', "", 1).partition(">")
    key = hashlib.sha256(f"{title}\n{described}".encode()).hexdigest()[:12]
    named = f'<title id="t{key}">{escape(title)}</title><desc id="d{key}">{escape(described)}</desc>'
    return f'{head} role="img" aria-labelledby="t{key} d{key}">{named}{body}'


def _look(size: int) -> dict[str, Any]:
    axis = {
        "labelFont": FONT, "titleFont": FONT, "labelFontSize": size, "titleFontSize": size, "titleFontWeight": "normal",
        "labelColor": INK, "titleColor": INK, "domainColor": GRAY, "tickColor": GRAY, "gridColor": "#e2e2e2",
        "labelFlush": False,
    }  # fmt: skip
    return {
        "aria": False, "background": "white", "font": FONT, "padding": 6,
        "axis": axis, "view": alt.ViewConfig(stroke=None),
        "title": alt.TitleConfig(
            anchor="start", font=FONT, fontSize=size + 2, subtitleFont=FONT, subtitleFontSize=size, subtitleColor=GRAY,
            fontWeight="bold", color=INK, subtitlePadding=4, offset=8,
        ),
        "legend": alt.LegendConfig(
            orient="bottom", labelFont=FONT, labelFontSize=size, title=None, labelLimit=420, symbolSize=90,
            symbolStrokeColor=INK, symbolStrokeWidth=1.3, labelColor=INK, columnPadding=14, rowPadding=3,
            direction="horizontal",
        ),
    }  # fmt: skip


def kinds(field: str, shapes: dict[str, str], fills: dict[str, str], legend: alt.Legend | None) -> tuple[Any, ...]:
    """The encodings of dots whose kinds differ in shape and filling; what has no filling is white with an outline."""
    names = list(shapes)
    outline, inside = [BLUE] * len(names), [fills.get(one, "white") for one in names]
    return (
        alt.Shape(field, type="nominal", scale=alt.Scale(domain=names, range=list(shapes.values())), legend=legend),
        alt.Fill(field, type="nominal", scale=alt.Scale(domain=names, range=inside), legend=legend),
        alt.Stroke(field, type="nominal", scale=alt.Scale(domain=names, range=outline), legend=legend),
    )  # fmt: skip

"""Pictures of outcomes as SVG, made from views alone: a patient's trend, a cohort's course, a stay, attendance.

Each module here turns views into a picture without drawing it: a title, one text that tells its numbers, the table that
says the same, and the marks. `svg` draws it, with Altair and vl-convert, which has fonts and Vega in its wheel: no
browser, no network and no clock is asked, and days are drawn in UTC, so that the same picture is the same bytes. Series
differ in dash and shape, never in color alone. No picture knows a name; ids stand in their place.
"""

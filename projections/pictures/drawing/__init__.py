"""How each picture is drawn; the only rooms that know Altair and Vega."""

from __future__ import annotations

from projections.pictures.attendance import AttendancePicture
from projections.pictures.course import CoursePicture
from projections.pictures.drawing import attendance, course, stay, trend
from projections.pictures.drawing.frame import Chart, document
from projections.pictures.picture import Picture
from projections.pictures.stay import StayPicture
from projections.pictures.trend import TrendPicture


def drawn(picture: Picture, small: bool) -> str:
    """The SVG of a picture. Raises TypeError for one of no known kind."""
    return document(_chart(picture, small), picture.title, picture.described, small)


def _chart(picture: Picture, small: bool) -> Chart:
    match picture:
        case TrendPicture():
            return trend.chart(picture, small)
        case CoursePicture():
            return course.chart(picture)
        case StayPicture():
            return stay.chart(picture)
        case AttendancePicture():
            return attendance.chart(picture)
    raise TypeError(f"Nobody draws a {type(picture).__name__}.")

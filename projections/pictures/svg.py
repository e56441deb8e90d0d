"""Draws a picture. The libraries that draw are loaded by the first one: a second, which no start-up should pay."""

from __future__ import annotations

from projections.pictures.picture import Picture


def svg(picture: Picture, small: bool = False) -> str:
    """The picture as one SVG document with its title and description; `small` fits three beside each other on a page.

    Raises TypeError for a picture that nobody can draw.
    """
    from projections.pictures import drawing  # noqa: PLC0415 - see above

    return drawing.drawn(picture, small)

"""Sheets as one HTML page that needs nothing else: no script, no font, no picture from anywhere."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from projections.chart.pages import Print

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""What a browser may do with it: nothing but show it. For the header Content-Security-Policy."""


def html(print_: Print) -> bytes:
    """The page, in UTF-8. Whatever a person typed is text in it and never markup."""
    return _template().render(print=print_).encode()


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("projections.chart", ""), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("page.html")

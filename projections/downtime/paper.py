"""The sheets as HTML and as PDF, set from the same words: readable in black and white, a page a group, then how
everybody is reached and what stands open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from projections.chart.pdf import typeset
from projections.chart.words import clock, said
from projections.downtime.views import Contact, Downtime, Sheet

Row = tuple[str, ...]
ROSTER = ("No.", "Name", "MRN", "!", "In", "Out", "Absent", "Reason", "Initials")
CONTACTS = ("Name", "Reach", "Guardians")
RISKS = ("Name", "What stands open")
EMPTY = ("",) * 5
WRITTEN_IN = 3
"""Empty rows of a roster, for who comes without being expected."""
UNKNOWN = "Not known: the outcomes are not projected. Ask the clinicians."
ONLY_SO = "ONLY SO: "
NOTICE = (
    "Confidential: names patients. Keep it locked; type it in when the system is back, have it compared, then shred it."
)


@dataclass(frozen=True, slots=True)
class Group:
    """One group's page. `written` are the lines to be filled in by hand."""

    title: str
    facts: tuple[Row, ...]
    rows: tuple[Row, ...]
    written: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """One program's pages."""

    running: str
    known: str
    groups: tuple[Group, ...]
    contacts: tuple[Row, ...]
    risks: tuple[Row, ...]
    no_risks: str
    cancelled: tuple[str, ...]
    uncovered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pages:
    """All that is printed."""

    notice: str
    roster: Row
    contacts: Row
    risks: Row
    days: tuple[Day, ...]


def html(found: Sequence[Downtime]) -> bytes:
    """The sheets in UTF-8."""
    return _template().render(pages=pages(found)).encode()


def pdf(found: Sequence[Downtime]) -> bytes:
    """The sheets as PDF."""
    return typeset((files("projections.downtime") / "page.typ").read_bytes(), asdict(pages(found)))


def pages(found: Sequence[Downtime]) -> Pages:
    """The sheets in words."""
    return Pages(NOTICE, ROSTER, CONTACTS, RISKS, tuple(map(_day, found)))


def _day(one: Downtime) -> Day:
    return Day(
        running=f"{one.code} · {one.day:%A} {one.day} · downtime",
        known=f"As known at {clock(one.known_at, one.zone)}, through fact {one.position:,}.",
        groups=tuple(_group(one, each) for each in one.sheets), contacts=tuple(map(_contact, one.contacts)),
        risks=tuple((each.name, "\n".join(each.risks)) for each in one.contacts if each.risks),
        no_risks="Nothing stands open." if one.risks_known else UNKNOWN, cancelled=one.cancelled,
        uncovered=tuple(
            f"Nobody is on call from {clock(start, one.zone)} until {clock(end, one.zone)}."
            for start, end in one.uncovered
        ),
    )  # fmt: skip


def _group(one: Downtime, sheet: Sheet) -> Group:
    start, end = (clock(at, one.zone) for at in (sheet.starts_at, sheet.ends_at))
    rows = [
        (each.code, each.name, f"…{each.number}" if each.number else "", "!" if each.attention else "", *EMPTY)
        for each in sheet.seats
    ]  # fmt: skip
    empty = [("",) * len(ROSTER)] * WRITTEN_IN
    return Group(
        title=f"{start[11:16]}–{end[11:16]} {said(sheet.topic)}", facts=tuple(_facts(sheet, start)),
        rows=tuple(rows + empty), written=("Started", "Ended", "Breaks, from and to", "Led by, signature"),
    )  # fmt: skip


def _facts(sheet: Sheet, start: str) -> Iterator[Row]:
    yield "Service", f"{said(sheet.service_kind)}, {said(sheet.level_of_care).lower()}"
    place = f", place of service {sheet.place}" if sheet.place else ""
    yield "Place", f"{said(sheet.modality)}{place}"
    yield "Facilitators", "; ".join(sheet.facilitators) or "nobody is assigned"
    yield "Expected", f"{len(sheet.seats)}; times are {start.rpartition(' ')[2]}"
    if not sheet.scheduled:
        yield "Session", "not scheduled yet; the group's series meets then"


def _contact(one: Contact) -> Row:
    if one.instead is not None:
        return one.name, f"{ONLY_SO}{one.instead}", "\n".join(one.guardians)
    return one.name, "\n".join(one.reach) or "nothing is recorded", "\n".join(one.guardians)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("projections.downtime", ""), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("page.html")

"""A long answer in pages, each read in a transaction of its own and on record before any of it leaves.

So no snapshot is held while somebody reads slowly, and a page that cannot be recorded ends the answer. The first page
is read before the answer begins: a question that may not be asked is answered with a problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from api.gate import Gate, Question
from api.trail import oldest_first
from iop_es.engine.log import Log
from iop_es.engine.readmodel.reading import ReadEntry, ReadFilter
from projections.audit.corrections import with_values
from projections.audit.exports import Format, Of, heading, lines
from projections.audit.queries import DAY_IN_SECONDS, Filter
from projections.audit.views import Entry

PAGE = 500
Page = Sequence[Entry] | Sequence[ReadEntry]
Pages = Callable[[int], Page]
"""The page after a number: a position of the log, or one of the access log."""


def written(
    gate: Gate, log: Log, question: Question, wanted: Filter, wide: bool, late_after_seconds: int = DAY_IN_SECONDS,
) -> Pages:  # fmt: skip
    """The pages of the trail, each correction with its values; up to where the trail was at the first one."""
    programs = sorted(question.caller.programs) if wanted.program_id is None else [wanted.program_id]
    through: list[int] = [] if wanted.upto is None else [wanted.upto]

    def page(after: int) -> Page:
        narrowed = replace(wanted, above=after, upto=through[0] if through else None)
        answer = gate.read(
            question, "audit",
            lambda cursor, now: oldest_first(gate, log, question)(
                cursor, programs=programs, now=now, wanted=narrowed, organization_wide=wide,
                late_after_seconds=late_after_seconds, limit=PAGE,
            ),
        )  # fmt: skip
        through[:] = through or [answer.position]
        return with_values(log, answer.result)

    return page


def read(gate: Gate, question: Question, wanted: ReadFilter) -> Pages:
    """The pages of the access log, up to the entry that was the last before the first one."""
    through: list[int] = [] if wanted.upto is None else [wanted.upto]

    def page(after: int) -> Page:
        narrowed = replace(wanted, upto=through[0] if through else None)
        answer = gate.oversight.reads_onward(question, narrowed, after, PAGE)
        through[:] = through or [answer.position]
        return answer.result

    return page


def exported(pages: Pages, kind: Format, of: Of) -> Iterator[bytes]:
    """The file in pieces, its first page read already."""
    return _pieces(pages(0), pages, kind, of)


def _pieces(page: Page, pages: Pages, kind: Format, of: Of) -> Iterator[bytes]:
    yield heading(kind, of) + lines(kind, page)
    while len(page) == PAGE:
        last = page[-1]
        page = pages(last.position if isinstance(last, Entry) else last.id)
        yield lines(kind, page)

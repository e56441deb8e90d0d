"""What goes with a disclosure under a consent: its scope, and of a substance-use record the prescribed statement
(42 CFR 2.32)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from aggregates.access.notice import TEXTS, NoticeCode
from projections.chart.pages import Block, Print, Sheet
from projections.chart.words import UNREADABLE

TITLE = "Notice to the recipient"
SCOPE = "What the patient's consent allows"


@dataclass(frozen=True, slots=True)
class Notice:
    """The statement by its code, and what the consent says of what may be told to whom; None: it is not said here."""

    statement: NoticeCode
    scope: str | None

    @property
    def lines(self) -> tuple[str, ...]:
        """The same in lines."""
        return TEXTS[self.statement], *(f"{SCOPE}: {self.scope}".split("\n") if self.scope else ())


def blocks(statement: NoticeCode | None, scope: str | None) -> Iterator[Block]:
    """The statement, if there is one, and the consent's scope."""
    if statement is not None:
        yield Block("notice", TITLE, (TEXTS[statement],))
    yield Block("words", SCOPE, tuple((scope or UNREADABLE).split("\n")))


def noticed(print_: Print, notice: Notice | None) -> Print:
    """The print with the notice before everything else, in each set of pages that can be handed on by itself."""
    if notice is None:
        return print_
    told = [one for one in blocks(notice.statement, notice.scope) if notice.scope or one.kind == "notice"]
    sheet = Sheet("Notice", "", None, (), tuple(told), "")
    return replace(print_, sets=tuple(replace(one, sheets=(sheet, *one.sheets)) for one in print_.sets))

"""What is unmatched is kept, once, as a fact of the account that a program has with a payer, and told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from aggregates.account.commands import RecordUnmatched
from aggregates.account.facts import Part, Source
from aggregates.account.streams import account_with
from api.commands.handle import Commands
from api.commands.order import Order, Reply, digest_of
from iop_es.engine.log import Log
from iop_es.remittance.books import Books
from iop_es.remittance.elements import Fault
from iop_es.remittance.summary import Left
from projections.billing.accounts.words import WHY

UNMATCHED = uuid5(NAMESPACE_URL, "urn:iop-es:unmatched")
LARGEST, LONGEST = 100_000_000, 20_000
NAMING = frozenset({"NM1", "N3", "N4", "DMG", "PER", "REF"})
"""Segments that say who the patient is. Of whom a part tells is often not known, so that it is sealed with no patient's
key: a name in it would outlive the keys of its patient. Who looks for the claim needs its numbers."""
LINE_NUMBER = "REF*6R*"
SHOWN = ("trace_number", "control_number", "charge_cents", "paid_cents")


@dataclass(slots=True)
class Door:
    """Where orders go, and in whose name. With `dry_run` everything is planned and nothing ordered; `payer_id` is the
    payer whose files they are said to be; `recorded_at` is the clock of a simulation that sets it; `advance` hears of
    every claim; `request` is what the log keeps as the orders' own."""

    log: Log
    commands: Commands
    by: str
    payer_id: str | None = None
    dry_run: bool = False
    advance: Callable[[int], None] = lambda _done: None
    done: int = 0
    recorded_at: str | None = None
    request: str | None = None

    def order(self, orders: Sequence[Order]) -> list[Reply]:
        """Orders all of these or none of them; raises the refusal of the first that is refused."""
        asked = [replace(one, request=self.request) for one in orders]
        return self.commands.handle_whole(asked, self.recorded_at)

    def advanced(self, claims: int) -> None:
        """So many more claims are done."""
        self.done += claims
        self.advance(self.done)


@dataclass(slots=True)
class Keeper:
    """Keeps what of one file is unmatched; `digest` is the file's."""

    door: Door
    books: Books
    source: Source
    file: str
    digest: str
    left: list[Left] = field(default_factory=list)

    def leave(
        self, part: Part, fault: Fault, identity: list[str], more: str = "", segments: str | None = None, **facts: Any
    ) -> None:
        """Keeps a part, unless it is known already; what somebody assigned is settled."""
        unmatched_id = self.identified(part, identity)
        if unmatched_id in self.books.assigned:
            return
        known = unmatched_id in self.books.ever_unmatched
        sentence = _text(" ".join(filter(None, (f"{fault.place}: {WHY[fault.why]}", more)))) or fault.why
        shown = {name: facts.get(name) for name in SHOWN}
        self.left.append(Left(unmatched_id, part, fault.why, sentence, known_before=known, **shown))
        if not known and not self.door.dry_run:
            kept = _text(_unnamed(segments))
            self._record(unmatched_id, part=part, why=fault.why, sentence=sentence, segments=kept, **facts)

    def identified(self, part: Part, identity: list[str]) -> str:
        """The id of an unmatched part, made from what it is, so that the same part of the same file has one. What it is
        goes in blinded, because names could be tried on it; a part that was kept before that keeps its id."""
        said = "\n".join([part, *identity])
        bare = str(uuid5(UNMATCHED, said))
        if bare in self.books.ever_unmatched:
            return bare
        [blinded] = self.door.log.sealer.blinded([said])
        return str(uuid5(UNMATCHED, blinded))

    def _record(self, unmatched_id: str, **facts: Any) -> None:
        facts |= {name: _bounded(facts.get(name)) for name in ("charge_cents", "paid_cents")}
        facts |= {name: _label(facts.get(name)) for name in ("control_number", "payer")}
        command = RecordUnmatched(
            account_id=account_with(facts.get("program_id"), facts.get("payer_id")), unmatched_id=unmatched_id,
            source=self.source, file=_label(self.file), **facts,
        )
        digest = digest_of(self.source, unmatched_id)
        key = f"{self.source}:unmatched:{unmatched_id}"
        self.door.order([Order(command, self.door.by, "biller", None, key, digest, kept=True)])


def _bounded(cents: int | None) -> int | None:
    return None if cents is None or abs(cents) > LARGEST else cents


def _label(text: str | None) -> str | None:
    return "".join(one for one in text or "" if one.isprintable()).strip()[:200] or None


def _unnamed(segments: str | None) -> str:
    """The segments without those that name somebody."""
    told = (segments or "").split("\n")
    return "\n".join(one for one in told if one.startswith(LINE_NUMBER) or one.partition("*")[0].upper() not in NAMING)


def _text(text: str | None) -> str | None:
    shown = "".join(one for one in text or "" if one.isprintable() or one == "\n")
    return shown.strip()[:LONGEST] or None

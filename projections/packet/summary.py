"""The first two pages: what this is about, each day in a line, what is in the packet, how to check it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from projections.billing.words import dollars
from projections.chart.pages import Block, Row, Sheet
from projections.packet.differences import ClaimedDay, days, differences, lines_of, standing
from projections.packet.items import TITLES, Item
from projections.packet.money import codes
from projections.packet.reading import Claim, Record, control_number
from projections.packet.sections import Section, sheet, table

DAYS = CLAIMS = 24
"""So many days there is room for, a longer dispute is summed up by claim; and so many claims, of more the first."""
CHECK = (
    "Run python verify_packet.py packet.zip --trust keys.txt with the public keys that you were given on another way.",
    "It proves that every fact shown stood in the operator's log when the checkpoint was signed, that none is missing "
    "between those counted, and that the signatures of the notes are over the words in evidence.json. It does not "
    "prove that these pages say the same, who the patient is, when or how truly anything was recorded, nor that "
    "nothing was recorded after the last fact counted. README.txt says more.",
)


def summary(record: Record, sections: Sequence[Section]) -> Sheet:
    """The summary of a packet with these sections."""
    internal = record.wanted.edition == "internal"
    found = days(record)
    blocks = [_days(found, internal=internal) if len(found) <= DAYS else _claims(record, found)]
    blocks.append(Block("words", "In this packet", tuple(TITLES[one.item] for one in sections if one.sheets)))
    missing: list[Item] = [one.item for one in sections if not one.sheets]
    if internal and missing:
        blocks.append(Block("notice", "The record has nothing of", tuple(TITLES[one] for one in missing)))
    blocks.append(Block("words", "How to check it", CHECK))
    return sheet(record, "Summary", blocks, _about(record, found))


def compared(record: Record) -> Sheet:
    """As billed, as known then, as known today: every day, and in words what changed."""
    return sheet(record, "As billed, as known then, as known today", [
        table(
            "", ("date", "billed as", "charge", f"known at fact {record.then.position:,}",
                 f"known at fact {record.now.position:,}"),
            ((one.date, lines_of(one.billed), dollars(one.billed_cents), standing(one.then), standing(one.now))
             for one in days(record)),
        ),
        Block("words", "What changed, in words and money", tuple(differences(record))),
    ])  # fmt: skip


def _about(record: Record, found: Sequence[ClaimedDay]) -> Iterator[Row]:
    asked = [one for one in record.claims if one.claim_id in record.wanted.claims]
    known = (record.now.claims.get(one.claim_id) for one in record.claims)
    paid = [one.paid_cents for one in known if one is not None and one.paid_cents is not None]
    yield "Claims", ", ".join([*(control_number(one) for one in asked[:CLAIMS]), *_and_more(asked, "")])
    yield "Payer", record.payer
    yield "Program", record.program.opened.code
    yield "Services", f"{record.days[0]} through {record.days[-1]}, {len(record.days)} days" if record.days else "none"
    yield "Charged", dollars(sum(one.prepared.total_cents for one in asked))
    yield "Paid", dollars(sum(paid)) if paid else "not answered yet"  # what was taken back does not count
    yield "Taken off", ", ".join(codes(record)) or "nothing but what the contract says"
    yield "As known at", f"fact {record.then.position:,}, {record.clock(record.then.at)}"
    yield "As known today", f"fact {record.now.position:,}, {record.clock(record.now.at)}"
    if record.wanted.edition == "internal":
        yield "Days other today", str(sum(one.changed for one in found))


def _and_more(claims: Sequence[Claim], what: str) -> list[str]:
    """How many claims there is no room for."""
    return [f"and {len(claims) - CLAIMS} more{what}"] if len(claims) > CLAIMS else []


def _days(found: Sequence[ClaimedDay], *, internal: bool) -> Block:
    names = ("date", "billed as", "charge", "minutes", *(("then", "today") if internal else ("record",)))
    rows = [
        (one.date, lines_of(one.billed), dollars(one.billed_cents), str(one.then.minutes if one.then else 0),
         *((standing(one.then), standing(one.now)) if internal else (standing(one.now),)))
        for one in found
    ]  # fmt: skip
    return table("Day by day", names, rows)


def _claims(record: Record, found: Sequence[ClaimedDay]) -> Block:
    rows = []
    for claim in record.claims[:CLAIMS]:
        own = [one for one in found if one.claim_id == claim.claim_id]
        good = sum(one.now is not None and one.now.underlying == "billable" for one in own)
        rows.append((
            control_number(claim), f"{claim.prepared.from_date} through {claim.prepared.through_date}", str(len(own)),
            dollars(sum(one.billed_cents for one in own)), f"{good} of {len(own)} days",
        ))  # fmt: skip
    rows += [(more, "", "", "", "") for more in _and_more(record.claims, " claims")]
    return table("Claim by claim", ("claim", "services", "days", "charge", "billable by what is known today"), rows)

"""What names a part of a payer's file, or the order that a status made, says nothing on which a name could be tried."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from hashlib import sha256
from uuid import uuid4

import pytest

from aggregates.codec import decode
from api.commands.order import digest_of
from iop_es.engine.log import Append, Keyed, Log, PassThrough
from iop_es.remittance.interchange import read
from iop_es.remittance.statuses import statuses_of
from tests.projections.billing.clinic import an_id
from tests.remittance.builder import Payment
from tests.remittance.desk import Desk, a_desk, paid
from tests.remittance.test_acknowledgments import answer, counts, imported, level

FILE = Payment([paid(), paid("C2")], payer="A PLAN")


class Blinding(PassThrough):
    """Leaves personal parts open, and blinds what has to be found again."""

    def blinded(self, texts: Sequence[str]) -> list[str]:
        """Under a key of its own."""
        return [hmac.digest(b"a key", one.encode(), "sha256").hex() for one in texts]


@pytest.fixture
def desk(log: Log) -> Desk:
    """Claims that were sent."""
    return a_desk(log)


def kept(desk: Desk) -> list[str]:
    """The ids of all that was ever unmatched."""
    facts = desk.log.by_topics(["account.remittance_unmatched"])
    return [decode(one.topic, one.state).unmatched_id for one in facts]


def test_the_id_of_an_unmatched_part_is_made_of_blinded_words(desk: Desk) -> None:
    """Who tries the part's own words comes to another id; the same file again makes the same one."""
    desk.log.sealer = Blinding()
    dry = desk.imported(FILE, dry_run=True).unmatched
    ids = [one.unmatched_id for one in desk.imported(FILE).unmatched]
    assert kept(desk) == ids == [one.unmatched_id for one in dry]
    again = desk.imported(FILE).unmatched
    assert [(one.unmatched_id, one.known_before) for one in again] == [(one, True) for one in ids]
    assert kept(desk) == ids
    desk.log.sealer = PassThrough()
    assert {one.unmatched_id for one in desk.imported(FILE, dry_run=True).unmatched}.isdisjoint(ids)


def test_a_part_that_was_kept_under_its_bare_words_is_known_by_them(desk: Desk) -> None:
    """Nothing is kept twice, and once it can be placed it is told of under the id that it has."""
    bare = [one.unmatched_id for one in desk.imported(FILE).unmatched]
    desk.log.sealer = Blinding()
    again = desk.imported(FILE).unmatched
    assert [(one.unmatched_id, one.known_before) for one in again] == [(one, True) for one in bare]
    assert kept(desk) == bare
    desk.imported(FILE, payer_id=desk.bill(1).prepared.payer_id)  # type: ignore[union-attr] # it was prepared
    facts = desk.log.by_topics(["account.unmatched_assigned"])
    assert {decode(one.topic, one.state).unmatched_id for one in facts} == set(bare)


def test_the_key_of_an_acknowledgment_is_made_of_blinded_words(log: Log) -> None:
    """The same file again changes nothing, and neither does one whose key has its bare words."""
    desk, data = a_desk(log, acknowledged=False), answer(level("C1", "A3:21"), level("C2", "A3:21"))
    first, second = (status for part in read(data).transactions for status in statuses_of(part, read(data).component))
    log.sealer = Blinding()
    words = sha256(second.words.encode()).hexdigest()
    bare = f"277CA:{an_id('claim', 2)}:{words}"
    log.append(Append((), (Keyed(bare, digest_of("277CA", second.words), 0, uuid4()),)))
    assert counts(imported(desk, data)) == (0, 1, 1, [])
    assert desk.bill(2).rejected is None
    words = sha256(first.words.encode()).hexdigest()
    [blinded] = log.sealer.blinded([words])
    digest = digest_of("277CA", first.words)
    assert list(log.seen({f"277CA:{an_id('claim')}:{one}": digest for one in (words, blinded)})) == [
        f"277CA:{an_id('claim')}:{blinded}"
    ]
    assert counts(imported(desk, data)) == (0, 0, 2, [])

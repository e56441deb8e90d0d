"""Going back: an older backup, a fork, a log whose end was cut off. None of them is signed, and no fact gets in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from iop_es.engine.connections import open_pool
from iop_es.engine.errors import LogTakesNoFacts
from iop_es.engine.log import Log, NewFact
from iop_es.engine.transparency.checkpoint import checkpoint_of
from iop_es.engine.transparency.log_sealer import HistoryRefused, LogSealer, NothingToRestore
from iop_es.engine.transparency.notes import NotANote, Signer, parse_note
from iop_es.engine.transparency.restored import parse_restored
from iop_es.engine.transparency.witness import Witness, WitnessRefused
from tests.engine.transparency.conftest import KEY, LOG, ORIGIN, Fill, filling, owning, sealing
from tests.engine.transparency.test_log_sealer import notes

AT = "2026-03-02T14:00:00.000000Z"
NewDatabase = Callable[[str | None], str]
NewFacts = Callable[..., NewFact]


@contextmanager
def working(url: str, new_fact: NewFacts, witness: Witness | None) -> Iterator[tuple[Fill, LogSealer]]:
    """A log that is filled and sealed, and let go of at the end."""
    with open_pool(url, "iop", "iop_api", 2) as pool, sealing(url, witness) as sealer:
        yield filling(Log(pool, "iop"), new_fact), sealer


@pytest.fixture
def restored(new_database: NewDatabase, template: str, new_fact: NewFacts, witness: Witness) -> str:
    """A database as it was when 290 facts were sealed; the witness has seen 300 since."""
    url = new_database(template)
    with working(url, new_fact, witness) as (fill, sealer):
        fill(290)
        sealer.step()
    older = new_database(str(conninfo_to_dict(url)["dbname"]))
    with working(url, new_fact, witness) as (fill, sealer):
        fill(10)
        sealer.step()
    return older


def test_an_older_backup_is_refused(restored: str, new_fact: NewFacts, witness: Witness) -> None:
    """Nothing is signed, and no fact is taken; whoever appends is told what to do."""
    with working(restored, new_fact, witness) as (fill, sealer):
        with pytest.raises(HistoryRefused, match=r"has seen 300 facts of .* and here are 290"):
            sealer.step()
        with pytest.raises(LogTakesNoFacts, match=r"newest backup.*`iop-es log restored`"):
            fill(1)
    assert [size for size, _ in notes(restored)] == [290]


@pytest.mark.parametrize("more", [5, 10, 400])
def test_other_facts_on_an_older_backup_are_a_fork(
    restored: str, more: int, new_fact: NewFacts, witness: Witness
) -> None:
    """However long the other history has become."""
    with working(restored, new_fact, witness) as (fill, sealer):
        fill(more)
        with pytest.raises(HistoryRefused, match="are not those that the witness" if more >= 10 else "has seen 300"):
            sealer.step()
        with pytest.raises(LogTakesNoFacts):
            fill(1)


def test_the_right_history_lets_the_log_go_on(
    restored: str, new_fact: NewFacts, witness: Witness, tmp_path: Path
) -> None:
    """What was refused on is looked at again with every step."""
    with working(restored, new_fact, witness) as (fill, sealer):
        with pytest.raises(HistoryRefused):
            sealer.step()
        with sealing(restored, None) as alone:  # without the witness nothing is known of the other history
            alone.step()
        with pytest.raises(LogTakesNoFacts):
            fill(1)
        other = Witness(tmp_path / "other")  # one that has seen nothing else
        other.trust(LOG)
        with sealing(restored, other) as held:
            held.step()
        fill(1)


def test_a_restoration_is_stated_signed_and_taken_in_by_the_witness(
    restored: str, new_fact: NewFacts, witness: Witness
) -> None:
    """The statement names both heads; only then does the log go on, under another origin, from where the backup
    ended; the old history stays closed."""
    with working(restored, new_fact, witness) as (fill, sealer):
        with pytest.raises(HistoryRefused):
            sealer.step()
        statement = sealer.restored("disk lost, newest backup unreadable", AT)
        told = parse_restored(statement)
        assert (told.old.origin, told.old.size, told.new.origin, told.new.size) == (ORIGIN, 300, ORIGIN + "/2", 290)
        assert (told.at, told.because) == (AT, "disk lost, newest backup unreadable")
        with pytest.raises(WitnessRefused, match="do not know"):
            sealer.step()
        with pytest.raises(LogTakesNoFacts):
            fill(1)
        assert witness.accept(statement) == witness.accept(statement) == told
        assert sealer.step().size == 290
        fill(25)
        assert sealer.step() == (315, 25, 0, True)
        with pytest.raises(NothingToRestore):
            sealer.restored("once more", AT)
    kept = [checkpoint_of(parse_note(note)) for _, note in notes(restored)]
    assert [(one.origin, one.size) for one in kept] == [(ORIGIN, 290), (ORIGIN + "/2", 290), (ORIGIN + "/2", 315)]
    assert [(one.origin, one.size, one.goes_on_as) for one in witness.logs()] == [
        (ORIGIN, 300, ORIGIN + "/2"), (ORIGIN + "/2", 315, None),
    ]  # fmt: skip


def test_the_history_that_was_given_up_cannot_come_back(
    new_database: NewDatabase, restored: str, new_fact: NewFacts, witness: Witness
) -> None:
    """A backup from before the statement finds the old history closed, though it agrees with all the witness saw."""
    with working(restored, new_fact, witness) as (_, sealer):
        witness.accept(sealer.restored("drill", AT))
        sealer.step()
    older = new_database(str(conninfo_to_dict(restored)["dbname"]))
    with owning(older) as owner:
        owner.execute("DELETE FROM tree_restored")
        owner.execute("DELETE FROM tree_checkpoint WHERE id > 1")
    with working(older, new_fact, witness) as (fill, sealer):
        with pytest.raises(HistoryRefused):
            sealer.step()
        with pytest.raises(LogTakesNoFacts):
            fill(10)


def test_a_log_whose_end_was_cut_off_is_refused_without_any_witness(
    new_database: NewDatabase, template: str, new_fact: NewFacts
) -> None:
    """Its own checkpoints say how long it was; and an unsound log cannot be stated to be restored."""
    url = new_database(template)
    with working(url, new_fact, None) as (fill, sealer):
        fill(40)
        sealer.step()
        with owning(url) as owner:
            owner.execute("DELETE FROM fact WHERE position > 30")
            owner.execute("UPDATE log_head SET position = 30")
        for wanted in (sealer.step, lambda: sealer.restored("x", AT)):
            with pytest.raises(HistoryRefused, match="40 facts were sealed, and here are 30"):
                wanted()
        with pytest.raises(LogTakesNoFacts):
            fill(1)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE tree_tile SET hashes = overlay(hashes PLACING '\\x00' FROM 9), root = sha256('x')", "not those that"),
        ("UPDATE tree_checkpoint SET leaves = sha256('x') || leaves", "not those that"),
        ("DELETE FROM tree_tile", "are missing"),
        ("UPDATE tree_checkpoint SET note = replace(note, '260', '259'), size = 259", "not one that this"),
        ("DELETE FROM fact WHERE position = 265", "no fact at position 265"),
    ],
)
def test_what_was_changed_under_the_sealer_is_not_signed(
    change: str, told: str, new_database: NewDatabase, template: str, new_fact: NewFacts
) -> None:
    """Stored hashes, checkpoints, a fact taken out that was not sealed yet."""
    url = new_database(template)
    with working(url, new_fact, None) as (fill, sealer), owning(url) as owner:
        fill(260)
        sealer.step()
        fill(20)
        owner.execute(change.encode())
        with pytest.raises(HistoryRefused, match=told):
            sealer.step()


def test_a_statement_says_exactly_one_thing() -> None:
    """Changed anywhere it is none, and a reason is one line."""
    good = """iop-es/restored/v1
old a 3 MyQFYQ4hOE8jmPij1P4jmJuqirtAd3sr89LQDw7wo5s=
new NAME 2 MyQFYQ4hOE8jmPij1P4jmJuqirtAd3sr89LQDw7wo5s=
at 2026-03-02T14:00:00.000000Z
because drill
"""
    signer = Signer("b", KEY)
    text = good.replace("NAME", str(signer.verifier))
    assert parse_restored(signer.note(text)).because == "drill"
    for wrong in (
        text.replace("v1", "v2"), text.replace(" 2 ", " 02 "), text + "more\n", text.replace("old a", "old"),
        text.replace("because drill\n", ""), text.replace("Dw7wo5s=", "Dw7w"), text.replace("new b+", "new c+"),
    ):  # fmt: skip
        with pytest.raises(NotANote):
            parse_restored(signer.note(wrong))
    with pytest.raises(NotANote):
        parse_restored(Signer("c", KEY).note(text))

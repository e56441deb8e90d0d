"""Loading commands from a file: idempotent, resumable, and no line stops another."""

import io
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.kit import COMMANDS
from api.access import may_order
from api.commands.handle import Commands
from api.commands.order import Answer, Order
from iop_es.engine.errors import StoreUnavailable
from iop_es.engine.log import Log
from iop_es.engine.sealer import PassThrough
from iop_es.load import CHUNK, Tally, load_lines
from iop_es.load.example import about, example_line
from iop_es.load.line import LONGEST, BadLine, Reading
from tests.lines import PROGRAM, episode, line, patient, program, text

Load = Callable[..., Tally]


def loading(log: Log) -> Load:
    """Loads lines into this log; `door` takes the place of the commands."""

    def load(*lines: dict[str, Any] | str, door: Callable[[], Any] | None = None) -> Tally:
        return load_lines(io.BytesIO(text(*lines)), log, door or (lambda: Commands(log, remember=True)))

    return load


@pytest.fixture
def load(log: Log) -> Load:
    """Loads into an empty log."""
    return loading(log)


@pytest.fixture
def simulate(simulation_log: Log) -> Load:
    """Loads into an empty simulation."""
    return loading(simulation_log)


def counts(tally: Tally) -> tuple[int, int, int, int]:
    """Recorded, already so, loaded before, refused."""
    return tally.recorded, tally.unchanged, tally.loaded_before, len(tally.refused)


def reasons(tally: Tally) -> dict[int, str]:
    """Why each refused line was refused."""
    return {one.line: one.reason for one in tally.refused}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_an_example_that_can_be_read(name: str) -> None:
    """The example is of the command's own class, in a role that may order it, and the command says what it is for."""
    order = Reading(PassThrough()).entry(1, example_line(name).encode()).order
    assert type(order.command) is COMMANDS[name]
    assert may_order(order.role, COMMANDS[name])
    assert about(name) != name


def test_a_file_is_recorded_in_order_and_only_once(load: Load, log: Log) -> None:
    """Later lines rest on earlier ones; the same file again records nothing."""
    file = [program(), *(make(number) for number in range(3) for make in (patient, episode))]
    first, again = load(*file), load(*file)
    assert counts(first) == (7, 0, 0, 0)
    assert (first.facts, first.position) == (7, log.head().position)
    assert counts(again) == (0, 0, 7, 0)
    assert again.position == first.position


def test_a_load_that_stopped_goes_on_where_it_was(load: Load) -> None:
    """The lines that were recorded before are known by their keys, across chunks too."""
    file = [program(), *(patient(number) for number in range(CHUNK + 20))]
    assert counts(load(*file[: CHUNK + 5])) == (CHUNK + 5, 0, 0, 0)
    assert counts(load(*file)) == (16, 0, CHUNK + 5, 0)


def test_bad_lines_are_told_by_number_and_the_others_are_recorded(load: Load) -> None:
    """Each kind of wrong line has its reason; none of them takes another line with it."""
    nobody = episode(99)
    tally = load(
        program(), "{", "[1]", line("program.close_down", {}), patient(1) | {"actor": {"id": "x", "role": "king"}},
        line("patient.register", {"patient_id": 7, "surname": "x"}), nobody, "", patient(2), "{\"a\": 1e400}",
        json.dumps(patient(3)).replace("2026-03-02T14", "2126-03-02T14"),
    )  # fmt: skip
    told = reasons(tally)
    assert counts(tally) == (2, 0, 0, 8)
    assert tally.lines == 10
    assert told[2] == "It is not JSON."
    assert told[3].startswith("Correct the line: ")
    assert "--commands" in told[4]
    assert "actor.id: " in told[5] and "actor.role: " in told[5]
    assert "data.patient_id: " in told[6] and "data.surname: " in told[6] and "data.identity: " in told[6]
    assert nobody["data"]["patient_id"] in told[7]
    assert 8 not in told and 9 not in told
    assert "JSON" in told[10]
    assert "cannot be recorded at" in told[11]


def test_no_reason_repeats_a_value_of_the_line(load: Load) -> None:
    """Names, birth dates and words given in the wrong place come back in no reason."""
    identity = {"family_name": ["Zyxwvut"], "given_name": "", "birth_date": "1980-13-45", "sex": "Qponm"}
    wrong = line("patient.register", {"patient_id": "Zyxwvut", "identity": identity, "Zyxwvut cries": 1})
    tally = load(wrong, '{"Zyxwvut": 1980-13-45}', program() | {"occurred_at": "Zyxwvut cries"})
    told = json.dumps(reasons(tally))
    assert len(tally.refused) == 3
    assert not any(planted in told for planted in ("Zyxwvut", "1980", "Qponm", "cries"))
    assert "identity.birth_date" in told


def test_equal_lines_without_a_key_are_counted(load: Load) -> None:
    """The second of two equal lines is a command of its own, and a changed line before them changes neither."""
    assert counts(load(program(), program())) == (1, 1, 0, 0)
    assert counts(load("mended {", program(), program())) == (0, 1, 1, 1)


def test_a_key_belongs_to_one_command(load: Load) -> None:
    """A key that comes again with another body is refused, in one chunk and in a later file; its neighbors are not."""
    tally = load(program(key="a"), patient(1, key="b"), patient(2, key="b"), patient(3))
    assert counts(tally) == (3, 0, 0, 1)
    assert 3 in reasons(tally)
    later = load(patient(4), patient(2, key="a"), patient(5), patient(1, key="b"))
    assert counts(later) == (2, 0, 1, 1)
    assert "key" in reasons(later)[2]


def test_a_line_that_fails_unforeseen_stands_alone(load: Load, log: Log) -> None:
    """Whatever goes wrong with one line of a chunk, the others are recorded and its text is not shown."""

    class Failing(Commands):
        def handle_all(self, orders: list[Order], recorded_at: str | None = None) -> list[Answer]:
            if any("Family7" in repr(order.command) for order in orders):
                raise RuntimeError("Family7")
            return super().handle_all(orders, recorded_at)

    tally = load(program(), *(patient(number) for number in range(10)), door=lambda: Failing(log, remember=True))
    assert counts(tally) == (10, 0, 0, 1)
    assert "RuntimeError" in reasons(tally)[9] and "Family7" not in reasons(tally)[9]


def test_a_database_that_goes_away_stops_the_load(load: Load, log: Log) -> None:
    """It is no line's fault, so no line is blamed."""

    class Away(Commands):
        def handle_all(self, orders: list[Order], recorded_at: str | None = None) -> list[Answer]:
            raise StoreUnavailable("It went away.")

    with pytest.raises(StoreUnavailable):
        load(program(), patient(1), door=lambda: Away(log))
    assert log.head().position == 0


def test_the_key_of_a_line_is_as_its_sealer_has_what_must_not_be_found_by_trying() -> None:
    """A line holds names and numbers: who has the table of keys could try them on its bare digest."""

    class Blinding(PassThrough):
        def blinded(self, texts: Sequence[str]) -> list[str]:
            return [one[::-1] for one in texts]

    raw = example_line("patient.register").encode()
    bare = Reading(PassThrough()).entry(1, raw).order.key.split(":")
    blinded = Reading(Blinding()).entry(1, raw).order.key.split(":")
    assert blinded == ["load", bare[1][::-1], "1"]


def test_what_another_writer_did_is_seen_by_the_next_chunk(load: Load, log: Log) -> None:
    """Streams are remembered only while nobody else writes, also those that are only looked at."""

    class Source(io.BytesIO):
        read = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            self.read += 1
            if self.read == CHUNK + 1:  # the first chunk, which remembers the program as open, is recorded by now
                Commands(log).handle(Reading(log.sealer).entry(1, text(closed)).order)
            return super().readline(size)

    closed = line("program.close", {"program_id": PROGRAM, "closed_on": "2026-03-02"})
    after = episode(1)
    after["data"]["referred_on"] = "2026-03-03"
    file = text(program(), *(patient(number) for number in range(CHUNK - 1)), after)
    tally = load_lines(Source(file), log, lambda: Commands(log, remember=True))
    assert counts(tally) == (CHUNK, 0, 0, 1)
    assert "outside its life" in reasons(tally)[CHUNK + 1]


def test_a_simulation_takes_the_time_from_the_line(simulate: Load, simulation_log: Log) -> None:
    """Facts are recorded at the line's time; a clock that runs backwards is refused, line by line."""
    early, late = "2026-03-02T15:00:00.000000Z", "2026-03-02T16:00:00.000000Z"
    tally = simulate(program(recorded_at=late), patient(1, recorded_at=early), patient(2, recorded_at=late))
    assert counts(tally) == (2, 0, 0, 1)
    assert "simulated clock" in reasons(tally)[2]
    assert {fact.recorded_at for fact in simulation_log.after(0, 10)} == {late}


def test_a_real_store_keeps_its_own_time(load: Load) -> None:
    """A line that brings its time of recording is refused outside a simulation."""
    tally = load(program(), patient(1, recorded_at="2026-03-02T15:00:00.000000Z"))
    assert counts(tally) == (1, 0, 0, 1)
    assert "recorded_at" in reasons(tally)[2]


def test_a_line_without_end_is_refused_and_passed_over(load: Load) -> None:
    """A line is read up to a bound; the next one is a line again."""
    tally = load(program(), "x" * (2 * LONGEST + 5), patient(1))
    assert counts(tally) == (2, 0, 0, 1)
    assert "longer" in reasons(tally)[2]


@given(st.binary(max_size=60) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(
    lambda value: json.dumps(value).encode()
) | st.dictionaries(
    st.sampled_from(["command", "key", "actor", "data", "occurred_at", "x"]), st.none() | st.text() | st.integers()
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_nothing_that_can_stand_in_a_line_breaks_the_reading(raw: bytes) -> None:
    """Any bytes are a command or a bad line."""
    with pytest.raises(BadLine):
        Reading(PassThrough()).entry(1, raw)

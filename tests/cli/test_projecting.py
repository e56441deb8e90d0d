"""The loops that keep read models up: quick, safe beside each other, and never silent about a failure."""

import io

import pytest
from structlog.testing import capture_logs

from aggregates.codec import decode
from iop_es.engine.log import Log
from iop_es.engine.readmodel.driver import Driver, Step
from iop_es.load import load_lines
from iop_es.projecting import Projecting
from iop_es.settings import Settings
from iop_es.wiring import MODELS, House, opened
from tests.cli.conftest import Run
from tests.cli.process import until
from tests.lines import episode, patient, program, text
from tests.projections.story import rebuild


def at_head(house: House) -> bool:
    """Whether every read model has every fact."""
    return set(house.gate.positions().values()) == {house.log.head().position}


def loops(house: House) -> Projecting:
    """The loops over one open house."""
    return Projecting(house.drivers, house.url, house.log.schema)


def test_two_projectors_at_once_make_each_row_once(store: str) -> None:
    """Both follow the same log without a failure; what they wrote together is what a rebuild writes alone."""
    with capture_logs() as logs, opened(Settings()) as one, opened(Settings()) as other, loops(one), loops(other):
        for batch in range(4):
            numbers = range(10 * batch, 10 * batch + 10)
            file = text(program(), *(make(number) for number in numbers for make in (patient, episode)))
            assert not load_lines(io.BytesIO(file), one.log, one.commands).refused
        assert until(lambda: at_head(one))
    assert "projection_failed" not in {entry["event"] for entry in logs}
    with opened(Settings()) as house, house.projector_pool.connection() as connection:
        live = {name: connection.execute(query.format("")).fetchall() for name, query in QUERIES.items()}
        assert len(live["entries"]) == 81
        for driver in house.drivers:
            rebuild(driver.model, house.log, house.projector_pool)
        assert {name: connection.execute(query.format("a")).fetchall() for name, query in QUERIES.items()} == live


QUERIES = {
    "entries": f"SELECT * FROM iop_audit_{MODELS['audit'].version}{{}}.entry ORDER BY position",  # noqa: S608 # as below
    "documents": f"SELECT * FROM iop_caseload_{MODELS['caseload'].version}{{}}.document ORDER BY key",  # noqa: S608 # as below
    "billing": f"SELECT * FROM iop_billing_{MODELS['billing'].version}{{}}.document ORDER BY key",  # noqa: S608 # our own number
}


def test_a_loop_that_fails_says_so_and_goes_on(run: Run, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure is logged by the name of its kind, without its text, and tried again."""
    failures = iter([RuntimeError("Zyxwvut")] * 2)
    step = Driver.step

    def failing(self: Driver, batch: int) -> Step:
        if self.model.name == "audit" and (failure := next(failures, None)):
            raise failure
        return step(self, batch)

    assert run("load", "-", input=text(program())).exit_code == 0
    monkeypatch.setattr(Driver, "step", failing)
    with capture_logs() as logs, opened(Settings()) as house, loops(house):
        assert until(lambda: at_head(house) and house.log.head().position == 1)
    failed = [entry for entry in logs if entry["event"] == "projection_failed"]
    assert [(entry["model"], entry["error"]) for entry in failed] == [("audit", "RuntimeError")] * 2
    assert "Zyxwvut" not in repr(logs)


def test_a_batch_is_told_when_it_is_committed_and_never_when_it_is_undone(run: Run, store: str) -> None:
    """One line a batch: model, position, facts, rows and milliseconds; none where its transaction came to nothing."""

    def fail(point: str) -> None:
        if point == "advanced":
            raise RuntimeError(point)

    assert run("load", "-", input=text(program())).exit_code == 0
    with opened(Settings()) as house, capture_logs() as logs:
        log = Log(house.projector_pool, house.log.schema)
        undone = Driver(MODELS["audit"], log, house.projector_pool, decode, pause=fail)
        with pytest.raises(RuntimeError):
            undone.step(10)
        assert logs == []
        assert house.project() == 1
    told = {entry["model"]: entry for entry in logs if entry["event"] == "batch_projected"}
    assert told.keys() == MODELS.keys() and len(logs) == 2 * len(MODELS)
    assert {entry["model"] for entry in logs if entry["event"] == "lease_taken"} == MODELS.keys()
    assert (told["audit"]["position"], told["audit"]["facts"]) == (1, 1)
    assert told["audit"]["rows"] > 0 and told["audit"]["milliseconds"] > 0


def test_leaving_the_loops_ends_every_one(store: str) -> None:
    """No thread of theirs is left behind."""
    with opened(Settings()) as house:
        with loops(house) as started:
            threads = list(started.threads)
            assert len(threads) == len(MODELS) + 1 and all(thread.is_alive() for thread in threads)
        assert not any(thread.is_alive() for thread in threads)

"""The demonstration as a whole: what it promises of its facts, its report, its second run and its examples."""

from __future__ import annotations

import asyncio
import json
import shlex
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from aggregates.codec import decode
from api.app import create_app
from iop_es import wiring
from iop_es.demo import clinic, run
from iop_es.demo.examples import examples
from iop_es.demo.figures import Report
from iop_es.demo.incidents import incidents
from iop_es.demo.pictures import draw
from iop_es.demo.report import report
from iop_es.engine.errors import StoreUnavailable
from iop_es.serving import AddressTaken, services
from iop_es.settings import Settings
from iop_es.wiring import House
from tests.demo.conftest import PATIENTS, SEED, WEEKS
from tests.demo.explained import explained, explained_days, summed
from tests.projections.story import rebuild, tables


def again(settings: Settings, **changes: Any) -> int:
    """Runs the small demonstration, or one that differs in something, without serving."""
    wanted: dict[str, Any] = {"seed": SEED, "weeks": WEEKS, "patients": PATIENTS, "serve": False, "as_json": True}
    return run.run(settings, **wanted | changes)


@contextmanager
def simulated_anew(settings: Settings, seed: int, weeks: int, patients: int) -> Iterator[House]:
    """A simulation alone, in a store of its own: no fact comes from what a demonstration does after it."""
    wiring.migrated(settings, simulation=True)
    with wiring.opened(settings, lasting=False) as made:
        clinic.simulate(made, seed, weeks, patients, lambda _day, _facts: None)
        yield made


KEYED = frozenset({
    "key_id", "public_key", "mark", "envelope", "salt", "content_digest", "words_digest", "narrative_digest",
})


def facts(house: House) -> list[tuple[Any, ...]]:
    """Every fact with what a seed decides: all but the ids of commands, the aliases of patients, and what follows from
    the store's own root key: signing keys, signatures with their challenges, and the salts of signed words."""
    page = house.log.after(0, 1_000_000, with_sealed=True)
    return [
        (fact.position, fact.stream, fact.version, fact.topic, _seeded(fact.state), _seeded(fact.sealed),
         fact.occurred_at, fact.recorded_at, fact.actor, sorted(fact.patients), _context(fact.context))
        for fact in page
    ]  # fmt: skip


def _seeded(told: bytes | None) -> dict[str, Any] | None:
    if told is None:
        return None
    return {name: value for name, value in json.loads(told).items() if name not in KEYED}


def _context(context: bytes) -> dict[str, Any]:
    return {name: value for name, value in json.loads(context).items() if name not in {"command_id", "nonce"}}


def test_totals_are_the_sum_of_every_day_explained(house: House) -> None:
    """Days and cents by state equal those of all days, each folded anew from the patient's own facts."""
    told = report(house, [])
    assert {one.state: (one.days, one.cents) for one in told.billing.states} == summed(explained_days(house))
    assert sum(one.days for one in told.billing.states) > 100


def test_who_led_a_group_beside_its_leader_signed_what_all_share(house: House) -> None:
    """Of the last evening one group: the leader signed, then the other, and their payer's days tell both."""
    [beside] = house.log.by_topics(["note.facilitator_signed"])
    names = [one.name for one in house.log.facts_of_streams([beside.stream])]
    assert names[:3] == ["note.drafted", "note.signed", "note.facilitator_signed"]
    asked = [one for trace in explained(house, beside.patients) for one in trace.answers if one.rule == "facilitators"]
    assert asked
    assert {one.outcome for one in asked} == {"passed"}
    assert all(beside.position in one.positions for one in asked)


@pytest.mark.slow
def test_the_same_seed_makes_the_same_facts(house: House, empty_store: Callable[[], Settings]) -> None:
    """Positions, names, states, times, people and opened texts are equal in another database."""
    with simulated_anew(empty_store(), SEED, WEEKS, PATIENTS) as other:
        assert facts(other) == facts(house)


@pytest.mark.slow
def test_another_seed_makes_other_facts(house: House, empty_store: Callable[[], Settings]) -> None:
    """The seed is used: a clinic of one week under another seed begins otherwise."""
    with simulated_anew(empty_store(), SEED + 1, weeks=1, patients=3) as other:
        assert other.log.after(0, 1)[0].stream != house.log.after(0, 1)[0].stream


def test_a_second_run_only_reports(
    simulated: Settings, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    """The head stays where it was, and the same report comes out as data, with the same pictures beside it."""
    before = house.log.head()
    with capture_logs():  # the command logs from warnings on, and to standard error
        assert again(simulated) == 0
    assert house.log.head() == before
    printed = json.loads(capsys.readouterr().out)
    drawn = {one["file"]: (simulated.project / one["file"]).read_bytes() for one in printed["pictures"]}
    assert len(drawn) >= 3 and all(b"<title" in one and b"<desc" in one for one in drawn.values())
    told = report(house, incidents(house)).model_copy(update={"pictures": draw(house)})
    assert printed == told.model_dump(mode="json")
    assert drawn == {name: (simulated.project / name).read_bytes() for name in drawn}


@pytest.mark.parametrize("changes", [{"seed": SEED + 1}, {"weeks": WEEKS + 1}, {"patients": PATIENTS + 1}])
def test_another_demonstration_finds_the_store_taken(
    simulated: Settings, house: House, capsys: pytest.CaptureFixture[str], changes: dict[str, int]
) -> None:
    """A store holds one demonstration: it says which, and nothing is added."""
    before = house.log.head()
    assert again(simulated, **changes) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert f"demo seed={SEED} weeks={WEEKS} patients={PATIENTS}/simulation" in said.err
    assert f"--seed={SEED} --weeks={WEEKS} --patients={PATIENTS}" in said.err
    assert house.log.head() == before


def test_a_store_of_real_records_is_left_alone(
    empty_store: Callable[[], Settings], capsys: pytest.CaptureFixture[str]
) -> None:
    """A log that keeps real time is named, and stays without a fact."""
    settings = empty_store()
    wiring.migrated(settings)
    assert again(settings) == 1
    assert '"iop-es/iop"' in capsys.readouterr().err
    with wiring.opened(settings) as opened:
        assert (opened.log.head().position, opened.log.head().simulation) == (0, False)


def test_a_run_that_was_cut_off_is_not_reported(
    empty_store: Callable[[], Settings], capsys: pytest.CaptureFixture[str]
) -> None:
    """Half a simulation cannot be gone on with: one sentence says to begin again."""
    settings = empty_store()
    wiring.migrated(settings, simulation=True, name=f"demo seed={SEED} weeks={WEEKS} patients={PATIENTS}")
    with wiring.opened(settings) as opened, pytest.raises(KeyboardInterrupt):
        clinic.simulate(opened, SEED, WEEKS, PATIENTS, _interrupted)
    capsys.readouterr()
    assert again(settings) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "cut off" in said.err


def _interrupted(_day: object, facts: int) -> None:
    if facts > 100:
        raise KeyboardInterrupt


def test_a_rebuild_makes_the_live_rows(house: House) -> None:
    """Every table of every read model, its documents among them, is the same after folding from the first fact."""
    for driver in house.drivers:
        live = tables(driver, house.projector_pool)
        assert any(live.values())
        rebuild(driver.model, house.log, house.projector_pool)
        rebuilt = tables(driver, house.projector_pool)
        assert rebuilt.keys() == live.keys()
        for table, rows in live.items():
            assert rebuilt[table] == rows, f"{driver.model.name}.{table}"


async def answers(house: House) -> dict[str, list[dict[str, Any]]]:
    """What the API answers to each printed line, by role: the line is taken apart as a shell would."""
    app = create_app(services(house))
    found = {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        for example in examples(house):
            words = shlex.split(example.curl("http://127.0.0.1:8020"))
            name, _, value = words[words.index("-H") + 1].partition(": ")
            answer = await client.get(words[-1], headers={name: value})
            assert answer.status_code == 200, answer.text
            found[example.role] = answer.json()["items"]
    return found


def test_the_printed_lines_work(house: House) -> None:
    """Each role gets what it asked for: today's own groups with their rosters, billable days, corrections."""
    found = asyncio.run(answers(house))
    assert {one["service_date"] for one in found["clinician"]} == {house.gate.now()[:10]}
    assert all(one["roster"] for one in found["clinician"])
    assert {one["state"] for one in found["biller"]} == {"billable"}
    assert {one["kind"] for one in found["auditor"]} == {"correction"}


@pytest.mark.slow
def test_the_full_clinic_has_every_kind_of_mess(full_clinic: Settings, full_report: Report) -> None:
    """Three programs, sixty people, eight clinicians of whom two are associates, four payers, and nothing missing."""
    told = full_report
    with wiring.opened(full_clinic) as opened:
        joined = [decode(one.topic, one.state) for one in opened.log.by_topics(["clinician.joined"])]
    assert [one.kind for one in told.incidents if not one.count or one.explain_date is None] == []
    assert 25_000 <= told.facts.total <= 35_000
    assert len(told.programs) == 3
    assert sum(one.referrals for one in told.census) == 60
    assert (len(joined), sum(one.associate for one in joined)) == (8, 2)
    assert len(told.claims.by_payer) == 4
    assert {one.state for one in told.billing.states} >= {"billed", "billable", "waiting", "held"}


def test_a_taken_port_is_said_before_any_work(empty_store: Callable[[], Settings]) -> None:
    """Who wants to serve and cannot hears it at once, and no store is made."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = empty_store().model_copy(update={"port": taken.getsockname()[1]})
        with pytest.raises(AddressTaken, match="--port"):
            run.run(settings, seed=SEED, weeks=1, patients=3, serve=True, as_json=True)
    with pytest.raises(StoreUnavailable), wiring.opened(settings):
        """Nothing is there to be opened."""

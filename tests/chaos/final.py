"""What a drill's database holds in the end, as the checker wants it."""

from __future__ import annotations

from pathlib import Path

from iop_es import rebuilding, wiring
from iop_es.engine.transparency.verifying import Verification
from iop_es.rebuilding import Wanted
from iop_es.settings import Settings
from iop_es.wiring import House
from tests.chaos.checker import Fact, Final, Kept
from tests.chaos.history import History
from tests.chaos.parts import digest

PAGE = 2_000


def settled(settings: Settings, history: History, *, replay: bool = True) -> Final:
    """Brings the read models and the seal up to the head, then looks at everything."""
    with wiring.opened(settings, first_use=True) as house:
        house.project()
        with house.sealer() as sealer:
            sealer.catch_up()
        final = _stored(house)
        final.differences = [*_parked(house), *(_differences(house) if replay else [])]
        final.unsound = _unsound(house, history.receipts)
    return final


def seen(file: Path) -> list[tuple[int, str]]:
    """What a reader wrote down."""
    lines = (line.split() for line in file.read_text().splitlines())
    return [(int(position), told) for position, told in lines]


def _stored(house: House) -> Final:
    with house.api_pool.connection() as connection:
        head = connection.execute("SELECT position FROM iop.log_head").fetchone()
        made = dict(connection.execute(
            "SELECT position, convert_from(context, 'UTF8')::jsonb ->> 'command_id' FROM iop.fact"
        ).fetchall())  # fmt: skip
        kept = connection.execute("SELECT key, first, last, stream::text, version FROM iop.idempotency").fetchall()
    with house.auditing() as pool, pool.connection() as connection:
        audited = connection.execute("SELECT DISTINCT request FROM iop.access_log").fetchall()
    assert head is not None
    facts, position = [], 0
    while page := house.log.after(position, PAGE, with_sealed=True):
        facts += [
            Fact(
                one.position, one.stream, one.version, one.name, one.recorded_at, made.get(one.position, ""),
                digest(one), (one.state + (one.sealed or b"")).decode(errors="replace"),
            )
            for one in page
        ]  # fmt: skip
        position = page[-1].position
    return Final(
        int(head[0]), facts, {str(key): Kept(*rest) for key, *rest in kept}, {str(request) for (request,) in audited}
    )


def _parked(house: House) -> list[str]:
    return [f"{one['kind']} {one['id']} is parked in {one['model']}: {one['cause']}" for one in house.parked()]


def _differences(house: House) -> list[str]:
    wanted = Wanted(tuple(wiring.MODELS.values()), fresh=True)
    schemas = rebuilding.built(house, wanted)
    found = rebuilding.compared(house, wanted, schemas)
    assert set(found) == set(wiring.MODELS)
    return [
        f"{name}.{one.table}: {one.only_old} rows only live, {one.only_new} only in a replay"
        for name, difference in found.items() for one in difference.tables
    ]  # fmt: skip


def _unsound(house: House, receipts: list[str]) -> list[str]:
    report = Verification(house.api_pool, house.log.schema, house.log_verifier(), house.witness()).run(receipts)
    if report.sound and report.sealed != report.facts:
        return [f"{report.facts} facts, and {report.sealed} are sealed"]
    return [one.told for one in report.findings]

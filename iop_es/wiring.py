"""The roof's wiring: settings → database, log, read models, commands, gate. Nothing else reads the environment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import sql

from aggregates.codec import decode
from aggregates.patient.identity import NUMBER_KIND
from aggregates.patient.marks import GROUNDS
from api.commands.handle import Commands
from api.gate import Gate
from api.packets import Packets
from iop_es.engine import failpoints
from iop_es.engine.checking import Finding, StoreUnsafe, check, check_asking
from iop_es.engine.connections import Pool, connect, not_waiting, open_pool, transaction
from iop_es.engine.embedded import EmbeddedPostgres
from iop_es.engine.encrypted import encrypted
from iop_es.engine.errors import StoreUnavailable
from iop_es.engine.keys import Keyring, open_keyring
from iop_es.engine.log import Log
from iop_es.engine.migrate import migrate
from iop_es.engine.processes import Where
from iop_es.engine.readmodel.catalog import Catalog, Unfinished
from iop_es.engine.readmodel.driver import Driver
from iop_es.engine.readmodel.model import ReadModel
from iop_es.engine.readmodel.parking import Retried, retry
from iop_es.engine.readmodel.reading import AUDIT
from iop_es.engine.readmodel.securing import loosened, secured
from iop_es.engine.recorder import LogDatastore, LogRecorder
from iop_es.engine.sealer import PassThrough, Sealer
from iop_es.engine.subjects.keeping import KeyKeeper
from iop_es.engine.subjects.keys import SubjectKeys
from iop_es.engine.subjects.master import MasterFile
from iop_es.engine.subjects.sealing import SubjectSealer
from iop_es.engine.transparency.log_sealer import LogSealer
from iop_es.engine.transparency.notes import NotANote, Verifier, parse_verifier
from iop_es.engine.transparency.origin import verifier_of
from iop_es.engine.transparency.proofs import Proofs
from iop_es.engine.transparency.source import FACTS, READS, Source
from iop_es.engine.transparency.witness import Witness, Witnessing
from iop_es.engine.transparency.witness_http import WitnessAt
from iop_es.settings import Settings
from iop_es.telemetry import Measured
from projections import audit, billing, caseload, outcomes

# Any: a read model's own document is narrower than the protocol's, which mypy cannot follow.
_SHIPPED: tuple[Any, ...] = (billing.MODEL, outcomes.MODEL, audit.MODEL, caseload.MODEL)
API, QUERY, PROJECTOR, SEALER, KEEPER = "iop_api", "iop_query", "iop_projector", "iop_sealer", "iop_keeper"
PURPOSES = {FACTS: "log", READS: "access log"}
"""For what each key of a log is made."""
PERSONAL = frozenset({NUMBER_KIND, *GROUNDS})
"""Kinds of reservations whose keys are about a person."""
logger = structlog.get_logger()
MODELS: dict[str, ReadModel] = {model.name: model for model in _SHIPPED}


@dataclass(frozen=True, slots=True)
class House:
    """Everything that is open while a process works: the store and the doors to it."""

    settings: Settings
    url: str
    embedded: bool
    log: Log
    api_pool: Pool
    query_pool: Pool
    projector_pool: Pool
    drivers: tuple[Driver, ...]
    gate: Gate

    @property
    def projector(self) -> str | None:
        """The role that a projector's connection takes on; None where its login is a role of its own."""
        return PROJECTOR if self.embedded else None

    @property
    def where(self) -> Where:
        """How another process reads the log."""
        return Where(self.url, self.log.schema, API if self.embedded else None)

    def commands(self, remember: bool = False) -> Commands:
        """The door for commands; `remember` is for a process that alone writes."""
        return Commands(self.log, remember)

    def keyring(self) -> Keyring:
        """The house's own keys. Raises KeysUnusable."""
        return open_keyring(root_key(self.settings))

    def log_key(self, source: Source = FACTS) -> Ed25519PrivateKey:
        """The key that signs the log, or what was read of it. Raises KeysUnusable."""
        return open_keyring(self.log_key_file()).key_of(PURPOSES[source])

    def log_key_file(self) -> Path:
        """The file that it is made from."""
        return self.settings.log_key or root_key(self.settings)

    @contextmanager
    def auditing(self) -> Iterator[Pool]:
        """Connections that may read who read what. Raises StoreUnavailable where the login may not."""
        url, _ = _asking(self.settings, self.url, self.embedded)
        with open_pool(url, self.log.schema, AUDIT, 2) as pool:
            yield pool

    def log_verifier(self, source: Source = FACTS) -> Verifier:
        """Its public half, under the name that the log has now. Raises KeysUnusable."""
        public_key = self.log_key(source).public_key().public_bytes_raw()
        if source is FACTS:
            return verifier_of(self.api_pool, self.log.schema, public_key)
        with self.auditing() as pool:
            return verifier_of(pool, self.log.schema, public_key, source)

    def witness(self) -> Witnessing | None:
        """Who cosigns the log, if anybody. Raises WitnessUnusable."""
        return witness_of(self.settings)

    @contextmanager
    def sealer(self, source: Source = FACTS) -> Iterator[LogSealer]:
        """Who seals the log, or what was read of it. Raises StoreUnavailable where the login may not act as the
        sealer's role, KeysUnusable, WitnessUnusable."""
        witness, log = self.witness(), self.log_verifier(source)
        if isinstance(witness, Witness) and not witness.knows(log.public_key):
            witness.trust(log)  # a folder of one's own; of a key that it knows, it must be told every further log
        with open_pool(self.url, self.log.schema, SEALER, 2) as pool:
            yield LogSealer(self.log.schema, pool, self.log_key(source), witness, source)

    def look(self) -> None:
        """Holds the log against what the witness has seen, as who may not seal it; without a witness nothing is done.
        Raises HistoryRefused, and then the log takes no facts; KeysUnusable, WitnessUnusable, WitnessAway."""
        if (witness := self.witness()) is not None:
            LogSealer(self.log.schema, self.api_pool, self.log_key(), witness).look()

    @contextmanager
    def keeper(self) -> Iterator[KeyKeeper]:
        """Who keeps the keys of patients. Raises StoreUnavailable where the login may not act as the keeper's role."""
        with open_pool(self.url, self.log.schema, KEEPER, 2) as pool:
            yield KeyKeeper(pool, self.log.schema, master_keys(self.settings))

    def packets(self) -> Packets:
        """Who makes the packets of disputes."""
        return Packets(self.log, self.gate, Proofs(self.api_pool, self.log.schema), self.log_key)

    def measured(self) -> Measured:
        """What this process answers to a scrape."""
        return Measured(self.gate.standing, MODELS)

    def findings(self, asking: bool = False) -> list[Finding]:
        """What the database does not keep of what is promised of it; with `asking` also on the side of questions.

        A simulation holds nobody's record, so that its server and its login may be anything.
        """
        temporary = self.settings.temporary or self.log.head().simulation
        with self.projector_pool.connection() as connection:
            found = check(connection, self.log.schema, temporary=temporary, ours=self.embedded)
            if not any(one.about in {"grants", "functions"} for one in found):  # by which it is asked
                found += loosened(connection, self.log.schema, MODELS)
        if asking and not self.embedded:
            apart = self.settings.query_url is not None
            with self.query_pool.connection() as connection:
                found += check_asking(connection, self.log.schema, apart=apart, temporary=temporary)
        return found

    def require_safe(self, asking: bool = False) -> list[Finding]:
        """What a store that is thrown away may lack. Raises StoreUnsafe for what nobody may work on."""
        found = list(dict.fromkeys(self.findings(asking)))
        if any(one.refused for one in found):
            raise StoreUnsafe([one for one in found if one.refused])
        return found

    def project(self, *names: str) -> int:
        """Brings every read model, or those named, up to the log's head; answers the position reached by all."""
        drivers = [driver for driver in self.drivers if not names or driver.model.name in names]
        for driver in drivers:
            driver.prepare()
        try:
            return min(driver.catch_up() for driver in drivers)
        finally:
            for driver in drivers:
                driver.release()

    def parked(self) -> list[dict[str, Any]]:
        """Whose facts are passed over in any read model in use, oldest cause first."""
        names = ("model", "version", "kind", "id", "position", "fact", "cause", "parked_at")
        with transaction(self.projector_pool) as cursor:
            rows = Catalog(self.log.schema).ask(cursor, "everyone_parked")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def unfinished(self) -> list[Unfinished]:
        """The builds of read models that were begun and are not in use yet."""
        with transaction(self.projector_pool) as cursor:
            return Catalog(self.log.schema).unfinished(cursor)

    def retry_parked(self) -> dict[str, Retried]:
        """Folds everyone who is parked from their first fact again, each read model in one transaction."""
        log = Log(self.projector_pool, self.log.schema)
        return {name: retry(model, log, self.projector_pool, decode) for name, model in MODELS.items()}

    def require_read_models(self) -> None:
        """Raises StoreUnavailable when a read model of this release is not built."""
        missing = sorted(MODELS.keys() - self.gate.positions().keys())
        if missing:
            them = ", ".join(missing)
            raise StoreUnavailable(
                f"It does not have this release's {them}: run `iop-es migrate` for a new store, or after an upgrade"
                " `iop-es rebuild` for each of them."
            )


class WitnessUnusable(Exception):
    """The witness cannot be used: set IOP_ES_WITNESS to its URL or folder, and IOP_ES_WITNESS_KEY, if at all, to the
    key that `iop-es witness` prints."""


def beware(findings: list[Finding]) -> None:
    """A line of the log about each thing that was let pass."""
    for one in findings:
        logger.warning("store_unsafe", reason=one.what)


def witness_of(settings: Settings) -> Witnessing | None:
    """The witness that is set, if any. Raises WitnessUnusable."""
    if not settings.witness:
        return None
    try:
        key = parse_verifier(settings.witness_key) if settings.witness_key else None
        if settings.witness.startswith(("http://", "https://")):
            return WitnessAt(settings.witness, key)
        found = Witness(Path(settings.witness))
    except (NotANote, OSError) as error:
        raise WitnessUnusable(f"The witness {settings.witness} cannot be used: {error}") from error
    if key is not None and found.verifier() != key:
        raise WitnessUnusable(f"The witness in {settings.witness} has another key than IOP_ES_WITNESS_KEY says.")
    return found


def root_key(settings: Settings) -> Path:
    """The file from which everybody's signing key is made."""
    return settings.root_key or Path(settings.project) / ".iop-es" / "root.key"


def master_keys(settings: Settings) -> MasterFile:
    """The file whose master keys wrap those of patients: apart from the root key, so that it is backed up apart."""
    return MasterFile(settings.master_keys or root_key(settings).with_name("master.keys"))


@contextmanager
def sealer_of(url: str, settings: Settings, role: str | None) -> Iterator[Sealer]:
    """Who seals and opens personal parts. Its connections are its own: a query that opens names holds one already."""
    if settings.unsealed:
        yield PassThrough()
        return
    schema = settings.schema_name
    with open_pool(url, schema, role, 2) as pool:
        yield SubjectSealer(SubjectKeys(pool, schema, master_keys(settings)))


@contextmanager
def database(settings: Settings) -> Iterator[tuple[str, bool]]:
    """The database's URL, and whether it is the embedded one, which runs while this is open."""
    if settings.database_url:
        yield _safe(settings, settings.database_url), False
        return
    with EmbeddedPostgres.open(Path(settings.project)) as handle:
        yield handle.url, True


@contextmanager
def opened(settings: Settings, size: int = 8, first_use: bool = False, lasting: bool = True) -> Iterator[House]:
    """The house over a migrated store; with `first_use` an embedded one is brought to this release's shape before.
    Unless it is `lasting`, no commit waits for the disk: only for what is made again after the machine has failed.

    Raises StoreUnavailable when there is no store, EmbeddedUnavailable when the embedded server cannot run.
    """
    if point := failpoints.armed():
        logger.warning("failpoint_armed", point=point)
    with ExitStack() as stack:
        url, embedded = stack.enter_context(database(settings))
        if embedded and first_use:
            _migrate(url, settings, is_simulation(url, settings.schema_name), None)
        url = url if lasting else not_waiting(url)
        roles = (API, PROJECTOR) if embedded else (None, None)
        api_pool = stack.enter_context(open_pool(url, settings.schema_name, roles[0], size))
        # A login of its own, or the same one in that role; a process that asks nothing needs neither.
        asking = _asking(settings, url, embedded)
        query_pool = stack.enter_context(open_pool(asking[0], settings.schema_name, asking[1], size, needed=False))
        # Each projection holds one connection for its transaction and reads the log through another.
        projector_pool = stack.enter_context(open_pool(url, settings.schema_name, roles[1], 2 * len(MODELS)))
        sealer = stack.enter_context(sealer_of(url, settings, roles[0]))
        log = LogRecorder(LogDatastore(api_pool, settings.schema_name), sealer=sealer, personal=PERSONAL)
        drivers = _drivers(projector_pool, settings.schema_name)
        gate = Gate(log, query_pool, MODELS)
        yield House(settings, url, embedded, log, api_pool, query_pool, projector_pool, drivers, gate)


def _asking(settings: Settings, url: str, embedded: bool) -> tuple[str, str | None]:
    """The URL of questions, and the role that their connections take on."""
    return (settings.query_url, None) if settings.query_url and not embedded else (url, QUERY)


def migrated(settings: Settings, simulation: bool = False, name: str | None = None) -> list[str]:
    """Brings the store's schema up to this release, with a place for every read model; answers what was done.

    Raises MigrationRefused, StoreUnavailable, EmbeddedUnavailable.
    """
    with database(settings) as (url, _):
        return _migrate(_safe(settings, settings.migrate_url or url), settings, simulation, name)


def _safe(settings: Settings, url: str) -> str:
    """The URL of a server that proves who it is, unless the settings take it as it is. Raises StoreUnavailable."""
    return url if settings.database_tls == "url" else encrypted(url)


def is_simulation(url: str, schema: str) -> bool:
    """Whether the log in this schema keeps a simulated clock; False when there is no log. Raises StoreUnavailable."""
    head = sql.Identifier(schema, "log_head")
    with connect(url) as connection:
        if connection.execute("SELECT to_regclass(%s)", (head.as_string(),)).fetchone() == (None,):
            return False
        found = connection.execute(sql.SQL("SELECT simulation FROM {}").format(head)).fetchone()
        return bool(found and found[0])


def _drivers(pool: Pool, schema: str) -> tuple[Driver, ...]:
    return tuple(Driver(model, Log(pool, schema), pool, decode) for model in MODELS.values())


def _migrate(url: str, settings: Settings, simulation: bool, name: str | None) -> list[str]:
    schema = settings.schema_name
    done = migrate(url, schema, simulation=simulation, name=name)
    # As the projector's role: what it owns is written by every member of it and read by the API's role.
    with open_pool(url, schema, PROJECTOR, 1) as pool:
        known = _known_read_models(pool)
        for driver in _drivers(pool, schema):
            driver.prepare()
        done += secured(pool, schema, MODELS)
        return done + [f"read model {name}" for name in sorted(_known_read_models(pool) - known)]


def _known_read_models(pool: Pool) -> set[str]:
    with pool.connection() as connection:
        return {f"{name} {version}" for name, version in connection.execute("SELECT name, version FROM read_model")}

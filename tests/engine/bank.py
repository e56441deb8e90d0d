"""A bank to try the read models' mechanism on: accounts stand for patients, exchange rates for what they share.

`Balances` has everything that a model can have; `Ledger` keeps a document a stream, `Trail` makes a row a fact. A fact
that carries `"bad": "<where>"` fails there for a model that is not `mended`, with the customer's secret in its text; of
one with `"bad": "entry"`, or with one of UNWRITABLE, a row cannot be written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID, uuid4, uuid5

import msgspec
from psycopg import sql

from iop_es.engine.connections import Pool, open_pool
from iop_es.engine.log import Append, Log, NewFact
from iop_es.engine.readmodel.driver import Driver
from iop_es.engine.readmodel.fold import fold_whole
from iop_es.engine.readmodel.model import EVERYONE, Delta, Grain, ReadModel, Recorded, Rows, Table
from iop_es.engine.readmodel.place import DOCUMENT, DOCUMENT_USE
from iop_es.engine.readmodel.reach import Anybody, Reaches
from iop_es.engine.readmodel.rebuild import Build
from iop_es.engine.stored import StoredFact

AT = "2026-03-02T14:00:00.000000Z"
ACTOR = "00000000-0000-4000-8000-000000000001"
CONTEXT = json.dumps({"subject": {"kind": "organization", "id": ACTOR}}).encode()
SECRET = "Zyxwvut"
UNWRITABLE = {"row": 2**70, "nul": "1\0", "surrogate": "\ud800", "digits": 10**5000}
ACCOUNTS = [f"00000000-0000-4000-8000-00000000000{digit}" for digit in "abcde"]
A, B, C, D, E = ACCOUNTS
One = tuple[str, int, str]
All = dict[str, list[tuple[Any, ...]]]


class Account(msgspec.Struct):
    """What is remembered of one account."""

    total: int = 0
    currency: str = ""
    cursed: bool = False
    odd: str = ""


class Rates(msgspec.Struct):
    """What all accounts share."""

    rates: dict[str, int] = msgspec.field(default_factory=dict)
    streams: dict[str, str] = msgspec.field(default_factory=dict)


class Flow(msgspec.Struct):
    """What is remembered of one stream."""

    total: int = 0
    version: int = 0
    name: str = ""
    odd: str = ""


class Nothing(msgspec.Struct):
    """Nothing."""


class Balances:
    """A read model with documents, a reference and entries: what each account is worth."""

    name = "balances"
    ddl = (
        "CREATE TABLE balance (patient_id uuid PRIMARY KEY, worth bigint, stopped bigint);"
        "CREATE INDEX balance_worth ON balance (worth DESC NULLS LAST, patient_id) INCLUDE (stopped) WHERE worth > 0;"
        "CREATE TABLE movement (position bigint NOT NULL, amount bigint NOT NULL,"
        " CONSTRAINT once UNIQUE (position) WITH (fillfactor = 70), CHECK (position > 0));"
        "CREATE INDEX ON movement ((amount % 10), position);"
    )
    reach: ClassVar[Reaches] = {}
    tables = (Table("balance", ("patient_id", "worth", "stopped")), Table("movement", ("position", "amount")))
    grain: Grain = "patient"
    handles = frozenset({"account.moved", "payment.shared", "rate.set"})
    makes = frozenset({"account.moved", "payment.shared"})
    references = frozenset({"rate.set"})
    sealed: frozenset[str] = frozenset()
    context = False
    document: type[msgspec.Struct] = Account
    reference: type[msgspec.Struct] = Rates

    def __init__(self, *, mended: bool = False, version: int = 1) -> None:
        self.mended, self.version, self.touched = mended, version, 0

    def keys(self, recorded: Recorded) -> tuple[str, ...]:
        return () if recorded.name == "rate.set" else recorded.patients

    def apply(self, key: str, document: Any, recorded: Recorded) -> None:
        document.total += recorded.fact["amount"]
        document.currency = recorded.fact["currency"]
        bad = recorded.fact.get("bad", "")
        document.cursed |= bad == "settle"
        document.odd = bad if bad in UNWRITABLE else document.odd
        self.fails("apply", recorded)

    def refer(self, reference: Any, recorded: Recorded) -> tuple[str, ...]:
        reference.streams[recorded.stream] = recorded.fact["currency"]
        self.fails("refer", recorded)
        reference.rates[recorded.fact["currency"]] = recorded.fact["rate"]
        return (recorded.fact["currency"],)

    def touch(self, document: Any, reference_id: str, recorded: Recorded) -> None:
        self.touched += 1

    def uses(self, document: Any) -> tuple[str, ...]:
        return (document.currency,)

    def concerns(self, reference: Any, name: str, stream: str) -> tuple[str, ...]:
        return (reference.streams.get(stream, EVERYONE),)

    def parked(self, key: str, document: Any, position: int) -> Rows:
        return {"balance": {(key,): [(key, None, position)]}}

    def settle(self, key: str, document: Any, reference: Any) -> Rows:
        if document.cursed and not self.mended:
            raise ValueError(f"{SECRET} cannot be settled")
        worth: Any = document.total * reference.rates.get(document.currency, 0)
        if document.odd and not self.mended:
            worth = UNWRITABLE[document.odd]
        return {"balance": {(key,): [(key, worth, None)]}}

    def entries(self, recorded: Recorded, rows: Rows) -> None:
        self.fails("entries", recorded)
        if recorded.name == "account.moved":
            amount = 2**70 if recorded.fact.get("bad") == "entry" and not self.mended else recorded.fact["amount"]
            rows.setdefault("movement", {})[recorded.position,] = [(recorded.position, amount)]

    def fails(self, where: str, recorded: Recorded) -> None:
        """What is bad about a fact there."""
        if recorded.fact.get("bad") == where and not self.mended:
            raise ValueError(f"{SECRET} is bad at {where}")


class Ledger(Balances):
    """A document a stream: how much went through it, and its sealed name; currencies are named as references too."""

    name = "ledger"
    ddl = "CREATE TABLE flow (stream uuid PRIMARY KEY, total bigint, version bigint NOT NULL, name text NOT NULL)"
    tables = (Table("flow", ("stream", "total", "version", "name")),)
    grain: Grain = "stream"
    makes: frozenset[str] = frozenset()
    sealed = frozenset({"rate.set"})
    document = Flow
    reference = Nothing

    def keys(self, recorded: Recorded) -> tuple[str, ...]:
        return (recorded.stream,)

    def apply(self, key: str, document: Any, recorded: Recorded) -> None:
        self.fails("apply", recorded)
        document.total += recorded.fact.get("amount", 0)
        document.version = recorded.version
        document.name = (recorded.sealed or b"").decode()
        bad = recorded.fact.get("bad", "")
        document.odd = bad if bad in UNWRITABLE else document.odd

    def refer(self, reference: Any, recorded: Recorded) -> tuple[str, ...]:
        return ()

    def uses(self, document: Any) -> tuple[str, ...]:
        return ()

    def concerns(self, reference: Any, name: str, stream: str) -> tuple[str, ...]:
        return ()

    def parked(self, key: str, document: Any, position: int) -> Rows:
        return {}

    def settle(self, key: str, document: Any, reference: Any) -> Rows:
        total: Any = UNWRITABLE[document.odd] if document.odd and not self.mended else document.total
        return {"flow": {(key,): [(key, total, document.version, document.name)]}}

    def entries(self, recorded: Recorded, rows: Rows) -> None:
        raise AssertionError("No fact makes rows by itself here.")


class Trail(Ledger):
    """A row a fact, and no documents."""

    name = "trail"
    ddl = "CREATE TABLE line (position bigint PRIMARY KEY, stream uuid NOT NULL, patients int NOT NULL)"
    reach: ClassVar[Reaches] = {"line": Anybody()}
    tables = (Table("line", ("position", "stream", "patients")),)
    grain: Grain = "fact"
    makes = Ledger.handles
    references: frozenset[str] = frozenset()
    sealed: frozenset[str] = frozenset()
    document = Nothing

    def keys(self, recorded: Recorded) -> tuple[str, ...]:
        return ()

    def settle(self, key: str, document: Any, reference: Any) -> Rows:
        return {}

    def entries(self, recorded: Recorded, rows: Rows) -> None:
        self.fails("entries", recorded)
        number = 2**70 if recorded.fact.get("bad") == "entry" and not self.mended else len(recorded.patients)
        line = (recorded.position, recorded.stream, number)
        rows.setdefault("line", {})[recorded.position,] = [line]


def decode(topic: str, state: bytes, sealed: bytes | None) -> Any:
    """Facts of this bank are plain objects; one that is bad here cannot be decoded."""
    if json.loads(state).get("bad") == "decode":
        raise ValueError(f"{SECRET} cannot be decoded")
    return decode_mended(topic, state, sealed)


def decode_mended(topic: str, state: bytes, sealed: bytes | None) -> Any:
    """The same when the cause is mended."""
    return json.loads(state) | ({} if sealed is None else {"name": sealed.decode()})


def stream_of(name: str) -> str:
    """The stream of an account, a currency or a shared payment."""
    return str(uuid5(UUID(ACTOR), name))


@dataclass
class Bank:
    """Appends facts and projects them; `pool` is the projector's."""

    log: Log
    pool: Pool
    model: Any = field(default_factory=Balances)
    versions: dict[str, int] = field(default_factory=dict)
    asking: Pool | None = None

    def __post_init__(self) -> None:
        self.driver = self.another_driver()
        self.driver.prepare()

    def another_driver(self, model: Any = None, **more: Any) -> Driver:
        """A driver beside the first one."""
        return Driver(model or self.model, Log(self.pool, self.log.schema), self.pool, more.pop("decode", decode),
                      **more)  # fmt: skip

    def says(self, what: Iterable[One]) -> None:
        """(account, amount, currency) moves money; ("", rate, currency) sets a rate."""
        for account, number, currency in what:
            if account:
                self.moves(account, number, currency)
            else:
                self.sets(currency, number)

    def moves(self, account: str, amount: int, currency: str = "EUR", **more: Any) -> int:
        """Money of one account; answers the fact's position."""
        return self._append("account.moved", account, (account,), {"amount": amount, "currency": currency} | more)

    def shares(self, payment: str, accounts: Iterable[str], amount: int = 1, **more: Any) -> int:
        """A payment of several, in a stream of its own: what a group session is to a clinic."""
        return self._append("payment.shared", payment, tuple(accounts), {"amount": amount, "currency": "EUR"} | more)

    def sets(self, currency: str, rate: int, **more: Any) -> int:
        """A rate, for everybody who rests on the currency."""
        return self._append("rate.set", currency, (), {"rate": rate, "currency": currency} | more)

    def build(self, model: Any = None, **more: Any) -> Build:
        """A build of the model, or of another one."""
        decoding: Callable[..., Any] = more.pop("decode", decode)
        return Build(model or self.model, Log(self.pool, self.log.schema), self.pool, decoding, **more)

    def rebuild(self, share: int = 20_000, model: Any = None, **more: Any) -> str:
        """Builds the rows anew and switches to them; answers the schema."""
        build = self.build(model, **more)
        schema = build.open(share)
        build.work(schema)
        build.complete(schema)
        build.catch_up(schema)
        build.switch(schema)
        return schema

    def rows(self, *, documents: bool = True, schema: str = "", model: Any = None) -> All:
        """Every row of every table, in a fixed order."""
        model = model or self.model
        place = schema or self.another_driver(model).place.schema
        found: All = {}
        with self.pool.connection() as connection, connection.transaction():
            for table in (*model.tables, *((DOCUMENT, DOCUMENT_USE) if documents else ())):
                names = sql.SQL(", ").join(map(sql.Identifier, table.columns))
                query = sql.SQL("SELECT {} FROM {}").format(names, sql.Identifier(place, table.name))
                found[table.name] = sorted(map(_plain, connection.execute(query)), key=repr)
        return found

    def parked(self, kind: str = "patient", schema: str = "") -> dict[str, int]:
        """Who is parked in the schema in use or another, and since which position."""
        place = schema or self.driver.place.schema
        with self.pool.connection() as connection:
            query = "SELECT id, position FROM parked WHERE schema = %s AND kind = %s"
            return dict(connection.execute(query, (place, kind)).fetchall())

    def standing(self, schema: str = "") -> tuple[int, int, str | None]:
        """Position, epoch and holder."""
        with self.pool.connection() as connection:
            query = "SELECT position, epoch, holder FROM read_model WHERE schema = %s"
            found = connection.execute(query, (schema or self.driver.place.schema,)).fetchone()
        assert found is not None
        return (int(found[0]), int(found[1]), found[2])

    def facts(self, upto: int | None = None) -> list[StoredFact]:
        """The whole log."""
        return self.log.after(0, 1_000_000, upto, with_sealed=True)

    def _append(self, name: str, stream: str, accounts: tuple[str, ...], state: Mapping[str, Any]) -> int:
        version = self.versions[stream] = self.versions.get(stream, 0) + 1
        pairs = tuple((account, str(uuid4())) for account in accounts)
        body = json.dumps(state).encode()
        where = UUID(stream_of(stream))
        sealed = None if accounts else f"Name of {stream}".encode()
        fact = NewFact(where, version, f"{name}@1", body, sealed, CONTEXT, AT, ACTOR, pairs)
        return self.log.append(Append((fact,)))[0].last


def without(model: Any, facts: Iterable[StoredFact], parked: Iterable[str]) -> Delta:
    """What facts come to in memory, from nothing, in a world that is mended and never had the parked."""
    gone, facts = set(parked), list(facts)
    kept = [fact._replace(patients=tuple(one for one in fact.patients if one not in gone)) for fact in facts]
    there = [fact for fact, before in zip(kept, facts, strict=True) if fact.patients or not before.patients]
    folded = fold_whole(type(model)(mended=True), there, decode_mended)
    assert not folded.failures
    return folded.delta


def of_delta(model: ReadModel, delta: Delta) -> All:
    """A delta's rows as `Bank.rows` answers them."""
    found: All = {
        table.name: sorted((row for rows in delta.rows.get(table.name, {}).values() for row in rows), key=repr)
        for table in model.tables
    }
    found["document"] = sorted(delta.documents.items(), key=repr)
    found["document_use"] = sorted(((key, use) for key, uses in delta.uses.items() for use in uses), key=repr)
    return found


def others(rows: All, parked: Iterable[str]) -> All:
    """Rows that are about nobody of the parked; `movement` is by position and left out."""
    gone = set(parked)
    return {
        table: [row for row in found if row[0] not in gone] for table, found in rows.items() if table != "movement"
    }


@contextmanager
def open_bank(log: Log, url: str, size: int = 8, model: Any = None) -> Iterator[Bank]:
    """A bank over a log, projected in the projector's role."""
    with (
        open_pool(url, log.schema, "iop_projector", size) as pool,
        open_pool(url, log.schema, "iop_query", 4, needed=False) as asking,
    ):
        yield Bank(log, pool, model or Balances(), asking=asking)


@contextmanager
def bank_at(url: str) -> Iterator[Bank]:
    """A bank over a migrated database."""
    with open_pool(url, "iop", "iop_api", 4) as pool, open_bank(Log(pool, "iop"), url, 6) as bank:
        yield bank


def _plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(str(one) if isinstance(one, UUID) else one for one in row)

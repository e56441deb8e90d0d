"""Whether the database still keeps what the house promises of it: grants, triggers, row-level security, owners, roles,
functions and the server's settings, all read from its own catalog.

A process that serves or projects refuses to start on a finding, because each is a wall that has a hole: what stands
behind it may be read or changed by whom it was kept from. A store that is thrown away is told of what its server or its
login lacks, and works.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from psycopg import Connection, sql

from iop_es.engine.grants import ROLES, expected, held
from iop_es.engine.statements import blocks

BODY = re.compile(r"^CREATE OR REPLACE FUNCTION (\w+)\(.*?\bAS \$\$(.*?)\$\$", re.DOTALL | re.MULTILINE)
OWNER, QUERY = "iop_owner", "iop_query"
MIGRATE = "Run `iop-es migrate`."
KEYS = "_keys"
"""What the schema of the keys is called after the log's."""
BEFORE_DELETE, BEFORE_UPDATE, BEFORE_TRUNCATE, EACH_ROW = 2 + 8, 2 + 16, 2 + 32, 1
_WHOLE = BEFORE_DELETE | BEFORE_UPDATE | BEFORE_TRUNCATE
TRIGGERS = {
    **{(table, "append_only"): (_WHOLE, "refuse_change") for table in (
        "fact", "fact_patient", "idempotency", "access_log", "tree_tile", "tree_checkpoint", "tree_restored",
        "access_order", "access_tree_tile", "access_tree_checkpoint", "access_tree_restored",
    )},
    ("log_head", "append_only"): (BEFORE_DELETE | BEFORE_TRUNCATE, "refuse_change"),
    ("log_head", "head_moves_forward"): (BEFORE_UPDATE | EACH_ROW, "refuse_change"),
    ("subject_key", "guard_key"): (BEFORE_UPDATE | BEFORE_DELETE | EACH_ROW, "guard_key"),
    ("subject_key", "keep_keys"): (BEFORE_TRUNCATE, "guard_key"),
}  # fmt: skip
"""What refuses a change of which table: when, as pg_trigger.tgtype says it, and by which function."""
CONDITIONS = {
    "head_moves_forward": 'new."position" < old."position" OR new.recorded_at < old.recorded_at OR new.name <> old.name'
    " OR new.simulation <> old.simulation",
}
"""Under which condition alone a trigger refuses; all others always do."""

DURABILITY = {"fsync": {"on"}, "full_page_writes": {"on"}, "data_checksums": {"on"}}
NOT_DURABILITY = {"synchronous_commit": {"off"}}
QUIET = {
    "log_statement": {"none"},
    "log_min_messages": {"log", "fatal", "panic"},
    "log_min_error_statement": {"log", "fatal", "panic"},
    "log_error_verbosity": {"terse"},
    "log_parameter_max_length": {"0"},
    "log_parameter_max_length_on_error": {"0"},
}
"""What keeps values out of the server's own log: messages quote what could not be stored, statements parameters."""


@cache
def shipped() -> dict[str, str]:
    """The bodies of the log's own functions, by name, as the schema's files say them."""
    texts = (one.read_text(encoding="utf-8") for one in (files("iop_es.engine") / "schema").iterdir())
    return {name: body for text in texts for name, body in BODY.findall(text)}


class Finding(NamedTuple):
    """One thing that is not as it was made: what it is, how to mend it, and whether nobody may work before."""

    about: str
    what: str
    mend: str
    refused: bool = True

    @property
    def sentence(self) -> str:
        """Both together."""
        return f"{self.what} {self.mend}"


@dataclass(eq=False)
class StoreUnsafe(Exception):
    """The database does not keep what is promised of it."""

    findings: list[Finding]

    def __str__(self) -> str:
        return "\n".join(one.sentence for one in self.findings)


def check(connection: Connection[Any], schema: str, *, temporary: bool = False, ours: bool = False) -> list[Finding]:
    """What is wrong in a store, as any of the roles may see it.

    `temporary` says that its data are thrown away or simulated: what the server's settings and the login lack is found,
    and refuses nothing. `ours` is the embedded server, whose one login is its superuser and reached by this user alone.
    """
    look = _Look(connection, schema)
    schemas = look.rows("schemas")
    whole = [name for name, guarded, active in schemas if guarded or active]
    building = [name for name, guarded, active in schemas if not (guarded or active)]
    walls = [
        *_grants(connection, schema), *_triggers(look), *_keys(look), *_tables(look, whole),
        *_security(look, whole, building), *_owners(look, whole), *_functions(look, whole), *_roles(look),
    ]
    ground = [*_settings(look), *([] if ours else _login(look, (OWNER,)))]
    return walls + [one._replace(refused=not temporary) for one in ground]


def check_asking(connection: Connection[Any], schema: str, *, apart: bool, temporary: bool = False) -> list[Finding]:
    """What is wrong with the connection that questions are asked on; `apart` says that its login is for them alone."""
    look = _Look(connection, schema)
    ((role,),) = connection.execute("SELECT current_user::text").fetchall()
    found = list(_login(look, [one for one in ROLES if one not in {QUERY, "iop_audit"}] if apart else ()))
    if not apart and role != QUERY:
        found.append(Finding("login", f"Questions are asked as {role}.", f"Grant {QUERY} to the login."))
    return [one._replace(refused=not temporary) for one in found]


def damaged(connection: Connection[Any], schema: str) -> bool:
    """Whether a trigger, a function or a view of the log's schema is not as `migrate` makes it."""
    look = _Look(connection, schema)
    return any([*_triggers(look), *_functions(look, []), *_views(look)])


class _Look:
    """The statements, asked on one connection."""

    def __init__(self, connection: Connection[Any], schema: str) -> None:
        self.connection, self.schema = connection, schema

    def rows(self, name: str, **given: Any) -> list[tuple[Any, ...]]:
        statement = sql.SQL(_SQL[name]).format(log=sql.Identifier(self.schema))
        named = {"schema": self.schema, "keys": self.schema + KEYS, "roles": list(ROLES)}
        return self.connection.execute(statement, named | given).fetchall()


_SQL = dict(blocks("iop_es.engine", "checking.sql"))


def _grants(connection: Connection[Any], schema: str) -> Iterator[Finding]:
    wanted, found = expected(schema), held(connection, schema)
    for one in sorted(found - wanted):
        yield Finding("grants", f"{one.role} has {one.told}, which nothing gives it.", MIGRATE)
    for one in sorted(wanted - found):
        yield Finding("grants", f"{one.role} lacks {one.told}.", MIGRATE)


def _triggers(look: _Look) -> Iterator[Finding]:
    found = {(table, name): state for table, name, *state in look.rows("triggers")}
    for (table, name), made in sorted(TRIGGERS.items()):
        state = found.pop((table, name), None)
        mend = f"{MIGRATE} Then verify the log with `iop-es verify`: it was not guarded."
        if state is None:
            yield Finding("triggers", f"The trigger {name} on {table} is gone.", mend)
        elif state[0] != "A":
            yield Finding("triggers", f"The trigger {name} on {table} is switched off, or not on ALWAYS.", mend)
        elif tuple(state[1:]) != (*made, "", CONDITIONS.get(name)):
            yield Finding("triggers", f"The trigger {name} on {table} is another one.", mend)
    for table, name in sorted(found):
        yield Finding("triggers", f"The trigger {name} on {table} is not ours.", f"Drop it: it sees every {table}.")


def _tables(look: _Look, whole: list[str]) -> Iterator[Finding]:
    told = "has a rule", "hides rows", "has rows that stand elsewhere"
    for name, *bent in look.rows("bent", schemas=[look.schema, look.schema + KEYS, *whole]):
        for what in (what for what, found in zip(told, bent, strict=True) if found):
            yield Finding("tables", f"{name} {what}.", "Find out who made it so, and undo it.")


def _security(look: _Look, whole: list[str], building: list[str]) -> Iterator[Finding]:
    for table, schema, secured, _ in look.rows("security", schemas=whole):
        fault = "is not as it was made" if secured else "is not enabled and forced"
        yield Finding("row-level security", f"The row-level security of {schema}.{table} {fault}.", MIGRATE)
    for (schema,) in look.rows("opened", building=building):
        yield Finding(
            "row-level security", f"{QUERY} can see {schema}, which is not guarded yet.", "Rebuild it with `--fresh`."
        )
    yield from _views(look)


def _views(look: _Look) -> Iterator[Finding]:
    for (view,) in look.rows("views"):
        yield Finding("row-level security", f"The view {view} reads with its owner's rights.", MIGRATE)


def _owners(look: _Look, whole: list[str]) -> Iterator[Finding]:
    for name, owner in look.rows("owners", schemas=[look.schema, look.schema + KEYS, *whole]):
        yield Finding("owners", f"{name} belongs to {owner}, not to {OWNER}.", f"Make it {OWNER}'s, or drop it.")


def _keys(look: _Look) -> Iterator[Finding]:
    for (name,) in look.rows("beside_keys"):
        yield Finding("keys", f"{name} is not ours.", "Drop it: it stands beside the keys, and may hold some.")


def _functions(look: _Look, whole: list[str]) -> Iterator[Finding]:
    found = dict(look.rows("bodies"))
    for name, body in shipped().items():
        if found.pop(name, None) != body:
            yield Finding("functions", f"The function {name} is not the one that this release ships.", MIGRATE)
    for name in sorted(found):
        yield Finding("functions", f"The function {name} is not ours.", f"Drop it: it stands in {look.schema}.")
    for name, path, anybody in look.rows("functions", schemas=[look.schema, look.schema + KEYS, *whole]):
        if path not in {f"search_path={look.schema}, pg_temp", "search_path=pg_catalog, pg_temp"}:
            yield Finding("functions", f"{name} acts as its owner and is bound to no search path of ours.", MIGRATE)
        if anybody and not name.startswith(f"{look.schema}."):  # those of the log's schema are among the grants
            yield Finding("functions", f"Anybody may call {name}, which acts as its owner.", MIGRATE)


def _roles(look: _Look) -> Iterator[Finding]:
    found = {name: state for name, *state in look.rows("roles")}
    may = ("LOGIN", "SUPERUSER", "BYPASSRLS", "CREATEROLE", "CREATEDB", "REPLICATION")
    for role in ROLES:
        if role not in found:
            yield Finding("roles", f"The role {role} is gone.", MIGRATE)
            continue
        for word in (word for word, has in zip(may, found[role], strict=True) if has):
            yield Finding("roles", f"The role {role} has {word}.", f"ALTER ROLE {role} NO{word}.")


def _login(look: _Look, other: tuple[str, ...] | list[str]) -> Iterator[Finding]:
    ((name, superuser, bypass, roles),) = look.rows("login")
    if superuser or bypass:
        right = "a superuser" if superuser else "exempt from row-level security (BYPASSRLS)"
        mend = "Give the process a login of its own, as compose.yaml does."
        yield Finding("login", f"The login {name} is {right}.", mend)
        return
    for role in (role for role in roles if role in other):
        yield Finding("login", f"The login {name} can become {role}.", f"REVOKE {role} FROM {name}.")


def _settings(look: _Look) -> Iterator[Finding]:
    wanted = DURABILITY | QUIET
    values = dict(look.rows("settings", names=[*wanted, *NOT_DURABILITY]))
    for name, good in wanted.items():
        if values[name] not in good:
            yield _setting(name, values[name], " or ".join(sorted(good)))
    for name, bad in NOT_DURABILITY.items():
        if values[name] in bad:
            yield _setting(name, values[name], "on")


def _setting(name: str, value: str | None, good: str) -> Finding:
    why = "facts may be lost or damaged unseen" if name not in QUIET else "the server's log may hold values of records"
    mend = f"Set it to {good}." if name != "data_checksums" else "Switch them on with pg_checksums while it is stopped."
    return Finding("settings", f"The server runs with {name} = {value}: {why}.", mend)

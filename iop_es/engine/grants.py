"""What each role may do in the log's schema and in that of its keys, as the lines of the schema's files say it, one
statement a line.

One reading of them serves twice: `migrate` gives exactly this, and the check at the start expects exactly this.
"""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from psycopg import Connection, sql

GRANT = re.compile(
    r"^GRANT (?P<rights>.+) ON (?:(?P<kind>SCHEMA|FUNCTION|SEQUENCE) )?(?P<names>.+) TO (?P<roles>[\w, ]+);$"
)
RIGHT = re.compile(r"(\w+)(?: \(([^)]*)\))?")
ROLES = ("iop_owner", "iop_api", "iop_query", "iop_audit", "iop_projector", "iop_sealer", "iop_backup", "iop_keeper")
"""Whom no one logs in as; `iop_owner` owns everything, all others are granted what they may do."""

Kind = Literal["table", "column", "sequence", "function", "schema"]


class Granted(NamedTuple):
    """That a role has one right on one thing, or (`onward`) may give it on; a column is named "table.column", the keys'
    table "schema.table"."""

    role: str
    right: str
    kind: Kind
    name: str
    onward: bool = False

    @property
    def told(self) -> str:
        """The same in words."""
        return f"{self.right} on {self.kind} {self.name}{' to give on' if self.onward else ''}"


def lines(schema: str) -> list[str]:
    """Every statement that grants something, of all of the schema's files in order."""
    steps = sorted((one for one in (files("iop_es.engine") / "schema").iterdir()), key=lambda one: one.name)
    texts = [one.read_text(encoding="utf-8") for one in steps if one.name.endswith(".sql")]
    found = [line for text in texts for line in text.splitlines() if line.startswith("GRANT ")]
    return [line.replace("{schema}", schema) for line in found]


def expected(schema: str) -> frozenset[Granted]:
    """All that is granted in the log's schema and that of its keys. Raises ValueError for a line that is no single
    plain statement."""
    return frozenset(granted for line in lines(schema) for granted in _granted(line))


HELD = """
WITH place AS (
    SELECT n.*, CASE n.nspname WHEN %(schema)s THEN '' ELSE n.nspname || '.' END AS prefix
    FROM pg_namespace n WHERE n.nspname IN (%(schema)s, %(schema)s || '_keys')
)
SELECT a.grantee, a.privilege_type, a.kind, a.name, w.onward FROM (
    SELECT a.*, CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END AS kind, p.prefix || c.relname AS name
    FROM place p JOIN pg_class c ON c.relnamespace = p.oid CROSS JOIN aclexplode(c.relacl) a
    WHERE a.grantee <> c.relowner
    UNION ALL
    SELECT a.*, 'column', p.prefix || c.relname || '.' || t.attname
    FROM place p JOIN pg_class c ON c.relnamespace = p.oid JOIN pg_attribute t ON t.attrelid = c.oid
    CROSS JOIN aclexplode(t.attacl) a WHERE a.grantee <> c.relowner
    UNION ALL
    SELECT a.*, 'function', p.prefix || f.proname
    FROM place p JOIN pg_proc f ON f.pronamespace = p.oid
    CROSS JOIN aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) a WHERE a.grantee <> f.proowner
    UNION ALL
    SELECT a.*, 'schema', p.nspname::text
    FROM place p CROSS JOIN aclexplode(p.nspacl) a WHERE a.grantee <> p.nspowner
) o CROSS JOIN LATERAL (
    SELECT CASE o.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(o.grantee)::text END AS grantee,
           o.privilege_type, o.kind, o.name, o.is_grantable
) a JOIN (VALUES (false), (true)) w (onward) ON a.is_grantable OR NOT w.onward
"""
"""A right that may be given on is told twice: that it is there, and that it may."""


def held(connection: Connection[Any], schema: str) -> frozenset[Granted]:
    """All that anybody but its owner may do in the log's schema and that of its keys, as the database says it."""
    return frozenset(Granted(*row) for row in connection.execute(HELD.encode(), {"schema": schema}))


def grant(connection: Connection[Any], schema: str) -> bool:
    """Gives what the lines say, and takes back what they do not say, whoever has it; answers whether anything was
    missing or too much. Whoever does this acts as the owner."""
    wanted, found = expected(schema), held(connection, schema)
    for excess in sorted(found - wanted, key=lambda one: not one.onward):  # with that goes what was given on
        connection.execute(_revocation(excess))
    if wanted != found:
        for line in lines(schema):
            connection.execute(line.encode())
    return wanted != found


def _revocation(excess: Granted) -> sql.Composed:
    role = sql.SQL("PUBLIC") if excess.role == "PUBLIC" else sql.Identifier(excess.role)
    name, _, column = excess.name.rpartition(".") if excess.kind == "column" else (excess.name, "", "")
    right = sql.SQL(excess.right) + (sql.SQL(" ({})").format(sql.Identifier(column)) if column else sql.SQL(""))
    kind = sql.SQL("table" if excess.kind == "column" else excess.kind)
    told = "REVOKE GRANT OPTION FOR {} ON {} {} FROM {} CASCADE" if excess.onward else "REVOKE {} ON {} {} FROM {}"
    return sql.SQL(told).format(right, kind, sql.Identifier(*name.split(".")), role)


def _granted(line: str) -> list[Granted]:
    found = GRANT.match(line)
    if found is None:
        raise ValueError(f"A grant is one statement in one line: {line}")
    kind: Kind = (found["kind"] or "table").lower()  # type: ignore[assignment] # the pattern knows no other
    return [
        one
        for role in _listed(found["roles"]) for name in _listed(found["names"])
        for right, columns in RIGHT.findall(found["rights"])
        for one in (
            [Granted(role, right, "column", f"{name}.{column}") for column in _listed(columns)] if columns
            else [Granted(role, right, kind, name)]
        )
    ]  # fmt: skip


def _listed(names: str) -> list[str]:
    return [name.strip() for name in names.split(",")]

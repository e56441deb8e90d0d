"""A table that the projector hands over to the owner brings nothing along that would act with the owner's rights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection, errors
from psycopg.types.json import Jsonb

PLACE = "iop_smuggling_1"
FORGED = "UPDATE iop.log_head SET refusal = 'forged'"
ACTS = (
    f"CREATE FUNCTION acts() RETURNS int LANGUAGE plpgsql VOLATILE AS $$ BEGIN {FORGED}; RETURN 1; END $$;"
    "CREATE FUNCTION calm(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN"
    f" IF current_user = 'iop_owner' THEN RETURN {PLACE}.acts(); END IF; RETURN 1; END $$;"
)  # fmt: skip
TYPE = (
    f"{ACTS} CREATE TYPE odd AS (x text); CREATE FUNCTION plain(odd) RETURNS text LANGUAGE sql IMMUTABLE"
    f" AS $$ SELECT (SELECT $1.x WHERE {PLACE}.calm(1) = 1) $$;"
    "CREATE CAST (odd AS text) WITH FUNCTION plain(odd) AS IMPLICIT;"
)  # fmt: skip
SMUGGLED = {
    "a rule": f"CREATE RULE more AS ON INSERT TO day DO ALSO {FORGED}",
    "an index over a function": f"{ACTS} CREATE INDEX odd ON day (calm(id))",
    "an exclusion over a function": f"{ACTS} ALTER TABLE day ADD EXCLUDE USING btree (calm(id + 1) WITH =)",
    "statistics over a function": f"{ACTS} CREATE STATISTICS odd ON (calm(id)), (id + 1) FROM day",
    "a check by a function": f"{ACTS} ALTER TABLE day ADD CHECK (calm(id) = 1)",
    "a default by a function": f"{ACTS} ALTER TABLE day ALTER id SET DEFAULT calm(1)",
    "a trigger":
        "CREATE FUNCTION fires() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;"
        "CREATE TRIGGER fires BEFORE INSERT ON day FOR EACH ROW EXECUTE FUNCTION fires()",
    "a type that becomes text by a function": f"{TYPE} ALTER TABLE day ADD odd odd",
    "a key from elsewhere": "CREATE TABLE iop_smuggling_2.other (id text REFERENCES day (program_id))",
}  # fmt: skip


@pytest.fixture
def projector(store_url: str) -> Iterator[Connection[Any]]:
    """A connection acting as the projector, who has begun two read models, one of them with a table."""
    with psycopg.connect(store_url, autocommit=True) as connection:
        connection.execute("SET ROLE iop_projector")
        connection.execute("SELECT iop.open_read_model('smuggling', 1), iop.open_read_model('smuggling', 2)")
        connection.execute(f"SET search_path = {PLACE}".encode())
        connection.execute("CREATE TABLE day (id int, program_id text UNIQUE, CHECK (id > 0))")
        connection.execute("CREATE INDEX day_half ON day ((id / 2)) WHERE program_id IS NOT NULL")
        yield connection


@pytest.mark.parametrize("smuggled", SMUGGLED.values(), ids=SMUGGLED)
def test_what_would_act_as_the_owner_is_not_handed_over(smuggled: str, projector: Connection[Any]) -> None:
    """Who fills read models owns no table of the log, and comes to no right of its owner by giving tables away."""
    projector.execute(smuggled.encode())
    with pytest.raises(errors.InsufficientPrivilege, match="would act as iop_owner"):
        projector.execute("SELECT iop.guard_read_model(%s, %s)", (PLACE, Jsonb({})))
    owner = "SELECT relowner::regrole::text FROM pg_class WHERE oid = 'day'::regclass"
    assert projector.execute(owner).fetchone() == ("iop_projector",)


def test_a_plain_table_is_handed_over(projector: Connection[Any]) -> None:
    """Conditions, indexes and keys made of what PostgreSQL brings are nobody else's."""
    projector.execute("CREATE TABLE more (id int GENERATED ALWAYS AS IDENTITY, of text REFERENCES day (program_id))")
    projector.execute("SELECT iop.guard_read_model(%s, %s)", (PLACE, Jsonb({})))
    owner = "SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE relnamespace = %s::regnamespace"
    assert projector.execute(owner, (PLACE,)).fetchall() == [("iop_owner",)]

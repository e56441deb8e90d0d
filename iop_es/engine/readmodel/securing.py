"""Read models that stand already, guarded anew where somebody took a wall away, or an earlier release built none or
another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.types.json import Jsonb

from iop_es.engine.checking import MIGRATE, Finding
from iop_es.engine.connections import Pool, transaction
from iop_es.engine.errors import MigrationRefused
from iop_es.engine.readmodel.catalog import Catalog
from iop_es.engine.readmodel.model import ReadModel
from iop_es.engine.readmodel.reach import stated


def loosened(connection: Connection[Any], log_schema: str, models: Mapping[str, ReadModel]) -> Iterator[Finding]:
    """The read models in use that show other rows than this release states: whoever fills them may also have them
    guarded, and says by what."""
    catalog, cursor = Catalog(log_schema), connection.cursor()
    for schema, name, version, _, policies, _ in catalog.ask(cursor, "guarded"):
        model = models.get(name)
        if model is None or model.version != version:
            continue
        if (policies,) != catalog.ask(cursor, "policies", schema=schema, reaches=Jsonb(stated(model.reach)))[0]:
            told = f"{schema} shows rows otherwise than this release states."
            yield Finding("row-level security", told, MIGRATE)


def secured(pool: Pool, log_schema: str, models: Mapping[str, ReadModel]) -> list[str]:
    """Guards every read model in use that is not guarded as it was made, or otherwise than this release would; answers
    what was done.

    A version that this release does not know is left as it is, or closed to everybody if nothing guards it yet.
    Raises MigrationRefused where its tables are somebody's who must give them away first.
    """
    catalog, done = Catalog(log_schema), []
    with transaction(pool) as cursor:
        for schema, name, version, guarded, policies, sound in catalog.ask(cursor, "guarded"):
            model = models.get(name)
            known = model is not None and model.version == version
            if guarded and not known:
                continue
            reaches = Jsonb(stated(model.reach) if model is not None and known else {})
            if guarded and sound and (policies,) == catalog.ask(cursor, "policies", schema=schema, reaches=reaches)[0]:
                continue
            try:
                catalog.ask(cursor, "guard", schema=schema, reaches=reaches)
            except psycopg.errors.InsufficientPrivilege as error:
                raise MigrationRefused(
                    f"{schema} cannot be secured ({error.diag.message_primary}): make its tables iop_projector's."
                ) from error
            done.append(f"security of {schema}")
    return done

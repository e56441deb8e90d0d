"""`iop-es access policy`: who may do and see what, where and why, as it is enforced."""

from __future__ import annotations

from typing import Annotated, Any, get_args

import typer
from rich.table import Table

from aggregates.values import Role
from api.access.printed import rows
from iop_es.cli.frame import Json, emit
from iop_es.cli.worth import console

ROLES = tuple(role for role in get_args(Role) if role != "system")
One = Annotated[str | None, typer.Option("--role", help=f"Only what this role may: one of {', '.join(ROLES)}.")]

access = typer.Typer(help="The access policy.", no_args_is_help=True)


@access.callback()
def about() -> None:
    """The access policy."""


@access.command()
def policy(role: One = None, as_json: Json = False) -> None:
    """Show the policy: each order and question with its roles, its scope and its purpose."""
    if role is not None and role not in ROLES:
        raise typer.BadParameter(f"There is no role {role!r}; there are {', '.join(ROLES)}.", param_hint="--role")
    found = [one for one in rows() if role is None or role in one["roles"]]
    if as_json:
        emit({"rules": found})
        return
    table = Table("", "name", "scope", "purpose", "roles, and which parts are for some of them alone")
    for one in found:
        table.add_row(one["kind"], one["name"], one["scope"], one["purpose"], _roles(one))
    console().print(table)


def _roles(one: dict[str, Any]) -> str:
    """The roles, marked (*) where they need a relationship, and what is narrowed."""
    marked = [f"{role}*" if role in one["relationship"] else role for role in one["roles"]]
    parts = [f"{part}: {', '.join(roles)}" for part, roles in one["narrowed"].items()]
    return "; ".join([", ".join(marked), *parts])

"""Serving the API, and tokens to try it with."""

from __future__ import annotations

from typing import Annotated
from uuid import NAMESPACE_URL, uuid5

import typer

from iop_es import serving, wiring
from iop_es.cli.frame import say, settings
from iop_es.cli.operator import ROLES, an_id, every_program

DEVELOPMENT_PERSONS = uuid5(NAMESPACE_URL, "urn:iop-es:development:person")
Host = Annotated[str | None, typer.Option(help="Address to listen on; left out, IOP_ES_HOST or 127.0.0.1.")]
Port = Annotated[int | None, typer.Option(min=0, max=65535, help="Port; left out, IOP_ES_PORT or 8020; 0: any.")]
Project = Annotated[
    bool | None,
    typer.Option("--project/--no-project", help="Keep the read models up too; left out, only with the embedded one."),
]
RoleName = Annotated[str, typer.Option("--role", help=f"One of {', '.join(ROLES)}.")]
Person = Annotated[
    str | None, typer.Option(help="The person's id; left out, one that stays with the role.", parser=an_id)
]
Programs = Annotated[
    list[str] | None,
    typer.Option("--program", help="A program's id; may come again; left out, every program.", parser=an_id),
]

Challenge = Annotated[str | None, typer.Option(help="What /v1/signatures/challenge gave; for a signing token.")]
Methods = Annotated[
    list[str], typer.Option("--method", help="How the person authenticated (RFC 8176); may come again.")
]


def serve(host: Host = None, port: Port = None, project: Project = None) -> None:
    """Serve the HTTP API until SIGTERM; an embedded database is made ready on first use."""
    found = settings()
    with wiring.opened(found, first_use=True) as house:
        passed = house.require_safe(asking=True)
        projecting = house.embedded if project is None else project
        if projecting:
            house.require_read_models()
        where = found.port if port is None else port

        def announce(address: str) -> None:
            wiring.beware(passed)
            say(f"Serving {address}/v1 (described at {address}/v1/docs); Ctrl-C stops it.")

        serving.serve(house, host or found.host, where, projecting, announce)


def token(
    role: RoleName, person: Person = None, program: Programs = None, challenge: Challenge = None,
    method: Methods = ["pwd", "otp"],  # noqa: B006 - typer copies it
) -> None:  # fmt: skip
    """Print a token of the development issuer, good for 12 hours and for local use only.

    With --challenge a signing token instead, as if the person had authenticated just now: good for two minutes, once.
    """
    if role not in ROLES:
        raise typer.BadParameter(f"There is no role {role!r}; there are {', '.join(ROLES)}.")
    with wiring.opened(settings("warning"), size=1) as house:
        issuer = serving.development_issuer(house)
        programs = program or every_program(house)
        who, audience = person or str(uuid5(DEVELOPMENT_PERSONS, role)), house.settings.audience
        if challenge is None:
            typer.echo(issuer.token(who, role, programs, audience))
        else:
            typer.echo(issuer.signing_token(who, challenge, list(method), audience))


"""The person at the command line: reads pass the one gate in this person's name, and so do commands."""

from __future__ import annotations

import os
import pwd
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, get_args
from uuid import NAMESPACE_URL, uuid5

import typer
from psycopg import Cursor
from pydantic import TypeAdapter, ValidationError

from aggregates.access.streams import access_of_person
from aggregates.clinician.state import Clinician
from aggregates.clinician.state import State as ClinicianState
from aggregates.values import Code, Date, Id, Instant, PersonId, Role
from api.access import may_ask
from api.claiming import BILLING
from api.commands.order import Answer, NotRecorded, Order
from api.gate import NotCaughtUp, Question
from api.identity import Caller
from api.waiting import CAUGHT_UP_SECONDS, reached
from iop_es.cli.frame import say
from iop_es.wiring import House
from projections.audit.queries import acted

OPERATORS = uuid5(NAMESPACE_URL, "urn:iop-es:operator")
ROLES = tuple(role for role in get_args(Role) if role != "system")
AUDIT = "audit"
STRANGER = (
    "{person} is nobody on record who works here. Who joined (`clinician.join`) is, and whoever recorded something in"
    " their own name, over the API or as the actor of a line of `iop-es load`; without --person it is done in the name"
    " of this machine's user."
)


def operator() -> str:
    """The id of whoever runs this: one for each user of the machine."""
    return str(uuid5(OPERATORS, _user()))


def shell() -> str:
    """Who sat at the command line, as the log keeps it as an order's request, beside the person in whose name it is."""
    return f"operator:{operator()}"


@dataclass(frozen=True, slots=True)
class Acting:
    """In whose name something is asked or ordered and in which role, and who sat at the shell, which both logs keep."""

    person: PersonId
    role: Role
    request: str = field(default_factory=shell)


def acting(house: House, person: str | None, role: Role) -> Acting:
    """In the name of somebody on record who works here, or, where nobody is named, of whoever sits at the shell.

    Raises typer.BadParameter.
    """
    if person is None:
        return Acting(operator(), role)
    if not isinstance(_employment(house, person), Clinician) and not _acted(house, person, (None,)):
        raise typer.BadParameter(STRANGER.format(person=person), param_hint="--person")
    return Acting(person, _let_in(house, person, [role]))


def acting_as(house: House, person: str, roles: Collection[Role]) -> Acting:
    """In the name of somebody who acted here in one of these roles, and works here. Raises typer.BadParameter."""
    acted_in = _acted(house, person, sorted(roles))
    if not acted_in:
        wanted = " or ".join(role.replace("_", " ") for role in sorted(roles))
        raise typer.BadParameter(f"{person} is nobody who acts here as {wanted}.", param_hint="--person")
    return Acting(person, _let_in(house, person, [one for one in roles if one in acted_in]))


def every_program(house: House) -> list[str]:
    """The ids of all programs."""
    return [fact.stream for fact in house.log.by_topics(["program.opened"])]


def question(house: House, resource: str, by: Acting) -> tuple[Question, list[str]]:
    """A question to the gate that reaches every program, and those programs."""
    programs = every_program(house)
    return Question(Caller(by.person, by.role, frozenset(programs), by.request), resource), programs


def asked_here(house: House, resource: str, role: Role) -> tuple[Question, list[str]]:
    """The same of whoever sits at the shell, in nobody else's name."""
    return question(house, resource, Acting(operator(), role))


def asked_by(house: House, name: str, person: str, role: str, purpose: str) -> Question:
    """A question that the API knows by this name, asked by a person on record in a role, under the same policy. Raises
    typer.BadParameter."""
    known = next((one for one in ROLES if one == role and may_ask(one, name)), None)
    if known is None:
        raise typer.BadParameter(f"Nobody sees this as {role!r}.", param_hint="--role")
    asked, _ = question(house, name, acting_as(house, person, [known]))
    return replace(asked, purpose=purpose)


def ordered(house: House, orders: Sequence[Order], names: Sequence[str], whole: bool = False) -> list[Answer]:
    """The answers to orders that share one append; each refusal is said, with the name of what it is about.

    With `whole`, all are recorded or none; those that nothing stands against but another's refusal are not said.
    """
    answers = house.commands().handle_all(orders, whole=whole) if orders else []
    for name, answer in zip(names, answers, strict=True):
        if isinstance(answer, Exception) and not isinstance(answer, NotRecorded):
            say(f"{name}: {str(answer) or ' '.join((type(answer).__doc__ or '').split())}")
    return answers


def catch_up(house: House) -> None:
    """Projects beside an embedded database, where no projector may be running; on a server that is not ours to do."""
    if house.embedded:
        house.project()


def caught_up(house: House, model: str = BILLING) -> int:
    """Where the log ends, once a read model has seen it to there, for what rests on that. Raises NotCaughtUp."""
    position = house.gate.head()
    catch_up(house)
    if not reached(house.gate, position, CAUGHT_UP_SECONDS, model):
        raise NotCaughtUp
    return position


def an_id(text: str) -> str:
    """The id that was typed. Raises typer.BadParameter."""
    return _checked(Id, text, "is no id; an id is a UUID in small letters")


def a_date(text: str) -> str:
    """The date that was typed. Raises typer.BadParameter."""
    return _checked(Date, text, "is no date; a date is written 2026-03-02")


def a_code(text: str) -> str:
    """The code that was typed. Raises typer.BadParameter."""
    return _checked(Code, text, "is no code; a code is letters, digits and . _ : -, such as appeal-by-telephone")


def position_of(house: House, text: str) -> int:
    """The position that an --as-of means. Raises typer.BadParameter."""
    head = house.log.head().position
    try:
        position = int(text) if text.isdigit() else house.log.position_at(TypeAdapter(Instant).validate_python(text))
    except ValidationError:
        # A plain date is refused too: which moment of it is meant, and in which program's zone, nobody can tell.
        wanted = "is neither a position nor a time with its zone, such as 2026-03-02T09:00:00Z"
        raise typer.BadParameter(f"{text!r} {wanted}.", param_hint="--as-of") from None
    if not 0 < position <= head:
        wrong = f"The log has positions 1 to {head}; nothing was known at that one."
        raise typer.BadParameter(wrong, param_hint="--as-of")
    return position


def _employment(house: House, person: str) -> ClinicianState:
    found: ClinicianState = house.commands().states("clinician", [person])[person]
    return found


def _acted(house: House, person: str, roles: Sequence[Role | None]) -> list[Role | None]:
    """In which of these roles (None: in any) somebody did something here; of whom nothing is found yet, all that is
    recorded is looked at."""
    asked, programs = asked_here(house, "audit.entries", "auditor")

    def view(cursor: Cursor[Any], now: str) -> list[Role | None]:
        given: dict[str, Any] = {"programs": programs, "now": now, "actor": person, "organization_wide": True}
        return [one for one in roles if acted(cursor, role=one, **given)]

    catch_up(house)
    found = house.gate.read(asked, AUDIT, view).result
    if not found:
        caught_up(house, AUDIT)
        found = house.gate.read(asked, AUDIT, view).result
    return found


def _let_in(house: House, person: str, roles: Sequence[Role]) -> Role:
    """The first of these roles in which somebody may come in. Raises typer.BadParameter for whoever left, or may in
    none."""
    employment = _employment(house, person)
    if isinstance(employment, Clinician) and employment.left_by(house.gate.now()):
        wrong = f"{person} works here no more; the last day was {employment.left_on}. Who is back joins again."
        raise typer.BadParameter(wrong, param_hint="--person")
    access = access_of_person(person)
    revoked = house.commands().states("access", [access])[access]
    found = next((one for one in roles if not revoked.shuts_out(one, None)), None)
    if found is None:
        wanted = " or ".join(role.replace("_", " ") for role in sorted(roles))
        raise typer.BadParameter(f"{person} may act here no more as {wanted}.", param_hint="--person")
    return found


def _user() -> str:
    """By the system, not by a variable of the environment, which anybody sets."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _checked(kind: Any, text: str, wrong: str) -> str:
    try:
        return str(TypeAdapter(kind).validate_python(text))
    except ValidationError:
        raise typer.BadParameter(f"{text!r} {wrong}.") from None


Person = Annotated[
    str | None,
    typer.Option(
        "--person", metavar="ID", parser=an_id,
        help="In whose name: somebody on record who works here; left out, whoever runs this.",
    ),
]  # fmt: skip

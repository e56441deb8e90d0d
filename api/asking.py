"""How a query's route asks: its operation id is the query's name in the table of permissions and in the access log.

The part before the point names the read model. An answer is one `item` or a page of `items`, with the position of the
log that it reflects and the time that counted as now.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query, Request, Response
from psycopg import Cursor, DataError
from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool

from aggregates.values import UUID_PATTERN, Id, Instant
from api.access import may_ask, rule_of
from api.alongside import Alongside
from api.commands.order import NotPermitted
from api.filters import must_be_cursor, must_come_once
from api.gate import Answer, Beside, Gate, Glass, Question
from api.identity import Caller, TheCaller
from api.problems import BadCursor, declared
from iop_es.engine.readmodel.model import Delta

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
_INSTANT: TypeAdapter[str] = TypeAdapter(Instant)


class One(BaseModel, Generic[T]):
    """One thing."""

    position: int = Field(description="The position of the log that the answer reflects.")
    now: Instant = Field(description="The time that counted as now.")
    newer_version: int | None = Field(
        default=None,
        description="The log's version of this thing where the answer is behind it: If-Match with this answer's ETag "
        "would be refused, so read again in a moment. Null: nothing newer is known.",
    )
    item: T


class Page(BaseModel, Generic[T]):
    """Some of a list."""

    position: int = Field(description="The position of the log that the answer reflects.")
    now: Instant = Field(description="The time that counted as now.")
    items: list[T]
    next: str | None = Field(description="Give it as `after` for the next page; null: this was the last.")


class Paging(BaseModel):
    """Which part of a list is wanted."""

    after: str | None
    limit: int


async def paging(
    after: Annotated[str | None, Query(min_length=1, max_length=200, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="How many at most.")] = 100,
) -> Paging:
    """The paging of a list."""
    return Paging(after=after, limit=limit)


ThePage = Annotated[Paging, Depends(paging)]


def _moment(text: str) -> int | str:
    if text.isdecimal():
        return int(text)
    try:
        return _INSTANT.validate_python(text)
    except ValueError:
        raise ValueError("Give a position of the log (digits) or a time such as 2026-03-02T09:00:00Z.") from None


AsOf = Annotated[
    str | None,
    Query(
        max_length=40, pattern=r"^(\d{1,18}|\d{4}-\d{2}-\d{2}T.+)$",
        description="As it was known then: a position of the log, or a time such as 2026-03-02T09:00:00Z.",
    ),
    AfterValidator(lambda text: text if text is None else _moment(text)),
]
PAST = declared(409)
"""What a route that takes `as_of` may answer besides: that the record cannot be followed up to that moment."""
OneProgram = Annotated[Id | None, Query(description="Only this program, one of your token's.")]


@dataclass(frozen=True, slots=True)
class Then(Generic[T_co]):
    """The moment of an answer (None: now), and how it is made of a fold's rows: called like the query, with the rows
    in the cursor's place and without a page; `beside` says which other streams it rests on, if it is about a thing."""

    as_of: int | str | None
    query: Callable[..., T_co | None]
    beside: Beside | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """The caller's question as its route puts it to the gate.

    Through a broken glass the caller has the patient's programs beside their own, on the addresses of that patient.
    """

    caller: Caller
    gate: Gate
    response: Response
    name: str
    glass: Glass | None = None

    def one(
        self, query: Callable[..., T | None], *, then: Then[T] | None = None, program: str | None = None,
        patient: str | None = None, stream: str | None = None, alongside: Alongside | None = None, **given: Any,
    ) -> One[T]:
        """One thing; with its version as the ETag where it has one. Raises NotFound.

        The ETag is always that of what is shown: with the log's own, somebody could overwrite what was never read.
        With `stream`, which a thing that is no patient's needs for `then`, the answer says whether the log is ahead.
        """
        asked = {"programs": self._programs(program), **given}
        answer = self._answer(
            self.question(program, patient), lambda cursor, now: query(cursor, now=now, **asked),
            then, stream, asked, alongside,
        )  # fmt: skip
        shown = self.shown(answer)
        latest = self.gate.version(stream) if stream and (then is None or then.as_of is None) else 0
        if latest > getattr(answer.result, "version", latest):
            shown.newer_version = latest
        return shown

    def all(
        self, query: Callable[..., Sequence[T] | None], *, then: Then[Sequence[T]] | None = None,
        program: str | None = None, patient: str | None = None, thing: str | None = None, **given: Any,
    ) -> Page[T]:
        """A whole list that is short by nature. Raises NotFound when the query answers None."""
        asked = {"programs": self._programs(program), **given}
        answer = self._answer(
            self.question(program, patient, thing), lambda cursor, now: query(cursor, now=now, **asked),
            then, None, asked,
        )  # fmt: skip
        return Page(position=answer.position, now=answer.now, items=list(answer.result), next=None)

    def page(
        self, query: Callable[..., Sequence[T] | None], paging: Paging, cursor_of: Callable[[T], str], *,
        then: Then[Sequence[T]] | None = None, program: str | None = None, patient: str | None = None,
        thing: str | None = None, stream: str | None = None, alongside: Alongside | None = None, **given: Any,
    ) -> Page[T]:
        """A page of a list that grows; one more than wanted is read to know whether there is a next page.

        Raises NotFound when the query answers None.
        """
        must_be_cursor(self.name, paging.after)
        asked = {"programs": self._programs(program), **given}

        def read(cursor: Cursor[Any], now: str) -> tuple[list[T], str | None] | None:
            with _known_cursor(paging.after):
                found = query(cursor, now=now, after=paging.after, limit=paging.limit + 1, **asked)
            return None if found is None else _cut(found, paging.limit, cursor_of)

        def made(delta: Delta, **asked: Any) -> tuple[list[T], str | None] | None:
            found = then.query(delta, **asked) if then else None
            later = [one for one in found or () if paging.after is None or cursor_of(one) > paging.after]
            return None if found is None else _cut(later, paging.limit, cursor_of)

        past = Then(then.as_of, made, then.beside) if then else None
        answer = self._answer(self.question(program, patient, thing), read, past, stream, asked, alongside)
        items, following = answer.result
        return Page(position=answer.position, now=answer.now, items=items, next=following)

    def upto(self, as_of: int | str | None) -> int | None:
        """The last position to take in, for answers whose entries never change."""
        return None if as_of is None else self.gate.moment(as_of)[0]

    def stream(
        self, stream: str, view: Callable[..., T | None], as_of: int | str | None = None, purpose: str | None = None,
        beside: Beside | None = None, of_patient: bool = False,
    ) -> One[T]:  # fmt: skip
        """What a stream, a patient's own or another, says of itself, from the log, with those `beside` it (see the
        gate) if it is to; now, or with its facts up to a moment. Raises NotFound.

        `purpose` is what the caller says it is for, where the question does not say so by itself.
        """
        moment = None if as_of is None else self.gate.moment(as_of)
        question = self.question(patient=stream if self.glass else None)
        asked = question if purpose is None or question.grant else replace(question, purpose=purpose)
        return self.shown(self.gate.stream(asked, stream, view, moment, beside, of_patient))

    def holder(self, kind: str, key: str, view: Callable[[str], T]) -> One[T]:
        """The patient who holds a reservation, from the log. Raises NotFound."""
        answer = self.gate.holder(self.question(), kind, key)
        return One(position=answer.position, now=answer.now, item=view(answer.result))

    def question(
        self, program: str | None = None, patient: str | None = None, thing: str | None = None,
        resource: str | None = None,
    ) -> Question:  # fmt: skip
        """The question for the gate; about the patient behind a broken glass it is asked through that."""
        row = rule_of(self.name)
        purpose = row.purpose if row else "operations"
        asked = Question(self.caller, resource or self.name, purpose, program, patient, thing)
        if self.glass is None:
            return asked
        if self.glass.patient not in {patient, thing}:
            raise TypeError("Through a broken glass only its patient is asked about.")
        return asked.through(self.glass)

    def treats(self, patient: str) -> bool:
        """Whether the caller treats this patient, broke the glass of the record, or is in a role that treats nobody."""
        return self.glass is not None or self.gate.treated_by(self.caller, patient)

    def shown(self, answer: Answer[T]) -> One[T]:
        """The answer about one thing."""
        version = getattr(answer.result, "version", None)
        if version is not None:
            self.response.headers["ETag"] = f'"{version}"'
        return One(position=answer.position, now=answer.now, item=answer.result)

    def _answer(
        self, question: Question, query: Callable[[Cursor[Any], str], T | None], then: Then[T] | None,
        stream: str | None, asked: dict[str, Any], alongside: Alongside | None = None,
    ) -> Answer[T]:  # fmt: skip
        """The one place that tells now from then: the stored rows answer, or a fold up to the moment."""
        if then is None or then.as_of is None:
            return self.gate.read(question, self._model, query, alongside)
        past, (upto, at) = then.query, self.gate.moment(then.as_of)

        def view(delta: Delta, now: str) -> T | None:
            return past(delta, now=now, **asked)

        if question.patient is not None:
            return self.gate.as_of(question, self._model, question.patient, upto, view, at, alongside)
        if stream is None:
            raise TypeError("An answer as of a moment is about a patient or a stream: name it.")
        return self.gate.thing_as_of(question, self._model, stream, upto, view, at, then.beside, alongside)

    @property
    def _model(self) -> str:
        return self.name.partition(".")[0]

    def _programs(self, program: str | None) -> list[str]:
        return sorted(self.caller.programs) if program is None else [program]



@contextmanager
def _known_cursor(after: str | None) -> Iterator[None]:
    """A list that cannot read its cursor says so with a ValueError, or the database does."""
    try:
        yield
    except ValidationError:
        raise
    except (ValueError, DataError) as error:
        raise (BadCursor() if after else error) from error


def _cut(found: Sequence[T], limit: int, cursor_of: Callable[[T], str]) -> tuple[list[T], str | None]:
    """What a page shows of what was found, and where the next one begins."""
    shown = list(found[:limit])
    return shown, cursor_of(shown[-1]) if len(found) > len(shown) else None


async def asking(request: Request, response: Response, caller: TheCaller) -> Ask:
    """The question of this route; only what asks the store is done in another thread. Raises NotPermitted, recorded,
    when the caller's role may not ask it."""
    gate: Gate = request.app.state.services.gate
    name = request.scope["route"].operation_id
    if not may_ask(caller.role, name):
        await run_in_threadpool(gate.refuse, Question(caller, name), "not permitted")
        raise NotPermitted
    must_come_once(request)
    patient: str = request.path_params.get("patient_id") or ""
    glass = await run_in_threadpool(gate.glass, caller, patient) if re.fullmatch(UUID_PATTERN, patient) else None
    return Ask(glass.caller if glass else caller, gate, response, name, glass)


TheAsk = Annotated[Ask, Depends(asking)]

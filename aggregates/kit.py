"""What every aggregate is made of: facts, commands, refusals, and the closed registry of their stored names.

A decision is a pure function: `decide(state, command, act, seen)` answers with a tuple of outcomes. An outcome is a
fact, a reservation to `Claim` or to `Release`, or a decision for another stream of the same append (`Elsewhere`).
`()` means that it is already so. A refusal is an exception named for the rule that it guards.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from string import Formatter
from typing import Any, Literal, NamedTuple, TypeVar, dataclass_transform

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass as pydantic_dataclass

from aggregates.values import Instant, PersonId, Role

T = TypeVar("T")
SubjectKind = Literal["patient", "session", "clinician", "organization", "chart"]


@dataclass_transform(frozen_default=True, kw_only_default=True)
def value(cls: type[T]) -> type[T]:
    """A frozen, slotted, validated record: pydantic checks it when made, msgspec decodes it without checking again."""
    settings = ConfigDict(extra="forbid", strict=False)
    return pydantic_dataclass(frozen=True, slots=True, kw_only=True, config=settings)(cls)  # type: ignore[return-value] # pydantic's stub does not carry the class through


def altered(record: T, **changes: Any) -> T:
    """A copy with other fields, not checked again: for folding, which judges nothing of what is stored, and for what
    was checked before or was computed here."""
    copy: T = object.__new__(type(record))
    for name in _names_of(type(record)):  # type: ignore[arg-type] # a class is hashable
        object.__setattr__(copy, name, changes[name] if name in changes else getattr(record, name))
    return copy


def turned(phase: type[T], record: Any, **changes: Any) -> T:
    """A record of another phase with the same fields, but for the changes."""
    return phase(**({name: getattr(record, name) for name in _names_of(type(record))} | changes))  # type: ignore[arg-type] # a class is hashable


@cache
def _names_of(record: type) -> tuple[str, ...]:
    return tuple(one.name for one in fields(record))


@dataclass(frozen=True, slots=True)
class Stored:
    """How a fact is stored: its name, its schema version, its class, and whose key seals its `sealed` field."""

    name: str
    version: int
    cls: type
    subject: SubjectKind | None

    @property
    def topic(self) -> str:
        """The stored text, `name@schema-version`."""
        return f"{self.name}@{self.version}"


FACTS: dict[str, Stored] = {}
FACT_OF: dict[type, Stored] = {}
COMMANDS: dict[str, type] = {}
COMMAND_NAME: dict[type, str] = {}
UPCASTERS: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}
RETIRED: frozenset[str] = frozenset()


def fact(name: str, version: int, subject: SubjectKind | None = None) -> Callable[[type[T]], type[T]]:
    """Registers a fact's class under its stored name. `subject` names whose key seals the field called `sealed`.

    Raises ValueError for a name that is taken or retired, or a `sealed` field without a subject.
    """

    def register(cls: type[T]) -> type[T]:
        if name in FACTS or name in RETIRED:
            raise ValueError(f"The fact name {name} is taken; names are the storage format and are never reused.")
        if ("sealed" in cls.__dataclass_fields__) != (subject is not None):  # type: ignore[attr-defined] # every fact is a dataclass
            raise ValueError(f"{name}: a fact has a `sealed` field exactly when it names the subject of its key.")
        stored = Stored(name, version, cls, subject)
        FACTS[name] = FACT_OF[cls] = stored
        return cls

    return register


def upcast(name: str, version: int) -> Callable[[T], T]:
    """Registers the function that turns the stored object of (name, version) into that of version + 1."""

    def register(function: T) -> T:
        UPCASTERS[(name, version)] = function  # type: ignore[assignment] # checked by the golden file's test
        return function

    return register


def command(name: str) -> Callable[[type[T]], type[T]]:
    """Registers a command's class under the name that `load` and the API use: `aggregate.verb_phrase`."""

    def register(cls: type[T]) -> type[T]:
        if name in COMMANDS:
            raise ValueError(f"The command name {name} is taken.")
        COMMANDS[name] = cls
        COMMAND_NAME[cls] = name
        return cls

    return register


class Refusal(Exception):
    """Refused by a rule of the program."""

    def __init__(self, **details: object) -> None:
        self.details = details
        template = " ".join((type(self).__doc__ or "").split())
        names = [name for _, name, _, _ in Formatter().parse(template) if name]
        super().__init__(template.format(**{name: details[name] for name in names}))

    @property
    def rule(self) -> str:
        """The rule's name as problem documents show it: the class name in kebab case."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", type(self).__name__).lower()


class Unknown(Refusal):
    """Nothing is recorded under this id."""


NO_SALT = "0" * 64


@dataclass(frozen=True, slots=True)
class Act:
    """Who does it, in which role, for whom, when it was true, and when it is being recorded.

    `salt` is 32 random bytes in hex, drawn for this act: a decision draws none of its own.
    """

    by: PersonId
    role: Role
    occurred_at: Instant
    now: Instant
    on_behalf_of: PersonId | None = None
    reason: str | None = None
    salt: str = NO_SALT


@dataclass(frozen=True, slots=True)
class Claim:
    """Claims a unique key for this stream in the same append: a second claim refuses the whole append.

    `held` is the refusal to raise when the key is taken.
    """

    kind: str
    key: str
    held: type[Refusal]


@dataclass(frozen=True, slots=True)
class Release:
    """Gives a key of this stream back; releases come before claims in one append."""

    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Stream:
    """Another stream to look at before deciding: by its id, or as the holder of a reservation; or the sessions to which
    a patient came or was to come on a day (`of_day`: both), each of which is seen as `name:ID`."""

    aggregate: str
    id: str | None = None
    holder_of: tuple[str, str] | None = None
    of_day: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Facts for another stream, one that was consulted under `name`, in the same append."""

    name: str
    outcomes: tuple[Any, ...]


class Place(NamedTuple):
    """Where a fact stands in the log, and when it was recorded: what was known before what, across streams."""

    position: int
    recorded_at: Instant


@dataclass(frozen=True, slots=True)
class Seen:
    """A consulted stream: its id, version and folded state; `state` is the aggregate's initial one if it is empty.

    `places` has the place of each of its facts, in order of version.
    """

    id: str
    version: int
    state: Any
    places: tuple[Place, ...] = ()


def _nothing(_state: Any, _command: Any) -> dict[str, Stream]:
    return {}


def _nothing_more(_state: Any, _command: Any, _seen: Mapping[str, Seen]) -> dict[str, Stream]:
    return {}


def _whole(state: Any, _command: Any, _programs: frozenset[str]) -> Any:
    return state


def _no_patients(_state: Any, _fact: Any, _seen: Mapping[str, Seen]) -> tuple[tuple[str, str | None], ...]:
    return ()


def its_patient(state: Any, _fact: Any, _seen: Any) -> tuple[tuple[str, str | None], ...]:
    """The patients of a fact whose stream is one patient's."""
    return ((state.patient_id, None),) if state.patient_id else ()


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One kind of stream: how its facts fold, how its commands are decided, and which patients a fact concerns.

    `patients(state, fact, seen)` is asked with the state AFTER the fact and answers (patient id, alias) pairs; an
    alias of None means a random one. `consult(state, command)` names the other streams that the decision looks at; they
    reach `decide` as `seen[name]`, and so do those that `further(state, command, seen)` names once these are seen. A
    command's first field is the id of its stream. Where several programs share a stream, `within(state, command,
    programs)` is the state that an order of these decides over.
    """

    name: str
    initial: Any
    evolve: Callable[[Any, Any], Any]
    decide: Callable[[Any, Any, Act, Mapping[str, Seen]], tuple[Any, ...]]
    commands: tuple[type, ...]
    patients: Callable[[Any, Any, Mapping[str, Seen]], tuple[tuple[str, str | None], ...]] = _no_patients
    consult: Callable[[Any, Any], dict[str, Stream]] = field(default=_nothing)
    further: Callable[[Any, Any, Mapping[str, Seen]], dict[str, Stream]] = field(default=_nothing_more)
    within: Callable[[Any, Any, frozenset[str]], Any] = field(default=_whole)

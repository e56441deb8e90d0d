"""Reads days.txt and files like it: each case's facts are told to a clinic, and what they lead to is compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from projections.billing import MODEL
from projections.billing.day import Day
from projections.billing.explain import told
from projections.billing.queries import days_from
from projections.billing.standing import reasons_at, standing
from tests.projections.billing.clinic import an_id
from tests.projections.billing.verbs import FIRST, SECOND_EPISODE, Verbs
from tests.projections.story import folded


@dataclass(frozen=True)
class Expected:
    """What a day must be: worth in cents, None where unknown; `leads` is the deciding reason, None where not asked."""

    date: str
    episode: int
    state: str
    minutes: int
    worth: int | None
    reasons: frozenset[str]
    leads: str | None = None


@dataclass
class Case(Verbs):
    """One case of the file: its lines, told step by step."""

    name: str = ""
    lines: list[str] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)
    says: list[str] = field(default_factory=list)
    never: list[str] = field(default_factory=list)
    bills: list[str] = field(default_factory=list)
    expects: list[str] = field(default_factory=list)

    def days(self) -> list[tuple[Expected, Day | None]]:
        """Each expectation beside the day that the fold decides."""
        if not self.clinic.story.facts:
            self._tell()
        delta = folded(MODEL, self.clinic.story.recorded(MODEL))
        found = {(one.service_date, one.enrollment_id): one for one in days_from(delta, an_id("patient"))}
        return [(one, found.get((one.date, an_id("enrollment", one.episode)))) for one in self.expected]

    def seen(self, one: Expected, day: Day | None) -> Expected | None:
        """The decided day in the terms of the expectation."""
        if day is None:
            return None
        state, reason, _ = standing(day, self.moment)
        worth = day.charge_cents if state == "billed" else day.cents
        leads = None if one.leads is None else reason or ""
        standing_now = frozenset(reasons_at(day, self.moment))
        return Expected(one.date, one.episode, state, day.minutes, worth, standing_now, leads)

    def billed_as(self, day: Day) -> list[str]:
        """The day's lines as the file writes them: code, modifiers, units where more than one, and charge."""
        return [
            "-".join([line.procedure_code or line.revenue_code, *line.modifiers])
            + (f"x{line.units}" if line.units > 1 else "")
            + ("=?" if line.charge_cents is None else f"={line.charge_cents / 100:.2f}")
            + ("" if line.form == "837I" else f"@{line.form}")
            for line in day.lines
        ]

    def money(self, day: Day) -> list[str]:
        """What is expected of the payer, and of the patient where that is known."""
        told = ["?" if day.expected_cents is None else f"{day.expected_cents / 100:.2f}"]
        return told if day.share_cents is None else [*told, f"{day.share_cents / 100:.2f}"]

    def told(self, day: Day) -> str:
        """The day as it is told at the case's moment."""
        return "\n".join(told(day, self.moment))

    def _tell(self) -> None:
        before = (
            "preset", "payer", "price", "tier", "rate", "focus", "without", "service", "schedule", "telehealth",
            "modifier", "charge",
        )  # fmt: skip
        for line in sorted(self.lines, key=lambda line: not line.startswith(before)):
            if not line.startswith(before) and not self.clinic.story.facts:
                self._background()
            self._step(line)
        assert self.clinic.story.facts

    def _background(self) -> None:
        clinic = self.clinic
        if "charges" in self.left_out:
            clinic.charges = {}
        clinic.open()
        told: dict[str, Callable[[], Any]] = {
            "license": clinic.license,
            "policy": lambda: clinic.publish(**self.changes),
            "coverage": clinic.cover,
            "consent": lambda: clinic.consent() if clinic.focus == "substance_use" else None,
            "referral": clinic.refer,
            "admission": clinic.admit,
            "diagnosis": clinic.diagnose,
            "authorization": lambda: (clinic.request(), clinic.approve()),
        }
        for name, tell in told.items():
            if name not in self.left_out:
                tell()

    def _step(self, line: str) -> None:
        verb, *words = line.split()
        options, plain = {}, []
        for word in words:
            name, equals, value = word.partition("=")
            if equals:
                options[name] = value
            else:
                plain.append(word)
        getattr(self, f"_{verb}")(plain, options)


Kind = TypeVar("Kind", bound=Case)


def cases(file: str, kind: type[Kind]) -> list[Kind]:
    """Every case of a file beside this one, in its order."""
    return list(_read(Path(__file__).with_name(file).read_text(encoding="utf-8").splitlines(), kind))


def _read(lines: list[str], kind: type[Kind]) -> Iterator[Kind]:
    case: Kind | None = None
    for line in (one.strip() for one in lines if one.strip() and not one.startswith("#")):
        if line.startswith("case "):
            if case is not None:
                yield case
            case = kind(name=line.removeprefix("case "))
        elif line.startswith("=>"):
            assert case is not None
            case.expected.append(_expected(line.split()[1:]))
        elif line.startswith(("bills ", "expects ")):
            assert case is not None
            verb, *words = line.split()
            getattr(case, verb).extend(words)
        elif line.startswith(("says ", "never ")):
            assert case is not None
            verb, _, text = line.partition(" ")
            getattr(case, verb).append(text.replace("CLINICIAN", an_id("clinician")).replace("CLAIM", an_id("claim")))
        else:
            assert case is not None
            case.lines.append(line)
    if case is not None:
        yield case


def _expected(words: list[str]) -> Expected:
    date, episode = "2026-03-04", FIRST
    if words[0] == "second":
        episode, words = SECOND_EPISODE, words[1:]
    elif words[0][0].isdigit():
        date, words = words[0], words[1:]
    state, minutes, worth, *reasons = words
    cents = None if worth == "?" else round(float(worth) * 100)
    leads = next((word[1:] for word in reasons if word.startswith("*")), None)
    named = frozenset(word.removeprefix("*") for word in reasons) - {""}
    return Expected(date, episode, state, int(minutes), cents, named, leads)

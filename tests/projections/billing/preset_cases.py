"""Reads presets.txt: cases in the notation of days.txt, each under the terms of one or more presets.

    preset NAME …    the terms, the first day and the codes of these presets; the case is told once for each
    rule FIELD …     the terms that the case shows at work
    edge FIELD=N …   the rules whose number it stands right on or right beyond, and what the day holds of it: minutes,
                     days, hours and minutes, units, heads; CODE:MINUTES of a service; 12+1 is twelve months and a day
    fees DATE        the program's charges apply from this day already
    around [SPAN]    a documented group on the Monday and the Friday of the week as well (09:00-13:30: nine hours)
    weeks FIRST N    three documented hours on Monday, Wednesday and Friday of N weeks from a Monday on
    shows NAME=TEXT  what the decided day says, such as rate_kind=published
    sends FORM BILL FROM THROUGH TOTAL    a claim over what can be billed at the case's moment; BILL ends in its
                     frequency, which is all of it on a professional claim
    keeps DAY        a day that is left for a later claim

Beside the background of days.txt stand, where a preset's terms ask for them, a certification of the day of admission
and a plan whose review is not due; `without certification` and `without plan` leave them out. Each service that a
preset prices is charged $100.00.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from typing import Any

from aggregates.payer_policy.presets import preset
from aggregates.payer_policy.terms import Terms
from aggregates.program.facts import Charge, FeeScheduleAdopted
from projections.billing import MODEL
from projections.billing.claims import prepare
from projections.billing.queries import days_from
from tests.projections.billing.clinic import an_id
from tests.projections.billing.notation import Case, cases
from tests.projections.billing.terms import DEFAULT_CHARGES
from tests.projections.story import folded

ADMITTED = "2026-01-05"
MONDAY, FRIDAY = "2026-03-02", "2026-03-06"
NINE_HOURS_IN_TWO = "09:00-13:30"
CHARGED = 10_000
OWN = ("preset ", "rule ", "edge ", "shows ", "sends ", "keeps ")


@dataclass
class PresetCase(Case):
    """A case under a preset's terms; it is told after `under` named the preset."""

    under: str = ""
    rules: list[str] = field(default_factory=list)
    edges: list[str] = field(default_factory=list)
    shows: list[str] = field(default_factory=list)
    sends: list[str] = field(default_factory=list)
    keeps: list[str] = field(default_factory=list)

    @property
    def terms(self) -> Terms:
        """The preset's terms."""
        return preset(self.under).terms

    def each(self) -> list[PresetCase]:
        """The case under each of its presets."""
        told: dict[str, list[str]] = {word: [] for word in OWN}
        for line in self.lines:
            word = next((word for word in OWN if line.startswith(word)), None)
            if word in {"preset ", "rule ", "edge ", "shows "}:
                told[word] += line.split()[1:]
            elif word is not None:
                told[word].append(line.removeprefix(word))
        mine = [line for line in self.lines if not line.startswith(OWN)]
        return [
            PresetCase(
                name=f"{self.name} [{name}]", lines=[f"preset {name}", *mine], expected=self.expected, says=self.says,
                never=self.never, bills=self.bills, expects=self.expects, under=name, rules=told["rule "],
                edges=told["edge "], shows=told["shows "], sends=told["sends "], keeps=told["keeps "],
            )
            for name in told["preset "]
        ]  # fmt: skip

    def shown(self, day: Any) -> list[str]:
        """What the day says of what the file asks."""
        return [f"{name}={getattr(day, name)}" for name in (one.partition("=")[0] for one in self.shows)]

    def sent(self) -> tuple[list[str], list[str]]:
        """The claims over what can be billed now, and the days left out that no claim bills yet."""
        days = days_from(folded(MODEL, self.clinic.story.recorded(MODEL)), an_id("patient"))
        made = prepare(days, decided_at=1, now=self.moment, period="week", new_id=lambda: an_id("claim"))
        told = [
            f"{one['form']} {(one['type_of_bill'] or '')[:3]}{one['frequency']} {one['from_date']} "
            f"{one['through_date']} {one['total_cents'] / 100:.2f}"
            for one in made.claims
        ]
        return told, [one.day.service_date for one in made.left_out if one.day.state != "billed"]

    def _preset(self, plain: list[str], _: dict[str, str]) -> None:
        document = preset(plain[0])
        self.changes |= {one.name: getattr(document.terms, one.name) for one in fields(Terms)}
        self.changes["effective_from"] = document.effective_from
        codes = [one.procedure_code for one in document.terms.services]
        self.clinic.charges = dict.fromkeys(codes, CHARGED) | DEFAULT_CHARGES

    def _background(self) -> None:
        first = min(one.date for one in self.expected)
        self.clinic.story.now = min(self.clinic.story.now, f"{first[:4]}-01-01T05:00:00.000000Z")
        super()._background()
        if self.terms.certification_days is not None and "certification" not in self.left_out:
            self._certify([ADMITTED], {"through": "2026-12-31"})
        if self.terms.plan_review_days is not None and "plan" not in self.left_out:
            self._plan([ADMITTED], {"due": "2026-12-31"})

    def _fees(self, plain: list[str], _: dict[str, str]) -> None:
        charges = tuple(Charge(procedure_code=code, charge_cents=cents) for code, cents in self.clinic.charges.items())
        self.clinic.story.tell(an_id("program"), FeeScheduleAdopted(effective_from=plain[0], charges=charges))

    def _around(self, plain: list[str], _: dict[str, str]) -> None:
        back = self.day
        for self.day in (MONDAY, FRIDAY):
            self._done(plain or [NINE_HOURS_IN_TWO], {})
        self.day = back

    def _weeks(self, plain: list[str], _: dict[str, str]) -> None:
        back, first = self.day, date.fromisoformat(plain[0])
        for number in range(int(plain[1]) * 3):
            self.day = (first + timedelta(weeks=number // 3, days=number % 3 * 2)).isoformat()
            self._done(["09:00-12:00"], {})
        self.day = back


def preset_cases(file: str = "presets.txt") -> list[PresetCase]:
    """Every case of a file under each of its presets."""
    return [one for case in cases(file, PresetCase) for one in case.each()]

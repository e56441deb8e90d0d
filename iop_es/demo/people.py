"""The people of the clinic: staff and patients, all invented, drawn from word lists by the seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Literal

GIVEN = (
    "Ada", "Amos", "Anwar", "Beatriz", "Bela", "Calvin", "Carmen", "Cleo", "Dalia", "Darnell", "Edith", "Elio",
    "Esme", "Farid", "Flora", "Gideon", "Greta", "Hanna", "Hugo", "Imani", "Ines", "Jonas", "Judith", "Kaito",
    "Keisha", "Lamar", "Leona", "Linus", "Mabel", "Malik", "Marisol", "Nadia", "Niko", "Odette", "Omar", "Petra",
    "Quentin", "Ramona", "Reuben", "Rosa", "Samir", "Selma", "Silas", "Tamika", "Theo", "Ursula", "Vera", "Viktor",
    "Wanda", "Wesley", "Xenia", "Yara", "Yusuf", "Zelda", "Zora",
)
FAMILY = (
    "Abernathy", "Aldana", "Baptiste", "Birchwood", "Calloway", "Castellan", "Delacroix", "Dunmore", "Eastman",
    "Escobedo", "Fairbanks", "Farouk", "Galloway", "Grimaldi", "Hargrove", "Holloway", "Ibarra", "Iversen",
    "Jankowski", "Jessup", "Kowalczyk", "Kingsley", "Lindqvist", "Lockhart", "Marchetti", "Mbeki", "Nakamura",
    "Northcott", "Okonkwo", "Ostrander", "Pemberton", "Quintero", "Rasmussen", "Rutherford", "Sandoval", "Stavros",
    "Thackeray", "Tillman", "Underwood", "Vandermeer", "Villanueva", "Whitlock", "Winslow", "Yamamoto", "Zabrowski",
    "Zielinski",
)

Fate = Literal["completes", "drops_out", "steps_up"]
Course = Literal["improves", "stays", "deteriorates"]


@dataclass(slots=True)
class Guest:
    """One simulated patient: who, in which program, how often they come, how it goes, and where the record stands."""

    patient_id: str
    enrollment_id: str
    program: str
    given: str
    family: str
    born: date
    payer: str
    fate: Fate
    course: Course
    shows_up: float
    severity: int
    weeks: int
    clinician: str = ""
    admitted: date | None = None
    discharged: date | None = None
    plan_id: str = ""
    coverage_id: str = ""
    second_coverage_id: str = ""
    guardian_id: str | None = None
    authorization_id: str | None = None
    authorized: int = 0
    days_attended: int = 0
    last_measured: date | None = None
    flagged: bool = False

    def in_care(self, day: date) -> bool:
        """Admitted and not discharged on a day."""
        return self.admitted is not None and self.admitted <= day and (self.discharged is None or day < self.discharged)


@dataclass(slots=True)
class Names:
    """Names that no two people share."""

    chance: Random
    _taken: set[tuple[str, str]] = field(default_factory=set)

    def draw(self) -> tuple[str, str]:
        """A given and a family name, new each time."""
        while True:
            name = (self.chance.choice(GIVEN), self.chance.choice(FAMILY))
            if name not in self._taken:
                self._taken.add(name)
                return name

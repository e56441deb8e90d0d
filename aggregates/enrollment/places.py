"""What keeps a patient's episodes in a program apart: the one place of an open episode, and the number of each.

The numbers are how a later decision finds the others, also those that ended; a patient who had more episodes in one
program than there are numbers keeps those without one unfound.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from aggregates.enrollment.state import Episode
from aggregates.kit import Seen, Stream

EPISODE = "episode"
MOST = 40


class Placed(Protocol):
    """A referral, or the command that asks for one."""

    @property
    def patient_id(self) -> str:
        """Whose episode."""

    @property
    def program_id(self) -> str:
        """In which program."""


def place_of(referral: Placed) -> str:
    """The key of a patient's one place in a program."""
    return f"{referral.patient_id}:{referral.program_id}"


def numbers_of(place: str) -> list[str]:
    """The keys of the patient's episodes in the program, in the order in which they are given."""
    return [f"{place}:{number}" for number in range(1, MOST + 1)]


def episodes_of(place: str) -> dict[str, Stream]:
    """The consultation of all the patient's episodes in the program, by their keys."""
    return {key: Stream("enrollment", holder_of=(EPISODE, key)) for key in numbers_of(place)}


def others(state: Episode, enrollment_id: str, seen: Mapping[str, Seen]) -> Iterable[Episode]:
    """Of the consulted episodes those that began when this one did or later."""
    for one in seen.values():
        known = one.state if isinstance(one.state, Episode) and one.id != enrollment_id else None
        if known is not None and known.referred_on is not None and known.referred_on >= (state.referred_on or ""):
            yield known

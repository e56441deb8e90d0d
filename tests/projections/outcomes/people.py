"""Members of cohorts in short notation, as the query reads them."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from projections.outcomes.cohorts.comparing import Asked
from projections.outcomes.cohorts.members import ENDED, Member

ASKED = Asked("phq-9", "total", "program", outside=False)
OUTSIDE = ASKED._replace(outside=True)


def member(number: int, **given: Any) -> Member:
    """The episode of a patient of a number: measured once at 15 on the PHQ-9 and in care, unless said otherwise."""
    fields: dict[str, Any] = {
        "patient_id": f"p{number}", "enrollment_id": f"e{number}", "program_id": "one", "payer_id": None,
        "admitted_level": "intensive_outpatient", "diagnosis": None, "admitted_on": date(2026, 1, 5),
        "ended": "in_care", "days": 10, "version": "1", "measures": 1, "baseline": 15, "last": 15, "change_class": None,
        "planned_minutes": None, "attended_minutes": None,
    }  # fmt: skip
    again = {"measures": 2} if "last" in given else {"last": given.get("baseline", 15)}
    return Member(**(fields | again | given))


CLASSES = st.sampled_from(["recovered", "improved", "unchanged", "deteriorated", None])


@st.composite
def a_member(draw: st.DrawFn) -> dict[str, Any]:
    """What may be true of an episode; some were never measured, some once."""
    given: dict[str, Any] = {
        "program_id": draw(st.sampled_from(["one", "two", "three", "four"])), "ended": draw(st.sampled_from(ENDED)),
        "days": draw(st.integers(0, 60)), "baseline": draw(st.integers(0, 27)),
        "planned_minutes": 600, "attended_minutes": draw(st.integers(0, 600)),
    }  # fmt: skip
    if draw(st.integers(0, 9)) == 0:
        return given | {"version": None, "measures": None, "baseline": None, "last": None}
    if draw(st.booleans()):
        given |= {"last": draw(st.integers(0, 27)), "change_class": draw(CLASSES)}
    return given


PEOPLE = st.lists(a_member(), max_size=80).map(lambda all_: [member(place, **one) for place, one in enumerate(all_)])

"""Until when does the payer take a replacement or a void of what it answered?

The window is the terms' of the day of service, and runs from the day of the payer's answer to the very claim that is to
be corrected (Medi-Cal: six months from payment or denial; that an answer to a replacement begins it anew is our
convention, unverified). A claim of several days goes by the one whose window ends first. Afterwards only a person can
know of a reason that the payer takes, and releases one of the claim's days for it.
"""

from __future__ import annotations

from collections.abc import Iterable

from projections.billing.documents import Claim, Patient
from projections.billing.lines import CorrectBy
from projections.billing.references import Reference
from projections.billing.rules.payer import in_force
from projections.billing.times import end_of_day, plus_days, plus_months

HOLD = "correction_window_over"


def correct_by(claim: Claim, day: str, patient: Patient, reference: Reference) -> CorrectBy | None:
    """By one of its days, with who released that; None where its payer sets no window, or no answer stands."""
    _, _, version = in_force(reference, claim.payer_id, day)
    program, episode = reference.programs.get(claim.program_id), patient.episodes.get(claim.enrollment_id)
    if claim.adjudicated_on is None or version is None or program is None or episode is None:
        return None
    days, months = version.terms.correction_window_days, version.terms.correction_window_months
    if months is not None:
        name, on = "correction_window_months", plus_months(claim.adjudicated_on, months)
    elif days is not None:
        name, on = "correction_window_days", plus_days(claim.adjudicated_on, days)
    else:
        return None
    released = next((one for one in episode.releases if (one.hold, one.on) == (HOLD, day)), None)
    return CorrectBy(
        on, end_of_day(program.time_zone, on), name if name in version.unverified else None,
        *((released.released_by, released.cause) if released else ()),
    )


def of_days(found: Iterable[CorrectBy | None]) -> CorrectBy | None:
    """A claim's by those of its days: what ends first, and whoever released one of them."""
    known = [one for one in found if one is not None]
    if not known:
        return None
    first = min(known, key=lambda one: one.on)
    by = next((one for one in known if one.released_by is not None), first)
    return CorrectBy(first.on, first.over_at, first.unverified, by.released_by, by.released_because)

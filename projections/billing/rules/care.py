"""Was the patient in care that day, at which level, and are the physician's and the plan's papers in order?

The day of a level change belongs to the new level; the day of discharge still belongs to the episode. A first
certification covers the days since admission, a later one the days from its own date; each lasts for the payer's
interval at most (recertification: 42 CFR 424.24). A first one that comes later than that after the day is a warning,
which is our convention, unverified.
"""

from __future__ import annotations

from aggregates.days import covers, days_between
from projections.billing.day import Case, Outcome
from projections.billing.documents import Dated
from projections.billing.references import Reference
from projections.billing.times import plus_days

BEFORE_ADMISSION = frozenset({"intake", "crisis"})
Partial = tuple[str, str]
"""A day of partial hospitalization, and its episode."""


def find(case: Case) -> None:
    """The episode, its program, and the level and focus of the day."""
    episode = case.patient.episodes.get(case.enrollment_id)
    case.program_id = next((visit.program_id for _, visit in case.visits if visit.program_id), "")
    if episode is not None:
        case.episode, case.program_id = episode, episode.program_id
    case.program = case.reference.programs.get(case.program_id, case.program)
    case.focus = case.episode.focus or case.program.focus or None
    level = latest(case.episode.levels, case.date)
    case.level = level.value if level else None


def ask(case: Case) -> None:
    """Admission, discharge, leave."""
    episode = case.episode
    if case.level is None:
        kinds = {visit.kind for _, visit in case.visits if visit.status in {"present", "open"}}
        outcome: Outcome = "not_billable" if kinds <= BEFORE_ADMISSION else "held"
        case.say("admission", outcome, "no_admission", episode.positions)
    else:
        entry = latest(episode.levels, case.date)
        case.say("admission", positions=entry.positions if entry else (), level=case.level)
    if episode.discharged_on is not None and case.date > episode.discharged_on:
        position = [episode.discharge_position or 0]
        case.say("discharge", "held", "after_discharge", position, discharged_on=episode.discharged_on)
    for leave in episode.leaves.values():
        if leave.on <= case.date and (not leave.value or case.date < leave.value):
            case.say("leave", "held", "on_leave", leave.positions, since=leave.on)


def ask_papers(case: Case, weeks_in_care: int) -> None:
    """Certification, plan review and duration, each only where the payer's terms ask for it.

    Weeks in care are the calendar weeks in which something was given, up to the day's own: how payers count them is not
    confirmed, so that this is a convention of ours, unverified.
    """
    if case.term("certification_days") is not None:
        _certification(case, case.terms.certification_days or 0)
    if case.term("plan_review_days") is not None:
        _plan_review(case, case.terms.plan_review_days or 0)
    cap = case.term("duration_cap_weeks")
    if cap is not None:
        rationale = latest(case.episode.rationales, case.date)
        if weeks_in_care <= cap or rationale is not None:
            case.say("duration", positions=rationale.positions if rationale else (), weeks=weeks_in_care, cap=cap)
        else:
            case.say("duration", "held", "duration_rationale_missing", weeks=weeks_in_care, cap=cap)


def ask_step_down(case: Case, last_partial: Partial | None) -> None:
    """Was there partial hospitalization so shortly before that the payer returns the claim for this day?

    Medicare's contractors do where such a day lies within seven days before an intensive outpatient claim begins, of
    the same patient and provider. `last_partial` is the last day of that level up to this one that was delivered in
    any program of the house under the day's payer: programs of one house mostly bill as one provider, and a warning
    too many costs a look. Whether that day is on a claim is not asked.
    """
    look_back = case.term("partial_hospitalization_look_back_days")
    if look_back is None or case.level != "intensive_outpatient":
        return
    last, enrollment_id = last_partial or ("", "")
    days = days_between(last, case.date) if last else 0
    if not last or days > look_back:
        case.say("look_back", look_back=look_back)
    else:
        _, about = case.told_of(enrollment_id, (), last_partial=last, days=days)
        case.say("look_back", "warning", "partial_hospitalization_before", about=about, look_back=look_back)


def accepted(certifications: list[Dated], titles: tuple[str, ...], reference: Reference) -> list[Dated]:
    """Those by somebody who held one of the payer's credentials on that day, as it is known now; all without titles."""
    found = []
    for entry in certifications:
        clinician = reference.clinicians.get(entry.value)
        periods = clinician.credentials.values() if clinician else ()
        if not titles or any(one.value in titles and covers(one.on, one.through, entry.on) for one in periods):
            found.append(entry)
    return found


def lasts_through(entry: Dated, days: int) -> str:
    """The last day of a certification, or the day of the next review: as it says, or by the payer's interval."""
    return min(entry.through or "", plus_days(entry.on, days))


def latest(entries: list[Dated], day: str) -> Dated | None:
    """The last entry from this day or earlier; entries are in the order of their first days."""
    found = None
    for entry in entries:
        if entry.on > day:
            break
        found = entry
    return found


def _certification(case: Case, days: int) -> None:
    through, newest = "", None
    titles = case.term("certified_by")
    for number, entry in enumerate(accepted(case.episode.certifications, titles, case.reference)):
        if number and entry.on > case.date:
            break
        newest, through = entry, lasts_through(entry, days)
    given = latest(case.episode.certifications, case.date)
    if newest is None and given is not None:
        case.say("certification", "held", "certifier_not_accepted", given.positions, titles=", ".join(titles))
    elif newest is None:
        case.say("certification", "held", "certification_missing", case.episode.admission_positions)
    elif case.date > through:
        case.say("certification", "held", "certification_expired", newest.positions, through=through)
    else:
        later = {"certified_on": newest.on} if newest.on > case.date else {}
        late = days_between(case.date, newest.on) if later else 0
        if late > days:
            about = later | {"days_after": late, "interval": days}
            case.say("certification", "warning", "certification_missing", newest.positions, about=about)
        else:
            case.say("certification", positions=newest.positions, about=later, through=through)


def _plan_review(case: Case, days: int) -> None:
    review = latest(case.episode.reviews, case.date)
    if review is None:
        case.say("plan_review", "held", "plan_missing")
        return
    due_on = lasts_through(review, days)
    if case.date > due_on:
        case.say("plan_review", "held", "plan_review_overdue", review.positions, due_on=due_on)
    else:
        case.say("plan_review", positions=review.positions, due_on=due_on)

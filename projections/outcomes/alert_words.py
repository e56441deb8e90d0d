"""Why somebody is on the list: a sentence with its numbers."""

from __future__ import annotations

from collections.abc import Sequence

from aggregates.assessment.instruments import TOTAL, instrument
from projections.outcomes.alert_views import AlertView
from projections.outcomes.documents import Withdrawal
from projections.outcomes.rows import Measure


def safety_item(instrument: str, on: str, answer: int) -> str:
    """An answer to the safety item."""
    return f"{_label(instrument)} of {on}: the safety item was answered with {answer}."


def safety_item_implied(instrument: str, on: str, score: int, least: int) -> str:
    """A score that cannot be reached without the safety item."""
    return (
        f"{_label(instrument)} of {on}: the score of {score} leaves no answer to the safety item below {least}."
    )


def screened(instrument: str, on: str, level: str) -> str:
    """A level of a triage."""
    return f"{_label(instrument)} of {on}: the triage is {level}."


def withdrawn(why: str, back: Withdrawal | None) -> str:
    """The same of answers that somebody took back; who, is told beside it."""
    if back is None:
        return why
    what = "The measure was voided since" if back.how == "voided" else "That was corrected since"
    return f"{why} {what}, which is no judgment of the risk."


def deteriorated(measure: Measure) -> str:
    """A reliable deterioration."""
    return (
        f"{_called(measure)} {measure.score} on {measure.administered_on} after a baseline of {measure.baseline_score}:"
        f" {_points(abs(measure.change or 0))} worse, and from {measure.reliable_change} on it is more than chance."
    )


def no_measure(
    last: tuple[str, int, str] | None, admitted_on: str, cleared_on: str | None, days: int, away: bool
) -> str:
    """Nothing was measured for so many days."""
    measured = (
        f"The last measure is the {_label(last[2])} of {last[0]}" if last
        else f"Nothing was measured since the admission on {admitted_on}"
    )
    counted = f", counted from {cleared_on}, when this was cleared last" if cleared_on else ""
    return f"{measured}; one is wanted every {days} days{', leave aside' if away else ''}{counted}."


def no_change(admitted_on: str, end: str, days: int, half: str, latest: Sequence[Measure]) -> str:
    """Half of the stay is over without a reliable improvement."""
    shown = "; ".join(
        f"{_called(one)} {one.score} after {one.baseline_score}, {one.change_class}, where "
        f"{one.reliable_change} points are more than chance"
        for one in sorted(latest, key=lambda one: (one.instrument, one.instrument_version, one.scale))
    )
    return f"Half of the {days} days planned from {admitted_on} to {end} was over on {half}: {shown}."


def follow_up(day: int, discharged_on: str, opens: str, closes: str) -> str:
    """A follow-up after the discharge is due."""
    return f"The follow-up {day} days after the discharge on {discharged_on} is due: from {opens} through {closes}."


def gone(kind: str, since: str) -> str:
    """What an alert was about that was cleared and would not arise today."""
    told = {
        "no_measure": "A measure was missing from {} on.", "follow_up": "A follow-up was due on {}.",
        "no_change": "No reliable improvement by {}, half of the stay.",
    }  # fmt: skip
    return told.get(kind, "Raised as of {}.").format(since)


def parked(known_at: str) -> str:
    """A record that cannot be followed; beyond which fact is not told, for it may be another program's."""
    return (
        f"The record cannot be followed to its end: nothing newer than what was recorded by {known_at[:16]}Z is known "
        "here, whatever was measured or done since."
    )


def reason(alert: AlertView) -> str:
    """Why somebody is on the list, who took that back, and that the patient has left; of a follow-up that goes without
    saying."""
    said = [alert.why]
    if alert.withdrawn is not None:
        said.append(f"It was {alert.withdrawn} by {alert.withdrawn_by}.")
    if alert.left_on is not None and alert.kind != "follow_up":
        said.append(f"The patient left on {alert.left_on}.")
    return " ".join(said)


def done(alert: AlertView) -> str:
    """What was done about an alert so far, in a few words."""
    said: list[str] = [alert.standing] if alert.standing != "open" else []
    if alert.judged:
        said.append(f"risk {alert.risk_level}")
    if alert.safety_plan_on is not None and alert.safety_plan_on >= alert.since:
        said.append("safety plan")
    if alert.follow_ups:
        said.append(f"{'reached' if alert.reached else 'not reached'} ({alert.follow_ups})")
    return ", ".join(said) or "nothing yet"


def _called(measure: Measure) -> str:
    scale = "" if measure.scale in {TOTAL, "triage"} else f", {measure.scale},"
    return f"{_label(measure.instrument)}{scale}"


def _label(code: str) -> str:
    kind = instrument(code)
    return kind.label if kind else code


def _points(number: int) -> str:
    return f"{number} point{'' if number == 1 else 's'}"

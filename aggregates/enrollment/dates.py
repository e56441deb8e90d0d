"""Whether a day may still be recorded in an episode: begun, not before the referral, not after the discharge."""

from __future__ import annotations

from aggregates.decision import not_in_the_future
from aggregates.enrollment.refusals import AfterDischarge, BeforeAdmission, BeforeReferral, NotAdmitted
from aggregates.enrollment.state import Episode
from aggregates.kit import Act


def must_have_begun(state: Episode, act: Act, day: str) -> None:
    """A day that has come, of an episode that had begun. Raises DateInTheFuture or BeforeReferral."""
    not_in_the_future(act, day)
    if state.referred_on and day < state.referred_on:
        raise BeforeReferral(on=day, referred_on=state.referred_on)


def must_be_inside(state: Episode, act: Act, day: str) -> None:
    """Late entries of days inside the episode pass, also after the discharge.

    Raises DateInTheFuture, BeforeReferral or AfterDischarge.
    """
    must_have_begun(state, act, day)
    if state.discharged_on and day > state.discharged_on:
        raise AfterDischarge(on=day, discharged_on=state.discharged_on)


def must_be_in_care(state: Episode, act: Act, day: str) -> None:
    """As `must_be_inside`, and from the admission on. Raises NotAdmitted or BeforeAdmission too."""
    if state.admitted_on is None:
        raise NotAdmitted
    must_be_inside(state, act, day)
    if day < state.admitted_on:
        raise BeforeAdmission(on=day, admitted_on=state.admitted_on)

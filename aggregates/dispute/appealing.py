"""Contesting a decision level by level: opened, filed, answered, and on to the next level or over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.decision import made, not_in_the_future, only
from aggregates.dispute import commands as ask
from aggregates.dispute import refusals as no
from aggregates.dispute.clocks import due, least_amount
from aggregates.dispute.facts import AppealFiled, DisputeOpened, DisputeResolved
from aggregates.dispute.matter import clock_of, must_be_of_the_matter, must_be_their_claims, sealed
from aggregates.dispute.state import Dispute
from aggregates.dispute.telling import disclosure_of, must_be_disclosable
from aggregates.dispute.tracks import LEVELS, Level, Track, level_after, place_of
from aggregates.kit import Act, Claim, Release, Seen

Outcomes = tuple[Any, ...]
AT_LEVEL = "dispute_level"


def contest(
    state: Dispute, command: ask.OpenDispute | ask.FileAppeal | ask.ResolveDispute, act: Act, seen: Mapping[str, Seen]
) -> Outcomes:
    """The outcomes of a command about levels, or a refusal."""
    match command:
        case ask.OpenDispute():
            return _open(state, command, act, seen)
        case ask.FileAppeal():
            return _file(state, command, act, seen)
        case ask.ResolveDispute():
            return _resolve(state, command, act, seen)


def _open(state: Dispute, command: ask.OpenDispute, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """At the first level, or at a later one for a named cause."""
    must_be_of_the_matter(state, command)
    must_be_their_claims(command, seen)
    place = _place(command.track, command.level)
    _must_have_come(command, act)
    received = command.received_on or command.notice_on or ""
    deadline = due(
        clock_of(command, command.level, received, seen), received_on=command.received_on,
        notice_on=command.notice_on, stated_on=command.stated_due_on,
    )  # fmt: skip
    fact = made(
        DisputeOpened, command, deadline=deadline, due_on=deadline.due_on if deadline else None, opened_by=act.by,
        sealed=sealed(command),
    )
    if state.opened is not None:
        return only(state.opened, fact, no.AlreadyOpened())
    _must_not_skip(command.track, place, None, command.skipped_cause, command.level)
    return fact, *_held(command.claims, command.level)


def _file(state: Dispute, command: ask.FileAppeal, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """At the level that the dispute stands at, or at a later one after its answer or for a named cause."""
    opened, level = _contested(state)
    earlier = next((one for one in state.appeals if one.appeal_id == command.appeal_id), None)
    if earlier is None:
        _must_be_next(state, opened.track, level, command)
    not_in_the_future(act, command.filed_on)
    decided = _decided_on(state, opened)
    if decided is not None and command.filed_on < decided:
        raise no.FiledBeforeDecision(on=command.filed_on, decided_on=decided)
    least = least_amount(opened.track, command.level, command.filed_on)
    if command.amount_cents < least and command.small_amount_cause is None:
        raise no.TooSmallInControversy(level=command.level, least_cents=least, amount_cents=command.amount_cents)
    if command.packet_id is not None and not any(one.packet_id == command.packet_id for one in state.packets):
        raise no.UnknownPacket(packet_id=command.packet_id)
    disclosure_id = disclosure_of(state, command.disclosure_id, command.packet_id)
    must_be_disclosable(state, opened.claims, command.filed_on, disclosure_id, act, seen)
    due_on = earlier.due_on if earlier else state.due_on
    fact = made(
        AppealFiled, command, disclosure_id=disclosure_id, due_on=due_on,
        late=due_on is not None and command.filed_on > due_on, filed_by=act.by, sealed=sealed(command),
    )
    if earlier is not None:
        return only(earlier, fact, no.AppealToldOtherwise(appeal_id=command.appeal_id))
    return fact, *_moved(state, opened.claims, level, command.level)


def _resolve(state: Dispute, command: ask.ResolveDispute, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """The answer at the level, or the end. It opens the clock of the next level, unless all was won or nobody goes
    on."""
    opened, level = _contested(state)
    if command.level != level:
        raise no.OtherLevel(level=level)
    _must_add_up(command)
    _must_have_come(command, act, needed=False)
    not_in_the_future(act, command.decided_on)
    decided = _decided_on(state, opened, before=command.level)
    if decided is not None and command.decided_on < decided:
        raise no.FiledBeforeDecision(on=command.decided_on, decided_on=decided)
    fact = made(
        DisputeResolved, command, resolved_by=act.by, sealed=sealed(command), **_next(opened, level, command, seen)
    )
    if state.answer is not None:
        return only(state.answer, fact, no.AlreadyAnswered(level=level, decided_on=state.answer.decided_on))
    return fact, *(Release(AT_LEVEL, _key(one, level)) for one in opened.claims)


def _next(opened: DisputeOpened, level: Level, command: ask.ResolveDispute, seen: Mapping[str, Seen]) -> dict[str, Any]:
    ended = command.final or command.outcome in {"overturned", "withdrawn"}
    following = None if ended else level_after(opened.track, level)
    if following is None:
        return {}
    received = command.received_on or command.notice_on or command.decided_on
    deadline = due(
        clock_of(opened, following, received, seen), received_on=command.received_on,
        notice_on=command.notice_on or command.decided_on, stated_on=command.stated_next_due_on,
    )  # fmt: skip
    return {
        "next_level": following, "next_deadline": deadline, "next_due_on": deadline.due_on if deadline else None,
    }  # fmt: skip


def _contested(state: Dispute) -> tuple[DisputeOpened, Level]:
    if state.opened is None or state.level is None:
        raise no.NothingContested
    return state.opened, state.level


def _must_be_next(state: Dispute, track: Track, level: Level, command: ask.FileAppeal) -> None:
    """Raises DisputeIsOver, LevelIsOver, AlreadyFiled or LevelSkipped."""
    answer, place, now = state.answer, _place(track, command.level), place_of(track, level) or 0
    if answer is not None and state.over:
        raise no.DisputeIsOver(decided_on=answer.decided_on)
    if place < now or (place == now and answer is not None):
        raise no.LevelIsOver(level=command.level)
    filed = next((one for one in reversed(state.appeals) if one.level == command.level), None)
    if filed is not None:
        raise no.AlreadyFiled(level=command.level, filed_on=filed.filed_on)
    if place > now:
        _must_not_skip(track, place, now if answer is not None else now - 1, command.skipped_cause, command.level)


def _must_not_skip(track: Track, place: int, answered: int | None, cause: str | None, level: Level) -> None:
    """Every level before it is answered, or a cause says why not. Raises LevelSkipped."""
    first = 0 if answered is None else answered + 1
    if first < place and cause is None:
        raise no.LevelSkipped(level=level, before=LEVELS[track][place - 1])


def _place(track: Track, level: Level) -> int:
    place = place_of(track, level)
    if place is None:
        raise no.LevelOfAnotherTrack(level=level, track=track, levels=", ".join(LEVELS[track]))
    return place


def _must_have_come(command: ask.OpenDispute | ask.ResolveDispute, act: Act, needed: bool = True) -> None:
    """The notice, and its receipt after it. Raises NeverReceived, NoticeAfterReceipt, DateInTheFuture."""
    received, notice = command.received_on, command.notice_on
    if needed and received is None and notice is None:
        raise no.NeverReceived
    not_in_the_future(act, *filter(None, (received, notice)))
    if received is not None and notice is not None and received < notice:
        raise no.NoticeAfterReceipt(received_on=received, notice_on=notice)


def _must_add_up(command: ask.ResolveDispute) -> None:
    """Raises AmountsContradict."""
    upheld, overturned = command.upheld_cents > 0, command.overturned_cents > 0
    fits = {
        "upheld": not overturned, "overturned": not upheld, "partly_overturned": upheld and overturned,
        "dismissed": not overturned, "withdrawn": not overturned,
    }
    if not fits[command.outcome]:
        raise no.AmountsContradict(
            outcome=command.outcome, upheld_cents=command.upheld_cents, overturned_cents=command.overturned_cents
        )


def _decided_on(state: Dispute, opened: DisputeOpened, before: Level | None = None) -> str | None:
    """The day of the decision that is contested; `before`: of the one before the answer at this level."""
    answers = [one for one in state.resolutions if one.level != before]
    return answers[-1].decided_on if answers else opened.notice_on or opened.received_on


def _moved(state: Dispute, claims: tuple[str, ...], level: Level, new: Level) -> Outcomes:
    """The claims are held at the new level; at the old one no longer, where no answer has freed them."""
    if level == new:
        return ()
    kept = () if state.answer is not None else tuple(Release(AT_LEVEL, _key(one, level)) for one in claims)
    return *kept, *_held(claims, new)


def _held(claims: tuple[str, ...], level: Level) -> Outcomes:
    return tuple(Claim(AT_LEVEL, _key(one, level), held=no.AlreadyDisputed) for one in claims)


def _key(claim_id: str, level: Level) -> str:
    return f"{claim_id}:{level}"


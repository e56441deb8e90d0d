"""What an author sees before signing, however a document was written: clones, names, goals that no plan has."""

from __future__ import annotations

from typing import Any

from tests.api.clinic import GROUP, at, draft, on
from tests.api.house import PROGRAM, House, an_id
from tests.api.test_documentation import TOLD, closed, documented, part, sections

TIMES = (("09:00", "10:00"), ("10:10", "11:10"), ("11:20", "12:20"))
GROUPS = (GROUP, an_id("group", 2), an_id("group", 3))


def session_of(house: House, days: int, place: int) -> str:
    """One of the three sessions of a day, each of a group of its own, over and with its roster taken."""
    session, (start, stop) = an_id(f"day{days}", place), TIMES[place]
    house.done("front_desk", "/sessions", {
        "session_id": session, "program_id": PROGRAM, "group_id": GROUPS[place], "service_kind": "group",
        "level_of_care": "intensive_outpatient", "topic": "coping-skills", "service_date": on(days),
        "starts_at": at(start, days), "ends_at": at(stop, days), "place_of_service": "53",
        "facilitators": [an_id("clinician")], "expected": [{
            "patient_id": an_id("patient"), "enrollment_id": an_id("enrollment"),
            "attendance_id": an_id(f"attendance{days}", place),
        }],
    })  # fmt: skip
    return session


def one_by_one(house: House, session: str, number: int, kind: str = "group", **more: Any) -> str:
    """A document of a closed session, drafted by itself; answers its id."""
    note = an_id(f"alone-{kind}", number)
    body = {"note_id": note, "kind": kind, "program_id": PROGRAM, "session_id": session, "service_date": on(),
            "service_ended_at": at("10:30"), **more}
    house.done("clinician", "/notes", body)
    return note


def test_yesterdays_note_of_the_same_group_is_found_in_a_day_of_three_groups(own_house: House) -> None:
    """Behind the two groups that came after it, and today's own."""
    for group in GROUPS[1:]:
        own_house.done("director", "/groups", {
            "group_id": group, "program_id": PROGRAM, "topic": "coping-skills", "capacity": 12, "formed_on": on(-10),
        })  # fmt: skip
    copied = sections(0)
    first = ""
    for days in (-3, -2, -1):
        for place in range(3):
            number = 3 * -days + place
            said = copied if (days, place) == (-2, 0) else sections(number)
            answer = documented(own_house, session_of(own_house, days, place), part(1, sections=said))
            first = answer["documents"][1]["note_id"] if said is copied else first
    answer = documented(own_house, session_of(own_house, 0, 0), part(1, sections=copied))
    [clone] = [one for one in answer["documents"][1]["likenesses"] if one["score"] == 100]
    assert clone["other_id"] == first


def test_what_was_drafted_one_by_one_is_looked_over_when_it_is_shown(own_house: House) -> None:
    """The same note for two members, and for one patient twice; each is told of when it is to be signed."""
    session = closed(own_house, 761, range(1, 4))
    shared = one_by_one(own_house, session, 1, "group_narrative", content={"sections": sections(8)})
    about = {"narrative_id": shared, "content": {"sections": sections(1)}, "goals": ["goal-1"]}
    mine, theirs = (one_by_one(own_house, session, one, patient_id=an_id("patient", one), **about) for one in (1, 2))
    [shown] = own_house.shown("clinician", ("note.sign", {"note_id": theirs}))["signatures"]
    assert [(one["other_id"], one["score"]) for one in shown["look"]["likenesses"]] == [(mine, 100)]
    assert shown["look"]["unready"] == []
    words = " ".join(one["words"] for one in sections(2))
    before, again = draft(own_house, 762, patient=5, words=words), draft(own_house, 763, patient=5, words=words)
    [shown] = own_house.shown("clinician", ("note.sign", {"note_id": again}))["signatures"]
    assert [one["other_id"] for one in shown["look"]["likenesses"]] == [before]
    lacking = one_by_one(own_house, session, 3, "individual", patient_id=an_id("patient"),
                         content={"sections": sections(2)[:1]})  # fmt: skip
    [shown] = own_house.shown("clinician", ("note.sign", {"note_id": lacking}))["signatures"]
    assert shown["refused"]["type"].endswith("not-ready") and "interventions" in shown["refused"]["detail"]


def test_an_earlier_note_is_held_against_as_it_stands_now_and_not_at_all_once_it_was_struck(house: House) -> None:
    """Of three with the same words one was written anew and one was struck."""
    words = " ".join(one["words"] for one in sections(4))
    revised, struck, copied, again = (draft(house, 950 + one, patient=5, words=words) for one in range(4))
    other = {"content": {"sections": [{"name": "data", "words": " ".join(one["words"] for one in sections(1))}]}}
    house.done("clinician", f"/notes/{revised}/revise", other, If_Match='"1"')
    house.signed("clinician", ("note.enter_in_error", {"note_id": struck, "cause": "duplicate", "words": "Twice."}))
    [shown] = house.shown("clinician", ("note.sign", {"note_id": again}))["signatures"]
    assert {one["other_id"] for one in shown["look"]["likenesses"]} & {revised, struck, copied} == {copied}


def test_another_member_who_may_be_meant_is_shown_beside_what_is_signed(own_house: House) -> None:
    """By a single name, in a document that was drafted by itself."""
    session = closed(own_house, 764, range(1, 4))
    name = own_house.found("clinician", f"/patients/{an_id('patient', 2)}/identity")["identity"]["family_name"]
    told = {"sections": sections(1, response=f"Agreed with what {name} had said.")}
    note = one_by_one(own_house, session, 3, "individual", patient_id=an_id("patient"), content=told)
    signing = {"note_id": note, "incomplete_cause": "short"}
    [shown] = own_house.shown("clinician", ("note.sign", signing))["signatures"]
    assert [one["patient_id"] for one in shown["look"]["exposures"]] == [an_id("patient", 2)]
    own_house.signed("clinician", ("note.sign", signing))
    added = {"amendment_id": an_id("amendment", 764), "kind": "addendum", "cause": "more",
             "content": {"sections": [{"name": "note", "words": "More."}]}}
    [amending] = own_house.shown("clinician", ("note.amend", {"note_id": note, **added}))["signatures"]
    assert amending["look"] is None


def test_a_goal_that_the_plan_in_force_has_not_keeps_a_part_from_being_laid_out(own_house: House) -> None:
    """Held to the plan of the day of service; without one there is nothing to hold it to. Paper says so too."""
    own_house.done("clinician", f"/enrollments/{an_id('enrollment')}/adopt-plan", {
        "plan_id": an_id("plan"), "adopted_on": on(-5), "weekly_days": 3, "weekly_minutes": 540, "planned_weeks": 6,
        "review_due_on": on(20), "goals": ["goal-1"],
    })  # fmt: skip
    session = closed(own_house, 765, range(1, 4))
    answer = documented(
        own_house, session, part(1, goals=["goal-1", "goal-2"]), part(2, goals=["no-such-goal"]),
    )
    assert [[(one["section"], one["why"]) for one in told["unready"]] for told in answer["documents"]] == [
        [], [("progress", "unknown_goal")], [],
    ]
    [skipped] = answer["skipped"]
    [alone] = own_house.shown("clinician", ("note.sign", {"note_id": skipped["note_id"]}))["signatures"]
    assert alone["refused"]["type"].endswith(":not-ready") and "progress" in alone["refused"]["detail"]
    paper = own_house.get("clinician", f"/notes/{skipped['note_id']}/print").text
    assert "not in the plan of care that was in force on that day" in paper


GOAL = (
    "Will use at least two written coping skills on each day that feels hard, will name one of them to the group, and"
    " will rate the urge to drink before and after, for four weeks in a row."
)


def test_a_goal_that_two_quote_makes_them_no_copies_of_each_other(own_house: House) -> None:
    """Nor of what was written apart, or on another day: the words of a plan's goals count for nothing, others do."""
    for number in (1, 2, 3):
        own_house.done("clinician", f"/enrollments/{an_id('enrollment', number)}/adopt-plan", {
            "plan_id": an_id("plan", number), "adopted_on": on(-5), "weekly_days": 3, "weekly_minutes": 540,
            "planned_weeks": 6, "review_due_on": on(20), "goals": ["goal-1"],
            "words": [{"goal": "goal-1", "words": GOAL}],
        })  # fmt: skip
    before = draft(own_house, 772, words=f"{GOAL} {' '.join(one['words'] for one in sections(8))}")
    session = closed(own_house, 771, range(1, 4))
    said = [part(one, sections=sections(one, progress=f"Goal: {GOAL} {TOLD[one + 8]}")) for one in (1, 2, 3)]
    told = documented(own_house, session, *said[:2])["documents"]
    assert [one["likenesses"] for one in told] == [[], [], []]
    alone = documented(own_house, session, said[2])["documents"]
    assert [one["likenesses"] for one in alone] == [[], []]
    signing = {"incomplete_cause": "short"}
    [shown] = own_house.shown("clinician", ("note.sign", {"note_id": before, **signing}))["signatures"]
    assert shown["look"]["likenesses"] == []
    own = {"content": {"sections": [{"name": "progress", "words": f"{GOAL} Slept badly, and came all the same."}]}}
    first, copied = (draft(own_house, 773 + one, patient=3, kind="daily", **own) for one in (0, 1))
    [shown] = own_house.shown("clinician", ("note.sign", {"note_id": copied, **signing}))["signatures"]
    assert [(one["other_id"], one["score"]) for one in shown["look"]["likenesses"]] == [(first, 100)]


def test_a_note_of_the_whole_day_is_held_against_those_of_other_days(own_house: House) -> None:
    """A copied one is found; the same words in a note of another kind are that kind's own business."""
    words = {"content": {"sections": sections(3)}}
    first, again = (draft(own_house, 780 + one, patient=4, kind="daily", **words) for one in (0, 1))
    draft(own_house, 782, patient=4, kind="nursing", **words)
    signing = {"note_id": again, "incomplete_cause": "short"}
    [shown] = own_house.shown("clinician", ("note.sign", signing))["signatures"]
    assert [(one["other_id"], one["score"]) for one in shown["look"]["likenesses"]] == [(first, 100)]


def test_a_note_of_no_session_is_held_against_whom_the_patient_met_that_day(own_house: House) -> None:
    """A full name is refused unless a cause speaks for it, a single one is shown before signing; whom the patient met
    on another day is nobody to this note."""
    closed(own_house, 785, range(1, 3))
    theirs = own_house.found("clinician", f"/patients/{an_id('patient', 2)}/identity")["identity"]
    full = f"{theirs['given_name']} {theirs['family_name']}"

    def daily(number: int, words: str, day: int = 0, **more: Any) -> Any:
        return own_house.post("clinician", "/notes", {
            "note_id": an_id("note", number), "kind": "daily", "program_id": PROGRAM, "service_date": on(day),
            "service_ended_at": at("10:30", day), "patient_id": an_id("patient"), "goals": ["goal-1"],
            "content": {"sections": sections(1, response=words)}, **more,
        })  # fmt: skip

    refused = daily(786, f"Sat beside {full}.")
    assert refused.status_code == 409 and refused.json()["type"].endswith(":identity-of-another")
    assert theirs["family_name"] not in refused.text
    assert daily(786, f"Sat beside {full}.", identity_override="sibling").status_code == 201
    assert daily(787, f"Sat beside {full}.", day=-1).status_code == 201
    assert daily(788, f"Sat beside {theirs['family_name']}.").status_code == 201
    signing = {"note_id": an_id("note", 788), "incomplete_cause": "short"}
    [shown] = own_house.shown("clinician", ("note.sign", signing))["signatures"]
    assert [(one["patient_id"], one["severity"]) for one in shown["look"]["exposures"]] == [
        (an_id("patient", 2), "warning"),
    ]
    again = {"content": {"sections": sections(1, response=f"Sat beside {full}.")}}
    revised = own_house.post("clinician", f"/notes/{an_id('note', 788)}/revise", again, If_Match='"1"')
    assert revised.status_code == 409 and revised.json()["type"].endswith(":identity-of-another")

"""What a document shows, from the facts it rests on."""

from __future__ import annotations

from dataclasses import replace

from aggregates.note.facts import (
    NoteEnteredInError,
    NoteReturned,
    PatientRefused,
    PatientSigned,
    RefusalWords,
    ReturnWords,
    SignatureAttested,
)
from aggregates.note.figures import figures_of
from aggregates.session.facts import Interval
from projections.chart.differences import differences
from projections.chart.rendition import rendition
from projections.chart.sheets import sheet
from projections.chart.shown import Rendition
from projections.chart.words import clock
from tests.aggregates.documents import ABOUT, revision
from tests.aggregates.vectors import VECTORS, clinicians, facts_of
from tests.projections.chart.charted import (
    AUTHOR,
    DAY,
    NARRATIVE,
    NOTE,
    SIGNED,
    STOP,
    SUPERVISOR,
    also_signed,
    amended,
    content,
    cosigned,
    narrative_drafted,
    part_drafted,
    payer,
    shown,
    signed,
    sources,
)


def texts(found: Rendition, kind: str) -> list[str]:
    """The blocks of a kind, each in one text."""
    return ["\n".join((one.title, one.mark or "", *one.lines)) for one in sheet(found).blocks if one.kind == kind]


def test_what_the_session_knows_is_taken_from_it() -> None:
    """Times, minutes of this patient, head-count and facilitators are the session's; the goal is the plan's."""
    part, narrative = part_drafted(), narrative_drafted()
    rows = dict(sheet(shown([part, signed(part.content_digest)], [narrative])).rows)
    assert rows["Program"] == "Harbor IOP (iop-1)"
    assert rows["Service"] == "Group: Early signs"
    assert rows["Session"] == "2026-03-02 09:00 EST to 2026-03-02 10:30 EST"
    assert rows["Patient present"] == "2026-03-02 09:15 EST to 2026-03-02 10:30 EST; 65 minutes without breaks"
    assert rows["Participants"] == "3, of all payers"
    assert rows["Facilitators"] == "Miriam Hale, LCSW; Ines Okoye, PsyD"
    assert rows["Goal goal-1"] == "Sleep through"


def test_what_was_corrected_of_the_session_stands_beside_what_was_signed() -> None:
    """In the rows, as a notice, and under the signature; of a narrative apart; nothing of what is as it was signed, nor
    of a signature that was made before any of it was recorded."""
    part, shared = part_drafted(), narrative_drafted()
    now = sources([part])
    figures = figures_of(part, now.session.state if now.session else None)
    group = figures_of(shared, now.session.state if now.session else None)
    assert figures is not None and group is not None and (figures.head_count, figures.minutes) == (3, 65)
    late = Interval(start=f"{DAY}T14:30:00.000000Z", stop=STOP)
    then = replace(figures, head_count=4, minutes=50, intervals=(late,))
    narrative = [shared, signed(shared.content_digest, session=replace(group, stop=f"{DAY}T15:45:00.000000Z"))]
    found = shown([part, signed(part.content_digest, session=then)], narrative)
    rows = dict(sheet(found).rows)
    assert rows["Session"] == "2026-03-02 09:00 EST to 2026-03-02 10:30 EST"
    assert rows["Participants, as signed"] == "4, of all payers"
    assert rows["Participants, corrected since"] == "3, of all payers"
    assert rows["Patient present, as signed"].startswith("2026-03-02 09:30 EST to 2026-03-02 10:30 EST; 50 minutes")
    assert rows["Patient present, corrected since"].startswith("2026-03-02 09:15 EST")
    own, of_narrative = [one for one in texts(found, "notice") if "corrected after" in one]
    assert "Participants: signed as 4, of all payers; now 3, of all payers." in own
    assert "shared narrative" in of_narrative and "10:45 EST" in of_narrative and "Participants" not in of_narrative
    under, last = texts(found, "signature")
    assert "session: 2026-03-02 09:00 EST to 2026-03-02 10:45 EST" in under
    assert "said otherwise than now: patient present: " in last and "participants: 4, of all payers." in last

    again = SignatureAttested(
        signer_id=AUTHOR, service_date=DAY, attested_at=SIGNED, content_digest=part.content_digest, session=figures,
    )
    for facts in ([part, signed(part.content_digest, session=figures)], [part, signed(part.content_digest)],
                  [part, signed(part.content_digest, session=then), again]):  # fmt: skip
        found = shown(facts)
        assert "Participants" in dict(sheet(found).rows)
        assert not any("corrected" in one for one in texts(found, "notice"))


def test_a_signature_stands_under_what_it_covers_with_name_credential_time_and_meaning() -> None:
    """21 CFR 11.50: printed name, date and time with their zone, meaning; here with license, worth and lateness."""
    part = part_drafted()
    late = signed(part.content_digest, late_reason="system-down", needs_cosignature=True)
    [author, supervisor] = texts(shown([part, late, cosigned(part.content_digest)]), "signature")
    assert author == (
        "Miriam Hale, LCSW, license NY 078331\n\nAuthorship: wrote this and answers for it.\n"
        "2026-03-02 12:41:07 EST, 2 h 11 min after the end of the service.\n"
        "Told, made elsewhere: nothing of it can be verified here.\n"
        "Late by the signer's word alone; reason: System down."
    )
    assert "Ines Okoye, PsyD" in supervisor and "Review and approval, as supervisor" in supervisor
    assert "26 h 11 min after" in supervisor


def test_who_led_beside_the_author_stands_under_the_same_words() -> None:
    """With a meaning of their own, under what all share in everybody's part; the payer's window is the author's."""
    part, shared, window = part_drafted(), narrative_drafted(), payer(signature_hours=1)
    narrative = [shared, signed(shared.content_digest), also_signed(shared.content_digest, late_reason="holiday")]
    found = shown([part, signed(part.content_digest, shared.content_digest)], narrative, policy=window)
    author, other, own = texts(found, "signature")
    assert [one.splitlines()[0] for one in (author, other, own)] == [
        "Miriam Hale, LCSW, license NY 078331", "Ines Okoye, PsyD, license NY 078331",
        "Miriam Hale, LCSW, license NY 078331",
    ]  # fmt: skip
    assert other.split("\n")[2:] == [
        "Responsibility for the session, as one of those who led it.",
        "2026-03-02 13:41:07 EST, 3 h 11 min after the end of the service.",
        "Told, made elsewhere: nothing of it can be verified here.",
        "Late by the signer's word alone; reason: Holiday.",
    ]  # fmt: skip
    assert "Late: the payer's window" in author


def test_a_signature_after_the_payers_window_is_late_and_says_why_or_that_nothing_was_said() -> None:
    """Twenty-four hours from 10:30 in New York; only the author's is late; an unverified window is called so."""
    part, window = part_drafted(), payer(signature_hours=24)
    due = "2026-03-03T15:30:00.000000Z"
    for at, more, said in (
        (due, {}, None), (due, {"late_reason": "ill"}, "Late by the signer's word alone; reason: Ill."),
        ("2026-03-03T15:30:00.000001Z", {},
         "Late: the payer's window ended at 2026-03-03 10:30 EST; no reason given."),
        ("2026-03-04T15:30:00.000000Z", {"late_reason": "ill"},
         "Late: the payer's window ended at 2026-03-03 10:30 EST; reason: Ill."),
    ):  # fmt: skip
        facts = [part, signed(part.content_digest, signed_at=at, **more), cosigned(part.content_digest)]
        author, supervisor = texts(shown(facts, policy=window), "signature")
        assert [line for line in author.split("\n") if line.startswith("Late")] == ([said] if said else [])
        assert "Late" not in supervisor
    late = [part, signed(part.content_digest, signed_at="2026-03-04T15:30:00.000000Z")]
    guess = payer(signature_hours=24, unverified=("signature_hours",))
    [found] = texts(shown(late, policy=guess), "signature")
    assert "Late: the payer's window, which nobody verified, ended at 2026-03-03 10:30 EST" in found
    attested = [part, SignatureAttested(
        signer_id=AUTHOR, service_date=DAY, attested_at="2026-03-04T15:30:00.000000Z", content_digest=ABOUT,
    )]  # fmt: skip
    assert "no reason given" in texts(shown(attested, policy=window), "signature")[0]
    assert "Late" not in texts(shown(late, policy=payer(signature_hours=None)), "signature")[0]


def test_a_late_narrative_is_late_by_the_payer_of_whose_chart_it_is_printed_in() -> None:
    """Twenty-four hours from 10:30 in New York; under a part whose payer sets no window it is not."""
    part, shared = part_drafted(), narrative_drafted()
    narrative = [shared, signed(shared.content_digest, signed_at="2026-03-03T15:30:00.000001Z")]
    facts = [part, signed(part.content_digest, shared.content_digest)]
    under, own = texts(shown(facts, narrative, policy=payer(signature_hours=24)), "signature")
    assert "Late: the payer's window ended at 2026-03-03 10:30 EST; no reason given." in under and "Late" not in own
    assert "Late" not in texts(shown(facts, narrative, policy=payer(signature_hours=None)), "signature")[0]


def test_of_several_payers_windows_the_earliest_counts() -> None:
    """A narrative by itself is under those of everybody who was there; verified if one that ends then is."""
    part = part_drafted()
    facts = [part, signed(part.content_digest, signed_at="2026-03-03T15:30:00.000001Z")]
    guess = payer(signature_hours=24, unverified=("signature_hours",))
    for policies, said in (
        ((payer(signature_hours=72), payer(signature_hours=24)), "Late: the payer's window ended at"),
        ((payer(signature_hours=72), guess), "Late: the payer's window, which nobody verified, ended at"),
        ((payer(signature_hours=24), guess), "Late: the payer's window ended at"),
        ((payer(signature_hours=72), payer(signature_hours=None)), None),
    ):
        [found] = texts(rendition(replace(sources(facts), policies=policies)), "signature")
        assert f"{said} 2026-03-03 10:30 EST" in found if said else "Late" not in found


def test_more_than_three_days_after_the_end_are_told_in_days() -> None:
    """72 hours are still hours, as payers count them; what came much later is told as people would."""
    part = part_drafted()
    for at, told in (("2026-03-05T15:30", "72 h 00 min after"), ("2026-03-10T16:35", "8 days 1 h 05 min after")):
        facts = [part, signed(part.content_digest, signed_at=f"{at}:00.000000Z")]
        [found] = texts(shown(facts), "signature")
        assert f"EST, {told} the end of the service" in found or f"EDT, {told} the end of the service" in found


def test_time_is_counted_from_the_end_of_the_session_as_it_was() -> None:
    """Not from when it was planned to end, which is what a draft written before the close says."""
    part = replace(part_drafted(), service_ended_at=f"{DAY}T14:30:00.000000Z")
    at = "2026-03-03T15:00:00.000000Z"
    facts = [part, signed(part.content_digest, signed_at=at)]
    [found] = texts(shown(facts, policy=payer(signature_hours=24)), "signature")
    assert "23 h 30 min after the end of the service" in found and "Late" not in found


def test_the_patients_side_signs_or_refuses_under_the_signatures() -> None:
    """Who, how and when, and who saw it; a refusal with its reason and the words that were said."""
    part = part_drafted()
    about = {"witnessed_by": AUTHOR, "note_version": 1, "content_digest": part.content_digest}
    guardian = PatientSigned(
        signed_by="guardian", relationship="mother", capacity_rule="guardian", how="on_paper", signed_on="2026-03-03",
        **about,
    )  # fmt: skip
    refused = PatientRefused(
        refused_by="patient", cause="disagrees-with-goal", refused_on="2026-03-02",
        sealed=RefusalWords(words="Not that goal."), **about,
    )  # fmt: skip
    told = texts(shown([part, signed(part.content_digest), refused, guardian]), "notice")
    [first, second] = [one for one in told if "witnessed" in one]
    assert first == (
        "Signature refused\n\nPatient, 2026-03-02; reason: Disagrees with goal; witnessed by Miriam Hale, LCSW.\n"
        "Not that goal."
    )
    assert second == (
        "Signed by the patient's side\n\nGuardian (mother), on paper, 2026-03-03; witnessed by Miriam Hale, LCSW."
    )


def test_who_had_no_credential_is_marked_as_lapsed() -> None:
    """By what is known now; what the signature itself says stays."""
    part = part_drafted()
    [found] = texts(shown([part, signed(part.content_digest)], lapsed=True), "signature")
    assert "LCSW" in found and "Lapsed signer" in found


def test_a_signature_says_how_the_credential_stood_when_it_was_made() -> None:
    """Beside the date of service; nothing is said where it was not recorded."""
    part = part_drafted()
    for then, when_signed, said in (
        (True, True, "Credential active on the date of service and when signed."),
        (True, False, "Credential active on the date of service, lapsed since."),
        (False, True, "No credential active on the date of service; one was when signed."),
        (False, False, "No credential active on the date of service or when signed."),
    ):
        fact = signed(part.content_digest, credential_active=then, active_at_signing=when_signed)
        assert said in texts(shown([part, fact]), "signature")[0]
    assert "active on the date of service" not in texts(shown([part, signed(part.content_digest)]), "signature")[0]


def test_a_correction_strikes_its_section_and_keeps_it_readable() -> None:
    """Of two corrections the later one stands; each is marked with date, author and reason, and signed by itself."""
    part = part_drafted(response="Spoke twice", plan="Rest")
    found = shown([
        part, signed(part.content_digest), amended(1, "correction", "Spoke once", "response"),
        amended(2, "correction", "Spoke thrice", "response"), amended(3, "addendum", "Called later"),
    ])  # fmt: skip
    words = [one for one in sheet(found).blocks if one.kind == "words" and one.title != "Topic"]
    assert [(one.lines, one.struck) for one in words] == [
        (("Spoke twice",), True), (("Spoke once",), True), (("Spoke thrice",), False), (("Rest",), False),
        (("Called later",), False),
    ]
    assert words[2].mark == "Correction of Response, 2026-03-05 10:02 EST, by Miriam Hale; reason: Wrong name."
    assert words[4].mark is not None and words[4].mark.startswith("Addendum, 2026-03-05 10:03 EST")
    signatures = texts(found, "signature")
    assert len(signatures) == 4
    assert sum("Authorship of this amendment" in one for one in signatures) == 3


def test_every_part_tells_of_an_amended_or_struck_narrative() -> None:
    """The notice names what was amended, when and why; the corrected words stand in the part's own print."""
    narrative, part = narrative_drafted(), part_drafted()
    shared = [narrative, signed(narrative.content_digest), amended(1, "correction", "Late signs", "topic", NARRATIVE)]
    found = shown([part, signed(part.content_digest, narrative.content_digest)], shared)
    [notice] = texts(found, "notice")
    assert "The shared narrative was amended after it was signed" in notice
    assert "Correction of Topic, 2026-03-05 10:01 EST, by Miriam Hale; reason: Wrong name." in notice
    assert any("Early signs" in one for one in texts(found, "words"))
    assert any("Late signs" in one for one in texts(found, "words"))
    error = NoteEnteredInError(declared_by=AUTHOR, cause="wrong-session")
    struck = shown([part, signed(part.content_digest)], [*shared, error])
    assert "The shared narrative was entered in error" in texts(struck, "notice")[0]
    assert [one.struck for one in sheet(struck).blocks if one.kind == "words"] == [True, True, False]


def test_a_narrative_written_anew_leaves_what_the_part_was_signed_over() -> None:
    """The part shows both, the one that it was signed over struck, and says so."""
    narrative, part = narrative_drafted(topic="First"), part_drafted()
    anew = revision(narrative, content(topic="Second"), note_id=NARRATIVE)
    found = shown([part, signed(part.content_digest, narrative.content_digest)], [narrative, anew])
    assert found.rested_on is not None
    assert "The shared narrative was written anew after this part was signed" in "".join(texts(found, "notice"))
    words = [(one.lines[0], one.struck) for one in sheet(found).blocks if one.kind == "words"]
    assert words == [("First", True), ("Second", False), ("Spoke twice", False)]


def test_what_was_signed_and_returned_is_kept() -> None:
    """A wording that was signed stays readable with its signature after it was sent back and rewritten."""
    part = part_drafted()
    back = NoteReturned(returned_by=AUTHOR, cause="incomplete", sealed=ReturnWords(words="Say how often"))
    returned = shown([part, signed(part.content_digest), back])
    assert (returned.document.phase, sheet(returned).watermark) == ("returned", "DRAFT, NOT SIGNED")
    anew = revision(part, content(response="Spoke twice, briefly"), goals=("goal-1",), note_id=NOTE)
    found = shown([part, signed(part.content_digest), back, anew])
    own = [(one.lines[0], one.struck) for one in sheet(found).blocks if one.kind == "words"][1:]
    assert own == [("Spoke twice", True), ("Spoke twice, briefly", False)]
    assert len(texts(found, "signature")) == 1
    assert any("Say how often" in one and "Incomplete" in one for one in texts(found, "notice"))


def test_an_unsigned_document_is_marked_on_every_page_and_one_in_error_is_struck() -> None:
    """A draft never passes for a record; what was entered in error stays readable."""
    part = part_drafted()
    assert sheet(shown([part])).watermark == "DRAFT, NOT SIGNED"
    assert sheet(shown([part, signed(part.content_digest)])).watermark is None
    error = NoteEnteredInError(declared_by=AUTHOR, cause="wrong-patient")
    found = shown([part, signed(part.content_digest), error])
    assert sheet(found).watermark == "ENTERED IN ERROR"
    assert all(one.struck for one in sheet(found).blocks if one.kind == "words")
    assert any("Wrong patient" in one for one in texts(found, "notice"))


def test_what_cannot_be_read_any_more_is_said_so() -> None:
    """Without the keys the sections are still named, and the signature still shown."""
    part = replace(part_drafted(), sealed=None)
    found = shown([part, signed(part.content_digest)])
    assert "Response\n\nThe words are no longer readable." in texts(found, "words")


def test_a_signature_whose_words_are_gone_is_invalid() -> None:
    """Its mark, its time and who signed still stand there; that nothing was erased on record speaks against it."""
    told = [replace(one, sealed=None) for one in facts_of(VECTORS["stories"]["signed"]["facts"])]
    states = clinicians({})
    gone = replace(sources(told), clinicians=states)
    [found] = texts(rendition(gone), "signature")
    assert "INVALID: what was signed can no longer be read; the words can no longer be read." in found
    assert "Ada Osei, LPC" in found and "2026-03-02 18:00:00 EST" in found


def test_a_clock_names_its_zone_also_where_that_has_no_letters() -> None:
    """Summer and winter time have their own names; a zone known by its offset is told by it."""
    assert clock("2026-07-01T16:00:00.000000Z", "America/New_York") == "2026-07-01 12:00 EDT"
    assert clock("2026-07-01T16:00:00.000000Z", "Asia/Dubai") == "2026-07-01 20:00 UTC+0400"


def test_an_amendment_stays_with_the_wording_that_it_was_signed_over() -> None:
    """What was signed anew after a return is struck by no older correction, and has none of the older additions."""
    part = part_drafted(plan="Rest")
    back = NoteReturned(returned_by=SUPERVISOR, cause="incomplete")
    anew = revision(part, content(plan="Swim"), goals=("goal-1",), note_id=NOTE)
    found = shown([
        part, signed(part.content_digest), amended(1, "correction", "Walk", "plan"), amended(2, "addendum", "Called"),
        back, anew, signed(anew.content_digest),
    ])  # fmt: skip
    own = [(one.lines[0], one.struck) for one in sheet(found).blocks if one.kind == "words"][1:]
    assert own == [("Rest", True), ("Walk", True), ("Called", True), ("Swim", False)]
    assert [len(one.amendments) for one in (*found.document.earlier, found.document.wording)] == [2, 0]
    again = shown([
        part, signed(part.content_digest), amended(1, "correction", "Walk", "plan"), back, anew,
        signed(anew.content_digest), amended(3, "correction", "Dive", "plan"),
    ])  # fmt: skip
    own = [(one.lines[0], one.struck) for one in sheet(again).blocks if one.kind == "words"][1:]
    assert own == [("Rest", True), ("Walk", True), ("Swim", True), ("Dive", False)]
    assert not any(one.superseded for one in again.document.amendments)


def test_what_a_part_was_signed_over_is_shown_once() -> None:
    """A narrative that was signed, returned and written anew is both the earlier wording and what the part rests on."""
    narrative, part = narrative_drafted(topic="First"), part_drafted()
    anew = revision(narrative, content(topic="Second"), note_id=NARRATIVE)
    back = NoteReturned(returned_by=SUPERVISOR, cause="incomplete")
    shared = [narrative, signed(narrative.content_digest), back, anew]
    found = shown([part, signed(part.content_digest, narrative.content_digest)], shared)
    assert [one.mark for one in sheet(found).blocks if one.lines == ("First",)] == [
        "As it was when this part was signed; written 2026-03-06 10:00 EST"
    ]


def test_a_correction_of_the_goals_shows_which_stand_and_keeps_those_that_were_signed() -> None:
    """In place, held to the plan of the day; the correction is a block with its own signature."""
    part = replace(part_drafted(), goals=("goal-9",))
    first = replace(amended(1, "correction", "none", "goals"), goals=("goal-8",), sealed=None)
    second = replace(amended(2, "correction", "none", "goals"), goals=("goal-1",), sealed=None)
    before = shown([part, signed(part.content_digest)])
    found = shown([part, signed(part.content_digest), first, second])
    rows = dict(sheet(found).rows)
    assert rows["Goal goal-1"] == "Sleep through"
    assert rows["Goal goal-9"] == "not in the plan of care that was in force on that day; as signed; corrected below"
    assert "Goal goal-8" not in rows
    blocks = [(one.lines, one.struck) for one in sheet(found).blocks if one.title == "Goals"]
    assert blocks == [(("goal-8",), True), (("goal-1",), False)]
    assert len(texts(found, "signature")) == 3
    differs = differences((1, SIGNED), before, found)
    assert (differs.goals_added, differs.goals_removed, len(differs.amendments)) == (("goal-1",), ("goal-9",), 2)

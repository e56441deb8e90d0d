"""What clinicians of the demonstration write: sentences of our own, put together so that notes differ as people do."""

from __future__ import annotations

from random import Random

PARTICIPATION = (
    "Spoke early and stayed with the topic.", "Listened at first, then told of a hard evening this week.",
    "Tried the exercise twice and named what helped.", "Quiet today; answered when asked and kept eye contact.",
    "Offered another member encouragement without advice.", "Left the circle once and came back by choice.",
)
PROGRESS = (
    "Used a coping skill on four of seven days.", "Kept the morning plan on three days.",
    "Reports fewer urges than last week.", "No change that can be named yet.",
    "Sleep is steadier; appetite is not.", "Called a friend instead of staying in bed.",
)
NEXT = ("Same plan.", "Practice once before the next group.", "Bring the worksheet.", "Ask the prescriber about sleep.")

SEEN = (
    "Sat beside the door and moved nearer after the break.", "Brought the diary and read two entries aloud.",
    "Came straight from work, still in uniform.", "Asked what happens when the plan fails at night.",
    "Wrote on the board for the others.", "Kept the coat on for the first half hour.",
    "Laughed at a mistake in the role play and tried again.", "Needed the instruction a second time.",
    "Held the breath through the first round and noticed it.", "Told of the bus that did not come on Monday.",
    "Spoke about a brother for the first time.", "Counted the days since the move without being asked.",
    "Disagreed with the handout and said why.", "Drew the chain as a circle.",
    "Was the last to leave and helped with the chairs.", "Answered in single words until the exercise began.",
    "Compared today with a morning in March.", "Took notes in two languages.",
    "Asked for the window to be opened and stayed calm.", "Named the feeling before being asked for it.",
)
RESPONSE = (
    "Found the second step easier than the first.", "Said the words sound strange in the own voice.",
    "Could name one trigger at home and one at work.", "Rated the tension seven before and four after.",
    "Wants to try it with the lights off.", "Did not see the point today and said so politely.",
    "Linked the exercise to the argument on Sunday.", "Will teach it to a daughter.",
    "Had used it already on the platform on Thursday.", "Felt nothing at first, then warm hands.",
    "Was surprised that the urge passed in eleven minutes.", "Preferred writing to speaking.",
    "Needed company for the first minute and then went on alone.", "Noticed the jaw before the thought.",
    "Asked whether medication makes this harder.", "Kept to facts and left the guilt out for once.",
    "Corrected an earlier estimate of the week.", "Thought of three places where it would fail.",
    "Took the opposite view in the role play and learned from it.",
    "Was relieved that others stumble at the same step.",
)
DETAIL = (
    "The record at home shows gaps on the weekend.", "The alarm at six is kept; the walk is not.",
    "Two meals a day by own account.", "The phone stayed outside the bedroom since Tuesday.",
    "A cousin drives now, which takes a worry off.", "The landlord's letter is answered.",
    "Still avoids the supermarket at noon.", "Went to one meeting, left before the end.",
    "Has told the supervisor at work.", "Waiting for the school's answer.", "Slept five hours twice, six once.",
    "The list on the fridge has nine items by now.", "Skipped the step with the cold water.",
    "Reads before bed again.", "Paid the bill that had waited since January.", "Argued once, repaired it the same day.",
    "No drink since the ninth by own account.", "Ran out of the evening dose on Friday.",
    "The dog gets the patient out at seven.", "Keeps the appointment card in the shoe.",
)
RISK = (
    "No thoughts of suicide or of harming others voiced.", "Denies thoughts of suicide; safety plan at hand.",
    "Asked directly: no wish to die today.", "No use since the last session by own account; no thoughts of self-harm.",
    "Passive thoughts last week, none today; plan reviewed.", "None voiced; future plans named for the weekend.",
)
AHEAD = (
    "Bring one example to the next session.", "Ask the brother to sit in once.", "Two rounds every evening, timed.",
    "Show the sheet to the therapist on Wednesday.", "Call before the weekend if the mornings slip.",
    "Move the walk to after lunch.", "Write the first sentence of the letter.", "Choose one place to practice outside.",
    "Keep the scale at breakfast and at night.", "Look again at the second goal with the family.",
    "Swap the late shift on Tuesdays.", "Read the page on sleep and mark what is wrong.",
)
SHARED = (
    "Went round the circle at the beginning and at the end.", "Two volunteers showed the step before all.",
    "The board was kept for the next session.", "Questions went into the second half.",
    "Worked in pairs for twenty minutes.", "A sheet was given out and filled in here.",
)
EVALUATION: dict[str, tuple[str, ...]] = {
    "chief_complaint": (
        "\"I cannot go on like this, and I do not know how else.\"", "\"My sister said I should come.\"",
        "\"The evenings are the worst.\"", "\"I want to get through a week.\"",
    ),
    "present_illness": (
        "Worse over four months, first sleep, then the days; better with company.",
        "Began after a move last year; a few good weeks since, none in the last six.",
        "Came back in the autumn, as two years before; mornings are hardest.",
        "Slowly over a year; stopped going out, then stopped answering calls.",
    ),
    "psychiatric_history": (
        "One stay two years ago; outpatient care since, with gaps. No attempts.",
        "No stay so far; two courses of therapy, of which the last helped.",
        "Medication by the family physician for a year. No attempts.", "One attempt, told of openly; none since.",
    ),
    "substance_use": (
        "Drinks at weekends by own account, nine days ago the last time.", "None today; last use in the week before.",
        "Cannabis in the evenings until last month.", "Alcohol on most evenings until ten days ago.",
    ),
    "medical_history": (
        "Mild asthma, inhaler on demand. No allergies known.", "No conditions known; laboratory findings asked for.",
        "Thyroid treated, last value in range. Allergic to penicillin.", "Migraine, treated as needed.",
    ),
    "family_social_history": (
        "The mother was treated for depression. Lives with a cousin.", "Nothing known in the family. One friend near.",
        "A brother in recovery. Lives with the family, shares a room.", "Two people to call. Nothing known before.",
    ),
    "mental_status": (
        "Awake, oriented, tidy. Speech slow, mood low, thought in order. No voices. Judgment fair.",
        "Awake, oriented. Restless, mood anxious, thought quick but in order. No voices. Judgment good.",
        "Awake, oriented, tired. Mood flat, brightens twice. Thought in order. Insight good.",
    ),
    "risk": (
        "Suicide: passive thoughts last month, none today. Harm to others: none. Means within reach: put away.",
        "Suicide: none voiced when asked directly. Harm to others: none. Means within reach: none at home.",
        "Suicide: none today. Harm to others: none. Means within reach: medication is counted by another.",
    ),
    "plan": (
        "Intensive outpatient care; medication unchanged; seen again within two weeks.",
        "Intensive outpatient care; laboratory findings before any change of medication.",
        "Intensive outpatient care; sleep first; seen again next week.",
    ),
}  # fmt: skip


def individual(pen: Random, opening: tuple[str, str, str]) -> tuple[tuple[str, str], ...]:
    """The sections of one patient's part; `opening` begins those on participation, progress and plan."""
    participation, progress, ahead = opening
    seen, answered = " ".join(pen.sample(SEEN, 2)), " ".join(pen.sample(RESPONSE, 3))
    return (
        ("participation", f"{participation} {seen}"), ("response", answered),
        ("progress", f"{progress} {' '.join(pen.sample(DETAIL, 2))}"), ("risk", pen.choice(RISK)),
        ("plan", f"{ahead} {pen.choice(AHEAD)}"),
    )


def shared(pen: Random, topic: str) -> tuple[tuple[str, str], ...]:
    """The sections of what a group shares."""
    return (
        ("topic", f"About {topic}."),
        ("interventions", f"Teaching, practice, a round at the end. {' '.join(pen.sample(SHARED, 2))}"),
    )


def evaluation(pen: Random, diagnosis: str) -> tuple[tuple[str, str], ...]:
    """The sections of a psychiatric evaluation that comes to this diagnosis."""
    told = {name: pen.choice(words) for name, words in EVALUATION.items()}
    return (*told.items(), ("diagnosis", f"{diagnosis}, by the history and today's findings."))

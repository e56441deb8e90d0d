"""A patient's trend, and cohorts of 5,000 episodes, through the gate; against the same answers folded from the facts.

    python -m benchmarks.outcomes [--episodes N]

Each episode has a payer, a diagnosis, seven PHQ-9 scores a week apart and, four of five, an end. A trend is asked of a
patient at a time; cohorts are asked by all that makes one, with stay, attendance and a difference.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from random import Random
from statistics import median, quantiles
from typing import Any, get_args
from uuid import NAMESPACE_URL, uuid4, uuid5

from aggregates.codec import decode
from aggregates.kit import COMMANDS
from aggregates.values import Role
from api.commands.handle import Commands
from api.commands.order import Order, digest_of
from api.gate import Question
from api.identity import Caller
from benchmarks.facts import bench_settings
from benchmarks.figures import Figure
from iop_es.engine.readmodel.asof import References, as_of
from iop_es.engine.readmodel.fold import fold_whole
from iop_es.logs import quiet_logs
from iop_es.settings import Settings
from iop_es.wiring import House, migrated, opened
from projections.icd import classification
from projections.outcomes import MODEL
from projections.outcomes import queries as patients
from projections.outcomes.cohorts import queries
from projections.outcomes.cohorts.comparing import Asked, side_by_side
from projections.outcomes.cohorts.members import By, Member
from projections.outcomes.cohorts.views import CohortView
from projections.outcomes.rows import Attended, EpisodeRow, Trend
from projections.outcomes.statistics import prepare

EPISODES, MEASURES, ROUNDS, TRENDS, WARM, CHUNK = 5_000, 7, 5, 500, 20, 500
PATIENT_MS, PROGRAM_MS = 20.0, 300.0
FIRST = date(2025, 1, 6)
CODES = ("F33.1", "F32.9", "F41.1", "F43.10", "F10.20", "F11.20", "F50.2", "F60.3")
REASONS = ("completed", "completed", "dropped_out", "other")


def an_id(*parts: object) -> str:
    """The id of a thing, the same in every run."""
    return str(uuid5(NAMESPACE_URL, ":".join(map(str, ("outcomes", *parts)))))


PROGRAMS, STAFF = [an_id("program", number) for number in range(4)], an_id("staff")


def outcomes(wanted: Sequence[str], episodes: int = EPISODES) -> Iterator[Figure]:
    """The figures `outcomes_patient` and `outcomes_program`, on a store of their own."""
    with bench_settings() as settings, _filled(settings, episodes) as house:
        prepare()
        classification()
        if "outcomes_patient" in wanted:
            yield _patient(house, episodes)
        if "outcomes_program" in wanted:
            yield _program(house, episodes)


@contextmanager
def _filled(settings: Settings, episodes: int) -> Iterator[House]:
    migrated(settings, simulation=False)
    with opened(settings) as house:
        commands, orders = Commands(house.log, remember=True), list(_orders(episodes))
        for start in range(0, len(orders), CHUNK):
            for answer in commands.handle_all(orders[start : start + CHUNK]):
                if isinstance(answer, Exception):
                    raise answer
        house.project()
        yield house


def _patient(house: House, episodes: int) -> Figure:
    chosen = [an_id("patient", number) for number in Random(7).sample(range(episodes), min(TRENDS, episodes))]
    stored, own, folded = [], [], []
    references = References(MODEL, house.log, decode)
    for patient in chosen[:WARM]:  # as a server that has been asked before
        _timed(patients.trends, house, {"programs": PROGRAMS, "patient_id": patient}, patient)
    for patient in chosen[WARM:]:
        asked = {"programs": PROGRAMS, "patient_id": patient}
        took, busy, told = _timed(patients.trends, house, asked, patient)
        stored.append(took)
        own.append(busy)
        started = time.perf_counter()
        delta = as_of(MODEL, house.log, decode, patient, None, references)
        assert patients.trends_from_rows(delta, now=house.gate.now(), **asked)[0].measures == told[0].measures
        folded.append(time.perf_counter() - started)
    return Figure(
        "outcomes_patient", _cut(stored, 99), "ms", f"folded from the patient's facts: p99 {_cut(folded, 99):.1f} ms",
        None, PATIENT_MS,
        f"p99 of {len(stored)} patients' trends of {MEASURES} measures with slope, out of {episodes:,} episodes,"
        f" through the gate with its record of the read; median {median(stored) * 1000:.1f} ms, of them"
        f" {median(own) * 1000:.1f} this process's own; folded {median(folded) * 1000:.1f} ms",
        most=True,
    )  # fmt: skip


def _program(house: House, episodes: int) -> Figure:
    asked: dict[str, Any] = {"programs": PROGRAMS}
    scored = asked | {"instrument": "phq-9"}
    questions: dict[str, tuple[Any, dict[str, Any]]] = {
        **{f"by {by}": (queries.cohorts, scored | {"by": by}) for by in get_args(By)},
        "stay": (queries.stay, asked), "attendance": (queries.attendance, scored),
        "difference": (queries.difference, scored | {"one": PROGRAMS[0], "other": PROGRAMS[1]}),
        "from outside": (queries.cohorts, scored | {"by": "admission_month", "outside": True}),
    }  # fmt: skip
    times = {
        name: [_timed(query, house, given)[:2] for _ in range(ROUNDS)] for name, (query, given) in questions.items()
    }
    medians = {name: median(took for took, _ in one) * 1000 for name, one in times.items()}
    busy = {name: median(own for _, own in one) * 1000 for name, one in times.items()}
    started = time.perf_counter()
    folded = _from_facts(house)
    seconds = time.perf_counter() - started
    same = "the same" if folded == _timed(queries.cohorts, house, scored)[2] else "ANOTHER"
    return Figure(
        "outcomes_program", max(medians.values()), "ms",
        f"{same} answer folded from all facts, {seconds:.1f} s", None, PROGRAM_MS,
        f"slowest median of {ROUNDS} over {episodes:,} episodes, and of it this process's own: "
        + ", ".join(f"{name} {one:.0f} ({busy[name]:.0f})" for name, one in medians.items()),
        most=True, kept=same == "the same",
    )  # fmt: skip


def _from_facts(house: House) -> list[CohortView]:
    """Cohorts by program without a read model: every fact read, decoded, folded, and the rows put together."""
    rows = fold_whole(MODEL, house.log.by_topics(sorted(MODEL.handles)), decode).delta.rows
    trends = {one.enrollment_id: one for scope in rows["trend"].values() for row in scope for one in [Trend(*row)]}
    attended = {one.enrollment_id: one for scope in rows.get("attended", {}).values() for one in map(_attended, scope)}
    today = date.fromisoformat(house.gate.now()[:10])
    found = [
        _member(one, trends.get(one.enrollment_id), attended.get(one.enrollment_id), today)
        for scope in rows["episode"].values() for row in scope for one in [EpisodeRow(*row)]
    ]
    found.sort(key=lambda one: (one.patient_id, one.enrollment_id))
    return side_by_side(found, Asked("phq-9", "total", "program", outside=False))


def _attended(row: Any) -> Attended:
    return Attended(*row)


def _member(one: EpisodeRow, course: Trend | None, attended: Attended | None, today: date) -> Member:
    admitted = date.fromisoformat(one.admitted_on or "")
    last = date.fromisoformat(one.discharged_on) if one.discharged_on else today
    return Member(
        one.patient_id, one.enrollment_id, one.program_id, one.payer_id, one.admitted_level or "", one.diagnosis,
        admitted, one.ended or "in_care", (last - admitted).days, course and course.instrument_version,
        course and course.measures, course and course.baseline_score, course and course.last_score,
        course and course.change_class, attended and attended.planned_minutes, attended and attended.attended_minutes,
    )  # fmt: skip


def _timed(
    query: Any, house: House, given: dict[str, Any], patient: str | None = None
) -> tuple[float, float, Any]:
    """Seconds, those of them in which this process was busy, and the answer of a question through the gate."""
    caller = Caller(STAFF, "clinician", frozenset(PROGRAMS), str(uuid4()))
    asked = Question(caller, "outcomes.bench", "treatment", None, patient)
    started, before = time.perf_counter(), time.process_time()
    answer = house.gate.read(asked, "outcomes", lambda cursor, now: query(cursor, now=now, **given))
    return time.perf_counter() - started, time.process_time() - before, answer.result


def _cut(seconds: list[float], percent: int) -> float:
    return quantiles(seconds, n=100)[percent - 1] * 1000


def _orders(episodes: int) -> Iterator[Order]:
    random = Random(7)
    for number, program_id in enumerate(PROGRAMS):
        yield _order("program.open", "director", {
            "program_id": program_id, "code": f"iop-{number}", "name": "Program", "level_of_care":
            "intensive_outpatient", "focus": "mental_health", "population": "adult", "time_zone": "UTC",
            "opened_on": "2020-01-01",
        })  # fmt: skip
    for number in range(episodes):
        yield from _episode(number, random)


def _episode(number: int, random: Random) -> Iterator[Order]:
    patient, enrollment, program = an_id("patient", number), an_id("enrollment", number), PROGRAMS[number % 4]
    begins = FIRST + timedelta(days=random.randrange(360))
    on, score = begins.isoformat(), random.randint(10, 24)
    yield _order("patient.register", "front_desk", {"patient_id": patient, "identity": {
        "family_name": f"Ash{number}", "given_name": "Eve", "birth_date": "1992-02-02", "sex": "female"}})
    yield _order("patient.record_coverage", "front_desk", {
        "coverage_id": an_id("coverage", number), "patient_id": patient, "payer_id": an_id("payer", number % 5),
        "plan": "plan", "rank": 1, "relationship": "self", "effective_from": "2024-01-01",
        "member": {"member_number": f"M{number}"},
    })  # fmt: skip
    yield _order("enrollment.refer", "front_desk", {
        "enrollment_id": enrollment, "patient_id": patient, "program_id": program, "referred_on": on,
        "source": "hospital",
    })  # fmt: skip
    yield _order("enrollment.admit", "clinician", {
        "enrollment_id": enrollment, "admitted_on": on, "level_of_care": "intensive_outpatient",
        "focus": "mental_health", "admission_type": "elective", "admission_source": "referral",
        "attending_id": STAFF, "planned_days": 3, "planned_minutes": 540,
    })  # fmt: skip
    yield _order("enrollment.record_diagnosis", "clinician", {
        "enrollment_id": enrollment, "code": random.choice(CODES), "rank": 1, "effective_from": on,
        "diagnosed_by": STAFF,
    })  # fmt: skip
    for week in range(MEASURES):
        day = (begins + timedelta(weeks=week)).isoformat()
        yield _order("assessment.administer", "clinician", {
            "assessment_id": an_id("assessment", number, week), "patient_id": patient, "enrollment_id": enrollment,
            "program_id": program, "instrument": "phq-9", "administered_on": day,
            "administered_at": f"{day}T15:00:00.000000Z", "occasion": "routine" if week else "baseline",
            "respondent": "patient", "entered_score": max(0, min(27, score - week + random.randint(-3, 3))),
        })  # fmt: skip
    if number % 5:
        yield _order("enrollment.discharge", "clinician", {
            "enrollment_id": enrollment, "reason": random.choice(REASONS), "patient_status": "01",
            "discharged_on": (begins + timedelta(days=random.randrange(42, 100))).isoformat(),
        })  # fmt: skip


def _order(name: str, role: Role, data: dict[str, Any]) -> Order:
    key = f"{name}:{next(iter(data.values()))}:{data.get('code', '')}"
    return Order(COMMANDS[name](**data), STAFF, role, None, key, digest_of(name, data))


def main() -> None:
    """Measures and prints."""
    asked = argparse.ArgumentParser(description="A patient's trend and a program's cohorts, against folding the facts.")
    asked.add_argument("--episodes", type=int, default=EPISODES, help="episodes in the store")
    quiet_logs("error")
    for figure in outcomes(("outcomes_patient", "outcomes_program"), asked.parse_args().episodes):
        print(figure.as_data())


if __name__ == "__main__":
    main()

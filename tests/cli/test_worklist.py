"""The biller's worklists at the command line: each list once, all at a glance, and what is left for a second payer."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from aggregates.account.commands import RecordUnmatched
from aggregates.account.streams import account_with
from aggregates.claim.commands import AdjudicateClaim, ReverseAdjudication, SubmitClaim
from aggregates.claim.facts import AdjudicatedLine, Adjustment, AnswerStatus
from aggregates.enrollment.commands import RequestDayWriteOff, WithdrawDayWriteOffRequest
from aggregates.enrollment.facts import PlanCertified
from aggregates.payer_policy.commands import RetirePolicy
from api.commands.order import Order
from iop_es.cli.lists import WORKLISTS
from iop_es.settings import Settings
from iop_es.wiring import House, opened
from tests.cli.conftest import Run, one_sentence, told
from tests.conftest import create_database
from tests.projections.billing.clinic import Clinic, an_id

pytestmark = pytest.mark.slow
DAYS = ("2026-03-02", "2026-03-03")
EVENING = "template_evening"
PATIENT, BOTH = an_id("patient"), an_id("patient", 2)


@pytest.fixture(scope="module")
def that_evening(postgres_url: str, migrated_simulation: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A store that is copied for each test. It is the evening of 3 March: patient 1 has a day to bill, one whose draft
    waits, one held since nobody wrote; patient 2, who has two payers, two days to bill. Patient 3's authorization ends
    on the 10th."""
    told = Clinic()
    told.open()
    told.license()
    told.publish(certification_days=30)
    told.publish(2)
    told.patient(1)
    told.patient(2)
    told.cover(2, 2, rank=2)
    told.patient(3, authorized=False)
    told.request(3)
    told.approve(3, valid_through="2026-03-10")
    certify(told)
    told.meet("2026-02-27", "09:00-12:00", (1,))
    told.documented(DAYS[0], "09:00-12:00", (1, 2))
    number = told.meet(DAYS[1], "09:00-12:00", (1, 2))
    told.draft(DAYS[1], "12:00", number, 1)
    told.sign(told.draft(DAYS[1], "12:00", number, 2), DAYS[1], told.at(DAYS[1], "13:00"))
    url = create_database(postgres_url, EVENING, migrated_simulation)
    made = Settings(database_url=url, project=tmp_path_factory.mktemp("evening"))
    with opened(made) as house:
        told.story.append(house.log)
        house.project()
        for driver in house.drivers:
            driver.release()  # or whoever projects a copy waits for the lease's end
    return made


@pytest.fixture
def clinic(
    run: Run, new_database: Callable[[str | None], str], that_evening: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store of one's own in which it is that evening, named by the environment with the keys that open it."""
    monkeypatch.setenv("IOP_ES_DATABASE_URL", new_database(EVENING))
    monkeypatch.setenv("IOP_ES_PROJECT", str(that_evening.project))


def certify(told: Clinic) -> None:
    """Through 3 April for patients 1 and 2; nobody certified for patient 3."""
    for patient in (1, 2):
        fact = PlanCertified(
            plan_id=an_id("plan"), certified_on="2026-03-01", certified_through="2026-04-03",
            physician_id=an_id("clinician", 3),
        )
        told.in_care(fact, patient)


def act(house: House, command: Any) -> None:
    """A biller orders a command."""
    house.commands().handle(Order(command, an_id("person"), "biller", None, f"test:{command!r}", sha256(b"").digest()))


def answered(run: Run, status: AnswerStatus | None = None) -> str:
    """Claims are prepared, and that of patient 2 is sent and answered: 150 dollars of 200 a day, 50 the patient's."""
    [claim] = [one for one in told(run, "claims", "prepare")["claims"] if one["patient_id"] == BOTH]
    share = (Adjustment(group="PR", carc="2", amount_cents=5_000),)
    lines = tuple(AdjudicatedLine(line=number, paid_cents=15_000, adjustments=share) for number in (1, 2))
    with opened(Settings()) as house:
        now = house.log.head().recorded_at
        act(house, SubmitClaim(
            claim_id=claim["claim_id"], submitted_at=now, batch="b1", control_number="c1", demonstration=True
        ))  # fmt: skip
        act(house, AdjudicateClaim(
            claim_id=claim["claim_id"], adjudicated_on=now[:10], payer_control_number="p1", lines=lines,
            paid_cents=30_000, trace_number="EFT-1", remittance_on=now[:10], status=status,
        ))  # fmt: skip
    assert run("project", "--once").exit_code == 0
    return str(claim["claim_id"])


@pytest.mark.usefixtures("clinic")
def test_all_lists_at_a_glance(run: Run) -> None:
    """How many and how much, by hand: three days to bill, one waits, one is held; every list once."""
    answer = told(run, "worklist")
    found = {one["name"]: (one["count"], one["cents"]) for one in answer["lists"]}
    assert found == {
        "billable": (3, 60_000), "waiting": (1, 20_000), "held": (1, 20_000), "unsigned": (1, 20_000),
        "authorizations": (1, None), "recertifications": (1, None), "eligibility": (4, None), "alike": (0, 0),
        "filing": (0, 0),
        "corrections": (0, 0), "denied-voids": (0, 0), "self-pay": (0, 0), "unmatched": (0, 0), "unanswered": (0, 0),
        "denials": (0, 0),
        "disputes": (0, 0), "write-offs": (0, 0), "credits": (0, 0),
        "takebacks": (0, 0), "secondary": (0, 0), "unbilled": (5, 100_000), "months": (5, 100_000),
    }
    assert list(found) == list(WORKLISTS)
    page = run("worklist")
    assert (page.exit_code, page.stderr) == (0, "")
    for name, (count, cents) in found.items():
        money = "–" if cents is None else re.escape(f"${cents / 100:,.2f}")
        assert re.search(rf"^{name} +{count} +\w+ +{money} ", page.stdout, re.MULTILINE), name


@pytest.mark.usefixtures("clinic")
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("billable", rf"{BOTH} +2026-03-03 +Payer 1 +\$200\.00 +\$200\.00"),
        ("waiting", rf"{PATIENT} +2026-03-03 +2026-03-04 17:00Z +held +note unsigned +\$200\.00"),
        ("held", r"clinician +note missing +Write and sign the note\. +1 +\$200\.00 +2026-02-27"),
        ("unsigned", rf"{an_id('clinician')} +sign +1 +1 +0 +\$200\.00 +2026-03-03"),
        ("authorizations", rf"{an_id('patient', 3)} +30/30 +0 in 7 days +– +2026-03-10 +7"),
        ("recertifications", rf"{an_id('patient', 3)} +certification +Payer 1 +– +2026-01-05 +-57"),
        ("eligibility", rf"{BOTH} +Payer 2 +2 +– +– +–"),
        ("unbilled", r"0-30 +billable +3 +\$600\.00 +\$600\.00 +2026-03-02"),
        ("months", r"2026-03 +iop-1, Payer 1 +billable +3 +\$600\.00 +\$0\.00 +\$0\.00"),
        ("corrections", "Nothing."), ("denied-voids", "Nothing."), ("takebacks", "Nothing."),
        ("denials", "Nothing."), ("disputes", "Nothing."), ("credits", "Nothing."),
        ("secondary", "Nothing."), ("filing", "Nothing."), ("unmatched", "Nothing."), ("unanswered", "Nothing."),
    ],
)
def test_each_list_entry_by_entry(run: Run, name: str, shown: str) -> None:
    """The table shows what the data say, and the data have as many entries as there are."""
    page = run("worklist", name)
    assert (page.exit_code, page.stderr) == (0, "")
    assert re.search(shown, page.stdout), page.stdout
    answer = told(run, "worklist", name)
    assert answer["name"] == name
    assert bool(answer["items"]) == ("Nothing." not in page.stdout)
    assert ("Days: 1, $200.00." in page.stdout) == (name in {"waiting", "held"})


@pytest.mark.usefixtures("clinic")
def test_what_somebody_asked_to_have_written_off_is_listed_until_it_is_withdrawn(run: Run) -> None:
    """Of what, why, how much, by whom and when."""
    a_day = {"enrollment_id": an_id("enrollment"), "service_date": "2026-02-27"}
    for command, count, money in (
        (RequestDayWriteOff(**a_day, cause="no_note"), 1, 20_000),
        (WithdrawDayWriteOffRequest(**a_day, cause="found"), 0, 0),
    ):
        with opened(Settings()) as house:
            act(house, command)
        assert run("project", "--once").exit_code == 0
        lists = {one["name"]: (one["count"], one["cents"]) for one in told(run, "worklist")["lists"]}
        assert lists["write-offs"] == (count, money)
        if count:
            page = " ".join(run("worklist", "write-offs").stdout.split())
            of_it = f"Day of episode {a_day['enrollment_id']}: no note. Asked for by {an_id('person')} on 2026-03-03."
            assert f"{PATIENT} 2026-02-27 $200.00 {of_it}" in page


@pytest.mark.usefixtures("clinic")
def test_a_list_can_look_further_ahead_or_at_one_program(run: Run) -> None:
    """Certifications of thirty days are due within a month, windows within a year; other programs have none."""
    assert len(told(run, "worklist", "recertifications", "--within-days", 31)["items"]) == 3
    assert len(told(run, "worklist", "filing", "--within-days", 366)["items"]) == 5
    assert len(told(run, "worklist", "billable", "--program", an_id("program"))["items"]) == 3
    said = one_sentence(run("worklist", "billable", "--program", an_id("program", 9)), 2)
    assert "There is no program" in said


@pytest.mark.usefixtures("clinic")
def test_an_unknown_list_is_one_sentence(run: Run) -> None:
    """It names the lists that there are."""
    said = one_sentence(run("worklist", "everything"), 2)
    assert "There is no list 'everything'" in said and "unbilled" in said


@pytest.mark.usefixtures("clinic")
def test_what_is_left_goes_to_the_second_payer_once(run: Run) -> None:
    """A hundred dollars are left; the same days are billed to the other payer, and then the list is empty again."""
    answered(run)
    [due] = told(run, "worklist", "secondary")["items"]
    assert (due["patient_id"], due["left_cents"], due["objection"]) == (BOTH, 10_000, None)
    assert re.search(rf"{due['claim_id']} +Payer 2 +\$100\.00", run("worklist", "secondary").stdout)
    would = told(run, "claims", "prepare", "--secondary", "--dry-run")
    done = told(run, "claims", "prepare", "--secondary")
    assert (done["prepared"], done["refused"], done["claims"]) == (1, 0, would["claims"])
    [claim] = done["claims"]
    assert (claim["payer_id"], claim["after_claim"]) == (an_id("payer", 2), due["claim_id"])
    assert [line["service_date"] for line in claim["lines"]] == [*DAYS]
    before = told(run, "worklist", "months")["items"]
    run("project", "--once")
    assert told(run, "worklist", "secondary")["items"] == []
    assert told(run, "claims", "prepare", "--secondary")["prepared"] == 0
    assert told(run, "worklist", "months")["items"] == before


@pytest.mark.usefixtures("clinic")
def test_a_secondary_claim_that_cannot_be_prepared_says_what_to_do(run: Run) -> None:
    """The second payer has no terms on these days; nothing is recorded."""
    with opened(Settings()) as house:
        act(house, RetirePolicy(policy_id=an_id("policy", 2), effective_through="2026-03-01", cause="ended"))
    run("project", "--once")
    answered(run)
    done = run("claims", "prepare", "--secondary")
    assert (done.exit_code, done.stdout) == (0, "0 claims prepared, 0 refused.\n")
    assert re.fullmatch(r"Claim [0-9a-f-]{36}: Publish the payer's policy for this period\.\n", done.stderr)


@pytest.mark.usefixtures("clinic")
def test_a_claim_that_its_payer_forwarded_is_not_billed_to_the_second_one(run: Run) -> None:
    """The list says what to do first, and so does whoever would prepare it; nothing is recorded."""
    claim_id = answered(run, "19")
    [due] = told(run, "worklist", "secondary")["items"]
    assert (due["claim_id"], due["reason"], due["left_cents"]) == (claim_id, "forwarded", 10_000)
    assert "wait for that payer's answer" in " ".join(run("worklist", "secondary").stdout.split())
    done = run("claims", "prepare", "--secondary")
    assert (done.exit_code, done.stdout) == (0, "0 claims prepared, 0 refused.\n")
    assert done.stderr == f"Claim {claim_id}: {due['objection']}\n"


@pytest.mark.usefixtures("clinic")
def test_a_claim_whose_answer_was_taken_back_is_listed_with_what_to_do(run: Run) -> None:
    """From that day on, with its charge; one that was only sent is listed once that is too long ago."""
    claim_id = answered(run)
    with opened(Settings()) as house:
        today = house.log.head().recorded_at[:10]
        act(house, ReverseAdjudication(claim_id=claim_id, reversed_on=today))
    assert run("project", "--once").exit_code == 0
    [one] = told(run, "worklist", "unanswered", "--older-than", 0)["items"]
    assert (one["claim_id"], one["status"], one["cents"]) == (claim_id, "taken_back", 40_000)
    page = run("worklist", "unanswered").stdout
    assert re.search(rf"{claim_id} +Payer 1 +taken back +{today} +\d +\$400\.00 +The payer took", page), page
    lists = {each["name"]: (each["count"], each["cents"]) for each in told(run, "worklist")["lists"]}
    assert lists["unanswered"] == (1, 40_000)


@pytest.mark.usefixtures("clinic")
def test_what_could_not_be_posted_is_a_list_with_what_to_do(run: Run) -> None:
    """Why and what to do for each part of a payer's file, and the money that it did not move."""
    program, payer = an_id("program"), an_id("payer")
    account = account_with(program, payer)
    for number, (why, paid) in enumerate((("claim-split", 25_500), ("no-trace", None)), 1):
        with opened(Settings()) as house:
            act(house, RecordUnmatched(
                account_id=account, unmatched_id=an_id("unmatched", number), program_id=program, payer_id=payer,
                source="835", part="claim", why=why, sentence="S.", trace_number="EFT-7", paid_cents=paid,
            ))  # fmt: skip
    assert run("project", "--once").exit_code == 0
    page = " ".join(run("worklist", "unmatched").stdout.split())
    assert re.search(r"Payer 1 835 claim – EFT-7 – \$255\.00 The payer split our claim into several", page), page
    assert "EFT-7 – – It has no trace number" in page and "Parts: 2, $255.00." in page
    assert [one["why"] for one in told(run, "worklist", "unmatched")["items"]] == ["claim-split", "no-trace"]

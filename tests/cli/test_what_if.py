"""What other terms would be worth, at the command line: figures, refusals in sentences, and nothing stored."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from aggregates.account.facts import ProviderAdjustmentPosted
from aggregates.account.streams import account_with
from iop_es.cli.worth import HEADS
from iop_es.settings import Settings
from iop_es.wiring import opened
from tests.cli.conftest import Run, one_sentence
from tests.projections.billing.clinic import Clinic, an_id

pytestmark = pytest.mark.slow
DAYS = ("2026-03-02", "2026-03-03", "2026-03-05")
PERIOD = ("--from", "2026-03-01", "--to", "2026-03-31")
TERMS = """
code = "{code}"
payer_kind = "commercial"
payer_name = "Whoever"
effective_from = "2027-01-01"
[terms]
minimum_minutes = {minutes}
minimum_sessions = 0
counted_kinds = ["group"]
signature_hours = 24
late_signature = "warn"
cosignature_required = true
credential_required = true
authorization_required = true
claim_form = "837I"
type_of_bill = "0131"
unverified = ["minimum_minutes"]
[terms.weekly]
measure = "none"
minutes = 0
days = 0
consequence = "none"
[[terms.per_diems]]
level_of_care = "intensive_outpatient"
focus = "mental_health"
procedure_code = "S9480"
revenue_code = "0905"
unit_basis = "day"
rate_cents = {cents}
rate_kind = "demo"
"""

INTEREST = ProviderAdjustmentPosted(
    program_id=an_id("program"), payer_id=an_id("payer"), trace_number="EFT-1", sequence=1,
    remittance_on="2026-03-20", reason_code="L6", amount_cents=-1_000, has_reference=False,
)  # fmt: skip

Terms = Callable[..., Path]


@pytest.fixture
def terms(tmp_path: Path) -> Terms:
    """Writes terms to a file: the clinic's own unless told otherwise."""

    def write(code: str = "payer-1", minutes: int = 180, cents: int = 20_000, **more: str) -> Path:
        text = TERMS.format(code=code, minutes=minutes, cents=cents)
        for right, wrong in more.items():
            text = re.sub(rf"^{right} = .*$", wrong, text, flags=re.MULTILINE)
        path = tmp_path / "terms.toml"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def clinic(run: Run, simulation: str) -> None:
    """Payer 1's patients of two programs, a claimed week in the first and a day in the second; payer 2's patient.

    Payer 1 also paid interest, which is about no patient and no policy.
    """
    told = Clinic()
    for number in (1, 2):
        told.open(number)
        told.publish(number)
    told.license()
    told.patient(1)
    told.cover(2)
    told.refer(2, 2)
    told.admit(2)
    told.diagnose(2)
    told.request(2, program_id=an_id("program", 2))
    told.approve(2)
    told.patient(3, 2)
    for day in DAYS:
        told.documented(day, "09:00-12:00", (1, 3))
    told.claim(1, [(day, number) for number, day in enumerate(DAYS, 1)])
    told.documented(DAYS[0], "13:00-16:00", (2,), program_number=2)
    told.story.tell(account_with(an_id("program"), an_id("payer")), INTEREST, role="biller")
    with opened(Settings()) as house:
        told.story.append(house.log)
    assert run("project", "--once").exit_code == 0


def asked(run: Run, *words: object) -> Any:
    """The JSON of a what-if, which succeeds and says nothing beside it."""
    done = run("what-if", *words, "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.mark.usefixtures("clinic")
def test_a_higher_minimum_is_told_by_claim_and_in_total(run: Run, terms: Terms) -> None:
    """The claim loses all it charged, the unclaimed day of the other program is lost, other payers' days are not."""
    answer = asked(run, "--policy", terms(minutes=195), *PERIOD)
    [claim] = answer["claims"]
    assert (claim["claim_id"], claim["claimed_cents"], claim["worth_cents"]) == (an_id("claim", 1), 60_000, 0)
    assert (claim["from_date"], claim["through_date"], claim["days_changed"]) == (DAYS[0], DAYS[2], 3)
    assert [(one["now"], one["then"], one["now_cents"]) for one in answer["unclaimed"]] == [
        ("billable", "not_billable", 20_000),
    ]
    totals = {one["counts_as"]: (one["now_cents"], one["then_cents"]) for one in answer["totals"]}
    assert totals == {"claimed": (60_000, 0), "billable": (20_000, 0), "pending": (0, 0), "nothing": (0, 0)}
    assert {day["patient_id"] for day in answer["days"]} == {an_id("patient", 1), an_id("patient", 2)}
    first = answer["days"][0]
    assert (first["now"]["reason"], first["then"]["reason"]) == (None, "below_minimum_minutes")
    assert (first["now"]["demo_rate"], first["then"]["demo_rate"]) == (False, True)
    assert first["then"]["unverified"] == ["minimum_minutes"]


@pytest.mark.usefixtures("clinic")
def test_the_page_shows_what_the_data_say(run: Run, terms: Terms) -> None:
    """Claim, reason, money now and then with its marks, and each head of the totals."""
    page = run("what-if", "--policy", terms(minutes=195, cents=21_000), *PERIOD)
    assert (page.exit_code, page.stderr) == (0, "")
    assert re.search(rf"{an_id('claim', 1)} +\$600\.00 +\$0\.00 +-\$600\.00 +3/3u +below minimum minutes", page.stdout)
    assert all(head in page.stdout for head in HEADS.values())
    assert re.search(r"can be charged +4 +\$800\.00 +0 +\$0\.00 +-\$800\.00", page.stdout)
    raised = run("what-if", "--policy", terms(cents=21_000), *PERIOD).stdout
    assert re.search(r"\$600\.00 +\$630\.00\* +\+\$30\.00 +3/3u +another rate", raised)
    assert "Payer 1" in raised and "Whoever" not in raised
    kept = run("what-if", "--policy", terms(), *PERIOD).stdout
    assert "1 claim over $600.00 keeps its money." in kept
    assert max(len(line) for told in (page.stdout, raised, kept) for line in told.splitlines()) <= 100
    assert "covers no decided day" in run("what-if", "--policy", terms(), "--from", DAYS[2], "--to", DAYS[2],
                                          "--program", an_id("program", 2)).stdout  # fmt: skip


@pytest.mark.usefixtures("clinic")
def test_only_the_named_program_and_payer_are_asked_about(run: Run, terms: Terms) -> None:
    """Program 2 has one unclaimed day; another payer is named by its id, and then only its patient is folded."""
    one = asked(run, "--policy", terms(minutes=195), *PERIOD, "--program", an_id("program", 2))
    assert ([day["patient_id"] for day in one["days"]], one["claims"]) == ([an_id("patient", 2)], [])
    other = asked(run, "--policy", terms(minutes=195), *PERIOD, "--payer", an_id("payer", 2))
    assert (other["payer_name"], other["patients"]) == ("Payer 2", 1)
    assert {day["patient_id"] for day in other["days"]} == {an_id("patient", 3)}


@pytest.mark.usefixtures("clinic")
def test_nothing_is_stored_but_the_record_of_the_read(run: Run, terms: Terms, simulation: str) -> None:
    """Every row of every table is as before, except one entry in the access log that names both patients."""
    before = everything(simulation)
    asked(run, "--policy", terms(minutes=195), *PERIOD)
    after = everything(simulation)
    assert before.keys() == after.keys() and len(before) > 10
    assert {name for name in before if before[name] != after[name]} == {"iop.access_log"}
    new = set(after["iop.access_log"]) - set(before["iop.access_log"])
    assert len(new) == 1
    assert all(part in next(iter(new)) for part in ("what-if/", an_id("patient", 1), an_id("patient", 2)))
    assert an_id("patient", 3) not in next(iter(new))


def test_a_bad_file_is_told_by_its_fields(run: Run, terms: Terms, tmp_path: Path) -> None:
    """Exit code 2 and a sentence that names what is wrong; no store is needed to say so."""
    for words, told in (
        ({"minimum_minutes": "minimum_minutes = -1"}, "terms.minimum_minutes is wrong"),
        ({"minimum_sessions": "minimum_services = 1"}, "terms.minimum_services is no field"),
        ({"payer_name": 'payer_id = "x"'}, "payer_name is missing; payer_id is no field"),
        ({"rate_kind": ""}, "a kind comes with a rate"),
        ({"claim_form": "claim_form"}, "It is not TOML"),
    ):
        assert told in one_sentence(run("what-if", "--policy", terms(**words), *PERIOD), 2)
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    assert "UTF-8" in one_sentence(run("what-if", "--policy", tmp_path / "binary.toml", *PERIOD), 2)
    assert "cannot be read" in one_sentence(run("what-if", "--policy", tmp_path / "none.toml", *PERIOD), 2)
    assert "lies after" in one_sentence(
        run("what-if", "--policy", terms(), "--from", "2026-03-02", "--to", "2026-03-01"), 2
    )
    assert "no date" in one_sentence(run("what-if", "--policy", terms(), "--from", "March", "--to", "2026-03-01"), 2)


@pytest.mark.usefixtures("clinic")
def test_a_payer_or_program_that_is_not_there_is_told_what_there_is(run: Run, terms: Terms) -> None:
    """Every policy with its code, payer and payer's id, or every program's id."""
    unknown = one_sentence(run("what-if", "--policy", terms("payer-9"), *PERIOD), 2)
    assert "'payer-9'" in unknown and "--payer" in unknown
    assert f"payer-1 (Payer 1, payer {an_id('payer', 1)})" in unknown and "payer-2" in unknown
    nobody = one_sentence(run("what-if", "--policy", terms(), *PERIOD, "--payer", an_id("payer", 9)), 2)
    assert an_id("payer", 9) in nobody and "payer-1 (Payer 1" in nobody
    nowhere = one_sentence(run("what-if", "--policy", terms(), *PERIOD, "--program", an_id("program", 9)), 2)
    assert an_id("program", 9) in nowhere and an_id("program", 2) in nowhere


def everything(url: str) -> dict[str, list[str]]:
    """Every row of every table that is not PostgreSQL's own, as text."""
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        return {
            f"{schema}.{table}": sorted(
                row for (row,) in connection.execute(
                    sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(schema, table))
                )
            )
            for schema, table in names
        }  # fmt: skip

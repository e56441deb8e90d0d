"""The law of a what-if, held against every day of a simulated clinic: the terms in force change nothing."""

import json
from importlib.resources import files
from typing import Any

import pytest
from typer.testing import CliRunner

from iop_es.cli import app
from iop_es.demo.policies import NAMES
from iop_es.settings import Settings

pytestmark = pytest.mark.slow


def asked(settings: Settings, policy: object, *words: str) -> Any:
    """What the command answers about the whole past of a store."""
    environment = {"IOP_ES_DATABASE_URL": settings.database_url or "", "IOP_ES_PROJECT": str(settings.project)}
    period = ("--from", "2026-01-01", "--to", "2026-12-31", "--json", *words)
    done = CliRunner().invoke(app, ["what-if", "--policy", str(policy), *period], env=environment)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", NAMES)
def test_the_terms_in_force_change_no_day_and_no_money(simulated: Settings, name: str) -> None:
    """A payer's own terms, supposed on every day, leave each day's state, reason and money, and each claim's."""
    answer = asked(simulated, files("iop_es.demo") / "policies" / f"{name}.toml")
    assert answer["days"] and not answer["outside"]
    assert answer["claims"] or name == "medicare"  # which is billed by the month
    assert [day for day in answer["days"] if day["now"] != day["then"] or day["changed"]] == []
    assert {claim["difference_cents"] for claim in answer["claims"]} <= {0}
    assert all(one["now_cents"] == one["then_cents"] for one in answer["totals"])


def test_terms_of_one_payer_leave_the_days_of_others(simulated: Settings) -> None:
    """The days of two payers' answers have no patient's day in common, and only the asked payer's claims are told."""
    one, other = (asked(simulated, files("iop_es.demo") / "policies" / f"{name}.toml") for name in NAMES[:2])
    days = [{(day["enrollment_id"], day["service_date"]) for day in answer["days"]} for answer in (one, other)]
    assert not days[0] & days[1]
    assert not {claim["claim_id"] for claim in one["claims"]} & {claim["claim_id"] for claim in other["claims"]}

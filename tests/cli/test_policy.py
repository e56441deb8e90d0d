"""Presets seen, and a payer's policy published, revised and verified at the command line."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aggregates.payer_policy.presets import PRESETS, preset, preset_text
from iop_es.settings import Settings
from iop_es.wiring import opened
from tests.cli.conftest import Run, on_record, one_sentence
from tests.cli.process import environment
from tests.lines import an_id

PAYER = an_id("payer")
BY = ("--person", an_id("person"))
"""Whoever verifies is somebody else than whoever publishes."""


@pytest.fixture
def second(run: Run, store: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `iop-es` at another operator's shell, where a second person is on record as a biller."""

    def at_theirs(*words: object) -> Any:
        with monkeypatch.context() as other:
            other.setattr("iop_es.cli.operator._user", lambda: "second")
            return run(*words)

    on_record(run, BY[1])
    return at_theirs


def told(run: Run, *words: object) -> Any:
    """The JSON that a policy command prints, which succeeds and says nothing beside it."""
    done = run("policy", *words, "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    return json.loads(done.stdout)


def published(run: Run, name: object = "medicare_hospital_2024", first: str = "2024-01-01") -> Any:
    """The payer's policy from a document."""
    return told(run, "publish", name, "--payer", PAYER, "--from", first)


def test_a_reader_who_has_read_enough_ends_a_command_quietly(tmp_path: Path) -> None:
    """`iop-es policy show … | head` is no failure, and says nothing."""
    reader, writer = os.pipe()
    os.close(reader)
    words = [sys.executable, "-m", "iop_es", "policy", "show", "tricare"]
    done = subprocess.run(words, env=environment(tmp_path), stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_presets_are_listed_with_how_much_of_them_is_unverified(run: Run) -> None:
    """Name, payer, codes and what a day must hold; no store is asked."""
    listed = {one.pop("name"): one for one in told(run, "presets")["presets"]}
    assert tuple(listed) == PRESETS
    assert listed["tricare"] == {
        "payer_kind": "tricare", "codes": ["S9480", "H0015"], "minimum": "120 minutes",
        "unverified": len(preset("tricare").terms.unverified),
    }  # fmt: skip
    assert (listed["medicare_hospital"]["codes"], listed["medicare_hospital"]["minimum"]) == (
        ["0905", "0906"], "1 service",
    )  # fmt: skip
    page = run("policy", "presets").stdout
    assert all(re.search(rf"{name} .*{one['payer_kind']}.* {one['unverified']} ", page) for name, one in listed.items())


def test_a_preset_is_shown_as_it_is_written(run: Run) -> None:
    """With its sources, so that a copy of it is a document; as data on request; another name is a wrong use."""
    assert run("policy", "show", "tricare").stdout == preset_text("tricare")
    assert told(run, "show", "tricare")["terms"]["minimum_minutes"] == 120
    assert "medicaid_new_york" in one_sentence(run("policy", "show", "medicare"), 2)


@pytest.mark.usefixtures("store")
def test_a_preset_is_published_for_a_payer_once(run: Run) -> None:
    """As a biller, from the day that is named, with the digest of what was read; again, it was so already."""
    done = published(run)
    assert done["facts"] == ["payer_policy.published"]
    assert done["unverified"] == list(preset("medicare_hospital_2024").terms.unverified)
    assert published(run)["policy_id"] == done["policy_id"]
    again = run("policy", "publish", "medicare_hospital_2024", "--payer", PAYER, "--from", "2024-01-01")
    assert f"Policy {done['policy_id']}: it was so already." in again.stdout
    with opened(Settings()) as house:
        [fact] = house.log.by_topics(["payer_policy.published"])
    state, context = json.loads(fact.state), json.loads(fact.context)
    assert (state["payer_id"], state["effective_from"], state["effective_through"]) == (
        PAYER, "2024-01-01", "2024-12-31",
    )  # fmt: skip
    assert (context["role"], len(state["document_digest"])) == ("biller", 64)


@pytest.mark.usefixtures("store")
def test_the_next_document_of_a_payer_is_a_revision(run: Run) -> None:
    """Publishing another one is refused with the way out; the revision starts later, and nothing of it is verified."""
    policy_id = published(run)["policy_id"]
    refused = run("policy", "publish", "medicare_hospital", "--payer", PAYER, "--from", "2025-01-01")
    assert "revise it instead" in one_sentence(refused, 1)
    early = run("policy", "revise", policy_id, "medicare_hospital", "--from", "2024-06-01", "--cause", "year")
    assert "lies before effective_from 2025-01-01" in one_sentence(early, 2)
    done = told(run, "revise", policy_id, "medicare_hospital", "--from", "2025-01-01", "--cause", "year")
    assert (done["facts"], done["effective_from"]) == (["payer_policy.revised"], "2025-01-01")
    ending = run("policy", "revise", policy_id, "medicare_hospital_2024", "--from", "2024-02-01", "--cause", "year")
    assert "no last day" in one_sentence(ending, 2)
    unknown = run("policy", "revise", an_id("none"), "medicare_hospital", "--from", "2025-01-01", "--cause", "year")
    assert "publish it first" in one_sentence(unknown, 1)


@pytest.mark.usefixtures("store")
def test_verifying_a_field_takes_its_mark_off(run: Run, second: Run) -> None:
    """By a second person, against the source that is named; a field that there is not, and a source of nothing, are
    named."""
    policy_id = published(run)["policy_id"]
    compared = ("--field", "certification_days", "--field", "per_diems", "--source", "42 CFR 424.24")
    done = told(second, "verify", policy_id, *BY, *compared)
    assert done["facts"] == ["payer_policy.verified"]
    assert not {"certification_days", "per_diems"} & set(done["unverified"])
    assert "services" in done["unverified"]
    wrong = second("policy", "verify", policy_id, *BY, "--field", "certification", "--source", "42 CFR 424.24")
    assert "no field certification" in one_sentence(wrong, 1)
    nothing = second("policy", "verify", policy_id, *BY, "--field", "weekly.minutes", "--source", " ")
    assert "source" in one_sentence(nothing, 2)
    future = second("policy", "verify", policy_id, *BY, *compared, "--on", "2190-01-01")
    assert f"Policy {policy_id}: " in one_sentence(future, 1)


def test_one_operator_does_not_verify_their_own_terms_under_another_name(run: Run, second: Run) -> None:
    """Whomever they name now, or named then, and whatever the environment says; nor does anybody who acts here not."""
    policy_id = published(run)["policy_id"]
    compared = ("--field", "per_diems", "--source", "Contract 2026, page 4")
    verify = ("policy", "verify", policy_id, *compared)
    assert "somebody else" in one_sentence(run(*verify, *BY), 1)
    assert "somebody else" in one_sentence(run(*verify, *BY, env={"LOGNAME": "another", "USER": "another"}), 1)
    on_record(run, an_id("third"))
    assert "is nobody who acts here" in one_sentence(second(*verify, "--person", an_id("nobody")), 2)
    revise = ("policy", "revise", policy_id, "medicare_hospital", "--from", "2025-01-01", "--cause", "year")
    assert run(*revise, "--person", an_id("third")).exit_code == 0
    assert "somebody else" in one_sentence(run(*verify, *BY), 1)
    told(second, "verify", policy_id, *compared, *BY, "--from", "2024-01-01")
    with opened(Settings()) as house:
        [fact] = house.log.by_topics(["payer_policy.verified"])
    context = json.loads(fact.context)
    assert (context["actor"], context["role"]) == (an_id("person"), "biller")
    assert context["request"].startswith("operator:") and context["request"] != f"operator:{an_id('person')}"


@pytest.mark.usefixtures("store")
def test_who_verified_terms_when_and_against_what_is_told(run: Run, second: Run, tmp_path: Path) -> None:
    """Also where a document says of itself that nothing is unverified: nobody has compared it yet."""
    sure = tmp_path / "sure.toml"
    listed = re.compile(r"^unverified = \[.*?\]$", re.DOTALL | re.MULTILINE)
    sure.write_text(listed.sub("unverified = []", preset_text("tricare"), count=1))
    first = run("policy", "publish", sure, "--payer", PAYER, "--from", "2026-01-01")
    assert "unverified: nothing; verified by: nobody yet." in first.stdout
    policy_id = published(run, sure, "2026-01-01")["policy_id"]
    compared = ("--field", "per_diems", "--source", "Contract 2026, page 4", "--on", "2026-01-05")
    [who] = told(second, "verify", policy_id, *BY, *compared)["verified"]
    assert (who["on"], who["source"], who["fields"]) == ("2026-01-05", "Contract 2026, page 4", ["per_diems"])
    again = second("policy", "verify", policy_id, *BY, *compared).stdout
    assert f"verified by: {who['by']} on 2026-01-05 against Contract 2026, page 4." in again


@pytest.mark.usefixtures("store")
def test_terms_that_were_revised_are_verified_by_their_first_day(run: Run, second: Run) -> None:
    """What is told is then of those terms and their days; without a day it is of the latest."""
    policy_id = published(run)["policy_id"]
    told(run, "revise", policy_id, "medicare_hospital", "--from", "2025-01-01", "--cause", "year")
    compared = ("--field", "certification_days", "--source", "42 CFR 424.24")
    done = told(second, "verify", policy_id, *BY, *compared, "--from", "2024-01-01")
    assert (done["effective_from"], done["effective_through"]) == ("2024-01-01", "2024-12-31")
    assert "certification_days" not in done["unverified"]
    latest = told(second, "verify", policy_id, *BY, "--field", "telehealth", *compared[2:])
    assert "certification_days" in latest["unverified"]
    again = second("policy", "verify", policy_id, *BY, *compared, "--from", "2024-01-01").stdout
    assert "it was so already. Its earlier terms apply from 2024-01-01 through 2024-12-31; unverified: " in again
    latest = second("policy", "verify", policy_id, *BY, *compared).stdout
    assert "Its latest terms apply from 2025-01-01; unverified: " in latest
    wrong = second("policy", "verify", policy_id, *BY, *compared, "--from", "2024-06-01")
    assert "they begin on 2024-01-01, 2025-01-01" in one_sentence(wrong, 1)


@pytest.mark.usefixtures("store")
def test_what_was_so_already_is_told_of_the_terms_that_were_asked_about(run: Run, second: Run) -> None:
    """Their own days and marks, also when later terms have followed; terms that end are told with their last day."""
    policy_id = published(run)["policy_id"]
    publish = ("policy", "publish", "medicare_hospital_2024", "--payer", PAYER, "--from", "2024-01-01")
    assert "Its latest terms apply from 2024-01-01 through 2024-12-31; " in run(*publish).stdout
    revise = ("revise", policy_id, "medicare_hospital", "--from", "2025-01-01", "--cause", "year")
    told(run, *revise)
    told(second, "verify", policy_id, *BY, "--field", "per_diems", "--source", "Federal Register")
    again = published(run)
    assert (again["effective_from"], again["effective_through"]) == ("2024-01-01", "2024-12-31")
    assert "per_diems" in again["unverified"]
    assert "it was so already. Its earlier terms apply from 2024-01-01 through 2024-12-31; " in run(*publish).stdout
    later = told(run, "revise", policy_id, "medicare_hospital", "--from", "2026-01-01", "--cause", "year")
    assert (later["effective_from"], later["effective_through"]) == ("2026-01-01", None)
    once_more = told(run, *revise)
    assert (once_more["effective_from"], once_more["effective_through"]) == ("2025-01-01", "2025-12-31")
    assert "per_diems" not in once_more["unverified"]


@pytest.mark.usefixtures("store")
def test_a_document_of_one_s_own_is_published_like_a_preset(run: Run, tmp_path: Path) -> None:
    """A copy of a preset with the contract's rate, verified where it was read."""
    mine = tmp_path / "harbor.toml"
    mine.write_text(
        preset_text("commercial_mental_health")
        .replace('unit_basis = "day"', 'unit_basis = "day"\nrate_cents = 31000\nrate_kind = "contract"')
        .replace('"per_diems", ', "", 1)
    )
    done = published(run, mine, "2026-01-01")
    assert "per_diems" not in done["unverified"]
    with opened(Settings()) as house:
        [fact] = house.log.by_topics(["payer_policy.published"])
    assert json.loads(fact.state)["terms"]["per_diems"][0]["rate_cents"] == 31_000


def test_what_cannot_be_published_is_named(run: Run, tmp_path: Path) -> None:
    """The field of the document and why, or the day; no store is needed to say so."""
    bad = tmp_path / "bad.toml"
    publish = ("policy", "publish")
    whose = ("--payer", PAYER, "--from", "2026-01-01")
    for right, wrong, why in (
        ("minimum_minutes = 120", "minimum_minutes = -1", "terms.minimum_minutes is wrong"),
        ("minimum_minutes = 120", "minimum_hours = 2", "terms.minimum_hours is no field"),
        ('revenue_code = "0905"', 'revenue_code = "905"', "revenue_code cannot be 905"),
        ('"per_diems", ', '"prices", ', "no field prices"),
    ):
        bad.write_text(preset_text("tricare").replace(right, wrong, 1))
        assert why in one_sentence(run(*publish, bad, *whose), 2)
    assert "Presets are" in one_sentence(run(*publish, tmp_path / "none.toml", *whose), 2)
    late = run(*publish, "medicare_hospital_2024", *whose)
    assert "lies after effective_through 2024-12-31" in one_sentence(late, 2)
    assert "no id" in one_sentence(run(*publish, "tricare", "--payer", "x", "--from", "2026-01-01"), 2)


@pytest.mark.usefixtures("store")
def test_a_preset_can_be_asked_about_before_it_is_published(run: Run) -> None:
    """A what-if takes its name as it takes a file; whose terms it would be has to be known."""
    asked = run("what-if", "--policy", "tricare", "--from", "2026-03-01", "--to", "2026-03-31")
    assert "'tricare'" in one_sentence(asked, 2)

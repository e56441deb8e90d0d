"""A store whose walls are not as they were made is not worked on, and says what to do."""

from __future__ import annotations

import json

import psycopg
import pytest

from tests.cli.conftest import Run


def test_nobody_serves_or_projects_on_a_store_with_a_hole(run: Run, store: str) -> None:
    """One line for each, with its remedy; status says the same and goes on; migrate mends them."""
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute("GRANT UPDATE ON iop.fact TO iop_api")
        owner.execute("GRANT SELECT ON iop_keys.subject_key TO iop_query")
        owner.execute("ALTER TABLE iop_caseload_9.note DISABLE ROW LEVEL SECURITY")
        owner.execute("ALTER TABLE iop.fact DISABLE TRIGGER append_only")
    for words in (("serve", "--port", "0"), ("project", "--once")):
        refused = run(*words)
        assert (refused.exit_code, refused.stdout) == (1, "")
        told = refused.stderr.splitlines()
        assert len(told) == 4 and all("Run `iop-es migrate`." in one for one in told), told
        starts = (
            "iop_api has UPDATE", "iop_query has SELECT on table iop_keys.subject_key", "The trigger append_only",
            "The row-level",
        )  # fmt: skip
        assert all(one.startswith(start) for start, one in zip(starts, told, strict=True))
    found = json.loads(run("status", "--json").stdout)["findings"]
    assert {one["about"] for one in found if one["refused"]} == {"grants", "triggers", "row-level security"}
    assert "Refused: iop_api has UPDATE on table fact" in run("status").stdout
    assert run("migrate").exit_code == 0
    assert run("project", "--once").exit_code == 0


def test_a_store_of_an_earlier_release_or_with_a_wider_reach_is_told_and_mended(run: Run, store: str) -> None:
    """Where what is asked with is not there yet, that is said; where rows are shown otherwise than stated, that is."""
    wider = "SELECT iop.guard_read_model('iop_caseload_9', '{\"patient\": {\"kind\": \"anybody\"}}')"
    for change, told in (
        ("DROP FUNCTION iop.policies_of", "iop_api lacks EXECUTE on function policies_of. "),
        (f"SET ROLE iop_projector; {wider}", "iop_caseload_9 shows rows otherwise than this release states. "),
    ):
        with psycopg.connect(store, autocommit=True) as server:
            server.execute(change.encode())
        refused = run("project", "--once")
        assert refused.exit_code == 1
        assert refused.stderr.startswith(told) and "`iop-es migrate`" in refused.stderr, refused.stderr
        assert run("migrate").exit_code == 0
        assert run("project", "--once").exit_code == 0


def test_a_store_that_is_kept_needs_a_server_that_keeps(
    run: Run, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is let pass for a store that says it is thrown away is refused for any other."""
    assert run("project", "--once").exit_code == 0
    monkeypatch.delenv("IOP_ES_TEMPORARY")
    refused = run("project", "--once")
    assert refused.exit_code == 1
    assert "The server runs with fsync = off: facts may be lost or damaged unseen. Set it to on." in refused.stderr
    assert "The login iop is a superuser." in refused.stderr
    assert store not in refused.stderr

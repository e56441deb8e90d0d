"""Every part of the house is pinned by its hashes, may be used, and stands in the bill of materials."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.model.bom import Bom

from tests import supply
from tests.supply import RUNTIME, TEST, Part, audited, parts


@pytest.mark.parametrize("lock", [RUNTIME, TEST], ids=lambda lock: lock.name)
def test_a_lock_pins_every_package_to_one_version_and_its_hashes(lock: Path) -> None:
    """What pip would take from elsewhere, or in another version, is nowhere in it."""
    found = [(part.name, part.version) for part in parts(lock)]
    assert len(found) == len(set(found)) > 20
    assert "http" not in lock.read_text().replace("http" + "core", "").replace("httptools", "").replace("httpx", "")


@pytest.mark.parametrize("entry", ["fastapi>=0.115", "fastapi==0.115", "fastapi @ git+ssh://somewhere"])
def test_a_package_that_is_not_pinned_is_refused(entry: str, tmp_path: Path) -> None:
    """A range, a version without a hash, and an address."""
    lock = tmp_path / "requirements.lock"
    lock.write_text(f"{entry}\n")
    with pytest.raises(ValueError, match="does not pin"):
        list(parts(lock))


def test_every_part_is_under_a_license_that_is_allowed() -> None:
    """Of those that are installed here, and nearly all are."""
    known = [part for lock in (RUNTIME, TEST) for part in parts(lock)]
    assert [f"{part.name}: {part.licenses}" for part in known if not part.may_be_used()] == []
    assert sum(bool(part.licenses) for part in known) > len(known) * 0.9


@pytest.mark.parametrize(
    ("said", "allowed"),
    [("MIT", True), ("GPL-3.0-only", False), ("GPL-3.0-only OR MIT", True), ("MIT AND AGPL-3.0", False), ("", False)],
)
def test_a_license_is_read_with_its_ands_and_ors(said: str, allowed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of several to choose from is enough; of several together each counts; none named is none allowed."""
    monkeypatch.setattr(Part, "licenses", (said,))
    assert Part("x", "1", ()).may_be_used() is allowed


def test_the_bill_of_materials_is_one(tmp_path: Path) -> None:
    """As CycloneDX's own library reads it; each package of the lock with its hashes."""
    assert supply.main(["sbom", str(tmp_path / "build" / "sbom.json")]) == 0
    read: Any = Bom.from_json(json.loads((tmp_path / "build" / "sbom.json").read_text()))  # type: ignore[attr-defined]
    told = {(one.name, one.version): sorted(h.content for r in one.external_references for h in r.hashes)
            for one in read.components}  # fmt: skip
    assert told == {(part.name, part.version): sorted(part.hashes) for part in parts(RUNTIME)}


def test_an_audit_that_asked_nobody_is_not_a_good_one() -> None:
    """A package that was skipped is named apart from those without a weakness."""
    told = [
        {"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "not found"},
        {"name": "c", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}]},
    ]  # fmt: skip
    assert audited(told) == (["c 2: PYSEC-1, mended in 2.1"], ["b"])

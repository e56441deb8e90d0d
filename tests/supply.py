"""What the house is made of: known weaknesses, a bill of materials, and licenses, all from the hashed locks.

`python -m tests.supply audit | sbom FILE | licenses`, or the targets of the Makefile. Each leaves with 1 for something
found. An audit that could not ask about every package leaves with 2: then nothing is known of the others.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

HERE = Path(__file__).parents[1]
RUNTIME, TEST = HERE / "requirements.lock", HERE / "requirements-test.lock"
ALLOWED = frozenset({
    "0BSD", "Apache-2.0", "Apache Software License", "BSD License", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0",
    "ISC License (ISCL)", "ISC", "LGPL-3.0-only", "MIT", "MIT License", "MIT-0", "MPL-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)", "PSF-2.0", "PostgreSQL", "Python Software Foundation License", "Unlicense",
    "Zlib",
})  # fmt: skip
"""Licenses under which a part may be used, unchanged and beside ours, in a program that is not given away."""
FOUND, UNKNOWN = 1, 2


@dataclass(frozen=True, slots=True)
class Part:
    """A package of a lock: its name, its one version, and what its files may hash to."""

    name: str
    version: str
    hashes: tuple[str, ...]

    @property
    def licenses(self) -> tuple[str, ...]:
        """What its own metadata says, here where it is installed; nothing where it is not (for another system)."""
        try:
            said = metadata.metadata(self.name)
        except metadata.PackageNotFoundError:
            return ()
        expression = said.get("License-Expression")
        classifiers = [one for one in said.get_all("Classifier") or () if one.startswith("License ::")]
        named = tuple(one.rpartition(" :: ")[2] for one in classifiers)
        free = (said.get("License") or "nothing").strip().partition("\n")[0]
        return (expression,) if expression else named or (free,)

    def may_be_used(self) -> bool:
        """Whether every license that it names together is allowed, or one of those to choose from."""
        return all(
            any(all(ALLOWED & {one, one.strip("()")} for one in choice.split(" AND ")) for choice in said.split(" OR "))
            for said in self.licenses
        )


def parts(lock: Path) -> Iterator[Part]:
    """The packages of a lock. Raises ValueError for one without a single version or a hash."""
    for entry in re.split(r"\n(?=\S)", lock.read_text().strip()):
        found = re.match(r"([a-z0-9][a-z0-9._-]*)(?:\[[a-z,]+\])?==([^\s;\\]+)", entry)
        hashes = tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", entry))
        if found is None or not hashes:
            raise ValueError(f"{lock.name} does not pin this to one version and its hashes: {entry.partition(' ')[0]}")
        yield Part(found[1], found[2], hashes)


def audited(told: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """The weaknesses that pip-audit found, one a line, and the packages that it could not ask about."""
    weak = [
        f"{one['name']} {one['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'none yet'}"
        for one in told for found in one.get("vulns", ())
    ]
    return weak, [one["name"] for one in told if "skip_reason" in one]


def audit() -> int:
    """Asks the public database of weaknesses about both locks."""
    names = {part.name for lock in (RUNTIME, TEST) for part in parts(lock)}
    told: list[dict[str, Any]] = []
    for lock in (RUNTIME, TEST):
        command = [sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "--progress-spinner", "off",
                   "--format", "json", "--requirement", str(lock)]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        told += json.loads(done.stdout)["dependencies"] if done.stdout.startswith("{") else []
    weak, unasked = audited(told)
    missing = sorted(names - {one["name"] for one in told if "vulns" in one})
    print(*weak, sep="\n", end="\n" if weak else "")  # noqa: T201 - this is its result
    if missing or unasked:
        print(  # noqa: T201 - this is its result
            f"NOT AUDITED: {len(missing)} of {len(names)} packages. The database of weaknesses could not be asked about"
            " them from this machine; whether they are weak is not known."
        )
    else:
        print(f"{len(names)} packages asked about, {len(weak)} weaknesses.")  # noqa: T201 - this is its result
    return FOUND if weak else UNKNOWN if missing or unasked else 0


def bill(lock: Path = RUNTIME) -> dict[str, Any]:
    """The bill of materials of what is run, in CycloneDX 1.6; the same lock makes the same bytes."""
    components = [
        {
            "type": "library", "bom-ref": f"pkg:pypi/{part.name}@{part.version}", "name": part.name,
            "version": part.version, "purl": f"pkg:pypi/{part.name}@{part.version}",
            "licenses": [{"license": {"name": one}} for one in part.licenses],
            "externalReferences": [{
                "type": "distribution", "url": f"https://pypi.org/project/{part.name}/{part.version}/",
                "hashes": [{"alg": "SHA-256", "content": one} for one in part.hashes],
            }],
        } for part in parts(lock)
    ]  # fmt: skip
    ours = {"type": "application", "bom-ref": "iop-es", "name": "iop-es", "version": metadata.version("iop-es")}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.6",
        "version": 1, "metadata": {"component": ours}, "components": components,
        "dependencies": [{"ref": "iop-es", "dependsOn": [one["bom-ref"] for one in components]}],
    }


def licenses() -> int:
    """A line for each package of both locks that is installed here; those that may not be used come last."""
    known = sorted({part.name: part for lock in (RUNTIME, TEST) for part in parts(lock)}.values(), key=lambda p: p.name)
    refused = [part for part in known if not part.may_be_used()]
    for part in known:
        print(f"{part.name:30} {part.version:14} {'; '.join(part.licenses) or 'not installed here'}")  # noqa: T201
    for part in refused:
        print(f"NOT ALLOWED: {part.name} {part.version} under {'; '.join(part.licenses)}")  # noqa: T201
    return FOUND if refused else 0


def main(words: list[str]) -> int:
    """One of the three."""
    match words:
        case ["audit"]:
            return audit()
        case ["licenses"]:
            return licenses()
        case ["sbom", file]:
            Path(file).parent.mkdir(parents=True, exist_ok=True)
            Path(file).write_text(json.dumps(bill(), indent=1, sort_keys=True) + "\n")
            return 0
        case _:
            print(__doc__)  # noqa: T201 - how to use it
            return UNKNOWN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Puts each defect into a copy of the project and runs the tests that are there to notice it.

    python -m tests.sabotage [--only NAME] [--seed N]

One defect at a time, in an order drawn by the seed; exit code 1 if the tests stay green with any of them, or if one no
longer fits the code.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.sabotage.defects import DEFECTS, Defect

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns(".venv", ".git", ".iop-es", "__pycache__", ".*_cache", ".hypothesis", "*.egg-info")
NOTHING_FAILED, SOMETHING_FAILED = 0, 1
LONGEST_SECONDS = 300.0


def noticed(defect: Defect, copy: Path) -> str:
    """How the tests took the defect: the first that failed, or that none did; the copy is mended again."""
    path = copy / defect.file
    sound = path.read_text(encoding="utf-8")
    path.write_text(defect.put_into(sound), encoding="utf-8")
    try:
        words = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *defect.tests]
        run = subprocess.run(words, cwd=copy, capture_output=True, text=True, check=False)
    finally:
        path.write_text(sound, encoding="utf-8")
    if run.returncode == NOTHING_FAILED:
        return ""
    if run.returncode != SOMETHING_FAILED:
        raise SystemExit(f"{defect.name}: the tests did not run.\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
    red = [line for line in run.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return red[0].split(" - ")[0] if red else "red"


def main() -> int:
    """Every defect, or the one that is asked for."""
    asked = argparse.ArgumentParser(description="Put defects in, one by one, and see the tests go red.")
    asked.add_argument("--only", choices=[one.name for one in DEFECTS])
    asked.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31))
    given = asked.parse_args()
    chosen = [one for one in DEFECTS if given.only in {None, one.name}]
    random.Random(given.seed).shuffle(chosen)
    print(f"seed {given.seed}, {len(chosen)} defects")
    green = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        for defect in chosen:
            started = time.monotonic()
            red = noticed(defect, copy)
            green += [] if red else [defect.name]
            told = f"{'red' if red else 'GREEN':5}  {defect.name:32}  {time.monotonic() - started:5.0f} s  {red}"
            print(told, flush=True)
    print(f"{len(chosen) - len(green)} of {len(chosen)} defects were noticed.")
    return 1 if green else 0


if __name__ == "__main__":
    sys.exit(main())

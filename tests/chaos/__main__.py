"""The fault drill: `make chaos`.

    python -m tests.chaos [--seed N] [--kills N] [--minutes M]

It prints what it did and leaves with 1 if anything was lost, doubled, skipped or told wrongly, or if it did less than a
full run must do: more minutes are needed then.
"""

from __future__ import annotations

import argparse
import secrets
import sys

from tests.chaos.drill import drill


def main() -> int:
    """Runs the drill."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000), help="of all that is random in it")
    parser.add_argument("--kills", type=int, default=320, help="how many processes die")
    parser.add_argument("--minutes", type=float, default=12.0, help="after which no more is killed")
    asked = parser.parse_args()
    return drill(asked.seed, asked.kills, asked.minutes)


if __name__ == "__main__":
    sys.exit(main())

"""A whole drill: the site, its clients, the killer, and in the end the checker."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from threading import Event

from iop_es import logs
from tests.chaos.checker import Violation, check
from tests.chaos.clients import Client, Sampler, Work
from tests.chaos.disks import disks
from tests.chaos.final import seen, settled
from tests.chaos.killing import POINTS, Killer, Slot
from tests.chaos.outcome import Outcome, say, table
from tests.chaos.parts import ENDED
from tests.chaos.processes import gone, kill
from tests.chaos.site import Site, open_site
from tests.chaos.wires import wires

CLIENTS = 6
FAULTED, FILLS = 5_000, 6
FULL: dict[str, dict[str, int]] = {
    "Connections": {"faulted commands": FAULTED}, "Kills": {"kills": 300, "failpoints": 20},
}  # fmt: skip
"""What a full run must have come to, or it has shown nothing; one that asks for fewer kills must have those."""
AN_HOUR = 3_600.0
PATIENTS = 600
QUIET_SECONDS = 100.0
KEEP = bool(os.environ.get("IOP_ES_CHAOS_KEEP"))


def slots_of(site: Site) -> list[Slot]:
    """Every process of a site under drill: two APIs and a server that does everything, whose clocks are apart, and the
    loops beside them, so that three project and two seal."""
    first, second, third = site.post.ports
    return [
        Slot("api", {"port": first}),
        Slot("api", {"port": second, "clock": AN_HOUR}),
        Slot("everything", {"port": third, "clock": -AN_HOUR}),
        Slot("projector", {}),
        Slot("projector", {}),
        Slot("sealer", {}),
        Slot("witness", {"folder": str(site.folder / "witness"), "port": site.witness_port}),
        Slot("rebuilder", {}),
        Slot("reader", {"file": str(site.folder / "seen")}),
    ]


def kills(seed: int, wanted: int, minutes: float, patients: int = PATIENTS, clients: int = CLIENTS) -> Outcome:
    """Ends processes while clients work, and checks what is left."""
    with open_site(patients) as site:
        history = site.history
        work = Work.of(site.post, history, patients)
        killer = Killer(site, seed, wanted, time.monotonic() + 60 * minutes, slots_of(site))
        watching = Event()
        Sampler(site.url, history, watching).start()
        people = [Client(work, number, seed) for number in range(clients)]
        for one in people:
            one.start()
        begun = time.monotonic()
        killer.run(lambda now: say(
            f"  {time.monotonic() - begun:4.0f} s: {now.kills} kills, {len(history.commands):,} commands,"
            f" {sum(one.answer is not None for one in history.commands):,} acknowledged"
        ))  # fmt: skip
        lasted = time.monotonic() - begun
        work.stopping.set()
        _quiet(killer, people)
        watching.set()
        killer.end()
        final = settled(site.settings, history)
        history.seen = _seen_to_the_end(site, killer, final.head)
        found = check(history, final)
        site.keep = bool(found) or KEEP
        found += [Violation("liveness", f"{key} was never answered") for key in work.unknown]
        tries = Counter(len(one.tries) for one in history.commands)
        counts = {
            "seconds": round(lasted), "kills": killer.kills,
            "of them at a named step": sum(many for kind, many in killer.counts.items() if " at random" not in kind),
            "named steps": len({kind.split(", ")[-1] for kind in killer.counts if " at random" not in kind}),
            "failpoints": failpoints(killer.counts),
            **dict(sorted(killer.counts.items())), **dict(sorted(killer.further.items())), **_ends(site),
            "commands": len(history.commands),
            "acknowledged": sum(one.answer is not None for one in history.commands),
            "refused": sum(any(each.refused for each in one.tries) for one in history.commands),
            "sent more than once": sum(number for times, number in tries.items() if times > 1),
            "facts": final.head, "reads": len(history.reads), "receipts": len(history.receipts),
        }  # fmt: skip
        return Outcome(counts, found)


def failpoints(counts: Mapping[str, int]) -> int:
    """At how many of the product's own points somebody died, whichever process stood there."""
    named = {point for points in POINTS.values() for point in points}
    return len(named & {kind.rpartition(" at ")[2] for kind, many in counts.items() if many})


def _ends(site: Site) -> dict[str, int]:
    """Of what processes ended that were not killed: they could not reach the database when they began."""
    told = Counter(
        f"{file.stem} {line}" for file in site.folder.glob("*.log")
        for line in file.read_text(errors="replace").splitlines() if line.startswith(ENDED)
    )  # fmt: skip
    return dict(sorted(told.items()))


def _quiet(killer: Killer, people: list[Client]) -> None:
    """Lets everybody finish what they began."""
    until = time.monotonic() + QUIET_SECONDS
    while any(one.is_alive() for one in people) and time.monotonic() < until:
        killer.keep_up()
        time.sleep(0.2)


def _seen_to_the_end(site: Site, killer: Killer, head: int) -> list[tuple[int, str]]:
    """What the reader has seen once it had time to come to the end."""
    (slot,) = [one for one in killer.slots if one.part == "reader"]
    process = site.start("reader", **slot.asked)
    until, file = time.monotonic() + 30, site.folder / "seen"
    while time.monotonic() < until and file.read_bytes().count(b"\n") < head:
        time.sleep(0.1)
    kill(process)
    gone(process)
    return seen(file)


def drill(seed: int, wanted: int, minutes: float) -> int:
    """Everything; 1 if an invariant was violated, or less was done than a full run must do."""
    logs.quiet_logs("error")
    say(f"seed {seed}")
    sections: dict[str, Callable[[], Outcome]] = {
        "Connections": lambda: wires(seed, FAULTED, minutes, told=say),
        "Kills": lambda: kills(seed, wanted, minutes),
        "Full disks": lambda: disks(seed, FILLS, told=say),
    }
    return judged(sections, least(wanted))


def least(wanted: int) -> dict[str, dict[str, int]]:
    """What each section of a run that is to kill so many must have come to."""
    kills_of_all = FULL["Kills"]["kills"]
    return FULL if wanted >= kills_of_all else FULL | {"Kills": {"kills": wanted}}


def judged(sections: Mapping[str, Callable[[], Outcome]], must: Mapping[str, Mapping[str, int]]) -> int:
    """Runs the sections and says what came of them; 1 if anything was violated or too little was done."""
    violated, lacking = False, []
    for name, section in sections.items():
        outcome = section()
        table(name, outcome)
        violated = violated or bool(outcome.violations)
        lacking += [
            f"{name}: {outcome.counts.get(kind, 0):,} {kind}, and {number:,} are wanted"
            for kind, number in must.get(name, {}).items() if outcome.counts.get(kind, 0) < number
        ]  # fmt: skip
    for one in lacking:
        say(f"TOO FEW {one}")
    say("\nviolated" if violated else "\ntoo little was done" if lacking else "\nnothing was lost")
    return int(violated or bool(lacking))

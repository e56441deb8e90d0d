"""A whole drill: the site, its clients, the killer, and in the end the checker."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from threading import Event

from iop_es import wiring
from tests.chaos.checker import Violation, check
from tests.chaos.clients import Client, Sampler, Work
from tests.chaos.final import seen, settled
from tests.chaos.killing import Killer, Slot
from tests.chaos.outcome import Outcome, say, table
from tests.chaos.processes import gone, kill
from tests.chaos.site import Site, open_site
from tests.chaos.wires import wires

CLIENTS = 6
FAULTED = 5_000
PATIENTS = 600
QUIET_SECONDS = 100.0
KEEP = bool(os.environ.get("IOP_ES_CHAOS_KEEP"))


def slots_of(site: Site) -> list[Slot]:
    """Every process of a site under drill: two APIs, a server that does everything, two of each loop."""
    first, second, third = site.post.ports
    return [
        Slot("api", {"port": first}),
        Slot("api", {"port": second}),
        Slot("everything", {"port": third}),
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
            "points": sum(" at random" not in kind for kind in killer.counts),
            **dict(sorted(killer.counts.items())), **dict(sorted(killer.further.items())),
            "commands": len(history.commands),
            "acknowledged": sum(one.answer is not None for one in history.commands),
            "refused": sum(any(each.refused for each in one.tries) for one in history.commands),
            "sent more than once": sum(number for times, number in tries.items() if times > 1),
            "facts": final.head, "reads": len(history.reads), "receipts": len(history.receipts),
        }  # fmt: skip
        return Outcome(counts, found)


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
    """Everything; 1 if an invariant was violated."""
    wiring.quiet_logs("error")
    say(f"seed {seed}")
    sections: dict[str, Callable[[], Outcome]] = {
        "Connections": lambda: wires(seed, FAULTED, minutes / 2, told=say),
        "Kills": lambda: kills(seed, wanted, minutes),
    }
    violated = False
    for name, section in sections.items():
        outcome = section()
        table(name, outcome)
        violated = violated or bool(outcome.violations)
    say("\nviolated" if violated else "\nnothing was lost")
    return int(violated)

"""The drill of connections: everything that the server says to its database goes through a wire that breaks."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event

from tests.chaos.checker import Violation, check
from tests.chaos.clients import Client, Sampler, Work
from tests.chaos.final import seen, settled
from tests.chaos.outcome import Outcome
from tests.chaos.processes import gone, kill
from tests.chaos.site import open_site
from tests.chaos.toxics import Proxy

RATE = 0.5
JOIN_SECONDS = 100.0


def wires(
    seed: int, wanted: int, minutes: float, patients: int = 200, clients: int = 24,
    told: Callable[[str], None] = lambda _text: None,
) -> Outcome:  # fmt: skip
    """Commands until so many of them had a fault of their own on the way, then what is left of them is checked."""
    with open_site(patients) as site:
        site.post.ports[:] = site.post.ports[:1]
        history, watching = site.history, Event()
        work = Work.of(site.post, history, patients, pause=0.0)
        proxy = Proxy(site.socket, seed)
        parts = [
            site.start("everything", port=site.post.ports[0], url=proxy.url),
            site.start("witness", folder=str(site.folder / "witness"), port=site.witness_port),
            site.start("reader", file=str(site.folder / "seen")),
        ]
        Sampler(site.url, history, watching).start()
        people = [Client(work, number, seed) for number in range(clients)]
        begun = said = time.monotonic()
        for one in people:
            one.start()
        proxy.rate = RATE
        while len(proxy.befallen) < wanted and time.monotonic() < begun + 60 * minutes:
            time.sleep(0.1)
            if time.monotonic() > said + 15:
                said = time.monotonic()
                told(f"  {said - begun:4.0f} s: {len(proxy.befallen):,} commands befallen of {len(history.commands):,}")
        work.stopping.set()
        last = time.monotonic() + JOIN_SECONDS
        for one in people:
            one.join(max(0.0, last - time.monotonic()))
        lasted, proxy.rate = time.monotonic() - begun, 0.0
        watching.set()
        for process in parts[:2]:
            kill(process)
            gone(process)
        final = settled(site.settings, history)
        until = time.monotonic() + 30
        while len(seen(site.folder / "seen")) < final.head and time.monotonic() < until:
            time.sleep(0.1)
        kill(parts[2])
        gone(parts[2])
        history.seen = seen(site.folder / "seen")
        found = check(history, final) + [Violation("liveness", f"{key} was never answered") for key in work.unknown]
        site.keep = bool(found)
        again = [one for one in history.commands if one.key.partition(":")[2] in proxy.befallen]
        return Outcome({
            "seconds": round(lasted),
            "faulted commands": len(again),
            **dict(sorted(proxy.counts.items())),
            "commands": len(history.commands),
            "acknowledged": sum(one.answer is not None for one in history.commands),
            "refused (another was first)": sum(any(each.refused for each in one.tries) for one in history.commands),
            "answered with a first answer": sum(
                any(each.acknowledged and each.body["replayed"] for each in one.tries) for one in again
            ),
            "sent more than once by the client": sum(len(one.tries) > 1 for one in history.commands),
            "facts": final.head,
        }, found)  # fmt: skip

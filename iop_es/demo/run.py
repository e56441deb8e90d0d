"""`iop-es demo` from beginning to end: the store, the simulation once, the report, and the API to ask further.

The log's name says which demonstration a store holds. The same one again only reports: what the simulation left, and
whatever was recorded over the API since.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from iop_es import serving, wiring
from iop_es.cli.frame import emit, say
from iop_es.demo import clinic
from iop_es.demo.examples import examples
from iop_es.demo.figures import Report
from iop_es.demo.incidents import incidents
from iop_es.demo.pictures import draw
from iop_es.demo.report import report
from iop_es.demo.show import WIDTH, show, show_pictures
from iop_es.engine import embedded
from iop_es.engine.errors import MigrationRefused
from iop_es.settings import Settings
from iop_es.wiring import House

NOT_THIS_STORE = 1


def run(
    settings: Settings, *, seed: int, weeks: int, patients: int = 60, serve: bool = True, as_json: bool = False
) -> int:
    """Simulates unless that was done before, reports, and serves if asked; answers the exit code.

    The report goes to standard output, everything beside it to standard error. Raises AddressTaken before any work when
    it is to serve and cannot.
    """
    name = f"demo seed={seed} weeks={weeks} patients={patients}"
    if serve:
        serving.must_be_free(settings.host, settings.port)
    with wiring.database(settings):
        try:
            wiring.migrated(settings, simulation=True, name=name)
        except MigrationRefused as error:
            return _another(settings, name, error)
        with wiring.opened(settings) as house:
            return _run(house, seed, weeks, patients, serve, as_json)


def _run(house: House, seed: int, weeks: int, patients: int, serve: bool, as_json: bool) -> int:
    with _seldom_collecting():
        code = _answer(house, seed, weeks, patients, as_json)
    if serve and code == 0:
        _serve(house, as_json)
    return code


def _answer(house: House, seed: int, weeks: int, patients: int, as_json: bool) -> int:
    head = house.log.head()
    if head.position == 0:
        say(f"Simulating {weeks} weeks of a clinic with {patients} patients (seed {seed}) ...")
        # A simulation that is cut off is begun again, so that it need not wait for the disk at each of its commits.
        with _progress(weeks) as progress, wiring.opened(house.settings, lasting=False) as quick:
            clinic.simulate(quick, seed, weeks, patients, progress)
    elif head.recorded_at < clinic.ends(weeks):
        say(f"An earlier run of this demo was cut off at {head.recorded_at}: {_anew(house.settings)}.")
        return NOT_THIS_STORE
    house.project()
    with house.sealer() as sealer:
        sealer.catch_up()
    _say_where(house.settings)
    _tell(house, report(house, incidents(house)), as_json)
    return 0


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Garbage is looked for among what is made here, and seldom: a sixth of the simulation was looking for it, and a
    tenth of the report."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _another(settings: Settings, wanted: str, error: MigrationRefused) -> int:
    """Says which store is there; an error about anything else is raised again."""
    with wiring.opened(settings, size=1) as house:
        found = house.log.head().name
    if found.removesuffix("/simulation") == wanted:
        raise error
    options = found.removeprefix("demo ").removesuffix("/simulation").split()
    again = f" with --{' --'.join(options)}" if found.startswith("demo ") else " in another folder"
    say(f'The store here is "{found}", not "{wanted}": run the demo{again}, or {_anew(settings)}.')
    return NOT_THIS_STORE


def _say_where(settings: Settings) -> None:
    """Names the database's folder when it could not be kept in the project's own."""
    home = Path(settings.project).resolve() / ".iop-es"
    data = None if settings.database_url else embedded.status(Path(settings.project))["data"]
    if data and not Path(data).is_relative_to(home):
        say(f"The database's files are in {Path(data).parent}, because its server cannot reach this folder.")


def _anew(settings: Settings) -> str:
    """How to begin again, as the end of a sentence."""
    if settings.database_url:
        return f"drop the schemas of {settings.schema_name}, or name another with IOP_ES_SCHEMA, and run it again"
    home = Path(settings.project).resolve() / ".iop-es"
    data = Path(embedded.status(Path(settings.project))["data"] or home)
    apart = "" if data.is_relative_to(home) else f" and {data.parent}"
    return f"remove {home}{apart} and run it again"


@contextmanager
def _progress(weeks: int) -> Iterator[Callable[[date, int], None]]:
    """A bar on standard error that moves with the simulated days; nothing where that is no terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    last = clinic.last_day(weeks)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("opening", total=7 * weeks)

        def move(day: date, facts: int) -> None:
            done = 7 * weeks - (last - day).days
            bar.update(task, completed=max(done, 0), description=f"{day:%a %Y-%m-%d} {facts:>7,} facts")

        yield move


def _tell(house: House, found: Report, as_json: bool) -> None:
    """Words before pictures: whoever reads the report need not wait for them."""
    if as_json:
        found.pictures.extend(draw(house))
        emit(found.model_dump(mode="json"))
    else:
        console = _console()
        show(found, console)
        show_pictures(draw(house), console)


def _console() -> Console:
    """Standard output; wide enough for the tables where it is a file, and never failing on a sign it cannot write."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH)


def _serve(house: House, as_json: bool) -> None:
    console = Console(stderr=True, highlight=False) if as_json else _console()

    def ready(address: str) -> None:
        console.print("\n[bold]Ask further[/bold]")
        console.print(f"Serving {address}/v1 (described at {address}/v1/docs); Ctrl-C stops it.", soft_wrap=True)
        for example in [] if house.settings.jwks_url else examples(house):
            console.print(f"\n{example.job}")
            console.print(example.curl(address), soft_wrap=True, markup=False)

    serving.serve(house, house.settings.host, house.settings.port, project=True, ready=ready)

"""What every command shares: settings, one sentence for an error with its exit code, results as data, progress."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import psycopg
import typer
from psycopg_pool import PoolTimeout
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from typer.core import TyperGroup

from aggregates.kit import Refusal
from api.gate import NotProjectedYet
from iop_es.engine.checking import StoreUnsafe
from iop_es.engine.embedded import EmbeddedUnavailable
from iop_es.engine.embedded.backup import BackupUnusable
from iop_es.engine.errors import StoreError, StoreUnavailable
from iop_es.engine.keys import KeysUnusable
from iop_es.engine.readmodel.driver import NotBuilt
from iop_es.engine.readmodel.failure import FoldFailed
from iop_es.engine.readmodel.rebuild import SharesLeft
from iop_es.engine.readmodel.successor import NoCommonPosition
from iop_es.engine.subjects.master import MasterKeysUnusable
from iop_es.engine.transparency.log_sealer import HistoryRefused, NothingToRestore
from iop_es.engine.transparency.proofs import NotSealedYet
from iop_es.engine.transparency.witness import WitnessAway, WitnessRefused
from iop_es.issuer import NoDevelopmentIssuer
from iop_es.logs import quiet_logs
from iop_es.serving import AddressTaken, IssuerMissing
from iop_es.settings import Settings
from iop_es.wiring import WitnessUnusable
from projections.claim_file.batch import NotInAFile, NotTheSameFile, OtherWriter

REFUSED, USAGE, UNREACHABLE, STOPPED = 1, 2, 3, 130
CODES: dict[type[Exception], int] = {
    StoreUnavailable: UNREACHABLE,
    EmbeddedUnavailable: UNREACHABLE,
    KeysUnusable: UNREACHABLE,
    MasterKeysUnusable: UNREACHABLE,
    psycopg.OperationalError: UNREACHABLE,
    PoolTimeout: UNREACHABLE,
    IssuerMissing: UNREACHABLE,
    AddressTaken: USAGE,
    StoreError: REFUSED,
    Refusal: REFUSED,
    FoldFailed: REFUSED,
    SharesLeft: REFUSED,
    NoCommonPosition: REFUSED,
    NotBuilt: REFUSED,
    NotProjectedYet: REFUSED,
    StoreUnsafe: REFUSED,
    NoDevelopmentIssuer: REFUSED,
    NotInAFile: REFUSED,
    NotTheSameFile: REFUSED,
    OtherWriter: REFUSED,
    HistoryRefused: REFUSED,
    NothingToRestore: REFUSED,
    WitnessRefused: REFUSED,
    BackupUnusable: REFUSED,
    WitnessAway: UNREACHABLE,
    WitnessUnusable: UNREACHABLE,
    NotSealedYet: REFUSED,
}
WrongUse: Any = typer.BadParameter.__base__  # typer does not say its base class of all wrong uses under a name

Json = Annotated[bool, typer.Option("--json", help="The result as JSON, and nothing else on standard output.")]


class Sentences(TyperGroup):
    """A group of commands in which every error becomes one sentence on standard error and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the command. Raises typer.Exit with the code for what went wrong."""
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort):
            raise
        except KeyboardInterrupt:
            leave(STOPPED, "Stopped.")
        except WrongUse as error:
            path = error.ctx.command_path if error.ctx else "iop-es"
            leave(USAGE, f"{_one_line(error.format_message())} See `{path} --help`.")
        except BrokenPipeError as error:
            if not _nobody_reads():
                leave(REFUSED, _unexpected(error))
        except Exception as error:  # noqa: BLE001 - no stack trace reaches a user, whatever happened
            code = next((code for kind, code in CODES.items() if isinstance(error, kind)), None)
            leave(REFUSED if code is None else code, _unexpected(error) if code is None else _sentence(error))


def _nobody_reads() -> bool:
    """Whether whoever read standard output has left, such as `head`; what is still to be said then goes nowhere."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False


def leave(code: int, sentence: str) -> NoReturn:
    """Ends the command with a sentence on standard error."""
    say(sentence)
    raise typer.Exit(code)


def say(sentence: str) -> None:
    """One line beside the result, on standard error."""
    typer.echo(sentence, err=True)


def emit(value: Any) -> None:
    """The result as JSON on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def settings(log_level: str | None = None) -> Settings:
    """The settings from the environment, with logging set up; `log_level` is for commands whose result is the news."""
    try:
        found = Settings()
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False)[0]
        name = str(wrong["loc"][0]).upper().removeprefix("IOP_ES_")
        leave(USAGE, f"The environment variable IOP_ES_{name} cannot be used: {wrong['msg']}.")
    quiet_logs(log_level or found.log_level)
    return found


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on standard error when that is a terminal, otherwise nothing; gives the function that moves it."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda reached: bar.update(task, completed=reached)


def _sentence(error: Exception) -> str:
    if isinstance(error, psycopg.OperationalError | PoolTimeout):
        # The primary message only: DETAIL may print values of a row.
        said = str(error) if isinstance(error, PoolTimeout) else error.diag.message_primary or str(error)
        return f"The database cannot be used. {_one_line(said)} Check that it runs, then try again."
    if isinstance(error, StoreUnsafe):
        return str(error)  # a line for each finding
    return _one_line(str(error) or type(error).__doc__ or type(error).__name__)


def _unexpected(error: Exception) -> str:
    """Where it happened, never the error's own text: that may quote a person's data."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{type(error).__name__}, {Path(last.filename).name} line {last.lineno}"
    return f"Something failed that should not ({place}); please report it with this line. No command was half recorded."


def _one_line(text: str) -> str:
    return " ".join(text.split())

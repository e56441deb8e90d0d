"""What may be written to the log: a closed list of events, each with its fields, and of each field what it may hold.

Nothing else is written, wherever it comes from: an event, a field or a value that is not on the list is left out, the
line says how many fields were (`dropped`), and all of it is counted. So a name that somebody logs by mistake does not
stand in a file that is kept elsewhere and read by others.

Of an exception its kind and place alone are written, of another program's logger the template of its message and never
the values, and neither where it is not known whose templates hold none.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, TextIO, cast

import structlog
from structlog.processors import NAME_TO_LEVEL

from iop_es.telemetry import COUNTED

EVENTS: dict[str, tuple[str, ...]] = {
    "batch_projected": ("model", "position", "facts", "rows", "milliseconds"),
    "facts_appended": ("orders", "facts", "position", "milliseconds"),
    "glass_broken": ("grant",),
    "request_answered": ("request", "method", "route", "status", "milliseconds"),
    "request_failed": ("request", "error", "place"),
    "projection_failed": ("model", "error", "reason", "again_in"),
    "patients_parked": ("model", "position", "fact", "cause", "patients", "streams"),
    "log_sealed": ("size", "facts", "milliseconds"),
    "reads_sealed": ("size", "reads", "milliseconds"),
    "sealing_refused": ("reason",),
    "sealing_failed": ("error", "reason", "again_in"),
    "cosigning_refused": ("status", "reason"),
    "witness_not_asked": ("reason",),
    "lease_taken": ("model", "holder", "former"),
    "lease_not_released": ("model",),
    "listening_lost": ("error",),
    "keys_not_fetched": ("error",),
    "database_not_started": ("reason",),
    "store_unsafe": ("reason",),
    "part_unreadable": ("reason",),
    "failpoint_armed": ("point",),
    "library_said": ("logger", "said", "error", "place"),
    "process_failed": ("error", "place"),
}
"""The events of the table in `telemetry`."""

_NAME = re.compile(r"[A-Za-z_][\w.]{0,99}")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PLACE = re.compile(r"[\w.]{1,100}:\d{1,6}")
_ROUTE = re.compile(r"/[\w/{}.-]{0,200}")
_HOLDER = re.compile(r"[\w.-]{1,100}:\d{1,10}:[\w-]{1,50}")
_SENTENCE = re.compile(r"[^\x00-\x1f]{1,1000}")
"""What our own errors say of settings, hosts and keys, and the template of a library's message."""
_TEXTS: dict[str, re.Pattern[str]] = {
    "request": _ID, "grant": _ID, "model": _NAME, "method": _NAME, "route": _ROUTE, "error": _NAME, "place": _PLACE,
    "fact": _NAME,
    "holder": _HOLDER, "former": _HOLDER, "logger": _NAME, "reason": _SENTENCE, "cause": _SENTENCE, "said": _SENTENCE,
    "point": _NAME,
}  # fmt: skip
"""Fields that hold a text; any other holds a number. Each may be null."""

TEMPLATES_OF = frozenset({"uvicorn", "psycopg", "concurrent"})
"""Libraries whose log messages are templates with the values apart."""


def quiet_logs(level: str) -> None:
    """JSON lines on standard error, of the list above alone, from `level` on; other programs' loggers, warnings and
    exceptions that nobody caught come out the same way.

    Events of the level info are counted even where only worse ones are written.
    """
    threshold = getattr(logging, level.upper())
    structlog.configure(
        processors=[
            allowed,
            COUNTED,
            _from(threshold),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(min(threshold, logging.INFO)),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _StandardError())),
    )
    root = logging.getLogger()
    if not any(isinstance(handler, _AsJson) for handler in root.handlers):
        root.addHandler(_AsJson())
    root.setLevel(max(threshold, logging.WARNING))
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda failed: _uncaught(failed.exc_type, failed.exc_value, failed.exc_traceback)
    sys.unraisablehook = lambda failed: _uncaught(failed.exc_type, failed.exc_value, failed.exc_traceback)


def allowed(_logger: Any, _method: str, event: Any) -> Any:
    """A processor of structlog that leaves out what is not on the list, says so, and counts it."""
    name = event.get("event")
    fields = EVENTS.get(name)
    if fields is None:
        COUNTED.dropped.inc()
        raise structlog.DropEvent
    kept = {field: value for field, value in event.items() if field in fields and _fits(field, value)}
    if lost := len(event) - 1 - len(kept):
        COUNTED.dropped.inc(lost)
        kept["dropped"] = lost
    return {"event": name, **kept}


def place_of(trace: TracebackType | None) -> str | None:
    """File and line in which an exception was raised."""
    frames = traceback.extract_tb(trace)
    return f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else None


def _fits(field: str, value: Any) -> bool:
    pattern = _TEXTS.get(field)
    if value is None or pattern is None:
        return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _uncaught(kind: type[BaseException], _error: BaseException | None, trace: TracebackType | None) -> None:
    """An exception that nobody caught, in any thread."""
    if not issubclass(kind, KeyboardInterrupt | SystemExit):
        structlog.get_logger().error("process_failed", error=kind.__name__, place=place_of(trace))


def _from(threshold: int) -> Callable[[Any, str, Any], Any]:
    """A processor that ends every event below a level."""

    def process(_logger: Any, method: str, event: Any) -> Any:
        if NAME_TO_LEVEL[method] < threshold:
            raise structlog.DropEvent
        return event

    return process


class _StandardError:
    """Standard error as it is when a line is written, not when logging was set up."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


class _AsJson(logging.Handler):
    """Passes on that a library said something, without the values that it spoke of."""

    def emit(self, record: logging.LogRecord) -> None:
        kind, _, trace = record.exc_info or (None, None, None)
        template = record.msg if record.name.partition(".")[0] in TEMPLATES_OF and isinstance(record.msg, str) else None
        structlog.get_logger().log(
            record.levelno, "library_said", logger=record.name, said=template and template.strip().partition("\n")[0],
            error=kind and kind.__name__, place=place_of(trace),
        )  # fmt: skip

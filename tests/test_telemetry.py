"""The contract of logs and metrics: the tables say what the code does, and what is counted is right at every level."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterator

import pytest
import structlog
from prometheus_client import Metric

from iop_es import telemetry
from iop_es.engine.errors import StoreUnavailable
from iop_es.logs import EVENTS, quiet_logs
from iop_es.telemetry import Counted, Measured
from iop_es.wiring import MODELS
from tests.test_architecture import ROOMS, imported, name, sources, within

LEVELS = ("debug", "info", "warning", "error", "exception", "critical")
LABELS = {"model", "route", "method", "status"}
KINDS = {"gauge", "counter", "histogram"}


def table(first: str) -> list[list[str]]:
    """The rows of the table in the docstring whose first column has this title."""
    lines = inspect.cleandoc(telemetry.__doc__ or "").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{first}  "))
    rows = lines[start + 2 : lines.index("", start)]
    return [re.split(r" {2,}", line) for line in rows]


def logged() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Every event in the code: its name, level ("any" where the level is an argument) and fields."""
    for path in sources(*ROOMS):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _a_logger(node.func.value):
                any_level = node.func.attr == "log"
                assert any_level or node.func.attr in LEVELS, (path, node.func.attr)
                event = node.args[1 if any_level else 0]
                assert isinstance(event, ast.Constant) and isinstance(event.value, str), (path, node.lineno)
                assert all(one.arg for one in node.keywords), (path, node.lineno)
                fields = frozenset(str(one.arg) for one in node.keywords)
                yield event.value, "any" if any_level else node.func.attr, fields


def _a_logger(node: ast.expr) -> bool:
    return ast.unparse(node) in {"logger", "structlog.get_logger()"}


def away() -> None:
    """How a store stands that cannot be reached."""
    raise StoreUnavailable("The connection was lost.")


def families(measured: Measured) -> dict[str, Metric]:
    """What is measured, by exposed name; the process's own metrics left out."""
    found = {one.name + ("_total" if one.type == "counter" else ""): one for one in measured.registry.collect()}
    return {name: one for name, one in found.items() if not name.startswith("process_")}


def test_the_table_of_events_is_what_the_code_logs() -> None:
    """Each event with its level and fields stands there once, and none that nobody logs."""
    told = [(event, level, frozenset(fields.split())) for event, level, fields, _ in table("event")]
    assert len({event for event, *_ in told}) == len(told)
    assert set(told) == set(logged())


def test_the_list_that_the_log_is_kept_to_is_the_table() -> None:
    """Nothing may be logged that is not told there, and nothing told is left out."""
    assert {event: fields.split() for event, _, fields, _ in table("event")} == {
        event: list(fields) for event, fields in EVENTS.items()
    }


def test_the_table_of_metrics_is_what_is_registered() -> None:
    """Each metric with its kind and labels stands there once, and none that is not measured."""
    told = {name: (kind, labels) for name, kind, labels, _, _ in table("metric")}
    described = [one for part in (*Counted().collectors(), telemetry.Stood(away)) for one in part.describe()]
    kinds = {one.name + ("_total" if one.type == "counter" else ""): one.type for one in described}
    assert {name: kind for name, (kind, _) in told.items()} == kinds
    assert set(kinds.values()) <= KINDS
    labels = {name: told[name][1].replace("-", "").split() for name in told}
    for one in Counted().collectors():
        name = one._name + ("_total" if one._type == "counter" else "")
        assert list(one._labelnames) == labels.pop(f"{name}")
    assert labels == {name: ["model"] * name.startswith("iop_es_read_model_") for name in labels}


def test_no_label_can_name_a_person() -> None:
    """Labels are read models, route templates, methods and statuses."""
    assert {label for _, _, labels, _, _ in table("metric") for label in labels.replace("-", "").split()} <= LABELS


def test_a_store_that_is_away_leaves_the_counts() -> None:
    """The gauges but one are absent, and nothing fails."""
    found = families(Measured(away, MODELS))
    assert [(one.name, one.value) for one in found["iop_es_database_up"].samples] == [("iop_es_database_up", 0)]
    assert not any(name.startswith(("iop_es_log_", "iop_es_read_model_")) for name in found)
    failed = {one.labels["model"] for one in found["iop_es_projection_failures_total"].samples}
    assert failed == MODELS.keys()


def test_what_is_not_written_is_counted_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """With the level error a batch is counted and not written; an error is both."""
    measured = Measured(away, MODELS)
    quiet_logs("error")
    log, batch = structlog.get_logger(), {"position": 9, "facts": 7, "rows": 3, "milliseconds": 250.0}
    before = sample(measured, "iop_es_facts_projected_total"), sample(measured, "iop_es_batch_seconds_sum")
    log.info("batch_projected", model="audit", **batch)
    log.error("projection_failed", model="audit", error="RuntimeError", reason=None, again_in=0.4)
    after = sample(measured, "iop_es_facts_projected_total"), sample(measured, "iop_es_batch_seconds_sum")
    assert (after[0] - before[0], after[1] - before[1]) == (7, pytest.approx(0.25))
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line["level"]) for line in lines] == [("projection_failed", "error")]


def test_a_request_is_counted_by_its_template() -> None:
    """What was found nowhere shares one label, as do methods that nobody knows, so that no caller makes labels."""
    counted = Counted()
    for route, method in (("/v1/me", "GET"), (None, "GET"), (None, "other"), (None, "other")):
        event = {"event": "request_answered", "route": route, "method": method, "status": 404, "milliseconds": 1.0}
        assert counted(None, "info", event) is event
    counts = [one for one in next(iter(counted.requests.collect())).samples if one.name.endswith("_count")]
    assert {(one.labels["route"], one.labels["method"], one.value) for one in counts} == {
        ("/v1/me", "GET", 1), ("none", "GET", 1), ("none", "other", 2),
    }  # fmt: skip


def test_the_engine_and_the_api_know_nothing_of_metrics() -> None:
    """The library of metrics is used in the roof alone: where they are made, and where a projector answers them."""
    known = {name(path) for path in sources(*ROOMS) if any(within(one, "prometheus_client") for one in imported(path))}
    assert known == {"iop_es/telemetry.py", "iop_es/serving.py"}


def sample(measured: Measured, name: str) -> float:
    """The value of one of the read model audit's series."""
    return measured.registry.get_sample_value(name, {"model": "audit"}) or 0.0

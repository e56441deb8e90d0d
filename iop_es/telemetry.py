"""What the house says while it works: every log event and every metric. These names are a contract, and a test holds
the two tables against the code. Ids only: never a name, a word of the record, or an id of a person in a label.

Events are JSON lines on standard error, each with `event`, `level` and `timestamp`:

event                 level    fields                                               when
--------------------  -------  ---------------------------------------------------  -----------------------------------
batch_projected       info     model position facts rows milliseconds               a batch is committed
facts_appended        info     orders facts position milliseconds                   an append is committed
glass_broken          warning  grant                                                an emergency opens a record
request_answered      info     request method route status milliseconds             a request has its answer
request_failed        error    request error place                                  the answer is a 500
projection_failed     error    model error reason again_in                          a projector tries again
patients_parked       error    model position fact cause patients streams           facts are passed over from here on
log_sealed            info     size facts milliseconds                              a checkpoint is signed and kept
reads_sealed          info     size reads milliseconds                              the same of the access log
sealing_refused       error    reason                                               what is here is not what was sealed
sealing_failed        error    error reason again_in                                the log's sealer tries again
cosigning_refused     warning  status reason                                        a witness says no to a log
witness_not_asked     warning  reason                                               a server begins without its word
lease_taken           info     model holder former                                  another one projects from here on
lease_not_released    warning  model                                                a projector ends without database
listening_lost        warning  error                                                hints stop; it looks every second
store_unsafe          warning  reason                                               what a temporary store may lack
keys_not_fetched      warning  error                                                the issuer does not answer
database_not_started  error    reason                                               the embedded server stays down
part_unreadable       error    reason                                               it is not what was sealed there
failpoint_armed       warning  point                                                a drill holds this process there
library_said          any      logger said error place                              another program's logger spoke
process_failed        error    error place                                          an exception that nobody caught

A line whose event had more fields than these, or a value that its field may not hold, says how many were left out
(`dropped`); `logs` has the list that is kept to.

Metrics are answered by `GET /metrics` of the API and by `iop-es project` on IOP_ES_METRICS_PORT, with those of the
process (`process_*`). What is counted is counted from the events above, in the process that answers, whatever level is
logged. What is a gauge is asked of the database by one query a scrape, so that it is right whoever projects; while the
database is away only the first gauge is there.

metric                             kind       labels               unit      meaning
---------------------------------  ---------  -------------------  --------  ------------------------------
iop_es_database_up                 gauge      -                    -         1 if it answered, else 0
iop_es_log_position                gauge      -                    facts     the log's head
iop_es_log_sealed_position         gauge      -                    facts     how far the log is sealed
iop_es_log_takes_facts             gauge      -                    -         0: not what was sealed is here
iop_es_break_glass_unreviewed      gauge      -                    grants    that nobody has judged yet
iop_es_read_model_built            gauge      model                -         1 if this release's is built
iop_es_read_model_version          gauge      model                -         what this release reads
iop_es_read_model_position         gauge      model                facts     how far it has come
iop_es_read_model_facts_behind     gauge      model                facts     what it does not show yet
iop_es_read_model_seconds_behind   gauge      model                seconds   age of the oldest of these
iop_es_read_model_patients_parked  gauge      model                patients  whose facts are passed over
iop_es_read_model_lease_held       gauge      model                -         1 if a projector holds it
iop_es_facts_projected_total       counter    model                facts     taken in by its batches
iop_es_rows_written_total          counter    model                rows      written by its batches
iop_es_batch_seconds               histogram  model                seconds   a batch; the count: batches
iop_es_projection_failures_total   counter    model                times     a projector tries again
iop_es_facts_parked_total          counter    model                facts     failed, and stopped somebody
iop_es_facts_sealed_total          counter    -                    facts     in signed checkpoints
iop_es_seal_seconds                histogram  -                    seconds   a seal; the count: checkpoints
iop_es_sealing_failures_total      counter    -                    times     failed or refused
iop_es_orders_recorded_total       counter    -                    orders    by committed appends
iop_es_facts_appended_total        counter    -                    facts     appended by them
iop_es_append_seconds              histogram  -                    seconds   an append, with its retries
iop_es_unlogged_total              counter    -                    times     kept out of the log, see above
iop_es_request_seconds             histogram  route method status  seconds   a request; the count: requests

A `route` is a template such as /v1/sessions/{session_id}/start, or "none" where nothing was found or nobody was let in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping
from typing import Any

import psycopg
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from api.gate import Standing
from iop_es.engine.errors import StoreError

APPEND_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
BATCH_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
REQUEST_BUCKETS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
Event = MutableMapping[str, Any]

disable_created_metrics()  # type: ignore[no-untyped-call] # a second series for every counter, of no use to anybody


def _counter(name: str, told: str, labels: list[str] | None = None) -> Counter:
    return Counter(f"iop_es_{name}", told, labels or [], registry=None)


def _histogram(name: str, told: str, buckets: tuple[float, ...], labels: list[str] | None = None) -> Histogram:
    return Histogram(f"iop_es_{name}", told, labels or [], registry=None, buckets=buckets)


class Counted:
    """Counters and histograms, moved by log events: a processor of structlog that lets every event pass unchanged."""

    def __init__(self) -> None:
        model, request = ["model"], ["route", "method", "status"]
        self.projected = _counter("facts_projected", "Facts taken in by committed batches.", model)
        self.written = _counter("rows_written", "Rows written by committed batches.", model)
        self.batches = _histogram("batch_seconds", "Seconds of a projected batch.", BATCH_BUCKETS, model)
        self.failures = _counter("projection_failures", "Times that a projector failed and tried again.", model)
        self.parked = _counter("facts_parked", "Facts that stopped somebody because they failed.", model)
        self.sealed = _counter("facts_sealed", "Facts in signed checkpoints.")
        self.seals = _histogram("seal_seconds", "Seconds of a seal.", BATCH_BUCKETS)
        self.sealing_failures = _counter("sealing_failures", "Times that sealing the log failed or was refused.")
        self.orders = _counter("orders_recorded", "Orders recorded by committed appends.")
        self.appended = _counter("facts_appended", "Facts appended.")
        self.appends = _histogram("append_seconds", "Seconds of an append.", APPEND_BUCKETS)
        self.dropped = _counter("unlogged", "Events and fields that were kept out of the log.")
        self.requests = _histogram("request_seconds", "Seconds of a request.", REQUEST_BUCKETS, request)
        self._takes: dict[str, Callable[[Event], None]] = {
            "batch_projected": self._batch, "facts_appended": self._append, "request_answered": self._request,
            "projection_failed": lambda event: self.failures.labels(event["model"]).inc(),
            "log_sealed": self._seal,
            "sealing_failed": lambda _event: self.sealing_failures.inc(),
            "sealing_refused": lambda _event: self.sealing_failures.inc(),
            "patients_parked": lambda event: self.parked.labels(event["model"]).inc(),
        }  # fmt: skip

    def __call__(self, _logger: Any, _method: str, event: Event) -> Event:
        """Counts an event, unless something of it is missing."""
        take = self._takes.get(event["event"])
        if take is not None and "dropped" not in event:
            take(event)
        return event

    def begin(self, models: Iterable[str]) -> None:
        """Lets what is counted by read model begin at zero, so that the first failure is a change."""
        for model in models:
            for one in (self.projected, self.written, self.batches, self.failures, self.parked):
                one.labels(model)

    def collectors(self) -> tuple[Counter | Histogram, ...]:
        """All of them."""
        return tuple(one for one in vars(self).values() if isinstance(one, Counter | Histogram))

    def _batch(self, event: Event) -> None:
        self.projected.labels(event["model"]).inc(event["facts"])
        self.written.labels(event["model"]).inc(event["rows"])
        self.batches.labels(event["model"]).observe(event["milliseconds"] / 1000)

    def _seal(self, event: Event) -> None:
        self.sealed.inc(event["facts"])
        self.seals.observe(event["milliseconds"] / 1000)

    def _append(self, event: Event) -> None:
        self.orders.inc(event["orders"])
        self.appended.inc(event["facts"])
        self.appends.observe(event["milliseconds"] / 1000)

    def _request(self, event: Event) -> None:
        labels = (event["route"] or "none", event["method"], event["status"])
        self.requests.labels(*labels).observe(event["milliseconds"] / 1000)


class Stood(Collector):
    """The gauges, asked of the database at each scrape; only the first one while it is away."""

    def __init__(self, standing: Callable[[], Standing]) -> None:
        self._standing = standing

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Every gauge without a value, so that registering asks no database."""
        yield from _gauges().values()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges of this moment."""
        gauges = _gauges()
        try:
            standing = self._standing()
        except (StoreError, psycopg.Error):
            gauges["database_up"].add_metric([], 0)
        else:
            gauges["database_up"].add_metric([], 1)
            _fill(gauges, standing)
        yield from (gauge for gauge in gauges.values() if gauge.samples)


COUNTED = Counted()
"""This process's counts: one for all that happens in it."""


class Measured:
    """Everything that a process answers to a scrape; `standing` tells how the store stands, `models` which read models
    there are."""

    def __init__(self, standing: Callable[[], Standing], models: Iterable[str]) -> None:
        COUNTED.begin(models)
        self.registry = CollectorRegistry()
        for one in (*COUNTED.collectors(), Stood(standing)):
            self.registry.register(one)
        ProcessCollector(registry=self.registry)

    def __call__(self, accept: str) -> tuple[bytes, str]:
        """The answer in the form that an Accept header asks for, and the name of that form."""
        encode, kind = choose_encoder(accept)
        return encode(self.registry), kind


_GAUGES = {
    "database_up": "Whether the database answered.",
    "log_position": "The log's head.",
    "log_sealed_position": "How far the log is sealed.",
    "log_takes_facts": "Whether the log takes facts: 0 when what is here is not what was sealed.",
    "break_glass_unreviewed": "Broken glasses that nobody has judged yet.",
    "read_model_built": "Whether this release's version is built.",
    "read_model_version": "The version that this release reads.",
    "read_model_position": "How far the read model has come.",
    "read_model_facts_behind": "Facts that it does not show yet.",
    "read_model_seconds_behind": "Age of the oldest fact that it does not show yet.",
    "read_model_patients_parked": "Patients whose facts are passed over.",
    "read_model_lease_held": "Whether a projector holds its lease.",
}


def _gauges() -> dict[str, GaugeMetricFamily]:
    labels = {name: ["model"] if name.startswith("read_model_") else [] for name in _GAUGES}
    return {name: GaugeMetricFamily(f"iop_es_{name}", told, labels=labels[name]) for name, told in _GAUGES.items()}


def _fill(gauges: dict[str, GaugeMetricFamily], standing: Standing) -> None:
    gauges["log_position"].add_metric([], standing.head)
    gauges["log_sealed_position"].add_metric([], standing.sealed)
    gauges["log_takes_facts"].add_metric([], standing.refusal is None)
    gauges["break_glass_unreviewed"].add_metric([], standing.unreviewed)
    for name in standing.missing:
        gauges["read_model_built"].add_metric([name], 0)
    for name, one in standing.read_models.items():
        values = {
            "built": 1, "version": one.version, "position": one.position, "facts_behind": one.facts_behind,
            "seconds_behind": max(0.0, one.seconds_behind), "patients_parked": one.parked, "lease_held": one.held,
        }  # fmt: skip
        for what, value in values.items():
            gauges[f"read_model_{what}"].add_metric([name], value)

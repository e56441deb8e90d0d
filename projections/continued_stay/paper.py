"""The summary on one page, as HTML and as PDF; both are set from the same words, so that neither says more.

A stay longer than the page has room for shows its last weeks one by one and the earlier ones added up.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from aggregates.assessment.instruments import TOTAL
from projections.chart.notice import Notice
from projections.chart.pdf import typeset
from projections.chart.words import clock, said
from projections.continued_stay.reading import Reviewed
from projections.continued_stay.views import AskedView, ContinuedStay, ResultView, UnitsView, WeekView
from projections.pictures.svg import svg
from projections.pictures.trend import trend

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""What a browser may do with the HTML: nothing but show it, with the pictures that are in it."""
WEEKS, PICTURES, RESULTS, ALERTS, WORDS = 8, 3, 7, 3, 150
"""How many weeks, pictures, results and alerts there is room for, and how many characters of a goal."""
LEGEND = (
    "In the pictures: square baseline, circle unchanged, diamond recovered, triangle towards better improved, towards"
    " worse deteriorated, bar not judged, cross no measure in 14 days; dotted line baseline, dashed reliably better,"
    " dash-dotted reliably worse; stripes are the bands of severity."
)
MARK = "*"
"""Stands behind what no official source, or no named person, has confirmed."""
WEEKLY = ("week of", "plan", "offered", "attended", "missed")
MEASURED = ("measure", "baseline", "last", "change", "class", "reliable from", "per week")
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A small picture and the text that stands for it."""

    svg: str
    described: str

    @property
    def address(self) -> str:
        """The picture as an address that holds it."""
        return "data:image/svg+xml;base64," + b64encode(self.svg.encode()).decode()


@dataclass(frozen=True, slots=True)
class Page:
    """All that is printed."""

    running: str
    notice: tuple[str, ...]
    facts: tuple[Row, ...]
    weekly: Row
    weeks: tuple[Row, ...]
    asked: tuple[Row, ...]
    measured: Row
    results: tuple[Row, ...]
    legend: str
    sources: tuple[str, ...]
    care: tuple[Row, ...]
    missing: tuple[str, ...]
    foot: str


def html(found: Reviewed, notice: Notice | None = None) -> bytes:
    """The page in UTF-8; `notice` is what has to go along to whom it is sent."""
    return _template().render(page=page(found, notice), pictures=pictures(found)).encode()


def pdf(found: Reviewed, notice: Notice | None = None) -> bytes:
    """The page as PDF."""
    source = (files("projections.continued_stay") / "page.typ").read_bytes()
    return typeset(source, asdict(page(found, notice)), [one.svg for one in pictures(found)])


def pictures(found: Reviewed) -> list[Drawn]:
    """A small trend for each measure that was taken most, total scores first."""
    scored = [one for one in found.courses if one.last_score is not None]
    scored.sort(key=lambda one: (one.scale != TOTAL, -len(one.measures), one.instrument, one.scale))
    end = found.summary.discharged_on
    until = {found.summary.enrollment_id: date.fromisoformat(end) if end else found.summary.today}
    made = [trend([one], until) for one in scored[:PICTURES]]
    return [Drawn(svg(one, small=True), one.described) for one in made]


def page(found: Reviewed, notice: Notice | None = None) -> Page:
    """The summary in words."""
    one = found.summary
    results = one.results[:RESULTS]
    return Page(
        running=found.running, notice=notice.lines if notice else (), facts=tuple(_facts(one)), weekly=WEEKLY,
        weeks=tuple(_weeks(one.weeks)),
        asked=tuple(_asked(each) for each in (one.policy.asked if one.policy else ())), measured=MEASURED,
        results=tuple(_result(each) for each in results), legend=LEGEND,
        sources=tuple(_sources(one)), care=tuple(_care(one)), missing=one.missing,
        foot=f"As recorded through fact {found.through_position:,} of {clock(found.through_at, one.time_zone)}; days"
        f" and times are of {one.time_zone}. {MARK} not confirmed by an official source, or by a named person. Weeks"
        " are of all services, Monday to Sunday; no word of a note is in this summary.",
    )  # fmt: skip


def _facts(one: ContinuedStay) -> Iterator[Row]:
    days = "not admitted" if one.admitted_on is None else f"{one.admitted_on}, {one.days_since_admission} days"
    yield "Program", f"{one.program_code}, {said(one.level_of_care or 'no level of care').lower()}"
    yield "Admitted", days + (f"; discharged {one.discharged_on}" if one.discharged_on else "")
    yield "Diagnosis", one.diagnosis or "none recorded"
    payer = one.policy
    yield "Payer", "no coverage on this day" if payer is None else (
        f"{payer.payer_name}, terms {payer.policy_code} since {payer.effective_from}" if payer.policy_id else
        "no terms recorded"
    )


def _weeks(weeks: Sequence[WeekView]) -> Iterator[Row]:
    earlier = weeks[:-WEEKS]
    if earlier:
        planned = sum(one.planned_minutes or 0 for one in earlier)
        yield (
            f"{len(earlier)} before", hours(planned), hours(sum(one.scheduled_minutes for one in earlier)),
            hours(sum(one.attended_minutes for one in earlier)), _missed(earlier),
        )  # fmt: skip
    for one in weeks[-WEEKS:]:
        plan = "no plan" if one.planned_minutes is None else f"{hours(one.planned_minutes)}, {one.planned_days} d"
        yield (
            one.week + ("" if one.whole else " (part)"), plan, hours(one.scheduled_minutes),
            f"{hours(one.attended_minutes)}, {one.attended_days} d", _missed([one]),
        )  # fmt: skip


def _missed(weeks: Sequence[WeekView]) -> str:
    absent, excused = sum(one.absent for one in weeks), sum(one.excused for one in weeks)
    return ", ".join(f"{count} {what}" for count, what in ((absent, "absent"), (excused, "excused")) if count)


def _asked(one: AskedView) -> Row:
    met = {True: "met", False: "NOT MET", None: "open"}[one.met]
    return said(one.what), one.asks + (MARK if one.unverified else ""), one.stands, met


def _result(one: ResultView) -> Row:
    band = f" {one.band}{'' if one.band_verified is not False else MARK}" if one.band else ""
    score = "" if one.last_score is None else str(one.last_score)
    return (
        one.name, f"{'–' if one.baseline_score is None else one.baseline_score} ({one.baseline_on[5:]})",
        f"{score}{band} ({one.last_on[5:]})", "–" if one.change is None else f"{one.change:+d}",
        one.change_class or "–", "–" if one.reliable_change is None else f"{one.reliable_change} points",
        "–" if one.slope_per_week is None
        else f"{one.slope_per_week:+.1f} ({one.slope_low:+.1f} to {one.slope_high:+.1f})",
    )  # fmt: skip


def _sources(one: ContinuedStay) -> Iterator[str]:
    told: dict[str, list[str]] = {}
    for each in one.results[:RESULTS]:
        if each.threshold_source:
            told.setdefault(each.threshold_source, []).append(each.name)
    for source, names in told.items():
        yield f"{', '.join(names)}: {source}."
    if len(one.results) > RESULTS:
        yield f"{len(one.results) - RESULTS} further scales are not on this page."


def _care(one: ContinuedStay) -> Iterator[Row]:
    plan, risk = one.plan, one.risk
    if plan is None:
        yield "Plan of care", "none is recorded"
    else:
        certified = f"certified through {plan.certified_through}" if plan.certified_through else "not certified"
        agreed = "agreed" if plan.patient_agreed else "disagreed"
        reviewed = f"reviewed {plan.reviewed_on}, patient {agreed}" if plan.reviewed_on else "not reviewed yet"
        yield "Plan of care", (
            f"of {plan.adopted_on}: {hours(plan.weekly_minutes)} on {plan.weekly_days} days a week for"
            f" {plan.planned_weeks} weeks; {reviewed}, next by {plan.review_due_on}; {certified}"
        )
        for goal in plan.goals:
            yield f"Goal {goal.goal}", shortened(goal.words) if goal.words else "no words of it in the plan of care"
    judged = "nobody has assessed it" if risk.level is None or risk.assessed_at is None else (
        f"{risk.level}, assessed {clock(risk.assessed_at, one.time_zone)} by {', '.join(risk.basis)}"
    )
    review = f", to be reviewed {risk.safety_plan_review_on}" if risk.safety_plan_review_on else ""
    yield "Risk", f"{judged}; safety plan: {risk.safety_plan_on or 'none recorded'}{review}"
    for why in risk.alerts[:ALERTS]:
        yield "Alert", f"{why} Nobody has cleared it."
    if len(risk.alerts) > ALERTS:
        yield "Alert", f"{len(risk.alerts) - ALERTS} more stand open."
    for each in one.authorizations:
        yield "Authorization", _units(each)
    if not one.authorizations:
        yield "Authorization", "none is recorded"


def _units(one: UnitsView) -> str:
    days = f"{one.valid_from} through {one.valid_through}"
    if one.status != "approved":
        return f"{one.status}, {one.units} units ({one.unit_basis}), {days}"
    return f"{one.used} of {one.units} units ({one.unit_basis}) used, {one.left} left, {days}"


def shortened(words: str) -> str:
    """A goal's words in one line, cut at a word where they are long."""
    line = " ".join(words.split())
    return line if len(line) <= WORDS else f"{line[:WORDS].rsplit(' ', 1)[0]} …"


def hours(minutes: int) -> str:
    """Minutes as hours."""
    return f"{minutes / 60:.1f}".removesuffix(".0") + " h"


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("projections.continued_stay", ""), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("page.html")

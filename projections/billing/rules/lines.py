"""As which lines is the day billed, at which charge, and what is expected of payer and patient?

One line for the per diem; or one for each service, where the payer is billed so or takes services for a short day; and
beside them what the payer pays apart from the per diem. Services of one code and the same modifiers share a line.
A copayment is for the day; coinsurance is of the expected payment, rounded to the nearest cent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aggregates.payer_policy.terms import ModifierRule, ServicePrice
from projections.billing.day import Case
from projections.billing.documents import Visit
from projections.billing.lines import BillLine, total
from projections.billing.references import Charges
from projections.billing.rules import counting
from projections.billing.rules.care import latest
from projections.billing.rules.services import ONE_UNIT, priced


def find(case: Case) -> None:
    """The day's lines; none where no per diem applies. Asked once it is known what counts."""
    if case.per_diem is None:
        return
    case.lines = list(_together([*_of_the_day(case), *_apart(case)]))
    billed = {id(visit) for _, visit in case.counted} | {id(visit) for visit, _ in counting.apart(case)}
    case.documented = [(session, visit) for session, visit in case.visits if id(visit) in billed]


def ask(case: Case) -> None:
    """Charges, then what is expected: a line without a charge holds the day, an unknown payment is a warning."""
    missing = [one for one in case.lines if one.charge_cents is None]
    charges = charges_on(case)
    positions = charges.positions if charges else case.program.positions
    if missing:
        codes = ", ".join(sorted({one.procedure_code or one.revenue_code for one in missing}))
        case.say("charge", "held", "charge_missing", positions, codes=codes)
    elif case.lines:
        positions = [*positions, *_campus_positions(case)]
        case.say("charge", positions=positions, charge_cents=total([one.charge_cents for one in case.lines]) or 0)
    _expect(case)


def _expect(case: Case) -> None:
    rates = [one.expected_cents for one in case.lines if one.use != "day_line"]
    if case.per_diem and case.terms.line_basis == "service" and not case.short_day:
        rates.append(case.per_diem.rate_cents)
    case.expected_cents = total(rates)
    positions = case.version.positions if case.version else []
    if case.expected_cents is None:
        case.say("expected", "warning", "expected_payment_unknown", positions)
        return
    case.say("expected", positions=positions, expected_cents=case.expected_cents)
    _share(case, case.expected_cents)


def _share(case: Case, expected: int) -> None:
    """What the payer last said of this episode's benefits that holds on the day."""
    said = [one for one in case.episode.benefits if one.payer_id == case.payer_id and one.on <= case.date]
    if said:
        last = said[-1]
        coinsurance = (expected * (last.coinsurance_percent or 0) + 50) // 100
        case.share_cents = min(expected, (last.copayment_cents or 0) + coinsurance)
        case.say("patient_share", positions=last.positions, share_cents=case.share_cents)


def _of_the_day(case: Case) -> Iterator[BillLine]:
    counted = [visit for _, visit in case.counted]
    if case.short_day:
        yield from (_line(case, price, visit) for visit, price in priced(case.terms, counted, "short_day"))
    elif case.term("line_basis") == "service":
        yield from (_line(case, price, visit) for visit, price in priced(case.terms, counted, "day_line"))
    elif case.per_diem is not None and case.units:
        one, rate, form = case.per_diem, case.per_diem.rate_cents, case.terms.claim_form
        yield BillLine(
            "per_diem", one.revenue_code, one.procedure_code, _modifiers(case, counted, form), case.units,
            _charge(case, one.procedure_code or one.revenue_code, case.units),
            None if rate is None else rate * case.units, form,
        )


def _apart(case: Case) -> Iterator[BillLine]:
    yield from (_line(case, price, visit) for visit, price in counting.apart(case))


def _line(case: Case, price: ServicePrice, visit: Visit) -> BillLine:
    form = price.form or case.terms.claim_form
    return BillLine(
        price.use, price.revenue_code, price.procedure_code, _modifiers(case, [visit], form), 1,
        _charge(case, price.procedure_code, 1), price.rate_cents, form,
    )


def _together(lines: Iterable[BillLine]) -> Iterator[BillLine]:
    """Lines that a claim could not tell apart are one; of the codes that have one unit a day the first stands, whatever
    the modifiers of the others."""
    found: dict[tuple[object, ...], BillLine] = {}
    for line in lines:
        once = line.procedure_code in ONE_UNIT
        key = (line.form, line.revenue_code, line.procedure_code, () if once else tuple(line.modifiers))
        first = found.setdefault(key, line)
        if first is not line and not once:
            first.units += line.units
            first.charge_cents = total([first.charge_cents, line.charge_cents])
            first.expected_cents = total([first.expected_cents, line.expected_cents])
    yield from found.values()


def charges_on(case: Case) -> Charges | None:
    """The program's fee schedule in force on the day; None before the first."""
    adopted = [one for one in case.program.charges if one.on <= case.date]
    return adopted[-1] if adopted else None


def _charge(case: Case, code: str, units: int) -> int | None:
    charges = charges_on(case)
    cents = None if charges is None else charges.cents.get(code)
    return None if cents is None else cents * units


def _campus_positions(case: Case) -> list[int]:
    """The facts of the department, where a modifier of the day's lines says of what kind it is."""
    campus = latest(case.program.campuses, case.date)
    told = {one.modifier for one in case.terms.modifiers if campus is not None and one.when == campus.value}
    return campus.positions if campus is not None and any(told & set(line.modifiers) for line in case.lines) else []


def _modifiers(case: Case, visits: list[Visit], form: str) -> list[str]:
    """In the order of the policy's rules; one about services holds when it holds for every service of the line, the
    one for associates when one of these wrote a note of the line's services, one about a hospital's department where
    the program is such a one: professional claims tell of it by the place of service alone."""
    supervised = {note.session_id for note in case.notes if note.needs_cosignature and not note.in_error}
    associate = None in supervised or any(
        session in supervised for session, visit in case.visits if any(visit is one for one in visits)
    )
    campus = latest(case.program.campuses, case.date) if form == "837I" else None
    holding = {"always"} | ({"associate"} if associate else set()) | ({campus.value} if campus else set())
    return [one.modifier for one in case.term("modifiers") if one.when in holding or _of_all(one, visits)]


def _of_all(rule: ModifierRule, visits: list[Visit]) -> bool:
    """Whether a rule about services holds for every service of a line."""
    return bool(visits) and all(rule.when in {visit.kind, visit.modality} for visit in visits)

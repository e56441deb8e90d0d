"""Which of a visit's prices applies: a service billed as itself, by kind, use and time.

The minutes of the psychotherapy codes are CPT's own (90832: 16 to 37, 90834: 38 to 52, 90837: 53 and more; under 16
nothing is reportable, and each is one unit); what other codes need the policy says. Those that are added to an
evaluation and management service (90833, 90836, 90838) have the same minutes, but a visit has the service's own beside
them, so that it is at least as long.
"""

from __future__ import annotations

from collections.abc import Iterable

from aggregates.payer_policy.terms import ServicePrice, Terms
from projections.billing.documents import Visit

DAY = 1_440
CPT_MINUTES = {
    "90832": (16, 37), "90834": (38, 52), "90837": (53, DAY),
    "90833": (16, DAY), "90836": (38, DAY), "90838": (53, DAY),
}  # fmt: skip
ONE_UNIT = frozenset(CPT_MINUTES)


def price_of(terms: Terms, visit: Visit, use: str) -> ServicePrice | None:
    """The first price of this use that the visit's kind and minutes fit; None when the visit is not billed so."""
    for price in terms.services:
        if (price.use, price.service_kind) == (use, visit.kind) and _fits(price, visit.minutes):
            return price
    return None


def priced(terms: Terms, visits: Iterable[Visit], use: str) -> list[tuple[Visit, ServicePrice]]:
    """The visits that are billed so, each with its price."""
    return [(visit, price) for visit in visits if (price := price_of(terms, visit, use)) is not None]


def codes_of(terms: Terms, visits: Iterable[Visit]) -> set[str]:
    """The codes of the lines as which visits are billed where days are billed service by service."""
    return {price.procedure_code for _, price in priced(terms, visits, "day_line")}


def services_of(terms: Terms, visits: list[Visit]) -> int:
    """How many services visits are, where days are billed service by service: a code of one unit a day is one."""
    codes = [price.procedure_code for _, price in priced(terms, visits, "day_line")]
    return sum(code not in ONE_UNIT for code in codes) + len(ONE_UNIT.intersection(codes))


def _fits(price: ServicePrice, minutes: int) -> bool:
    least, most = CPT_MINUTES.get(price.procedure_code, (price.minimum_minutes, DAY))
    return max(least, price.minimum_minutes) <= minutes <= most

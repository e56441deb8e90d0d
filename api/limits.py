"""How much one caller may ask: requests a second by person and by address, and tokens that are no good by address.

Each is a bucket that fills steadily and holds a burst. They are counted in each process by itself: they are against a
loop that has run wild and against somebody who tries tokens, not a quota. Where an address has tried too many tokens,
only tokens that were found good before are let in from there.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv6Address, IPv6Network
from threading import Lock

from fastapi import Request
from joserfc.errors import ExpiredTokenError

from api.identity import NotAuthenticated, Tokens, token_of

MOST_REMEMBERED = 10_000
BURST_SECONDS = 10
"""A bucket holds what flows into it in this time."""


class TooManyRequests(Exception):
    """More was asked than is answered in this time: wait for the seconds of Retry-After, then go on more slowly."""

    def __init__(self, seconds: float = 1.0) -> None:
        super().__init__(" ".join((type(self).__doc__ or "").split()))
        self.seconds = max(1, math.ceil(seconds))


@dataclass(slots=True)
class Buckets:
    """Buckets that fill by `rate` a second, one for each key; a rate of 0 limits nothing."""

    rate: float
    clock: Callable[[], float] = time.monotonic
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @property
    def burst(self) -> float:
        """What a full one holds."""
        return max(1.0, self.rate * BURST_SECONDS)

    def must_hold(self, key: str) -> None:
        """Raises TooManyRequests for an empty one."""
        if self.rate and (left := self._now(key)) < 1:
            raise TooManyRequests((1 - left) / self.rate)

    def take(self, key: str) -> None:
        """Takes one request out of it. Raises TooManyRequests for an empty one."""
        if not self.rate:
            return
        with self._lock:
            left = self._now(key)
            if left < 1:
                raise TooManyRequests((1 - left) / self.rate)
            if len(self._left) >= MOST_REMEMBERED:
                self._forget()
            self._left[key] = (left - 1, self.clock())

    def _now(self, key: str) -> float:
        left, at = self._left.get(key, (self.burst, 0.0))
        return min(self.burst, left + (self.clock() - at) * self.rate)

    def _forget(self) -> None:
        """Those that are full again say nothing; where all are in use, all begin anew."""
        self._left = {key: one for key, one in self._left.items() if self._now(key) < self.burst}
        if len(self._left) >= MOST_REMEMBERED:
            self._left.clear()


@dataclass(frozen=True, slots=True)
class Limits:
    """What one process answers to one person and one address, and how many bad tokens it looks at."""

    person: Buckets
    address: Buckets
    failures: Buckets

    def arrives(self, request: Request) -> None:
        """Counts a request by its address, before anything of it is looked at. Raises TooManyRequests."""
        self.address.take(_address(request))

    def tries(self, request: Request, tokens: Tokens) -> None:
        """Lets a token be checked. Raises TooManyRequests where too many were no good and this one was never seen."""
        try:
            self.failures.must_hold(_address(request))
        except TooManyRequests:
            if tokens.remembered(token_of(request), "") is None:
                raise

    def failed(self, request: Request, error: NotAuthenticated) -> None:
        """Counts a token that the issuer did not make. Raises TooManyRequests.

        One that it made and that has expired, was revoked or allows nothing here is nobody's guess, and a room of
        tablets in the morning may have many.
        """
        if error.__cause__ is not None and not isinstance(error.__cause__, ExpiredTokenError):
            self.failures.take(_address(request))

    def known(self, person: str) -> None:
        """Counts a request by its person. Raises TooManyRequests."""
        self.person.take(person)


def limits(person: float, address: float, failures: float) -> Limits:
    """Limits by requests a second; 0 limits nothing."""
    return Limits(Buckets(person), Buckets(address), Buckets(failures))


def _address(request: Request) -> str:
    """Whom an address is taken for: of IPv6 the network of 64 bits, of which one host has every address."""
    host = request.client.host if request.client else ""
    try:
        address = IPv6Address(host)
    except AddressValueError:
        return host
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else str(IPv6Network((int(address), 64), strict=False))

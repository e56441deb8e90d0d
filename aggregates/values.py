"""The value types of facts and commands: validated text and whole numbers, no richer than storage needs.

Ids, dates and instants are text on purpose: replay decodes millions of them, and parsing each into a richer
object costs five times the decoding. Their text form sorts as the thing itself does: an instant is UTC in a fixed
width of 27 characters, a date is ISO 8601.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Literal
from unicodedata import normalize

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

UUID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
"""Control characters but line ends and tabs."""
INVISIBLE = re.compile(
    r"[\x80-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]"
    r"|(?<![\u0590-\U0010ffff])[\u200c\u200d]"
)
"""Characters that are not seen and make words read otherwise than they are: those that turn the direction of writing
(UAX 9), blanks without width, hidden tags and the later control characters. Joiners pass where scripts and emoji that
need them do."""
INSTANT_PATTERN = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$"
_INSTANT = re.compile(INSTANT_PATTERN)
_SMALL_ORDER = frozenset({
    0, 1, 2**255 - 20,
    0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
    0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
})
"""The y of the eight points of curve25519 whose order divides 8: of order 4, 1, 2, and twice 8."""


def instant(moment: datetime) -> str:
    """The stored text of an aware moment: UTC, microseconds, fixed width.

    Raises ValueError for a moment without an offset, because its place in time is unknown.
    """
    if moment.tzinfo is None:
        raise ValueError("A time needs its offset from UTC, such as 2026-03-02T09:00:00-05:00.")
    if not 1800 <= moment.year < 2200:
        raise ValueError("A time lies between the years 1800 and 2199.")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str) -> datetime:
    """The aware moment that an instant's text stands for."""
    return datetime.fromisoformat(text)


def _at_a_time(value: str) -> str:
    datetime.fromisoformat(value)  # the right digits in the right places may still be minute 80
    return value


def _of_our_age(value: str) -> str:
    if not "1800" <= value[:4] < "2200":
        raise ValueError("A time lies between the years 1800 and 2199.")
    return value


def _printable(value: str) -> str:
    if CONTROL.search(value):
        raise ValueError("Text has no control characters other than line ends and tabs.")
    if not value.isascii() and (found := INVISIBLE.search(value)):
        raise ValueError(
            f"Text has no characters that nobody sees: U+{ord(found[0]):04X} makes it read otherwise than it is;"
            " take it out."
        )
    return value


def _composed(value: str) -> str:
    """In Unicode's composed form (NFC), so that the same words are the same bytes whoever typed them."""
    return normalize("NFC", value)


def _strong(value: str) -> str:
    if weak(value):
        raise ValueError("This public key proves nothing: anybody can make a signature that fits it.")
    return value


def raw(digits: str) -> bytes:
    """The bytes that small hexadecimal digits stand for; each has one spelling. Raises ValueError for any other."""
    found = bytes.fromhex(digits)
    if found.hex() != digits:
        raise ValueError("Bytes are written in small hexadecimal digits without blanks.")
    return found


def weak(public_key: str) -> bool:
    """Whether an Ed25519 public key is a point of small order, or written otherwise than RFC 8032 writes it: under such
    a key there are signatures that nobody made."""
    height = int.from_bytes(bytes.fromhex(public_key), "little") % 2**255
    return height >= 2**255 - 19 or height in _SMALL_ORDER


def _to_instant(value: object) -> object:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, str) and not _INSTANT.fullmatch(value):
        return instant(datetime.fromisoformat(value))
    return value


def _to_date(value: object) -> object:
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value


def _calendar_date(value: str) -> str:
    date.fromisoformat(value)
    return value


def _national_provider_identifier(value: str) -> str:
    """Luhn over the ten digits with the prefix 80840, as the NPI standard (45 CFR 162.406) has it."""
    total = 0
    for place, digit in enumerate(reversed("80840" + value)):
        doubled = int(digit) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    if total % 10:
        raise ValueError("The check digit of this NPI is wrong; compare it with the registry's entry.")
    return value


Id = Annotated[str, StringConstraints(pattern=UUID_PATTERN)]
PatientId = Id
ProgramId = Id
ClinicianId = Id
PersonId = Id
EnrollmentId = Id
AuthorizationId = Id
GroupId = Id
SessionId = Id
AttendanceId = Id
NoteId = Id
AssessmentId = Id
PolicyId = Id
ClaimId = Id

Instant = Annotated[
    str, BeforeValidator(_to_instant), StringConstraints(pattern=INSTANT_PATTERN), AfterValidator(_at_a_time),
    AfterValidator(_of_our_age),
]
Date = Annotated[
    str,
    BeforeValidator(_to_date),
    StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$"),
    AfterValidator(_calendar_date),
    AfterValidator(_of_our_age),
]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Minutes = Annotated[int, Field(ge=0, le=1440)]
Cents = Annotated[int, Field(ge=0, le=100_000_000)]
SignedCents = Annotated[int, Field(ge=-100_000_000, le=100_000_000)]
Units = Annotated[int, Field(ge=0, le=10_000)]
Count = Annotated[int, Field(ge=0, le=1_000)]
Weekday = Annotated[int, Field(ge=1, le=7)]
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000), AfterValidator(_printable),
    AfterValidator(_composed),
]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
TraceNumber = Annotated[str, StringConstraints(pattern=r"^[!-~]([ -~]{0,78}[!-~])?$")]
Label = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_printable),
    AfterValidator(_composed),
]
Printed = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_composed)]
"""Labels put together, as a signature shows a name: two of the longest and a blank have room."""
TradingPartner = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9._-]{1,14}$")]
"""How a sender or receiver of electronic files is known: as long as the envelopes of X12 have room for it."""
ElectronicPayerId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,79}$")]
Interchange = Annotated[int, Field(ge=1, le=999_999_999)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Salt = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""32 random bytes in hex: what is hashed with them cannot be guessed from its hash."""
KeyId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
PublicKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$"), AfterValidator(_strong)]
Signature = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}$")]
"""An Ed25519 signature (RFC 8032), as a public key is: in hex."""
TokenId = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")]
"""The `jti` of a token."""
Npi = Annotated[str, StringConstraints(pattern=r"^\d{10}$"), AfterValidator(_national_provider_identifier)]
IcdCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?$")]
TimeZone = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]+(/[A-Za-z_+-]+)*$")]

LevelOfCare = Literal["outpatient", "intensive_outpatient", "partial_hospitalization", "inpatient"]
CareFocus = Literal["mental_health", "substance_use"]
ServiceKind = Literal[
    "group", "individual", "family_with_patient", "family_without_patient", "collateral", "medication_visit",
    "nursing", "peer_support", "case_management", "education", "activity", "crisis", "intake", "meal", "school",
]
Modality = Literal["in_person", "audio_video", "audio_only"]
UnitBasis = Literal["day", "hour", "quarter_hour", "session"]
Role = Literal[
    "front_desk", "clinician", "supervisor", "prescriber", "biller", "utilization_reviewer", "auditor",
    "privacy_officer", "director", "system",
]

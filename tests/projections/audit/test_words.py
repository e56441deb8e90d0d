"""Every fact says what was done, in a sentence that gives nobody away."""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

import aggregates.registry  # noqa: F401 # it registers every fact
from aggregates.codec import decode
from aggregates.kit import FACTS
from projections.audit.phrases import KINDS
from projections.audit.words import WORDS, kind, sentence
from tests.projections.audit.past import attendance
from tests.projections.story import an_id

GOLDEN = Path(__file__).parents[2] / "aggregates" / "golden"
SENTENCE = re.compile(r"^[A-Z0-9a-z].*\.$", re.DOTALL)


def examples() -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Every stored shape of the golden files, with its sealed part as it is."""
    for file in sorted(GOLDEN.glob("*.json")):
        for example in json.loads(file.read_text(encoding="utf-8")):
            yield example["topic"], example["state"], example["sealed"]


def texts(value: Any) -> Iterator[str]:
    """Every text inside a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts(part)


def test_every_registered_fact_has_its_words() -> None:
    """A new fact cannot be left out of the audit trail, and words do not outlive their fact."""
    assert set(WORDS) == set(FACTS)


def test_every_golden_example_becomes_a_sentence_without_its_sealed_part() -> None:
    """The stored shapes have words; no text of a sealed part, no missing value shows in them."""
    seen = set()
    for topic, state, sealed in examples():
        name = topic.partition("@")[0]
        fact = decode(topic, json.dumps(state).encode(), None if sealed is None else json.dumps(sealed).encode())
        words = sentence(name, fact)
        assert SENTENCE.match(words), (name, words)
        assert "None" not in words, (name, words)
        assert kind(name, fact) in KINDS
        clear = set(texts(state))
        assert not [text for text in texts(sealed) if len(text) > 3 and text not in clear and text in words], name
        seen.add(name)
    assert seen == set(WORDS)


def test_a_consent_tells_which_programs_it_permits_to_disclose() -> None:
    """A golden example names one; one from before names none, and nothing is said of it."""
    told = [
        sentence("patient.consent_signed", decode(topic, json.dumps(state).encode(), None))
        for topic, state, _ in examples() if topic.startswith("patient.consent_signed@")
    ]  # fmt: skip
    assert ["for disclosure by programs 5c0e7a10-8f3b-4c52-9d7e-2b1f6a90c001." in one for one in told] == [False, True]


def test_a_signature_tells_how_the_credential_stood_when_it_was_made() -> None:
    """A word more only where it is not what one expects."""
    note = import_module("aggregates.note.facts")
    digest, person, at = "0" * 64, an_id("clinician"), "2026-03-05T17:00:00.000000Z"
    expected = {
        (True, True): "active on 2026-03-03.", (True, None): "active on 2026-03-03.",
        (True, False): "active on 2026-03-03, lapsed since.",
        (False, True): "not active on 2026-03-03, active when signed.",
        (False, False): "not active on 2026-03-03, no active credential when signed.",
    }  # fmt: skip
    for (then, when_signed), end in expected.items():
        fact = note.NoteCosigned(
            signer_id=person, content_digest=digest, note_version=1, service_date="2026-03-03", signed_at=at,
            credential_active=then, active_at_signing=when_signed,
        )
        assert sentence("note.cosigned", fact) == f"Version 1 cosigned by {person}, credential {end}"
    attested = note.SignatureAttested(
        signer_id=person, service_date="2026-03-03", attested_at=at, content_digest=digest, active_at_signing=False
    )
    assert sentence("note.signature_attested", attested).endswith(", no active credential when signed.")


def test_a_correction_tells_what_was_and_what_is() -> None:
    """Both values stand side by side, with the cause."""
    module = import_module("aggregates.session.facts")
    assert "sealed" in get_type_hints(module.AttendanceCorrected)
    fact = module.AttendanceCorrected(
        patient_id=an_id("patient"), attendance_id=an_id("attendance", 1), enrollment_id=an_id("enrollment"),
        service_date="2026-03-03", before=attendance(1, "absent", 0), after=attendance(1, "present", 165),
        head_count=1, peak_count=1, cause="sign_in_sheet", sealed={"explanation": "Maria Lopez signed the sheet."},
    )
    assert sentence("session.attendance_corrected", fact) == (
        "Attendance corrected from absent to present, 0 to 165 minutes, service of 2026-03-03 (sign_in_sheet)."
    )


def test_a_correction_that_adds_an_attendee_has_no_earlier_value() -> None:
    """Someone who was never on the roster was of unknown status, with no minutes."""
    module = import_module("aggregates.session.facts")
    fact = module.AttendanceCorrected(
        patient_id=an_id("patient"), attendance_id=an_id("attendance", 1), enrollment_id=an_id("enrollment"),
        service_date="2026-03-03", before=None, after=attendance(1, "present", 165), head_count=1, peak_count=1,
        cause="other",
    )
    words = sentence("session.attendance_corrected", fact)
    assert words.startswith("Attendance corrected from unknown to present, 0 to 165 minutes")

"""Packets of a simulated clinic: they prove themselves, are always the same, and say nothing of anybody else."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader
from typer.testing import CliRunner, Result

from aggregates.access.notice import SHORT, TEXTS
from aggregates.claim.facts import ClaimPrepared
from aggregates.codec import decode
from aggregates.dispute.facts import Edition
from api.gate import NotYetKnown
from api.packets import Packets
from iop_es import wiring
from iop_es.cli import app
from iop_es.engine.packet.verify_packet import unpacked, verify
from iop_es.engine.transparency.proofs import NotSealedYet
from iop_es.settings import Settings
from iop_es.wiring import House
from projections.chart.pages import PageSet, Print, Sheet
from projections.chart.pdf import pdf
from projections.packet.items import ITEMS, TITLES, Item
from projections.packet.letter import _asked, _authorized, _documents
from projections.packet.money import policy
from projections.packet.notice import notice
from projections.packet.reading import Fact, NotTheirClaim, Record, of_their_episodes, read
from projections.packet.sections import Section
from projections.packet.summary import summary

pytestmark = pytest.mark.slow
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ELSEWHERE = "00000000-0000-4000-8000-00000000e15e"
ASKED: list[Item] = ["claim", "remittance", "group_notes", "attendance", "credentials"]


@pytest.fixture(scope="module")
def clinic(simulated: Settings) -> Iterator[House]:
    """The store of the small clinic, opened and sealed; no fact is added to it."""
    with wiring.opened(simulated) as house:
        with house.sealer() as sealer:
            sealer.catch_up()
        yield house


@pytest.fixture(scope="module")
def packets(clinic: House) -> Packets:
    """Who makes packets."""
    return clinic.packets()


@pytest.fixture(scope="module")
def claims(clinic: House) -> list[tuple[str, ClaimPrepared]]:
    """Its claims that a payer has answered, each with how it was prepared."""
    answered = {fact.stream for fact in clinic.log.by_topics(["claim.adjudicated"])}
    prepared = ((fact.stream, decode(fact.topic, fact.state)) for fact in clinic.log.by_topics(["claim.prepared"]))
    return [(claim, told) for claim, told in prepared if claim in answered]


@pytest.fixture(scope="module")
def internal(packets: Packets, claims: list[tuple[str, ClaimPrepared]]) -> bytes:
    """A packet of everything about one claim."""
    return packets.made(packets.wanted([claims[0][0]], "internal", None, None)).archive


@pytest.fixture(scope="module")
def payer(packets: Packets, claims: list[tuple[str, ClaimPrepared]]) -> bytes:
    """A packet of what a payer asked for about the same claim."""
    return packets.made(packets.wanted([claims[0][0]], "payer", ASKED, None)).archive


def words(archive: bytes) -> str:
    """All that is printed."""
    pages = PdfReader(io.BytesIO(unpacked(archive)["packet.pdf"])).pages
    return "\n".join(page.extract_text() for page in pages)


def everything(archive: bytes) -> str:
    """All that is printed, and all data beside it."""
    files = {name: data for name, data in unpacked(archive).items() if name.endswith((".json", ".txt"))}
    return words(archive) + "".join(data.decode() for data in files.values())


def test_it_is_proven_under_the_log_s_key(clinic: House, internal: bytes, payer: bytes) -> None:
    """All facts of the patient are accounted for, and the notes' signatures hold over the words that are shown."""
    keys = [str(clinic.log_verifier())]
    for archive in (internal, payer):
        found = verify(archive, keys)
        assert found.failures == []
        signed = next(line for line in found.told if "electronic signatures" in line)
        counts = re.findall(r"\d+", signed)
        assert int(counts[0]) == int(counts[1]) > 0
    assert verify(internal, keys).told[0] != verify(payer, keys).told[0]


def test_a_stranger_checks_it_in_an_empty_folder(clinic: House, payer: bytes, tmp_path: Path) -> None:
    """With Python, its package cryptography and the packet alone."""
    (tmp_path / "packet.zip").write_bytes(payer)
    (tmp_path / "verify_packet.py").write_bytes(unpacked(payer)["verify_packet.py"])
    (tmp_path / "keys.txt").write_text(f"{clinic.log_verifier()}\n")
    command = [sys.executable, "-I", "verify_packet.py", "packet.zip", "--trust", "keys.txt"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "The packet holds.")


def test_the_same_positions_are_the_same_bytes(
    packets: Packets, claims: list[tuple[str, ClaimPrepared]], internal: bytes
) -> None:
    """A packet is a function of the claims, the two positions, the items and the log."""
    again = packets.wanted([claims[0][0]], "internal", None, claims[0][1].decided_at)
    assert packets.made(again).archive == internal


def test_what_was_known_then_does_not_change_with_today(
    packets: Packets, claims: list[tuple[str, ClaimPrepared]], internal: bytes
) -> None:
    """Two packets as of one moment, known up to different ones, say the same of that moment; and what was billed stands
    in both."""
    claim, told = claims[0]
    early = packets.made(packets.wanted([claim], "internal", None, told.decided_at, told.decided_at + 10)).archive
    then, now = (json.loads(unpacked(one)["claim.json"]) for one in (early, internal))
    assert [(day["date"], day["billed"], day["then"]) for day in then["days"]] == [
        (day["date"], day["billed"], day["then"]) for day in now["days"]
    ]
    assert {day["date"] for day in now["days"]} == {line.service_date for line in told.lines}
    assert all(day["then"]["underlying"] == "billable" for day in then["days"])


def test_it_says_nothing_of_another_patient(
    clinic: House, claims: list[tuple[str, ClaimPrepared]], internal: bytes, payer: bytes
) -> None:
    """No id, name, record number or member number of anybody else is printed or in the data beside it."""
    patient = claims[0][1].patient_id
    facts = clinic.log.by_topics(["patient.registered"], with_sealed=True)
    others = [decode(fact.topic, fact.state, fact.sealed) for fact in facts if fact.stream != patient]
    assert len(others) > 10
    for archive in (internal, payer):
        whole = everything(archive)
        assert patient in whole
        for one in others:
            told = one.sealed
            assert one.patient_id not in whole
            assert told.medical_record_number not in whole
            assert f"{told.family_name}, {told.given_name}" not in whole
            assert f"{told.given_name} {told.family_name}" not in whole


def test_a_payer_gets_what_was_asked_for_and_no_more(payer: bytes, internal: bytes) -> None:
    """Its sections are the items, behind a summary of at most two pages; what happened otherwise stays in the house."""
    reader = PdfReader(io.BytesIO(unpacked(payer)["packet.pdf"]))
    marks = [one for one in reader.outline if not isinstance(one, list)]
    titles = [one.title for one in marks]
    assert titles[:3] == ["Summary", TITLES["remittance"], TITLES["claim"]]
    assert titles[-2:] == [TITLES["attendance"], TITLES["credentials"]]
    assert {*titles} - {TITLES[item] for item in ASKED} == {"Summary", "Individual part of a group note"}
    first, second = (reader.get_destination_page_number(one) or 0 for one in marks[:2])
    assert 0 < second - first <= 2
    assert "claim.json" in unpacked(internal) and "claim.json" not in unpacked(payer)
    shown = [
        {one["topic"].partition("@")[0] for one in json.loads(unpacked(each)["evidence.json"])["facts"]}
        for each in (payer, internal)
    ]
    assert not shown[0] & {"patient.registered", "assessment.administered", "enrollment.diagnosis_recorded"}
    assert {"patient.registered", "assessment.administered", "enrollment.diagnosis_recorded"} <= shown[1]


def test_no_payer_sees_what_was_answered_to_the_questions_of_a_measure(
    packets: Packets, claims: list[tuple[str, ClaimPrepared]]
) -> None:
    """Its scores are on the pages; the facts with the answers are withheld, proven in their place, and the sender is
    told. Ours has them."""
    claim = claims[0][0]
    for items in (["outcome_scores"], ["audit_trail", "outcome_scores"]):
        made = packets.made(packets.wanted([claim], "payer", items, None))  # type: ignore[arg-type] # each an item
        assert made.left_out == ("outcome_answers",)
        evidence = json.loads(unpacked(made.archive)["evidence.json"])
        assert not any(one["topic"].startswith("assessment.") for one in evidence["facts"])
        assert "What was answered to each question is withheld" in words(made.archive)
        assert verify(made.archive).failures == []
    ours = packets.made(packets.wanted([claim], "internal", ["outcome_scores"], None))
    assert "outcome_answers" not in ours.left_out
    assert '\\"items\\":[' in unpacked(ours.archive)["evidence.json"].decode()
    assert "is withheld" not in words(ours.archive)


@pytest.mark.parametrize("count", [30, 200])
def test_the_summary_of_many_claims_is_two_pages(
    clinic: House, packets: Packets, claims: list[tuple[str, ClaimPrepared]], count: int
) -> None:
    """So many claims as there is room for, and how many more there are: 24 of 30, and 6 more."""
    record = _read(clinic, packets, claims[0][0], "internal")
    same = tuple(replace(record.claims[0], claim_id=f"{one:08d}-0000-4000-8000-000000000000") for one in range(count))
    many = replace(record, claims=same, wanted=replace(record.wanted, claims=tuple(one.claim_id for one in same)))
    page = summary(many, [Section(item, (Sheet("", "", None, (), (), ""),)) for item in ITEMS])
    printed = PdfReader(io.BytesIO(pdf(Print("t", (PageSet(record.running, "t", contents=False, sheets=(page,)),)))))
    assert len(printed.pages) <= 2
    assert f"and {count - 24} more claims" in "\n".join(one.extract_text() for one in printed.pages)


def test_the_letter_rests_on_the_record_alone(
    clinic: House, packets: Packets, claims: list[tuple[str, ClaimPrepared]]
) -> None:
    """Each code of a denial is answered by facts of the log, named by their positions; a paid claim has no letter."""
    denied = _denied(clinic)
    made = packets.made(packets.wanted([denied], "payer", ["letter"], None))
    assert made.items == ("letter",)
    printed = words(made.archive)
    named = {int(number.replace(",", "")) for number in re.findall(r"facts? ([\d,]+)", printed)}
    shown = {one["position"] for one in json.loads(unpacked(made.archive)["evidence.json"])["facts"]}
    assert "Draft" in printed and named & shown
    paid = next(claim for claim, _ in claims if claim != denied and claim not in _every_denied(clinic))
    assert packets.made(packets.wanted([paid], "payer", ["letter", "claim"], None)).left_out == ("letter",)


def _every_denied(clinic: House) -> list[str]:
    facts = clinic.log.by_topics(["claim.adjudicated"])
    return [
        fact.stream for fact in facts
        if any(one.carc != "45" and one.group != "PR" for line in decode(fact.topic, fact.state).lines
               for one in line.adjustments)
    ]  # fmt: skip


def _denied(clinic: House) -> str:
    return _every_denied(clinic)[0]


def test_what_cannot_be_had_is_refused_by_name(
    clinic: House, packets: Packets, claims: list[tuple[str, ClaimPrepared]]
) -> None:
    """Claims of two patients, no claim at all, what is not sealed, and a moment after today."""
    other = next(claim for claim, told in claims if told.patient_id != claims[0][1].patient_id)
    with pytest.raises(NotTheirClaim):
        packets.wanted([claims[0][0], other], "internal", None, None)
    with pytest.raises(NotTheirClaim):
        packets.wanted([claims[0][1].patient_id], "internal", None, None)
    with pytest.raises(NotSealedYet):
        packets.wanted([other], "internal", None, None, clinic.log.head().position + 1)
    with pytest.raises(NotYetKnown):
        packets.wanted([other], "internal", None, 200, 100)


def _read(clinic: House, packets: Packets, claim: str, edition: Edition, consent_id: str | None = None) -> Record:
    wanted = packets.wanted([claim], edition, None, None, consent_id=consent_id)
    return read(clinic.log, wanted, lambda model, upto: clinic.gate.folded(model, wanted.patient_id, upto))


def test_a_payer_is_told_nothing_of_another_episode(
    clinic: House, packets: Packets, claims: list[tuple[str, ClaimPrepared]]
) -> None:
    """Neither what an admission before says, nor its documents, measures and authorizations, nor another dispute."""
    record = _read(clinic, packets, claims[0][0], "payer")
    other = [_of_another(one, claims[0][1].enrollment_id) for one in record.facts]
    kept = of_their_episodes((*record.facts, *other), record.claims)
    assert kept[: len(record.facts)] == record.facts
    left = {one.name for one in other} - {one.name for one in kept[len(record.facts) :]}
    assert {
        "enrollment.diagnosis_recorded", "enrollment.patient_admitted", "assessment.administered",
        "authorization.approved", "claim.prepared",
    } <= left  # fmt: skip
    assert any(one.name == "note.drafted" and one.told.enrollment_id == ELSEWHERE for one in other)
    assert not any(getattr(one.told, "enrollment_id", None) == ELSEWHERE for one in kept)
    assert not {"patient.registered", "patient.coverage_recorded"} & left


def _of_another(fact: Fact, enrollment_id: str) -> Fact:
    """The same fact as it would be of an episode before this one; what is only the person's stays."""
    if fact.name.startswith("patient."):
        return fact
    told = fact.told
    if getattr(told, "enrollment_id", None) == enrollment_id:
        told = replace(told, enrollment_id=ELSEWHERE)
    return replace(fact, stream=f"{fact.stream}-before", told=told)


def test_the_notice_goes_along_as_the_admission_says(clinic: House, packets: Packets) -> None:
    """A substance-use admission to a program of another focus is disclosed under the rule's statement all the same."""
    record = _read(clinic, packets, _denied(clinic), "payer", ELSEWHERE)
    assert record.program.opened.focus != "substance_use"
    treated = [
        replace(one, told=replace(one.told, focus="substance_use"))
        for one in record.of("enrollment.patient_admitted")
    ]
    for facts, due in ((record.facts, False), (tuple(treated), True)):
        page = notice(replace(record, facts=facts))
        assert page is not None and (page.blocks[0].lines == (TEXTS[SHORT],)) is due


def test_credentials_are_shown_and_not_who_else_pays_for_a_clinician(payer: bytes) -> None:
    """Of a signer there is who they are, their licenses and keys: nothing of other payers or of supervision."""
    facts = json.loads(unpacked(payer)["evidence.json"])["facts"]
    assert {name for one in facts if (name := one["topic"].partition("@")[0]).startswith("clinician.")} == {
        "clinician.joined", "clinician.credential_recorded", "clinician.signing_key_created",
    }  # fmt: skip


def test_terms_say_as_of_when_they_are_known(
    clinic: House, packets: Packets, claims: list[tuple[str, ClaimPrepared]]
) -> None:
    """The page of the payer's terms ends with the earlier moment, as of which it is made."""
    record = _read(clinic, packets, claims[0][0], "payer")
    assert record.then.position < record.now.position
    assert [page.foot for page in policy(record).sheets] == [
        f"As recorded through fact {record.then.position:,} of {record.clock(record.then.at)}."
    ]


def test_a_letter_asks_only_for_what_the_record_bears_out(clinic: House, packets: Packets) -> None:
    """A day that by what is known today is not billable is not asked for."""
    record = _read(clinic, packets, _denied(clinic), "payer")
    asked = " ".join(_asked(record))
    assert "pay what was billed for these days" in asked and "do not ask" not in asked
    first, *rest = record.days
    days = {day: [] if day == first else found for day, found in record.now.days.items()}
    asked = " ".join(_asked(replace(record, now=replace(record.now, days=days))))
    assert f"billed for {', '.join(rest)}." in asked and f"do not ask for {first}:" in asked


def test_a_letter_rests_on_nothing_that_was_taken_back(clinic: House, packets: Packets) -> None:
    """Neither on a document that was entered in error, nor on an authorization that the payer voided."""
    record = _read(clinic, packets, _denied(clinic), "payer")
    for argument, name in ((_documents, "note.entered_in_error"), (_authorized, "authorization.voided")):
        first, *_ = argument(record)
        struck = replace(record, facts=(*record.facts, replace(first, name=name)))
        assert first.stream not in {one.stream for one in argument(struck)}
        assert len(argument(struck)) < len(argument(record))


def test_the_command_line_makes_and_checks_them(
    simulated: Settings, clinic: House, claims: list[tuple[str, ClaimPrepared]], internal: bytes, tmp_path: Path
) -> None:
    """The file is the packet that the house makes; checking answers 0 or 1; a payer's edition needs its dispute."""
    environment = {"IOP_ES_DATABASE_URL": simulated.database_url or "", "IOP_ES_PROJECT": str(simulated.project)}
    out, keys = tmp_path / "packet.zip", tmp_path / "keys.txt"

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, [*words], env=environment)

    keys.write_text(run("log", "keys").stdout)
    known = str(clinic.log.head().position)
    made = run("dispute", claims[0][0], "--known-to", known, "--out", str(out), "--json")
    assert made.exit_code == 0, made.output
    assert out.read_bytes() == internal
    checked = run("verify-packet", str(out), "--trust", str(keys), "--json")
    assert (checked.exit_code, json.loads(checked.stdout)["holds"]) == (0, True)
    out.write_bytes(internal[:-1] + b"\1")
    assert run("verify-packet", str(out), "--trust", str(keys)).exit_code == 1
    for wrong in (
        ("--edition", "payer"), ("--item", "nothing"), ("--as-of", "yesterday"), ("--known-to", "999999999"),
        ("--consent", ELSEWHERE), ("--beyond", "asked-by-telephone"),
    ):  # fmt: skip
        assert run("dispute", claims[0][0], "--out", str(out), *wrong).exit_code == 2
    assert run("dispute", claims[0][1].patient_id, "--out", str(out)).exit_code == 2
    assert run("dispute", claims[0][0], "--out", str(tmp_path / "packet.pdf")).exit_code == 2
    known = json.loads(clinic.log.by_topics(["authorization.review_submitted"])[0].context)["actor"]
    to_a_payer = ("--edition", "payer", "--item", "claim", "--dispute", ELSEWHERE, "--recipient", "Appeals unit")
    for person, told in ((ELSEWHERE, "nobody who acts here as privacy officer or utilization reviewer"),
                         (known, "No dispute is recorded")):  # fmt: skip
        refused = run("dispute", claims[0][0], "--out", str(out), *to_a_payer, "--person", person)
        assert told in refused.stderr, refused.stderr

"""A batch: which claims leave in which files, in which order and under which numbers; and the same files once more.

Claims stand in a file in the order of their programs, patients and days; places are counted through the batch. The next
interchange number is one more than any that was used, for all submitters together: so the numbers of each rise too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aggregates.claim.facts import ClaimSubmitted
from aggregates.codec import decode
from iop_es.engine.log import Log
from projections.claim_file.checks import LeftOut, objections
from projections.claim_file.contents import Contents, contents
from projections.claim_file.file import WRITER, ClaimFile, by_channel, written_file
from projections.claim_file.inputs import gather

SUBMITTED = "claim.submitted"
FILE_CLAIMS = 1_000
"""How many claims one file holds at most: they are recorded as sent in one append, and lost together if it is lost."""


class NotInAFile(Exception):
    """No claim was sent in a file under this batch; the manifest beside each file names its batch."""


class NotTheSameFile(Exception):
    """The log no longer makes the bytes that were sent: a key was destroyed or the log was meddled with, so the file as
    it was kept is all there is."""


class OtherWriter(Exception):
    """The file was written by a version of the writer that this release does not have."""

    def __init__(self, interchange: int, written_by: int) -> None:
        super().__init__(
            f"File {interchange} was written by version {written_by} of the writer, and this release has version "
            f"{WRITER}, which writes other bytes; take the release that wrote it, or the file as it was kept."
        )


@dataclass(frozen=True, slots=True)
class Batch:
    """Files ready to be sent, and the claims that must not leave."""

    name: str
    submitted_at: str
    written_as_of: int
    files: tuple[ClaimFile, ...]
    left_out: tuple[LeftOut, ...]

    def submissions(self, file: ClaimFile) -> list[dict[str, Any]]:
        """Data of the `claim.submit` commands of one file."""
        before = sum(len(one.claims) for one in self.files[: self.files.index(file)])
        return [
            {
                "claim_id": claim.claim_id, "submitted_at": self.submitted_at, "batch": self.name,
                "control_number": claim.control_number, "place": before + number, "interchange": file.interchange,
                "file_digest": file.digest, "written_as_of": self.written_as_of, "writer_version": WRITER,
            }
            for number, claim in enumerate(file.claims, 1)
        ]  # fmt: skip


def last_interchange(log: Log) -> int:
    """The highest interchange number of any file that was sent; 0 before the first."""
    return max((fact.interchange or 0 for _, fact in _submitted(log)), default=0)


def batch_of(
    log: Log, control_numbers: Mapping[str, str], *, name: str, submitted_at: str, upto: int, test: bool
) -> Batch:
    """The files of these claims (by id, with our control number of each) as of a position, and those left out."""
    found = gather(log, list(control_numbers), upto)
    told = [contents(inputs, control_numbers[claim], submitted_at) for claim, inputs in found.items()]
    against = {one.claim_id: tuple(objections(one)) for one in told}
    ready = sorted((one for one in told if not against[one.claim_id]), key=_order)
    parts = [part for group in by_channel(ready) for part in _parts(group)]
    first = last_interchange(log) + 1
    files = tuple(written_file(part, number, test) for number, part in enumerate(parts, first))
    left_out = tuple(LeftOut(claim, wrong) for claim, wrong in against.items() if wrong)
    return Batch(name, submitted_at, upto, files, left_out)


def sent_files(log: Log, name: str, test: bool) -> Batch:
    """The files of a batch that was sent, made again from the log alone.

    Raises NotInAFile, OtherWriter where another version wrote other bytes, NotTheSameFile where nothing explains them.
    """
    sent = [(stream, fact) for stream, fact in _submitted(log) if fact.batch == name and fact.interchange]
    if not sent:
        raise NotInAFile
    files = [_again(log, group, test) for group in _by_interchange(sent)]
    first = sent[0][1]
    return Batch(name, first.submitted_at, first.written_as_of or 0, tuple(files), ())


def _again(log: Log, sent: list[tuple[str, ClaimSubmitted]], test: bool) -> ClaimFile:
    first = sent[0][1]
    inputs = gather(log, [stream for stream, _ in sent], first.written_as_of or 0)
    claims = [contents(inputs[stream], fact.control_number, fact.submitted_at) for stream, fact in sent]
    try:
        file = written_file(claims, first.interchange or 0, test)
    except ValueError as missing:  # a part whose key was destroyed
        raise _differs(first) from missing
    if file.digest != _digest(log, sent[0][0]):
        raise _differs(first)
    return file


def _digest(log: Log, claim: str) -> str | None:
    """The SHA-256 of the file in which a claim left; None where it can no longer be opened."""
    facts = (one for one in log.facts_of_streams([claim]) if one.name == SUBMITTED)
    return next((decode(one.topic, one.state, one.sealed).digest for one in facts), None)


def _differs(sent: ClaimSubmitted) -> Exception:
    written_by = sent.writer_version or 1
    return NotTheSameFile() if written_by == WRITER else OtherWriter(sent.interchange or 0, written_by)


def _by_interchange(sent: list[tuple[str, ClaimSubmitted]]) -> Iterator[list[tuple[str, ClaimSubmitted]]]:
    """The claims of each file, in order of place."""
    for number in sorted({fact.interchange or 0 for _, fact in sent}):
        yield sorted((one for one in sent if one[1].interchange == number), key=lambda one: one[1].place or 0)


def _submitted(log: Log) -> Iterator[tuple[str, ClaimSubmitted]]:
    for stored in log.by_topics([SUBMITTED]):
        yield stored.stream, decode(stored.topic, stored.state)


def _order(claim: Contents) -> tuple[str, ...]:
    bill = claim.prepared
    return bill.program_id, bill.patient_id, bill.from_date, claim.claim_id


def _parts(claims: list[Contents]) -> Iterator[list[Contents]]:
    for start in range(0, len(claims), FILE_CLAIMS):
        yield claims[start : start + FILE_CLAIMS]

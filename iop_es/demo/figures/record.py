"""The record of the report: documents, the audit trail, what went wrong, and what was drawn."""

from __future__ import annotations

from pydantic import Field

from iop_es.demo.figures.figure import Figure


class DocumentKind(Figure):
    """Documents of one kind by how far they came."""

    kind: str
    states: dict[str, int]


class Documents(Figure):
    """What was written and signed. `told`: signatures made elsewhere; `alike`: pairs of parts of one group."""

    kinds: list[DocumentKind]
    signatures: int
    verified: int
    told: int
    invalid: int
    late: int = Field(description="Signed after the window of the patient's payer, of a narrative the earliest one.")
    late_reasoned: int = Field(description="Of these, with a reason.")
    attested: int
    amendments: int
    returned: int
    alike: int


class Acts(Figure):
    """Entries of the audit trail of one kind."""

    kind: str
    entries: int
    late: int = Field(description="Recorded more than a day after it was true.")


class Audit(Figure):
    """What an auditor would ask first. Late signatures are days with a note signed after the payer's window."""

    entries: int
    late_entries: int
    corrections: int
    overrides: int
    signatures: int
    late_signatures: int
    by_kind: list[Acts]
    by_role: dict[str, int]


class Incident(Figure):
    """Something that goes wrong in every clinic: how often it did here, and one example."""

    kind: str
    what: str
    count: int
    program: str | None
    patient_id: str | None
    date: str | None = Field(description="When the example happened.")
    explain_date: str | None = Field(description="The day to look at: that day, or the patient's decided day before.")


class Drawn(Figure):
    """A picture that was drawn beside the report."""

    file: str = Field(description="Where it is, from the project's folder.")
    shows: str = Field(description="What it shows.")

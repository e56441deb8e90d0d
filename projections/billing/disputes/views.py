"""What billing answers about disputes. Money is in cents; no view knows a name or a word that was written."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from projections.billing.views import View


class DisputeView(View):
    """A request for records, a contested decision, or a denied claim that nobody contests."""

    kind: Literal["records", "dispute", "denial"]
    patient_id: str
    dispute_id: str | None = Field(description="The id to give with commands; null: a denial that nobody contests.")
    request_id: str | None = Field(description="Of a request for records.")
    letter_id: str | None = Field(description="The letter; one that is about several patients has one for each.")
    program_id: str
    payer_id: str
    track: str
    level: str | None = Field(description="Where it stands, or what could be asked next.")
    status: str = Field(description="requested, partly_sent, sent; to_file, filed, answered, over; not_contested.")
    task: str = Field(description="send_records, file_appeal, await_answer, appeal_further, contest, none.")
    sentence: str
    owner_id: str | None = Field(description="Who sees to it; whoever began it unless it was assigned.")
    claims: list[str]
    codes: list[str] = Field(description="Group code and CARC of the decision.")
    items: list[str] = Field(description="What was asked for and has not been sent.")
    missing: dict[str, int] = Field(description="What of these the record does not have, and how many of them.")
    unjudged: list[str] = Field(description="Items of which billing cannot tell.")
    began_on: str = Field(description="When the letter or decision was received.")
    age_days: int
    due_on: str | None = Field(description="The last day; null: an answer is awaited, or no clock is known.")
    days_left: int | None = Field(description="Days from today to then; below zero: past it.")
    source: str | None = Field(description="What says so.")
    confidence: str | None = Field(description="stated by the letter; C official; C2, G not; term of the contract.")
    unverified: bool = Field(description="No official source confirms all of the clock.")
    charge_cents: int = Field(description="What the claims charge; of a denial its denied lines.")
    denied_cents: int = Field(description="What of it the payer refuses by the answers that stand.")
    amount_cents: int | None = Field(description="What is contested.")
    upheld_cents: int | None
    overturned_cents: int | None
    filed_on: str | None = Field(description="When the last appeal or the last records went.")
    late: bool = Field(description="The last appeal went after its last day.")
    answered_on: str | None
    outcome: str | None
    contact_at: str | None = Field(description="The last call, hearing or peer-to-peer.")
    contacts: int
    packets: int

"""What shows that care was needed and worked: outcome measures, and the signers' credentials and supervision."""

from __future__ import annotations

from collections.abc import Iterator

from projections.chart.pages import Block
from projections.outcomes.views import MeasureView, TrendView
from projections.packet.documents import is_key
from projections.packet.items import TITLES
from projections.packet.reading import Record
from projections.packet.sections import Section, listed, sheet, shown, table

WITHHELD = Block("words", "", (
    "What was answered to each question is withheld; the proof shows the place of each measure in the log alone.",
))  # fmt: skip


def outcome_scores(record: Record) -> Section:
    """Each measure with its band, its change and the class of that, and where the threshold comes from."""
    if not record.trends:
        return Section("outcome_scores")
    positions = [place for one in record.trends for each in one.measures for place in each.positions]
    withheld = [WITHHELD] if record.wanted.edition == "payer" else []
    page = sheet(record, TITLES["outcome_scores"], [*withheld, *(_course(one) for one in record.trends)])
    return Section("outcome_scores", (page,), dict.fromkeys(positions, False))


def credentials(record: Record) -> Section:
    """Of everybody who signed a document of a claimed day: the credential that was active on it, and its license."""
    facts = record.of("note.signed", "note.cosigned", "note.facilitator_signed", "note.signature_attested")
    signed = {(one.told.service_date, one.told.signer_id) for one in facts if one.told.service_date in record.days}
    if not signed:
        return Section("credentials")
    rows, positions = [], []
    for day, person in sorted(signed):
        known = record.clinician(person)
        rows.append((
            day, known.printed_name or person, known.credential_on(day) or "none was active",
            known.license_on(day) or "no number is recorded",
        ))  # fmt: skip
        story = record.stories.get(person)
        positions += [one.position for one in story.told if is_key(one.fact)] if story is not None else []
    page = sheet(record, TITLES["credentials"], [table("", ("day", "who", "credential", "license"), rows)])
    return Section("credentials", (page,), dict.fromkeys(positions, True))


def supervision_evidence(record: Record) -> Section:
    """Who cosigned and attested what of the claimed days, and who supervised whom."""
    facts = [one for one in record.of("note.cosigned") if one.told.service_date in record.days]
    if not facts:
        return Section("supervision_evidence")
    page = sheet(record, TITLES["supervision_evidence"], [listed(record, "Cosignatures", facts)])
    return Section("supervision_evidence", (page,), shown(facts))


def audit_trail(record: Record) -> Section:
    """Every fact behind the claimed days, in the order in which it became known; those that came later apart."""
    behind = {place for day in record.days for one in record.now.days.get(day, ()) for place in one.positions}
    behind |= {fact.position for one in record.claims for fact in one.facts}
    facts = [one for one in record.facts if one.position in behind]
    then = record.then.position
    blocks = [
        listed(record, f"Known by fact {then:,}", [one for one in facts if one.position <= then]),
        listed(record, "Known later", [one for one in facts if one.position > then]),
    ]
    return Section("audit_trail", (sheet(record, TITLES["audit_trail"], blocks),), shown(facts))


def _course(one: TrendView) -> Block:
    source = next((each.thresholds.threshold_source for each in reversed(one.measures)), None)
    return table(
        f"{one.instrument.upper()}, version {one.instrument_version}, {one.scale.replace('_', ' ')}",
        ("day", "occasion", "score", "band", "change", "class"), _measures(one.measures), source,
    )


def _measures(measures: tuple[MeasureView, ...]) -> Iterator[tuple[str, ...]]:
    for one in measures:
        yield (
            one.administered_on.isoformat(), one.occasion.replace("_", " "),
            "" if one.score is None else str(one.score), one.band or "",
            "" if one.change is None else f"{one.change:+d}", (one.change_class or "").replace("_", " "),
        )  # fmt: skip

"""`iop-es policy`: what is known of payers' rules, and a payer's policy published, revised and verified from it."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Annotated, Any
from uuid import NAMESPACE_URL, uuid5

import typer
from pydantic import TypeAdapter, ValidationError
from rich.table import Table

from aggregates.codec import decode
from aggregates.payer_policy.commands import PublishPolicy, RevisePolicy, VerifyPolicy
from aggregates.payer_policy.decide import UnknownPolicy, VerifiesOwnTerms
from aggregates.payer_policy.document import PolicyDocument
from aggregates.payer_policy.facts import PolicyPublished, PolicyRevised
from aggregates.payer_policy.presets import PRESETS, UnknownPreset, preset, preset_text
from aggregates.payer_policy.state import NotPublished, Policy, State, Version, evolve
from api.access import roles_for
from iop_es import wiring
from iop_es.cli.claims import order
from iop_es.cli.documents import Written, written
from iop_es.cli.frame import REFUSED, Json, emit, say, settings
from iop_es.cli.operator import Acting, Person, a_date, acting, acting_as, an_id, operator, ordered, shell
from iop_es.cli.worth import console
from iop_es.load.line import fields_at_fault
from iop_es.wiring import House

POLICIES = uuid5(NAMESPACE_URL, "urn:iop-es:policy")
PresetName = Annotated[str, typer.Argument(metavar="NAME", help="One of `iop-es policy presets`.")]
Named = Annotated[str, typer.Argument(metavar="FILE|PRESET", help="A TOML file, or one of `iop-es policy presets`.")]
PolicyId = Annotated[str, typer.Argument(metavar="POLICY", help="The policy's id, as publish told it.", parser=an_id)]
Payer = Annotated[str, typer.Option("--payer", metavar="ID", help="The payer's id.", parser=an_id)]
From = Annotated[str, typer.Option("--from", metavar="DATE", help="First day of service.", parser=a_date)]
Begun = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="Their first day; left out, the latest.", parser=a_date)
]
Cause = Annotated[str, typer.Option("--cause", help="Why the terms change, in a word such as contract.")]
GapCause = Annotated[
    str | None, typer.Option("--gap-cause", help="Why days since the earlier terms ended have none, in a word.")
]
Fields = Annotated[list[str], typer.Option("--field", help="A field that was compared, or a part: weekly.minutes.")]
Source = Annotated[str, typer.Option("--source", help="What it was compared with: the payer's document, the contract.")]
Second = Annotated[
    str, typer.Option("--person", metavar="ID", help="Who compared them: a biller or director on record.", parser=an_id)
]
On = Annotated[str | None, typer.Option("--on", metavar="DATE", help="When; left out, today.", parser=a_date)]
_documents: TypeAdapter[PolicyDocument] = TypeAdapter(PolicyDocument)

policy = typer.Typer(help="Payers' policies: presets to start from; publish, revise, verify.", no_args_is_help=True)


@policy.command()
def presets(as_json: Json = False) -> None:
    """List the presets: what each is billed as, what a day must hold, and how much of it nobody verified."""
    found = [_summary(name, preset(name)) for name in PRESETS]
    if as_json:
        emit({"presets": found})
        return
    table = Table("name", "payer", "codes", "a day holds", "unverified")
    for one in found:
        table.add_row(one["name"], one["payer_kind"], " ".join(one["codes"]), one["minimum"], str(one["unverified"]))
    console().print(table)


@policy.command()
def show(name: PresetName, as_json: Json = False) -> None:
    """Print a preset as it is written, with its sources; a copy of it is a document to start from."""
    try:
        document, text = preset(name), preset_text(name)
    except UnknownPreset as error:
        raise typer.BadParameter(str(error)) from error
    if as_json:
        emit(_documents.dump_python(document, mode="json"))
    else:
        typer.echo(text, nl=False)


@policy.command()
def publish(name: Named, payer: Payer, first: From, person: Person = None, as_json: Json = False) -> None:
    """Publish a payer's first terms from a document; a payer that has some is revised instead."""
    found = _from(written(name), name, first)
    policy_id = str(uuid5(POLICIES, payer))
    about = _documents.dump_python(found.document, mode="json")
    _record(PublishPolicy, about | _dated(found, first) | {"policy_id": policy_id, "payer_id": payer}, person, as_json)


@policy.command()
def revise(
    policy_id: PolicyId, name: Named, first: From, cause: Cause, gap_cause: GapCause = None, person: Person = None,
    as_json: Json = False,
) -> None:
    """Set new terms from a day on by a document; the earlier terms keep their days."""
    found = _from(written(name), name, first)
    through = found.document.effective_through
    if through is not None:
        raise typer.BadParameter(f"{name} ends on {through}, and a revision has no last day; publish it instead.")
    terms = _documents.dump_python(found.document, mode="json")["terms"]
    about = {"policy_id": policy_id, "terms": terms, "cause": cause, "gap_cause": gap_cause}
    _record(RevisePolicy, about | _dated(found, first), person, as_json)


@policy.command()
def verify(
    policy_id: PolicyId, field: Fields, source: Source, person: Second, first: Begun = None, on: On = None,
    as_json: Json = False,
) -> None:
    """Take the unverified mark off fields of terms, the latest or those from a day on, that somebody compared.

    That is a person on record who did not set them, at the shell of an operator who did not either.
    """
    about = {"policy_id": policy_id, "source": source, "fields": field, "verified_on": on, "effective_from": first}
    _record(VerifyPolicy, about, person, as_json)


def _summary(name: str, document: PolicyDocument) -> dict[str, Any]:
    terms = document.terms
    codes = [one.procedure_code or one.revenue_code for one in terms.per_diems]
    least = [f"{terms.minimum_minutes} minutes"] if terms.minimum_minutes else []
    least += [f"{terms.minimum_sessions} service"] if terms.minimum_sessions else []
    return {
        "name": name, "payer_kind": document.payer_kind, "codes": list(dict.fromkeys(codes)),
        "minimum": ", ".join(least), "unverified": len(terms.unverified),
    }  # fmt: skip


def _from(found: Written, name: str, first: str) -> Written:
    """The document, if it knows the day from which its terms are to apply."""
    document = found.document
    if first < document.effective_from:
        raise typer.BadParameter(f"--from {first} lies before effective_from {document.effective_from} of {name}.")
    if document.effective_through is not None and first > document.effective_through:
        raise typer.BadParameter(f"--from {first} lies after effective_through {document.effective_through} of {name}.")
    return found


def _dated(found: Written, first: str) -> dict[str, str]:
    return {"effective_from": first, "document_digest": sha256(found.text.encode()).hexdigest()}


def _record(command: type, about: dict[str, Any], person: str | None, as_json: bool) -> None:
    """Orders one command as a biller, and tells what came of it: what is unverified now."""
    with wiring.opened(settings("warning")) as house:
        if about.get("verified_on", "") is None:
            about |= {"verified_on": house.gate.now()[:10]}
        policy_id = about["policy_id"]
        if command is VerifyPolicy and person is not None:
            by = _second(house, policy_id, about["effective_from"], person)
        else:
            by = acting(house, person, "biller")
        try:
            wanted = order(by, command, about)
        except ValidationError as error:
            raise typer.BadParameter(fields_at_fault(error)) from None
        [answer] = ordered(house, [wanted], [f"Policy {policy_id}"])
        if isinstance(answer, Exception):
            raise typer.Exit(REFUSED)
        state = _policy(house, policy_id)
    version = state.version_from(about["effective_from"]) or state.versions[-1]
    told = {
        "policy_id": policy_id, "facts": list(answer.facts), "effective_from": version.effective_from,
        "effective_through": version.effective_through, "unverified": list(version.unverified),
        "verified": [
            {"by": one.verified_by, "on": one.verified_on, "source": one.source, "fields": list(one.fields)}
            for one in version.verifications
        ],
    }  # fmt: skip
    if as_json:
        emit(told)
        return
    new = answer.facts and not answer.replayed
    done = f"recorded {', '.join(answer.facts)}" if new else "it was so already"
    which = "Its latest terms" if version is state.versions[-1] else "Its earlier terms"
    typer.echo(f"Policy {policy_id}: {done}. {which} {_apply(version)}.")


def _second(house: House, policy_id: str, first: str | None, person: str) -> Acting:
    """In the name of a person on record, in the role in which they may verify. Raises typer.BadParameter, and
    typer.Exit where whoever sits here set these terms, in whatever name."""
    contexts = []
    for stored in house.log.streams([policy_id])[policy_id]:
        fact = decode(stored.topic, stored.state)
        if isinstance(fact, PolicyPublished | PolicyRevised) and first in (None, fact.effective_from):
            contexts.append(json.loads(stored.context))
    if any(one["request"] == shell() or one["actor"] == operator() for one in contexts[-1:]):
        say(f"Policy {policy_id}: {VerifiesOwnTerms()}")
        raise typer.Exit(REFUSED)
    return acting_as(house, person, sorted(roles_for(VerifyPolicy)))


def _apply(version: Version) -> str:
    """On which days terms apply, what of them no source confirms, and who verified them against what."""
    through = f" through {version.effective_through}" if version.effective_through else ""
    left = ", ".join(version.unverified) or "nothing"
    who = "; ".join(
        f"{one.verified_by} on {one.verified_on} against {one.source}" for one in version.verifications
    )  # fmt: skip
    return f"apply from {version.effective_from}{through}; unverified: {left}; verified by: {who or 'nobody yet'}"


def _policy(house: House, policy_id: str) -> Policy:
    """The policy as it is recorded now. Raises UnknownPolicy."""
    state: State = NotPublished()
    for stored in house.log.streams([policy_id])[policy_id]:
        state = evolve(state, decode(stored.topic, stored.state))
    if not isinstance(state, Policy):
        raise UnknownPolicy(policy_id=policy_id)
    return state

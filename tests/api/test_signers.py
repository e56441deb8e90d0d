"""Who signs over HTTP: those who left, whose credential lapsed, who signs under supervision."""

from __future__ import annotations

from tests.api.clinic import DIRECTOR, REST, at, draft, on, put_on_call
from tests.api.house import PROGRAM, House, an_id
from tests.api.test_documentation import closed, documented, part
from tests.api.test_signatures import act


def test_who_left_still_signs_what_they_did(own_house: House) -> None:
    """The record needs it; a credential that lapsed with them was active on the day of service, not on that of
    signing."""
    before, note = draft(own_house, 838), draft(own_house, 834)
    own_house.signed("clinician", act(before))
    who = f"/clinicians/{an_id('clinician')}"
    own_house.done("director", f"{who}/leave", {"left_on": on(-1)}, programs=DIRECTOR)
    lapse = {"credential_id": an_id("credential-clinician"), "lapsed_on": on(), "cause": "left"}
    own_house.done("director", f"{who}/lapse-credential", lapse, programs=DIRECTOR)
    own_house.signed("clinician", act(note))
    [signature] = own_house.found("clinician", f"/notes/{note}/signatures")["signatures"]
    assert (signature["standing"], signature["credential"], signature["lapsed_signer"]) == ("verified", "LCSW", False)
    assert signature["active_at_signing"] is False
    [signature] = own_house.found("clinician", f"/notes/{before}/signatures")["signatures"]
    assert signature["active_at_signing"] is True
    [entry] = [
        one for one in own_house.found("auditor", "/audit/entries", limit=500)
        if one["stream"] == note and one["name"] == "note.signed"
    ]
    assert f"credential LCSW active on {on(-1)}, lapsed since" in entry["words"]


def test_a_credential_that_was_not_active_on_the_day_of_service(own_house: House) -> None:
    """Known before the signature it is refused by name, whatever the cause; recorded later it shows."""
    first, second = draft(own_house, 835), draft(own_house, 836)
    own_house.signed("clinician", act(first))
    then = own_house.log.head().position
    who = f"/clinicians/{an_id('clinician')}"
    lapse = {"credential_id": an_id("credential-clinician"), "lapsed_on": on(-5), "cause": "not_renewed"}
    own_house.done("director", f"{who}/lapse-credential", lapse, programs=DIRECTOR)
    [signature] = own_house.found("clinician", f"/notes/{first}/signatures")["signatures"]
    assert (signature["standing"], signature["lapsed_signer"]) == ("verified", True)
    [signature] = own_house.found("clinician", f"/notes/{first}/signatures", as_of=then)["signatures"]
    assert (signature["standing"], signature["lapsed_signer"]) == ("verified", False)
    for given in (act(second), act(second, override_cause="renewal_pending")):
        [shown] = own_house.shown("clinician", given)["signatures"]
        assert shown["refused"]["type"].endswith(":credential-not-active")
    answer = documented(own_house, closed(own_house, 839, range(1, 3)), part(1), override_cause="renewal_pending")
    assert [one["refused"]["type"].rpartition(":")[2] for one in answer["skipped"]] == ["credential-not-active"] * 2
    own_house.done("director", f"{who}/record-credential", {
        "credential_id": an_id("credential-again"), "title": "LCSW", "jurisdiction": "NY", "active_from": on(-5),
    }, programs=DIRECTOR)  # fmt: skip
    own_house.signed("clinician", act(second))
    [signature] = own_house.found("clinician", f"/notes/{second}/signatures")["signatures"]
    assert (signature["standing"], signature["credential"], signature["lapsed_signer"]) == ("verified", "LCSW", False)


def associate(house: House) -> str:
    """Somebody who signs under the supervisor; answers their id."""
    person = an_id("associate")
    house.done("director", "/clinicians", {
        "clinician_id": person, "programs": list(DIRECTOR), "discipline": "LCSW", "associate": True,
        "joined_on": "2020-01-01", "family_name": "Weiss", "given_name": "Jo",
    }, programs=DIRECTOR)  # fmt: skip
    house.done("director", f"/clinicians/{person}/record-credential", {
        "credential_id": an_id("credential-associate"), "title": "LSW", "jurisdiction": "NY",
        "active_from": "2020-01-01"}, programs=DIRECTOR)  # fmt: skip
    house.done("director", f"/clinicians/{person}/assign-supervisor", {
        "supervisor_id": an_id("supervisor"), "effective_from": "2020-01-01"}, programs=DIRECTOR)
    put_on_call(house, person)
    return person


def test_an_associates_note_is_cosigned_by_the_supervisor(own_house: House) -> None:
    """Chained to the author's signature; not by the author in whatever role, not by a colleague."""
    house, person, note = own_house, associate(own_house), an_id("note", 837)
    house.done("clinician", "/notes", {
        "note_id": note, "kind": "individual", "program_id": PROGRAM, "service_date": on(-1),
        "service_ended_at": at("10:00", -1), "patient_id": an_id("patient", 1), "service_kind": "individual",
        "goals": ["goal-1"], "content": {"sections": [{"name": "data", "words": "Came, spoke, left."}, *REST]},
    }, person=person)  # fmt: skip
    house.signed("clinician", act(note), person=person)
    for role, who, rule in (("supervisor", person, "the-supervisor"), ("clinician", an_id("clinician"), "permitted")):
        [one] = house.shown(role, act(note, "note.cosign"), person=who)["signatures"]
        assert one["refused"]["type"] == f"urn:iop-es:problem:not-{rule}"
    house.signed("supervisor", act(note, "note.cosign"))
    found = house.found("clinician", f"/notes/{note}/signatures")["signatures"]
    assert [(one["meaning"], one["standing"]) for one in found] == [("author", "verified"), ("co-sign", "verified")]
    assert house.found("clinician", f"/notes/{note}")["state"] == "cosigned"

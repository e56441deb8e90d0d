"""Whose rows of the caseload a reader sees, table by table."""

from iop_es.engine.readmodel.reach import Anybody, Listed, Overlapping, Reaches, Within

_PATIENT = Within("episode", ("patient_id",), setting="unreferred")
"""A patient who was referred to a program of the reader's; or to none at all, for those who may register patients."""

_EPISODE = Within("episode", ("enrollment_id",))
_GROUP = Within("care_group", ("group_id",))

REACH: Reaches = {
    # A program's own
    "program": Listed(),
    "program_closure": Listed(),
    "episode": Listed(),
    "episode_level": _EPISODE,
    "episode_diagnosis": _EPISODE,
    "episode_leave": _EPISODE,
    "authorization": Listed(),
    "care_group": Listed(),
    "group_series": _GROUP,
    "group_place": _GROUP,
    "group_facilitator": _GROUP,
    "group_substitute": _GROUP,
    "session": Listed(),
    "attendance": Within("session", ("session_id",)),
    "note": Listed(),
    "note_amendment": Within("note", ("note_id",)),
    # A patient's
    "patient": _PATIENT,
    "coverage": _PATIENT,
    "consent": _PATIENT,
    "guardian": _PATIENT,
    # Staff, where they work; whom a document's author answers to is asked of authors who work elsewhere by now
    "clinician": Overlapping("programs"),
    "clinician_credential": Within("clinician", ("clinician_id",)),
    "clinician_supervisor": Anybody(),
    # The organization's, about no patient
    "payer": Anybody(),
    "payer_wanted": Anybody(),
}

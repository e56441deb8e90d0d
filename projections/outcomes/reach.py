"""Whose rows of the outcomes a reader sees, table by table; cohorts are made of the reader's programs, too."""

from iop_es.engine.readmodel.reach import Listed, Reaches, Within

REACH: Reaches = {
    "measure": Listed(),
    "trend": Listed(),
    "episode": Listed(),
    "attended": Within("episode", ("patient_id", "enrollment_id")),
    "alert": Listed(),
    "acknowledgment": Listed(),
    "risk_level": Listed(),
    "safety_plan": Listed(),
    "follow_up": Listed(),
    "program": Listed(),
}

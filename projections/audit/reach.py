"""Which entries of the trail a reader sees: those of the reader's programs, and for who sees the organization's those
of no program."""

from iop_es.engine.readmodel.reach import Listed, Owned, Reaches, Within

ORGANIZATION = "organization_wide"

REACH: Reaches = {
    # Which program a thing is of is no secret to those who see the organization's: what is of none is told by it
    "thing_program": Listed(setting=ORGANIZATION),
    "entry": Owned("thing_program", ("thing",), "program_id", setting=ORGANIZATION),
    "entry_patient": Within("entry", ("position",)),
}

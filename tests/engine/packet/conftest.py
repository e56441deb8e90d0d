"""The log that packets are made of here."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from iop_es.engine.subjects.keys import SubjectKeys
from iop_es.engine.subjects.master import MasterFile
from iop_es.engine.subjects.sealing import SubjectSealer
from tests.engine.packet.record import CARL, DORA, GROUP, SECRET, Record, as_json


@pytest.fixture
def record(pool: Pool, tmp_path: Path) -> Record:
    """Carl and Dora check in to the same session, under aliases of their own; Carl has a chart."""
    made = Record(Log(pool, "iop", SubjectSealer(SubjectKeys(pool, "iop", MasterFile(tmp_path / "master.keys")))))
    carl, dora = str(uuid4()), str(uuid4())
    chart = uuid4()
    for who, name in ((CARL, "Carl"), (DORA, SECRET)):
        sealed = as_json({"name": name})
        made.tells(UUID(who), "patient.registered", {"patient_id": who}, (who, str(uuid4())), sealed=sealed)
    made.tells(GROUP, "session.checked_in", {"attendance_id": carl, "patient_id": CARL}, (CARL, carl))
    made.tells(GROUP, "session.checked_in", {"attendance_id": dora, "patient_id": DORA}, (DORA, dora))
    made.tells(UUID(DORA), "patient.called", {"why": SECRET}, (DORA, str(uuid4())))
    made.tells(GROUP, "session.closed", {"present": [carl, dora]}, (CARL, carl), (DORA, dora))
    made.tells(chart, "chart.begun", {"patient_id": CARL}, (CARL, str(uuid4())), sealed=b'{"words":"well"}')
    made.tells(chart, "chart.gone_on", {}, (CARL, str(uuid4())), sealed=b'{"words":"better"}')
    return made

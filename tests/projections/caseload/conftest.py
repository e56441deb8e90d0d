"""How the tests of the caseload ask: tell a clinic's story, project it, query with a cursor."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import pytest
from psycopg import Cursor

from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from projections.caseload import MODEL
from tests.projections.caseload.clinic import Clinic
from tests.projections.story import asking, project

Ask = Callable[[Clinic], Cursor[Any]]


@pytest.fixture
def ask(log: Log, projector: Pool) -> Iterator[Ask]:
    """Appends and projects a story; answers a cursor that sees the read model."""
    with ExitStack() as stack:

        def told(clinic: Clinic) -> Cursor[Any]:
            clinic.story.append(log)
            opened: AbstractContextManager[Cursor[Any]] = asking(project(MODEL, log, projector), projector)
            return stack.enter_context(opened)

        yield told

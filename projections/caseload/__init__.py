"""The day's work, for clinicians, supervisors, the front desk and directors.

Who is expected in which session today and who came; which documents still want a signature, a cosignature or to be
written at all; whose plan, certification or authorization runs out; who is in care, waiting or on leave; and how a
program did week by week. Rows hold instants and days only: what is late, due or current is compared with `now` when
somebody asks, in the program's zone. Names stay sealed, and few answers open them.
"""

from projections.caseload.model import MODEL

__all__ = ["MODEL"]

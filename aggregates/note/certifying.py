"""Who signs a certification of the need for this care: the treating physician and nobody else (42 CFR 424.24).

That is the attending physician of record, or whoever the episode says has certified its plan.
"""

from __future__ import annotations

from collections.abc import Mapping

from aggregates.kit import Act, Seen
from aggregates.note.facts import NoteDrafted
from aggregates.note.refusals import NotTheCertifier


def must_certify(about: NoteDrafted, act: Act, seen: Mapping[str, Seen]) -> None:
    """Raises NotTheCertifier for anybody else, or in another role than the prescriber's."""
    if about.kind != "certification":
        return
    episode = seen.get(f"enrollment:{about.enrollment_id}")
    certifiers = []
    if episode is not None:
        certifiers = [episode.state.attending_id, *(one.physician_id for one in episode.state.certifications)]
    if act.role != "prescriber" or act.by not in certifiers:
        known = dict.fromkeys(one for one in certifiers if one is not None)
        raise NotTheCertifier(certifiers=", ".join(known) or "nobody is on record")

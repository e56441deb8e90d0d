"""The statements that go with what is disclosed of a substance-use record under a consent (42 CFR 2.32(a)), by code."""

from __future__ import annotations

from typing import Literal

NoticeCode = Literal["42-cfr-2.32-a-2"]
SHORT: NoticeCode = "42-cfr-2.32-a-2"
"""Statement 2, as amended in 2024; either of the two satisfies the rule."""
TEXTS: dict[NoticeCode, str] = {SHORT: "42 CFR part 2 prohibits unauthorized use or disclosure of these records."}

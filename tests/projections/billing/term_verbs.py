"""The verbs that a hand-made day's terms are told with."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from tests.projections.billing.clinic import Clinic
from tests.projections.billing.terms import DEFAULT_TERMS


@dataclass
class TermVerbs:
    """The clinic that a case is told of, and what its payer's terms have that differs."""

    clinic: Clinic = field(default_factory=Clinic)
    changes: dict[str, Any] = field(default_factory=dict)

    def _payer(self, _: list[str], options: dict[str, str]) -> None:
        self.changes |= {name: literal(value) for name, value in options.items()}

    def _price(self, _: list[str], options: dict[str, str]) -> None:
        per_diem = DEFAULT_TERMS["per_diems"][0] | {
            "level_of_care": options.get("level", "intensive_outpatient"), "rate_cents": int(options["cents"]),
            "unit_basis": options.get("basis", "day"),
        }
        if "level" in options:
            per_diem |= {"procedure_code": "H0035", "revenue_code": "0912"}
        self.clinic.charges[str(per_diem["procedure_code"])] = int(options["cents"])
        rest = DEFAULT_TERMS["per_diems"][1:] if "level" not in options else DEFAULT_TERMS["per_diems"]
        self.changes["per_diems"] = (per_diem, *rest)

    def _tier(self, _: list[str], options: dict[str, str]) -> None:
        rate = {"rate_cents": int(options["cents"]), "rate_kind": "contract"} if "cents" in options else {
            "rate_cents": None, "rate_kind": None,
        }  # fmt: skip
        tier = DEFAULT_TERMS["per_diems"][0] | {"services_at_least": int(options["least"])} | rate
        self.changes["per_diems"] = (*self.changes.get("per_diems", ()), tier)

    def _service(self, plain: list[str], options: dict[str, str]) -> None:
        kind, code, use = plain
        price = {
            "service_kind": kind, "procedure_code": code, "use": use, "revenue_code": options.get("revenue", "0900"),
            "minimum_minutes": int(options.get("least", "0")), "form": options.get("form"),
        }  # fmt: skip
        if "cents" in options:
            price |= {"rate_cents": int(options["cents"]), "rate_kind": "contract"}
        self.changes["services"] = (*self.changes.get("services", ()), price)
        self.clinic.charges[code] = int(options.get("charge", "10000"))

    def _schedule(self, _: list[str], options: dict[str, str]) -> None:
        self.changes["schedule"] = {name: literal(value) for name, value in options.items()}

    def _telehealth(self, plain: list[str], options: dict[str, str]) -> None:
        allowance = {
            "effective_from": options.get("from", "2024-01-01"), "effective_through": options.get("through"),
            "modalities": (plain[0],), "places_of_service": tuple(plain[1:]),
        } if plain else None  # fmt: skip
        self.changes["telehealth"] = (allowance,) if allowance else ()

    def _modifier(self, plain: list[str], _: dict[str, str]) -> None:
        rule = {"modifier": plain[0], "when": plain[1]}
        self.changes["modifiers"] = (*self.changes.get("modifiers", ()), rule)

    def _charge(self, plain: list[str], _: dict[str, str]) -> None:
        self.clinic.charges[plain[0]] = int(plain[1])

    def _rate(self, _: list[str], __: dict[str, str]) -> None:
        self.changes["per_diems"] = (DEFAULT_TERMS["per_diems"][0] | {"rate_cents": None, "rate_kind": None},)


def literal(value: str) -> Any:
    """The Python value that is written there."""
    return ast.literal_eval(value)

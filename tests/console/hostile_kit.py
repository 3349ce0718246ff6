"""A company and a partner whose every text attacks the terminal, and what must never be seen of it."""

from __future__ import annotations

import unicodedata
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

from connectors.housing import (
    Building,
    EconomicUnit,
    Lease,
    Mandant,
    Person,
    RentItem,
    TenantRole,
    TicketCategory,
    Unit,
)
from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.company import Company, build_company

CLIPBOARD = "\x1b]52;c;ZXZpbA==\x07"
ATTACKS = (
    "[/x] [neu] [@click=app.quit]x[/] [red",
    f"{CLIPBOARD}A",
    "\x1b[2J\x1b[31mrot\x9b31m\x9d0;t\x9c\x07\x08",
    "\u202egpj.exe\u202c \u2066x\u2069\u200f",
    "a" + "\u0301" * 500,
    "👩‍👩‍👧‍👦🏴‍☠️ " + "👩\u200d" * 200,
    "N" * 10_000,
    "Zeile\r\nzwei\ttab\u2028drei\u0085vier",
)
KINDS = (Mandant, EconomicUnit, Building, Unit, Person, Lease, TenantRole, RentItem, TicketCategory)
KEPT = frozenset(
    {"id", "mandant", "number", "code", "economic_unit", "building", "parent", "usage_raw", "role_raw"}
)
"""What keeps records apart or holds them together; without it nothing would be planned at all."""

BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def raw(text: str) -> set[str]:
    """The characters in a text that could steer a terminal or turn its text around."""
    return {char for char in text if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")} | (
        BIDI & set(text)
    )


def hostile(record: Any, nth: int) -> Any:
    """The record with an attack behind every text, another one in every field."""
    changed: dict[str, Any] = {}
    for place, field in enumerate(fields(record)):
        value = getattr(record, field.name)
        attack = ATTACKS[(nth + place) % len(ATTACKS)]
        if field.name in KEPT or field.name.endswith("_id") or isinstance(value, Enum):
            continue
        if is_dataclass(value):
            changed[field.name] = hostile(value, nth + place)
        elif isinstance(value, str):
            changed[field.name] = value + attack
        elif isinstance(value, tuple):
            changed[field.name] = tuple(text + attack for text in value)
    if isinstance(record, Lease) and nth % 9 == 0:
        changed["number"] = record.number + ATTACKS[nth // 9 % len(ATTACKS)][:200]
    return replace(record, **changed)


def hostile_company(units: int) -> Company:
    """The seeded company, poisoned."""
    company = build_company(units, 1)
    for kind in KINDS:
        records = company.records(kind.NAME)
        records[:] = [hostile(record, nth) for nth, record in enumerate(records)]
    return company


def hostile_partners(clock: Clock, units: int = 60) -> list[PartnerSandbox]:
    """ERP and Bots4You, both poisoned: the partner holds records under attacking ids already.

    An id with a character that cannot be printed is refused as a change of the interface, so there is none.
    """
    from connectors.bots4you.sandbox import bots4you_sandbox
    from connectors.erp.sandbox import erp_sandbox

    bots4you = bots4you_sandbox(clock, seed=1)
    for nth, attack in enumerate(ATTACKS):
        name = "".join(char for char in attack[:200] if char.isprintable())
        texts = {name: attack for name in ("firstName", "lastName", "email", "street", "city", "unitLabel")}
        names = {"clientNumber": "10", "contractNumber": f"{nth}{attack}"}
        bots4you.act("tenant", {"externalId": f"10/{nth}{name}/1", **texts, **names})
        bots4you.act("ticket_category", {"categoryId": f"{nth}{name}", "name": attack})
    return [erp_sandbox(hostile_company(units), clock), bots4you]

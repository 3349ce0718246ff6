"""Which lease a ticket belongs to: from a contract number to the ERP's own id, and back.

Documented filters of ``RentAccounting/LicenseAgreements``. A number that is new to us costs one request; the
Mandant of a lease is that of its economic unit, whose table is read once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from connectors.erp.openwowi_parse import (
    ENDPOINTS,
    Context,
    Node,
    economic_unit,
    lease,
    parse_page,
)
from connectors.erp.paging import LIMIT, pages
from connectors.erp.session import Session
from connectors.housing import Lease, LeaseStatus
from connectors.ids import clean
from connectors.tickets import LeaseState

KEEP = 60.0
"""Seconds for which a lease in force is remembered: from judging a ticket until it is made."""

LEASES = "RentAccounting/LicenseAgreements"
ECONOMIC_UNITS = ENDPOINTS["economic_unit"]


@dataclass(frozen=True, slots=True)
class Found:
    """What the ERP knows of a contract number; ``id`` is "" unless the lease is in force or over."""

    state: LeaseState
    id: str = ""


class Leases:
    """Look-ups of leases over one session. Only leases in force are remembered, so a mended one shows."""

    def __init__(self, session: Session, base: str, clock: Callable[[], float]) -> None:
        self._session = session
        self._base = base
        self._clock = clock
        self._kept: dict[tuple[str, str], tuple[float, Found]] = {}
        self._names: dict[str, tuple[str, str]] = {}
        self._mandanten: dict[str, str] = {}

    async def find(self, contract: str, mandant: str) -> Found:
        """The lease with this number; "" as Mandant asks in all. Raises Failure."""
        key = clean(contract), clean(mandant)
        if not key[0]:  # an empty filter would list every lease
            return Found(LeaseState.UNKNOWN)
        kept = self._kept.get(key)
        if kept and self._clock() - kept[0] < KEEP:
            return kept[1]
        found = judge(await self._read("licenseAgreementIdNum", contract.strip()), *key, date.today())
        if found.state is LeaseState.RUNNING:
            self._kept = {k: v for k, v in self._kept.items() if self._clock() - v[0] < KEEP}
            self._kept[key] = self._clock(), found
        return found

    async def name(self, ident: str) -> tuple[str, str]:
        """Contract number and Mandant of a lease by its id, "" and "" where it is gone. Raises Failure."""
        if ident not in self._names:
            await self._read("licenseAgreementId", ident)
        return self._names.get(ident, ("", ""))

    async def _read(self, key: str, value: str) -> Sequence[Lease]:
        params: dict[str, str | int] = {**ENDPOINTS["lease"].params, key: value, "limit": LIMIT, "offset": 0}
        reply = await self._session.get(f"{self._base}/{LEASES}", params)
        nodes = parse_page(reply.json(), LEASES)
        units = {node.child("UseUnit").optional_key("EconomicUnitId") for node in nodes} - {None}
        if not units <= self._mandanten.keys():
            await self._read_mandanten()
        context = Context(self._mandanten, date.today())
        rows = [lease(node, context) for node in nodes]
        self._names |= {row.id: (clean(row.number), clean(row.mandant)) for row in rows}
        return rows

    async def _read_mandanten(self) -> None:
        context = Context({}, date.today())
        async for nodes, _ in pages(self._economic_units):
            for unit in (economic_unit(node, context) for node in nodes):
                self._mandanten[unit.id] = unit.mandant

    async def _economic_units(self, offset: int) -> list[Node]:
        params: dict[str, str | int] = {**ECONOMIC_UNITS.params, "limit": LIMIT, "offset": offset}
        reply = await self._session.get(f"{self._base}/{ECONOMIC_UNITS.path}", params)
        return parse_page(reply.json(), ECONOMIC_UNITS.path)


def judge(rows: Sequence[Lease], contract: str, mandant: str, today: date) -> Found:
    """What these rows say of a contract number; vacancies and drafts are no leases of anybody."""
    real = [
        row
        for row in rows
        if clean(row.number) == contract and not row.is_vacancy and row.status is not LeaseStatus.DRAFT
    ]
    ours = [row for row in real if not mandant or clean(row.mandant) == mandant]
    if not ours:
        return Found(LeaseState.OTHER_MANDANT if real else LeaseState.UNKNOWN)
    in_force = [row for row in ours if not _over(row, today)]
    if len(in_force) > 1:
        return Found(LeaseState.AMBIGUOUS)
    if in_force:
        return Found(LeaseState.RUNNING, in_force[0].id)
    return Found(LeaseState.ENDED, max(ours, key=lambda row: row.end or date.min).id)


def _over(row: Lease, today: date) -> bool:
    return row.status is LeaseStatus.ENDED or (row.end is not None and row.end < today)

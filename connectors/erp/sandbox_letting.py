"""The letting side of the ERP sandbox: what the assumed hub says of vacant units, and their files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from starlette.responses import Response

from connectors.erp.sandbox_state import ErpState, convert
from connectors.housing import Lease, LeaseStatus, RentItem
from connectors.letting import EnergyCertificate, Vacancy
from connectors.sandbox import names
from connectors.sandbox.company_letting import RENTS
from connectors.sandbox.company_model import Company
from connectors.sandbox.media import Medium

WIRE = {
    "released": "released",
    "total_rent": "totalRent",
    "heating_included": "heatingIncluded",
    "deposit": "deposit",
    "coop_shares": "coopShares",
    "cellar": "cellar",
    "fitted_kitchen": "fittedKitchen",
    "intercom": "intercom",
    "lift": "lift",
    "bike_room": "bikeRoom",
    "guest_wc": "guestToilet",
    "balcony": "balcony",
    "barrier_free": "barrierFree",
    "wbs_required": "wbsRequired",
    "heating": "heating",
    "title": "title",
    "description": "description",
    "equipment": "equipment",
}
"""Field of a vacancy -> its key in the hub's details; written down once more, not taken from the client."""

CHANGEABLE = frozenset({"available_from", "energy", *WIRE, *RENTS})
_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{1,12})", re.ASCII)


class LettingDesk:
    """Vacancies as the hub tells them beside OPENWOWI; a clerk changes or ends them."""

    def __init__(self, state: ErpState, company: Company) -> None:
        self._state = state
        self._today = company.today
        self._vacancies: dict[str, Vacancy] = {vacancy.id: vacancy for vacancy in company.vacancies}
        self._media: dict[str, Medium] = {medium.id: medium for medium in company.media}
        self._listed: list[dict[str, Any]] | None = None

    def vacancies(self) -> list[Vacancy]:
        """The vacancies whose contract row is still there and not over."""
        leases = self._state.index.leases
        return [v for v in self._vacancies.values() if v.id in leases and not self._over(leases[v.id])]

    def _over(self, lease: Lease) -> bool:
        return lease.end is not None and lease.end < self._today

    def listed(self) -> list[dict[str, Any]]:
        """The vacancies as dictionaries."""
        return [asdict(vacancy) for vacancy in self.vacancies()]

    def details(self) -> list[dict[str, Any]]:
        """GET /hub/v1/vacancy-details: one object per vacant unit, null where nothing is known."""
        leases = self._state.index.leases
        return [
            {
                "unit": leases[vacancy.id].unit_id,
                "availableFrom": _plain(self._stated(vacancy, leases[vacancy.id])),
                **{key: _plain(getattr(vacancy, name)) for name, key in WIRE.items()},
                "energy": _energy(vacancy.energy),
            }
            for vacancy in self.vacancies()
        ]

    @staticmethod
    def _stated(vacancy: Vacancy, lease: Lease) -> date | None:
        """The day from which the unit can be let, stated only where it is not that of the contract row."""
        return None if vacancy.available_from == lease.start else vacancy.available_from

    def media(self, filters: Mapping[str, str]) -> list[dict[str, Any]]:
        """GET /hub/v1/media: the files of all units, of one ``unit``, or the one with this ``id``."""
        if self._listed is None:
            self._listed = [_medium(medium) for medium in self._media.values()]
        return [
            item
            for item in self._listed
            if all(str(item[name]) == filters[name] for name in ("id", "unit") if name in filters)
        ]

    def content(self, key: str) -> bytes | None:
        """The bytes of a file, or None."""
        medium = self._media.get(key)
        return None if medium is None else medium.content

    def change(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Update a vacancy or, with ``delete``, end it: ``{"op", "id", "fields"}``. Raises ValueError."""
        found = next((v for v in self.vacancies() if v.id == body.get("id")), None)
        values = body.get("fields", {})
        if found is None or not isinstance(values, Mapping):
            raise ValueError("no vacancy with this id, or its fields are no object")
        if body.get("op") == "delete":
            over = {"end": (self._today - timedelta(days=1)).isoformat(), "status": LeaseStatus.ENDED}
            self._state.change(Lease.NAME, {"op": "update", "id": found.id, "fields": over})
            return asdict(found)
        if body.get("op") != "update" or values.keys() - CHANGEABLE:
            raise ValueError(f"op must be update or delete; update takes {', '.join(sorted(CHANGEABLE))}")
        changed = replace(found, **convert(Vacancy, values))
        for name in RENTS.keys() & values.keys():
            self._position(changed, name)
        self._vacancies[found.id] = changed
        return asdict(changed)

    def _position(self, vacancy: Vacancy, name: str) -> None:
        """Put the contract position of an amount in the place of the former one."""
        category = RENTS[name]
        former = [r for r in self._state.records(RentItem.NAME) if r.lease_id == vacancy.id]
        for item in former:
            if item.category is category:
                self._state.change(RentItem.NAME, {"op": "delete", "id": item.id})
        amount: Decimal | None = getattr(vacancy, name)
        if amount is None:
            return
        code, label = names.RENT_ITEMS[category]
        start = self._state.index.leases[vacancy.id].start
        fields = {
            "lease_id": vacancy.id,
            "code": code,
            "label": label,
            "amount_net": str(amount),
            "amount_gross": str(amount),
            "category": category,
            "valid_from": start.isoformat() if start else None,
        }
        self._state.change(RentItem.NAME, {"op": "create", "fields": fields})


def part_of(content: bytes, asked: str) -> Response:
    """The bytes as an answer: the part a Range header asks for, all of them where it asks for none."""
    if not asked:
        return Response(content, media_type="application/octet-stream")
    match = _RANGE.fullmatch(asked)
    first, last = (int(match[1]), int(match[2])) if match else (1, 0)
    if first > last or first >= len(content):
        return Response(status_code=416, headers={"Content-Range": f"bytes */{len(content)}"})
    part = content[first : last + 1]
    place = f"bytes {first}-{first + len(part) - 1}/{len(content)}"
    return Response(part, 206, {"Content-Range": place}, "application/octet-stream")


def _medium(medium: Medium) -> dict[str, Any]:
    content = medium.content
    return {
        "id": medium.id,
        "unit": medium.unit_id,
        "name": medium.name,
        "kind": medium.group,
        "title": medium.title,
        "md5": medium.md5,
        "bytes": len(content),
    }


def _energy(found: EnergyCertificate | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "kind": found.kind,
        "value": _plain(found.value),
        "rating": found.rating,
        "validTo": _plain(found.valid_to),
        "issued": _plain(found.issued),
        "carrier": found.carrier,
        "buildingYear": found.building_year,
        "withHotWater": found.with_hot_water,
    }


def _plain(value: Any) -> Any:
    """A value as JSON holds it."""
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value

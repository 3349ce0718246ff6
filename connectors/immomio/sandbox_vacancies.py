"""The vacancies of the Immomio double: imported, edited, put online and offline, taken away again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from connectors.immomio.sandbox_openimmo import Node, deletes, id_of, read, record
from connectors.immomio.sandbox_records import (
    Checks,
    Fields,
    Refusal,
    Shelf,
    is_day,
    is_decimal,
    is_flag,
    is_text,
    is_texts,
    is_whole,
)
from connectors.immomio.sandbox_zip import Delivery, plain, unpack
from connectors.sandbox.clock import Clock

IMPORTED, ONLINE, OFFLINE = "IMPORTED", "ONLINE", "OFFLINE"

_TEXTS = (
    "kind", "street", "houseNumber", "postalCode", "city", "country", "position", "heating", "energyKind",
    "energyClass", "energyCarrier", "title", "description", "equipment",
)  # fmt: skip
_DECIMALS = (
    "rooms", "livingArea", "usableArea", "baseRent", "coldRent", "operatingCosts", "heatingCosts",
    "surcharges", "totalRent", "deposit", "coopShares", "energyValue",
)  # fmt: skip
_FLAGS = (
    "heatingIncluded", "cellar", "fittedKitchen", "intercom", "lift", "bikeRoom", "guestToilet", "balcony",
    "barrierFree", "wbsRequired", "energyHotWater",
)  # fmt: skip
VACANCY: Checks = {
    **dict.fromkeys(_TEXTS, is_text),
    **dict.fromkeys(_DECIMALS, is_decimal),
    **dict.fromkeys(_FLAGS, is_flag),
    **dict.fromkeys(("floor", "storeys", "constructionYear", "energyYear"), is_whole),
    **dict.fromkeys(("availableFrom", "energyValidTo", "energyIssued"), is_day),
    "attachments": is_texts,
}


@dataclass(frozen=True, slots=True)
class Spoiling:
    """What armed faults do to an import: ids that are refused, values that are stored otherwise."""

    rejects: Callable[[str], bool] = lambda _id: False
    rewrite: Callable[[Fields], Fields] = dict


UNSPOILT = Spoiling()


@dataclass(slots=True)
class Vacancies:
    """All vacancies by ``objektnr_extern``. State and prospects stay through an update and go with the
    vacancy; ``base`` is what its link begins with."""

    clock: Clock
    base: str = ""
    shelf: Shelf = field(default_factory=lambda: Shelf("vacancies", VACANCY))
    states: dict[str, str] = field(default_factory=dict)
    prospects: dict[str, int] = field(default_factory=dict)

    def take(self, content: bytes, zipped: bool, spoiling: Spoiling = UNSPOILT) -> list[Fields]:
        """Import a delivery: one result per object, in order. Raises Unreadable, and then nothing changed."""
        delivery = unpack(content) if zipped else plain(content)
        document = read(delivery.xml)
        listed: set[str] = set()
        results = [self._object(node, delivery, spoiling, listed) for node in document.objects]
        if document.full:
            for id_ in set(self.shelf.records) - listed:
                self._remove(id_)
        return results

    def shown(self, id_: str) -> Fields:
        """A vacancy as Immomio gives it. Raises Refusal."""
        return self._whole(self.shelf.one(id_))

    def page(self, number: int, size: int) -> Fields:
        """One page of the list."""
        page = self.shelf.page(number, size)
        return page | {"items": [self._whole(record) for record in page["items"]]}

    def all(self) -> list[Fields]:
        """Every vacancy, by its id."""
        return [self._whole(record) for record in self.shelf.sorted()]

    def applied(self, id_: str, more: int) -> None:
        """Count a prospect in (1) or out (-1); nothing where the vacancy is gone."""
        if id_ in self.shelf.records:
            self.prospects[id_] = max(0, self.prospects.get(id_, 0) + more)

    def act(self, data: Fields) -> Fields:
        """What a letting clerk does: ``{"id", "do"}`` with edit (``fields`` and ``online`` optional), online
        or offline. Raises KeyError for an unknown vacancy, ValueError for what cannot be done."""
        id_, do = str(data.get("id", "")), data.get("do")
        stored = self.shelf.records[id_]
        if do == "edit":
            filled = self._filled(id_, stored, data.get("fields") or {})
            stored.update(filled, updatedAt=now(self.clock))
            self.states[id_] = ONLINE if data.get("online") else OFFLINE
        elif do in ("online", "offline"):
            if self.states[id_] == IMPORTED:
                raise ValueError("an imported vacancy has to be edited first")
            self.states[id_] = ONLINE if do == "online" else OFFLINE
        else:
            raise ValueError("do must be edit, online or offline")
        return self._whole(stored)

    def clear(self) -> None:
        """Hold nothing."""
        self.shelf.clear()
        self.states.clear()
        self.prospects.clear()

    def _filled(self, id_: str, stored: Fields, changed: Any) -> Fields:
        """The clerk's values, and one for every mandatory field that would stay empty."""
        if not isinstance(changed, dict):
            raise TypeError("fields must be an object")
        for name, value in changed.items():
            if name not in VACANCY or (value is not None and not VACANCY[name](value)):
                raise ValueError(f"{name!r} is no field of a vacancy or has another type")
        made = {"title": f"Objekt {id_}", "availableFrom": self.clock.now().date().isoformat()}
        together = stored | changed
        return changed | {name: value for name, value in made.items() if not together[name]}

    def _object(self, node: Node, delivery: Delivery, spoiling: Spoiling, listed: set[str]) -> Fields:
        id_ = None
        try:
            id_ = id_of(node)
            listed.add(id_)
            status = self._take_one(id_, node, delivery, spoiling)
        except Refusal as refusal:
            return {"externalId": id_, "status": refusal.status, **refusal.error}
        return {"externalId": id_, "status": status}

    def _take_one(self, id_: str, node: Node, delivery: Delivery, spoiling: Spoiling) -> int:
        if spoiling.rejects(id_):
            raise Refusal(422, "rejected")
        if deletes(node):
            if id_ not in self.shelf.records:
                raise Refusal(404, "not_found")
            self._remove(id_)
            return 204
        status = self.shelf.put(id_, spoiling.rewrite(record(node, delivery.attached)), now(self.clock))
        if status == 201:
            self.states[id_] = IMPORTED
        return status

    def _remove(self, id_: str) -> None:
        self.shelf.remove(id_)
        self.states.pop(id_, None)
        self.prospects.pop(id_, None)

    def _whole(self, stored: Fields) -> Fields:
        id_ = stored["externalId"]
        return stored | {
            "state": self.states[id_],
            "prospects": self.prospects.get(id_, 0),
            "link": f"{self.base}/apply/{quote(id_, safe='')}",
        }


def now(clock: Clock) -> str:
    """The moment as it is stored, in milliseconds so that what follows each other differs."""
    return clock.now().isoformat(timespec="milliseconds")

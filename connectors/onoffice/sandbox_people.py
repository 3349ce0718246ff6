"""What people change in the onOffice sandbox by hand, and how all of it is shown to the control API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from connectors.onoffice.sandbox_backstage import free
from connectors.onoffice.sandbox_world import ACTIVE, ARCHIVED, Address, Entry, Estate, World, told


def set_address(world: World, data: Mapping[str, Any]) -> dict[str, Any]:
    """What a person changes in an address: ``archived``, ``contact_types``, ``email`` as the default one."""
    address = world.addresses[int(data["id"])]
    if "archived" in data:
        address.values["Status2Adr"] = ARCHIVED if data["archived"] else ACTIVE
        address.values["Status"] = "0" if data["archived"] else "1"
    if "contact_types" in data:
        address.types = [str(one) for one in data["contact_types"]]
    if "email" in data:
        ids = [entry.id for one in world.addresses.values() for entry in one.entries]
        address.entries = (
            [Entry(max(ids) + 1, "email", str(data["email"]), default=True)] if data["email"] else []
        )
    address.values["Aenderung"] = told(world.now())
    return _told_address(address)


def set_estate(world: World, data: Mapping[str, Any]) -> dict[str, Any]:
    """What a person changes in an estate: ``contacts`` as ids of addresses, and ``values`` by field."""
    estate = world.estates[int(data["id"])]
    contacts = [int(id_) for id_ in data.get("contacts", estate.contacts)]
    for id_ in contacts:
        world.addresses[id_]
    estate.contacts = contacts
    estate.values.update({str(name): str(value) for name, value in data.get("values", {}).items()})
    estate.values["geaendert_am"] = told(world.now())
    return _told_estate(estate)


def set_user(world: World, data: Mapping[str, Any]) -> dict[str, Any]:
    """What the administrator changes in a user: ``active``, ``address`` as an id or null, ``email``."""
    user = world.users[int(data["nr"])]
    if "active" in data:
        assumed = world.assumptions
        user["online"] = assumed.user_online if data["active"] else assumed.user_offline
    if "address" in data:
        user["adrId:adressen.ID"] = str(data["address"] or 0)
    user["email"] = str(data.get("email", user["email"]))
    return dict(user)


def _told_address(address: Address) -> dict[str, Any]:
    entries = [asdict(entry) for entry in address.entries]
    return {"id": address.id, **address.values, "ArtDaten": list(address.types), "emails": entries}


def _told_estate(estate: Estate) -> dict[str, Any]:
    return {**estate.values, "id": estate.id, "contacts": list(estate.contacts)}


def state(world: World, entity: str | None) -> Any:
    """Everything, or one part of it. Raises KeyError."""
    views: Mapping[str, Callable[[], Any]] = {
        "address": lambda: [_told_address(one) for one in world.addresses.values()],
        "estate": lambda: [_told_estate(one) for one in world.estates.values()],
        "user": lambda: [dict(one) for one in world.users.values()],
        "activity": lambda: [{**asdict(one), "at": told(one.at)} for one in world.activities],
        "mailbox": lambda: [asdict(one) for one in world.mailboxes.values()],
        "portal": lambda: [asdict(one) for one in world.portals],
        "quota": lambda: {"all": world.quota, "free": free(world)},
        "rights": lambda: asdict(world.rights),
        "configuration": world.configuration.state,
        "assumptions": lambda: asdict(world.assumptions),
    }
    return {name: view() for name, view in views.items()} if entity is None else views[entity]()

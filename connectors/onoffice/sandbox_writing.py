"""What the onOffice sandbox changes: addresses with their e-mail entries, estates, activities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.onoffice.sandbox_action import Asked, Found, record, written
from connectors.onoffice.sandbox_refused import Refused
from connectors.onoffice.sandbox_world import SYSTEM_USER, Address, Entry, World, told
from connectors.sandbox.faults import rejects, rewrite

_KINDS = {"email": "email", "email_business": "emailbusiness", "email_private": "emailprivate"}
_READ_ONLY = frozenset({"Status", "status"})
"""Fields whose writing is answered with success and changes nothing."""


def modify_address(world: World, asked: Asked) -> Found:
    """Change fields of an address; all of them are checked before one is written."""
    address = world.addresses.get(int(asked.resource_id)) if asked.resource_id.isdigit() else None
    if address is None or not world.rights.read_addresses:
        raise Refused(80)
    if not world.rights.write_addresses or rejects(asked.request, str(address.id)):
        raise Refused(174)
    wanted = rewrite(asked.request, asked.parameters)
    active = world.configuration.names("address")
    for name, value in wanted.items():
        if name in _KINDS and isinstance(value, dict):
            _entry_action(address, _KINDS[name], value)
        elif name not in active or name in ("ID", "Email"):
            raise Refused(141, name)
        else:
            _keys(world, "address", name, value)
    for name, value in wanted.items():
        if name in _KINDS:
            _change_entry(world, address, _KINDS[name], value)
        elif name == "ArtDaten":
            address.types = _new_types(world, address.types, _listed(value))
        elif name not in _READ_ONLY:
            address.values[name] = "" if value is None else str(value)
    address.values["Aenderung"] = told(world.now())
    world.note("address", "edit", address.id)
    return written("address")


def modify_estate(world: World, asked: Asked) -> Found:
    """Change fields of an estate, in ``data``; ``status`` and ``benutzer`` stay as they are."""
    estate = world.estates.get(int(asked.resource_id)) if asked.resource_id.isdigit() else None
    if estate is None:
        raise Refused(80)
    if not world.rights.write_estates or rejects(asked.request, str(estate.id)):
        raise Refused(174)
    wanted = asked.parameters.get("data")
    if not isinstance(wanted, dict):
        raise Refused(167, "data")
    for name, value in wanted.items():
        if name not in world.configuration.names("estate") or name == "Id":
            raise Refused(141, name)
        _keys(world, "estate", name, value)
    own = estate.values["benutzer"] == str(world.api_user)
    for name, value in wanted.items():
        if name not in _READ_ONLY and (name != "benutzer" or own):
            estate.values[name] = str(value)
    if "status2" in wanted:
        estate.values["status"] = "1" if wanted["status2"] == "status2obj_aktiv" else "0"
    estate.values["geaendert_am"] = told(world.now())
    world.note("estate", "edit", estate.id)
    return written("estate")


def create_agentslog(world: World, asked: Asked) -> Found:
    """Enter an activity; the parameters are flat, and ``addressids`` is ``addressid`` in a reading."""
    addresses, estates = asked.ids("addressids"), asked.ids("estateid")
    if not addresses and not estates:
        raise Refused(98)
    for ids, known in ((addresses, world.addresses), (estates, world.estates)):
        for id_ in ids:
            if id_ not in known:
                raise Refused(80)
    kind, type_ = str(asked.parameters.get("actionkind", "")), str(asked.parameters.get("actiontype", ""))
    actions = world.configuration.actions
    if kind not in actions:
        raise Refused(100, kind)
    if type_ not in actions[kind]["types"]:
        raise Refused(101, type_)
    note, login = str(asked.parameters.get("note", "")), world.users[world.api_user]["Name"]
    entry = world.enter(kind, type_, estates=estates, addresses=addresses, note=note, user=login)
    return Found([record(entry.nr, "agentsLog", {})], cacheable=False)


def _new_types(world: World, old: list[str], wanted: list[str]) -> list[str]:
    """The contact types after a write; what happens to the one of system users is not documented."""
    rule = world.assumptions.system_user_write
    if rule == "refused" and (SYSTEM_USER in old) != (SYSTEM_USER in wanted):
        raise Refused(76, SYSTEM_USER)
    kept = old if world.assumptions.multiselect_write == "add" else []
    found = list(dict.fromkeys([*kept, *wanted]))
    if rule == "lost":
        found = [key for key in found if key != SYSTEM_USER]
    if rule == "kept" and SYSTEM_USER in old and SYSTEM_USER not in found:
        found = [SYSTEM_USER, *found]
    return found


def _keys(world: World, module: str, name: str, value: Any) -> None:
    """Raises Refused for a key that is not there or switched off."""
    kind = world.configuration.modules[module][name].type
    if not kind.endswith("select"):
        return
    active = world.configuration.keys(module, name)
    for key in _listed(value):
        if key not in active:
            raise Refused(76 if kind == "multiselect" else 77, key)


def _listed(value: Any) -> list[str]:
    if value in (None, "", []):
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _entry_action(address: Address, kind: str, action: Mapping[str, Any]) -> Entry | None:
    """The entry that an action is about, None for a new one. Raises Refused."""
    verb = action.get("action")
    if verb == "add":
        if not action.get("newvalue"):
            raise Refused(85)
        return None
    if verb not in ("modify", "delete"):
        raise Refused(255, "action")
    if not action.get("oldvalue"):
        raise Refused(86)
    if verb == "modify" and not action.get("newvalue"):
        raise Refused(85)
    found = [entry for entry in address.entries if (entry.kind, entry.value) == (kind, action["oldvalue"])]
    if not found:
        raise Refused(83)
    if len(found) > 1:
        raise Refused(87)
    return found[0]


def _change_entry(world: World, address: Address, kind: str, action: Mapping[str, Any]) -> None:
    """Carry the action out; the default entry is the one that ``Email`` shows."""
    entry = _entry_action(address, kind, action)
    if action["action"] == "delete":
        address.entries = [one for one in address.entries if one is not entry]
        return
    if entry is None:
        ids = [one.id for known in world.addresses.values() for one in known.entries]
        entry = Entry(max(ids, default=310) + 1, kind, "", default=False)
        address.entries.append(entry)
    entry.value = str(action["newvalue"])
    if action.get("default"):
        for one in address.entries:
            one.default = one is entry
    elif action.get("default") is False and world.assumptions.default_off == "taken":
        entry.default = False

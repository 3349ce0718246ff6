"""What else the onOffice sandbox can be asked: configuration, users and groups, relations, files, links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.onoffice.sandbox_action import Asked, Found, record
from connectors.onoffice.sandbox_query import cut
from connectors.onoffice.sandbox_refused import Refused
from connectors.onoffice.sandbox_relations import related
from connectors.onoffice.sandbox_world import World


def get_fields(world: World, asked: Asked) -> Found:
    """The field configuration: every module, or those that were asked for."""
    modules = asked.names("modules") or list(world.configuration.modules)
    told = [(name, world.configuration.told(name, asked.parameters)) for name in modules]
    return Found([record(name, "", elements) for name, elements in told])


def get_multiselectconfiguration(world: World, asked: Asked) -> Found:
    """Every key of some fields, also the inactive ones."""
    module = world.configuration.module(str(asked.parameters.get("module", "")))
    names = asked.names("fields")
    if not names:
        raise Refused(167, "fields")
    records = []
    for name in names:
        if name not in module:
            raise Refused(141, name)
        for position, key in enumerate(module[name].keys.values(), 1):
            elements = {
                "field": key.name, "fieldcontent": key.labels[0], "multiselectfield": name,
                "active": int(key.active), "fieldfilter": 0, "default": 0, "position": position, "level": 1,
                "parent": None,
            }  # fmt: skip
            records.append(record(position, "", elements))
    return Found(records)


def get_confignewaddressfields(world: World, asked: Asked) -> Found:
    """The keys of one field of an address with their titles."""
    name = str(asked.parameters.get("fieldname", ""))
    if name not in world.configuration.names("address"):
        raise Refused(141, name)
    keys = world.configuration.keys("address", name)
    return Found([record(key, "", {"title": one.labels[0]}) for key, one in keys.items()])


def get_actionkindtypes(world: World, asked: Asked) -> Found:
    """Kinds and types of activities; those that onOffice enters by itself only where their kind is named."""
    language = 1 if asked.parameters.get("lang") == "ENG" else 0
    allowed = asked.names("allowAutomaticTypesForActionKind")
    records = []
    for number, (key, kind) in enumerate(world.configuration.actions.items(), 1):
        types = {**kind["types"], **(kind["automatic"] if key in allowed else {})}
        if types:
            told = {name: labels[language] for name, labels in types.items()}
            elements = {"key": key, "label": kind["label"][language], "types": told, "default": 0}
            records.append(record(number, "actionkind", elements))
    return Found(records)


def get_users(world: World, asked: Asked) -> Found:
    """Users as every API user may see them; no total."""
    users = [user for user in world.users.values() if _in_reach(world, asked, user)]
    return Found([record(int(user["Nr"]), None, _user(user)) for user in users])


def _in_reach(world: World, asked: Asked, user: Mapping[str, str]) -> bool:
    return asked.parameters.get("userfilter") != "onlyOwn" or user["Nr"] == str(world.api_user)


def _user(user: Mapping[str, str]) -> dict[str, Any]:
    names = {"id": "Nr", "username": "Name", "firstname": "Vorname", "lastname": "Nachname", "email": "email"}
    return {name: user[wire] for name, wire in names.items()} | {"meetingurl": ""}


def get_groups(world: World, asked: Asked) -> Found:
    """One office group that all users belong to."""
    users = [user["Nr"] for user in world.users.values()]
    elements = {
        "id": "1", "name": world.company["firma"], "abr": "", "userIds": users, "groupType": "GroupOffice",
        "leaders": [],
    }  # fmt: skip
    return Found([record(1, None, elements)])


def get_checkuserrecordsright(world: World, asked: Asked) -> Found:
    """The ids of the asked ones on which a user may carry out an action; the elements are a list of texts."""
    module, action = str(asked.parameters.get("module")), str(asked.parameters.get("action"))
    known: Mapping[str, Mapping[int, object]] = {"address": world.addresses, "estate": world.estates}
    if module not in known:
        raise Refused(163)
    if asked.id("userid") not in world.users:
        raise Refused(235, asked.parameters["userid"])
    verb = "read" if action == "read" else "write"
    plural = "addresses" if module == "address" else "estates"
    may = getattr(world.rights, f"{verb}_{plural}") and action in ("read", "modify", "create")
    ids = [str(id_) for id_ in asked.ids("recordIds") if id_ in known[module]] if may else []
    return Found([record(0, "", ids)], cacheable=False)


def get_idsfromrelation(world: World, asked: Asked) -> Found:
    """Related ids as texts, a list for every asked id."""
    sides = [name for name in ("parentids", "childids") if name in asked.parameters]
    if len(sides) != 1:
        raise Refused(167, "parentids")
    ids = asked.ids(sides[0])
    if len(ids) > 500:
        raise Refused(255, sides[0])
    found = related(world, str(asked.parameters.get("relationtype", "")), downwards=sides[0] == "parentids")
    elements = {str(id_): [str(other) for other in found.get(id_, ())] for id_ in ids}
    return Found([record("relatedIds", "", elements)])


def get_file(world: World, asked: Asked) -> Found:
    """The files of an estate; with their publication status, which names every active portal."""
    estate = world.estates.get(asked.id("estateid"))
    if estate is None:
        raise Refused(235, asked.parameters["estateid"])
    elements: dict[str, Any] = {"type": "Titelbild", "name": "titelbild.jpg", "title": "Ansicht"}
    if asked.parameters.get("showpublicationstatus"):
        elements["publicationstatus"] = [
            {"id": portal.id, "name": portal.name, "status": int(estate.id in portal.listings)}
            for portal in world.portals
            if portal.active
        ]
    files = [record(estate.id * 10, "file", elements)]
    return Found(cut(files, asked.parameters, clamp=True), len(files))


def get_getlink(world: World, asked: Asked) -> Found:
    """A link that opens a record in onOffice enterprise."""
    id_ = asked.id("recordId")
    known: Mapping[str, Mapping[int, object]] = {"address": world.addresses, "estate": world.estates}
    if id_ not in known[asked.resource_id]:
        raise Refused(80)
    url = f"https://smart.example.org/smart/record/{asked.resource_id}/{id_}"
    return Found([record(id_, "", {"url": url})], cacheable=False)

"""What the onOffice sandbox reads: addresses, estates, users, activities, its log."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from connectors.onoffice.sandbox_action import Asked, Found, record
from connectors.onoffice.sandbox_query import Cell, Table, chosen, cut, whole
from connectors.onoffice.sandbox_refused import Refused
from connectors.onoffice.sandbox_world import Activity, Address, Estate, LogEntry, World, told

_ENTRIES = frozenset({"email", "defaultemail", "phone", "defaultphone", "mobile", "fax", "defaultfax"})
"""Names for contact entries, which no configuration lists; only e-mail has any here."""


def read_address(world: World, asked: Asked) -> Found:
    """Addresses that the API user may see."""
    names = _known(world, "address", asked.names(), _ENTRIES)
    rows: Iterable[Address] = filter(_sees_address(world), world.addresses.values())
    if asked.resource_id:
        rows = [row for row in rows if str(row.id) == asked.resource_id]
    elif "recordids" in asked.parameters:
        wanted = set(asked.ids("recordids"))
        rows = [row for row in rows if row.id in wanted]
    table = Table(
        world.configuration.names("address") | _ENTRIES,
        address_cell,
        frozenset({"ArtDaten", "HerkunftKontakt"}),
        by_map=False,
    )
    found = chosen(rows, asked.parameters, table)
    page = _page(world, asked, found)
    return Found([record(row.id, "address", _address(world, asked, row, names)) for row in page], len(found))


def read_estate(world: World, asked: Asked) -> Found:
    """Estates that the API user may see; a filter is ignored beside an id."""
    names = _known(world, "estate", asked.names())
    rows: Iterable[Estate] = filter(_sees_estate(world), world.estates.values())
    parameters = asked.parameters
    if asked.resource_id:
        rows = [row for row in rows if str(row.id) == asked.resource_id]
        parameters = {name: value for name, value in parameters.items() if name != "filter"}

    def cell(row: Estate, name: str) -> Cell:
        return row.values.get(name, "")

    found = chosen(rows, parameters, Table(world.configuration.names("estate"), cell))
    page = _page(world, asked, found)
    formatted = bool(asked.parameters.get("formatoutput"))
    return Found(
        [
            record(
                row.id,
                "estate",
                {name: _shown(world, "estate", name, cell(row, name), formatted) for name in names},
            )
            for row in page
        ],
        len(found),
    )


def read_user(world: World, asked: Asked) -> Found:
    """Users; without the right only oneself by number, and without ``data`` nobody."""
    names = _known(world, "user", asked.names())
    own = asked.resource_id == str(world.api_user)
    if not world.rights.read_users and not own:
        if world.assumptions.no_user_right == "refused":
            raise Refused(170)
        return Found([], 0)
    rows = [row for row in world.users.values() if asked.resource_id in ("", row["Nr"])]

    def cell(row: dict[str, str], name: str) -> Cell:
        return row.get(name, "")

    found = chosen(rows, asked.parameters, Table(world.configuration.names("user"), cell, by_text=False))
    page = _page(world, asked, found) if names else []
    return Found(
        [record(int(row["Nr"]), "user", {name: row.get(name, "") for name in names}) for row in page],
        len(found),
    )


def read_agentslog(world: World, asked: Asked) -> Found:
    """Activities, the newest first where no order is named."""
    names = _known(world, "agentsLog", asked.names())
    now = world.now()
    rows = [row for row in reversed(world.activities) if row.at <= now]
    for name, ids in (("estateid", "estates"), ("addressid", "addresses")):
        if wanted := set(asked.ids(name)):
            rows = [row for row in rows if wanted & set(getattr(row, ids))]
    barred = frozenset({"Benutzer", "Adress_nr", "Objekt_nr", "dauer"})
    table = Table(world.configuration.names("agentsLog"), activity_cell, no_filter=barred, by_text=False)
    found = chosen(rows, asked.parameters, table)
    page = _page(world, asked, found)
    elements = [{name: _activity(row, name) for name in names} for row in page]
    records = [record(row.nr, "agentslog", one) for row, one in zip(page, elements, strict=True)]
    return Found(records, len(found))


def read_log(world: World, asked: Asked) -> Found:
    """The system's own log, for an API user who is an administrator; ``listlimit`` has to be named."""
    if "listlimit" not in asked.parameters:
        raise Refused(256)
    limit = whole(asked.parameters["listlimit"], "listlimit")
    if not world.rights.admin:
        if world.assumptions.no_log_right == "refused":
            raise Refused(156)
        return Found([], 0, cacheable=False)
    rows = list(reversed(world.log))
    for name in ("module", "action"):
        if name in asked.parameters:
            rows = [row for row in rows if getattr(row, name) == asked.parameters[name]]
    found = chosen(rows, asked.parameters, Table(world.configuration.names("log"), _log_cell))
    page = cut(found, asked.parameters, clamp=False, offset="listOffset") if limit else []
    return Found([record(str(row.id), "Log", _log(row)) for row in page], len(found), cacheable=False)


def read_impressum(world: World, asked: Asked) -> Found:
    """The customer's own data; the id is ignored."""
    return Found([record("impressum", None, dict(world.company))], 1)


def address_cell(row: Address, name: str) -> Cell:
    """The value of a field of an address, as a filter sees it: contact entries all, or the default one."""
    if name == "ArtDaten":
        return row.types
    if name == "email":
        return [entry.value for entry in row.entries]
    if name in ("Email", "defaultemail"):
        return row.main
    if name == "ID":
        return str(row.id)
    return row.values.get(name, "")


def activity_cell(row: Activity, name: str) -> Cell:
    """The value of a field of an activity as a filter sees it."""
    found = _activity(row, name)
    return found if isinstance(found, list) else str(found or "")


def _address(world: World, asked: Asked, row: Address, names: list[str]) -> dict[str, Any]:
    elements: dict[str, Any] = {"id": row.id}
    formatted = bool(asked.parameters.get("formatoutput"))
    for name in names:
        if name in ("email", "defaultemail"):
            only_default = name == "defaultemail" or world.assumptions.contact_read == "live"
            for entry in row.entries:
                if entry.default or not only_default:
                    key = "defaultemail" if name == "defaultemail" else entry.kind
                    elements[f"{key}__{entry.id}"] = entry.value
        elif name not in _ENTRIES:
            elements[name] = _shown(world, "address", name, address_cell(row, name), formatted)
    return elements


def _shown(world: World, module: str, name: str, cell: Cell, formatted: bool) -> str:
    """A value as it is answered; formatted, keys become labels and whole numbers get their points."""
    keys = world.configuration.modules[module][name].keys if formatted else {}
    parts = cell if isinstance(cell, list) else [cell]
    parts = [keys[part].labels[0] if part in keys else part for part in parts]
    if isinstance(cell, list):
        return "".join(f"|{part}|" for part in parts)
    return f"{int(cell):,}".replace(",", ".") if formatted and cell.isdigit() else parts[0]


def _activity(row: Activity, name: str) -> Any:
    at = told(row.at)
    return {
        "Nr": str(row.nr),
        "Objekt_nr": [str(id_) for id_ in row.estates],
        "Adress_nr": [str(id_) for id_ in row.addresses],
        "Aktionsart": row.kind,
        "Aktionstyp": row.type,
        "Datum": at,
        "created": at,
        "Benutzer": row.user,
        "Bemerkung": row.note,
        "HerkunftKontakt": row.origin,
        "merkmal": None,
    }.get(name, "")


def _log(row: LogEntry) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "action": row.action,
        "module": row.module,
        "userId": str(row.user),
        "dateTime": told(row.at),
        "resourceId": str(row.record),
        "resourceTable": None,
        "resourcePk": None,
    }


def _log_cell(row: LogEntry, name: str) -> Cell:
    return str(_log(row).get("userId" if name == "userNr:user.Nr" else name) or "")


def _known(world: World, module: str, names: list[str], special: frozenset[str] = frozenset()) -> list[str]:
    """The names that were asked for. Raises Refused for one that is not there, or switched off."""
    active = world.configuration.names(module) | special
    for name in names:
        if name not in active:
            raise Refused(141, name)
    return names


def _page(world: World, asked: Asked, found: list[Any]) -> list[Any]:
    return cut(found, asked.parameters, clamp=world.assumptions.over_limit == "clamp")


def _sees_address(world: World) -> Callable[[Address], bool]:
    rights, login = world.rights, world.users[world.api_user]["Name"]
    return lambda row: (
        rights.read_addresses
        and (not rights.read_own_only or row.values["Benutzer"] == login)
        and (not rights.website_only or row.values["homepage_veroeffentlichen"] == "1")
    )


def _sees_estate(world: World) -> Callable[[Estate], bool]:
    rights = world.rights
    return lambda row: (
        rights.read_estates
        and (not rights.read_own_only or row.values["benutzer"] == str(world.api_user))
        and (not rights.website_only or row.values["veroeffentlichen"] == "1")
    )

"""What onOffice's own records say of transfers and mails.

Evidence supports what a person has seen and never replaces it: which automatic entries there are, and what a
missing one means, is documented nowhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.onoffice.asking import Asking
from connectors.onoffice.contact_settings import ContactChainSettings
from connectors.onoffice.paging import PAGE_SIZE, page_of
from connectors.onoffice.raw import moment
from connectors.onoffice.wire import ACTIONS, GET, IDS, READ, Answer, Call, Row, number

WINDOW = timedelta(days=60)
"""How far back transfers are looked for."""

PAGES = 40
"""So many pages of activities are read at most, the newest first; what is older stays open."""

_TRANSFER = ("übertrag", "uebertrag", "transfer", "export", "veröffentlich", "veroeffentlich", "publish")
"""What kinds of activity are called that a transfer to a portal leaves behind: a guess by their names."""

_DATA = ("Nr", "Objekt_nr", "Adress_nr", "Aktionsart", "Aktionstyp", "created")


@dataclass(frozen=True, slots=True)
class Activity:
    """An entry of the activity log: what it is, when it was made, and the records it belongs to."""

    kind: str
    type: str
    at: datetime
    objects: tuple[int, ...] = ()
    addresses: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found: the last entry of each object that looks like a transfer, the kinds that count as one
    (``kind`` or ``kind/type``), the names of the active portals, and how many entries the system log has of
    portals since ``since``, None where it may not be read."""

    transfers: Mapping[int, datetime] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    portals: tuple[str, ...] = ()
    logged: int | None = None
    since: datetime | None = None

    def hint(self, object_id: int, changed: datetime | None) -> str:
        """What the entries say of a transfer after the last change: ``supported``, ``pending``, or ``open``
        where they say nothing (rule O9: no entry is unknown)."""
        sent = self.transfers.get(object_id)
        if sent is None:
            return "open"
        return "supported" if changed is None or sent > changed else "pending"


async def gather(
    asking: Asking, objects: Sequence[int], settings: ContactChainSettings, now: datetime
) -> Evidence:
    """Everything that onOffice tells of the transfers of these objects. Raises Failure."""
    since = now - WINDOW
    kinds = settings.transfer_kinds or await transfer_kinds(asking, since, objects)
    transfers: dict[int, datetime] = {}
    if kinds and objects:
        for entry in await activities(asking, since, objects=objects, kinds=kinds):
            for one in entry.objects:
                transfers[one] = max(entry.at, transfers.get(one, entry.at))
    names = await portals(asking, objects[:ACTIONS])
    return Evidence(transfers, tuple(kinds), names, await log_count(asking, "portal", since, now), since)


async def transfer_kinds(asking: Asking, since: datetime, objects: Sequence[int]) -> tuple[str, ...]:
    """The kinds of activity that sound like a transfer, of those that are configured and of those that some
    objects bear. Automatic ones are told only where their kind is named, so it takes two calls; a kind that
    has no others is told by neither. Raises Failure."""
    (plain,) = await asking.ask([_kinds()])
    keys = [str(row.elements["key"]) for row in plain.rows if row.elements.get("key")]
    (every,) = await asking.ask([_kinds(keys)])
    told = [kind for row in every.rows for kind in _transfers(row.elements)]
    seen = await activities(asking, since, objects=objects[:IDS], pages=1)
    borne = [f"{one.kind}/{one.type}" for one in seen if _sounds(one.kind, one.type)]
    return tuple(dict.fromkeys((*told, *borne)))


def _kinds(automatic: Sequence[str] = ()) -> Call:
    wanted = {"allowAutomaticTypesForActionKind": list(automatic)} if automatic else {}
    return Call(GET, "actionkindtypes", parameters={"lang": "DEU", **wanted})


def _transfers(told: Mapping[str, Any]) -> Iterator[str]:
    kind, types = str(told.get("key") or ""), told.get("types")
    if _sounds(kind, told.get("label")):
        yield kind
    for key, label in types.items() if isinstance(types, dict) else ():
        if _sounds(key, label):
            yield f"{kind}/{key}"


def _sounds(*names: object) -> bool:
    return any(word in str(name).casefold() for name in names for word in _TRANSFER)


async def activities(
    asking: Asking,
    since: datetime,
    *,
    objects: Sequence[int] = (),
    addresses: Sequence[int] = (),
    kinds: Collection[str] = (),
    pages: int = PAGES,
) -> list[Activity]:
    """Activities since a time of these objects or addresses, the newest first, of these kinds (``kind`` or
    ``kind/type``; none = all), in so many pages at most; what is refused is left out. Raises Failure."""
    wanted: dict[str, Any] = {"created": [{"op": ">=", "val": spell(since)}]}
    if kinds:
        wanted["Aktionsart"] = [{"op": "in", "val": sorted({kind.partition("/")[0] for kind in kinds})}]
    call = Call(READ, "agentslog", parameters={"data": _DATA, "filter": wanted, "sortby": {"Nr": "DESC"}})
    name, ids = ("estateid", objects) if objects else ("addressid", addresses)
    calls = [_with(call, name, ids[at : at + IDS]) for at in range(0, len(ids), IDS)]
    answers = await asking.ask([page_of(one, 0) for one in calls])
    further = [page_of(one, at) for one, a in zip(calls, answers, strict=True) for at in _offsets(a)]
    answers += await asking.ask(further[: max(pages - len(calls), 0)])
    found = (_activity(row) for answer in answers for row in answer.rows)
    return sorted((e for e in found if e and _among(e, kinds)), key=lambda e: e.at, reverse=True)


def _with(call: Call, name: str, ids: Sequence[int]) -> Call:
    return Call(call.action, call.resource_type, parameters={**call.parameters, name: list(ids)})


def _offsets(first: Answer) -> range:
    return range(PAGE_SIZE, first.total or 0, PAGE_SIZE)


def _activity(row: Row) -> Activity | None:
    told = row.elements
    at = moment(told.get("created"))
    if at is None:
        return None
    kind, type_ = (str(told.get(name) or "") for name in ("Aktionsart", "Aktionstyp"))
    return Activity(kind, type_, at, _ids(told.get("Objekt_nr")), _ids(told.get("Adress_nr")))


def _ids(value: Any) -> tuple[int, ...]:
    found = map(number, value if isinstance(value, list) else [value])
    return tuple(id_ for id_ in found if id_ is not None)


def _among(entry: Activity, kinds: Collection[str]) -> bool:
    return not kinds or entry.kind in kinds or f"{entry.kind}/{entry.type}" in kinds


async def portals(asking: Asking, objects: Sequence[int]) -> tuple[str, ...]:
    """The names of the active portals, as the publication status of a few objects' files tells them: no other
    call names them. An object without files tells nothing. Raises Failure."""
    wanted = {"showpublicationstatus": True, "listlimit": 1}
    calls = [Call(GET, "file", "estate", parameters={"estateid": one, **wanted}) for one in objects[:ACTIONS]]
    answers = await asking.ask(calls) if calls else []
    told = (row.elements.get("publicationstatus") for answer in answers for row in answer.rows)
    names = (name for status in told for name in _portal_names(status))
    return tuple(sorted(set(names), key=str.casefold))


def _portal_names(told: Any) -> Iterator[str]:
    """Names of portals wherever they stand: how deep they lie in the answer is not documented."""
    if isinstance(told, dict):
        name = next((value for key, value in told.items() if key.casefold() in ("name", "portalname")), None)
        if isinstance(name, str) and name.strip():
            yield name.strip()
    parts: Iterable[Any] = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
    for part in parts:
        if isinstance(part, dict | list):
            yield from _portal_names(part)


async def log_count(asking: Asking, module: str, since: datetime, until: datetime) -> int | None:
    """How many entries the system log has of a module; None where the API user is no administrator. It tells
    that something was done, never what. Raises Failure."""
    between = [{"op": "BETWEEN", "val": [spell(since), spell(until)]}]
    parameters = {"listlimit": 0, "module": module, "filter": {"dateTime": between}}
    (answer,) = await asking.ask([Call(READ, "log", parameters=parameters)])
    return None if answer.error else answer.total


def spell(at: datetime) -> str:
    """A time as onOffice writes it, by this machine's zone."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")

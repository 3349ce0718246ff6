"""Reads one onOffice account as far as its chain needs it, in few requests that lists and relations share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from connectors.onoffice import errors
from connectors.onoffice.asking import Asking
from connectors.onoffice.client import granted
from connectors.onoffice.contact_settings import ContactChainSettings
from connectors.onoffice.entities import BROKER, CONTACT_TYPES, SYSTEM_USER
from connectors.onoffice.model import (
    Access,
    Address,
    BrokerKey,
    LettingObject,
    Office,
    User,
)
from connectors.onoffice.raw import (
    ADDRESS_FIELDS,
    OBJECT_FIELDS,
    USER_FIELDS,
    address,
    broker_key,
    in_scope,
    letting_object,
    user,
)
from connectors.onoffice.wire import (
    CONTACT_PERSON,
    CONTACT_PERSON_ALL,
    GET,
    IDS,
    READ,
    USER_ADDRESS,
    Answer,
    Call,
    Row,
    number,
)

SPELLINGS = (CONTACT_TYPES, "Kontaktart")
"""Names under which the field of contact types is looked up where its whole configuration is asked for; the
documentation's example has the label, everything else the name."""


async def read_office(asking: Asking, settings: ContactChainSettings) -> Office:
    """Everything the chain is judged by. Raises Failure where onOffice refuses it; a right that is missing
    quietly shows in ``Office.access``."""
    await asking.configure(["address", "estate"])
    people, logins, estates = await _lists(asking, settings)
    access, key = await _controls(asking)
    rows = [row for row in estates.rows if in_scope(row, settings)]
    objects = await _linked(asking, rows)
    users, seen = await _users(asking, settings, logins)
    found = {one.id: one for one in map(address, people.rows)}
    found |= await _addresses(asking, _mentioned(objects, users, settings) - found.keys())
    access = replace(access, users=seen)
    if (api := _api_user(users.values(), settings)) is not None:
        access = replace(
            access,
            addresses_writable=await _writable(asking, "address", sorted(found), api),
            objects_writable=await _writable(asking, "estate", [one.id for one in objects], api),
        )
    key = replace(key, proven=_proven(objects, found))
    return Office(users, found, tuple(objects), key, access, await _firm(asking))


async def _lists(asking: Asking, settings: ContactChainSettings) -> tuple[Answer, Answer, Answer]:
    """The addresses of system users, all users (perhaps refused), and all active letting objects. Where the
    contact types are switched off, nobody can tell who is a system user."""
    typed = await asking.readable("address", [CONTACT_TYPES])
    contact_type = [{"op": "in", "val": [SYSTEM_USER]}]
    letting = {
        "vermarktungsart": [{"op": "in", "val": list(settings.marketing)}],
        "status": [{"op": "=", "val": 1}],
    }
    calls = [
        await _listing(asking, "user", USER_FIELDS),
        await _listing(asking, "estate", OBJECT_FIELDS, filter=letting),
        await _listing(asking, "address", ADDRESS_FIELDS, filter={CONTACT_TYPES: contact_type}),
    ]
    logins, estates, *people = await asking.collect(calls if typed else calls[:2])
    return granted(calls[2], people[0]) if people else Answer(), logins, granted(calls[1], estates)


async def _listing(asking: Asking, module: str, names: Iterable[str], **parameters: object) -> Call:
    return Call(READ, module, parameters={"data": await asking.readable(module, names), **parameters})


async def _controls(asking: Asking) -> tuple[Access, BrokerKey]:
    """Reads without a filter, so that an empty list can be believed, and how contact types are configured."""
    anything = {"listlimit": 1, "listoffset": 0}
    calls = [
        Call(READ, "address", parameters={"data": ["KdNr", "Name"], **anything}),
        Call(READ, "estate", parameters={"data": ["Id"], **anything}),
        Call(READ, "log", parameters={"listlimit": 0, "module": "portal"}),
        *(
            Call(GET, "multiselectconfiguration", parameters={"module": "address", "fields": [name]})
            for name in SPELLINGS
        ),
    ]
    addresses, objects, log, *configured = await asking.read(calls)
    field = (await asking.fields("address")).get(CONTACT_TYPES)
    key = broker_key(field, [row for answer in configured for row in answer.rows])
    seen = _count(calls[0], addresses), _count(calls[1], objects)
    return Access(*seen, users=False, log=log.error is None), key


def _count(call: Call, answer: Answer) -> int:
    """How many there are; none without the right. Raises Failure."""
    if not errors.lacks_right(answer.error):
        granted(call, answer)
    return len(answer.rows) if answer.total is None else answer.total


async def _linked(asking: Asking, rows: Sequence[Row]) -> list[LettingObject]:
    """The objects with their contact persons."""
    ids = [id_ for row in rows if (id_ := number(row.id)) is not None]
    if not ids:
        return []
    found = await asking.relations([CONTACT_PERSON, CONTACT_PERSON_ALL], parents=ids)
    return [letting_object(row, found[CONTACT_PERSON], found[CONTACT_PERSON_ALL]) for row in rows]


async def _users(
    asking: Asking, settings: ContactChainSettings, logins: Answer
) -> tuple[dict[int, User], bool]:
    """The users with their addresses, and whether they may really be read: without the right for it onOffice
    tells their names only."""
    seen = logins.error is None and bool(logins.rows)
    if seen:
        users = [user(row, settings) for row in logins.rows]
    else:
        (named,) = await asking.ask([Call(GET, "users")])
        users = [_named(row, settings) for row in named.rows]
    if not users:
        return {}, seen
    linked = (await asking.relations([USER_ADDRESS], parents=[one.id for one in users]))[USER_ADDRESS]
    return {
        one.id: replace(one, addresses=tuple(dict.fromkeys((*one.addresses, *linked.get(one.id, ())))))
        for one in users
    }, seen


def _named(row: Row, settings: ContactChainSettings) -> User:
    """A user from ``get users``, which tells neither standing nor address."""
    told = row.elements
    plain = {"Nr": row.id, "Name": told.get("username"), "email": told.get("email")}
    return user(Row(row.id, row.type, plain), settings)


def _mentioned(
    objects: Iterable[LettingObject], users: Mapping[int, User], settings: ContactChainSettings
) -> set[int]:
    """The ids of all addresses that somebody refers to."""
    agreed = (*settings.contact_persons.values(), *settings.emails, settings.contact)
    found = {int(id_) for id_ in agreed if id_}
    for one in objects:
        found.update(one.brokers, one.persons)
    for one_user in users.values():
        found.update(one_user.addresses)
    return found


async def _addresses(asking: Asking, ids: Iterable[int]) -> dict[int, Address]:
    """These addresses, as far as they may be read."""
    wanted = sorted(ids)
    calls = [
        await _listing(asking, "address", ADDRESS_FIELDS, recordids=wanted[at : at + IDS])
        for at in range(0, len(wanted), IDS)
    ]
    answers = await asking.collect(calls) if calls else []
    rows = [row for call, answer in zip(calls, answers, strict=True) for row in granted(call, answer).rows]
    return {one.id: one for one in map(address, rows)}


def _proven(objects: Iterable[LettingObject], addresses: Mapping[int, Address]) -> bool:
    """Whether all whom onOffice takes for brokers, at least one, bear the key."""
    brokers = {id_ for one in objects for id_ in one.brokers if id_ in addresses}
    return bool(brokers) and all(BROKER in addresses[id_].contact_types for id_ in brokers)


def _api_user(users: Iterable[User], settings: ContactChainSettings) -> int | None:
    """The user that Einzug itself is: onOffice does not tell, so the settings have to."""
    login = settings.api_user.casefold()
    return next((one.id for one in users if login and one.login.casefold() == login), None)


async def _writable(asking: Asking, module: str, ids: Sequence[int], user_id: int) -> frozenset[int] | None:
    """Which of these records the user may change; None where onOffice does not tell."""
    parameters = {"action": "modify", "module": module, "userid": user_id}
    calls = [
        Call(GET, "checkuserrecordsright", parameters={**parameters, "recordIds": ids[at : at + IDS]})
        for at in range(0, len(ids), IDS)
    ]
    answers = await asking.ask(calls) if calls else []
    if any(answer.error or not answer.rows for answer in answers):
        return None
    told = (number(id_) for answer in answers for row in answer.rows for id_ in row.elements.values())
    return frozenset(id_ for id_ in told if id_ is not None)


async def _firm(asking: Asking) -> str:
    """The customer's firm as its imprint names it; "" where that is not told."""
    (answer,) = await asking.ask([Call(READ, "impressum", parameters={"data": ["firma"]})])
    return next((str(row.elements.get("firma") or "") for row in answer.rows), "")

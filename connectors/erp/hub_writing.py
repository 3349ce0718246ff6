"""ASSUMED: how prospects are handed to the ERP, through the hub of ``hub.py``.

OPENWOWI documents no endpoint that creates a person, so everything about writing is our assumption, and all
of it is in this file. Same login; KEY is the id that we gave, or ``number:`` and the number the ERP gave.

    GET {host}/hub/v1/business-partners?limit&offset
    GET {host}/hub/v1/prospects?limit&offset
        only what was handed in this way: {"items": [RECORD], "writable": whether the key may hand in more}
    GET {host}/hub/v1/{list}/KEY
        RECORD: {"externalId", "number", the fields of ``WRITTEN``}; 404 where there is none
    PUT {host}/hub/v1/{list}/KEY
        the fields of a RECORD; answered by the RECORD, 201 for a new one and 200 for one that was there

A unit that the ERP does not know is refused with 422 ``unknown_unit``, a business partner with
``unknown_partner``; ``number:700815`` refers to one that it knew before. Nothing is ever deleted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from connectors.answers import Reply, Rule
from connectors.contract import Change, Record, Value
from connectors.erp.paging import LIMIT
from connectors.erp.session import Session
from connectors.letting import BUSINESS_PARTNER, PROSPECT, WRITTEN
from connectors.payload import Node, bad_payload
from connectors.problems import Owner, Trouble

PATHS: Mapping[str, str] = {
    BUSINESS_PARTNER: "/hub/v1/business-partners",
    PROSPECT: "/hub/v1/prospects",
}
NUMBER = "number:"
BAD_PAYLOAD = "erp.hub_payload"

REFUSALS: Mapping[str, Rule] = {
    "unknown_unit": Rule("erp.prospect_unit", Trouble.REJECTED, Owner.CUSTOMER),
    "unknown_partner": Rule("erp.prospect_partner", Trouble.REJECTED, Owner.CONSULTANT),
}
"""What the ERP's error codes mean."""


async def page(session: Session, entity: str, offset: int) -> Sequence[Record]:
    """One page of what was handed in. Raises Failure."""
    reply = await session.get(PATHS[entity], {"limit": LIMIT, "offset": offset})
    return [record(entity, node) for node in Node.of(reply, BAD_PAYLOAD).nodes("items")]


async def writable(session: Session, entity: str) -> bool:
    """Whether more may be handed in. Raises Failure where the list does not answer as assumed."""
    body = Node.of(await session.get(PATHS[entity], {"limit": 1, "offset": 0}), BAD_PAYLOAD)
    for node in body.nodes("items"):
        record(entity, node)
    return body.get("writable", bool)


async def one(session: Session, entity: str, key: str) -> Record:
    """What was handed in under this key. Raises Failure, also where there is none."""
    reply = await session.get(_path(entity, key), {})
    return record(entity, Node.of(reply, BAD_PAYLOAD))


async def hand_in(session: Session, change: Change) -> str:
    """Hand in a record and give its number at the ERP. Raises Failure."""
    reply = await session.write("PUT", _path(change.entity, change.id), item(change))
    return _number(reply, change.id)


def record(entity: str, node: Node) -> Record:
    """A RECORD as it is compared. Raises Failure."""
    fields = {name: node.value(name, kind) for name, kind in WRITTEN[entity].items()}
    return Record(entity, node.get("externalId", str), fields)


def item(change: Change) -> dict[str, Value]:
    """The whole record as it is sent, null where it holds nothing."""
    after = change.after or {}
    return {name: after.get(name) for name in WRITTEN[change.entity]}


def _number(reply: Reply, key: str) -> str:
    """The number in the answer to a PUT, which must be the ERP's own: a stranger may answer 200 as well."""
    node = Node.of(reply, BAD_PAYLOAD)
    if node.key("externalId") != key:
        raise bad_payload(reply, "externalId", BAD_PAYLOAD)
    return node.key("number")


def _path(entity: str, key: str) -> str:
    """The address of a record. An id of dots alone would be taken for a step up the path."""
    segment = quote(key, safe="")
    return f"{PATHS[entity]}/{segment if key.strip('.') else segment.replace('.', '%2E')}"

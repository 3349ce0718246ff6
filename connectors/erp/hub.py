"""ASSUMED: what OPENWOWI does not document is read through a hub whose wire form is ours, ``/hub/v1/...``.

No reference is public; everything assumed about it is in this file, so that one file changes once one is.
Same login as OPENWOWI. All but the bytes of a file comes in lists, ``?limit&offset`` -> ``{"items": [...]}``,
whose end is a page with fewer than ``limit`` items:

    GET {host}/hub/v1/ticket-categories
        {"code", "label", "kind": "ANLIEGEN" | "SCHADEN", "parent": null, "mandatoryFeatures": [],
         "active": true}
    GET {host}/hub/v1/users
        {"name": "IMMOMIO", "active": true}
    GET {host}/hub/v1/vacancy-details
        {"unit": Id of the UseUnit, "availableFrom", the keys of ``_DETAILS``, "energy": {"kind", the keys of
         ``_ENERGY``}}; what is not known is null
    GET {host}/hub/v1/media?unit&id
        {"id", "unit", "name": "Ansicht.jpg", "kind": a word of OpenImmo, "title", "md5", "bytes"}
    GET {host}/hub/v1/media/{id}
        the bytes, in parts where ``Range: bytes=0-1048575`` asks for it
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import quote

from connectors.erp.openwowi_parse import Node, bad_payload
from connectors.erp.paging import LIMIT
from connectors.erp.session import Session
from connectors.housing import CategoryKind, TicketCategory
from connectors.letting import Attachment, AttachmentGroup, EnergyCertificate, EnergyKind, ErpUser, Heating
from connectors.problems import Failure, Owner, Problem, Trouble

TICKET_CATEGORIES = "/hub/v1/ticket-categories"
USERS = "/hub/v1/users"
VACANCY_DETAILS = "/hub/v1/vacancy-details"
MEDIA = "/hub/v1/media"
PIECE = 1 << 20
"""Bytes of a file in one call."""

_ID = re.compile(r"[A-Za-z0-9_]{1,64}", re.ASCII)
_REF = re.compile(r"media-([A-Za-z0-9_]{1,64})\.[a-z0-9]{1,5}", re.ASCII)
_SUFFIX = re.compile(r"[a-z0-9]{1,5}", re.ASCII)
_MD5 = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Details:
    """What the hub says of a vacant unit, as fields of a vacancy; None where it does not know."""

    unit: str
    available_from: date | None
    fields: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Medium:
    """One file: where it belongs, how a vacancy refers to it, and how many bytes it has."""

    id: str
    unit: str
    attachment: Attachment
    size: int


async def ticket_categories(session: Session, offset: int, limit: int = LIMIT) -> Sequence[TicketCategory]:
    """One page of ticket categories. Raises Failure."""
    return parse_ticket_categories(await listed(session, TICKET_CATEGORIES, offset, limit))


async def users(session: Session, offset: int) -> list[ErpUser]:
    """One page of the ERP's users. Raises Failure."""
    return parse_users(await listed(session, USERS, offset))


async def vacancy_details(session: Session, offset: int) -> list[Details]:
    """One page of what is known of vacant units beyond OPENWOWI. Raises Failure."""
    return parse_details(await listed(session, VACANCY_DETAILS, offset))


async def media(session: Session, offset: int) -> list[Medium]:
    """One page of the files of units. Raises Failure."""
    return parse_media(await listed(session, MEDIA, offset))


async def listed(session: Session, path: str, offset: int, limit: int = LIMIT, **filters: str) -> object:
    """One page of a list as it came. Raises Failure."""
    reply = await session.get(path, {"limit": limit, "offset": offset, **filters})
    return reply.json()


async def probe(session: Session, part: str) -> None:
    """Ask for one record of a part. Raises Failure where it does not answer as assumed."""
    PARTS[part](await listed(session, part, 0, limit=1))


async def download(session: Session, ref: str) -> AsyncGenerator[bytes, None]:
    """The bytes of a file, PIECE by PIECE, checked against its MD5 once all are there. Raises Failure.

    ``erp.unknown_file`` for a reference that is not ours or no longer known, ``erp.file_damaged`` where bytes
    are missing or others than the hub says: then nothing of what came may be used.
    """
    wanted = await _described(session, ref)
    digest = hashlib.md5(usedforsecurity=False)
    got = 0
    while got < wanted.size:
        asked = {"Accept": "*/*", "Range": f"bytes={got}-{min(got + PIECE, wanted.size) - 1}"}
        reply = await session.get(f"{MEDIA}/{quote(wanted.id, safe='')}", {}, asked)
        if not reply.content:
            break
        digest.update(reply.content)
        got += len(reply.content)
        yield reply.content
        if reply.status != 206:  # it does not know parts and sent the whole file
            break
    if got != wanted.size or digest.hexdigest() != wanted.attachment.check:
        raise Failure(Problem("erp.file_damaged", Trouble.PAYLOAD, Owner.ERP_VENDOR, where=ref))


async def _described(session: Session, ref: str) -> Medium:
    match = _REF.fullmatch(ref)
    found = parse_media(await listed(session, MEDIA, 0, 1, id=match[1])) if match else []
    if match is None or not found or found[0].id != match[1]:
        raise Failure(Problem("erp.unknown_file", Trouble.MISSING, Owner.CUSTOMER, where=ref[:80]))
    return found[0]


def parse_ticket_categories(answer: object) -> list[TicketCategory]:
    """The categories of an answer. Raises Failure ``erp.bad_payload``."""
    return [_category(node) for node in _nodes(answer, TICKET_CATEGORIES, "code")]


def parse_users(answer: object) -> list[ErpUser]:
    """The users of an answer. Raises Failure ``erp.bad_payload``."""
    return [
        ErpUser(id=node.record, name=node.record, active=node.truth("active") is not False)
        for node in _nodes(answer, USERS, "name")
    ]


def parse_details(answer: object) -> list[Details]:
    """What an answer says of vacant units. Raises Failure ``erp.bad_payload``."""
    return [_details(node) for node in _nodes(answer, VACANCY_DETAILS, "unit")]


def parse_media(answer: object) -> list[Medium]:
    """The files of an answer. Raises Failure ``erp.bad_payload``."""
    return [_medium(node) for node in _nodes(answer, MEDIA, "id")]


def _nodes(answer: object, path: str, key: str) -> list[Node]:
    """The objects of an answer, each named by ``key`` in a complaint."""
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise bad_payload(f"{path}:items")
    return [Node(item, path, Node(item, path).key(key)) for item in items]


def _category(node: Node) -> TicketCategory:
    kind = node.text("kind")
    features = node.data.get("mandatoryFeatures")
    if kind not in tuple(CategoryKind):
        raise node.bad("kind")
    if not isinstance(features, list) or not all(isinstance(feature, str) for feature in features):
        raise node.bad("mandatoryFeatures")
    label, active = node.data.get("label"), node.truth("active")
    if not isinstance(label, str):
        raise node.bad("label")
    if active is None:
        raise node.bad("active")
    return TicketCategory(
        id=node.record,
        code=node.record,
        label=label,
        kind=CategoryKind(kind),
        parent=node.text("parent"),
        mandatory_features=tuple(features),
        active=active,
    )


def _heating(node: Node, key: str) -> Heating | None:
    word = node.text(key)
    if word is not None and word not in tuple(Heating):
        raise node.bad(key)
    return Heating(word) if word else None


def _energy(node: Node, key: str) -> EnergyCertificate | None:
    """An energy certificate; one without a kind is none."""
    found = node.child(key)
    kind = found.text("kind")
    if kind is None:
        return None
    if kind not in tuple(EnergyKind):
        raise found.bad("kind")
    fields = {name: read(found, wire) for name, (wire, read) in _ENERGY.items()}
    return EnergyCertificate(kind=EnergyKind(kind), **fields)


_Read = Callable[[Node, str], Any]

_ENERGY: Mapping[str, tuple[str, _Read]] = {
    "value": ("value", Node.decimal),
    "rating": ("rating", Node.text),
    "valid_to": ("validTo", Node.date),
    "issued": ("issued", Node.date),
    "carrier": ("carrier", Node.text),
    "building_year": ("buildingYear", Node.integer),
    "with_hot_water": ("withHotWater", Node.truth),
}

_DETAILS: Mapping[str, tuple[str, _Read]] = {
    "released": ("released", Node.truth),
    "total_rent": ("totalRent", Node.decimal),
    "heating_included": ("heatingIncluded", Node.truth),
    "deposit": ("deposit", Node.decimal),
    "coop_shares": ("coopShares", Node.decimal),
    "cellar": ("cellar", Node.truth),
    "fitted_kitchen": ("fittedKitchen", Node.truth),
    "intercom": ("intercom", Node.truth),
    "lift": ("lift", Node.truth),
    "bike_room": ("bikeRoom", Node.truth),
    "guest_wc": ("guestToilet", Node.truth),
    "balcony": ("balcony", Node.truth),
    "barrier_free": ("barrierFree", Node.truth),
    "wbs_required": ("wbsRequired", Node.truth),
    "heating": ("heating", _heating),
    "energy": ("energy", _energy),
    "title": ("title", Node.text),
    "description": ("description", Node.text),
    "equipment": ("equipment", Node.text),
}
"""Field of a vacancy -> key on the wire and how it is read."""

DETAIL_FIELDS = tuple(_DETAILS)
"""The fields of a vacancy that only the hub knows."""


def _details(node: Node) -> Details:
    fields = {name: read(node, wire) for name, (wire, read) in _DETAILS.items()}
    return Details(node.record, node.date("availableFrom"), fields)


def _medium(node: Node) -> Medium:
    name = node.text("name") or ""
    suffix = name.rpartition(".")[2].lower()
    md5 = (node.text("md5") or "").lower()
    size = node.integer("bytes")
    if not _ID.fullmatch(node.record):
        raise node.bad("id")
    if not _SUFFIX.fullmatch(suffix) or suffix == name.lower():
        raise node.bad("name")
    if not _MD5.fullmatch(md5):
        raise node.bad("md5")
    if size is None or size < 0:
        raise node.bad("bytes")
    attachment = Attachment(
        ref=f"media-{node.record}.{suffix}",
        group=_group(node.text("kind"), suffix),
        title=node.text("title") or "",
        check=md5,
    )
    return Medium(node.record, node.key("unit"), attachment, size)


def _group(kind: str | None, suffix: str) -> AttachmentGroup:
    """The group the hub names; an unknown word is a document where it is a PDF, else a picture."""
    if kind in tuple(AttachmentGroup):
        return AttachmentGroup(kind)
    return AttachmentGroup.DOCUMENT if suffix == "pdf" else AttachmentGroup.PICTURE


PARTS: Mapping[str, Callable[[object], Sequence[object]]] = {
    TICKET_CATEGORIES: parse_ticket_categories,
    USERS: parse_users,
    VACANCY_DETAILS: parse_details,
    MEDIA: parse_media,
}
"""Everything the hub is asked for, and how its answers are read."""

"""ASSUMED: how a document is stored with its index values, and shown at an activity of the ERP.

Nothing of this is documented for Archiv kompakt; all that is assumed about it is in this file.

    POST /v1/documents                                  multipart: arcID, title, indexes (JSON of
                                                        [{"ID", "Value"}]), file -> the document
    PUT  /v1/documents/{id}/activities/{activity}       no body -> 204; again the same
    GET  /v1/activities/{activity}/documents            -> list of documents, in the order of linking
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from urllib.parse import quote

from connectors.archive import wire
from connectors.archive.session import BAD_PAYLOAD, Session
from connectors.documents import LARGEST
from connectors.multipart import form
from connectors.payload import bad_payload
from connectors.problems import Failure, Owner, Problem, Trouble

ACTIVITIES = "/v1/activities"
NAMELESS = "Anhang"
"""The title of a file without a name."""


async def store(
    session: Session,
    shelf: wire.Shelf,
    values: Mapping[int, str],
    name: str,
    content: AsyncIterator[bytes],
    size: int,
) -> wire.Hit:
    """File a document, sent once. Raises Failure, before anything is sent where it is too large or other
    bytes came than were announced."""
    if size > LARGEST:
        raise Failure(Problem("archive.too_large", Trouble.REJECTED, Owner.CUSTOMER, where=shelf.name))
    indexes = [{"ID": id_, "Value": value} for id_, value in values.items()]
    title = " ".join(name.split()) or NAMELESS
    fields = {"arcID": str(shelf.id), "title": title, "indexes": json.dumps(indexes)}
    made = await form(fields, title, content)
    with made:
        if made.size != size:
            raise Failure(
                Problem("archive.file_damaged", Trouble.PAYLOAD, Owner.NOBODY, where=wire.DOCUMENTS)
            )
        headers = {"content-type": made.media}
        reply = await session.send("POST", wire.DOCUMENTS, file=made.body, headers=headers, write=True)
    stored = wire.hit(reply)
    if stored.md5 != made.md5 or stored.size != size:
        raise bad_payload(reply, "dlinfo", BAD_PAYLOAD)
    return stored


async def link(session: Session, document: str, activity: str) -> None:
    """Show a document at an activity; idempotent. Raises Failure."""
    await session.send("PUT", wire.document_path(document, "activities", activity), write=True)


async def linked(session: Session, activity: str) -> list[wire.Hit]:
    """The documents at an activity. Raises Failure."""
    address = f"{ACTIVITIES}/{quote(activity, safe='')}/documents"
    return wire.hits(await session.send("GET", address))

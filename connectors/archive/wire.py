"""The form in which Archiv kompakt speaks: archives, searches, documents, files.

Documented: ``POST /Token``; ``GET /v1/archives`` with ``Indexes[]{ID, Name}``; ``POST /v2/search`` with
``maxHits``, ``indexes[]{ID, Value}`` (``*`` is a wildcard) and ``arcIDs``; ``GET /v1/documents/{id}``, 404
where there is none; ``GET /v1/files/{dlinfo}``; moments as ``/Date(1577836800000+0100)/``; ``dlinfo`` as
base64 of a text whose line 2 is the document's id, line 3 the type and line 6 the MD5.

Assumed: the other names in an answer. An archive has ``ID``, ``Name`` and, where it tells whether it is
connected to activity management, ``ActivityManagement``. A search gives a list of documents, each like the
answer to ``/v1/documents/{id}``: ``ID``, ``ArcID``, ``Title``, ``Category``, ``CreationDate``, ``Size`` in
bytes, ``Indexes[]{ID, Value}`` and ``dlinfo``. Storing and linking are in ``filing.py``.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

from connectors.answers import Reply
from connectors.archive.session import BAD_PAYLOAD
from connectors.documents import ArchiveInfo, Document
from connectors.payload import Node, bad_payload

ARCHIVES = "/v1/archives"
SEARCH = "/v2/search"
DOCUMENTS = "/v1/documents"
FILES = "/v1/files"
MOST_LINES = 64

_DATE = re.compile(r"/Date\((-?\d{1,15})(?:([+-])(\d{2})([0-5]\d))?\)/", re.ASCII)
_MD5 = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shelf:
    """An archive with the ids of its indexes by their names."""

    id: int
    name: str
    indexes: Mapping[str, int]
    linked: bool | None

    @property
    def info(self) -> ArchiveInfo:
        """The archive in canonical terms."""
        return ArchiveInfo(id=str(self.id), name=self.name, indexes=tuple(self.indexes), linked=self.linked)


@dataclass(frozen=True, slots=True)
class Hit:
    """A document as the archive tells of it; ``values`` by the id of the index."""

    id: int
    archive: int
    title: str = field(repr=False)
    category: str
    created_at: datetime
    size: int
    values: Mapping[int, str] = field(repr=False)
    dlinfo: str = field(repr=False)
    md5: str

    def document(self, shelf: Shelf) -> Document:
        """The document in canonical terms; an index that its archive does not have is left out."""
        names = {id_: name for name, id_ in shelf.indexes.items()}
        return Document(
            id=str(self.id),
            archive=shelf.name,
            category=self.category,
            title=self.title,
            created_at=self.created_at,
            size=self.size,
            md5=self.md5,
            indexes={names[id_]: value for id_, value in self.values.items() if id_ in names},
        )


@dataclass(frozen=True, slots=True)
class DownloadInfo:
    """What ``dlinfo`` says of a file."""

    document: str
    kind: str
    md5: str


def moment(text: str) -> datetime:
    """A Microsoft date as a moment with its offset, UTC where it has none. Raises ValueError."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError("no Microsoft date")
    milliseconds, sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    try:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(milliseconds))
        return at.astimezone(timezone(offset) if sign else UTC)
    except OverflowError:
        raise ValueError("no moment of a calendar") from None


def download_info(text: str) -> DownloadInfo:
    """What stands in a ``dlinfo``. Raises ValueError."""
    try:
        lines = base64.b64decode(text, validate=True).decode("utf-8").splitlines()
    except (binascii.Error, UnicodeError) as error:
        raise ValueError("no base64 of a text") from error
    if not 6 <= len(lines) <= MOST_LINES:
        raise ValueError("too few or too many lines")
    document, kind, md5 = (lines[at].strip() for at in (1, 2, 5))
    if not document or not _MD5.fullmatch(md5.lower()):
        raise ValueError("no document or no MD5")
    return DownloadInfo(document, kind, md5.lower())


def shelves(reply: Reply) -> list[Shelf]:
    """The archives of an answer. Raises Failure."""
    return [_shelf(node) for node in _list(reply)]


def hits(reply: Reply) -> list[Hit]:
    """The documents of an answer. Raises Failure."""
    return [_hit(node) for node in _list(reply)]


def hit(reply: Reply) -> Hit:
    """The one document of an answer. Raises Failure."""
    return _hit(Node.of(reply, BAD_PAYLOAD))


def asked(archive: int, values: Sequence[tuple[int, str]], most: int) -> dict[str, Any]:
    """The body of a search; what it asks for of an index that is not restricted is left out."""
    indexes = [{"ID": id_, "Value": value} for id_, value in values]
    return {"maxHits": most, "indexes": indexes, "arcIDs": [archive]}


def document_path(id_: str, *more: str) -> str:
    """The address of a document, or of something below it."""
    return "/".join((DOCUMENTS, *(_segment(part) for part in (id_, *more))))


def file_path(dlinfo: str) -> str:
    """The address of a file; ``dlinfo`` may hold slashes."""
    return f"{FILES}/{_segment(dlinfo)}"


def _segment(text: str) -> str:
    """A part of a path. Dots alone would be taken for a step up."""
    segment = quote(text, safe="")
    return segment if text.strip(".") else segment.replace(".", "%2E")


def _list(reply: Reply) -> list[Node]:
    """An answer that is a list of objects."""
    data = reply.json()
    if not isinstance(data, list):
        raise bad_payload(reply, "$", BAD_PAYLOAD)
    return Node(reply, {"": data}, BAD_PAYLOAD).nodes("")


def _shelf(node: Node) -> Shelf:
    names = {index.get("Name", str).strip(): index.get("ID", int) for index in node.nodes("Indexes")}
    linked = node.data.get("ActivityManagement")
    if linked is not None and not isinstance(linked, bool):
        raise node.bad("ActivityManagement")
    return Shelf(node.get("ID", int), node.get("Name", str).strip(), names, linked)


def _hit(node: Node) -> Hit:
    values = {
        index.get("ID", int): index.get("Value", str).strip()
        for index in node.nodes("Indexes")
        if index.data.get("Value") is not None
    }
    dlinfo, size = node.get("dlinfo", str), node.get("Size", int)
    try:
        info = download_info(dlinfo)
    except ValueError:
        raise node.bad("dlinfo") from None
    if info.document != str(node.get("ID", int)):
        raise node.bad("dlinfo")
    try:
        created = moment(node.get("CreationDate", str))
    except ValueError:
        raise node.bad("CreationDate") from None
    if size < 0:
        raise node.bad("Size")
    title, category = (
        node.get(name, str) if node.data.get(name) is not None else "" for name in ("Title", "Category")
    )
    return Hit(
        node.get("ID", int), node.get("ArcID", int), title, category, created, size, values, dlinfo, info.md5
    )

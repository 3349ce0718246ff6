"""The documents of the Immomio double: records of one lease, and size and MD5 of the files that came."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.immomio.sandbox_records import (
    Fields,
    Refusal,
    Shelf,
    is_text,
    is_texts,
    is_whole,
)
from connectors.immomio.sandbox_requests import id_of, page_of
from connectors.immomio.sandbox_vacancies import now
from connectors.sandbox.app import body
from connectors.sandbox.faults import rejects, rewrite

if TYPE_CHECKING:
    from connectors.immomio.sandbox_account import Account

LARGEST = 50 * 1024 * 1024
RIGHT = "documents"
_MD5 = re.compile(r"[0-9a-f]{32}")


def is_moment(value: Any) -> bool:
    """Whether it is a moment in ISO 8601 with its offset."""
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Content:
    """What is remembered of a file that came."""

    size: int
    md5: str


@dataclass(slots=True)
class DocumentShelf:
    """Records and contents by id; a record belongs to one lease and to people who have a part in it."""

    shelf: Shelf
    contents: dict[str, Content] = field(default_factory=dict)

    def check(self, id_: str, fields: Any, content: Content | None) -> None:
        """Whether this may be stored. Raises Refusal."""
        self.shelf.check(id_, fields)
        if fields["mode"] == "metadata":
            if content is not None:
                raise Refusal(422, "content_mismatch", "mode")
            return
        held = content or self.contents.get(id_)
        if held is None or (held.size, held.md5) != (fields["size"], fields["md5"]):
            raise Refusal(422, "content_mismatch", "md5")

    def put(self, id_: str, fields: Fields, content: Content | None, at: str) -> int:
        """Store what was checked; a record of metadata keeps no file."""
        if content is not None:
            self.contents[id_] = content
        elif fields["mode"] == "metadata":
            self.contents.pop(id_, None)
        return self.shelf.put(id_, fields, at)

    def remove(self, id_: str) -> None:
        """Delete a record and its file. Raises Refusal."""
        self.shelf.remove(id_)
        self.contents.pop(id_, None)

    def act(self, data: Fields, at: str) -> Fields:
        """Store a record of metadata, as somebody at Immomio would. Raises ValueError."""
        fields = {**dict.fromkeys(self.shelf.fields), "mode": "metadata", **data}
        id_ = fields.pop("externalId", None)
        if not isinstance(id_, str) or not id_:
            raise ValueError("externalId is missing")
        try:
            self.check(id_, fields, None)
        except Refusal as refusal:
            raise ValueError(f"{refusal} {refusal.error.get('field', '')}") from None
        self.put(id_, fields, None, at)
        return self.shelf.records[id_]

    def clear(self) -> None:
        """Hold nothing, and remember nothing that was ever held."""
        self.shelf.clear()
        self.contents.clear()

    def listed(self) -> dict[str, Fields]:
        """Size and MD5 of the files that are kept."""
        return {id_: {"size": one.size, "md5": one.md5} for id_, one in self.contents.items()}


def document_shelf(contracts: Shelf) -> DocumentShelf:
    """An empty shelf for documents of these leases."""

    def related(_id: str, fields: Fields) -> None:
        lease = contracts.records.get(fields["contract"])
        if lease is None:
            raise Refusal(422, "unknown_contract", "contract")
        if not set(fields["tenants"]) <= set(lease["tenants"] or ()):
            raise Refusal(422, "foreign_tenant", "tenants")

    texts = dict.fromkeys(("title", "category", "archive", "contract"), is_text)
    checks = {
        **texts,
        "createdAt": is_moment,
        "tenants": is_texts,
        "size": is_whole,
        "md5": lambda value: isinstance(value, str) and _MD5.fullmatch(value) is not None,
        "mode": lambda value: value in ("stored", "metadata"),
    }
    filled = ("createdAt", "archive", "contract", "tenants", "md5", "mode")
    return DocumentShelf(Shelf(RIGHT, checks, filled=filled, related=related))


def document_routes(account: Account) -> list[Route]:
    """What is answered below ``/documents``."""
    one = f"/{RIGHT}/{{id}}"
    return [
        Route(f"/{RIGHT}", partial(_list, account), methods=["GET"]),
        Route(f"/{RIGHT}", partial(_write, account), methods=["POST"]),
        Route(one, partial(_get, account), methods=["GET"]),
        Route(one, partial(_write, account), methods=["PUT"]),
        Route(one, partial(_delete, account), methods=["DELETE"]),
    ]


async def _list(account: Account, request: Request) -> Response:
    account.admit(request, f"{RIGHT}:read")
    return JSONResponse(account.documents.shelf.page(*page_of(request)))


async def _get(account: Account, request: Request) -> Response:
    account.admit(request, f"{RIGHT}:read")
    return JSONResponse(account.documents.shelf.one(id_of(request)))


async def _write(account: Account, request: Request) -> Response:
    account.admit(request, f"{RIGHT}:write")
    fields, content = _sent(request)
    id_ = fields.pop("externalId", None)
    if not isinstance(id_, str) or not id_:
        raise Refusal(422, "missing_field", "externalId")
    if "id" in request.path_params and id_of(request) != id_:
        raise Refusal(422, "other_id", "externalId")
    if rejects(request, id_):
        raise Refusal(422, "rejected")
    documents = account.documents
    if request.method == "POST" and id_ in documents.shelf.records:
        raise Refusal(409, "already_exists", "externalId")
    if request.method == "PUT":
        documents.shelf.one(id_)
    documents.check(id_, fields, content)
    status = documents.put(id_, rewrite(request, fields), content, now(account.clock))
    return JSONResponse(documents.shelf.records[id_], status)


async def _delete(account: Account, request: Request) -> Response:
    account.admit(request, f"{RIGHT}:write")
    account.documents.remove(id_of(request))
    return Response(status_code=204)


def _sent(request: Request) -> tuple[Fields, Content | None]:
    """The record and what came with it. Raises Refusal."""
    kind, content = request.headers.get("content-type", ""), body(request)
    found: Content | None = None
    if not kind.startswith("application/json"):
        content, file = _taken_apart(kind, content)
        if len(file) > LARGEST:
            raise Refusal(413, "too_large")
        found = Content(len(file), hashlib.md5(file, usedforsecurity=False).hexdigest())
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError):
        raise Refusal(400, "bad_json") from None
    if not isinstance(fields, dict):
        raise Refusal(422, "wrong_type")
    return fields, found


def _taken_apart(kind: str, content: bytes) -> tuple[bytes, bytes]:
    """The field ``document`` and the file of a form. Raises Refusal."""
    match = re.fullmatch(r'multipart/form-data;\s*boundary="?([\w-]{1,70})"?', kind)
    if match is None:
        raise Refusal(415, "unknown_format")
    parts: dict[bytes, bytes] = {}
    for piece in content.split(b"\r\n--" + match[1].encode()):
        head, blank, value = piece.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]*)"', head)
        if blank and name:
            parts[name[1]] = value
    if not {b"document", b"file"} <= set(parts):
        raise Refusal(400, "bad_form")
    return parts[b"document"], parts[b"file"]

"""How documents are written at Immomio (assumed, like all of ``wire.py``; they are read like other records).

A document without bytes (metadata only, or a file that stays as it is) is JSON: the whole record. With bytes
it is ``multipart/form-data``: the same JSON as the text field ``document``, and the file as ``file``.
``POST /documents`` creates, ``PUT /documents/{id}`` replaces; both answer with the record. Error codes of
their own: ``content_mismatch`` where size or MD5 are not those of the file, ``unknown_contract``,
``foreign_tenant`` for somebody who has no part in the lease.
"""

from __future__ import annotations

import re
from typing import Any

from connectors.contract import Action, Change, Value
from connectors.immomio.entities import DOCUMENT, DOCUMENT_MAPPING
from connectors.immomio.wire import ENDPOINTS, Endpoint, path

STORED = "stored"
FORM_FIELD = "document"

_NUMBER = re.compile(r"[0-9]+$", re.ASCII)


def endpoint() -> Endpoint:
    """Where documents live."""
    return ENDPOINTS[DOCUMENT]


def address(change: Change) -> tuple[str, str]:
    """Method and path of a writing call."""
    found = endpoint()
    if change.action is Action.CREATE:
        return "POST", found.path
    return ("DELETE" if change.action is Action.DELETE else "PUT"), path(found, change.id)


def item(change: Change) -> dict[str, Value]:
    """The whole record as it is sent, null where it holds nothing."""
    after = change.after or {}
    return {endpoint().id: change.id} | {f.name: after.get(f.name) for f in DOCUMENT_MAPPING.fields}


def encoded(change: Change) -> str:
    """The record as the text field of a form."""
    import orjson

    return orjson.dumps(item(change)).decode()


def bytes_needed(change: Change) -> bool:
    """Whether the file has to be sent: Immomio shall keep it, and does not keep this one already."""
    after, before = change.after or {}, change.before or {}
    if after.get("mode") != STORED:
        return False
    names = ("mode", "md5", "size")
    return change.action is Action.CREATE or any(before.get(n) != after.get(n) for n in names)


def reference(change: Change) -> str:
    """The archive's own id of a document: the last part of ours, which is a number there."""
    found = _NUMBER.search(change.id)
    return found[0] if found else change.id


def expected(change: Change) -> tuple[Any, Any]:
    """Size and MD5 that the file must have."""
    after = change.after or {}
    return after.get("size"), after.get("md5")

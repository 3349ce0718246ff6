"""ASSUMED: what OPENWOWI does not document is read through a hub whose wire form is ours, ``/hub/v1/...``.

No reference is public; everything assumed about it is in this file, so that one file changes once one is.

    GET {host}/hub/v1/ticket-categories?limit&offset        same login as OPENWOWI
    {"items": [{"code", "label", "kind": "ANLIEGEN" | "SCHADEN", "parent": null,
                "mandatoryFeatures": [], "active": true}]}

The end is a page with fewer than ``limit`` items.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.erp.openwowi_parse import bad_payload
from connectors.erp.paging import LIMIT
from connectors.erp.session import Session
from connectors.housing import CategoryKind, TicketCategory

TICKET_CATEGORIES = "/hub/v1/ticket-categories"


async def ticket_categories(session: Session, offset: int, limit: int = LIMIT) -> Sequence[TicketCategory]:
    """One page of ticket categories. Raises Failure."""
    reply = await session.get(TICKET_CATEGORIES, {"limit": limit, "offset": offset})
    return parse_ticket_categories(reply.json())


def parse_ticket_categories(answer: object) -> list[TicketCategory]:
    """The categories of an answer. Raises Failure ``erp.bad_payload``."""
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list):
        raise bad_payload(f"{TICKET_CATEGORIES}:items")
    return [_category(item) for item in items]


def _category(item: object) -> TicketCategory:
    if not isinstance(item, dict):
        raise bad_payload(f"{TICKET_CATEGORIES}:items")
    code = _typed(item, "code", "?", str)
    kind = _typed(item, "kind", code, str)
    if not code or kind not in tuple(CategoryKind):
        raise bad_payload(f"{TICKET_CATEGORIES}#{code or '?'}:{'kind' if code else 'code'}")
    features = _typed(item, "mandatoryFeatures", code, list)
    if not all(isinstance(feature, str) for feature in features):
        raise bad_payload(f"{TICKET_CATEGORIES}#{code}:mandatoryFeatures")
    parent = item.get("parent")
    return TicketCategory(
        id=code,
        code=code,
        label=_typed(item, "label", code, str),
        kind=CategoryKind(kind),
        parent=None if parent is None else _typed(item, "parent", code, str),
        mandatory_features=tuple(features),
        active=_typed(item, "active", code, bool),
    )


def _typed(item: Mapping[str, Any], key: str, code: str, kind: type[Any]) -> Any:
    value = item.get(key)
    if not isinstance(value, kind):
        raise bad_payload(f"{TICKET_CATEGORIES}#{code}:{key}")
    return value

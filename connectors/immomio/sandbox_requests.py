"""What a call to the Immomio double asks for: ids, pages, moments and bodies, or a refusal."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request

from connectors.immomio.sandbox_records import Refusal
from connectors.sandbox.app import body

LARGEST_PAGE = 200


def id_of(request: Request) -> str:
    """The id in the path."""
    return unquote(request.path_params["id"])


def page_of(request: Request) -> tuple[int, int]:
    """Number and size of the page that is asked for. Raises Refusal."""
    query = request.query_params
    number, size = (query.get(name, default) for name, default in (("page", "1"), ("pageSize", "100")))
    if not (_is_number(number) and _is_number(size) and 1 <= int(size) <= LARGEST_PAGE and int(number) >= 1):
        raise Refusal(400, "bad_page")
    return int(number), int(size)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9


def moment_of(text: str | None) -> datetime | None:
    """The moment that is asked for; it needs its offset. Raises Refusal."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(400, "bad_since", "since") from None
    if moment.tzinfo is None:
        raise Refusal(400, "bad_since", "since")
    return moment


def json_of(request: Request) -> Any:
    """The body. Raises Refusal."""
    try:
        return json.loads(body(request))
    except (ValueError, RecursionError):
        raise Refusal(400, "bad_json") from None

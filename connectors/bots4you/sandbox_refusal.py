"""How the Bots4You double says no."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request

from connectors.sandbox.app import body


class Refusal(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, code: str, name: str | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.error = {"code": code, "field": name}


def json_of(request: Request) -> Any:
    """The body. Raises Refusal."""
    try:
        return json.loads(body(request))
    except (ValueError, RecursionError):
        raise Refusal(400, "bad_json") from None

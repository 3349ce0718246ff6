"""Signatures as the onOffice sandbox checks them: version 2, and the old version 1 that covers everything.

Written from the reference and not from the client, so that a slip in one of them shows.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from connectors.onoffice.sandbox_refused import Refused


def version_2(secret: str, token: str, timestamp: str, resource_type: str, action: str) -> str:
    """Base64 of the SHA-256 HMAC over the four, one after the other."""
    message = timestamp + token + resource_type + action
    digest = hmac.new(secret.encode("utf-8"), message.encode("utf-8"), hashlib.sha256).digest()
    return base64.b64encode(digest).decode("ascii")


def version_1(secret: str, token: str, timestamp: str, action: Mapping[str, Any]) -> str:
    """MD5 of secret and MD5 over the parameters as PHP writes them and the other parts of the action."""
    parameters = action.get("parameters") or {}
    ordered = dict(sorted(parameters.items())) if isinstance(parameters, dict) else parameters
    parts = (
        token, action.get("actionid"), action.get("identifier"), action.get("resourceid"), secret, timestamp,
        action.get("resourcetype"),
    )  # fmt: skip
    line = ",".join([php_json(ordered), *("" if part is None else str(part) for part in parts)])
    return _md5(secret + _md5(line))


def check(action: Mapping[str, Any], token: str, secret: str) -> None:
    """Raises Refused for a signature that is not the right one."""
    timestamp, kind = str(action.get("timestamp")), str(action.get("resourcetype"))
    old = action.get("hmac_version") is None
    if old and (name := _float_in(action.get("parameters"))):
        raise Refused(243, name)
    if old:
        expected = version_1(secret, token, timestamp, action)
    else:
        expected = version_2(secret, token, timestamp, kind, str(action.get("actionid")))
    if not hmac.compare_digest(expected.encode(), str(action.get("hmac")).encode()):
        raise Refused(137)


def php_json(value: Any) -> str:
    """JSON as PHP writes it: slashes escaped, ASCII only, an empty array for an empty object."""
    return json.dumps(_php(value), separators=(",", ":")).replace("/", "\\/")


def _php(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _php(one) for name, one in value.items()} or []
    return [_php(one) for one in value] if isinstance(value, list) else value


def _float_in(parameters: Any) -> str:
    """The first parameter that holds a raw float, "" where none does."""
    if not isinstance(parameters, dict):
        return ""
    return next((name for name, value in parameters.items() if isinstance(value, float)), "")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8"), usedforsecurity=False).hexdigest()

"""Settings and other plain values as JSON, in one spelling."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from dataclasses import fields
from datetime import date
from decimal import Decimal
from pathlib import PurePath
from typing import Any


def to_json(value: Any) -> str:
    """Compact JSON with sorted keys. Sets become sorted lists, dates, decimals and paths texts.

    Raises TypeError for what has no plain form, ValueError for NaN.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain)


def plain_settings(settings: Any) -> dict[str, Any]:
    """A settings dataclass as JSON values; what has no place in its repr, because it is personal, has none
    here either."""
    shown = {one.name: getattr(settings, one.name) for one in fields(settings) if one.repr}
    plain: dict[str, Any] = json.loads(to_json(shown))
    return plain


def _plain(value: Any) -> Any:
    match value:
        case Mapping():
            return dict(value)
        case Set():
            return sorted(value)
        case date():
            return value.isoformat()
        case Decimal() | PurePath():
            return str(value)
    raise TypeError(f"no plain form for {type(value).__name__}")

"""Settings and other plain values as JSON, in one spelling."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from datetime import date
from decimal import Decimal
from pathlib import PurePath
from typing import Any


def to_json(value: Any) -> str:
    """Compact JSON with sorted keys. Sets become sorted lists, dates, decimals and paths texts.

    Raises TypeError for what has no plain form, ValueError for NaN.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain)


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

"""Keeps a caller's telephone number out of what goes to the ERP (rule B18)."""

from __future__ import annotations

import re

BLANKED = "•••"
"""What stands in a text where the caller's number stood."""

SHORTEST = 6
"""Fewer digits are no number that could be told from others."""

_BETWEEN = r"[\s()/.\-]{0,3}"
_GERMAN = rf"(?:(?:\+|00){_BETWEEN}49{_BETWEEN}(?:0\){_BETWEEN})?|0{_BETWEEN})?"
_FOREIGN = rf"(?:(?:\+|00){_BETWEEN})?"


def without_number(text: str, number: str) -> str:
    """The text with this number blanked, however it is spelt there; no other number is touched.

    A number without country code is a German one.
    """
    plain = re.sub(r"[^0-9+]", "", number.replace("(0)", ""))
    abroad = plain.startswith(("+", "00"))
    digits = plain.lstrip("+0").replace("+", "")
    prefix = _FOREIGN if abroad and not digits.startswith("49") else _GERMAN
    own = digits.removeprefix("49") if abroad else digits
    if len(own) < SHORTEST:
        return text
    return re.sub(rf"(?<![0-9+]){prefix}{_BETWEEN.join(own)}(?![0-9])", BLANKED, text)

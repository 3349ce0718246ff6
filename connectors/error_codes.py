"""Which words of an error answer may be shown: a machine's codes, and nothing that a record could hold.

The words are data, in ``error_codes.toml``.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

_WORDS = Path(__file__).with_name("error_codes.toml")
_CODE = re.compile(r"-?[0-9]{1,4}|[A-Za-z][A-Za-z0-9]*(?:[_.:-][A-Za-z0-9]+)*")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def machine_code(text: str) -> str:
    """The text where it is a code, made of known words or a number of at most four digits; else ""."""
    if len(text) > 64 or not _CODE.fullmatch(text):
        return ""
    words = [word.lower() for word in _WORD.findall(text)]
    alone, together = _known()
    known = alone if len(words) == 1 else together
    return text if all(word in known or _short_number(word) for word in words) else ""


def _short_number(word: str) -> bool:
    return word.isdigit() and len(word) <= 4


@cache
def _known() -> tuple[frozenset[str], frozenset[str]]:
    """The words that are a code alone, and all words of codes."""
    found = tomllib.loads(_WORDS.read_text(encoding="utf-8"))
    alone = frozenset(found["alone"].split())
    return alone, alone | frozenset(found["together"].split())

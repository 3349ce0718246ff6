"""The floor of a unit as a number: the ERP vendor's documented rule (wire reference housing 1.7)."""

from __future__ import annotations

import re
from collections.abc import Callable

from connectors.spelling import text

FloorOf = Callable[[re.Match[str]], int]

RULES: tuple[tuple[re.Pattern[str], FloorOf], ...] = (
    (re.compile("erdgeschoss"), lambda found: 0),
    (re.compile("keller"), lambda found: -1),
    (re.compile(r"(?:(?<!\w)[+-])?[0-9]{1,9}"), lambda found: int(found[0])),
)
"""The first pattern that is found in the lower-case text counts. A number alone is the simplest case of one
that can be extracted; a minus sign behind a letter or a digit is a hyphen."""

HIGHEST = 999
"""Beyond it a number is no floor (ours): ``Haus 4711``."""


def floor(raw: str | None) -> int | None:
    """The floor: 0 for the ground floor, -1 for the cellar; None where the text does not tell."""
    plain = (text(raw) or "").casefold()
    for pattern, of in RULES:
        if found := pattern.search(plain):
            number = of(found)
            return number if abs(number) <= HIGHEST else None
    return None

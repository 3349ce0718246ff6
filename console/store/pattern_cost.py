"""How much a typed regular expression may cost: Python's matcher cannot be stopped once it has begun.

It tries every way in which repetitions, options and alternatives can share a text among them. So each
pattern is told how many characters of a line it may look at, and one that could not even look at ``LEAST``
is refused.
Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

STEPS = 4_000_000
"""Tries that one line may cost: some hundredths of a second."""

LEAST, MOST = 100, 20_000
"""Characters of a line that a pattern must be able to look at, and that no pattern looks beyond."""

LONGEST = 200
"""Characters that a pattern itself may have."""

OFTEN = 100
"""The highest number in braces."""

_PIECE = re.compile(
    r"(?P<back>\\[1-9])|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]"
    r"|(?P<open>\((?:\?(?::|=|!|<=|<!|P<\w+>))?)(?P<odd>\?)?|(?P<close>\))|(?P<or>\|)"
    r"|(?P<many>[*+?]|\{\d*,?\d*\})[?+]?|.",
    re.DOTALL,
)


class Costly(ValueError):
    """A pattern that could take for ever; ``code`` says why: long, odd, nested, many or often."""

    def __init__(self, code: str, what: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.what = what


@dataclass(slots=True)
class _Group:
    """What an open group holds so far: whether anything in it can be matched in several ways."""

    ways: bool = False


@lru_cache(64)
def reach(pattern: str) -> int:
    """How many characters of a line a valid pattern may look at. Raises Costly."""
    if len(pattern) > LONGEST:
        raise Costly("long", str(LONGEST))
    groups, closed, last = [_Group()], _Group(), ""
    loops = doublings = 0
    for piece in _PIECE.finditer(pattern):
        kind = piece.lastgroup or ""
        if kind in ("back", "odd"):
            raise Costly("odd", piece[0])
        if kind == "open":
            groups.append(_Group())
        elif kind == "close" and len(groups) > 1:
            closed = groups.pop()
            groups[-1].ways |= closed.ways
        elif kind == "or":
            groups[-1].ways = True
            doublings += 1
        elif kind == "many":
            least, most = _times(piece["many"])
            if last == "close" and closed.ways and most != 1:
                raise Costly("nested")
            loops += most is None or most - least > 1
            doublings += most is not None and most - least == 1
            groups[-1].ways |= least != most
        last = kind
    return _within(loops, doublings)


def _within(loops: int, doublings: int) -> int:
    """The longest text on which so many open repetitions and choices stay below ``STEPS``."""
    found = int((STEPS / 2**doublings) ** (1 / (loops + 1)))
    if found < LEAST:
        raise Costly("many")
    return min(found, MOST)


def _times(quantifier: str) -> tuple[int, int | None]:
    """The least and the highest number of times; None = any. Raises Costly."""
    if quantifier in ("*", "+", "?"):
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[quantifier]
    least, comma, most = quantifier[1:-1].partition(",")
    if not least and not most:
        return 1, 1  # braces that mean themselves
    if any(int(number or 0) > OFTEN for number in (least, most)):
        raise Costly("often", str(OFTEN))
    return int(least or 0), int(most) if most else None if comma else int(least)

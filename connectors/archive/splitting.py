"""How a search that gives only its first hits is split until every part gives all of its own. Pure.

The archive knows no pages. What reaches ``maxHits`` may be cut off, so it is asked again in parts: by the day
of filing (decades, years, months, days), then by the beginning of the contract number. What a part may
contain is checked here too: a server that compares without regard to case would give a document twice.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

ALPHABET = string.digits + string.ascii_letters + "-_./| "
"""What a contract number is expected to be made of; characters that were seen besides are asked for too."""

LONGEST = 64
"""Characters of a contract number; longer beginnings are not split any more."""

_DAY = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])", re.ASCII)


class TooMany(Exception):
    """A part that cannot be made smaller still gives as many hits as one search may have."""


class NoDay(Exception):
    """A document that was found has no day of filing, so parts by day would miss it."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The ids of the two indexes by which is split; None where the archive has no such index."""

    day: int | None
    contract: int | None


@dataclass(frozen=True, slots=True)
class Query:
    """A part of an archive. ``day`` and ``contract`` are patterns, a ``*`` at their end; None = any value."""

    archive: int
    day: str | None = None
    contract: str | None = None

    def values(self, keys: Keys) -> tuple[tuple[int, str], ...]:
        """What the search asks of the indexes."""
        pairs = ((keys.day, self.day), (keys.contract, self.contract))
        return tuple((key, value) for key, value in pairs if key is not None and value is not None)

    def holds(self, values: Mapping[int, str], keys: Keys) -> bool:
        """Whether a document with these index values belongs to this part."""
        return all(_fits(values.get(key, ""), pattern) for key, pattern in self.values(keys))


def split(query: Query, found: Sequence[Mapping[int, str]], keys: Keys) -> list[Query]:
    """The parts of a query that gave as many hits as it may; ``found`` are their index values.

    Together the parts hold every document of the query, and no document twice. Raises TooMany, NoDay.
    """
    if keys.day is not None and (query.day is None or query.day.endswith("*")):
        if not all(_DAY.fullmatch(values.get(keys.day, "")) for values in found):
            raise NoDay
        return [replace(query, day=part) for part in _days(query.day)]
    contract = keys.contract
    if contract is None or (query.contract is not None and not query.contract.endswith("*")):
        raise TooMany
    begun = (query.contract or "*")[:-1]
    if len(begun) >= LONGEST:
        raise TooMany
    seen = {values.get(contract, "")[len(begun) : len(begun) + 1] for values in found}
    following = sorted({*ALPHABET, *seen} - {"", "*"})
    ended = [begun]
    return [replace(query, contract=part) for part in (*ended, *(f"{begun}{one}*" for one in following))]


def _days(pattern: str | None) -> list[str]:
    begun = (pattern or "*")[:-1]
    if not begun:
        return ["19*", "20*"]
    if len(begun) in (2, 3):
        return [f"{begun}{digit}*" for digit in range(10)]
    if len(begun) == 4:
        return [f"{begun}-{month:02}*" for month in range(1, 13)]
    return [f"{begun}-{day:02}" for day in range(1, 32)]


def _fits(value: str, pattern: str) -> bool:
    return value.startswith(pattern[:-1]) if pattern.endswith("*") else value == pattern


def to_text(pending: Sequence[Query]) -> str | None:
    """What is still to be asked, as a page's ``next``; None where nothing is."""
    return json.dumps([[q.archive, q.day, q.contract] for q in pending]) if pending else None


def from_text(text: str) -> list[Query]:
    """What ``to_text`` wrote. Raises ValueError."""
    try:
        return [Query(int(archive), day, contract) for archive, day, contract in json.loads(text)]
    except TypeError as error:
        raise ValueError("no list of queries") from error

"""How a search that gives only its first hits is split until every part gives all of its own. Pure.

The archive knows no pages. What reaches ``maxHits`` may be cut off, so it is asked again in parts: by the day
of filing (decades, years, months, days), then by the beginning of the contract number. What a part may
contain is checked here too: a server that compares without regard to case would give a document twice.

Parts by the beginning of a number are only as complete as our idea of its characters. So once they were read
the whole is asked for again, one hit more than was found: what comes then was missed before. An archive that
never gives that many leaves a gap, and says so.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

ALPHABET = string.digits + string.ascii_letters + "-_./| "
"""What a contract number is expected to be made of; characters that were seen besides are asked for too."""

LONGEST = 64
"""Characters of a contract number; longer beginnings are not split any more."""

CHECKABLE = 5000
"""So many documents may be asked for at once to see whether any was missed."""

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


@dataclass(frozen=True, slots=True)
class Check:
    """Ask for all of a query again, once its parts were read. ``found`` are the ids of the documents that
    they gave, None where there were too many to ask for."""

    query: Query
    found: frozenset[int] | None = frozenset()

    def by_contract(self, keys: Keys) -> bool:
        """Whether the parts were made by the contract number, and not by the day."""
        return keys.day is None or self.query.day is not None


Step = Query | Check
"""What is still to be asked."""


def checked(query: Query, keys: Keys) -> bool:
    """Whether a query that is split must be asked for again: the outermost of those split in one way."""
    whole_day = keys.day is None or query.day is None or not query.day.endswith("*")
    return query.contract is None and whole_day


def noted(pending: Sequence[Step], archive: int, ids: Iterable[int]) -> list[Step]:
    """The same steps; those that will ask again know these documents."""
    new = frozenset(ids)
    return [
        replace(step, found=_more(step.found, new))
        if isinstance(step, Check) and step.query.archive == archive
        else step
        for step in pending
    ]


def _more(found: frozenset[int] | None, new: frozenset[int]) -> frozenset[int] | None:
    if found is None or len(found) + len(new) > CHECKABLE:
        return None
    return found | new


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


def to_text(pending: Sequence[Step]) -> str | None:
    """What is still to be asked, as a page's ``next``; None where nothing is."""
    return json.dumps([_spelled(step) for step in pending]) if pending else None


def _spelled(step: Step) -> list[Any]:
    query = step.query if isinstance(step, Check) else step
    parts: list[Any] = [query.archive, query.day, query.contract]
    if isinstance(step, Check):
        parts.append(None if step.found is None else sorted(step.found))
    return parts


def from_text(text: str) -> list[Step]:
    """What ``to_text`` wrote. Raises ValueError."""
    try:
        return [_step(*parts) for parts in json.loads(text)]
    except TypeError as error:
        raise ValueError("no list of queries") from error


def _step(archive: Any, day: Any, contract: Any, *found: Any) -> Step:
    query = Query(int(archive), day, contract)
    if not found:
        return query
    (ids,) = found
    return Check(query, None if ids is None else frozenset(map(int, ids)))

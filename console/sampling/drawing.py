"""Drawing a sample while records stream past: one of every stratum, then as many more as are wanted. Pure.

Each record gets a number from seed, stratum and id; the smallest wins. So the same seed and data give the
same sample in whatever order they come, and nothing is kept but the winners.
"""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from connectors.contract import Record, Skipped
from console.sampling.strata import LONGEST, Stratum, length

SIZE = 30
"""Records that a clerk looks through in an hour."""

MOST = 500


@dataclass(frozen=True, slots=True)
class Drawn:
    """A record of the sample, and the strata that it stands for."""

    record: Record | Skipped
    strata: frozenset[Stratum]

    @property
    def key(self) -> tuple[str, str]:
        """Entity and id."""
        return self.record.entity, self.record.id


@dataclass(frozen=True, slots=True)
class Drawing:
    """A sample: its records in their order, and how many records each stratum has in all."""

    drawn: tuple[Drawn, ...]
    counts: dict[Stratum, int]
    total: int


Rank = tuple[int, int, str, str]
"""Smaller wins: for the longest its length first, then chance; entity and id part what chance cannot."""


class Reservoir:
    """The winners so far; it holds at most one record a stratum and ``size`` more."""

    def __init__(self, seed: int, size: int = SIZE) -> None:
        self._seed = seed
        self._size = size
        self._best: dict[Stratum, tuple[Rank, Drawn]] = {}
        self._others: list[_Worst] = []  # a heap, the worst on top
        self._counts: Counter[Stratum] = Counter()
        self._chances: dict[Stratum | None, hashlib.blake2b] = {}  # begun with seed and stratum
        self._total = 0

    @property
    def held(self) -> int:
        """How many records are kept just now, those counted twice that win twice."""
        return len(self._best) + len(self._others)

    def add(self, record: Record | Skipped, strata: Collection[Stratum]) -> None:
        """Let a record take part."""
        drawn = Drawn(record, frozenset(strata))
        self._total += 1
        self._counts.update(drawn.strata)
        for stratum in drawn.strata:
            rank = self._rank(stratum, record)
            best = self._best.get(stratum)
            if best is None or _before(rank, drawn, *best):
                self._best[stratum] = rank, drawn
        self._offer(_Worst(self._rank(None, record), drawn))

    def drawing(self) -> Drawing:
        """The sample: what covers every stratum, then others by chance."""
        chosen: dict[tuple[str, str], Drawn] = {}
        covered: set[Stratum] = set()
        for stratum in sorted(self._best):
            if stratum not in covered:
                drawn = self._best[stratum][1]
                chosen[drawn.key] = drawn
                covered |= drawn.strata - {LONGEST}
                covered.add(stratum)
        for other in sorted(self._others, reverse=True):
            if len(chosen) >= self._size:
                break
            chosen.setdefault(other.drawn.key, other.drawn)
        drawn_ones = sorted(chosen.values(), key=lambda one: one.key)
        return Drawing(tuple(drawn_ones), dict(sorted(self._counts.items())), self._total)

    def _offer(self, one: _Worst) -> None:
        if len(self._others) < self._size:
            heapq.heappush(self._others, one)
        elif self._others and self._others[0] < one:
            heapq.heapreplace(self._others, one)

    def _rank(self, stratum: Stratum | None, record: Record | Skipped) -> Rank:
        if stratum not in self._chances:
            begin = f"{self._seed}\x00{stratum!r}\x00".encode()
            self._chances[stratum] = hashlib.blake2b(begin, digest_size=8)
        chances = self._chances[stratum].copy()
        chances.update(f"{record.entity}\x00{record.id}".encode("utf-8", "surrogatepass"))
        chance = int.from_bytes(chances.digest(), "big")
        first = -length(record) if stratum == LONGEST else 0
        return first, chance, record.entity, record.id


class _Worst:
    """Orders a heap so that the worst record is on top; equal ones (an id that came twice) by content."""

    __slots__ = ("drawn", "rank")

    def __init__(self, rank: Rank, drawn: Drawn) -> None:
        self.rank = rank
        self.drawn = drawn

    def __lt__(self, other: _Worst) -> bool:
        return _before(other.rank, other.drawn, self.rank, self.drawn)


def _before(rank: Rank, drawn: Drawn, other_rank: Rank, other: Drawn) -> bool:
    """Whether a record wins against another; of an id that came twice always the same one."""
    if rank != other_rank:
        return rank < other_rank
    return repr(drawn.record) < repr(other.record)

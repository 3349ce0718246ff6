"""Sample checks of one customer: what was drawn, and what a person said of each record.

One sealed row a word, like answers; partner, environment and use case stand in clear. Values of records are
not kept: what was wrong stands in the note and in the names of the fields that differed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from console.store.clock import Clock, utc_now
from console.store.database import transaction
from console.store.sealed import SAMPLES, Consents, SealedTable
from console.store.vault import Vault

Place = tuple[str, str, str]
"""Partner, environment, use case."""


class Mark(StrEnum):
    """What a person says of a record."""

    RIGHT = "right"
    WRONG = "wrong"
    NOTE = "note"  # neither: something to be looked at


@dataclass(frozen=True, slots=True)
class Marked:
    """A word on a record. ``differs`` names the fields in which both sides differed when it was said."""

    entity: str
    id: str
    mark: Mark
    at: datetime
    who: str = field(repr=False)
    note: str = field(default="", repr=False)
    differs: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """Entity and id."""
        return self.entity, self.id


@dataclass(frozen=True, slots=True)
class Sampled:
    """A sample as it was drawn last with its seed: the records (entity, id) with the names of their strata,
    how many records there were, and the last word on each record that ever was in it."""

    place: Place
    seed: int
    size: int
    at: datetime
    records: tuple[tuple[str, str, tuple[str, ...]], ...]
    total: int
    marks: Mapping[tuple[str, str], Marked] = field(default_factory=dict)
    said: datetime | None = None  # the last word of any kind

    def count(self, mark: Mark) -> int:
        """How many of its records have a mark."""
        return sum(self.mark_of(entity, id_) is mark for entity, id_, _strata in self.records)

    def mark_of(self, entity: str, id_: str) -> Mark | None:
        """What was said last of a record."""
        found = self.marks.get((entity, id_))
        return found.mark if found else None


class Samples:
    """The samples of one customer. One thread at a time; raises StoreError, ``no_key`` without a consent."""

    def __init__(self, conn: sqlite3.Connection, vault: Vault, *, clock: Clock = utc_now) -> None:
        self._conn = conn
        self._clock = clock
        self._consents = Consents(conn, vault)
        self._table = SealedTable(conn, vault, SAMPLES)

    @property
    def needs_consent(self) -> bool:
        """Whether somebody has to agree before anything can be kept."""
        return self._consents.needed

    def agree(self, who: str) -> None:
        """Note that somebody agreed to clear storage."""
        self._consents.agree(who, self._clock())

    def draw(
        self,
        place: Place,
        seed: int,
        size: int,
        records: Sequence[tuple[str, str, Sequence[str]]],
        total: int,
    ) -> None:
        """Keep what was drawn."""
        found = [[entity, id_, [*strata]] for entity, id_, strata in records]
        self._say(place, {"kind": "drawn", "seed": seed, "size": size, "records": found, "total": total})

    def mark(
        self, place: Place, seed: int, key: tuple[str, str], mark: Mark, *, who: str, note: str = "",
        differs: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """Keep a word on a record of the sample with this seed."""
        entity, id_ = key
        self._say(
            place,
            {
                "kind": "mark", "seed": seed, "entity": entity, "id": id_, "mark": mark.value, "who": who,
                "note": note, "differs": [*differs],
            },
        )  # fmt: skip

    def latest(self, place: Place) -> Sampled | None:
        """The sample on which something was said or that was drawn last; None before the first."""
        found = self.of(place)
        return max(found, key=lambda one: one.said or one.at, default=None)

    def of(self, place: Place) -> tuple[Sampled, ...]:
        """Every sample of a place, one for each seed."""
        found: dict[int, Sampled] = {}
        for word in self._words(place):
            seed = int(word["seed"])
            at = datetime.fromisoformat(word["at"])
            known = found.get(seed)
            if word["kind"] == "drawn":
                records = tuple((entity, id_, tuple(names)) for entity, id_, names in word["records"])
                marks = known.marks if known else {}
                found[seed] = Sampled(place, seed, word["size"], at, records, word["total"], marks, at)
            elif known is not None:
                marked = _marked(word, at)
                marks = {**known.marks, marked.key: marked}
                found[seed] = Sampled(
                    place, seed, known.size, known.at, known.records, known.total, marks, at
                )
        return tuple(found.values())

    def _say(self, place: Place, content: dict[str, Any]) -> None:
        self._table.add("/".join(place), {**content, "at": self._clock().isoformat()})

    def _words(self, place: Place) -> Iterator[dict[str, Any]]:
        for _about, content in self._table.words("/".join(place)):
            if content is not None and content.get("kind") in ("drawn", "mark"):
                yield content

    @contextmanager
    def together(self) -> Iterator[None]:
        """All words of a block or none."""
        with transaction(self._conn):
            yield


def _marked(word: Mapping[str, Any], at: datetime) -> Marked:
    return Marked(
        word["entity"], word["id"], Mark(word["mark"]), at, word["who"], word["note"], tuple(word["differs"])
    )

"""What the last plan of everything counted on both sides of a use case: numbers, nothing of a record."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from console.store.clock import spell
from console.store.database import row, transaction
from console.store.plain import to_json


@dataclass(frozen=True, slots=True)
class Counted:
    """Records by entity, as they were at a moment; ``planned`` counts what the plan said of them."""

    at: datetime
    desired: Mapping[str, int]
    actual: Mapping[str, int]
    planned: Mapping[str, int] = field(default_factory=dict)


class CountedStore:
    """The last counts of one customer, by partner, environment and use case. Raises StoreError."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn

    def keep(self, place: tuple[str, str, str], counted: Counted) -> None:
        """Keep them in the place of the former ones."""
        sides = {"desired": counted.desired, "actual": counted.actual, "planned": counted.planned}
        counts = to_json({name: dict(side) for name, side in sides.items()})
        with transaction(self._conn) as conn:
            conn.execute(
                "INSERT OR REPLACE INTO counted VALUES (?, ?, ?, ?, ?)", (*place, spell(counted.at), counts)
            )

    def last(self, place: tuple[str, str, str]) -> Counted | None:
        """The last ones; None before the first plan."""
        sql = "SELECT at, counts FROM counted WHERE partner = ? AND environment = ? AND use_case = ?"
        found = row(self._conn, sql, place)
        if found is None:
            return None
        counts = json.loads(found[1])
        planned = counts.get("planned", {})  # former versions kept none
        return Counted(datetime.fromisoformat(found[0]), counts["desired"], counts["actual"], planned)

"""What the next run of a use case must know of the last applied one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from console.store.database import row, transaction
from console.store.plain import to_json

Counts = Mapping[str, Mapping[str, int]]
"""Records per side (``desired``, ``actual``) and entity; what was left out, and which fields were lacking."""

SKIPS, LACKING = "skips", "lacking"
"""Keys of counts beside the two sides. Those of skips are entity, rule and code, parted by blanks."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The last applied run of a use case. ``settings`` is None before the first."""

    counts: Counts = field(default_factory=dict)
    mapping_version: str = ""
    settings: Mapping[str, Any] | None = None

    @property
    def skips(self) -> Mapping[tuple[str, str, str], int]:
        """How many source records were left out, by entity, rule and code of the reason."""
        found = self.counts.get(SKIPS, {})
        return {(e, r, c): n for (e, r, c), n in ((key.split(" "), n) for key, n in found.items())}

    @property
    def lacking(self) -> frozenset[str] | None:
        """The fields that the source did not supply (``entity.field``); None where nobody noted that."""
        found = self.counts.get(LACKING)
        return None if found is None else frozenset(found)


class Memory:
    """The remembered facts of one customer, by partner, environment and use case."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn

    def facts(self, partner: str, environment: str, use_case: str) -> Facts:
        """What is remembered; empty before the first applied run."""
        sql = """
            SELECT counts, mapping_version, settings FROM fact
            WHERE partner = ? AND environment = ? AND use_case = ?
        """
        found = row(self._conn, sql, (partner, environment, use_case))
        if found is None:
            return Facts()
        counts, mapping_version, settings = found
        return Facts(json.loads(counts), mapping_version, json.loads(settings))

    def remember(
        self,
        partner: str,
        environment: str,
        use_case: str,
        *,
        counts: Counts,
        mapping_version: str,
        settings: Mapping[str, Any],
    ) -> None:
        """Note an applied run. ``settings`` are plain and hold no secret."""
        with transaction(self._conn) as conn:
            conn.execute(
                "INSERT OR REPLACE INTO fact VALUES (?, ?, ?, ?, ?, ?)",
                (
                    partner,
                    environment,
                    use_case,
                    to_json({side: dict(entities) for side, entities in counts.items()}),
                    mapping_version,
                    to_json(settings),
                ),
            )

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
"""Records per side (``desired``, ``actual``) and entity."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The last applied run of a use case. ``settings`` is None before the first."""

    counts: Counts = field(default_factory=dict)
    mapping_version: str = ""
    settings: Mapping[str, Any] | None = None


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

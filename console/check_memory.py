"""The last checks, kept in the cache: a new start shows what was found and when, before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from connectors.contract import Finding, Text, Verdict
from console.store.cache import Cache

KEY = "findings"


class CheckMemory:
    """The last findings of one customer: those of this process, and in the cache those of former ones."""

    def __init__(self, open_cache: Callable[[], Cache]) -> None:
        self._open_cache = open_cache
        self._own: dict[str, tuple[datetime, Finding]] = {}

    def keep(self, findings: Sequence[Finding]) -> None:
        """Keep these findings, those of the same keys replaced. Findings hold numbers and ids, no names.

        Blocks briefly. Raises StoreError where the cache cannot be written; this process knows them still.
        """
        now = datetime.now(UTC).replace(microsecond=0)
        self._own |= {finding.key: (now, finding) for finding in findings}
        with closing(self._open_cache()) as cache:
            kept: dict[str, Any] = dict(cache.get(KEY) or {})
            kept |= {finding.key: {"at": now.isoformat(), **_plain(finding)} for finding in findings}
            cache.set(KEY, kept)

    def last(self) -> dict[str, tuple[datetime, Finding]]:
        """The findings by key, each with its time; whatever cannot be read any more is left out.

        Blocks briefly. Raises StoreError.
        """
        with closing(self._open_cache()) as cache:
            kept = dict(cache.get(KEY) or {})
        found = {}
        for key, value in kept.items():
            try:
                found[key] = (datetime.fromisoformat(value["at"]), _finding(key, value))
            except (KeyError, TypeError, ValueError):
                continue  # of another version: the next check replaces it
        for key, own in self._own.items():
            if key not in found or found[key][0] <= own[0]:
                found[key] = own
        return found


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "rules": list(finding.rules),
        "verdict": finding.verdict.value,
        "evidence": _text(finding.evidence),
        "details": [_text(detail) for detail in finding.details],
        "count": finding.count,
    }


def _text(text: Text) -> list[Any]:
    return [text.code, dict(text.args)]


def _finding(key: str, value: dict[str, Any]) -> Finding:
    texts = [Text(code, args) for code, args in [value["evidence"], *value["details"]]]
    verdict = Verdict(value["verdict"])
    return Finding(key, tuple(value["rules"]), verdict, texts[0], tuple(texts[1:]), int(value["count"]))

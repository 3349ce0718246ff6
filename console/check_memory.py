"""The last checks, kept in the cache: a new start shows what was found and when, before anything runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.contract import Finding, Text, Verdict
from console.store.cache import Cache

KEY = "findings"


def keep(cache: Cache, findings: Sequence[Finding]) -> None:
    """Keep these findings, those of the same keys replaced. Findings hold numbers and ids, no names."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    kept: dict[str, Any] = dict(cache.get(KEY) or {})
    kept.update({finding.key: {"at": now, **_plain(finding)} for finding in findings})
    cache.set(KEY, kept)


def last(cache: Cache) -> dict[str, tuple[datetime, Finding]]:
    """The kept findings by key, each with its time; whatever cannot be read any more is left out."""
    found = {}
    for key, value in dict(cache.get(KEY) or {}).items():
        try:
            found[key] = (datetime.fromisoformat(value["at"]), _finding(key, value))
        except (KeyError, TypeError, ValueError):
            continue  # of another version: the next check replaces it
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

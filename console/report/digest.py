"""What a report carries to prove itself: the digest of its content, the end of the journal's chain, a seal.

The seal is made with the customer's key: who has not got it can change a file, and cannot make it fit again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum, StrEnum
from typing import Any

from console.report.model import Journal, Report
from console.store.vault import Vault

BLANK = "0" * 64
_HEX = "[0-9a-f]{64}"
_STAMP = re.compile(
    rf"einzug-report/1 customer=([\w.-]{{1,80}}) digest=({_HEX}) rows=(\d{{1,18}}) head=({_HEX})"
    rf" content=({_HEX}) seal=({_HEX})"
)
_PLACES = (
    re.compile(
        rb'\A<!DOCTYPE html>\n<html lang="\w\w">\n<head>\n<meta charset="utf-8">\n'
        rb'<meta name="einzug-report" content="([^"]*)"'
    ),
    re.compile(rb'\A\{\n "stamp": "([^"]*)"'),
    re.compile(rb"\A%PDF-[\s\S]*?/Keywords \((einzug-report/1 [^)]*)\)"),
)  # fmt: skip
"""Where the stamp stands, by format: before any text of a customer, or where none can pretend to be it."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the file carries. ``content`` is the digest of its bytes with both last places blank."""

    customer: str
    digest: str
    rows: int
    head: str
    content: str = BLANK
    seal: str = BLANK

    @property
    def text(self) -> str:
        """The stamp as it stands in a file."""
        return (
            f"einzug-report/1 customer={self.customer} digest={self.digest} rows={self.rows}"
            f" head={self.head} content={self.content} seal={self.seal}"
        )

    @property
    def sealed(self) -> bool:
        """Whether a key vouches for it."""
        return self.seal != BLANK


class Verdict(StrEnum):
    """What verifying a file said."""

    AGREES = "agrees"
    GONE_ON = "gone_on"  # the journal has grown since
    OTHER_JOURNAL = "other_journal"  # it is not the one that the report was made from
    BROKEN_JOURNAL = "broken_journal"
    CHANGED_FILE = "changed_file"
    OTHER_KEY = "other_key"  # the seal was not made with the customer's key


def plain(report: Report) -> dict[str, Any]:
    """The report as JSON values; moments in UTC, durations in seconds."""
    found = _plain(asdict(report))
    assert isinstance(found, dict)  # noqa: S101  (a dataclass)
    return found


def digest(report: Report) -> str:
    """SHA-256 over the report's canonical JSON, which holds the end of the journal's chain."""
    text = json.dumps(plain(report), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def blank(report: Report) -> Stamp:
    """The stamp of a report that is not written yet."""
    return Stamp(report.cover.customer, digest(report), report.journal.rows, report.journal.head or BLANK)


def sealed(body: bytes, stamp: Stamp, vault: Vault) -> bytes:
    """A file with its blank stamp filled in; without a durable key it carries no seal."""
    done = replace(stamp, content=hashlib.sha256(body).hexdigest())
    if vault.durable:
        done = replace(done, seal=_seal(done, vault))
    return body.replace(stamp.text.encode(), done.text.encode(), 1)


def stamp_of(file: bytes) -> Stamp | None:
    """The stamp of a file; None where it carries none and so is no report."""
    for place in _PLACES:
        found = place.match(file)
        text = found and _STAMP.fullmatch(found[1].decode("ascii", "replace"))
        if text:
            customer, digest_, rows, head, content, seal = text.groups()
            return Stamp(customer, digest_, int(rows), head, content, seal)
    return None


def judge(file: bytes, stamp: Stamp, vault: Vault, now: Journal, then: str) -> Verdict:
    """Whether a file agrees with the journal: ``now`` is its chain today, ``then`` its hash where the report
    says that it ended, "" where it does not reach so far."""
    body = file.replace(stamp.text.encode(), replace(stamp, content=BLANK, seal=BLANK).text.encode(), 1)
    if hashlib.sha256(body).hexdigest() != stamp.content:
        return Verdict.CHANGED_FILE
    if stamp.sealed and vault.durable and stamp.seal != _seal(replace(stamp, seal=BLANK), vault):
        return Verdict.OTHER_KEY
    if vault.durable and not stamp.sealed:
        return Verdict.OTHER_KEY
    if now.first_broken is not None:
        return Verdict.BROKEN_JOURNAL
    if then != stamp.head:
        return Verdict.OTHER_JOURNAL
    return Verdict.AGREES if now.rows == stamp.rows else Verdict.GONE_ON


def _seal(stamp: Stamp, vault: Vault) -> str:
    return vault.fingerprint(b"report/" + stamp.text.encode()).hex()


def _plain(value: object) -> Any:
    match value:
        case Mapping():
            return {str(key): _plain(one) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case Enum():
            return value.value
        case datetime():
            return value.isoformat()
        case date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
    return value

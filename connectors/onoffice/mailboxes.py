"""What the spelling of a mailbox tells of its kind (rule O7): a guess, for onOffice shows nothing of it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path


class MailboxKind(StrEnum):
    """Where a mailbox may lie. Microsoft's and onOffice's own can be booked automatically, others cannot."""

    ONOFFICE = "onoffice"
    MICROSOFT = "microsoft"
    PRIVATE = "private"  # at a provider for private people: surely another one
    OPEN = "open"  # a domain of one's own: it may lie anywhere


def mailbox(email: str) -> str:
    """How a mailbox is named wherever it is compared, confirmed or counted: ``vermietung@example.org``."""
    return email.strip().casefold()


def guess(email: str) -> MailboxKind:
    """The kind that the domain suggests."""
    domain = mailbox(email).rpartition("@")[2]
    if _among("private", domain):
        return MailboxKind.PRIVATE
    if _among("onoffice", domain):
        return MailboxKind.ONOFFICE
    return MailboxKind.MICROSOFT if _among("microsoft", domain) else MailboxKind.OPEN


def private(email: str) -> bool:
    """Whether the mailbox lies at a provider for private people."""
    return guess(email) is MailboxKind.PRIVATE


def _among(kind: str, domain: str) -> bool:
    return any(domain == known or domain.endswith(f".{known}") for known in _domains()[kind])


@cache
def _domains() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = tomllib.loads(
        Path(__file__).with_name("mailboxes.toml").read_text(encoding="utf-8")
    )
    return found

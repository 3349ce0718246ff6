"""Archives and their documents in canonical terms, as a document archive beside the ERP yields them.

Index values are texts, as the archive spells them; which index holds a contract number is a setting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from connectors.housing import Entity

LARGEST = 50 * 1024 * 1024
"""Bytes: a larger file is sent nowhere (rules I13, I19)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveInfo(Entity):
    """Archiv. ``indexes`` are the names of its indexes. ``linked`` says whether it is connected to the ERP's
    activity management, None where the archive does not tell."""

    NAME: ClassVar[str] = "archive"
    name: str
    indexes: tuple[str, ...] = ()
    linked: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Entity):
    """Dokument. ``archive`` is the archive's name, ``indexes`` name to value, ``size`` in bytes."""

    NAME: ClassVar[str] = "document"
    archive: str
    category: str = ""  # Suchkategorie
    title: str = field(default="", repr=False)
    created_at: datetime
    size: int
    md5: str
    indexes: Mapping[str, str] = field(default_factory=dict, repr=False)

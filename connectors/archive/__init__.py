"""The document archive beside the ERP: Archiv kompakt."""

from __future__ import annotations

from connectors.archive.client import ArchivKompakt
from connectors.archive.options import ArchiveOptions
from connectors.partner import SecretField, Source

ARCHIV_KOMPAKT = Source(
    key="archive",
    name="Archiv kompakt",
    secrets=(
        SecretField("username", "archive.secret_username"),
        SecretField("password", "archive.secret_password"),
        SecretField("client_id", "archive.secret_client_id"),
        SecretField("client_secret", "archive.secret_client_secret"),
        SecretField("scope", "archive.secret_scope"),
    ),
    options=ArchiveOptions,
    connect=ArchivKompakt,
)

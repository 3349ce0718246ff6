"""The two kinds of ERP source, declared: ``OPENWOWI`` (REST) and ``FILES`` (exports in a folder)."""

from __future__ import annotations

from connectors.erp.files import FilesOptions, FilesSource
from connectors.erp.files_writer import FilesWriter
from connectors.erp.openwowi import OpenWowi, OpenWowiOptions
from connectors.erp.ticket_stage import STAGE
from connectors.erp.tickets import ErpTickets
from connectors.erp.writer import ErpWriter
from connectors.partner import SecretField, Source

OPENWOWI = Source(
    key="openwowi",
    name="OPENWOWI",
    secrets=(
        SecretField("username", "erp.hint_username"),
        SecretField("password", "erp.hint_password"),
        SecretField("api_key", "erp.hint_api_key"),
    ),
    options=OpenWowiOptions,
    connect=OpenWowi,
    writer=ErpWriter,
    tickets=ErpTickets,
    ticket_stage=STAGE,
)

FILES = Source(
    key="files",
    name="CSV/XLSX",
    secrets=(),
    options=FilesOptions,
    connect=FilesSource,
    place="folder",
    writer=FilesWriter,
)

"""Writing a report in the format that its name asks for, and looking at one that was written."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from console.errors import ConsoleError
from console.i18n import _
from console.os_words import os_words
from console.report import chapters, day, digest
from console.report.blocks import Document
from console.report.digest import Stamp, Verdict
from console.report.exhibits import Exhibits
from console.report.model import Journal, Report
from console.store.atomic import write_atomically
from console.store.chain import stretch

if TYPE_CHECKING:
    from console.store.vault import Vault
    from console.workspace import Workspace

SCHEMA = 1
LARGEST = 200 * 1024 * 1024
"""Bytes of a file that is looked at; no report is so large."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What verifying a file found; ``rows`` and ``runs`` came into the journal after it was written.

    ``proven``: the customer's key was at hand, and its seal fits.
    """

    verdict: Verdict
    stamp: Stamp
    rows: int = 0
    runs: int = 0
    proven: bool = False

    @property
    def agrees(self) -> bool:
        """Whether everything is as it was."""
        return self.verdict is Verdict.AGREES


def document(report: Report, mark: str, exhibits: Exhibits | None = None) -> Document:
    """The report as a document: the day protocol where it is about some days only."""
    if report.cover.since is not None:
        return day.document(report, mark)
    return chapters.document(report, mark, exhibits)


def rendered(report: Report, suffix: str, vault: Vault, exhibits: Exhibits | None = None) -> bytes:
    """The file's bytes; ``suffix`` is one of ``FORMATS``, ``exhibits`` shows the evidence."""
    stamp = digest.blank(report)
    return digest.sealed(FORMATS[suffix](report, stamp, exhibits), stamp, vault)


def write(report: Report, path: Path, vault: Vault, exhibits: Exhibits | None = None) -> None:
    """Write a report in one step; the ending of the name decides how. Blocks. Raises ConsoleError."""
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise ConsoleError(
            _("{path}: the ending decides the format.").format(path=path),
            _("Known: {names}.").format(names=", ".join(FORMATS)),
        )
    content = rendered(report, suffix, vault, exhibits)
    try:
        write_atomically(path, content)
    except OSError as error:
        why = os_words(error)
        raise ConsoleError(
            _("{path} cannot be written: {why}.").format(path=path, why=why),
            _("Close it where it is open, or choose another place."),
        ) from error


def read(path: Path) -> tuple[bytes, Stamp]:
    """A report's bytes and its stamp. Blocks. Raises ConsoleError for what is none."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        why = os_words(error)
        raise ConsoleError(_("{path} cannot be read: {why}.").format(path=path, why=why)) from error
    stamp = digest.stamp_of(content) if len(content) <= LARGEST else None
    if stamp is None:
        raise ConsoleError(
            _("{path} is no report of Einzug, or its stamp was taken out.").format(path=path),
            _("Known: {names}.").format(names=", ".join(FORMATS)),
        )
    return content, stamp


def verify(workspace: Workspace, content: bytes, stamp: Stamp) -> Verified:
    """Whether a file and the local journal still agree. Blocks. Raises StoreError."""
    with workspace.journal() as journal:
        chain = journal.verify()
    with workspace.store() as conn:
        then, rows, runs = stretch(conn, stamp.rows)
    now = Journal(chain.rows, chain.head, chain.first_broken)
    verdict = digest.judge(content, stamp, workspace.vault, now, then)
    return Verified(verdict, stamp, rows, runs, proven=stamp.sealed and workspace.vault.durable)


def _html(report: Report, stamp: Stamp, exhibits: Exhibits | None) -> bytes:
    from console.report.html import page

    return page(document(report, stamp.digest, exhibits), stamp.text).encode()


def _pdf(report: Report, stamp: Stamp, exhibits: Exhibits | None) -> bytes:
    from console.report.pdf import pages  # late: reportlab takes its time

    return pages(document(report, stamp.digest, exhibits), stamp.text)


def _json(report: Report, stamp: Stamp, _exhibits: Exhibits | None) -> bytes:
    content = {"stamp": stamp.text, "schema": SCHEMA, "report": digest.plain(report)}
    return json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace") + b"\n"


Render = Callable[[Report, Stamp, Exhibits | None], bytes]
FORMATS: dict[str, Render] = {
    ".html": _html,
    ".pdf": _pdf,
    ".json": _json,
}
"""How each format is made."""

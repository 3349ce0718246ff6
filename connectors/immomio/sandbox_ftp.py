"""The FTP server of an Immomio account on the old DIT system: two folders and an importer.

The protocol runs in a thread of its own (``sandbox_ftp_session.py``). Records and the request log belong to
the loop that serves the app, so what touches them is handed over to that loop; the FTP thread never waits for
it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import tempfile
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.immomio.sandbox_account import Account
from connectors.immomio.sandbox_openimmo import Unreadable
from connectors.immomio.sandbox_records import Fields
from connectors.immomio.sandbox_vacancies import Spoiling
from connectors.sandbox.app import Beside
from connectors.sandbox.faults import Fault, FaultKind

KEY = "immomio"
IN, OUT = "in", "out"
ENDING = ".zip"
MOST_FILES = 200
MOST_BYTES = 256 * 1024 * 1024
MOST_RESULTS = 500
LONGEST_END = 2.0  # seconds within which the server's thread has ended
IMPORT = "FTP IMPORT"
"""What an import is called in faults and in the request log."""


@dataclass(frozen=True, slots=True)
class FtpAccount:
    """What logs in at the FTP server."""

    username: str
    password: str = field(repr=False)


@dataclass(slots=True)
class Depot:
    """What the FTP sessions share: the folders, the faults, and the way into the loop of the app."""

    account: Account
    shared: Beside
    root: Path
    loop: asyncio.AbstractEventLoop
    ended: bool = False

    def due(self, kind: FaultKind, command: str, path: str) -> Fault | None:
        """The fault of this kind that shows on a command now, if any; for every thread."""
        return next(iter(self.shared.faults.due(kind, KEY, command, path)), None)

    def record(self, command: str, path: str, size: int, status: int | None, fault: str | None) -> None:
        """Put a command into the request log; for every thread."""
        add = self.shared.log.add_command
        now = self.account.clock.now()
        self.loop.call_soon_threadsafe(add, now, command, path, size, status, fault)

    def room(self) -> int:
        """How many bytes a further upload may have, 0 when there are too many files."""
        files = [file for file in (self.root / IN).iterdir() if file.is_file()]
        if len(files) >= MOST_FILES:
            return 0
        return max(0, MOST_BYTES - sum(file.stat().st_size for file in files))

    def arrived(self, file: Path) -> None:
        """A file stands there whole; a delivery is imported. For every thread."""
        if file.parent == self.root / IN and file.name.endswith(ENDING):
            self.loop.call_soon_threadsafe(self._import, file)

    def _import(self, file: Path) -> None:
        """Read a delivery, take it away, and answer it in the other folder. In the loop."""
        path = f"/{IN}/{file.name}"
        if self.ended or self.due(FaultKind.FTP_NO_RESULT, IMPORT, path):
            return
        try:
            content = file.read_bytes()
        except OSError:  # renamed or deleted meanwhile
            return
        answered = {"delivery": file.name} | self._taken(content, path)
        self.account.deliveries.append(answered)
        del self.account.deliveries[:-MOST_RESULTS]
        file.unlink(missing_ok=True)
        self._answer(f"{file.name.removesuffix(ENDING)}.result.json", answered)
        status = 422 if "error" in answered else 200
        self.shared.log.add_command(self.account.clock.now(), IMPORT, path, len(content), status, None)

    def _taken(self, content: bytes, path: str) -> Fields:
        if "vacancies:write" not in self.account.rights:
            return {"error": "forbidden"}
        faults = self.shared.faults
        changes = {
            fault.options["field"]: fault.options["value"]
            for fault in faults.due(FaultKind.REWRITE, KEY, IMPORT, path)
        }
        spoiling = Spoiling(
            rejects=lambda id_: bool(faults.due(FaultKind.REJECT, KEY, IMPORT, path, id_)),
            rewrite=lambda fields: {name: changes.get(name, value) for name, value in fields.items()},
        )
        try:
            return {"results": self.account.vacancies.take(content, zipped=True, spoiling=spoiling)}
        except Unreadable:
            return {"error": "unreadable"}

    def _answer(self, name: str, answered: Fields) -> None:
        """Write a result so that whoever sees it sees all of it; the oldest ones go."""
        out = self.root / OUT
        results = sorted(out.iterdir(), key=lambda file: file.stat().st_mtime)
        for old in results[: max(0, len(results) - MOST_RESULTS + 1)]:
            old.unlink(missing_ok=True)
        half = self.root / f"{name}.part"
        half.write_text(json.dumps(answered), encoding="utf-8")
        os.replace(half, out / name)


@contextlib.contextmanager
def ftp_server(account: Account, login: FtpAccount, shared: Beside) -> Iterator[dict[str, Any]]:
    """Serve FTP while the context is open, explicit FTPS where the frame has a certificate.

    Gives the ``ftp`` entry of the ready line. Must be entered and left in the app's loop.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the library's base is deprecated, not gone
        from connectors.immomio.sandbox_ftp_session import Sessions

    with tempfile.TemporaryDirectory(prefix="einzug-ftp-", ignore_cleanup_errors=True) as folder:
        depot = Depot(account, shared, Path(folder).resolve(), asyncio.get_running_loop())
        for name in (IN, OUT):
            (depot.root / name).mkdir()
        sessions = Sessions(depot, login, shared.bound, shared.certify)
        address = shared.bound.getsockname()
        thread = threading.Thread(target=sessions.serve, name="einzug-ftp", daemon=True)
        thread.start()
        try:
            yield {
                "ftp": {
                    "host": address[0],
                    "port": address[1],
                    "username": login.username,
                    "password": login.password,
                    "tls": shared.certify is not None,
                }
            }
        finally:
            depot.ended = True
            sessions.stop.set()
            with contextlib.suppress(OSError), socket.create_connection(address, timeout=LONGEST_END):
                pass  # wakes up the thread, which waits for connections
            thread.join(LONGEST_END)

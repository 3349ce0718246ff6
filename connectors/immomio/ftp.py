"""One FTP account: every step bounded, logged, and told apart when it goes wrong; what blocks is in threads.

A file gets its final name only when it has arrived whole: it is sent as ``NAME.part``, its size is
compared, then it is renamed.
"""

from __future__ import annotations

import asyncio
import contextlib
import ftplib
import io
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO, TypeVar

from connectors.calllog import Call, CallLog
from connectors.immomio import ftp_stages as stages
from connectors.immomio.ftp_stages import Stage
from connectors.network import Network, tls
from connectors.problems import Arrival, Failure, Owner, Problem, Trouble

T = TypeVar("T")

IN, OUT = "/in", "/out"
PART = ".part"
SLOWEST = 128 * 1024
"""Bytes a second; a transfer that is slower on the whole is given up."""
LARGEST_RESULT = 32 * 1024 * 1024
MOST_NAMES = 10_000
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Account:
    """Where the drop is and who may use it; ``tls``: explicit FTPS."""

    host: str
    port: int
    tls: bool
    username: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(slots=True)
class _Note:
    """Where a step stands, and what the call log is to say of it."""

    stage: Stage
    status: int | None = None
    size: int = 0


class _Secure(ftplib.FTP_TLS):
    """Explicit FTPS whose data connections continue the session of the control connection, as many servers
    demand before they accept them."""

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        """A data connection under the session of the control connection."""
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321  (secured below)
        session = getattr(self.sock, "session", None)
        return self.context.wrap_socket(connection, server_hostname=self.host, session=session), size


class Drop:
    """Puts deliveries into ``/in`` and gets results from ``/out``, over one connection at a time."""

    def __init__(self, account: Account, network: Network, log: CallLog, partner: str) -> None:
        self._account = account
        self._network = network
        self._log = log
        self._partner = partner
        self._turn = asyncio.Lock()

    async def probe(self) -> None:
        """Log in and look for both folders; writes nothing. Raises Failure."""
        await self._in_thread(lambda _gone: self._probe())

    async def put(self, name: str, file: BinaryIO) -> None:
        """Send a file whole into ``/in``. Raises Failure; PERHAPS only where the renaming got no answer."""
        await self._in_thread(lambda gone: self._put(f"{IN}/{name}", file, gone))

    async def get(self, name: str) -> bytes | None:
        """A file out of ``/out``, None while it is not there. Raises Failure."""
        return await self._in_thread(lambda gone: self._get(f"{OUT}/{name}", gone))

    async def waiting(self) -> list[str]:
        """The files of ``/in`` that have their final name and that nobody has taken yet. Raises Failure."""
        return await self._in_thread(self._waiting)

    async def discard(self, name: str) -> bool:
        """Remove a file of ``/in`` that still has its temporary name; False where there is none.

        Raises Failure.
        """
        return await self._in_thread(lambda _gone: self._remove(f"{IN}/{name}{PART}"))

    async def _in_thread(self, job: Callable[[threading.Event], T]) -> T:
        if not (self._account.username and self._account.password):
            raise Failure(Problem("immomio.ftp_secrets", Trouble.CONFIG, Owner.CONSULTANT))
        gone = threading.Event()
        try:
            async with self._turn:
                return await asyncio.to_thread(job, gone)
        finally:
            gone.set()  # a thread whose waiter was cancelled ends at its next piece

    def _probe(self) -> None:
        with self._session() as ftp:
            for folder in (IN, OUT):
                with self._step("CWD", folder, stages.ENTER) as note:
                    note.status = stages.status(ftp.cwd(folder))

    def _put(self, path: str, file: BinaryIO, gone: threading.Event) -> None:
        part, begun = f"{path}{PART}", False
        try:
            with self._session() as ftp:
                begun = True
                self._send(ftp, part, file, gone)
                with self._step("RNTO", path, stages.RENAME) as note:
                    note.status = stages.status(ftp.rename(part, path))
        except Failure as failure:
            if begun and failure.problem.arrival is Arrival.NEVER:
                with contextlib.suppress(Failure):  # the first one is told; both are in the call log
                    self._remove(part)
            raise

    def _send(self, ftp: ftplib.FTP, part: str, file: BinaryIO, gone: threading.Event) -> None:
        """Send the bytes under the temporary name and compare how many arrived."""
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        bound = self._bound(size, gone)
        with self._step("STOR", part, stages.OPEN) as note:
            with ftp.transfercmd(f"STOR {part}") as data:
                note.stage = stages.SEND
                try:
                    while piece := file.read(_PIECE):
                        bound()
                        data.sendall(piece)
                except (ConnectionError, ssl.SSLError):
                    ftp.voidresp()  # whoever hung up may have said why: a full disk
                    raise
                _finish(data)
            note.status = stages.status(ftp.voidresp())
        with self._step("SIZE", part, stages.MEASURE) as note:
            if ftp.size(part) != size:
                raise Failure(stages.problem_by(stages.WRONG_SIZE, f"SIZE {part}"))
            note.status = 213

    def _get(self, path: str, gone: threading.Event) -> bytes | None:
        content = io.BytesIO()
        bound = self._bound(0, gone)
        with self._absent() as absent, self._session() as ftp, self._step("RETR", path, stages.FETCH) as note:
            with ftp.transfercmd(f"RETR {path}") as data:
                note.stage = stages.SEND
                while piece := data.recv(_PIECE):
                    bound()
                    content.write(piece)
                    if content.tell() > LARGEST_RESULT:
                        raise Failure(stages.problem_by(stages.TOO_LARGE, f"RETR {path}"))
                _finish(data)
            note.size = content.tell()
            note.status = stages.status(ftp.voidresp())
        return None if absent else content.getvalue()

    def _waiting(self, gone: threading.Event) -> list[str]:
        bound = self._bound(0, gone)
        names: list[str] = []

        def note_name(line: str) -> None:
            bound()
            if len(names) == MOST_NAMES:
                raise Failure(stages.problem_by(stages.TOO_LARGE, f"NLST {IN}"))
            names.append(line.rpartition("/")[2])  # some servers put the folder before it

        with self._absent(), self._session() as ftp, self._step("NLST", IN, stages.LIST) as note:
            note.status = stages.status(ftp.retrlines(f"NLST {IN}", note_name))
        return [name for name in names if not name.endswith(PART)]

    def _remove(self, path: str) -> bool:
        with (
            self._absent() as absent,
            self._session() as ftp,
            self._step("DELE", path, stages.REMOVE) as note,
        ):
            note.status = stages.status(ftp.delete(path))
        return not absent

    @contextlib.contextmanager
    def _absent(self) -> Iterator[list[Problem]]:
        """Fills the list instead of raising where there is no such file."""
        found: list[Problem] = []
        try:
            yield found
        except Failure as failure:
            if failure.problem.trouble is not Trouble.MISSING:
                raise
            found.append(failure.problem)

    def _bound(self, size: int, gone: threading.Event) -> Callable[[], None]:
        """Call it again and again: it raises once the time is over, or nobody waits any more."""
        until = time.monotonic() + self._network.deadline + size / SLOWEST

        def check() -> None:
            if gone.is_set() or time.monotonic() > until:
                raise TimeoutError

        return check

    @contextlib.contextmanager
    def _session(self) -> Iterator[ftplib.FTP]:
        """A logged-in connection in binary mode. Raises Failure."""
        account, timeout = self._account, self._network.timeout
        ftp: ftplib.FTP | _Secure = ftplib.FTP(timeout=timeout)  # noqa: S321  (plain only where agreed)
        if account.tls:
            ftp = _Secure(context=tls(self._network), timeout=timeout)
        with contextlib.closing(ftp):
            with self._step("LOGIN", f"{account.host}:{account.port}", stages.CONNECT) as note:
                ftp.connect(account.host, account.port)
                if isinstance(ftp, _Secure):
                    note.stage = stages.AUTH
                    ftp.auth()
                note.stage = stages.LOGIN
                note.status = stages.status(ftp.login(account.username, account.password))
                if isinstance(ftp, _Secure):
                    note.stage = stages.AUTH
                    ftp.prot_p()
                ftp.voidcmd("TYPE I")
            yield ftp
            with contextlib.suppress(*ftplib.all_errors):  # all is done, this is only a farewell
                ftp.quit()

    @contextlib.contextmanager
    def _step(self, verb: str, path: str, stage: Stage) -> Iterator[_Note]:
        """Time and log one step; what goes wrong in it becomes a Failure without the server's words."""
        at, start, note = datetime.now(UTC), time.perf_counter(), _Note(stage)
        problem: Problem | None = None
        try:
            yield note
        except (ftplib.Error, OSError, EOFError, ValueError) as error:  # ValueError: a line break in a name
            problem = stages.problem(error, note.stage, f"{verb} {path}")
        except Failure as failure:
            problem = failure.problem
        ms = (time.perf_counter() - start) * 1000
        status = problem.status if problem else note.status
        self._log.add(
            Call(at, self._partner, verb, path, status, ms, note.size, problem.code if problem else None)
        )
        if problem:
            raise Failure(problem)


def _finish(data: socket.socket) -> None:
    """Take leave of a secure data connection. A server may hang up first: the size tells what arrived."""
    if isinstance(data, ssl.SSLSocket):
        with contextlib.suppress(OSError):
            data.unwrap()

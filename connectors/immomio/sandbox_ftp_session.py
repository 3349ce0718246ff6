"""FTP sessions of the Immomio double, on pyftpdlib: real commands, two folders, and everything going wrong.

The library is extended the only way it offers, by subclasses of its handlers; they run in the FTP thread.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from OpenSSL import SSL
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.filesystems import AbstractedFS, FilesystemError
from pyftpdlib.handlers import TLS_DTPHandler, TLS_FTPHandler
from pyftpdlib.ioloop import IOLoop
from pyftpdlib.servers import FTPServer

from connectors.immomio.sandbox_ftp import IN, OUT, Depot, FtpAccount
from connectors.sandbox.faults import Fault, FaultKind

MOST_CONNECTIONS = 64
_OPENS_DATA = ("PASV", "EPSV", "PORT", "EPRT")
_TRANSFERS = ("STOR", "RETR")
_WITHHELD = ("APPE", "STOU", "REST", "MKD", "XMKD", "RMD", "XRMD", "MFMT", "SITE CHMOD")
"""Commands that an importer's drop does not offer."""
_TLS = ("AUTH", "PBSZ", "PROT")
_COMMANDS = {name: how for name, how in TLS_FTPHandler.proto_cmds.items() if name not in _WITHHELD}


class Sessions:
    """Everything that runs in the FTP thread; ``stop`` and a connection end it."""

    def __init__(
        self, depot: Depot, login: FtpAccount, bound: socket.socket, certify: Callable[[Any], None] | None
    ) -> None:
        # Without a handler of its own, the library would install one that prints to stderr.
        quiet = logging.getLogger("pyftpdlib")
        if not quiet.handlers:
            quiet.addHandler(logging.NullHandler())
        self.stop = threading.Event()
        self._loop = IOLoop.factory()
        server = FTPServer(bound, _handler(depot, login, certify), ioloop=self._loop)
        server.max_cons = MOST_CONNECTIONS

    def serve(self) -> None:
        """Serve until ``stop`` is set and something arrives; then drop whoever is still connected."""
        wait: float | None = None
        try:
            while not self.stop.is_set():
                self._loop.poll(wait)
                wait = self._loop.sched.poll()
        finally:
            for channel in list(self._loop.socket_map.values()):
                if isinstance(channel, _Session | _Transfer):
                    channel.drop()
            self._loop.close()


def _handler(depot: Depot, login: FtpAccount, certify: Callable[[Any], None] | None) -> type[Any]:
    """The session class of one server: the library takes all settings from class attributes."""
    authorizer = DummyAuthorizer()
    authorizer.add_user(login.username, login.password, str(depot.root), perm="el")
    authorizer.override_perm(login.username, str(depot.root / IN), "elradfw")
    authorizer.override_perm(login.username, str(depot.root / OUT), "elrd")
    context = None
    if certify:
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        certify(context)
    settings = {
        "depot": depot,
        "authorizer": authorizer,
        "ssl_context": context,
        "tls_control_required": context is not None,
        "tls_data_required": context is not None,
        "proto_cmds": {name: how for name, how in _COMMANDS.items() if context or name not in _TLS},
    }
    return type("_OneServersSession", (_Session,), settings)


class _Upload:
    """A file being received: it takes so many bytes, and calls ``stop`` when there are more."""

    def __init__(self, path: str, room: int, stop: Callable[[], None]) -> None:
        self.name = path
        self._file: BinaryIO = Path(path).open("wb")  # noqa: SIM115  (the data channel closes it)
        self._room = room
        self._stop = stop

    @property
    def closed(self) -> bool:
        """Whether nothing can be written any more."""
        return self._file.closed

    def write(self, chunk: bytes) -> None:
        """Write what there is room for."""
        kept = chunk[: self._room]
        self._file.write(kept)
        self._room -= len(kept)
        if len(kept) < len(chunk):
            self._stop()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class _Folders(AbstractedFS):  # type: ignore[misc]  # the library ships no types
    """The account's folders. The working directory is the session's own, never the process's."""

    def chdir(self, path: str) -> None:
        """Change the session's directory. Raises FilesystemError when there is none."""
        if not Path(path).is_dir():
            raise FilesystemError("No such directory")
        self.cwd = self.fs2ftp(path)

    def open(self, filename: str, mode: str) -> Any:
        """Open a file to read, or begin an upload."""
        if "w" in mode:
            return self.cmd_channel.begin_upload(filename)
        return super().open(filename, mode)

    def rename(self, src: str, dst: str) -> None:
        """Rename, replacing what is there, on Windows too."""
        Path(src).replace(dst)


class _Transfer(TLS_DTPHandler):  # type: ignore[misc]  # the library ships no types
    """A data connection."""

    def send(self, data: bytes) -> int:
        """Send something: the list of an empty folder is nothing, which TLS takes for the end."""
        sent: int = super().send(data) if data else 0
        return sent

    def drop(self, reply: str = "") -> None:
        """End it now, without the TLS farewell that would wait for the other side."""
        if reply:
            self._resp = (reply, logging.getLogger("pyftpdlib").debug)
        self._error = True
        self.close()


class _Session(TLS_FTPHandler):  # type: ignore[misc]  # the library ships no types
    """A control connection, also without TLS: then ``ssl_context`` is None and AUTH is no command."""

    depot: ClassVar[Depot]
    banner = "Immomio practice server ready."
    dtp_handler = _Transfer
    abstracted_fs = _Folders
    auth_failed_timeout = 0
    use_sendfile = False

    def __init__(self, conn: socket.socket, server: Any, ioloop: Any = None) -> None:
        super().__init__(conn, server, ioloop)
        self._fault: str | None = None  # what spoils the command under way, for the log
        self._room = 0
        self._at_limit: Callable[[], None] = self._full
        self._missing = 0  # bytes that the upload under way will lack
        if self.ssl_context is None:
            self._extra_feats: list[str] = []

    @classmethod
    def get_ssl_context(cls) -> Any:
        """The context with the sandboxes' certificate, None without TLS."""
        return cls.ssl_context

    def drop(self) -> None:
        """End the control and data connection now, without a word."""
        if self.data_channel is not None:
            self.data_channel.drop()
        self._error = True
        self.close()

    def process_command(self, cmd: str, *args: str, **kwargs: Any) -> None:
        """Carry a command out, later where it is to be slow."""
        self._fault = None
        slow = self._due(FaultKind.FTP_SLOW, cmd, args[0])
        if slow is None:
            self._carry_out(cmd, *args, **kwargs)
        else:
            later = slow.options.get("delay", 1.0)
            self.ioloop.call_later(later, self._carry_out, cmd, *args, _errback=self.handle_error, **kwargs)

    def _carry_out(self, cmd: str, *args: str, **kwargs: Any) -> None:
        if self._closed:  # while a slow command was waiting
            return
        refused = self._due(FaultKind.FTP_REFUSE_DATA, cmd, args[0]) if cmd in _OPENS_DATA else None
        if refused is None:
            super().process_command(cmd, *args, **kwargs)
            return
        if refused.options.get("closed_port") and cmd in ("PASV", "EPSV"):
            reply = _nobody_listens(cmd)
        else:
            reply = "425 Can't open data connection."
        self.respond(reply)
        self.log_cmd(cmd, args[0], int(reply[:3]), reply[4:])

    def ftp_STOR(self, file: str, mode: str = "w") -> str | None:
        """Receive a file, as far as there is room and no fault shows."""
        self._room, self._at_limit, self._missing = self.depot.room(), self._full, 0
        if full := self._due(FaultKind.FTP_FULL, "STOR", file):
            self._room = min(self._room, full.options.get("bytes", 0))
        if cut := self._due(FaultKind.FTP_CUT, "STOR", file):
            self._room, self._at_limit = cut.options.get("bytes", 0), self.drop
        elif self._room <= 0:
            self.respond("552 Requested file action aborted: no space left.")
            return None
        if short := self._due(FaultKind.FTP_WRONG_SIZE, "STOR", file):
            self._missing = short.options.get("bytes", 1)
        received: str | None = super().ftp_STOR(file, mode)
        return received

    def begin_upload(self, filename: str) -> _Upload:
        """The file that an upload is written to."""
        return _Upload(filename, self._room, self._at_limit)

    def _full(self) -> None:
        if self.data_channel is not None:
            self.data_channel.drop("552 Requested file action aborted: no space left.")

    def ftp_RNTO(self, path: str) -> tuple[str, str] | None:
        """Rename a file; under its final name it is a delivery."""
        renamed: tuple[str, str] | None = super().ftp_RNTO(path)
        if renamed:
            self.depot.arrived(Path(path))
        return renamed

    def on_file_received(self, file: str) -> None:
        """An upload ended by itself; a fault may have lost some of it."""
        path = Path(file)
        if self._missing:
            with path.open("r+b") as stored:
                stored.truncate(max(0, path.stat().st_size - self._missing))
        self.depot.arrived(path)

    def on_login_failed(self, username: str, password: str) -> None:
        """A wrong user name or password, answered with 530."""
        self.depot.record("FTP PASS", "/", 0, 530, None)

    def log_cmd(self, cmd: str, arg: str, respcode: int, respstr: str) -> None:
        """Put a command into the request log; a transfer that begins is recorded when it ends."""
        if cmd in _TRANSFERS and respcode < 200:
            return
        known = cmd if cmd in TLS_FTPHandler.proto_cmds else "?"
        self.depot.record(f"FTP {known}", self._path(cmd, arg), 0, respcode, self._fault)

    def log_transfer(
        self,
        cmd: str,
        filename: str,
        receive: bool,
        completed: bool,
        elapsed: float,
        bytes: int,  # noqa: A002
    ) -> None:
        """Put a transfer into the request log, with the bytes that came or went."""
        code = int(self._last_response[:3] or 0)
        status = code if code >= 200 else None
        self.depot.record(f"FTP {cmd}", self._path(cmd, filename), bytes, status, self._fault)

    def log(self, msg: str, logfun: Any = None) -> None:
        """Nothing is logged elsewhere: what is said to a client may name files and users."""

    def _due(self, kind: FaultKind, cmd: str, arg: str) -> Fault | None:
        fault = self.depot.due(kind, f"FTP {cmd}", self._path(cmd, arg))
        if fault:
            self._fault = kind.value
        return fault

    def _path(self, cmd: str, arg: str) -> str:
        """The file a command is about; never any other argument, which may be a password."""
        named = self.fs is not None and self.proto_cmds.get(cmd, {}).get("perm")
        return self.fs.fs2ftp(arg) if named else "/"


def _nobody_listens(cmd: str) -> str:
    """The reply that names a port on which nobody listens."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    if cmd == "EPSV":
        return f"229 Entering extended passive mode (|||{port}|)."
    return f"227 Entering passive mode (127,0,0,1,{port // 256},{port % 256})."

"""Finds the keyring of the operating system, judges it, and asks it without ever hanging the program.

A locked keyring with a display waits for a person for ever. Every call therefore runs in a daemon thread with
a limit, which neither holds up the caller nor the end of the process.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from typing import Protocol, TypeVar

from console.keyring_state import KeyringError, KeyringState

T = TypeVar("T")

LIMIT = 10.0
"""Seconds a keyring may take to answer."""


class Backend(Protocol):
    """What is used of a keyring; the shape of the keyring library."""

    def get_password(self, service: str, username: str) -> str | None:
        """The value, or None."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store a value."""

    def delete_password(self, service: str, username: str) -> None:
        """Remove a value."""


class Bounded:
    """Runs calls in daemon threads with a limit. While one hangs, the next are refused at once."""

    def __init__(self, limit: float = LIMIT) -> None:
        self._limit = limit
        self._hanging: threading.Thread | None = None

    def run(self, call: Callable[[], T]) -> T:
        """What the call returns or raises. Raises KeyringError(TIMEOUT)."""
        if self._hanging is not None and self._hanging.is_alive():
            raise KeyringError(KeyringState.TIMEOUT)
        future: Future[T] = Future()
        thread = threading.Thread(target=_settle, args=(future, call), daemon=True, name="keyring")
        thread.start()
        try:
            return future.result(self._limit)
        except TimeoutError:
            if future.done():  # the keyring's own time-out
                raise
            self._hanging = thread
            raise KeyringError(KeyringState.TIMEOUT) from None


def _settle(future: Future[T], call: Callable[[], T]) -> None:
    try:
        future.set_result(call())
    except BaseException as error:  # noqa: BLE001 - raised again where the result is awaited
        future.set_exception(error)


def os_backend() -> Backend:
    """The keyring of this machine. Raises KeyringError where there is none or it is not fit for secrets."""
    try:
        import keyring

        backend = keyring.get_keyring()
    except Exception as error:  # noqa: BLE001 - a bad setting raises whatever the import of its module raises
        raise KeyringError(KeyringState.BROKEN, type(error).__name__) from None
    chosen, state = backend, judge(backend)
    for member in getattr(backend, "backends", ()):  # a chain: take the first fit one and it alone
        chosen, state = member, judge(member)
        if state is KeyringState.OK:
            break
    if state is not KeyringState.OK:
        raise KeyringError(state)
    return chosen


def judge(backend: object) -> KeyringState:
    """What kind of keyring this is, told by the module it comes from."""
    module, name = type(backend).__module__.lower(), type(backend).__qualname__.lower()
    if module.startswith(("keyring.backends.fail", "keyring.backends.chainer")):
        return KeyringState.NONE
    if module.startswith("keyring.backends.null"):
        return KeyringState.NULL
    if module.startswith("keyrings.") or "plaintext" in module + name:
        return KeyringState.PLAINTEXT
    return KeyringState.OK


def refuse_locked(backend: object) -> None:
    """Ask the Linux secret service whether it is locked, which opens no window. Raises KeyringError."""
    if sys.platform != "linux" or not type(backend).__module__.startswith("keyring.backends.SecretService"):
        return
    import secretstorage

    with closing(secretstorage.dbus_init()) as bus:
        if secretstorage.get_default_collection(bus).is_locked():
            raise KeyringError(KeyringState.LOCKED)


def translated(error: BaseException) -> KeyringError:
    """The state behind an exception of a keyring; its text stays behind, it may quote a value."""
    if isinstance(error, KeyringError):
        return error
    names = {c.__name__ for c in type(error).__mro__}
    if names & {
        "NoKeyringError",
        "InitError",
        "SecretServiceNotAvailableException",
        "PromptDismissedException",
    }:
        return KeyringError(KeyringState.NONE)
    if names & {"KeyringLocked", "LockedException"}:
        return KeyringError(KeyringState.LOCKED)
    return KeyringError(KeyringState.BROKEN, type(error).__name__)


def asked(bounded: Bounded, call: Callable[[], T]) -> T:
    """The answer of a keyring, with every failure as a KeyringError."""
    try:
        return bounded.run(call)
    except Exception as error:  # noqa: BLE001 - backends raise errors of D-Bus, Windows and macOS alike
        raise translated(error) from None

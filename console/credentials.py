"""Where secrets come from: the environment first, then the keyring; memory alone for the demo."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from console.errors import ConfigError, ConfigProblem, ProblemKind
from console.keyring_backend import LIMIT
from console.keyring_state import KeyringError
from console.store.vault import new_key

CHOICE_VARIABLE = "EINZUG_KEYRING"
PASSPHRASE_VARIABLE = "EINZUG_PASSPHRASE"  # noqa: S105 - the name of a variable


class SecretSource(StrEnum):
    """Where a field comes from."""

    ENVIRONMENT = "environment"
    KEYRING = "keyring"
    FILE = "file"
    MEMORY = "memory"


class Secrets(Protocol):
    """Secrets per customer, partner and environment, and one encryption key per customer."""

    @property
    def source(self) -> str:
        """The SecretSource of what is stored here."""

    def get(self, customer: str, partner: str, environment: str) -> dict[str, str]:
        """The fields that are there, by name. Raises KeyringError."""

    def set(self, customer: str, partner: str, environment: str, values: Mapping[str, str]) -> None:
        """Store these fields beside those that are there. Raises KeyringError."""

    def forget(self, customer: str, partner: str, environment: str) -> None:
        """Remove all fields of this connection. Raises KeyringError."""

    def key(self, customer: str, *, create: bool = False) -> bytes | None:
        """The customer's key (32 bytes), or None where there is none and none shall be made."""

    def forget_key(self, customer: str) -> None:
        """Remove the customer's key. Raises KeyringError."""


class MemorySecrets:
    """Secrets that end with the process: for the demo and for tests."""

    source = SecretSource.MEMORY

    def __init__(self) -> None:
        self._fields: dict[tuple[str, str, str], dict[str, str]] = {}
        self._keys: dict[str, bytes] = {}

    def __repr__(self) -> str:
        return "MemorySecrets()"

    def get(self, customer: str, partner: str, environment: str) -> dict[str, str]:
        """The fields that are there, by name."""
        return dict(self._fields.get((customer, partner, environment), {}))

    def set(self, customer: str, partner: str, environment: str, values: Mapping[str, str]) -> None:
        """Keep these fields beside those that are there."""
        self._fields.setdefault((customer, partner, environment), {}).update(values)

    def forget(self, customer: str, partner: str, environment: str) -> None:
        """Drop all fields of this connection."""
        self._fields.pop((customer, partner, environment), None)

    def key(self, customer: str, *, create: bool = False) -> bytes | None:
        """The customer's key of this process."""
        if create and customer not in self._keys:
            self._keys[customer] = new_key()
        return self._keys.get(customer)

    def forget_key(self, customer: str) -> None:
        """Drop the customer's key."""
        self._keys.pop(customer, None)


class Layered:
    """The environment over a store: a field of the environment wins, and is never stored.

    Where the environment has fields for a connection, a store that fails is passed over: unattended runs need
    no keyring.
    """

    def __init__(self, environ: Mapping[str, str], store: Secrets) -> None:
        self._environ = environ
        self._store = store

    def __repr__(self) -> str:
        return f"Layered({self._store!r})"

    @property
    def source(self) -> str:
        """The source of what is stored."""
        return self._store.source

    def get(self, customer: str, partner: str, environment: str) -> dict[str, str]:
        """The fields of both, those of the environment first. Raises KeyringError."""
        ours, stored = self._both(customer, partner, environment)
        return {**stored, **ours}

    def sources(self, customer: str, partner: str, environment: str) -> dict[str, SecretSource]:
        """Where each field comes from; the values stay behind. Raises KeyringError."""
        ours, stored = self._both(customer, partner, environment)
        found = dict.fromkeys(stored, SecretSource(self._store.source))
        return found | dict.fromkeys(ours, SecretSource.ENVIRONMENT)

    def set(self, customer: str, partner: str, environment: str, values: Mapping[str, str]) -> None:
        """Store fields below the environment."""
        self._store.set(customer, partner, environment, values)

    def forget(self, customer: str, partner: str, environment: str) -> None:
        """Remove what is stored; variables of the environment stay."""
        self._store.forget(customer, partner, environment)

    def key(self, customer: str, *, create: bool = False) -> bytes | None:
        """The customer's key; it is never taken from the environment."""
        return self._store.key(customer, create=create)

    def forget_key(self, customer: str) -> None:
        """Remove the customer's key."""
        self._store.forget_key(customer)

    def _both(self, customer: str, partner: str, environment: str) -> tuple[dict[str, str], dict[str, str]]:
        ours = from_environment(self._environ, customer, partner)
        try:
            return ours, self._store.get(customer, partner, environment)
        except KeyringError:
            if ours:
                return ours, {}
            raise


def sources(secrets: Secrets, customer: str, partner: str, environment: str) -> dict[str, SecretSource]:
    """Where each field comes from, whatever keeps it; the values stay behind. Raises KeyringError."""
    if isinstance(secrets, Layered):
        return secrets.sources(customer, partner, environment)
    return dict.fromkeys(secrets.get(customer, partner, environment), SecretSource(secrets.source))


def layered(environ: Mapping[str, str], store: Secrets) -> Layered:
    """The environment over a store."""
    return Layered(environ, store)


def variable(customer: str, partner: str, field: str = "") -> str:
    """``EINZUG_SECRET_<CUSTOMER>_<PARTNER>_<FIELD>``: upper case, every other character as ``_``."""
    return re.sub(r"[^A-Z0-9]", "_", f"EINZUG_SECRET_{customer}_{partner}_{field}".upper())


def from_environment(environ: Mapping[str, str], customer: str, partner: str) -> dict[str, str]:
    """The fields the environment holds for a partner, by name; empty variables count as not set."""
    prefix = variable(customer, partner)
    found = {name.upper(): value for name, value in environ.items() if value}
    return {n[len(prefix) :].lower(): v for n, v in found.items() if n.startswith(prefix) and n != prefix}


def open_store(data: Path, environ: Mapping[str, str], *, limit: float = LIMIT) -> Secrets:
    """The store the user chose: the keyring of the system, or an encrypted file when asked for by name.

    Opens nothing yet; ``limit`` is how many seconds it may take to answer. Raises ConfigError for an unknown
    choice.
    """
    from console.keyring_store import KeyringSecrets

    choice = environ.get(CHOICE_VARIABLE, "").strip().lower()
    if choice in ("", "os"):
        return KeyringSecrets(data, limit=limit)
    if choice == "file":
        from console.passphrase_file import PassphraseFile

        file = PassphraseFile(data / "secrets.enc", environ.get(PASSPHRASE_VARIABLE, ""))
        return KeyringSecrets(data, backend=file, source=SecretSource.FILE, limit=limit)
    problem = ConfigProblem(
        ProblemKind.VALUE, "", key=CHOICE_VARIABLE, found=repr(choice), allowed=("os", "file")
    )
    raise ConfigError((problem,))

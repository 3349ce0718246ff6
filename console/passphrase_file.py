"""An encrypted file in place of the keyring, only for those who ask for it by name (``EINZUG_KEYRING=file``).

The key is derived from a passphrase with scrypt, once per process and salt; the content is AES-256-GCM.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from console.keyring_state import KeyringError, KeyringState
from console.store.atomic import write_atomically
from console.store.places import new_folder
from console.store.vault import PASSPHRASE_COST, Vault, VaultError

_MAGIC = b"einzug-secrets-1\n"
_SALT_BYTES = 16


class PassphraseFile:
    """A keyring backend that keeps its items in one encrypted file. Raises KeyringError."""

    def __init__(self, path: Path, passphrase: str, *, cost: int = PASSPHRASE_COST) -> None:
        self._path = path
        self._passphrase = passphrase
        self._cost = cost
        self._salt = b""
        self._vault: Vault | None = None

    def __repr__(self) -> str:
        return "PassphraseFile()"

    def get_password(self, service: str, username: str) -> str | None:
        """The value of an item, or None."""
        return self._read().get(f"{service}|{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store an item."""
        self._write({**self._read(), f"{service}|{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        """Remove an item; with the last one the file goes too."""
        items = self._read()
        items.pop(f"{service}|{username}", None)
        self._write(items)

    def _read(self) -> dict[str, str]:
        if not self._passphrase:
            raise KeyringError(KeyringState.PASSPHRASE)
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return {}
        salt, blob = data[len(_MAGIC) : len(_MAGIC) + _SALT_BYTES], data[len(_MAGIC) + _SALT_BYTES :]
        if not data.startswith(_MAGIC) or len(salt) < _SALT_BYTES:
            raise KeyringError(KeyringState.BROKEN, self._path.name)
        try:
            items = json.loads(self._opened(salt).open(blob, _MAGIC))
        except VaultError:
            raise KeyringError(KeyringState.PASSPHRASE) from None
        return {str(name): str(value) for name, value in items.items()}

    def _write(self, items: dict[str, str]) -> None:
        if not items:
            self._path.unlink(missing_ok=True)
            return
        salt = self._salt or secrets.token_bytes(_SALT_BYTES)
        new_folder(self._path.parent)
        sealed = self._opened(salt).seal(json.dumps(items).encode(), _MAGIC)
        write_atomically(self._path, _MAGIC + salt + sealed)

    def _opened(self, salt: bytes) -> Vault:
        if self._vault is None or salt != self._salt:
            self._vault, self._salt = Vault.of_passphrase(self._passphrase, salt, self._cost), salt
        return self._vault

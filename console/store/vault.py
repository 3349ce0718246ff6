"""Encryption at rest: AES-256-GCM with one key per customer."""

from __future__ import annotations

import copy
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
PASSPHRASE_COST = 2**15  # of scrypt, with r = 8: 32 MiB and about a tenth of a second
_FORMAT = b"\x01"  # first byte of every blob, so that a later cipher can be told apart
_NONCE_BYTES = 12
_TAG_BYTES = 16


class VaultError(Exception):
    """A blob was changed, belongs elsewhere, or was sealed with another key."""


class Vault:
    """Seals and opens blobs. ``durable`` tells whether the key outlives this process.

    The context is authenticated and not stored: a blob opens only where it was sealed for.
    """

    __slots__ = ("_cipher", "_cipher_key", "_fingerprint_key", "durable")

    def __init__(self, key: bytes, *, durable: bool = True) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"the key must have {KEY_BYTES} bytes")
        self.durable = durable
        self._cipher_key = hmac.digest(key, b"einzug/seal", hashlib.sha256)
        self._fingerprint_key = hmac.digest(key, b"einzug/fingerprint", hashlib.sha256)
        self._cipher: AESGCM | None = None

    @classmethod
    def ephemeral(cls) -> Vault:
        """A vault whose random key dies with this process."""
        return cls(new_key(), durable=False)

    @classmethod
    def of_passphrase(cls, passphrase: str, salt: bytes, cost: int = PASSPHRASE_COST) -> Vault:
        """A vault whose key is derived from a passphrase with scrypt; takes its time on purpose."""
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

        derive = Scrypt(salt=salt, length=KEY_BYTES, n=cost, r=8, p=1)
        return cls(derive.derive(passphrase.encode()))

    def with_fingerprints(self, key: bytes) -> Vault:
        """A vault that seals as this one does and makes the fingerprints of another."""
        vault = copy.copy(self)
        vault._fingerprint_key = key
        return vault

    @property
    def fingerprint_key(self) -> bytes:
        """What fingerprints are made with: secret, and nothing that was sealed can be opened with it."""
        return self._fingerprint_key

    def __repr__(self) -> str:
        return f"Vault(durable={self.durable})"

    def seal(self, data: bytes, context: bytes) -> bytes:
        """Encrypt with a random nonce; the result is 29 bytes longer than the data."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _FORMAT + nonce + self._aead().encrypt(nonce, data, _FORMAT + context)

    def open(self, blob: bytes, context: bytes) -> bytes:
        """Decrypt what ``seal`` made for the same context. Raises VaultError."""
        from cryptography.exceptions import InvalidTag

        start = len(_FORMAT) + _NONCE_BYTES
        if blob[: len(_FORMAT)] != _FORMAT or len(blob) < start + _TAG_BYTES:
            raise VaultError("not a sealed blob")
        try:
            return self._aead().decrypt(blob[len(_FORMAT) : start], blob[start:], _FORMAT + context)
        except InvalidTag:
            raise VaultError("the blob was changed or sealed elsewhere") from None

    def fingerprint(self, data: bytes) -> bytes:
        """A keyed digest (32 bytes): the same for the same data, guessable by nobody without the key."""
        return hmac.digest(self._fingerprint_key, data, hashlib.sha256)

    def _aead(self) -> AESGCM:
        if self._cipher is None:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # late: it is slow to import

            self._cipher = AESGCM(self._cipher_key)
        return self._cipher


def new_key() -> bytes:
    """A random key for a new customer."""
    return secrets.token_bytes(KEY_BYTES)

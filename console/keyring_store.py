"""Secrets in the keyring of the operating system: one item per connection, one with the customer's key."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from console.keyring_backend import LIMIT, Backend, Bounded, asked, os_backend, refuse_locked
from console.keyring_state import KeyringError, KeyringState
from console.paths import customer_dir
from console.store.atomic import write_atomically
from console.store.places import customer_folder
from console.store.vault import KEY_BYTES, Vault, VaultError, new_key

T = TypeVar("T")

USER = "einzug"
ITEM_LIMIT = 1200
"""Characters an item may have; Windows holds about 1,250."""


class KeyringSecrets:
    """Keeps secrets per customer, partner and environment. Every method raises KeyringError.

    What does not fit into an item lies in a file of the customer's folder, encrypted with the customer's key;
    the item then says so. ``backend`` replaces the keyring of the machine.
    """

    def __init__(
        self, data: Path, *, backend: Backend | None = None, source: str = "keyring", limit: float = LIMIT
    ) -> None:
        self.source = source
        self._data = data
        self._backend = backend
        self._bounded = Bounded(limit)

    def __repr__(self) -> str:
        return "KeyringSecrets()"

    def get(self, customer: str, partner: str, environment: str) -> dict[str, str]:
        """The fields that are stored, by name."""
        text = self._ask(lambda b: b.get_password(_service(customer, partner, environment), USER))
        if text is None:
            return {}
        item = _json(text)
        fields = item.get("fields")
        if item.get("file"):
            fields = _json(self._open_file(customer, partner, environment))
        if not isinstance(fields, dict) or not all(isinstance(v, str) for v in fields.values()):
            raise KeyringError(KeyringState.BROKEN, "item")
        return fields

    def set(self, customer: str, partner: str, environment: str, values: Mapping[str, str]) -> None:
        """Store these fields beside those that are there, and read back that they are."""
        fields = {**self.get(customer, partner, environment), **values}
        item = json.dumps({"fields": fields})
        in_file = len(item) > ITEM_LIMIT
        if in_file:
            self._seal_file(customer, partner, environment, json.dumps(fields))
            item = json.dumps({"file": True})
        self._store(_service(customer, partner, environment), item)
        if not in_file:
            self._file(customer, partner, environment).unlink(missing_ok=True)
        if self.get(customer, partner, environment) != fields:
            raise KeyringError(KeyringState.BROKEN, "read back")

    def forget(self, customer: str, partner: str, environment: str) -> None:
        """Remove everything stored for this connection; what is not there is no error."""
        self._remove(_service(customer, partner, environment))
        self._file(customer, partner, environment).unlink(missing_ok=True)

    def key(self, customer: str, *, create: bool = False) -> bytes | None:
        """The customer's encryption key (32 bytes), or None where there is none and none shall be made."""
        service = _service(customer)
        text = self._ask(lambda b: b.get_password(service, USER))
        if text is None and create:
            self._ask(lambda b: b.set_password(service, USER, base64.b64encode(new_key()).decode()))
            text = self._ask(lambda b: b.get_password(service, USER))  # another process may have been first
            if text is None:
                raise KeyringError(KeyringState.NULL)
        return None if text is None else _decoded(text)

    def forget_key(self, customer: str) -> None:
        """Remove the customer's key; whatever was encrypted with it can never be read again."""
        self._remove(_service(customer))

    def state(self) -> KeyringState:
        """How the keyring is, without storing anything and without raising."""
        try:
            self._ask(lambda b: b.get_password("einzug-probe", USER))
        except KeyringError as error:
            return error.state
        return KeyringState.OK

    def probe(self) -> KeyringState:
        """How the keyring is, tried with an item that is stored, read and removed again."""
        try:
            self._store("einzug-probe", "probe")
            self._remove("einzug-probe")
        except KeyringError as error:
            return error.state
        return KeyringState.OK

    def _store(self, service: str, text: str) -> None:
        self._ask(lambda b: b.set_password(service, USER, text))
        back = self._ask(lambda b: b.get_password(service, USER))
        if back is None:
            raise KeyringError(KeyringState.NULL)
        if back != text:
            raise KeyringError(KeyringState.BROKEN, "read back")

    def _remove(self, service: str) -> None:
        if self._ask(lambda b: b.get_password(service, USER)) is None:
            return
        self._ask(lambda b: b.delete_password(service, USER))
        if self._ask(lambda b: b.get_password(service, USER)) is not None:
            raise KeyringError(KeyringState.BROKEN, "delete")

    def _ask(self, call: Callable[[Backend], T]) -> T:
        return asked(self._bounded, lambda: self._with_backend(call))

    def _with_backend(self, call: Callable[[Backend], T]) -> T:
        if self._backend is None:
            self._backend = os_backend()
        refuse_locked(self._backend)
        return call(self._backend)

    def _file(self, customer: str, partner: str, environment: str) -> Path:
        return customer_folder(self._data, customer) / f"secrets.{partner}.{environment}"

    def _seal_file(self, customer: str, partner: str, environment: str, text: str) -> None:
        key = self.key(customer, create=True)
        if key is None:
            raise KeyringError(KeyringState.NULL)
        context = _service(customer, partner, environment).encode()
        customer_dir(self._data, customer)
        write_atomically(self._file(customer, partner, environment), Vault(key).seal(text.encode(), context))

    def _open_file(self, customer: str, partner: str, environment: str) -> str:
        key = self.key(customer)
        if key is None:
            raise KeyringError(KeyringState.BROKEN, "no key")
        context = _service(customer, partner, environment).encode()
        try:
            blob = self._file(customer, partner, environment).read_bytes()
            return Vault(key).open(blob, context).decode()
        except (OSError, VaultError, UnicodeDecodeError) as error:
            raise KeyringError(KeyringState.BROKEN, type(error).__name__) from None


def _service(*parts: str) -> str:
    return "/".join(("einzug", *parts))


def _json(text: str) -> dict[str, object]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise KeyringError(KeyringState.BROKEN, "item")
    return value


def _decoded(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyringError(KeyringState.BROKEN, "key")
    return key

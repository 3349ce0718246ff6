"""The credentials of a customer as the screens see them: names and origins, never a value.

A keyring may wait for a window that nobody sees: everything that asks it runs beside the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from console.cockpit import Cockpit
from console.connections import ERP, Connections
from console.credentials import SecretSource, variable
from console.errors import ConsoleError
from console.keyring_state import KeyringError
from console.names import credential_name
from console.threads import off_loop

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Credential:
    """One secret that a party wants. ``party`` is a partner's key or ``erp``, ``name`` what it is called.

    ``hint`` is the code of the text that says where the customer finds it, ``variable`` the environment
    variable that may hold it instead of the keyring.
    """

    party: str
    name: str
    environment: str
    field: str
    hint: str
    required: bool
    variable: str

    @property
    def called(self) -> str:
        """What people call it."""
        return credential_name(self.party, self.field)

    @property
    def key(self) -> str:
        """What names it among the others."""
        return f"{self.party}/{self.field}"


@dataclass(frozen=True, slots=True)
class Sources:
    """What the keyring told: where each credential (by its key) comes from, and what is wrong with it."""

    found: Mapping[str, SecretSource] = field(default_factory=dict)
    trouble: KeyringError | None = None


class CredentialShelf:
    """Which credentials a customer's parties want, where they come from, and how they are changed."""

    def __init__(self, cockpit: Cockpit) -> None:
        self._customer = cockpit.workspace.customer.key
        self._connections = cockpit.workspace.connections
        self.wanted = tuple(
            credential
            for key, name in cockpit.parties()
            for credential in _wanted(self._connections, self._customer, key, name)
        )

    def get(self, key: str | None) -> Credential | None:
        """The credential with this key."""
        return next((credential for credential in self.wanted if credential.key == key), None)

    async def read(self) -> Sources:
        """Ask the keyring. What is wrong with it is part of the answer."""
        return await _beside(self._read)

    async def store(self, credential: Credential, value: str) -> None:
        """Keep one value beside those that are there. Raises ConsoleError, OSError."""
        await _beside(lambda: self._connections.store_secret(credential.party, credential.field, value))

    async def forget(self, party: str) -> None:
        """Remove what is stored for a party. Raises ConsoleError, OSError."""
        await _beside(lambda: self._connections.forget_secrets(party))

    def _read(self) -> Sources:
        trouble: KeyringError | None = None
        found: dict[str, SecretSource] = {}
        try:
            self._connections.ask_keyring()
        except KeyringError as error:
            trouble = error
        for party in dict.fromkeys(credential.party for credential in self.wanted):
            try:
                sources = self._connections.secret_sources(party)
            except KeyringError as error:
                trouble = error
            else:
                found |= {f"{party}/{name}": source for name, source in sources.items()}
        return Sources(found, trouble)


def _wanted(connections: Connections, customer: str, key: str, name: str) -> tuple[Credential, ...]:
    try:
        fields, environment = connections.secret_fields(key)
    except ConsoleError:
        if key == ERP:
            return ()  # none is configured: the checks say so
        raise
    return tuple(
        Credential(key, name, environment, f.name, f.hint, f.required, variable(customer, key, f.name))
        for f in fields
    )


async def _beside(call: Callable[[], T]) -> T:
    return await off_loop(call, "keyring")

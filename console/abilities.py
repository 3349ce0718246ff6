"""What the connectors of this installation can do, told without connecting anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from connectors.contract import EntityInfo, Limits, Reader
from connectors.http import CallLog, Network
from connectors.partner import Connection, Partner, SecretField, Source
from connectors.registry import partner, partner_keys, source, source_keys

NOWHERE = "http://127.0.0.1"
"""The address of a connector that is asked about itself only."""


@dataclass(frozen=True, slots=True)
class Ability:
    """One connector: what it can do, how fast, and what it does not supply.

    ``limits`` are those without any settings. ``folder`` = what it supplies depends on the files in a folder,
    so that nothing can be said here. ``problem`` names the kind of error that kept it from being loaded.
    """

    key: str
    name: str
    capabilities: tuple[str, ...] = ()
    limits: Limits | None = None
    use_cases: tuple[str, ...] = ()
    entities: tuple[EntityInfo, ...] = ()
    folder: bool = False
    problem: str = ""


def abilities() -> tuple[Ability, ...]:
    """Every ERP source and every partner. Not to be called from inside an event loop."""
    return tuple(_all())


def _all() -> Iterator[Ability]:
    for key in source_keys():
        yield _guarded(f"erp.{key}", lambda key=key: _of_source(source(key)))  # type: ignore[misc]  # bound now
    for key in partner_keys():
        yield _guarded(key, lambda key=key: _of_partner(partner(key)))  # type: ignore[misc]  # bound now


def _guarded(key: str, ask: Callable[[], Ability]) -> Ability:
    """A connector of a third party may fail in any way; support wants to see which one, and how."""
    try:
        return ask()
    except Exception as error:  # noqa: BLE001 - as above
        return Ability(key, key, problem=type(error).__name__)


def _of_source(kind: Source) -> Ability:
    key = f"erp.{kind.key}"
    if kind.place == "folder":
        return Ability(key, kind.name, folder=True)
    return asyncio.run(_asked(Ability(key, kind.name), lambda: kind.connect(_nowhere(key, kind))))


def _of_partner(found: Partner) -> Ability:
    plain = Ability(found.key, found.name, use_cases=tuple(u.key for u in found.use_cases))
    return asyncio.run(_asked(plain, lambda: found.connect(_nowhere(found.key, found))))


async def _asked(plain: Ability, connect: Callable[[], Reader[Any]]) -> Ability:
    connector = connect()
    try:
        return Ability(
            plain.key,
            plain.name,
            tuple(sorted(connector.capabilities)),
            connector.limits(),
            plain.use_cases,
            connector.entities(),
        )
    finally:
        await connector.aclose()


def _nowhere(key: str, kind: Partner | Source) -> Connection:
    """A connection with empty credentials that nobody will use."""
    fields: tuple[SecretField, ...] = kind.secrets
    return Connection(
        customer="",
        partner=key,
        environment="practice",
        url=NOWHERE,
        secrets={field.name: "" for field in fields},
        options=kind.options(),
        network=Network(),
        log=CallLog(),
    )

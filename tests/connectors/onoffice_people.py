"""Made-up accounts of onOffice for the tests of its chain: people, objects, and who is linked with whom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from connectors.chains import ChainContext
from connectors.onoffice.contact_settings import ContactChainSettings
from connectors.onoffice.entities import BROKER, SYSTEM_USER
from connectors.onoffice.model import (
    Access,
    Address,
    BrokerKey,
    KeyState,
    LettingObject,
    Office,
    Standing,
    User,
)

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
FOUND = BrokerKey(KeyState.FOUND, BROKER)
ALL = Access(addresses=9, objects=9, users=True, log=True)
BOTH = (SYSTEM_USER, BROKER)


def person(id_: int, *types: str, **more: Any) -> Address:
    """An address; without types a system user who is a broker, with a default e-mail."""
    email = more.pop("email", f"p{id_}@example.org")
    emails = more.pop("emails", (email,) if email else ())
    return Address(id_, f"K{id_}", types or BOTH, email=email, emails=emails, name=f"Person {id_}", **more)


def login(id_: int, *addresses: int, standing: Standing = Standing.ACTIVE, **more: Any) -> User:
    """A user who bears these addresses."""
    return User(id_, f"user{id_}", standing, standing.value, addresses=addresses, **more)


def flat(id_: int, *brokers: int, persons: Iterable[int] = (), **more: Any) -> LettingObject:
    """A letting object with these brokers, and other persons beside them."""
    return LettingObject(id_, f"M-{id_}", brokers, tuple(dict.fromkeys((*brokers, *persons))), **more)


def office(
    *parts: Address | User | LettingObject,
    key: BrokerKey = FOUND,
    access: Access = ALL,
    firm: str = "Wohnbau",
) -> Office:
    """An account. Every address gets a user of its own unless users are given."""
    addresses = [one for one in parts if isinstance(one, Address)]
    users = [one for one in parts if isinstance(one, User)]
    users = users or [login(one.id + 100, one.id) for one in addresses if one.system_user]
    return Office(
        {one.id: one for one in users},
        {one.id: one for one in addresses},
        tuple(one for one in parts if isinstance(one, LettingObject)),
        key,
        access,
        "Wohnbau",
    )


def chain_context(settings: ContactChainSettings | None = None, **more: Any) -> ChainContext:
    """What a chain may look at; the account itself is given apart."""
    nobody: Any = None
    return ChainContext(nobody, settings or ContactChainSettings(), NOON, **more)

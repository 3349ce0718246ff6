"""The use case ``contact-chain``: system users become brokers with a default e-mail (O2, O4), and every
letting object gets the one contact person that passes (O8), as onOffice itself and the settings tell.

Addresses are written before objects: somebody who is no broker yet cannot be linked (error 263).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from connectors.contract import (
    Connector,
    Deletes,
    Direction,
    EntityMapping,
    Equality,
    Field,
    Kind,
    Reader,
    Record,
    Skipped,
    Text,
    UseCase,
)
from connectors.onoffice.asking import Asking
from connectors.onoffice.choosing import Chooser, Undecided
from connectors.onoffice.contact_settings import ContactChainSettings
from connectors.onoffice.entities import ADDRESS, ESTATE
from connectors.onoffice.model import Address, LettingObject, Office
from connectors.onoffice.office import read_office
from connectors.onoffice.people import Flaw, flaws, planned

ADDRESS_MAPPING = EntityMapping(
    ADDRESS,
    (
        Field("contact_types", Kind.SET, "office.contact_types", "O2"),
        Field("email", Kind.TEXT, "office.default_email", "O4", Equality.EMPTY, personal=True),
    ),
)
ESTATE_MAPPING = EntityMapping(
    ESTATE, (Field("contact_persons", Kind.SET, "office.contact_person", "O8", Equality.EMPTY),)
)

KEY = "contact-chain"


async def desired_chain(
    source: Reader[Any], settings: ContactChainSettings
) -> AsyncIterator[Record | Skipped]:
    """What addresses and objects shall hold, or what a person has to decide first. Raises Failure."""
    office = await read_office(Asking(source), settings)
    for one in wanted(office, settings):
        yield one


async def actual_chain(target: Connector, settings: ContactChainSettings) -> AsyncIterator[Record]:
    """What the same addresses and objects hold. Raises Failure."""
    office = await read_office(Asking(target), settings)
    for address in taking_part(office):
        yield _held(address)
    for one in office.objects:
        yield Record(ESTATE, str(one.id), {"contact_persons": tuple(map(str, one.brokers))})


def wanted(office: Office, settings: ContactChainSettings) -> Iterator[Record | Skipped]:
    """What rules O1 to O8 ask of one account, computed from itself."""
    for address in taking_part(office):
        yield _address(address, office, settings)
    chooser = Chooser(office, settings)
    for one in office.objects:
        yield _object(one, office, chooser)


def taking_part(office: Office) -> Iterator[Address]:
    """The addresses of system users; those of technical users stay as they are (U4)."""
    for address in office.system_users:
        user = office.user_of(address.id)
        if user is None or not user.technical:
            yield address


def _held(address: Address) -> Record:
    fields = {"contact_types": address.contact_types, "email": address.email or None}
    return Record(ADDRESS, str(address.id), fields)


def _address(address: Address, office: Office, settings: ContactChainSettings) -> Record | Skipped:
    """An address with all that can be mended of it; where nothing can, what a person has to decide."""
    found = flaws(address, office, settings)
    if ended := next((flaw for flaw in (Flaw.ARCHIVED, Flaw.USER_ENDED) if flaw in found), None):
        return _skip(ADDRESS, address.id, "O1", f"skip_{ended}")
    mended = planned(address, office, settings)
    if mended != address:
        if office.access.may_write_address(address.id):
            return _held(mended)
        return _skip(ADDRESS, address.id, "O2", "skip_locked")
    if Flaw.KEY_UNUSABLE in found:
        return _skip(ADDRESS, address.id, "O3", f"skip_key_{office.key.state}")
    open_ = next((flaw for flaw in (Flaw.NO_EMAIL, Flaw.NOT_DEFAULT, Flaw.BAD_EMAIL) if flaw in found), None)
    return _skip(ADDRESS, address.id, "O4", f"skip_{open_}") if open_ else _held(address)


def _object(one: LettingObject, office: Office, chooser: Chooser) -> Record | Skipped:
    """An object with its one contact person, or why nobody but a person can say who that is."""
    choice = chooser.choose(one)
    if isinstance(choice, Undecided):
        return _skip(ESTATE, one.id, "O8", f"skip_{choice.why}", count=len(choice.addresses))
    if one.brokers != (choice,) and not office.access.may_write_object(one.id):
        return _skip(ESTATE, one.id, "O8", "skip_locked")
    return Record(ESTATE, str(one.id), {"contact_persons": (str(choice),)})


def _skip(entity: str, id_: int, rule: str, why: str, **args: str | int) -> Skipped:
    return Skipped(entity, str(id_), rule, Text(f"onoffice.{why}", args))


CONTACT_CHAIN: UseCase[ContactChainSettings] = UseCase(
    key=KEY,
    direction=Direction.WITHIN,
    settings=ContactChainSettings,
    mappings=lambda settings: (ADDRESS_MAPPING, ESTATE_MAPPING),
    deletes=Deletes.NEVER,
    desired=desired_chain,
    actual=actual_chain,
    owns=lambda entity, id_, settings: False,
    filters=("marketing", "reserved", "rented", "base_objects"),
)

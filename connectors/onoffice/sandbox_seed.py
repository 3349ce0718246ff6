"""Fills the onOffice sandbox with the letting office of the practice company."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from connectors.onoffice.sandbox_backstage import transmit
from connectors.onoffice.sandbox_configuration import Configuration
from connectors.onoffice.sandbox_world import (
    ACTIVE,
    ARCHIVED,
    Address,
    Entry,
    Estate,
    Mailbox,
    Portal,
    World,
    told,
)
from connectors.sandbox.clock import Clock
from connectors.sandbox.company_office import (
    COMPANY_EMAIL,
    Office,
    OfficeAddress,
    OfficeEstate,
    OfficeUser,
)

PORTALS = (
    ("Wohnportal Beispiel", "immobilienscout24_system", True),
    ("Anzeigenmarkt Muster", "Immobilienportal", True),
    ("Immowelt Übung", "Immobilienportal", False),
)
_COMPANY = {
    "title": "",
    "firstname": "",
    "lastname": "",
    "firma": "Wohnbau Musterstadt eG",
    "street": "Lindenweg 1",
}


def fill(office: Office, clock: Clock, seed: int) -> World:
    """The customer's onOffice, as the office says; what was transmitted is at the portals."""
    world = World(
        clock,
        token=_secret("token", seed)[:32],
        secret=_secret("secret", seed),
        company={**_COMPANY, "postcode": "99998", "city": "Musterstadt", "email": COMPANY_EMAIL},
        api_user=office.api_user,
        quota=1 + sum(box.booking for box in office.mailboxes),  # one place is free
        configuration=Configuration(),
    )
    world.users = {user.nr: _user(world, user) for user in office.users}
    world.addresses = {one.id: _address(world, one) for one in office.addresses}
    world.estates = {one.id: _estate(world, one) for one in office.estates}
    world.mailboxes = {box.address: Mailbox(box.address, box.kind, box.booking) for box in office.mailboxes}
    world.portals = [Portal(at, *portal) for at, portal in enumerate(PORTALS, 1)]
    for days in sorted({one.sent_days for one in office.estates if one.sent_days is not None}, reverse=True):
        sent = [one.id for one in office.estates if one.sent_days == days and one.active]
        transmit(world, sent, at=_days_ago(world, days))
    return world


def _days_ago(world: World, days: int) -> datetime:
    """A morning, so that two sandboxes of one day are alike."""
    return world.now().replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=days)


def _secret(purpose: str, seed: int) -> str:
    """64 characters that follow from the seed."""
    return hashlib.sha256(f"onoffice {purpose} {seed}".encode()).hexdigest()


def _user(world: World, user: OfficeUser) -> dict[str, str]:
    assumed = world.assumptions
    return {
        "Nr": str(user.nr),
        "Name": user.login,
        "Vorname": user.first_name,
        "Nachname": user.last_name,
        "Kuerzel": (user.first_name[:1] + user.last_name[:1]).upper(),
        "email": user.email,
        "Emailname": f"{user.first_name} {user.last_name}".strip(),
        "adrId:adressen.ID": str(user.address or 0),
        "online": assumed.user_online if user.active else assumed.user_offline,
        "usesAccount:account.id": "1",
    }


def _address(world: World, one: OfficeAddress) -> Address:
    values = {
        "KdNr": str(one.customer_number),
        "Vorname": one.first_name,
        "Name": one.last_name,
        "Status2Adr": ARCHIVED if one.archived else ACTIVE,
        "Status": "0" if one.archived else "1",
        "Benutzer": one.user,
        "Aenderung": told(_days_ago(world, 30)),
        "homepage_veroeffentlichen": "0",
    }
    entries = [Entry(entry.id, entry.kind, entry.value, entry.default) for entry in one.emails]
    return Address(one.id, values, list(one.contact_types), entries)


def _estate(world: World, one: OfficeEstate) -> Estate:
    changed = told(_days_ago(world, one.changed_days))
    values = {
        "Id": str(one.id),
        "objektnr_extern": one.number,
        "objekttitel": one.title,
        "objektart": "wohnung" if one.flat else "sonstige",
        "vermarktungsart": one.marketing,
        "status": "1" if one.active else "0",
        "status2": "status2obj_aktiv" if one.active else "status2obj_inaktiv",
        "verkauft": str(int(one.let)),
        "reserviert": str(int(one.reserved)),
        "vermietet": str(int(one.let)),
        "stammobjekt": str(int(one.base)),
        "veroeffentlichen": "0",
        "benutzer": str(min(world.users)),
        "strasse": one.street,
        "hausnummer": one.house_number,
        "plz": one.postal_code,
        "ort": one.city,
        "kaltmiete": one.rent,
        "nettokaltmiete": one.rent,
        "anzahl_zimmer": one.rooms,
        "wohnflaeche": one.area,
        "erstellt_am": changed,
        "geaendert_am": changed,
    }
    return Estate(one.id, values, list(one.contacts))

"""What happens behind the onOffice sandbox and never shows there: transmissions, portals, mailboxes.

The control API alone reaches it: ``POST /objects/onoffice/ENTITY`` acts as a person at onOffice, an applicant
at a portal, or the administrator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from connectors.onoffice.sandbox_world import (
    ACTIVE,
    BOOKABLE,
    Address,
    Entry,
    Estate,
    Mail,
    Mailbox,
    Portal,
    World,
    told,
)


def transmit(world: World, ids: Sequence[int], at: datetime | None = None) -> dict[str, Any]:
    """Send estates to every active portal. The first broker with an e-mail is the contact that they are told;
    where there is none it is the company. Raises KeyError."""
    moment = at or world.now()
    for id_ in ids:
        estate = world.estates[id_]
        contact = _contact(world, estate)
        for portal in world.portals:
            if portal.active:
                portal.listings[id_] = {
                    **contact,
                    "at": told(moment),
                    "number": estate.values["objektnr_extern"],
                }
        world.jobs[900 + len(world.jobs)] = id_
        entry = world.enter(
            world.assumptions.transfer_kind, world.assumptions.transfer_type, estates=[id_], addresses=[]
        )
        entry.at = moment
        world.note("portal", "export", id_)
    return {"transmitted": len(ids)}


def _contact(world: World, estate: Estate) -> dict[str, Any]:
    brokers = [world.addresses[id_] for id_ in world.brokers(estate)]
    broker = next((one for one in brokers if not one.archived and one.main), None)
    if broker is None:
        return {"email": world.company["email"], "address": None}
    return {"email": broker.main, "address": broker.id}


def enquire(world: World, data: Mapping[str, Any]) -> dict[str, Any]:
    """An applicant writes at a portal; the mail goes to the contact that is stored there. Raises KeyError,
    ValueError."""
    portal = _portal(world, data)
    estate = int(data["estate"])
    if estate not in portal.listings:
        raise ValueError(f"{portal.name} does not show the estate {estate}")
    sender, text = (
        str(data.get("email", "bewerberin@example.org")),
        str(data.get("text", "Ist sie noch frei?")),
    )
    mail = Mail(
        world.now(), sender, f"Anfrage zu {portal.listings[estate]['number']}", text, estate, portal.name
    )
    return _deliver(world, portal.listings[estate]["email"], mail, portal.origin)


def send_mail(world: World, data: Mapping[str, Any]) -> dict[str, Any]:
    """Anybody writes to a mailbox."""
    mail = Mail(world.now(), str(data["from"]), str(data.get("subject", "Test")), str(data.get("text", "")))
    return _deliver(world, str(data["to"]), mail, "")


def open_mail(world: World, data: Mapping[str, Any]) -> dict[str, Any]:
    """Somebody opens the last mail of a mailbox, which books it whatever the mailbox does by itself."""
    box = world.mailboxes[str(data["mailbox"])]
    if not box.mails:
        raise ValueError("there is no mail in it")
    mail = box.mails[-1]
    mail.opened = True
    if not mail.booked:
        _book(world, mail, "", 0.0)
    return asdict(mail)


def _deliver(world: World, address: str, mail: Mail, origin: str) -> dict[str, Any]:
    """Put a mail into the mailbox with this address, if it is one of the customer's."""
    box = world.mailboxes.get(address)
    if box is None:
        return {"mailbox": address, "arrived": False, "booked": False}
    box.mails.append(mail)
    if box.booking and box.active and box.kind in BOOKABLE:
        _book(world, mail, origin, world.assumptions.booking_s)
    return {"mailbox": address, "arrived": True, "booked": mail.booked}


def _book(world: World, mail: Mail, origin: str, seconds: float) -> None:
    """Enter the mail into the activity log; a sender whom nobody knows becomes an address."""
    mail.booked = True
    senders = [a for a in world.addresses.values() if mail.sender in (entry.value for entry in a.entries)]
    sender = senders[0] if senders else _newcomer(world, mail.sender, origin)
    estates = [] if mail.estate is None else [mail.estate]
    world.enter(
        "Email",
        "Eingang",
        after=timedelta(seconds=seconds),
        estates=estates,
        addresses=[sender.id],
        note=f"{mail.subject}\n{mail.text}",
        origin=origin,
    )


def _newcomer(world: World, email: str, origin: str) -> Address:
    id_ = max(world.addresses) + 1
    values = {
        "KdNr": str(id_ - 9_300), "Vorname": "", "Name": email.partition("@")[0], "Status2Adr": ACTIVE,
        "Status": "1", "Benutzer": "", "Aenderung": told(world.now()), "HerkunftKontakt": origin,
        "homepage_veroeffentlichen": "0",
    }  # fmt: skip
    entries = [Entry(id_, "email", email, default=True)]
    world.addresses[id_] = Address(id_, values, ["Interessent Miete"], entries)
    return world.addresses[id_]


def set_mailbox(world: World, data: Mapping[str, Any]) -> dict[str, Any]:
    """Make or change a mailbox: ``kind``, ``booking``, ``active``; booking needs a place of the quota.

    Raises ValueError.
    """
    address = str(data["address"])
    box = world.mailboxes.setdefault(address, Mailbox(address, "onoffice", booking=False))
    if data.get("booking") and not box.booking and free(world) < 1:
        raise ValueError("no free quota for automatic mail booking")
    box.kind = str(data.get("kind", box.kind))
    box.booking = bool(data.get("booking", box.booking))
    box.active = bool(data.get("active", box.active))
    return {"address": address, "kind": box.kind, "booking": box.booking, "active": box.active}


def free(world: World) -> int:
    """Places of the quota that nobody uses."""
    return world.quota - sum(box.booking for box in world.mailboxes.values())


def set_portal(world: World, data: Mapping[str, Any]) -> dict[str, Any]:
    """Switch a portal on or off."""
    portal = _portal(world, data)
    portal.active = bool(data.get("active", portal.active))
    return {"name": portal.name, "active": portal.active}


def _portal(world: World, data: Mapping[str, Any]) -> Portal:
    """The portal that is named, else the first one. Raises KeyError."""
    name = data.get("portal")
    found = next((portal for portal in world.portals if name in (None, portal.name, portal.id)), None)
    if found is None:
        raise KeyError(name)
    return found

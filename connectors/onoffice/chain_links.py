"""The links of one letting object, judged in their order until one does not hold (rules O1 to O10). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from connectors.chains import ChainContext, ChainRow, Confirmation, Hand, Link, LinkState, LinkVerdict
from connectors.contract import Text
from connectors.onoffice import findings
from connectors.onoffice.choosing import Chooser, Undecided
from connectors.onoffice.evidence import Evidence
from connectors.onoffice.mailboxes import guess, mailbox
from connectors.onoffice.model import Address, LettingObject, Office
from connectors.onoffice.people import Flaw, flaws, mendable, wanted_email

CONTACT, SYSTEM_USER, BROKER, EMAIL = "contact", "system_user", "broker", "email"
BOOKING, TRANSMITTED, SEEN = "booking", "transmitted", "seen"

LINKS = (
    Link(CONTACT, ("O8",)),
    Link(SYSTEM_USER, ("O1",)),
    Link(BROKER, ("O2", "O3")),
    Link(EMAIL, ("O4",)),
    Link(BOOKING, ("O5", "O6", "O7"), "onoffice_agent.booking"),
    Link(TRANSMITTED, ("O9",), "onoffice_agent.transmitted"),
    Link(SEEN, ("O10",), "onoffice_agent.seen"),
)

_AT: Mapping[Flaw, str] = {
    Flaw.ARCHIVED: SYSTEM_USER,
    Flaw.STANDING_UNTOLD: SYSTEM_USER,
    Flaw.TYPES_UNTOLD: SYSTEM_USER,
    Flaw.NOT_SYSTEM_USER: SYSTEM_USER,
    Flaw.UNTYPED: SYSTEM_USER,
    Flaw.NO_USER: SYSTEM_USER,
    Flaw.USER_ENDED: SYSTEM_USER,
    Flaw.USERS_UNREAD: SYSTEM_USER,
    Flaw.USER_WORDS: SYSTEM_USER,
    Flaw.KEY_UNUSABLE: BROKER,
    Flaw.NOT_BROKER: BROKER,
    Flaw.NO_EMAIL: EMAIL,
    Flaw.NOT_DEFAULT: EMAIL,
    Flaw.BAD_EMAIL: EMAIL,
}
"""The link at which a flaw of the contact person shows."""

_FIX_OF: Mapping[str, str] = {
    "no_contact": findings.NO_CONTACT.key,
    "several_contacts": findings.SEVERAL_CONTACTS.key,
    "several_outsiders": findings.NO_BROKER.key,
    "untold": findings.NO_BROKER.key,
    Flaw.ARCHIVED: findings.ENDED_CONTACT.key,
    Flaw.USER_ENDED: findings.ENDED_CONTACT.key,
    Flaw.NOT_SYSTEM_USER: findings.OUTSIDE_CONTACT.key,
    Flaw.UNTYPED: findings.OUTSIDE_CONTACT.key,
    Flaw.NO_USER: findings.OUTSIDE_CONTACT.key,
}
"""The check whose fix links somebody else, by what stands against whom is linked now."""

_UNTOLD: Mapping[Flaw, Hand] = {
    Flaw.STANDING_UNTOLD: Hand.ADMINISTRATOR,
    Flaw.TYPES_UNTOLD: Hand.ADMINISTRATOR,
    Flaw.USERS_UNREAD: Hand.ADMINISTRATOR,
    Flaw.USER_WORDS: Hand.CONSULTANT,
}
"""Flaws that say only that something cannot be known, and who can change that."""

_BY_HAND: Mapping[Flaw, Hand] = {
    Flaw.KEY_UNUSABLE: Hand.SUPPORT,
    Flaw.NOT_BROKER: Hand.ADMINISTRATOR,
    Flaw.NO_EMAIL: Hand.CONSULTANT,
    Flaw.NOT_DEFAULT: Hand.CONSULTANT,
    Flaw.BAD_EMAIL: Hand.CONSULTANT,
}
"""Who mends a flaw of an address that Einzug does not."""

_REFUSED: Mapping[str, Hand] = {"quota": Hand.SALES, "kind": Hand.SUPPORT, "": Hand.ADMINISTRATOR}
"""Who helps where the tick of a mailbox is not set, by what stands against it."""


class Judge:
    """Judges the objects of one office by what is known of them."""

    def __init__(self, office: Office, evidence: Evidence, context: ChainContext) -> None:
        self._office = office
        self._evidence = evidence
        self._context = context
        self._settings = context.settings
        self._chooser = Chooser(office, context.settings)
        self._flaws = {one.id: flaws(one, office, context.settings) for one in office.addresses.values()}

    def row(self, one: LettingObject) -> ChainRow:
        """The object with all its links; after one that does not hold none is judged."""
        links = [self._contact(one)]
        address = self._office.addresses.get(one.linked[0]) if one.linked else None
        for link in LINKS[1:]:
            if links[-1].state is LinkState.OK and address is not None:
                links.append(self._judged(link.key, one, address))
            else:
                links.append(LinkVerdict(link.key, LinkState.AFTER))
        concerned = address.name if address and links[0].state is LinkState.OK else ""
        return ChainRow(str(one.id), one.number, tuple(links), concerned)

    def _judged(self, link: str, one: LettingObject, address: Address) -> LinkVerdict:
        if link == BOOKING:
            return self._booking(mailbox(address.email))
        if link in (TRANSMITTED, SEEN):
            return self._by_person(link, one, address)
        here = (flaw for flaw in self._flaws[address.id] if _AT[flaw] == link)
        flaw = next(here, None)
        return LinkVerdict(link, LinkState.OK) if flaw is None else self._flawed(link, flaw, one, address)

    def _contact(self, one: LettingObject) -> LinkVerdict:
        """O8: one contact person, of whom something can be said."""
        if len(one.linked) == 1:
            address = self._office.addresses.get(one.linked[0])
            if address is not None and address.broker and not one.brokers:  # linked, but not as a broker
                args: dict[str, str | int] = {"address": address.id, "number": address.number}
                return self._choose_anew(CONTACT, one, "untold", Text("onoffice.flaw_untold", args), "")
            if address is not None:
                return LinkVerdict(CONTACT, LinkState.OK)
            return LinkVerdict(
                CONTACT,
                LinkState.UNKNOWN,
                Text("onoffice.flaw_unreadable", {"address": one.linked[0]}),
                Text("onoffice.repair_unreadable"),
                Hand.ADMINISTRATOR,
                "unreadable",
            )
        why = "no_contact" if not one.linked else "several_contacts" if one.brokers else "several_outsiders"
        return self._choose_anew(CONTACT, one, why, Text(f"onoffice.flaw_{why}"), "")

    def _choose_anew(self, link: str, one: LettingObject, why: str, reason: Text, cause: str) -> LinkVerdict:
        """Somebody else has to become the contact person: by a plan, or by a person's decision."""
        choice = self._chooser.choose(one)
        if isinstance(choice, Undecided):
            repair, hand, how = Text(f"onoffice.decide_{choice.why}"), Hand.CONSULTANT, choice.why
        elif not self._office.access.may_write_object(one.id):
            repair, hand, how = Text("onoffice.repair_objects_locked"), Hand.ADMINISTRATOR, "locked"
        else:
            repair, hand, how = Text("onoffice.repair_contact"), Hand.CONSOLE, "plan"
        fix = _FIX_OF[why] if hand is Hand.CONSOLE else ""
        return LinkVerdict(link, LinkState.BROKEN, reason, repair, hand, f"{why}:{cause}:{how}", fix=fix)

    def _flawed(self, link: str, flaw: Flaw, one: LettingObject, address: Address) -> LinkVerdict:
        """A flaw of the contact person, which all objects with the same person share."""
        user = self._office.user_of(address.id)
        words = {"words": user.words} if flaw is Flaw.USER_WORDS and user else {}
        args: dict[str, str | int] = {"address": address.id, "number": address.number, **words}
        reason = Text(f"onoffice.flaw_{flaw}", args)
        cause = f"{flaw}:{address.id}"
        if flaw in _UNTOLD:
            repair, told = Text(f"onoffice.repair_{flaw}", words), ":".join((flaw, *words.values()))
            return LinkVerdict(link, LinkState.UNKNOWN, reason, repair, _UNTOLD[flaw], told)
        if link == SYSTEM_USER:
            return self._choose_anew(link, one, flaw, reason, str(address.id))
        if flaw is Flaw.KEY_UNUSABLE:
            cause = f"{flaw}:{self._office.key.state}"
            reason = Text(f"onoffice.key_{self._office.key.state}", {"label": self._office.key.label})
        hand, fix = self._hand(flaw, address)
        suffix = "_plan" if fix else ""
        if flaw is Flaw.NOT_BROKER and user and user.technical:
            hand, suffix = Hand.CONSULTANT, "_technical"
        repair = Text(f"onoffice.repair_{flaw}{suffix}", args)
        return LinkVerdict(link, LinkState.BROKEN, reason, repair, hand, cause, fix=fix)

    def _hand(self, flaw: Flaw, address: Address) -> tuple[Hand, str]:
        """Who mends a flaw of an address, and the check whose fix does it."""
        may = mendable(address, self._office)
        if may and flaw is Flaw.NOT_BROKER:
            return Hand.CONSOLE, findings.BROKER_FLAG.key
        if may and flaw is Flaw.NOT_DEFAULT and wanted_email(address, self._settings):
            return Hand.CONSOLE, findings.EMAIL.key
        return _BY_HAND[flaw], ""

    def _booking(self, email: str) -> LinkVerdict:
        """O5: a person has seen the tick of this mailbox; it counts for every object that leads there."""
        said = self._context.confirmation(BOOKING, email)
        if said is not None and said.holds:
            return LinkVerdict(BOOKING, LinkState.OK, subject=email)
        if said is None:
            reason = Text(f"onoffice.booking_open_{guess(email)}")
            repair, hand, state = (
                Text("onoffice.repair_booking_look"),
                Hand.ADMINISTRATOR,
                LinkState.UNCONFIRMED,
            )
        else:
            against = _against(said)
            hand, state = _REFUSED[against], LinkState.BROKEN
            reason = Text("onoffice.booking_refused")
            repair = Text(f"onoffice.repair_booking_{against or 'tick'}")
        return LinkVerdict(BOOKING, state, reason, repair, hand, email, email)

    def _by_person(self, link: str, one: LettingObject, address: Address) -> LinkVerdict:
        """O9, O10: a person has transmitted the object, or seen it at the portal, since the last change."""
        subject = str(one.id)
        said = self._context.confirmed.get((link, subject))
        changed = self._last_change(one, address)
        if said is not None and said.holds and (changed is None or said.at > changed):
            return LinkVerdict(link, LinkState.OK, subject=subject)
        if said is not None and not said.holds:
            state, why = LinkState.BROKEN, "denied"
        elif said is not None:
            state, why = LinkState.UNCONFIRMED, "outdated"
        else:
            hint = self._evidence.hint(one.id, changed) if link == TRANSMITTED else "open"
            state, why = LinkState.UNCONFIRMED, hint
        return LinkVerdict(
            link,
            state,
            Text(f"onoffice.{link}_{why}"),
            Text(f"onoffice.repair_{link}"),
            Hand.CONSULTANT,
            why,
            subject,
        )

    def _last_change(self, one: LettingObject, address: Address) -> datetime | None:
        """When the object or its contact person was last changed, by Einzug or in onOffice itself."""
        ours = self._context.written(("estate", str(one.id)), ("address", str(address.id)))
        return max(filter(None, (ours, one.changed, address.changed)), default=None)


def _against(said: Confirmation) -> str:
    """What a person found to stand against the tick: no quota, the kind of mailbox, or nothing special."""
    if said.values.get("quota") in ("0", "none"):
        return "quota"
    return "kind" if said.values.get("kind") == "external" else ""

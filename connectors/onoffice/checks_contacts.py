"""Contact persons of letting objects (rule O8; C0 to C5), and what only a person can see (O5, O6, O7, O9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connectors.contract import Finding, Text, Verdict
from connectors.findings import Topic
from connectors.onoffice import findings
from connectors.onoffice.choosing import Chooser, Undecided
from connectors.onoffice.contact_settings import ContactChainSettings
from connectors.onoffice.evidence import Evidence
from connectors.onoffice.inspecting import judged, of_address, of_object, say
from connectors.onoffice.mailboxes import MailboxKind, guess, mailbox
from connectors.onoffice.model import Address, LettingObject, Office
from connectors.onoffice.people import Flaw, flaws, passes, planned

Holds = Callable[[LettingObject], bool]
"""Whether something is wrong with an object's contact persons."""


def contacts(office: Office, settings: ContactChainSettings) -> Finding:
    """C5: how many objects have the one contact person who passes."""
    well = {id_ for id_, one in office.addresses.items() if not flaws(one, office, settings)}
    good = sum(len(one.brokers) == 1 and one.brokers[0] in well for one in office.objects)
    count = len(office.objects)
    verdict = Verdict.OK if good == count and count else Verdict.WARN
    code = "contacts_none" if not count else "contacts_well" if good == count else "contacts_left"
    return findings.CONTACTS.finding(
        verdict, f"onoffice.{code}", concerned=count - good, good=good, objects=count
    )


def _objects(
    topic: Topic, verdict: Verdict, code: str, holds: Holds, office: Office, settings: ContactChainSettings
) -> Finding:
    """The objects of which something holds, each with what a plan would do about it."""
    chooser = Chooser(office, settings)
    wrong = [
        of_object(f"{code}_{_how(chooser, one)}", one, count=len(one.linked))
        for one in office.objects
        if holds(one)
    ]
    return judged(topic, verdict, wrong, checked=len(office.objects))


def _how(chooser: Chooser, one: LettingObject) -> str:
    """Whether a plan links somebody, or a person has to decide."""
    return "open" if isinstance(chooser.choose(one), Undecided) else "planned"


def no_contact(office: Office, settings: ContactChainSettings) -> Finding:
    """C0: without anybody the company's data go out. Where it is all of them, perhaps a right is missing."""
    topic, code = findings.NO_CONTACT, "object_no_contact"
    found = _objects(topic, Verdict.FAIL, code, lambda one: not one.linked, office, settings)
    if found.count and found.count == len(office.objects) > 1:
        return topic.finding(Verdict.FAIL, "onoffice.no_contact_anywhere", found.details, found.count)
    return found


def no_broker(office: Office, settings: ContactChainSettings) -> Finding:
    """C1: somebody is linked, but nobody who is a broker: the portals are not told."""
    topic, code = findings.NO_BROKER, "object_no_broker"
    return _objects(
        topic, Verdict.FAIL, code, lambda one: bool(one.persons and not one.brokers), office, settings
    )


def several_contacts(office: Office, settings: ContactChainSettings) -> Finding:
    """C2: which of several goes out is not documented."""
    topic, code = findings.SEVERAL_CONTACTS, "object_several"
    return _objects(topic, Verdict.WARN, code, lambda one: len(one.brokers) > 1, office, settings)


def contact_email(office: Office, settings: ContactChainSettings) -> Finding:
    """C3: the contact person has no default e-mail to which enquiries could go."""
    bad = (Flaw.NO_EMAIL, Flaw.NOT_DEFAULT, Flaw.BAD_EMAIL)
    look = _Look(findings.CONTACT_EMAIL, Verdict.FAIL, bad, "contact_without_email")
    return _people(look, office, settings)


def ended_contact(office: Office, settings: ContactChainSettings) -> Finding:
    """C4: the contact person is archived, or its user deactivated: enquiries go into a dead mailbox."""
    untold = (Flaw.STANDING_UNTOLD, Flaw.USERS_UNREAD, Flaw.USER_WORDS)
    bad = (Flaw.ARCHIVED, Flaw.USER_ENDED)
    return _people(
        _Look(findings.ENDED_CONTACT, Verdict.FAIL, bad, "contact_ended", untold), office, settings
    )


def outside_contact(office: Office, settings: ContactChainSettings) -> Finding:
    """A broker who is no system user: allowed, but their mailbox is hardly one that onOffice books."""
    untold = (Flaw.TYPES_UNTOLD, Flaw.USERS_UNREAD)
    bad = (Flaw.NOT_SYSTEM_USER, Flaw.UNTYPED, Flaw.NO_USER)
    return _people(
        _Look(findings.OUTSIDE_CONTACT, Verdict.WARN, bad, "contact_outside", untold), office, settings
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """What a check looks for in contact persons: flaws that are bad, and those with which nobody can tell."""

    topic: Topic
    verdict: Verdict
    bad: tuple[Flaw, ...]
    code: str
    untold: tuple[Flaw, ...] = ()


def _people(look: _Look, office: Office, settings: ContactChainSettings) -> Finding:
    """The contact persons of whom it holds, each with how many objects they have. Whoever cannot be judged is
    named where nobody else is, for then nothing may be said to be good."""
    counts = Counter(id_ for one in office.objects for id_ in one.linked)
    found: list[Text] = []
    open_: list[Text] = []
    for id_, count in counts.most_common():
        address = office.addresses.get(id_)
        has = set(flaws(address, office, settings)) if address else set()
        if address and has & set(look.bad):
            found.append(of_address(look.code, address, count=count))
        elif not address or has & set(look.untold):
            open_.append(say("contact_open", address=id_, count=count))
    if open_ and not found:
        return look.topic.finding(Verdict.MANUAL, "onoffice.contacts_open", open_)
    return judged(look.topic, look.verdict, found, checked=len(office.objects))


def mailboxes_of(office: Office, settings: ContactChainSettings) -> Mapping[str, Address]:
    """The mailboxes that enquiries go to once the plan is written: of the contact persons who pass, each with
    one of them."""
    linked = {id_ for one in office.objects for id_ in one.linked}
    people = (office.addresses[id_] for id_ in sorted(linked & office.addresses.keys()))
    fit = (one for one in people if passes(one, office, settings))
    return {mailbox(planned(one, office, settings).email): one for one in fit}


def booking(office: Office, settings: ContactChainSettings) -> Finding:
    """O5: the tick of each of these mailboxes has to be seen by a person."""
    found = mailboxes_of(office, settings)
    details = [of_address("mailbox_of", one) for one in found.values()]
    return findings.BOOKING.finding(Verdict.MANUAL, "onoffice.booking_look", details, len(found))


def quota(office: Office, settings: ContactChainSettings) -> Finding:
    """O6: how many mailboxes need a place of the quota; how many are free only a person can see."""
    needed = sum(guess(name) is not MailboxKind.PRIVATE for name in mailboxes_of(office, settings))
    return findings.QUOTA.finding(Verdict.MANUAL, "onoffice.quota_needed", concerned=needed)


def mailbox_kind(office: Office, settings: ContactChainSettings) -> Finding:
    """O7: what the domains suggest of the kind of each mailbox; a guess, and said so."""
    found = mailboxes_of(office, settings)
    details = [of_address(f"mailbox_{guess(name)}", one) for name, one in found.items()]
    kinds = Counter(map(guess, found))
    counts = {kind.value: kinds[kind] for kind in MailboxKind}
    return findings.MAILBOX_KIND.finding(
        Verdict.MANUAL, "onoffice.mailbox_kinds", details, len(found), **counts
    )


def transmission(office: Office, evidence: Evidence) -> Finding:
    """O9: only a person can tell; onOffice's entries say which objects surely wait for a transfer."""
    hints = Counter(evidence.hint(one.id, one.changed) for one in office.objects)
    waiting: list[Text] = [
        of_object("object_pending", one)
        for one in office.objects
        if evidence.hint(one.id, one.changed) == "pending"
    ]
    return findings.TRANSMISSION.finding(
        Verdict.MANUAL,
        "onoffice.transmission_hints" if evidence.transfers else "onoffice.transmission_untold",
        waiting,
        pending=hints["pending"],
        supported=hints["supported"],
        open=hints["open"],
        portals=len(evidence.portals),
    )

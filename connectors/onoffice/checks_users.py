"""System users: who they are, whose address, whether broker, with which e-mail (rules O1 to O4; U1 to U5)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from connectors.contract import Finding, Text, Verdict
from connectors.onoffice import findings
from connectors.onoffice.contact_chain import taking_part
from connectors.onoffice.contact_settings import ContactChainSettings
from connectors.onoffice.inspecting import judged, of_address, of_user, say, users_unread
from connectors.onoffice.mailboxes import mailbox, private
from connectors.onoffice.model import Address, KeyState, Office, Standing, User
from connectors.onoffice.people import Flaw, flaws, wanted_email


def system_users(office: Office, settings: ContactChainSettings) -> Finding:
    """O1: who they are. An empty list counts only where other addresses can be read."""
    if office.key.state is KeyState.FIELD_OFF:
        return findings.SYSTEM_USERS.finding(Verdict.FAIL, "onoffice.key_field_off", concerned=0)
    found = office.system_users
    if not found:
        why = "system_users_none" if office.access.addresses else "system_users_unread"
        return findings.SYSTEM_USERS.finding(Verdict.FAIL, f"onoffice.{why}", concerned=0)
    archived = [one for one in found if one.standing is Standing.ENDED]
    ended = [one for one in found if _standing(office, one) is Standing.ENDED]
    shared = _shared_by_users(office)
    details = [
        *(of_address("address_archived", one) for one in archived),
        *(of_address("address_standing_untold", one) for one in found if one.standing is Standing.UNKNOWN),
        *(of_address("address_user_ended", one) for one in ended),
        *(of_address("address_shared", office.addresses[id_], users=n) for id_, n in shared.items()),
    ]
    return findings.SYSTEM_USERS.finding(
        Verdict.OK,
        "onoffice.system_users_found",
        details,
        len(found),
        archived=len(archived),
        ended=len(ended),
        shared=len(shared),
    )


def _standing(office: Office, address: Address) -> Standing | None:
    user = office.user_of(address.id)
    return user.standing if user else None


def _shared_by_users(office: Office) -> dict[int, int]:
    """Addresses that several users bear, with how many."""
    borne = Counter(id_ for user in office.users.values() for id_ in set(user.addresses))
    return {id_: count for id_, count in borne.items() if count > 1 and id_ in office.addresses}


def _people(office: Office) -> Iterator[User]:
    """Users that are persons."""
    return (user for user in office.users.values() if not user.technical)


def users_without_address(office: Office, settings: ContactChainSettings) -> Finding:
    """U1: an active user without an address can be no contact person."""
    if (unread := users_unread(findings.USERS_WITHOUT_ADDRESS, office)) is not None:
        return unread
    active = [user for user in _people(office) if user.standing is not Standing.ENDED]
    alone = (of_user("user_without_address", user) for user in active if not user.addresses)
    return judged(findings.USERS_WITHOUT_ADDRESS, Verdict.WARN, alone, checked=len(active))


def untyped_addresses(office: Office, settings: ContactChainSettings) -> Finding:
    """U2: a user's address without the contact type system user."""
    if (unread := users_unread(findings.UNTYPED_ADDRESSES, office)) is not None:
        return unread
    if office.key.state is KeyState.FIELD_OFF:
        return findings.UNTYPED_ADDRESSES.finding(Verdict.MANUAL, "onoffice.key_field_off", concerned=0)
    borne = [
        (user, address)
        for user in _people(office)
        for id_ in user.addresses
        if (address := office.addresses.get(id_)) is not None
    ]
    untyped = (of_address("address_untyped", one, user=user.id) for user, one in borne if not one.system_user)
    return judged(findings.UNTYPED_ADDRESSES, Verdict.WARN, untyped, checked=len(borne))


def ended_users(office: Office, settings: ContactChainSettings) -> Finding:
    """U3: a system user whose user is deactivated; worst where it is still the contact person of objects."""
    if (unread := users_unread(findings.ENDED_USERS, office)) is not None:
        return unread
    objects = Counter(id_ for one in office.objects for id_ in one.linked)
    found: list[Text] = []
    in_use = 0
    for address in office.system_users:
        user = office.user_of(address.id)
        if user is None:
            found.append(of_address("address_no_user", address, count=objects[address.id]))
            continue
        if user.standing is Standing.ACTIVE:
            continue
        in_use += objects[address.id] if user.standing is Standing.ENDED else 0
        code = "user_ended" if user.standing is Standing.ENDED else "user_words"
        found.append(of_address(code, address, words=user.words or "-", count=objects[address.id]))
    bad = Verdict.FAIL if in_use else Verdict.WARN
    return judged(findings.ENDED_USERS, bad, found, checked=len(office.system_users), objects=in_use)


def technical_users(office: Office, settings: ContactChainSettings) -> Finding:
    """U4: users that are no persons are left alone; the settings have to name them."""
    if (unread := users_unread(findings.TECHNICAL_USERS, office)) is not None:
        return unread
    named = {login.casefold() for login in (*settings.technical_users, settings.api_user) if login}
    known = {user.login.casefold() for user in office.users.values()}
    left = [of_user("user_technical", user) for user in office.users.values() if user.technical]
    if not settings.api_user:
        return findings.TECHNICAL_USERS.finding(Verdict.WARN, "onoffice.technical_users_unnamed", left)
    if missing := named - known:
        return findings.TECHNICAL_USERS.finding(
            Verdict.WARN, "onoffice.technical_users_unknown", left, len(missing)
        )
    return findings.TECHNICAL_USERS.finding(Verdict.OK, "onoffice.technical_users_left", left)


def shared_addresses(office: Office, settings: ContactChainSettings) -> Finding:
    """U5: two users with one address."""
    if (unread := users_unread(findings.SHARED_ADDRESSES, office)) is not None:
        return unread
    shared = _shared_by_users(office)
    details = (of_address("address_shared", office.addresses[id_], users=n) for id_, n in shared.items())
    return judged(findings.SHARED_ADDRESSES, Verdict.WARN, details, checked=len(office.users))


_KEY_VERDICT = {KeyState.FOUND: Verdict.OK, KeyState.RENAMED: Verdict.OK}


def broker_key(office: Office, settings: ContactChainSettings) -> Finding:
    """O3: the key counts, not its label; a key of the customer's own that sounds like it is only named."""
    key = office.key
    details = [say("key_alike", key=one) for one in key.alike]
    if key.proven:
        details.insert(0, say("key_proven"))
    return findings.BROKER_KEY.finding(
        _KEY_VERDICT.get(key.state, Verdict.FAIL),
        f"onoffice.key_{key.state}",
        details,
        0 if key.usable else 1,
        label=key.label,
    )


def broker_flag(office: Office, settings: ContactChainSettings) -> Finding:
    """O2: every system user is a broker too."""
    people = list(taking_part(office))
    missing = [_no_broker(one, office) for one in people if not one.broker]
    return judged(findings.BROKER_FLAG, Verdict.FAIL, missing, checked=len(people))


def _no_broker(address: Address, office: Office) -> Text:
    """Whoever stands beside a broker of an object becomes its second one: that has to be known before."""
    beside = sum(bool(one.brokers) and address.id in one.persons for one in office.objects)
    return of_address("address_beside_broker" if beside else "address_no_broker", address, count=beside)


def email(office: Office, settings: ContactChainSettings) -> Finding:
    """O4: every system user has an e-mail, and it is the default entry."""
    people = list(taking_part(office))
    return judged(findings.EMAIL, Verdict.FAIL, _without_email(people, office, settings), checked=len(people))


def _without_email(
    people: Iterable[Address], office: Office, settings: ContactChainSettings
) -> Iterator[Text]:
    for address in people:
        for flaw in flaws(address, office, settings):
            if flaw is Flaw.NOT_DEFAULT:
                how = "planned" if wanted_email(address, settings) else "open"
                yield of_address(f"email_{flaw}_{how}", address, entries=len(address.emails))
            elif flaw in (Flaw.NO_EMAIL, Flaw.BAD_EMAIL):
                yield of_address(f"email_{flaw}", address)


def mailboxes(office: Office, settings: ContactChainSettings) -> Finding:
    """O4, O7: mailboxes of providers for private people, and mailboxes that several system users share."""
    sharers: defaultdict[str, list[Address]] = defaultdict(list)
    for address in taking_part(office):
        if address.email:
            sharers[mailbox(address.email)].append(address)
    details = [
        *(
            of_address("mailbox_private", one)
            for name, them in sharers.items()
            if private(name)
            for one in them
        ),
        *(
            of_address("mailbox_shared", them[0], count=len(them) - 1)
            for them in sharers.values()
            if len(them) > 1
        ),
    ]
    return judged(findings.MAILBOXES, Verdict.WARN, details, checked=len(sharers))

"""What is agreed with a customer for ``contact-chain``. Raises ValueError("field: what is wrong").

Ids are onOffice's record numbers (Datensatznummer), as plans and findings show them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from connectors.agreed import Ownership, check_owner
from connectors.spelling import is_email

LETTING = ("miete", "pacht")
"""The kinds of marketing that are letting (field ``vermarktungsart``)."""


@dataclass(frozen=True, slots=True)
class ContactChainSettings:
    """What was agreed for ``contact-chain``.

    In scope are active objects of these kinds of ``marketing``; those that are reserved, already let
    (``rented``) or base objects (``base_objects``) only where that is said. ``contact_persons`` (object to
    address) says who the contact person is; where neither it nor a rule decides, ``officer`` takes the own
    address of the object's user in charge, then ``contact`` is taken, else a person is asked. ``emails``
    (address to e-mail) says which entry shall be the default one. ``technical_users`` are logins of nobody,
    ``api_user`` is the one Einzug itself uses. What onOffice calls an active and an ended user is not
    documented: ``active_words`` and ``ended_words`` are what we take for it. ``transfer_kinds`` are the kinds
    of activity (``kind`` or ``kind/type``) that a transfer to a portal leaves behind; without them they are
    guessed by their names.
    """

    marketing: tuple[str, ...] = LETTING
    reserved: bool = True
    rented: bool = False
    base_objects: bool = False
    contact_persons: Mapping[str, str] = field(default_factory=dict)
    officer: bool = False
    contact: str = ""
    emails: Mapping[str, str] = field(default_factory=dict, repr=False)
    technical_users: tuple[str, ...] = ()
    api_user: str = ""
    active_words: tuple[str, ...] = ("1", "active", "aktiv", "approved")
    ended_words: tuple[str, ...] = (
        "0", "inactive", "deactivated", "permanently deactivated", "locked", "blocked", "deaktiviert",
        "gesperrt",
    )  # fmt: skip
    transfer_kinds: tuple[str, ...] = ()
    owner: Ownership = "einzug"

    def __post_init__(self) -> None:
        if not self.marketing or not set(self.marketing) <= set(LETTING):
            raise ValueError(f"marketing: one or both of {', '.join(LETTING)}")
        _check_ids("contact_persons", [*self.contact_persons, *self.contact_persons.values()])
        _check_ids("contact", [self.contact] if self.contact else [])
        _check_ids("emails", self.emails)
        if not all(map(is_email, self.emails.values())):
            raise ValueError("emails: every value is an e-mail address")
        if set(self.active_words) & set(self.ended_words):
            raise ValueError("active_words: none of them may be among ended_words")
        check_owner(self.owner)


def _check_ids(name: str, ids: Iterable[str]) -> None:
    """Record numbers of onOffice. Raises ValueError."""
    if not all(id_.isascii() and id_.isdigit() for id_ in ids):
        raise ValueError(f"{name}: record numbers of onOffice, digits only")

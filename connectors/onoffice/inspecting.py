"""How onOffice's checks name what they found: by the numbers people see in onOffice, never by a name."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.contract import Finding, Text, Verdict
from connectors.findings import Topic
from connectors.onoffice.model import Address, LettingObject, Office, User


def say(code: str, **args: str | int) -> Text:
    """A detail of a finding."""
    return Text(f"onoffice.{code}", args)


def of_address(code: str, address: Address, **args: str | int) -> Text:
    """A detail about an address: its customer number and its record number."""
    return say(code, number=address.number or "-", address=address.id, **args)


def of_object(code: str, one: LettingObject, **args: str | int) -> Text:
    """A detail about a letting object: its number and its record number."""
    return say(code, number=one.number, object=one.id, **args)


def of_user(code: str, user: User, **args: str | int) -> Text:
    """A detail about a user: the record number."""
    return say(code, user=user.id, **args)


def judged(topic: Topic, bad: Verdict, wrong: Iterable[Text], *, checked: int, **args: str | int) -> Finding:
    """``KEY_bad`` with everything that is wrong, or ``KEY_good``, of so many that were looked at; where there
    was nothing to look at, nothing is said to be good."""
    details = list(wrong)
    if not details and not checked:
        return topic.finding(Verdict.MANUAL, "onoffice.nothing_to_judge")
    name = topic.key.partition(".")[2]
    verdict, how = (bad, "bad") if details else (Verdict.OK, "good")
    return topic.finding(verdict, f"onoffice.{name}_{how}", details, None, checked=checked, **args)


def users_unread(topic: Topic, office: Office) -> Finding | None:
    """What a check of users says where they may not be read: only a person can tell."""
    return None if office.access.users else topic.finding(Verdict.MANUAL, "onoffice.users_unread")

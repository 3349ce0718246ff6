"""The people and firms of the seeded company."""

from __future__ import annotations

import unicodedata
from datetime import date
from random import Random

from connectors.housing import Person, PersonKind
from connectors.sandbox import names
from connectors.sandbox.company_model import Draft

FIRST_NUMBER = 700_100
_SPECIAL = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def add_person(draft: Draft, last_name: str | None = None) -> Person:
    """Append a natural person; members of one household share a last name."""
    rng = draft.rng
    female = rng.random() < 0.52
    first = rng.choice(names.FEMALE_NAMES if female else names.MALE_NAMES)
    last = last_name or rng.choice(names.LAST_NAME_HEADS) + rng.choice(names.LAST_NAME_TAILS)
    number = _number(draft)
    person = Person(
        id=draft.next_id(Person),
        number=number,
        salutation="Frau" if female else "Herr",
        title=rng.choice(names.TITLES) if rng.random() < 0.03 else None,
        first_name=first,
        last_name=last,
        birth_date=_birth_date(draft),
        emails=_emails(rng, f"{first}.{last}", number) if rng.random() < 0.65 else (),
        phones=_phones(rng),
        language=rng.choice(names.LANGUAGES),
    )
    draft.company.persons.append(person)
    return person


def add_firm(draft: Draft) -> Person:
    """Append a legal person."""
    rng = draft.rng
    name = (
        f"{rng.choice(names.COMPANY_HEADS)} {rng.choice(names.LAST_NAME_HEADS)}"
        f"{rng.choice(names.LAST_NAME_TAILS)} {rng.choice(names.COMPANY_TAILS)}"
    )
    number = _number(draft)
    person = Person(
        id=draft.next_id(Person),
        number=number,
        kind=PersonKind.LEGAL,
        company_name=name,
        emails=_emails(rng, "buero", number) if rng.random() < 0.65 else (),
        phones=_phones(rng),
        language="de",
    )
    draft.company.persons.append(person)
    return person


def _number(draft: Draft) -> str:
    return str(FIRST_NUMBER + len(draft.company.persons))


def _birth_date(draft: Draft) -> date:
    return draft.days_ago(19 * 366, 92 * 365)


def _emails(rng: Random, local: str, number: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFC", local).lower().translate(_SPECIAL).replace(" ", "-")
    first = f"{plain}.{number}@{rng.choice(names.MAIL_DOMAINS)}"
    return (first, f"post{number}@{rng.choice(names.MAIL_DOMAINS)}") if rng.random() < 0.08 else (first,)


def _phones(rng: Random) -> tuple[str, ...]:
    chance = rng.random()
    if chance < 0.12:
        return ()
    landline = _landline(rng)
    mobile = _mobile(rng)
    return (landline,) if chance < 0.45 else (mobile,) if chance < 0.75 else (mobile, landline)


def _landline(rng: Random) -> str:
    area, block = rng.choice(names.LANDLINES).split()
    last = f"{rng.randrange(1000):03d}"
    return rng.choice(
        (
            f"+49 {area} {block}{last}",
            f"0{area} {block}{last}",
            f"0{area}/{block}-{last}",
            f"(0{area}) {block} {last}",
            f"0049{area}{block}{last}",
        )
    )


def _mobile(rng: Random) -> str:
    prefix, block = rng.choice(names.MOBILES).split()
    last = f"{rng.randrange(100):02d}"
    return rng.choice(
        (f"+49 {prefix} {block}{last}", f"0{prefix} {block}{last}", f"0{prefix}-{block} {last}")
    )

"""What an onboarding checklist is made of. Texts stand in both languages; nothing here knows a partner's
code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """Who can tell whether an item is done."""

    MANUAL = "manual"  # a person answers
    AUTOMATIC = "automatic"  # a check answers, by its key
    GUIDED = "guided"  # a guided walk answers, by its key


class Who(StrEnum):
    """Who has to do something."""

    CUSTOMER = "customer"
    CONSULTANT = "consultant"
    VENDOR = "vendor"


class Addressee(StrEnum):
    """Whose desk a question lands on; open points are handed out by it."""

    MANAGEMENT = "management"
    IT = "it"
    LETTING = "letting"
    TENANT_SERVICE = "tenant_service"
    TELEPHONY = "telephony"
    DATA_PROTECTION = "data_protection"
    WORKS_COUNCIL = "works_council"
    ERP_VENDOR = "erp_vendor"
    PARTNER = "partner"
    CONSULTANT = "consultant"


class FieldKind(StrEnum):
    """What an answer holds."""

    TEXT = "text"
    CHOICE = "choice"
    CHOICES = "choices"  # several of them
    NUMBER = "number"
    DATE = "date"
    PERSON = "person"  # a name with a way to reach it: personal, masked
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages."""

    de: str
    en: str

    def in_(self, language: str) -> str:
        """The text in a language; German where it is neither."""
        return self.en if language == "en" else self.de


NOTHING = Words("", "")


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be chosen."""

    key: str
    label: Words


@dataclass(frozen=True, slots=True)
class AnswerField:
    """One field of an item's answer. ``expires``: a day after which what was answered holds no more."""

    key: str
    kind: FieldKind
    label: Words
    required: bool = False
    choices: tuple[Choice, ...] = ()
    expires: bool = False

    @property
    def personal(self) -> bool:
        """Whether its value may name somebody: a person, or any free text."""
        return self.kind in (FieldKind.PERSON, FieldKind.TEXT)


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows once the fields hold these values: a sentence that is shown at once, and the settings
    (``PARTNER/USE_CASE.NAME``) that the decision is proposed for; ``{field}`` stands for the field's
    value. ``keeps_open``: with these values the item is not done, whatever is said of it."""

    when: Mapping[str, tuple[str, ...]]
    text: Words
    takes_over: Mapping[str, str] = field(default_factory=dict)
    keeps_open: bool = False

    def holds(self, values: Mapping[str, str | tuple[str, ...]]) -> bool:
        """Whether it follows from these values; a field that no value is named for has to hold any."""
        return all(_among(values.get(key, ()), wanted) for key, wanted in self.when.items())


def _among(value: str | tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    chosen = {value} if isinstance(value, str) else {*value}
    return any(chosen) and (not wanted or not chosen.isdisjoint(wanted))


@dataclass(frozen=True, slots=True)
class When:
    """When an item applies: all that is named must hold, nothing named is always. ``settings`` maps
    ``PARTNER/USE_CASE.NAME`` to the values one of which it must have (none listed: any value at all),
    ``answers`` does so for ``ITEM.FIELD``; a question that nobody has answered yet rules nothing out."""

    partners: tuple[str, ...] = ()
    use_cases: tuple[str, ...] = ()
    erp_products: tuple[str, ...] = ()
    erp_sources: tuple[str, ...] = ()
    settings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """One point of a list. ``key`` is the check or walk that answers for it, "" for a manual one."""

    id: str
    kind: Kind
    who: Who
    addressee: Addressee
    title: Words
    why: Words
    how: Words
    rules: tuple[str, ...] = ()
    key: str = ""
    blocking: bool = False
    evidence: bool = False  # a note or a file is asked for
    when: When = When()
    fields: tuple[AnswerField, ...] = ()
    consequences: tuple[Consequence, ...] = ()


@dataclass(frozen=True, slots=True)
class Checklist:
    """A list. ``partner`` "" = it concerns the customer as a whole; ``order`` sorts lists."""

    id: str
    title: Words
    order: int
    items: tuple[Item, ...]
    partner: str = ""
    origin: str = ""  # the file it was read from

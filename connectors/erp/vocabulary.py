"""What the words of an ERP mean here: the table ``vocabulary.toml`` and the few forms no table can hold."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from connectors.housing import CategoryKind, LeaseStatus, PersonKind, RentCategory, Role, UsageClass
from connectors.letting import AttachmentGroup, EnergyKind, Heating

_NUMBERED = re.compile(r"([1-9][0-9]?)\. ?vertragsnehmer(in)?")


@cache
def _tables() -> Mapping[str, Mapping[str, list[str]]]:
    text = resources.files("connectors.erp").joinpath("vocabulary.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def table(name: str) -> Mapping[str, list[str]]:
    """The words of one table by their meaning."""
    return _tables()[name]


@cache
def _words(name: str) -> Mapping[str, str]:
    return {_plain(word): meaning for meaning, words in table(name).items() for word in words}


def _plain(word: str) -> str:
    return " ".join(word.split()).casefold()


def usage(word: str) -> UsageClass:
    """The usage class of a Nutzungsart; an unknown one is OTHER, its text stays in ``usage_raw``."""
    return UsageClass(_words("usage").get(_plain(word), UsageClass.OTHER))


def status(word: str) -> LeaseStatus | None:
    """The state of a lease; None for an unknown word."""
    found = _words("status").get(_plain(word))
    return LeaseStatus(found) if found else None


def role(word: str) -> tuple[Role, int]:
    """Role and rank of a Vertragsnehmerart: "2. Vertragsnehmer" is co-tenant, rank 2; unknown is OTHER."""
    plain = _plain(word)
    numbered = _NUMBERED.fullmatch(plain)
    if numbered:
        rank = int(numbered[1])
        return (Role.HAUPTMIETER if rank == 1 else Role.CO_TENANT), rank
    if plain.startswith("ehemalig"):
        return Role.FORMER, 1
    return Role(_words("role").get(plain, Role.OTHER)), 1


def rent_category(word: str) -> RentCategory:
    """What a rent item pays for; an unknown word is UNMAPPED."""
    return RentCategory(_words("rent_category").get(_plain(word), RentCategory.UNMAPPED))


def person_kind(word: str) -> PersonKind | None:
    """A human being or a legal entity; None for an unknown word."""
    found = _words("person_kind").get(_plain(word))
    return PersonKind(found) if found else None


def category_kind(word: str) -> CategoryKind | None:
    """Kind of a ticket category; None for an unknown word."""
    found = _words("category_kind").get(_plain(word))
    return CategoryKind(found) if found else None


def heating(word: str) -> Heating | None:
    """How a flat is heated; None for an unknown word."""
    found = _words("heating").get(_plain(word))
    return Heating(found) if found else None


def energy_kind(word: str) -> EnergyKind | None:
    """What an energy certificate was calculated from; None for an unknown word."""
    found = _words("energy_kind").get(_plain(word))
    return EnergyKind(found) if found else None


def attachment_group(stem: str) -> AttachmentGroup | None:
    """What a file shows by a word within its name; None where no word is known."""
    plain = _plain(stem)
    return next((AttachmentGroup(g) for word, g in _words("attachment").items() if word in plain), None)


def boolean(word: str) -> bool | None:
    """Yes or no; None for an unknown word."""
    found = _words("boolean").get(_plain(word))
    return None if found is None else found == "true"


def channel(word: str) -> str | None:
    """``email`` or ``phone`` by the first word of a channel's name; None for fax and the unknown."""
    first = _plain(word).split(" ")[0]
    return _words("channel").get(first)


def country(word: str) -> str:
    """ISO 3166 alpha-3 of a country; an unknown word stays as it is."""
    return _words("country").get(_plain(word), word)

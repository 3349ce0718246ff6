"""Canonical source fields and equality rules in words: where a value comes from, and when two are equal."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.contract import Equality, Kind
from console.i18n import _


def source_words(source: str) -> str:
    """``person.last_name`` as ``last name of the person``; several sources are joined."""
    return ", ".join(_one(part.strip()) for part in source.split(",") if part.strip())


def _one(source: str) -> str:
    entity, _dot, path = source.partition(".")
    name = path.rpartition(".")[2]
    of, what = _entities().get(entity), _fields().get(name)
    if of is None or what is None:
        return source
    return _("{field} ({entity})").format(field=what, entity=of)


def equality_words(equality: Equality, kind: Kind) -> str:
    """When two values of a field count as equal, as a sentence."""
    if kind is Kind.SET:
        return _("The order of the entries means nothing.")
    return {
        Equality.EXACT: _("The values are compared character by character."),
        Equality.BLANKS: _("Blanks at the ends and repeated blanks do not count, and empty is like missing."),
        Equality.EMPTY: _("An empty value counts like a missing one."),
    }[equality]


def _entities() -> Mapping[str, str]:
    return {
        "mandant": _("legal entity"),
        "economic_unit": _("economic unit"),
        "building": _("building"),
        "unit": _("unit"),
        "person": _("business partner"),
        "lease": _("lease"),
        "tenant_role": _("tenant in the lease"),
        "ticket_category": _("ticket category"),
        "office": _("the partner's own data"),
    }


def _fields() -> Mapping[str, str]:
    return {
        "number": _("number"),
        "name": _("name"),
        "mandant": _("legal entity number"),
        "status": _("status"),
        "start": _("start"),
        "end": _("end"),
        "role": _("role"),
        "salutation": _("salutation"),
        "first_name": _("first name"),
        "last_name": _("last name"),
        "company_name": _("company name"),
        "birth_date": _("date of birth"),
        "phones": _("telephone numbers"),
        "emails": _("e-mail addresses"),
        "language": _("language"),
        "street": _("street"),
        "house_number": _("house number"),
        "postal_code": _("postal code"),
        "city": _("city"),
        "floor_raw": _("floor"),
        "position": _("position on the floor"),
        "label": _("label"),
        "kind": _("kind"),
        "parent": _("superior entry"),
        "active": _("active"),
        "rooms": _("rooms"),
        "living_area": _("living area"),
        "usage": _("usage"),
        "contact_types": _("contact types"),
        "default_email": _("default e-mail address"),
        "contact_person": _("contact person"),
    }

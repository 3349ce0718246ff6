"""From onOffice's rows to users, addresses and letting objects, and which fields are asked for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.onoffice.contact_settings import ContactChainSettings
from connectors.onoffice.entities import BROKER, CONTACT_TYPES, EMAILS, MAIN_EMAIL, emails, main_email
from connectors.onoffice.fields import FieldInfo
from connectors.onoffice.model import (
    Address,
    BrokerKey,
    KeyState,
    LettingObject,
    Standing,
    User,
)
from connectors.onoffice.wire import Row, number, selected

USER_ADDRESS = "adrId:adressen.ID"
USER_STATE = ("online", "usesAccount:account.id")
ADDRESS_FIELDS = (
    "KdNr", "Vorname", "Name", CONTACT_TYPES, "Status2Adr", "Status", MAIN_EMAIL, *EMAILS, "Aenderung",
)  # fmt: skip
USER_FIELDS = ("Nr", "Name", "email", USER_ADDRESS, *USER_STATE)
OBJECT_FIELDS = (
    "Id", "objektnr_extern", "vermarktungsart", "status", "verkauft", "reserviert", "stammobjekt", "benutzer",
    "geaendert_am",
)  # fmt: skip

_ADDRESS_STANDING = {
    "status2adr_active": Standing.ACTIVE,
    "status2adr_archive": Standing.ENDED,
    "1": Standing.ACTIVE,
    "0": Standing.ENDED,
}
_ALIKE = ("makler", "mitarbeiter", "ansprechpartner", "berater", "broker", "agent")
"""What the labels of customers' own contact types sound like that stand for brokers."""


def user(row: Row, settings: ContactChainSettings) -> User:
    """A user from ``read user``."""
    told = row.elements
    login = _text(told, "Name")
    words = [_text(told, name) for name in USER_STATE]
    linked = number(told.get(USER_ADDRESS))
    technical = {name.casefold() for name in (*settings.technical_users, settings.api_user) if name}
    return User(
        _id(row, "Nr"),
        login,
        _standing(words, settings),
        " / ".join(filter(None, words)),
        _text(told, "email"),
        (linked,) if linked else (),
        login.casefold() in technical,
    )


def _standing(words: Iterable[str], settings: ContactChainSettings) -> Standing:
    """What the words mean: one that says ended outweighs one that says active."""
    said = {word.casefold() for word in words}
    if said & {word.casefold() for word in settings.ended_words}:
        return Standing.ENDED
    active = said & {word.casefold() for word in settings.active_words}
    return Standing.ACTIVE if active else Standing.UNKNOWN


def address(row: Row) -> Address:
    """An address from ``read address``."""
    told = row.elements
    return Address(
        _id(row, "id"),
        _text(told, "KdNr"),
        selected(told.get(CONTACT_TYPES)),
        _address_standing(told),
        main_email(told) or "",
        tuple(emails(told)),
        " ".join(filter(None, (_text(told, "Vorname"), _text(told, "Name")))),
        moment(told.get("Aenderung"), latest=True),
    )


def _address_standing(told: Mapping[str, Any]) -> Standing:
    words = [_text(told, name) for name in ("Status2Adr", "Status")]
    return next((_ADDRESS_STANDING[word] for word in words if word in _ADDRESS_STANDING), Standing.UNKNOWN)


def letting_object(
    row: Row, brokers: Mapping[int, tuple[int, ...]], persons: Mapping[int, tuple[int, ...]]
) -> LettingObject:
    """A letting object from ``read estate`` and its two relations."""
    told = row.elements
    id_ = _id(row, "Id")
    return LettingObject(
        id_,
        _text(told, "objektnr_extern") or str(id_),
        brokers.get(id_, ()),
        persons.get(id_, ()),
        number(told.get("benutzer")),
        moment(told.get("geaendert_am"), latest=True),
    )


def in_scope(row: Row, settings: ContactChainSettings) -> bool:
    """Whether an object takes part: let, active, and none of those that the settings leave out. The first two
    were asked for already; nothing is linked where an answer holds more."""
    told = row.elements
    if _text(told, "vermarktungsart") not in ("", *settings.marketing) or _text(told, "status") not in (
        "",
        "1",
    ):
        return False
    left_out = {
        "verkauft": not settings.rented,
        "reserviert": not settings.reserved,
        "stammobjekt": not settings.base_objects,
    }
    return not any(out and _set(row.elements.get(name)) for name, out in left_out.items())


def broker_key(field: FieldInfo | None, configured: Iterable[Row]) -> BrokerKey:
    """What became of the contact type broker (rule O3): by its key, never by its label.

    ``field`` is the field as it is switched on, ``configured`` the rows of its whole configuration, which
    holds what is switched off too.
    """
    if field is None:
        return BrokerKey(KeyState.FIELD_OFF)
    alike = tuple(
        f"{key} ({label})"
        for key, label in field.values.items()
        if key != BROKER and any(word in label.casefold() for word in _ALIKE)
    )
    if BROKER in field.values:
        label = field.values[BROKER]
        state = KeyState.FOUND if label.casefold() == BROKER.casefold() else KeyState.RENAMED
        return BrokerKey(state, label, alike)
    for row in configured:
        if row.elements.get("field") == BROKER:
            return BrokerKey(KeyState.INACTIVE, _text(row.elements, "fieldcontent"), alike)
    return BrokerKey(KeyState.MISSING, "", alike)


def moment(value: Any, *, latest: bool = False) -> datetime | None:
    """A time as onOffice writes it, ``2026-01-08 09:12:44``: without a zone, so this machine's is taken. In
    autumn an hour comes twice; its first pass is meant, or with ``latest`` the second."""
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value.strip()).replace(fold=int(latest)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):  # 0000-00-00 among them: never
        return None


def _set(value: Any) -> bool:
    return value in (True, 1, "1", "true", "J", "Ja", "ja")


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return str(value).strip() if isinstance(value, str | int) else ""


def _id(row: Row, name: str) -> int:
    found = number(row.id)
    return found if found is not None else number(row.elements.get(name)) or 0

"""The field configuration of a customer: which fields are switched on, and which keys they may hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.onoffice.wire import GET, Call, Row

SPECIAL: Mapping[str, frozenset[str]] = {
    "address": frozenset(
        ("phone", "mobile", "fax", "email", "defaultphone", "defaultfax", "defaultemail", "imageUrl")
    ),
    "estate": frozenset({"Id"}),
}
"""Names that a reading takes though no configuration lists them."""

UNLISTED = frozenset({"user"})
"""Modules of which it is not certain that the configuration names fields as a reading does."""


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One field that is switched on; ``values`` maps its keys to the labels that people see."""

    name: str
    type: str = ""
    label: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


def configuration(modules: Sequence[str], language: str) -> Call:
    """The call for the configuration of these modules. It takes onOffice seconds."""
    parameters = {"labels": True, "language": language, "modules": list(modules)}
    return Call(GET, "fields", parameters=parameters)


def infos(row: Row) -> dict[str, FieldInfo]:
    """The fields of one module; the label of the module itself stands among them and is passed over."""
    return {name: _info(name, told) for name, told in row.elements.items() if isinstance(told, dict)}


def _info(name: str, told: Mapping[str, Any]) -> FieldInfo:
    kind, label = told.get("type"), told.get("label")
    values = told.get("permittedvalues")
    if isinstance(values, list):
        values = {key: key for key in values}
    keys = values.items() if isinstance(values, dict) else ()
    return FieldInfo(
        name,
        kind if isinstance(kind, str) else "",
        label if isinstance(label, str) else "",
        {str(key): str(shown) for key, shown in keys},
    )

"""The fields and keys of the onOffice sandbox: what is switched on, how it is called, and who asks for it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.onoffice.sandbox_refused import Refused

_LANGUAGES = {"DEU": 0, "ENG": 1}


@dataclass(slots=True)
class Key:
    """A key of a selection; an inactive one can still be seen in the administration alone."""

    name: str
    labels: list[str]
    active: bool = True


@dataclass(slots=True)
class Field:
    """A field with its labels in German and English, and the keys it may hold."""

    name: str
    type: str
    labels: list[str]
    keys: dict[str, Key] = field(default_factory=dict)
    active: bool = True


class Configuration:
    """The fields of one customer, by module."""

    def __init__(self) -> None:
        path = Path(__file__).with_name("sandbox_fields.toml")
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        self.actions: Mapping[str, Any] = table.pop("actions")
        self.modules = {name: _fields(module) for name, module in table.items()}

    def module(self, name: str) -> dict[str, Field]:
        """All fields of a module, switched off or not. Raises Refused."""
        if name not in self.modules:
            raise Refused(163)
        return self.modules[name]

    def names(self, module: str) -> frozenset[str]:
        """The names of the fields that are switched on."""
        return frozenset(name for name, one in self.modules[module].items() if one.active)

    def keys(self, module: str, name: str) -> dict[str, Key]:
        """The keys that a field may be given."""
        found = self.modules[module].get(name)
        return {key: one for key, one in found.keys.items() if one.active} if found else {}

    def told(self, module: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """A module as ``get fields`` tells it: active fields, or with ``showOnlyInactive`` the others."""
        wanted, labels = parameters.get("fieldList"), bool(parameters.get("labels"))
        inactive = bool(parameters.get("showOnlyInactive"))
        language = _LANGUAGES.get(str(parameters.get("language", "DEU")), 0)
        elements: dict[str, Any] = {}
        for one in self.module(module).values():
            if one.active is not inactive and (not wanted or one.name in wanted):
                elements[one.name] = _told(one, labels, language)
        return {"label": module, **elements} if labels else elements

    def change_key(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Rename, switch off, remove or add a key, as the customer's administrator. Raises ValueError."""
        module, name, key = str(data.get("module", "address")), str(data["field"]), str(data["key"])
        found = self.modules[module][name].keys
        if data.get("absent"):
            found.pop(key, None)
            return {"keys": list(found)}
        one = found.setdefault(key, Key(key, [key, key]))
        if "label" in data:
            one.labels = [str(data["label"])] * 2
        one.active = bool(data.get("active", one.active))
        return {"key": key, "label": one.labels[0], "active": one.active}

    def change_field(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Switch a field on or off. Raises KeyError."""
        one = self.modules[str(data.get("module", "address"))][str(data["field"])]
        one.active = bool(data.get("active", one.active))
        return {"field": one.name, "active": one.active}

    def state(self) -> dict[str, Any]:
        """Fields that are switched off, and every key with its label."""
        every = [(module, one) for module, found in self.modules.items() for one in found.values()]
        return {
            "inactive": [f"{module}.{one.name}" for module, one in every if not one.active],
            "keys": {
                f"{module}.{one.name}": {
                    key.name: {"label": key.labels[0], "active": key.active} for key in one.keys.values()
                }
                for module, one in every
                if one.keys
            },
        }


def _fields(module: Mapping[str, Any]) -> dict[str, Field]:
    keys = module.get("keys", {})
    return {
        name: Field(
            name,
            kind,
            labels,
            {key: Key(key, list(words)) for key, words in keys.get(name, {}).items()},
        )
        for name, (kind, *labels) in module["fields"].items()
    }


def _told(one: Field, labels: bool, language: int) -> dict[str, Any]:
    keys = [key for key in one.keys.values() if key.active]
    permitted: Any = None
    if one.type.endswith("select"):
        permitted = [key.name for key in keys]
        if labels:  # PHP writes an empty object as an empty list
            permitted = {key.name: key.labels[language] for key in keys} or []
    told: dict[str, Any] = {
        "type": one.type,
        "length": None,
        "permittedvalues": permitted,
        "default": None,
        "filters": [],
        "dependencies": [],
        "compoundFields": [],
    }
    return told | {"label": one.labels[language]} if labels else told

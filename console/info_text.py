"""The information for support as text, in 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.contract import EntityInfo
from console import formats
from console.abilities import Ability
from console.i18n import _, language
from console.info import Info, Setting
from console.keyring_state import KeyringState, explain

WIDTH = 80


def text_lines(info: Info) -> list[str]:
    """One line each; only what cannot be broken, such as a long path, is wider than 80 columns."""
    return list(_lines(info))


def _lines(info: Info) -> Iterator[str]:
    yield from _section(_("Versions"), _pairs(_versions(info)))
    yield from _section(_("Terminal"), _pairs(info.terminal))
    yield from _section(_("Places"), _settings(info.paths))
    yield from _section(_("Configuration"), _settings(info.configuration))
    yield from _section(_("Keyring"), _keyring(info))
    yield from _section(_("Proxies"), _pairs(info.proxies))
    yield from _section(_("Certificates"), _pairs(info.trust))
    for ability in info.abilities:
        yield from _section(f"{ability.key} ({ability.name})", _ability(ability))
    counts = (f"{kind} {formats.count(count)}" for kind, count in info.rules.items())
    yield from _section(_("Rules"), _wrapped(", ".join(counts)))
    if info.loop_lag is not None:
        yield from _section(_("Screens"), _pairs({_("longest stall"): _milliseconds(info.loop_lag)}))
    yield from _section(_("Problems"), (line for problem in info.problems for line in _wrapped(problem)))


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    """A title with its lines; a dash where there are none; an empty line at the end."""
    yield title
    first = next(lines, None)
    yield "  -" if first is None else first
    yield from lines
    yield ""


def _pairs(values: Mapping[str, str]) -> Iterator[str]:
    width = max(map(len, values), default=0)
    for name, value in values.items():
        yield from _wrapped(f"{name.ljust(width)}  {value}", indent=width + 4)


def _versions(info: Info) -> dict[str, str]:
    everything = {**info.versions, **info.system}
    return {name: version or _("(not installed)") for name, version in everything.items()}


def _settings(settings: tuple[Setting, ...]) -> Iterator[str]:
    for setting in settings:
        origin = setting.origin or _("default")
        yield from _wrapped(f"{setting.key} = {_shown(setting.value)}  ({origin})")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(map(_shown, value)) or "[]"
    return '""' if value in ("", None) else str(value)


def _keyring(info: Info) -> Iterator[str]:
    meaning, todo = explain(info.keyring.state, language())
    yield from _wrapped(f"{info.keyring.state}: {meaning}")
    if info.keyring.state is not KeyringState.OK:
        yield from _wrapped(todo)
    if info.keyring.store:
        yield from _wrapped(_("Credentials are kept in: {store}").format(store=info.keyring.store))
    if info.keyring.variables:
        names = ", ".join(info.keyring.variables)
        yield from _wrapped(_("Credentials in the environment: {names}").format(names=names))


def _ability(ability: Ability) -> Iterator[str]:
    if ability.problem:
        yield from _wrapped(_("This connector cannot be loaded ({kind}).").format(kind=ability.problem))
    if ability.folder:
        yield from _wrapped(_("What it supplies depends on the files in its folder."))
    if ability.limits is not None:
        limits = ability.limits
        text = _("At most {rate} requests per second, {burst} at once; records per call: {bulk} ({origin}).")
        yield from _wrapped(
            text.format(
                rate=formats.number(limits.requests_per_second),
                burst=formats.count(limits.burst),
                bulk=formats.count(limits.bulk),
                origin=_("documented") if limits.documented else _("assumed"),
            )
        )
    if ability.capabilities:
        names = ", ".join(ability.capabilities)
        yield from _wrapped(_("Can also: {names}").format(names=names))
    if ability.use_cases:
        yield from _wrapped(_("Use cases: {names}").format(names=", ".join(ability.use_cases)))
    if ability.entities:
        yield from _wrapped(
            _("Entities: {names}").format(names=", ".join(entity.name for entity in ability.entities))
        )
    yield from _missing(ability.entities)


def _missing(entities: tuple[EntityInfo, ...]) -> Iterator[str]:
    for entity in entities:
        if entity.not_supplied:
            yield from _wrapped(
                _("Not supplied for {entity}: {fields}").format(
                    entity=entity.name, fields=", ".join(entity.not_supplied)
                )
            )


def _milliseconds(seconds: float) -> str:
    return f"{formats.number(seconds * 1000, 0)} ms"


def _wrapped(text: str, indent: int = 6) -> Iterator[str]:
    yield from textwrap.wrap(
        text,
        WIDTH,
        initial_indent="  ",
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )

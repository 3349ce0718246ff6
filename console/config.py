"""Reads the configuration: a Config without problems, or a ConfigError that lists all of them.

The loader knows no partner. What belongs to one stays a plain table, to be turned into the partner's own
dataclasses by ``config_coerce.coerce``.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from connectors.network import is_loopback as loopback_host
from console.config_coerce import build, is_secret, reject_unknown, shown
from console.config_lines import KeyPath, locate
from console.config_model import (
    At,
    Config,
    Customer,
    ErpConfig,
    NetworkConfig,
    Origin,
    OriginKind,
    PartnerConfig,
    is_loopback,
    valid_url,
)
from console.errors import ConfigError, ConfigProblem, ProblemKind
from console.i18n import _
from console.os_words import os_words
from console.paths import valid_customer
from console.toml_words import toml_words

PARTNER_KEYS = frozenset({"enabled", "environment", "url", "ca", "proxy", "use_cases"})
ERP_KEYS = frozenset({"source", "url", "folder", "environment", "ca", "proxy"})
CUSTOMER_KEYS = frozenset({"name", "erp_product", "mandanten", "separator", "language", "control"})

_PARTNER = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_PLACE = re.compile(r"\s*\(at line (\d+), column \d+\)|\s*\(at end of document\)")


def load(path: Path) -> Config:
    """The configuration in this file (UTF-8, a byte order mark is accepted). Raises ConfigError."""
    return parse(read_text(path), path)


def read_text(path: Path) -> str:
    """The text of a configuration file without byte order mark, line ends as they are. Raises ConfigError."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        problem = ConfigProblem(ProblemKind.MISSING_FILE, str(path))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        problem = ConfigProblem(ProblemKind.UNREADABLE, str(path), line, detail="UTF-8")
    except (OSError, ValueError) as error:
        detail = os_words(error)
        problem = ConfigProblem(ProblemKind.UNREADABLE, str(path), detail=detail)
    raise ConfigError((problem,))


def parse(text: str, path: Path) -> Config:
    """The configuration in a text that stands, or will stand, in the file ``path``. Raises ConfigError."""
    try:
        document = tomllib.loads(text)
        lines = locate(text)
        problems: list[ConfigProblem] = []
        config = _config(document, At(path, (), lines), problems)
    except RecursionError:
        problem = ConfigProblem(ProblemKind.SYNTAX, str(path), detail=_("nested too deeply"))
        raise ConfigError((problem,)) from None
    except ValueError as error:  # tomllib lets some of int() and datetime through as they are
        raise ConfigError((_syntax(error, path),)) from None
    if problems or config is None:
        raise ConfigError(tuple(sorted(problems, key=lambda p: (p.line or 0, p.key))))
    return config


def customer(config: Config, key: str) -> Customer:
    """The customer with this key. Raises ConfigError that names the nearest one, or all."""
    if (found := config.customers.get(key)) is not None:
        return found
    near = difflib.get_close_matches(key, config.customers, n=1, cutoff=0.5)
    there = () if near else tuple(config.customers)
    problem = At(config.path, ("customers", key)).problem(
        ProblemKind.UNKNOWN, allowed=there, nearest=near[0] if near else ""
    )
    raise ConfigError((problem,))


def require_known(names: Collection[str], known: Collection[str], at: At) -> None:
    """Refuse names that nobody knows (partners, use cases), with the nearest one. Raises ConfigError."""
    problems: list[ConfigProblem] = []
    reject_unknown(names, known, at, problems)
    if problems:
        raise ConfigError(tuple(problems))


def _syntax(error: ValueError, path: Path) -> ConfigProblem:
    place = _PLACE.search(str(error))
    line = int(place[1]) if place and place[1] else None
    detail = (
        toml_words(_PLACE.sub("", str(error)))
        if isinstance(error, tomllib.TOMLDecodeError)
        else _("a value out of range")
    )
    return ConfigProblem(ProblemKind.SYNTAX, str(path), line, detail=detail)


def _config(document: Mapping[str, Any], at: At, problems: list[ConfigProblem]) -> Config | None:
    reject_unknown(document, ("network", "customers"), at, problems)
    network = build(NetworkConfig, _table(document, "network", at, problems), at.key("network"), problems)
    _check_urls({"proxy": network.proxy} if network else {}, at.key("network"), problems)
    customers = {}
    for key, table in _table(document, "customers", at, problems).items():
        place = at.key("customers", key)
        if not valid_customer(key):
            problems.append(place.problem(ProblemKind.VALUE, found=shown(key), allowed=("@key",)))
        if not isinstance(table, dict):
            problems.append(place.problem(ProblemKind.TYPE, found=shown(table), allowed=("@table",)))
            continue
        _reject_secrets(table, place, problems)
        customers[key] = _customer(key, table, place, problems)
    if network is None or problems:
        return None
    found = {key: one for key, one in customers.items() if one is not None}
    origins = MappingProxyType(dict(_origins(document, at, found, network)))
    return Config(MappingProxyType(found), network, at.file, origins, at.lines)


def _customer(key: str, table: Mapping[str, Any], at: At, problems: list[ConfigProblem]) -> Customer | None:
    tables = {name: value for name, value in table.items() if isinstance(value, dict)}
    plain = {n: v for n, v in table.items() if n != "erp" and (n not in tables or n in CUSTOMER_KEYS)}
    if "erp" in table and "erp" not in tables:
        _table(table, "erp", at, problems)
    erp = _erp(tables["erp"], at.key("erp"), problems) if "erp" in tables else None
    partners = {
        name: _partner(name, value, at.key(name), problems)
        for name, value in tables.items()
        if name not in CUSTOMER_KEYS and name != "erp"
    }
    given = {"key": key, "erp": erp, "partners": MappingProxyType(partners)}
    made = build(Customer, _without_secrets(plain), at, problems, given=given)
    control = plain.get("control", "")
    _check_urls({"control": control}, at, problems)
    _check_reach(erp, [p for p in partners.values() if p is not None], control, at, problems)
    return made


def _erp(table: Mapping[str, Any], at: At, problems: list[ConfigProblem]) -> ErpConfig | None:
    own, options = _split(table, ERP_KEYS)
    made = build(ErpConfig, own, at, problems, given={"options": options})
    _check_urls({"url": own.get("url"), "proxy": own.get("proxy")}, at, problems)
    return made


def _partner(
    key: str, table: Mapping[str, Any], at: At, problems: list[ConfigProblem]
) -> PartnerConfig | None:
    if not _PARTNER.fullmatch(key):
        problems.append(at.problem(ProblemKind.VALUE, found=shown(key), allowed=("@key",)))
    own, options = _split(table, PARTNER_KEYS)
    use_cases = {}
    for name, settings in _table(own, "use_cases", at, problems).items():
        if isinstance(settings, dict):
            use_cases[name] = _frozen(settings)
            continue
        place = at.key("use_cases", name)
        problems.append(place.problem(ProblemKind.TYPE, found=shown(settings), allowed=("@table",)))
    plain = {name: value for name, value in own.items() if name != "use_cases"}
    given = {"key": key, "options": options, "use_cases": MappingProxyType(use_cases)}
    made = build(PartnerConfig, plain, at, problems, given=given)
    _check_urls({"url": own.get("url"), "proxy": own.get("proxy")}, at, problems)
    return made


def _table(parent: Mapping[str, Any], name: str, at: At, problems: list[ConfigProblem]) -> Mapping[str, Any]:
    value = parent.get(name, {})
    if isinstance(value, dict):
        return value
    problems.append(at.key(name).problem(ProblemKind.TYPE, found=shown(value), allowed=("@table",)))
    return {}


def _split(table: Mapping[str, Any], known: Collection[str]) -> tuple[dict[str, Any], Mapping[str, Any]]:
    own = {name: value for name, value in table.items() if name in known}
    rest = {name: value for name, value in table.items() if name not in known}
    return own, _frozen(_without_secrets(rest))


def _frozen(value: Any) -> Any:
    """Tables and lists as they can be shared: read-only mappings and tuples."""
    if isinstance(value, dict):
        return MappingProxyType({name: _frozen(inner) for name, inner in value.items()})
    return tuple(_frozen(inner) for inner in value) if isinstance(value, list) else value


def _without_secrets(table: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in table.items() if not is_secret(name)}


def _reject_secrets(table: Mapping[str, Any], at: At, problems: list[ConfigProblem]) -> None:
    for name, value in table.items():
        if is_secret(name):
            problems.append(at.key(name).problem(ProblemKind.SECRET))
        elif isinstance(value, dict) and name != "columns":  # columns name fields of records
            _reject_secrets(value, at.key(name), problems)


def _check_urls(urls: Mapping[str, Any], at: At, problems: list[ConfigProblem]) -> None:
    for name, url in urls.items():
        if isinstance(url, str) and url and not valid_url(url):
            found = "…@…" if "@" in url else shown(url)  # a user and a password may stand before the @
            problems.append(at.key(name).problem(ProblemKind.VALUE, found=found, allowed=("@url",)))


def _check_reach(
    erp: ErpConfig | None, partners: list[PartnerConfig], control: Any, at: At, problems: list[ConfigProblem]
) -> None:
    """Where one part of a customer is practice, every address of the customer has to be loopback; outside
    practice nothing but https, or passwords and tenants would travel for everybody to read."""
    active = [p for p in partners if p.enabled]
    addresses = [(at.key(p.key, name), getattr(p, name)) for p in active for name in ("url", "proxy")]
    practice = any(p.environment == "practice" for p in active)
    hosts = [(at.key(p.key, n), h) for p in active for n, h in p.options.items() if n.endswith("_host")]
    if erp is not None:
        addresses += [(at.key("erp", name), getattr(erp, name)) for name in ("url", "proxy")]
        practice = practice or (bool(erp.url) and erp.environment == "practice")
    if practice:
        problems += [
            place.problem(ProblemKind.PRACTICE, found=shown(host))
            for place, host in hosts
            if isinstance(host, str) and not loopback_host(host)
        ]
    if control and not practice:
        problems.append(at.key("control").problem(ProblemKind.ONLY_PRACTICE))
    elif isinstance(control, str):
        addresses.append((at.key("control"), control))
    for place, url in addresses:
        if not url or not valid_url(url) or is_loopback(url):
            continue
        if practice:
            problems.append(place.problem(ProblemKind.PRACTICE, found=shown(url)))
        elif place.path[-1] == "url" and not url.lower().startswith("https:"):
            problems.append(place.problem(ProblemKind.CLEAR_TEXT, found=shown(url)))


def _origins(
    document: Mapping[str, Any], at: At, customers: Mapping[str, Customer], network: NetworkConfig
) -> Iterator[tuple[KeyPath, Origin]]:
    """Every value that is in force: those of the file with their line, then the defaults of the model."""
    written = set()
    for path in _leaves(document):
        written.add(path)
        yield path, Origin(OriginKind.FILE, f"{at.file.name}:{at.key(*path).line}")
    parts: list[tuple[KeyPath, Any]] = [(("network",), network)]
    for key, one in customers.items():
        parts.append((("customers", key), one))
        parts += [(("customers", key, "erp"), one.erp)] if one.erp else []
        parts += [(("customers", key, name), partner) for name, partner in one.partners.items()]
    for path, part in parts:
        for name in (f.name for f in fields(part)):
            if (
                name not in ("key", "erp", "partners", "options", "use_cases")
                and (*path, name) not in written
            ):
                yield (*path, name), Origin(OriginKind.DEFAULT)


def _leaves(table: Mapping[str, Any], path: KeyPath = ()) -> Iterator[KeyPath]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*path, name))
        else:
            yield (*path, name)


def example_config() -> str:
    """The commented example: from the wheel, or from the checkout the console runs from."""
    here = Path(__file__).resolve().parent
    shipped = here / "config.example.toml"
    return (shipped if shipped.exists() else here.parent / "config.example.toml").read_text(encoding="utf-8")

"""What support wants to know about an installation: collected without a screen, redacted, connecting nowhere.

Works without a configuration and with a broken one: whatever is wrong is part of the answer.
"""

from __future__ import annotations

import os
import platform
import ssl
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.request import getproxies

from connectors.network import Network, tls
from connectors.problems import Failure
from connectors.rules import rules
from console import __version__
from console.abilities import Ability, abilities
from console.concealing import concealed, concealed_path, concealed_proxy, concealed_value
from console.config import load
from console.config_lines import KeyPath
from console.config_model import Config, Customer, ErpConfig, PartnerConfig
from console.credentials import open_store
from console.errors import ConfigError, ConfigProblem
from console.i18n import _, language
from console.keyring_state import KeyringState
from console.keyring_store import KeyringSecrets

SCHEMA = 1
KEYRING_LIMIT_S = 3.0
LIBRARIES = (
    "textual", "httpx", "keyring", "truststore", "cryptography", "click", "tomlkit", "platformdirs", "orjson",
    "diskcache", "openpyxl", "xlsxwriter", "reportlab", "starlette", "uvicorn",
)  # fmt: skip
TERMINAL = ("TERM", "COLORTERM", "TERM_PROGRAM", "WT_SESSION", "NO_COLOR", "LC_ALL", "LC_MESSAGES", "LANG")
TRUST = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_CHOSEN = ("NO_COLOR", "WT_SESSION")  # their being there is the message


@dataclass(frozen=True, slots=True)
class Setting:
    """A value with its dotted key, and what decided it (``config.toml:12``, a variable, or "" = default)."""

    key: str
    value: Any
    origin: str = ""


@dataclass(frozen=True, slots=True)
class KeyringInfo:
    """How the keyring is, where secrets are kept, and which variables hold some (their names only)."""

    state: KeyringState
    store: str
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Info:
    """Everything; nothing in it is secret or personal. ``loop_lag`` is the longest stall in seconds."""

    versions: Mapping[str, str]
    system: Mapping[str, str]
    terminal: Mapping[str, str]
    paths: tuple[Setting, ...]
    configuration: tuple[Setting, ...]
    problems: tuple[str, ...]
    keyring: KeyringInfo
    proxies: Mapping[str, str]
    trust: Mapping[str, str]
    abilities: tuple[Ability, ...]
    rules: Mapping[str, int]
    loop_lag: float | None = None


def collect(
    config_path: Path,
    data: Path,
    *,
    config_origin: str = "",
    data_origin: str = "",
    environ: Mapping[str, str] | None = None,
    loop_lag: float | None = None,
) -> Info:
    """Collect everything. Asks the keyring for at most 3 s; not to be called from inside an event loop."""
    environ = os.environ if environ is None else environ
    problems: list[str] = []
    config = _config(config_path, problems)
    return Info(
        versions=_versions(),
        system={
            "system": platform.platform(),
            "machine": platform.machine(),
            "openssl": ssl.OPENSSL_VERSION,
        },
        terminal=_terminal(environ),
        paths=(
            Setting("config", concealed_path(config_path), config_origin),
            Setting("data", concealed_path(data), data_origin),
        ),
        configuration=tuple(_settings(config)) if config else (),
        keyring=_keyring(data, environ, problems),
        proxies=_proxies(environ),
        trust=_trust(config, environ, problems),
        abilities=abilities(),
        rules=dict(Counter(str(rule.kind) for rule in rules().values())),
        loop_lag=loop_lag,
        problems=tuple(problems),
    )


def document(info: Info) -> dict[str, Any]:
    """The same for machines, with the number of its schema."""
    return {"schema": SCHEMA, **asdict(info)}


def _config(path: Path, problems: list[str]) -> Config | None:
    try:
        return load(path)
    except ConfigError as error:
        problems += _sentences(error.problems)
        return None


def _sentences(problems: tuple[ConfigProblem, ...]) -> Iterator[str]:
    return (concealed(problem.sentence(language())) for problem in problems)


def _versions() -> dict[str, str]:
    """Einzug, Python and the libraries that matter; "" where one is not installed."""
    found = {"einzug": __version__, "python": f"{platform.python_implementation()} {sys.version.split()[0]}"}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = ""
    return found


def _terminal(environ: Mapping[str, str]) -> dict[str, str]:
    there = [name for name in TERMINAL if name in environ]
    found = {name: "1" if name in _CHOSEN else concealed(environ[name]) for name in there}
    found["language"] = language()
    streams = (sys.stdout, sys.__stdout__)  # the screens put something without an encoding in its place
    found["encoding"] = next(filter(None, (getattr(stream, "encoding", None) for stream in streams)), "")
    try:
        size = os.get_terminal_size()
    except (OSError, ValueError):  # no terminal
        return found
    return found | {"size": f"{size.columns}x{size.lines}"}


def _settings(config: Config) -> Iterator[Setting]:
    for path, origin in sorted(config.origins.items()):
        value = concealed_value(_value(config, path))
        yield Setting(".".join(map(str, path)), value, origin.place)


def _value(config: Config, path: KeyPath) -> object:
    """The value in force at a place of the configuration."""
    node: Any = config
    for name in path:
        match node:
            case Mapping():
                node = node[name]
            case Customer() if name in node.partners:
                node = node.partners[str(name)]
            case ErpConfig() | PartnerConfig() if name in node.options:
                node = node.options[str(name)]
            case _:
                node = getattr(node, str(name))
    return node


def _keyring(data: Path, environ: Mapping[str, str], problems: list[str]) -> KeyringInfo:
    given = (name for name, value in environ.items() if value)
    variables = tuple(sorted(name for name in given if name.upper().startswith("EINZUG_SECRET_")))
    try:
        store = open_store(data, environ, limit=KEYRING_LIMIT_S)
    except ConfigError as error:
        problems += _sentences(error.problems)
        return KeyringInfo(KeyringState.BROKEN, "", variables)
    state = store.state() if isinstance(store, KeyringSecrets) else KeyringState.OK
    return KeyringInfo(state, str(store.source), variables)


def _proxies(environ: Mapping[str, str]) -> dict[str, str]:
    """The proxies that the environment or the system gives, by scheme; ``no`` lists the exceptions."""
    known = dict(getproxies()) if environ is os.environ else {}
    for name, value in environ.items():
        if name.lower().endswith("_proxy") and value:
            known[name.lower().removesuffix("_proxy")] = value
    return {
        scheme: ",".join(map(concealed_proxy, value.split(","))) if scheme == "no" else concealed_proxy(value)
        for scheme, value in sorted(known.items())
    }


def _trust(config: Config | None, environ: Mapping[str, str], problems: list[str]) -> dict[str, str]:
    """What decides whether a certificate is trusted: the system's store, variables, the configured file."""
    paths = ssl.get_default_verify_paths()
    stores = {"win32": "CryptoAPI", "darwin": "Security.framework"}
    found = {"store": stores.get(sys.platform, "OpenSSL")}
    if sys.platform not in stores:
        places = {"file": paths.cafile, "folder": paths.capath}
        found |= {name: concealed_path(Path(place)) for name, place in places.items() if place}
    found |= {name: concealed_path(Path(environ[name])) for name in TRUST if environ.get(name)}
    if config is not None and config.network.ca is not None:
        ca = config.network.ca
        found["ca"] = concealed_path(ca)
        try:
            tls(Network(ca=ca))
        except Failure:
            text = _("network.ca: there are no readable certificates in {path}.")
            problems.append(text.format(path=concealed_path(ca)))
    return found

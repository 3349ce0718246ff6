"""The configuration as data: customers, their ERP, their partners, and where each value came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import urlsplit

from connectors import network
from console.config_lines import KeyPath, line_of
from console.errors import ConfigProblem, ProblemKind

Environment = Literal["practice", "test", "production"]
Mandanten = tuple[str, ...] | Literal["all"]
Separator = Literal["-", "_", ".", "/", "|"]

NOTHING: Mapping[str, Any] = MappingProxyType({})


class OriginKind(StrEnum):
    """What decided a value."""

    FILE = "file"
    ENVIRONMENT = "environment"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from: ``place`` is ``config.toml:12``, the name of a variable, or ""."""

    kind: OriginKind
    place: str = ""


@dataclass(frozen=True, slots=True)
class At:
    """A place in the configuration, so that whoever finds a mistake there can name file, line and key."""

    file: Path
    path: KeyPath = ()
    lines: Mapping[KeyPath, int] = field(default_factory=dict, repr=False)

    def key(self, *names: str | int) -> At:
        """The place below this one."""
        return At(self.file, (*self.path, *names), self.lines)

    @property
    def line(self) -> int | None:
        """Its line, or that of the nearest table around it."""
        return line_of(self.lines, self.path)

    def problem(
        self,
        kind: ProblemKind,
        *,
        found: str = "",
        allowed: tuple[str, ...] = (),
        nearest: str = "",
        detail: str = "",
    ) -> ConfigProblem:
        """A problem with this place."""
        key = ".".join(str(part) for part in self.path)
        return ConfigProblem(kind, str(self.file), self.line, printable(key), found, allowed, nearest, detail)


def printable(text: str) -> str:
    """A text from outside as it may stand in a message: no control characters, at most 60 characters."""
    shown = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[:61])
    return shown if len(text) <= 60 else f"{shown[:60]}…"


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """``[network]``: what holds for every connection. Seconds; ``proxy`` "" = as the environment says."""

    proxy: str = ""
    ca: Path | None = None
    timeout: float = 30.0
    deadline: float = 120.0

    def __post_init__(self) -> None:
        """Refuse limits that would let no call through. Raises ValueError("field: message")."""
        for name in ("timeout", "deadline"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name}: must be greater than 0")


@dataclass(frozen=True, slots=True)
class ErpConfig:
    """``[customers.KEY.erp]``. ``options`` holds the keys that belong to the kind of source (``columns``)."""

    source: str
    url: str = ""
    folder: Path | None = None
    environment: Environment = "practice"
    ca: Path | None = None
    proxy: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartnerConfig:
    """``[customers.KEY.PARTNER]``. ``options`` and ``use_cases`` are raw: the partner knows their meaning."""

    key: str
    enabled: bool = True
    environment: Environment = "practice"
    url: str = ""
    ca: Path | None = None
    proxy: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    use_cases: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Customer:
    """``[customers.KEY]``. ``mandanten`` () and ``separator`` "" mean: not agreed for the whole customer.

    ``control`` is the address of the sandboxes' own API, in practice only: it plays the people there.
    """

    key: str
    name: str
    erp_product: str = ""
    mandanten: Mandanten = ()
    separator: Separator | Literal[""] = ""
    language: Literal["de", "en"] = "de"
    control: str = ""
    erp: ErpConfig | None = None
    partners: Mapping[str, PartnerConfig] = field(default_factory=dict)

    @property
    def inherited(self) -> Mapping[str, Any]:
        """What settings take from the customer where they have a field of that name and no value."""
        values = {"mandanten": self.mandanten, "separator": self.separator, "language": self.language}
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration without problems. ``origins`` tells for every value what decided it."""

    customers: Mapping[str, Customer]
    network: NetworkConfig
    path: Path
    origins: Mapping[KeyPath, Origin] = field(repr=False)
    lines: Mapping[KeyPath, int] = field(repr=False)

    def at(self, *path: str) -> At:
        """The place of a value, to report a problem with it: ``at("customers", key, "bots4you")``."""
        return At(self.path, path, self.lines)


def valid_url(url: str) -> bool:
    """Whether this is a plain http(s) address: a host, no user, nothing that two readers read differently."""
    if any(c in "\\@" or c.isspace() or not c.isprintable() for c in url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def is_loopback(url: str) -> bool:
    """Whether the address can only mean this machine: 127.0.0.0/8, ::1, localhost or a name below it."""
    return valid_url(url) and network.is_loopback(urlsplit(url).hostname or "")

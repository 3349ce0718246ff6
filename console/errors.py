"""What the console tells when it cannot go on, and the exit code that goes with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Exit(IntEnum):
    """The exit codes scripts rely on."""

    OK = 0
    FINDINGS = 1  # findings, differences (plan) or failed records
    USAGE = 2  # wrong arguments or configuration
    UNREACHABLE = 3  # partner unreachable or access refused
    INTERRUPTED = 4  # work is left and can be resumed
    GUARD = 5  # a safety guard stopped the run
    CRASH = 70


_PRECEDENCE = (
    Exit.CRASH, Exit.USAGE, Exit.UNREACHABLE, Exit.GUARD, Exit.INTERRUPTED, Exit.FINDINGS, Exit.OK,
)  # fmt: skip


def worst(codes: Iterable[int]) -> Exit:
    """The one code that speaks for all of them; OK when there are none. Raises ValueError for others."""
    return min((Exit(code) for code in codes), key=_PRECEDENCE.index, default=Exit.OK)


class ConsoleError(Exception):
    """Ends a command with one or two lines for a person: what is wrong, and what to do next (``hint``)."""

    def __init__(self, message: str, hint: str = "", code: int = Exit.USAGE) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = Exit(code)

    def lines(self, language: str = "de") -> tuple[str, ...]:
        """The lines to print."""
        return (self.message, self.hint) if self.hint else (self.message,)


class MissingCredentials(ConsoleError):
    """A partner (or ``erp``) cannot be asked because these fields of its credentials are not there."""

    def __init__(self, message: str, hint: str, environment: str, names: tuple[str, ...]) -> None:
        super().__init__(message, hint)
        self.environment = environment
        self.names = names


class ProblemKind(StrEnum):
    """What can be wrong with a place of the configuration."""

    MISSING_FILE = "missing_file"
    UNREADABLE = "unreadable"
    SYNTAX = "syntax"
    UNKNOWN = "unknown"
    MISSING = "missing"
    TYPE = "type"
    VALUE = "value"
    PRACTICE = "practice"
    ONLY_PRACTICE = "only_practice"
    CLEAR_TEXT = "clear_text"
    SECRET = "secret"  # noqa: S105 - the name of a kind
    REFUSED_EDIT = "refused_edit"


_SENTENCES: dict[ProblemKind, dict[str, str]] = {
    ProblemKind.MISSING_FILE: {
        "de": "Die Datei gibt es nicht. „einzug init“ legt sie an.",
        "en": 'There is no such file. "einzug init" creates it.',
    },
    ProblemKind.UNREADABLE: {
        "de": "Die Datei lässt sich nicht lesen ({detail}).",
        "en": "The file cannot be read ({detail}).",
    },
    ProblemKind.SYNTAX: {"de": "Kein gültiges TOML: {detail}.", "en": "Not valid TOML: {detail}."},
    ProblemKind.UNKNOWN: {
        "de": "Dieser Schlüssel ist hier unbekannt.",
        "en": "This key is not known here.",
    },
    ProblemKind.MISSING: {"de": "Diese Angabe fehlt.", "en": "This value is missing."},
    ProblemKind.TYPE: {"de": "", "en": ""},
    ProblemKind.VALUE: {"de": "{detail}", "en": "{detail}"},
    ProblemKind.PRACTICE: {
        "de": "In der Umgebung „practice“ darf jede Adresse nur auf diesen Rechner zeigen "
        "(127.0.0.1, ::1 oder localhost).",
        "en": 'In the environment "practice" every address has to point to this machine '
        "(127.0.0.1, ::1 or localhost).",
    },
    ProblemKind.ONLY_PRACTICE: {
        "de": "Diese Angabe gibt es nur in der Übungsumgebung (practice): sie spielt dort die Menschen.",
        "en": 'This value belongs to the environment "practice" alone: it plays the people there.',
    },
    ProblemKind.CLEAR_TEXT: {
        "de": "Außerhalb dieses Rechners muss die Adresse mit https beginnen: sonst wären Kennwörter und "
        "Mieterdaten unterwegs lesbar.",
        "en": "Beyond this machine the address has to begin with https: passwords and tenants' data could be "
        "read on their way otherwise.",
    },
    ProblemKind.SECRET: {
        "de": "Zugangsdaten gehören nicht in diese Datei. Entfernen Sie die Angabe und hinterlegen Sie sie "
        "mit „einzug credentials set“ im Schlüsselbund.",
        "en": "Credentials do not belong into this file. Remove the value and store it in the keyring with "
        '"einzug credentials set".',
    },
    ProblemKind.REFUSED_EDIT: {
        "de": "Die Änderung würde die Datei beschädigen und wurde nicht geschrieben. {detail}",
        "en": "The change would damage the file and was not written. {detail}",
    },
}

_ADDITIONS = {
    "de": {
        "found": "Gefunden: {found}.",
        "allowed": "Erlaubt: {allowed}.",
        "nearest": "Meinten Sie „{nearest}“?",
    },
    "en": {
        "found": "Found: {found}.",
        "allowed": "Allowed: {allowed}.",
        "nearest": 'Did you mean "{nearest}"?',
    },
}

_WORDS: dict[str, dict[str, str]] = {
    "@text": {"de": "ein Text in Anführungszeichen", "en": "a text in quotation marks"},
    "@boolean": {"de": "true oder false", "en": "true or false"},
    "@integer": {"de": "eine ganze Zahl", "en": "a whole number"},
    "@number": {"de": "eine Zahl", "en": "a number"},
    "@date": {"de": "ein Datum (JJJJ-MM-TT)", "en": "a date (YYYY-MM-DD)"},
    "@list": {"de": 'eine Liste wie ["10", "20"]', "en": 'a list such as ["10", "20"]'},
    "@table": {"de": "eine Tabelle", "en": "a table"},
    "@path": {"de": "ein Pfad als Text", "en": "a path as a text"},
    "@url": {
        "de": "eine Adresse mit http:// oder https://, ohne Benutzer und Kennwort",
        "en": "an address with http:// or https://, without user and password",
    },
    "@key": {
        "de": "Kleinbuchstaben, Ziffern und Bindestriche",
        "en": "lower-case letters, digits and hyphens",
    },
    "@positive": {"de": "eine Zahl größer als 0", "en": "a number greater than 0"},
}


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One thing that is wrong in the configuration, with its place.

    ``key`` is the dotted path (``customers.musterstadt.erp.url``), ``found`` what stands there (never a
    secret), ``allowed`` the permitted values; an entry with ``@`` names a type and is put into words.
    """

    kind: ProblemKind
    file: str
    line: int | None = None
    key: str = ""
    found: str = ""
    allowed: tuple[str, ...] = ()
    nearest: str = ""
    detail: str = ""

    def sentence(self, language: str = "de") -> str:
        """``config.toml:12: customers.a.erp.url: Gefunden: 7. Erlaubt: ein Text.`` in German or English."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        additions = _ADDITIONS[language]
        parts = [additions["found"].format(found=self.found)] if self.found else []
        parts.append(_SENTENCES[self.kind][language].format(detail=self.detail).strip())
        if self.allowed:
            words = ", ".join(_WORDS.get(a, {}).get(language, a) for a in self.allowed)
            parts.append(additions["allowed"].format(allowed=words))
        if self.nearest:
            parts.append(additions["nearest"].format(nearest=self.nearest))
        return ": ".join(p for p in (place, self.key, " ".join(filter(None, parts))) if p)


class ConfigError(ConsoleError):
    """The configuration cannot be used. It names every problem at once, not the first only."""

    def __init__(self, problems: tuple[ConfigProblem, ...]) -> None:
        super().__init__("\n".join(p.sentence("en") for p in problems))
        self.problems = problems

    def lines(self, language: str = "de") -> tuple[str, ...]:
        """One line per problem."""
        return tuple(p.sentence(language) for p in self.problems)

"""The language of everything shown: German or English, chosen once at the start.

Source texts are English and marked with ``_`` or ``ngettext``; the German ones are in
``locale/de/LC_MESSAGES/einzug.po``. A text names its values as ``{name}`` and is filled in afterwards.
"""

from __future__ import annotations

import gettext
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = ("de", "en")
DOMAIN = "einzug"
LOCALE = Path(__file__).with_name("locale")
"""Where the compiled catalogues lie (``importlib.resources`` would double the time of a start)."""


class _Active:
    """The language in force; set by ``setup``, or from the environment on first use."""

    language = ""
    translations: gettext.NullTranslations = gettext.NullTranslations()


_SPOKEN: ContextVar[tuple[str, gettext.NullTranslations] | None] = ContextVar("spoken", default=None)
"""What ``speaking`` puts in the place of the language in force, in this thread or task alone."""


def setup(language: str | None = None) -> None:
    """Choose the language: ``de`` or ``en``, or None to follow the locale. Raises ValueError for another."""
    chosen = language or preferred(os.environ)
    if chosen not in LANGUAGES:
        raise ValueError(f"language {chosen!r}: allowed are {', '.join(LANGUAGES)}")
    _Active.language = chosen
    _Active.translations = _catalogue(chosen)


@contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """Another language for the length of a block, in this thread alone: what is written for somebody else."""
    token = _SPOKEN.set((chosen, _catalogue(chosen)))
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def language() -> str:
    """The language in force: ``de`` or ``en``."""
    if (spoken := _SPOKEN.get()) is not None:
        return spoken[0]
    if not _Active.language:
        setup()
    return _Active.language


def preferred(environ: Mapping[str, str]) -> str:
    """The language that the locale asks for: German where it is C, POSIX, unset or German, else English."""
    name = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or _windows_locale()
    base = name.split(".")[0].split("@")[0]
    return "de" if base in ("", "C", "POSIX") or base.replace("-", "_").split("_")[0] == "de" else "en"


def _windows_locale() -> str:
    """Windows names its language through the system, not the environment; "" elsewhere."""
    if sys.platform != "win32":
        return ""
    import ctypes
    import locale

    return locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")


@cache
def _catalogue(chosen: str) -> gettext.NullTranslations:
    if chosen == "en":
        return gettext.NullTranslations()
    compiled = LOCALE / chosen / "LC_MESSAGES" / f"{DOMAIN}.mo"
    with compiled.open("rb") as file:
        return gettext.GNUTranslations(file)


def _(message: str) -> str:
    """The message in the language in force; the English one where the catalogue has none."""
    return _translations().gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """The form for a count of ``n`` in the language in force."""
    return _translations().ngettext(singular, plural, n)


def _translations() -> gettext.NullTranslations:
    if (spoken := _SPOKEN.get()) is not None:
        return spoken[1]
    language()
    return _Active.translations


def N_(message: str) -> str:
    """The message itself, marked for the catalogue: for tables that are translated when shown."""
    return message

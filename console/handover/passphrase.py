"""The passphrase of a hand-over file: when it is too weak, and why. Pure.

Whoever finds the file may try passphrases for as long as they like; scrypt makes each try dear, and length
makes them many.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from console.i18n import _

LEAST = 14
"""Characters that a passphrase has at least."""

DIFFERENT = 7
"""Different characters among them, at least."""

_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertzuiopü",
    "qwertyuiop",
    "asdfghjklöä",
    "yxcvbnm",
    "zxcvbnm",
)
_COMMON = (
    "passwort",
    "password",
    "passphrase",
    "kennwort",
    "geheim",
    "einzug",
    "handover",
    "welcome",
    "willkommen",
)
_LONGEST_RUN = 4


def normal(text: str) -> str:
    """The passphrase as it is used: an umlaut is the same on every keyboard and system."""
    return unicodedata.normalize("NFC", text)


def weakness(passphrase: str, known: Iterable[str] = ()) -> str | None:
    """Why a passphrase is refused, as a sentence; None where it will do.

    ``known`` are words that whoever guesses would try: names of the customer and of people.
    """
    text = normal(passphrase)
    if len(text) < LEAST:
        return _("The passphrase is too short: at least {count} characters, better four words.").format(
            count=LEAST
        )
    if len(set(text.casefold())) < DIFFERENT:
        return _("The passphrase repeats itself: it needs at least {count} different characters.").format(
            count=DIFFERENT
        )
    rest = _without(text.casefold(), [*_COMMON, *(word.casefold() for word in known if len(word) > 3)])
    if len(rest) < LEAST // 2:
        return _("The passphrase is easy to guess: it hardly holds more than well-known words.")
    if len(_without_runs(rest)) < LEAST // 2:
        return _("The passphrase is easy to guess: it follows the alphabet, the numbers or the keyboard.")
    return None


def _without(text: str, words: Iterable[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "")
    return text


def _without_runs(text: str) -> str:
    """The text without stretches of the alphabet, of numbers or of a keyboard's row, either way."""
    rows = [*_RUNS, *(row[::-1] for row in _RUNS)]
    kept, at = "", 0
    while at < len(text):
        run = max((_run(row, text[at:]) for row in rows), default=0)
        if run < _LONGEST_RUN:
            kept += text[at]
            run = 1
        at += run
    return kept


def _run(row: str, text: str) -> int:
    """How many characters of the text stand in the row one after another."""
    start = row.find(text[0])
    length = 0
    while start >= 0 and row[start + length : start + length + 1] == text[length : length + 1] != "":
        length += 1
    return length

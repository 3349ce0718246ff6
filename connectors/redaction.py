"""Masks secrets and personal data in text that leaves the program: logs, ``--debug`` output, error places."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from urllib.parse import quote, quote_plus

MASK = "***"

_SHORT = 4  # shorter secrets are masked as whole words only, or nothing would stay readable
_KEY = r"(?:authorization|token|secret|passwor[dt]|passwd|pwd|kennwort|api[-_ ]?key|cookie|hmac|signature)"
_PAIR = re.compile(
    rf"""(?ix)
    (?P<key> (?<![\w-]) [\w-]{{0,40}}? {_KEY} \b
        (?: \\?["'] \s*[:=,]\s* | \s*[:=]\s* ) (?:b(?=["']))? )  # "key": 'key', key= key:
    (?P<value> \\"(?:[^"\\]|\\[^"])*\\" | "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | \\?["'][^\s"']+
        | (?:basic|bearer|digest|negotiate|token)\s+[^\s,;"'&]+
        | [^\s,;&"'(){{}}\[\]]+ )"""
)
_PERSONAL = tuple(
    re.compile(pattern)
    for pattern in (
        r"[\w.+-]{1,64}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63})+",  # e-mail
        r"(?i)\bDE\d{2}\s?(?:\d{4}\s?){4}\d{2}\b",
        r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b",  # IBAN of any country
        r"(?<![\w.+*-])(?!\d\d?\.\d\d?\.\d{2,4}\b)"  # telephone, but no date
        r"(?:\+|00|\(?0)[1-9](?:[ ()/.-]{0,2}\d){5,13}(?![\w*])",
    )
)
_EMAIL = _PERSONAL[0]
_PASSES = 12


def mask_secrets(text: str, secrets: Iterable[str]) -> str:
    """The text without the given secrets (also as a URL or JSON spells them) and e-mail addresses.

    For paths and ids, where a long number is no telephone number.
    """
    known = _spellings(frozenset(secrets))
    return _settled(text, lambda t: _EMAIL.sub(MASK, known.sub(MASK, t) if known else t))


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without secrets, passwords and keys in pairs or queries, e-mail, IBAN and telephone numbers.

    Idempotent, never raises; what looks like a secret counts as one.
    """
    known = _spellings(frozenset(secrets))

    def once(old: str) -> str:
        new = known.sub(MASK, old) if known else old
        new = _PAIR.sub(lambda m: m["key"] + _masked(m["value"]), new)
        for pattern in _PERSONAL:
            new = pattern.sub(MASK, new)
        return new

    return _settled(text, once)


class RedactingFormatter(logging.Formatter):
    """Formats a log line and its traceback (no local variables) and redacts the whole.

    ``secrets`` is read anew for each line, so the owner may add to it later.
    """

    def __init__(self, secrets: Collection[str] = (), fmt: str | None = None) -> None:
        super().__init__(fmt or "%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """The redacted line; a record that cannot be formatted is named, never shown raw."""
        # A copy, or the traceback text cached in the record would reach other handlers unredacted.
        own = logging.makeLogRecord(record.__dict__)
        own.exc_text = None
        try:
            text = super().format(own)
        except (TypeError, ValueError, KeyError):
            own.msg, own.args = "a message that cannot be formatted", None
            text = super().format(own)
        return redact(text, self._secrets)


def _masked(value: str) -> str:
    """The mask in the same quotes, so that a second pass finds it unchanged."""
    for quote_mark in ('\\"', '"', "'"):
        if len(value) >= 2 * len(quote_mark) and value.startswith(quote_mark) and value.endswith(quote_mark):
            return f"{quote_mark}{MASK}{quote_mark}"
    return MASK


@lru_cache(maxsize=32)
def _spellings(secrets: frozenset[str]) -> re.Pattern[str] | None:
    """One pattern for all secrets in each form in which they may be written; None for none."""
    whole, words = set[str](), set[str]()
    for secret in secrets:
        forms = {
            secret,
            quote(secret, safe="", errors="replace"),
            quote(secret, errors="replace"),
            quote_plus(secret, errors="replace"),
            json.dumps(secret)[1:-1],
            json.dumps(secret, ensure_ascii=False)[1:-1],
        }
        if len(secret) >= _SHORT:
            whole |= forms
        elif secret.isalnum():
            words.add(secret)
    parts = [re.escape(s) for s in sorted(whole, key=len, reverse=True)]
    parts += [rf"(?<!\w){re.escape(s)}(?!\w)" for s in sorted(words, key=len, reverse=True)]
    return re.compile("|".join(parts)) if parts else None


def _settled(text: str, once: Callable[[str], str]) -> str:
    """Repeat a pass until it changes nothing: a mask may put together what was apart."""
    for _ in range(_PASSES):
        new = once(text)
        if new == text:
            break
        text = new
    return text

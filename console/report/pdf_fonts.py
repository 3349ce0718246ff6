"""The fonts of the PDF, which come with reportlab, and texts as these fonts can print them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path

import reportlab
from reportlab.pdfbase.pdfmetrics import getRegisteredFontNames, registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont, TTFontFace

PLAIN, BOLD = "Vera", "VeraBd"
UNKNOWN = "?"
"""Stands for a character that the fonts do not have; the HTML shows it."""

_SPELLED = {
    "→": "->", "←": "<-", "↔": "<->", "✓": "+", "✗": "x", "○": "o", "●": "o", "■": "-", "▶": ">", "∅": "-",
    "\u202f": "\u00a0", "\u2011": "-", "\u2010": "-", "␉": " ", "⏎": " / ",
}  # fmt: skip


def register() -> None:
    """Make the fonts known; again and again does no harm."""
    if PLAIN in getRegisteredFontNames():
        return
    for name in (PLAIN, BOLD):
        registerFont(TTFont(name, str(_file(name))))
    registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)


def printable(text: str) -> str:
    """The text in the characters of the fonts: arrows and marks spelled out, foreign accents dropped."""
    known = _known()
    if all(ord(char) in known or char == "\n" for char in text):
        return text
    return "".join(_spelled(char, known) for char in unicodedata.normalize("NFC", text))


def _spelled(char: str, known: frozenset[int]) -> str:
    if ord(char) in known or char == "\n":
        return char
    if char in _SPELLED:
        return _SPELLED[char]
    if unicodedata.combining(char):
        return ""
    plain = "".join(c for c in unicodedata.normalize("NFKD", char) if ord(c) in known)
    return plain or UNKNOWN


@lru_cache(1)
def _known() -> frozenset[int]:
    """The characters that both fonts can print."""
    plain, bold = (TTFontFace(str(_file(name))).charToGlyph for name in (PLAIN, BOLD))
    return frozenset(code for code in plain if code in bold and code >= 0x20)


def _file(name: str) -> Path:
    return Path(reportlab.__file__).parent / "fonts" / f"{name}.ttf"

"""External text made safe for a terminal: nothing in it can steer the screen, hide or pose as another.

Whatever comes from a partner, the ERP, a file or the network passes ``clean`` before it is shown. Control
characters write clipboards and titles, bidirectional ones turn ``gpj.exe`` around, invisible ones make two
different names look alike. All of them become symbols that can be seen.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

REPLACED = "\N{REPLACEMENT CHARACTER}"
"""Stands for a character that cannot be seen or should not be there."""

CUT = "\N{HORIZONTAL ELLIPSIS}"
MARKS = 4
"""Combining marks that a character may carry; more than any living language stacks."""

JOINS = 3
"""Joiners in one emoji: a family has three. A chain of a thousand would count as two columns."""

_NEWLINE = "\N{RETURN SYMBOL}"
_BASE = "\N{DOTTED CIRCLE}"
_ZWJ, _TEXT, _EMOJI = "\u200d", "\ufe0e", "\ufe0f"
_JOINERS = _ZWJ + _TEXT + _EMOJI

_SYMBOLS = {
    **{code: chr(0x2400 + code) for code in range(0x20)},
    **dict.fromkeys((0x0A, 0x85, 0x2028, 0x2029), _NEWLINE),
    0x7F: "\N{SYMBOL FOR DELETE}",
    0xAD: "\N{NOT SIGN}",  # the soft hyphen, as text processors show it
    # Letters by their category, yet nothing is drawn for them.
    **dict.fromkeys((0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0), REPLACED),
    **dict.fromkeys((*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)), REPLACED),
}
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_UNSTEADY = dict.fromkeys((*map(ord, _JOINERS), *range(0x1F3FB, 0x1F400)))


def clean(text: str, limit: int | None = None) -> str:
    """The text as it may be shown: on one line, at most ``limit`` characters, the last then ``…``.

    Never raises, and cleaning twice changes nothing. Emoji and accents stay; line ends become ``⏎``, tabs
    ``␉``, ESC ``␛``, what has no symbol ``�``; a flood of combining marks is cut.
    """
    ahead = text if limit is None else text[: limit * 8 + 8]  # a flood behind the limit costs nothing
    if not (ahead.isprintable() and (ahead.isascii() or max(ahead) < "\u0300")):
        ahead = "".join(_visible(ahead.replace("\r\n", "\n")))
    if limit is None or len(ahead) <= limit:
        return ahead
    return (ahead[: max(0, limit - 1)].rstrip(_JOINERS) + CUT)[:limit]


def clean_lines(text: str, limit: int | None = None) -> str:
    """Like ``clean``, but line ends stay line ends: for the whole value of a long text."""
    cut = text if limit is None or len(text) <= limit else text[: max(0, limit - 1)] + CUT
    return "\n".join(clean(line) for line in _LINE_END.split(cut))


def cell_width(text: str) -> int:
    """How many columns the text takes in a terminal, as Textual counts them."""
    from rich.cells import cell_len  # late: the command line starts without it

    return cell_len(text)


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Cleaned text as one table cell: exactly ``width`` columns, padded, or cut with ``…``.

    Terminals disagree about the width of joined emoji, variation selectors and skin tones. In a cell they
    are left out, so that the columns behind it stand where they should; ``clean`` keeps them.
    """
    shown = clean(text, 4 * width + 8)
    if not shown.isascii():
        shown = shown.translate(_UNSTEADY)
    used = len(shown) if shown.isascii() else cell_width(shown)
    if used > width:
        shown = _cropped(shown, width - 1) + CUT if width > 0 else ""
        used = cell_width(shown)
    blanks = " " * (width - used)
    return blanks + shown if right else shown + blanks


def _cropped(text: str, width: int) -> str:
    """As many characters as fit into ``width`` columns, with the marks they carry."""
    used = 0
    for at, char in enumerate(text):
        used += cell_width(char)
        if used > width:
            return text[:at]
    return text


def _visible(text: str) -> Iterator[str]:
    """The text character by character, each one as it may be shown."""
    before, marks, joins = "", 0, 0
    for at, char in enumerate(text):
        shown = _symbol(char)
        if char in _JOINERS:
            joins += char == _ZWJ
            needed = joins <= JOINS and _joins(char, before, text[at + 1 : at + 2])
            shown = char if needed else REPLACED
        elif shown == char and _attaches(char):
            marks += 1
            if marks > MARKS + 1:
                continue
            shown = REPLACED if marks > MARKS else char if before else _BASE + char
        else:
            marks = 0
            joins = joins if before == _ZWJ else 0
        yield shown
        before = shown[-1]


def _symbol(char: str) -> str:
    """What stands for a character wherever it occurs; itself if it is harmless."""
    if (symbol := _SYMBOLS.get(ord(char))) is not None:
        return symbol
    harmless = char.isprintable() or _is_picture(char) or unicodedata.category(char) == "Zs"
    return char if harmless else REPLACED


def _joins(char: str, before: str, after: str) -> bool:
    """Whether a joiner or variation selector stands where an emoji needs it, and nothing can hide in it."""
    if char == _ZWJ:
        return (_is_picture(before) or before == _EMOJI) and _is_picture(after)
    return _is_picture(before) or (bool(before) and before in "0123456789#*©®™‼⁉")


def _is_picture(char: str) -> bool:
    """Whether it is drawn as an emoji; newer ones count, although this Python does not know them yet."""
    return (
        "\U0001f300" <= char <= "\U0001faff" or "\u2600" <= char <= "\u27bf" or "\u2b00" <= char <= "\u2bff"
    )


def _attaches(char: str) -> bool:
    """Whether it is drawn into the character before it."""
    return char >= "\u0300" and (unicodedata.category(char).startswith("M") or cell_width(char) == 0)

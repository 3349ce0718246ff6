"""Where two texts differ: pieces of both, cut at words, and no slower for long ones than for short ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from console.safe import CUT, cell_width

WORDS = 400
"""More differing words than this are shown as one difference: nobody could follow, and matching is slow."""

_WORD = re.compile(r"\w+|\s+|.", re.DOTALL)


class Piece(NamedTuple):
    """A part of a text, and whether the other text lacks it."""

    text: str
    differs: bool


Pieces = tuple[Piece, ...]


def pieces(old: str, new: str) -> tuple[Pieces, Pieces]:
    """Both texts cut into what they share and what they do not. Joined, each is the text again."""
    left, right = _WORD.findall(old), _WORD.findall(new)
    head = _shared(left, right)
    tail = _shared(left[head:][::-1], right[head:][::-1])
    middles = left[head : len(left) - tail], right[head : len(right) - tail]
    opcodes: Sequence[tuple[str, int, int, int, int]] = (("replace", 0, len(middles[0]), 0, len(middles[1])),)
    if max(map(len, middles)) <= WORDS:
        opcodes = SequenceMatcher(None, *middles, autojunk=False).get_opcodes()
    start, end = "".join(left[:head]), "".join(left[len(left) - tail :])
    return (
        _merged(start, [("".join(middles[0][a:b]), tag != "equal") for tag, a, b, _, _ in opcodes], end),
        _merged(start, [("".join(middles[1][a:b]), tag != "equal") for tag, _, _, a, b in opcodes], end),
    )


def excerpt(whole: Pieces, width: int, context: int = 12) -> Pieces:
    """As much as fits into ``width`` columns, with the first difference in it; ``…`` where it is cut."""
    total = sum(cell_width(piece.text) for piece in whole)
    if total <= width:
        return whole
    before = 0
    for piece in whole:
        if piece.differs:
            break
        before += len(piece.text)
    else:
        before = 0
    skip = max(0, before - context) if before + context > width else 0
    shown = [Piece(CUT, differs=False)] if skip else []
    room = width - len(shown) - 1
    for piece in whole:
        text, skip = piece.text[skip:], max(0, skip - len(piece.text))
        for at, char in enumerate(text):
            room -= cell_width(char)
            if room < 0:
                return (*shown, Piece(text[:at], piece.differs), Piece(CUT, differs=False))
        if text:
            shown.append(Piece(text, piece.differs))
    return tuple(shown)


def _shared(left: Sequence[str], right: Sequence[str]) -> int:
    """How many parts both begin with."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def _merged(start: str, middle: list[tuple[str, bool]], end: str) -> Pieces:
    return tuple(Piece(text, differs) for text, differs in [(start, False), *middle, (end, False)] if text)

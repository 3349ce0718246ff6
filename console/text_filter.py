"""The filter that is typed above a table: plain text, ``!text`` for everything else, ``/…/`` for a pattern."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextFilter:
    """Decides which rows stay. ``pattern`` None keeps all."""

    pattern: re.Pattern[str] | None = None
    inverse: bool = False

    def keeps(self, text: str) -> bool:
        """Whether a row with this text stays."""
        return self.pattern is None or (self.pattern.search(text) is None) == self.inverse

    @property
    def shown(self) -> re.Pattern[str] | None:
        """What is to be marked in the rows that stay."""
        return None if self.inverse else self.pattern


def text_filter(typed: str) -> TextFilter:
    """Read what was typed; case does not matter, and a pattern that is not finished counts as plain text."""
    inverse = typed.startswith("!")
    wanted = typed[inverse:].strip()
    if not wanted:
        return TextFilter()
    if len(wanted) > 2 and wanted[0] == wanted[-1] == "/":
        try:
            return TextFilter(re.compile(wanted[1:-1], re.IGNORECASE), inverse)
        except re.error:
            return TextFilter(re.compile(re.escape(wanted), re.IGNORECASE), inverse)
    return TextFilter(re.compile(re.escape(wanted), re.IGNORECASE), inverse)

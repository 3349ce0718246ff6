"""The filter of ``console.filters`` on rows that lie in memory: runs, outcomes, whatever is not a plan."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from console import filters
from console.store.plan_query import Query, Term, Where, matches

EXACT = (Where.ACTION, Where.RESULT, Where.RULE)
"""What has few values is compared as a whole; in everything else the text is looked for."""


@dataclass(frozen=True, slots=True)
class TextFilter:
    """Decides which rows stay; without terms all do."""

    query: Query = field(default=())

    def keeps(self, text: str, fields: Mapping[Where, str] | None = None) -> bool:
        """Whether a row stays. A field it does not have counts as its whole ``text``."""
        known = fields or {}
        return all(_holds(term, known.get(term.where), text) != term.inverted for term in self.query)

    @property
    def shown(self) -> re.Pattern[str] | None:
        """What is to be marked in the rows that stay."""
        return filters.highlight(self.query)


def text_filter(typed: str) -> TextFilter:
    """Read what was typed. Raises FilterError."""
    return TextFilter(filters.parse(typed))


def _holds(term: Term, value: str | None, text: str) -> bool:
    if value is not None and term.where in EXACT:
        return value in term.texts
    looked_in = text if value is None else value
    if term.pattern:
        return any(matches(part, looked_in) for part in term.texts)
    return any(part.casefold() in looked_in.casefold() for part in term.texts)

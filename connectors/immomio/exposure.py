"""What becomes visible to tenants, seen before it does (rule I21). Pure: counts and reasons over documents.

A word list says which titles nobody should find in an app by surprise; it is data, in ``dangerous.toml``.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib import resources

from connectors.contract import Record, Skipped, Text

CONCERNS = "concerns"
"""A field beside the mapping's: codes of what a person must look at."""

BEFORE_LEASE = "before_lease"
ENDED_LEASE = "ended_lease"
SEVERAL_MANDANTEN = "several_mandanten"
NO_INDEX = "no_index"
SAMPLES = 3

_FOLD = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_WORD = re.compile(r"[a-z]+")


@dataclass(slots=True)
class Group:
    """The visible documents of one archive and category. ``samples`` are titles: personal, to be masked by
    whoever shows them."""

    count: int = 0
    size: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None
    samples: list[str] = field(default_factory=list, repr=False)

    def add(self, record: Record) -> None:
        """Count one document."""
        size, at, title = (record.fields.get(name) for name in ("size", "createdAt", "title"))
        self.count += 1
        self.size += size if isinstance(size, int) else 0
        if isinstance(at, datetime):
            self.oldest = min(self.oldest or at, at)
            self.newest = max(self.newest or at, at)
        if isinstance(title, str) and title not in self.samples and len(self.samples) < SAMPLES:
            self.samples.append(title)


@dataclass(slots=True)
class Exposure:
    """What would be seen: by archive and category; what is kept back, by rule; what a person must look at,
    by concern. ``unindexed`` have no contract number that leads to a lease."""

    groups: dict[tuple[str, str], Group] = field(default_factory=dict)
    kept_back: Counter[str] = field(default_factory=Counter)
    concerns: Counter[str] = field(default_factory=Counter)
    concerned: list[tuple[str, str]] = field(default_factory=list)  # id and concern
    unindexed: int = 0

    @property
    def visible(self) -> int:
        """How many documents tenants would see."""
        return sum(group.count for group in self.groups.values())

    @property
    def size(self) -> int:
        """Their bytes."""
        return sum(group.size for group in self.groups.values())


def exposure(found: Iterable[Record | Skipped]) -> Exposure:
    """Count everything that is desired."""
    seen = Exposure()
    for one in found:
        note(seen, one)
    return seen


def note(seen: Exposure, one: Record | Skipped) -> None:
    """Count the next document."""
    concerns = concerns_of(one)
    for concern in concerns:
        seen.concerns[concern] += 1
        seen.concerned.append((one.id, concern))
    if isinstance(one, Skipped):
        seen.kept_back[one.rule] += 1
        seen.unindexed += NO_INDEX in concerns
        return
    key = str(one.fields.get("archive") or ""), str(one.fields.get("category") or "")
    seen.groups.setdefault(key, Group()).add(one)


def concerns_of(one: Record | Skipped) -> tuple[str, ...]:
    """What a person must look at, as codes."""
    found = one.fields.get(CONCERNS)
    return found if isinstance(found, tuple) else ()


def review(one: Record | Skipped) -> tuple[Text, ...]:
    """The same in sentences, for the list that the data protection officer signs."""
    return tuple(Text("immomio.concern", {"concern": concern}) for concern in concerns_of(one))


def concerns(title: str, created: date, begun: date | None, *, several: bool) -> tuple[str, ...]:
    """What speaks against showing a document of a running lease."""
    found = [BEFORE_LEASE] if begun is not None and created < begun else []
    found += [SEVERAL_MANDANTEN] if several else []
    return (*found, *dangerous_words(title))


def dangerous_words(title: str) -> tuple[str, ...]:
    """The groups of the word list that a title belongs to."""
    words = _WORD.findall(_folded(title))
    joined = " ".join(words)
    return tuple(
        f"word_{name}"
        for name, (parts, whole) in _groups().items()
        if any(part in joined for part in parts) or any(word in whole for word in words)
    )


def masked_title(title: str) -> str:
    """A title with every word hidden that the word list does not know: a name or a number could be any of
    them."""
    return " ".join(word if _harmless(word) else "…" for word in title.split()) or "…"


def _harmless(word: str) -> bool:
    folded = _folded(word.strip(".,;:()-"))
    return folded in _usual()


@cache
def _usual() -> frozenset[str]:
    listed = (word for group in _words().values() for words in group.values() for word in words)
    return frozenset(map(_folded, listed))


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    text = resources.files(__package__).joinpath("dangerous.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _groups() -> Mapping[str, tuple[tuple[str, ...], frozenset[str]]]:
    return {
        name: (
            tuple(map(_folded, group.get("parts", ()))),
            frozenset(map(_folded, group.get("whole", ()))),
        )
        for name, group in _words().items()
        if name != "usual"
    }


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold().translate(_FOLD)

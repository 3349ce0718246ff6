"""What a workbook that came back proposes, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from checklists.model import Item
from console.onboarding.answering import Draft
from console.store.said import Answer


class Found(StrEnum):
    """What keeping a proposal would do."""

    ANSWER = "answer"  # nobody has said anything yet
    CHANGE = "change"  # it follows on the word that was there when the workbook was written
    CONFLICT = "conflict"  # somebody has said something else meanwhile


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that would be otherwise, in words; ``personal`` is masked where somebody looks on."""

    label: str
    former: str = field(repr=False)
    new: str = field(repr=False)
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A word that the file proposes for an item. ``former`` is the one in force."""

    item: Item
    found: Found
    draft: Draft
    place: str
    differences: tuple[Difference, ...]
    former: Answer | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that was not understood: where it stands, what stands there, and why."""

    place: str
    shown: str = field(repr=False)
    why: str
    item: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything that a file would do; ``same`` points say nothing new."""

    file: str
    proposals: tuple[Proposal, ...]
    doubts: tuple[Doubt, ...]
    same: int = 0

    def count(self, found: Found) -> int:
        """How many proposals are of a kind."""
        return sum(one.found is found for one in self.proposals)

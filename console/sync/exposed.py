"""What a plan shows to others for the first time, and what of it a person must look at. Pure.

A number alone binds nobody to what was seen: another set of as many records has the same one. So each of the
two counts has a seal, a short digest over the records and the reasons to look at them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from connectors.contract import Action, Text
from console.sync.plan import Planned

SEAL = 8
"""Characters of a seal: enough to tell two sets apart, few enough to type."""

FIRST = 20
"""So many records are remembered to be named beside a question; the review list has them all."""

Review = Mapping[tuple[str, str], tuple[Text, ...]]
"""Entity and id of a record to what a person must look at before it becomes visible to others."""


class Seal:
    """A short digest over records in plan order."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, planned: Planned, why: Collection[Text]) -> None:
        """Take the next record."""
        told = json.dumps([[text.code, dict(text.args)] for text in why], sort_keys=True).encode()
        for part in (planned.entity.encode(), planned.id.encode(), planned.after or b"", told):
            self._hash.update(len(part).to_bytes(4, "little"))
            self._hash.update(part)

    def __str__(self) -> str:
        return self._hash.hexdigest()[:SEAL]


@dataclass(slots=True)
class Exposed:
    """Counts and seals. ``concerned`` are all records that need a look, sent or not; ``dangerous`` those
    among them that the plan creates or changes."""

    review: Review
    visible: Seal = field(default_factory=Seal)
    dangerous: int = 0
    danger: Seal = field(default_factory=Seal)
    first: list[tuple[str, str]] = field(default_factory=list)  # entity and id of the first of them

    @property
    def concerned(self) -> int:
        """How many records need a look."""
        return len(self.review)

    def add(self, planned: Planned) -> None:
        """Take the next planned action."""
        why = self.review.get((planned.entity, planned.id), ())
        if planned.action is Action.CREATE:
            self.visible.add(planned, why)
        if why and planned.action in (Action.CREATE, Action.UPDATE):
            self.dangerous += 1
            if len(self.first) < FIRST:
                self.first.append((planned.entity, planned.id))
            self.danger.add(planned, why)

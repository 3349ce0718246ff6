"""The checklists of a customer as they stand: read once, then only looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from checklists.model import Checklist
from console.onboarding.facts import gather
from console.onboarding.lists import lists
from console.readiness import Facts, Readiness, Standing, State, readiness, standings
from console.store.answers import Answers
from console.store.said import Answer
from console.store.sealed import Consent

if TYPE_CHECKING:
    from console.workspace import Workspace


@dataclass(frozen=True, eq=False)
class Book:
    """All lists with the standing of every item. ``words`` counts what was said of each, ``unreadable`` names
    items whose answers cannot be opened; ``consent`` tells that answers are stored in clear."""

    lists: tuple[Checklist, ...]
    facts: Facts
    standings: tuple[Standing, ...]
    histories: dict[str, tuple[Answer, ...]] = field(default_factory=dict, repr=False)
    words: Mapping[str, int] = field(default_factory=dict)
    unreadable: frozenset[str] = frozenset()
    consent: Consent | None = None
    needs_consent: bool = False

    @cached_property
    def _items(self) -> dict[str, Standing]:
        return {one.item.id: one for one in self.standings}

    @cached_property
    def _by_list(self) -> dict[str, tuple[Standing, ...]]:
        found: dict[str, list[Standing]] = {one.id: [] for one in self.lists}
        for one in self.standings:
            found[one.checklist].append(one)
        return {key: tuple(held) for key, held in found.items()}

    @cached_property
    def partners(self) -> dict[str, str]:
        """The partner of each list, by the list's id; "" = it concerns the customer."""
        return {one.id: one.partner for one in self.lists}

    def item(self, id_: str) -> Standing | None:
        """The standing of an item."""
        return self._items.get(id_)

    def history(self, item: str) -> tuple[Answer, ...]:
        """Every word on an item, the oldest first."""
        return self.histories.get(item, ())

    @cached_property
    def _subjects(self) -> dict[str, dict[str, list[Answer]]]:
        """The subject counts, not its mark: another machine has another key, and so another mark."""
        found: dict[str, dict[str, list[Answer]]] = {}
        every = (answer for said in self.histories.values() for answer in said if answer.subject)
        for answer in sorted(every, key=lambda one: one.at):
            found.setdefault(answer.about, {}).setdefault(answer.subject, []).append(answer)
        return found

    def subjects(self, item: str) -> Mapping[str, Sequence[Answer]]:
        """Every word on each subject of an item, the oldest first."""
        return self._subjects.get(item, {})

    def party(self, one: Standing) -> str | None:
        """Whose checks answer for an automatic item; None = those of several, or of nobody known."""
        if one.checked is not None:
            return one.checked.finding.key.partition(".")[0]
        general = one.item.key.partition(".")[0] if not one.item.when.use_cases else None
        return self.partners[one.checklist] or general

    def of_list(self, id_: str) -> tuple[Standing, ...]:
        """The items of a list."""
        return self._by_list.get(id_, ())

    @cached_property
    def shown_lists(self) -> tuple[Checklist, ...]:
        """The lists of which anything applies, or was answered."""
        return tuple(one for one in self.lists if any(map(concerns, self.of_list(one.id))))

    @cached_property
    def readiness(self) -> Readiness:
        """Of the customer: every list."""
        return readiness(self.standings)

    @cached_property
    def general(self) -> Readiness:
        """Of the customer as a whole: what concerns no partner and no use case alone."""
        return readiness(one for one in self.standings if self._is_general(one))

    def of_partner(self, key: str) -> Readiness:
        """Of a partner: its lists, and what names it or one of its use cases elsewhere."""
        return readiness(one for one in self.standings if self._names_partner(one, key))

    def of_use_case(self, place: str) -> Readiness:
        """Of a use case (``PARTNER/USE_CASE``): what names it, and what its partner needs for all of them."""
        return readiness(self._of_use_case(place))

    def before_go_live(self, place: str) -> Readiness:
        """What has to be settled before a use case goes live: its own, its partner's, and the customer's."""
        general = (one for one in self.standings if self._is_general(one))
        return readiness([*general, *self._of_use_case(place)])

    def _of_use_case(self, place: str) -> Iterator[Standing]:
        partner = place.partition("/")[0]
        for one in self.standings:
            named = one.item.when.use_cases
            if place in named or (not named and self._names_partner(one, partner)):
                yield one

    def _names_partner(self, one: Standing, key: str) -> bool:
        when = one.item.when
        named = {self.partners[one.checklist], *when.partners}
        return key in named or any(place.partition("/")[0] == key for place in when.use_cases)

    def _is_general(self, one: Standing) -> bool:
        when = one.item.when
        return not (self.partners[one.checklist] or when.partners or when.use_cases)


def concerns(one: Standing) -> bool:
    """Whether an item is worth showing: it applies, or somebody said that it does not."""
    return one.state is not State.NOT_APPLICABLE or one.answer is not None


def read(workspace: Workspace, *, now: datetime | None = None) -> Book:
    """The book of a customer; works without any network. Blocks briefly. Raises ConsoleError, StoreError."""
    found = lists(workspace.config_path)
    with workspace.store() as conn:
        answers = Answers(conn, workspace.vault, workspace.folder)
        history, consent, needs_consent = answers.history(), answers.consent, answers.needs_consent
    facts = gather(workspace, history.latest, now or datetime.now(UTC))
    by_item: dict[str, list[Answer]] = {}
    for answer in history.answers:
        by_item.setdefault(answer.item, []).append(answer)
    return Book(
        lists=found,
        facts=facts,
        standings=tuple(standings(found, facts)),
        histories={item: tuple(said) for item, said in by_item.items()},
        words=history.words,
        unreadable=history.unreadable,
        consent=consent,
        needs_consent=needs_consent,
    )

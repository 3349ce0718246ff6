"""What the tests of the go-live share: a short checklist with what the step asks, and answers to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checklists import loader
from checklists.loader import shipped
from checklists.model import Checklist
from console.golive.conditions import ASKED, PROVEN
from console.onboarding.answering import Draft, Values, keep
from console.onboarding.book import read
from console.store.said import Said
from console.workspace import Workspace

BLOCKER = "go_live.informed"
EXPIRES = "go_live.expiry"
NAME = "Erika Muster"

VALUES: dict[str, Values] = {
    "go_live.way_back": {"decides": "Frieda Beispiel"},
    "go_live.contacts": {"department": "A", "it": "B", "erp_vendor": "C", "partner": "D"},
    "go_live.time": {"day": "2026-12-01", "hour": "9:00"},
    BLOCKER: {"told": ("reception",)},
    EXPIRES: {"first": "2027-03-01"},
}


def short_list() -> tuple[Checklist, ...]:
    """The go-live checklist with what the step asks and proves, one blocker, and one that expires."""
    (found,) = (one for one in shipped() if one.id == "go_live")
    wanted = {*ASKED, *PROVEN, BLOCKER, EXPIRES}
    return (replace(found, items=tuple(item for item in found.items if item.id in wanted)),)


def only_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this list be in force instead of those that come with the console."""
    found = short_list()
    monkeypatch.setattr(loader, "shipped", lambda: found)


def say(place: Workspace, item: str, said: Said = Said.DONE, values: Values | None = None) -> None:
    """Erika Muster answers an item."""
    standing = read(place).item(item)
    assert standing is not None
    keep(
        place,
        standing.item,
        Draft(said, NAME, "Lauf zurücknehmen, Rufe zurück.", VALUES[item] if values is None else values),
    )


def settle(place: Workspace) -> None:
    """Everything that the step asks is answered, and nothing blocks."""
    for item in (*ASKED, BLOCKER):
        say(place, item)

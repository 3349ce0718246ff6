"""Opening the window of an item's answer, and keeping what was answered there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from textual.app import App

from checklists.model import Item
from console.cockpit import Cockpit
from console.i18n import _
from console.onboarding.answering import Draft
from console.readiness import Standing
from console.screens.answer_dialog import AnswerDialog, Desk, Known, Start
from console.screens.consent import consented
from console.store.said import Said

Done = Callable[[Draft | None], None]
"""Hears what was kept; None where nothing was."""


def ask(
    app: App[Any], cockpit: Cockpit, one: Standing, done: Done, start: Start, said: Said | None = None
) -> None:
    """Ask for the answer to an item."""
    desk = Desk(partial(_look, cockpit, one), partial(_keep, app, cockpit, one.item))
    who, mask = cockpit.checklists.who, cockpit.masked
    app.push_screen(AnswerDialog(desk, who=who, mask=mask, start=start, said=said), done)


def _look(cockpit: Cockpit, former: Standing) -> Known:
    """How an item stands now, and how many words were said of it."""
    book, id_ = cockpit.checklists.book, former.item.id
    if book is None:
        return Known(former, 0)
    return Known(book.item(id_) or former, book.words.get(id_, 0))


async def _keep(app: App[Any], cockpit: Cockpit, item: Item, draft: Draft) -> tuple[str, ...]:
    """Keep an answer; without a keyring somebody agrees first, once. Why it was not kept, else ()."""
    book = cockpit.checklists.book
    consent = False if book is None else await consented(app, book)
    if consent is None:
        return (_("Nothing was stored: nobody agreed to readable storage."),)
    return await cockpit.checklists.answer(item, draft, consent=consent)

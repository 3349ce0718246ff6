"""Clear storage is agreed to once: by whoever stores the first answer on a machine without a keyring."""

from __future__ import annotations

from typing import Any

from textual.app import App

from console.i18n import _
from console.onboarding.book import Book
from console.screens.small_dialogs import SureDialog


async def consented(app: App[Any], book: Book) -> bool | None:
    """Whether somebody agrees just now: False where nobody has to, None where somebody had to and did not.

    To be awaited in a worker.
    """
    if not book.needs_consent:
        return False
    question = _(
        "There is no keyring, so answers and evidence of this customer would be stored readable by "
        "everybody who can read the data folder. The report will say so. Agree, once and for all?"
    )
    agreed = await app.push_screen_wait(SureDialog(question, _("Agree and store")))
    return True if agreed else None

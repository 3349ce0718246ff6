"""What commands ask a person that sits at the terminal, and what they may show it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import click

from console.errors import ConsoleError
from console.i18n import _, language
from console.running import answerable
from console.terminal import can_ask, note, read_line

if TYPE_CHECKING:
    from console.onboarding.answering import Draft
    from console.workspace import Workspace

F = TypeVar("F", bound=Callable[..., Any])


def in_clear_option(function: F) -> F:
    """``--in-clear``."""
    help_ = _("Without a keyring: agree that answers are stored readable.")
    return click.option("--in-clear", is_flag=True, help=help_)(function)


def agreed() -> bool:
    """Ask once whether answers may be stored readable; without a terminal nobody agrees."""
    if not can_ask():
        return False
    note(_("There is no keyring, so answers and evidence of this customer would be stored readable."))
    note(_("Everybody who can read the data folder could read them. Type yes to agree once and for all:"))
    return said_yes()


def said_yes() -> bool:
    """Whether the next line says yes."""
    return (read_line() or "").strip().casefold() in ("yes", "ja", _("yes"))


def before_reading(workspace: Workspace) -> None:
    """Before the first reading of real data: who has signed the processing agreement, and when.

    A person answers, or nothing is read; a script is told so on stderr. Raises ConsoleError, StoreError.
    """
    from console.onboarding.agreement import ITEM, agreement, needs_consent, unsettled
    from console.onboarding.answering import keep

    if not unsettled(workspace):
        return
    customer = workspace.customer.key
    hint = _(
        "einzug checklist answer {customer} {item} --done --set signed_on=DAY --set signed_by=NAME "
        "--note WHERE --who NAME; or --not-applicable with a reason."
    ).format(customer=customer, item=ITEM)
    if not can_ask():
        text = _("Nobody has recorded the processing agreement (Article 28 GDPR) for {customer} yet.")
        note(text.format(customer=customer))
        note(hint)
        return
    with answerable():
        draft = _recorded()
    if draft is None:
        raise ConsoleError(_("Nothing was read: the processing agreement is not recorded."), hint)
    keep(workspace, agreement(), draft, consent=needs_consent(workspace) and agreed())


def _recorded() -> Draft | None:
    """Who signed it, when, what shows it, and who says so; None where any of it stays unanswered."""
    from console.onboarding.answering import Draft
    from console.store.said import Said

    note(_("Real data is about to be read. Is its processing agreed with you (Article 28 GDPR)?"))
    signed_by = _answer(_("Who signed the agreement? Enter alone: nobody, and nothing is read."))
    signed_on = _day() if signed_by else None
    if signed_on is None:
        return None
    shown_by = _answer(_("What shows it, or where is it kept?"))
    who = _answer(_("Who says so? Your name:")) if shown_by else ""
    if not who:
        return None
    values = {"signed_on": signed_on.isoformat(), "signed_by": signed_by}
    return Draft(Said.DONE, who, shown_by, values)


def _day() -> date | None:
    """A day; asked for again until it is one, None where nobody answers."""
    from console.onboarding.answering import read_day

    while text := _answer(_("When was it signed? E.g. 31.05.2026")):
        try:
            return read_day(text, _("Signed on"))
        except ConsoleError as error:
            for line in error.lines(language()):
                note(line)
    return None


def _answer(question: str) -> str:
    note(question)
    return (read_line() or "").strip()

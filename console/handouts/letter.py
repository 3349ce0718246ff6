"""The text that goes with a workbook: a mail that is ready to be sent. Pure but for the language in force."""

from __future__ import annotations

from datetime import date

from console import formats
from console.handouts.asks import Handout
from console.handouts.desks import desk_name
from console.i18n import _, ngettext
from console.onboarding.words import said_name
from console.store.said import Said


def letter(handouts: tuple[Handout, ...], name: str, file: str, due: date | None) -> str:
    """Subject and text, with the counts of each desk."""
    desks = ", ".join(desk_name(one) for one in handouts)
    questions = sum(len(one.questions) for one in handouts)
    lines = [
        _("Subject: Open points before go-live, {name} ({desks})").format(name=name, desks=desks),
        "",
        _("Good day,"),
        "",
        ngettext(
            "before we can go live, {count} point that concerns you is still open. You find it in the "
            "attached workbook {file}.",
            "before we can go live, {count} points that concern you are still open. You find them in the "
            "attached workbook {file}.",
            questions,
        ).format(count=formats.count(questions), file=file),
        *_blocking(handouts),
        *_desks(handouts),
        "",
        _("This is how it works:"),
        "- " + _("Fill in the yellow cells. Where a cell offers a list, please choose from it."),
        "- " + _("Fields with an asterisk are needed; leave a point empty if you do not know yet."),
        "- "
        + _('What you cannot settle now gets the state "{state}", a name and a day.').format(
            state=said_name(Said.OPEN)
        ),
        "- "
        + _('What does not concern you gets "{state}" and the reason as a note.').format(
            state=said_name(Said.NOT_APPLICABLE)
        ),
        "- " + _("Where a file is asked for, please send it along with your reply."),
        "",
        *_when(due),
        _("You may pass the workbook on to whoever knows the answer. Only your own points are in it.")
        if len(handouts) == 1
        else _("Each desk has a sheet of its own in it."),
        "",
        _("Thank you, and kind regards"),
        "",
    ]
    return "\n".join(lines)


def _blocking(handouts: tuple[Handout, ...]) -> list[str]:
    count = sum(one.blocking for one in handouts)
    if not count:
        return []
    text = ngettext(
        "{count} of them has to be settled before go-live; it comes first.",
        "{count} of them have to be settled before go-live; they come first.",
        count,
    )
    return [text.format(count=formats.count(count))]


def _desks(handouts: tuple[Handout, ...]) -> list[str]:
    """Where there are several desks, how much lies with each."""
    if len(handouts) == 1:
        return []
    return [f"- {desk_name(one)}: {formats.count(len(one.questions))}" for one in handouts]


def _when(due: date | None) -> list[str]:
    if due is None:
        return [_("Please send the workbook back as a reply to this mail.")]
    text = _("Please send the workbook back by {day}, as a reply to this mail.")
    return [text.format(day=formats.date(due))]

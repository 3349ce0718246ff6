"""How items, answers and readiness are put into words; personal ones masked where somebody looks on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import PurePath

from checklists.model import Addressee, Item, Kind, Who
from connectors.texts import render
from console import formats
from console.i18n import _, language, ngettext
from console.masking import hidden
from console.onboarding.answering import value_words
from console.readiness import FRESH, Because, Checked, Readiness, Standing, State
from console.store.said import Answer, Said

MARKS = {State.DONE: "✓", State.OPEN: "○", State.BLOCKED: "✗", State.NOT_APPLICABLE: "-"}


def state_name(one: Standing) -> str:
    """Where an item stands, in a word."""
    if one.accepted and one.state is State.DONE:
        return _("accepted")
    return {
        State.DONE: _("settled"),
        State.OPEN: _("open"),
        State.BLOCKED: _("blocks"),
        State.NOT_APPLICABLE: _("not needed"),
    }[one.state]


def mark(one: Standing) -> str:
    """Glyph and word of an item's state."""
    glyph = "!" if one.accepted and one.state is State.DONE else MARKS[one.state]
    return f"{glyph} {state_name(one)}"


def because_words(because: Because) -> str:
    """What keeps an item from being done, as a short sentence; "" where nothing does."""
    return {
        Because.NOTHING: "",
        Because.UNANSWERED: _("Nobody has answered yet."),
        Because.FIELDS: _("Required details are missing."),
        Because.OUTCOME: _("What was answered keeps it open."),
        Because.EVIDENCE: _("A note or a file is missing as evidence."),
        Because.REASON: _("A reason is missing."),
        Because.UNCHECKED: _("The check has not run yet."),
        Because.STALE: _("The check is older than a day."),
        Because.WARNING: _("The check warns."),
        Because.FAILURE: _("The check failed."),
        Because.OTHER: _("The check finds something else than what was accepted."),
        Because.WALK: _("The guided test has not come to its end."),
    }[because]


def kind_name(kind: Kind) -> str:
    """Who can tell whether an item is done."""
    names = {
        Kind.MANUAL: _("a person answers"),
        Kind.AUTOMATIC: _("a check answers"),
        Kind.GUIDED: _("a guided test answers"),
    }
    return names[kind]


def who_name(who: Who) -> str:
    """Who has to do it."""
    return {
        Who.CUSTOMER: _("the customer"),
        Who.CONSULTANT: _("the consultant"),
        Who.VENDOR: _("the vendor"),
    }[who]


def addressee_name(addressee: Addressee) -> str:
    """Whose desk it lands on."""
    return {
        Addressee.MANAGEMENT: _("management"),
        Addressee.IT: _("IT"),
        Addressee.LETTING: _("letting"),
        Addressee.TENANT_SERVICE: _("tenant service"),
        Addressee.TELEPHONY: _("phone system"),
        Addressee.DATA_PROTECTION: _("data protection"),
        Addressee.WORKS_COUNCIL: _("works council"),
        Addressee.ERP_VENDOR: _("ERP vendor"),
        Addressee.PARTNER: _("partner"),
        Addressee.CONSULTANT: _("consultant"),
    }[addressee]


def said_name(said: Said) -> str:
    """What somebody said."""
    return {
        Said.OPEN: _("still open"),
        Said.DONE: _("settled"),
        Said.NOT_APPLICABLE: _("does not apply"),
        Said.ACCEPTED: _("failure accepted"),
    }[said]


def values_words(item: Item, answer: Answer, *, mask: bool) -> Iterator[tuple[str, str]]:
    """Label and value of every field that was filled; those of persons and free texts masked."""
    for one in item.fields:
        value = answer.values.get(one.key)
        if value:
            yield one.label.in_(language()), hidden(value_words(one, value), mask and one.personal)


ENDINGS = frozenset({
    ".csv", ".doc", ".docx", ".eml", ".gif", ".htm", ".html", ".jpeg", ".jpg", ".md", ".msg", ".odt", ".pdf",
    ".png", ".rtf", ".svg", ".tif", ".tiff", ".txt", ".webp", ".xls", ".xlsx", ".xml", ".zip",
})  # fmt: skip
"""What may stay of a masked file name: the endings that everybody has."""


def answer_words(answer: Answer, *, mask: bool) -> str:
    """Who said what and when: ``settled · Erika Muster · 22.11.2026, 12:04``, and from which file."""
    parts = [said_name(answer.said), hidden(answer.who, mask), formats.datetime(answer.at)]
    if answer.due is not None:
        parts.append(due_words(answer.due))
    if answer.origin:
        parts.append(_("from {file}").format(file=hidden_file(answer.origin, mask)))
    return " · ".join(parts)


def due_words(day: date) -> str:
    """By when the rest is promised."""
    return _("by {day}").format(day=formats.date(day))


def hidden_file(name: str, mask: bool) -> str:
    """A file's name, as bystanders may see it where it is masked: a usual ending stays, for all else may name
    somebody."""
    ending = PurePath(name).suffix.lower()
    return hidden(name, True) + (ending if ending in ENDINGS else "") if mask else name


def checked_words(checked: Checked, now: datetime) -> str:
    """What a check found, with its age; one that says nothing about today says so."""
    old = "  " + _("OUT OF DATE") if now - checked.at > FRESH else ""
    return f"{render(checked.finding.evidence, language())} ({age(checked.at, now)}){old}"


def age(at: datetime, now: datetime) -> str:
    """How long ago something was, roughly."""
    minutes = max(0, int((now - at).total_seconds()) // 60)
    if minutes < 60:
        return ngettext("{count} minute ago", "{count} minutes ago", minutes).format(count=minutes)
    if minutes < 48 * 60:
        hours = minutes // 60
        return ngettext("{count} hour ago", "{count} hours ago", hours).format(count=hours)
    days = minutes // 1440
    return ngettext("{count} day ago", "{count} days ago", days).format(count=formats.count(days))


def readiness_words(found: Readiness) -> str:
    """The counts in a line: ``Readiness 74 %, blocking 2, open 9, done 31``."""
    return _("Readiness {share}, blocking {blocked}, open {open}, done {done}").format(
        share=formats.percent(share(found)),
        blocked=formats.count(found.blocked),
        open=formats.count(found.open),
        done=formats.count(found.done),
    )


def share(found: Readiness) -> float:
    """The share of what is done, never rounded up to all of it."""
    return min(found.share, 0.99) if found.open or found.blocked else 1.0

"""What the go-live step and the time since say to people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from connectors.contract import EINZUG, Text
from connectors.registry import archive_kind
from connectors.texts import render
from console import formats
from console.connections import ARCHIVE, ERP
from console.golive.conditions import Condition, Conditions, Point
from console.golive.record import Counts, Live, Look
from console.golive.since import Aftermath, Moved, Since
from console.i18n import _, language, ngettext
from console.masking import hidden
from console.names import credential_name, entity_name
from console.onboarding.words import because_words, values_words

if TYPE_CHECKING:
    from console.onboarding.book import Book
    from console.workspace import Workspace

SHOWN = 8
"""Entities, blockers or expired answers that are named; more are counted."""


def title_of(workspace: Workspace, partner: str, use_case: str) -> str:
    """A use case with its partner: ``Bots4You: Stammdaten``."""
    name = workspace.connections.partner(partner).name
    return f"{name}: {render(Text(f'{partner}.title_{use_case}'), language())}"


def party_name(workspace: Workspace, key: str) -> str:
    """The ERP, its archive or a partner by name."""
    if key == ERP:
        return workspace.customer.erp_product or "ERP"
    return archive_kind().name if key == ARCHIVE else workspace.connections.partner(key).name


def owner_words(owner: str) -> str:
    """Who writes from the go-live on."""
    return _("Einzug writes it.") if owner == EINZUG else _("The hub writes it; here it is locked.")


def point_name(point: Point) -> str:
    """A condition in a word or two."""
    return {
        Point.COMPARED: _("compared within the hour"),
        Point.DIFFERENCES: _("no differences"),
        Point.BLOCKERS: _("nothing blocks"),
        Point.WAY_BACK: _("the way back"),
        Point.CONTACTS: _("contacts"),
        Point.TIME: _("day and time"),
    }[point]


def condition_lines(found: Conditions, look: Look | None, book: Book, *, mask: bool) -> Iterator[str]:
    """Every condition with its mark, and below it what is known or missing."""
    for one in found.all:
        mark = "✓" if one.met else "✗"
        yield f"{mark} {point_name(one.point)}"
        yield from (f"    {line}" for line in _details(one, look, book, mask=mask))


def _details(one: Condition, look: Look | None, book: Book, *, mask: bool) -> Iterator[str]:
    match one.point:
        case Point.COMPARED:
            yield _compared(look)
        case Point.DIFFERENCES:
            if look is not None:
                yield _differences(look, accepted=one.met and look.differences > 0)
        case Point.BLOCKERS:
            yield from _blockers(one)
        case _:
            yield from _asked(one, book, mask=mask)


def _compared(look: Look | None) -> str:
    if look is None:
        return _("Not compared yet.")
    return _("Compared on {at}.").format(at=formats.datetime(look.at))


def _differences(look: Look, *, accepted: bool) -> str:
    if not look.differences:
        return _("Both sides hold the same.")
    text = ngettext("{count} record differs.", "{count} records differ.", look.differences)
    words = text.format(count=formats.count(look.differences))
    if accepted:
        return f"{words} " + _("Accepted by name.")
    return f"{words} " + _("Write or explain them; their exact count and a reason accept them.")


def _blockers(one: Condition) -> Iterator[str]:
    for standing in one.standings[:SHOWN]:
        why = because_words(standing.because)
        yield f"{standing.item.id}  {standing.item.title.in_(language())}  {why}"
    more = len(one.standings) - SHOWN
    if more > 0:
        yield _("… and {count} more").format(count=formats.count(more))


def _asked(one: Condition, book: Book, *, mask: bool) -> Iterator[str]:
    """The answer to the item that is asked, or what it lacks."""
    for standing in one.standings:
        answer = standing.answer
        if answer is not None:
            for label, value in values_words(standing.item, answer, mask=mask):
                yield f"{label}: {value}"
            if answer.note:
                yield hidden(answer.note, mask)
        if not one.met:
            yield f"{standing.item.id}  {because_words(standing.because)}"
    if not one.standings:
        yield _("The go-live checklist that asks for it is missing.")


def baseline_lines(partner: str, desired: Counts, actual: Counts) -> Iterator[str]:
    """The counts of both sides, entity by entity."""
    for entity in sorted({*desired, *actual}):
        yield _("{entity}: {desired} wanted, {actual} there").format(
            entity=entity_name(partner, entity),
            desired=formats.count(desired.get(entity, 0)),
            actual=formats.count(actual.get(entity, 0)),
        )


def live_words(live: Live, title: str, *, mask: bool) -> str:
    """That a use case is live, since when, by whom, and who writes it."""
    since = formats.datetime(live.since)
    if not live.who:
        text = _("{title}: live since {since}. {owner}")
    else:
        text = _("{title}: live since {since}, by {who}. {owner}")
    who, owner = hidden(live.who, mask), owner_words(live.owner)
    return text.format(title=title, since=since, who=who, owner=owner)


def since_lines(found: Aftermath, workspace: Workspace, *, mask: bool) -> Iterator[str]:
    """What changed since the go-live: counts of each use case first, then what needs somebody."""
    for one in found.lives:
        partner, _environment, use_case = one.live.place
        yield live_words(one.live, title_of(workspace, partner, use_case), mask=mask)
        yield from (f"    {line}" for line in counts_lines(one))
    yield from (f"! {line}" for line in trouble_lines(found, workspace))


def counts_lines(one: Since) -> Iterator[str]:
    """The present counts against the baseline."""
    if one.counted is None:
        yield _("Not compared since.")
        return
    at = formats.datetime(one.counted.at)
    if not one.moved:
        yield _("As many records as at the go-live (compared on {at}).").format(at=at)
    for moved in one.moved[:SHOWN]:
        yield moved_words(one.live.place[0], moved)
    more = len(one.moved) - SHOWN
    if more > 0:
        yield _("… and {count} more").format(count=formats.count(more))


def moved_words(partner: str, moved: Moved) -> str:
    """An entity that one side has more or fewer records of."""
    text = (
        _("{entity}, there: {then} at the go-live, {now} now")
        if moved.there
        else _("{entity}, wanted: {then} at the go-live, {now} now")
    )
    entity = entity_name(partner, moved.entity)
    return text.format(entity=entity, then=formats.count(moved.then), now=formats.count(moved.now))


def trouble_lines(found: Aftermath, workspace: Workspace) -> Iterator[str]:
    """What needs somebody: credentials, new Mandanten, expired answers, stale checks."""
    for party, names in found.missing:
        words = ", ".join(credential_name(party, name) for name in names)
        text = _("Credentials are missing for {party}: {names}.")
        yield text.format(party=party_name(workspace, party), names=words)
    for party in found.refused:
        text = _("The last check of {party} failed: access may have expired.")
        yield text.format(party=party_name(workspace, party))
    if not found.keyring:
        yield _("The keyring could not be asked: whether credentials are there is unknown.")
    if found.mandanten is not None:
        yield render(found.mandanten.evidence, language())
    for one in found.expired[:SHOWN]:
        yield _("Expired on {day}: {title} ({label})").format(
            day=formats.date(one.day),
            title=one.item.title.in_(language()),
            label=one.field.label.in_(language()),
        )
    more = len(found.expired) - SHOWN
    if more > 0:
        yield _("… and {count} more").format(count=formats.count(more))
    if found.stale:
        text = ngettext(
            "{count} check says nothing about today.", "{count} checks say nothing about today.", found.stale
        )
        yield text.format(count=formats.count(found.stale))

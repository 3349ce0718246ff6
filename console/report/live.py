"""What the report tells of the go-live: the baseline, the counts since, and what needs somebody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from console import formats
from console.golive.since import Since, aftermath
from console.golive.words import owner_words, title_of, trouble_lines
from console.i18n import _, ngettext
from console.masking import hidden
from console.names import entity_name
from console.report import model
from console.report.blocks import Block, Heading, Para, Table, Tone, line, lines
from console.report.words import DASH

if TYPE_CHECKING:
    from console.onboarding.book import Book
    from console.workspace import Workspace


def lives(
    workspace: Workspace, book: Book, now: datetime, *, masked: bool
) -> tuple[tuple[model.Live, ...], tuple[str, ...]]:
    """The use cases that are live, and what needs somebody since. Blocks. Raises ConsoleError, StoreError."""
    found = aftermath(workspace, book, now)
    if found is None:
        return (), ()
    known = tuple(_live(workspace, one, masked=masked) for one in found.lives)
    return known, tuple(trouble_lines(found, workspace))


def _live(workspace: Workspace, one: Since, *, masked: bool) -> model.Live:
    live, counted = one.live, one.counted
    partner, _environment, use_case = live.place
    return model.Live(
        place=f"{partner}/{use_case}",
        title=title_of(workspace, partner, use_case),
        since=live.since,
        who=hidden(live.who, masked),
        note=hidden(live.note, masked),
        owner=owner_words(live.owner),
        accepted=live.accepted,
        counted=counted.at if counted else None,
        counts=tuple(
            (
                entity_name(partner, entity),
                live.desired.get(entity, 0),
                live.actual.get(entity, 0),
                counted.desired.get(entity, 0) if counted else None,
                counted.actual.get(entity, 0) if counted else None,
            )
            for entity in sorted({*live.desired, *live.actual, *_entities(one)})
        ),
    )


def _entities(one: Since) -> set[str]:
    return {*one.counted.desired, *one.counted.actual} if one.counted else set()


def since_go_live(report: model.Report) -> Iterator[Block]:
    """The chapter: every use case that is live with its counts, then what needs somebody; nothing before."""
    if not report.lives:
        return
    yield Heading(_("Since the go-live"), fresh=True)
    for text in report.since:
        yield Para(line(text), Tone.OPEN)
    if not report.since:
        yield Para(_("Nothing needs anybody."), Tone.GOOD)
    for one in report.lives:
        yield Heading(line(one.title), 2)
        yield Para(_head(one))
        if one.note:
            yield Para(lines(one.note), Tone.MUTED)
        yield _table(one)
        yield Para(_counted(one), Tone.MUTED)


def _head(one: model.Live) -> str:
    text = _("Live since {since}, by {who}. {owner}")
    words = text.format(since=formats.datetime(one.since), who=line(one.who) or DASH, owner=one.owner)
    if not one.accepted:
        return words
    accepted = ngettext(
        "{count} difference was accepted by name.", "{count} differences were accepted by name.", one.accepted
    )
    return f"{words} {accepted.format(count=formats.count(one.accepted))}"


def _counted(one: model.Live) -> str:
    if one.counted is None:
        return _("Not compared since.")
    return _("Compared on {at}.").format(at=formats.datetime(one.counted))


def _table(one: model.Live) -> Table:
    head = (_("Records"), _("Source then"), _("Target then"), _("Source now"), _("Target now"))
    rows = tuple(
        (line(entity), *(DASH if count is None else formats.count(count) for count in counts))
        for entity, *counts in one.counts
    )
    return Table(head, rows, (0.36, 0.16, 0.16, 0.16, 0.16), frozenset({1, 2, 3, 4}))

"""The first page of the report: how far it is, what keeps it from going live, and who is in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from console import formats
from console.i18n import _, ngettext
from console.report import drawings
from console.report.blocks import Block, Figure, Heading, Para, Table, Tiles, Title, Tone, line
from console.report.drawings import Bar
from console.report.model import Report
from console.report.words import DASH, by_when, tone
from console.safe import clean

ROOM = 19
"""Lines for bars and open points together, that it stays one page."""
LEAST = 2
"""Open points that are named however many use cases there are."""
BARS = 16
PEOPLE = 6
NAME = 48
"""Characters of a name, and of what somebody is named as."""


def summary(report: Report) -> Iterator[Block]:
    """The first page: customer, date, readiness, use cases, people, what blocks."""
    yield head(report)
    ready = report.ready
    yield Tiles(
        (
            (formats.percent(ready.share), _("ready for go-live"), Tone.PLAIN),
            (formats.count(ready.blocked), _("blocking"), Tone.BAD if ready.blocked else Tone.GOOD),
            (formats.count(ready.open), _("open"), Tone.OPEN if ready.open else Tone.GOOD),
            (formats.count(ready.done), _("settled"), Tone.GOOD),
        )
    )
    yield Para(verdict(report), Tone.BAD if ready.blocked else Tone.GOOD)
    yield Heading(_("Use cases"), 2)
    bars = _bars(report)
    yield Figure(drawings.bars(bars[:BARS]))
    yield Heading(_("Open points"), 2)
    yield from _first_points(report, max(LEAST, ROOM - len(bars)))
    if report.people:
        yield Heading(_("People"), 2)
        yield from map(Para, people_words(report))
    if report.cover.clear_storage:
        yield Para(clear_words(report), Tone.OPEN)


def head(report: Report) -> Title:
    """What the report is, of whom and of when."""
    cover = report.cover
    partners = ", ".join(map(line, cover.partners)) or DASH
    return Title(
        _("Go-live report"),
        line(cover.name),
        (
            _("As of {date}").format(date=formats.datetime(cover.made)),
            _("ERP: {erp}. Partners: {partners}.").format(erp=line(cover.erp) or DASH, partners=partners),
            masked_words(report),
        ),
    )


def masked_words(report: Report) -> str:
    """Whether persons are named in it."""
    if report.cover.practice:
        return _("Practice: everything in it is made up.")
    return _("Names and free texts are masked.") if report.cover.masked else _("Names are shown in full.")


def verdict(report: Report) -> str:
    """In a sentence whether it can go live."""
    blocked, open_ = report.ready.blocked, report.ready.open
    if blocked:
        text = ngettext(
            "{count} point has to be cleared or accepted by name before go-live.",
            "{count} points have to be cleared or accepted by name before go-live.",
            blocked,
        )
        return text.format(count=formats.count(blocked))
    if open_:
        text = ngettext(
            "Nothing blocks the go-live; {count} point is still open.",
            "Nothing blocks the go-live; {count} points are still open.",
            open_,
        )
        return text.format(count=formats.count(open_))
    return _("Nothing blocks the go-live, and nothing is open.")


def people_words(report: Report) -> Iterator[str]:
    """Who answered, and who is named; the first of each."""
    answered = [one for one in report.people if one.answers]
    named = [one for one in report.people if not one.answers]
    if answered:
        names = (f"{clean(one.name, NAME)} ({formats.count(one.answers)})" for one in answered)
        yield _("Answered: {names}.").format(names=_first(names))
    if named:
        names = (f"{clean(one.name, NAME)} ({clean(one.part, NAME)})" for one in named)
        yield _("Named: {names}.").format(names=_first(names, PEOPLE // 3))


def _first(names: Iterator[str], most: int = PEOPLE) -> str:
    """The first of them, and how many more there are."""
    found = list(names)
    told, more = found[:most], len(found) - most
    if more > 0:
        told.append(_("and {count} more").format(count=formats.count(more)))
    return ", ".join(told)


def clear_words(report: Report) -> str:
    """That answers are readable, and who agreed to it."""
    text = _("This machine has no keyring: answers and evidence are stored readable, agreed to by {who}.")
    return text.format(who=line(report.cover.clear_storage))


def _bars(report: Report) -> list[Bar]:
    """What concerns all, then each partner above its use cases."""
    found = [Bar(report.general, head=True)]
    for partner in report.partners:
        found.append(Bar(partner.ready, head=True))
        own = (one for one in report.use_cases if one.place.partition("/")[0] == partner.key)
        found += (Bar(replace(one.ready, title=one.name)) for one in own)
    return found


def _first_points(report: Report, most: int) -> Iterator[Block]:
    if not report.open:
        yield Para(_("Nothing is open."), Tone.GOOD)
        return
    desks = Counter(one.owner for one in report.open)
    yield Para(", ".join(f"{name}: {formats.count(count)}" for name, count in desks.most_common()))
    shown = report.open[:most]
    rows = tuple((one.word, line(one.title), one.owner, by_when(one)) for one in shown)
    head_ = (_("State"), _("Point"), _("Lies with"), _("By"))
    yield Table(head_, rows, (0.13, 0.55, 0.19, 0.13), tones=tuple(map(tone, shown)))
    more = len(report.open) - len(shown)
    if more > 0:
        text = ngettext(
            "… and {count} more in the next chapter.", "… and {count} more in the next chapter.", more
        )
        yield Para(text.format(count=formats.count(more)), Tone.MUTED)

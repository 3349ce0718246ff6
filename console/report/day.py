"""The day protocol: one page of what was done, what was decided and by whom, and what is open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from console import formats
from console.i18n import _
from console.names import guard_name
from console.report.appendix import proof
from console.report.blocks import Block, Document, Heading, Para, Table, Title, Tone, line
from console.report.model import Report, Run, Said
from console.report.summary import clear_words, masked_words
from console.report.words import DASH, HASH, RUN_TONES, by_when, run_counts, tone
from console.store.said import Said as Word

ROOM = 32
"""Lines of the three tables together, so that it stays one page."""
FAIR = 7
"""Lines that each of them gets in any case."""
WIDE = 104
"""Characters that a line of a table holds."""
SHORT = 120
"""Characters of a title or note."""


def document(report: Report, digest: str) -> Document:
    """The day protocol as a document."""
    title, since = _("Day protocol"), report.cover.since
    name = line(report.cover.name)
    return Document(
        title=f"{title}: {name}",
        language=report.cover.language,
        header=f"{title} · {name} · {formats.date(since) if since else ''}",
        footer=_("Digest {digest}").format(digest=digest[:HASH]),
        page=_("page {page} of {pages}"),
        blocks=tuple(_blocks(report, digest)),
        single=True,
    )


def _blocks(report: Report, digest: str) -> Iterator[Block]:
    since = formats.date(report.cover.since) if report.cover.since else DASH
    span = _("From {since} to {until}").format(since=since, until=formats.datetime(report.cover.made))
    yield Title(_("Day protocol"), line(report.cover.name), (span, masked_words(report)))
    parts = (_done(report), _decided(report), _open(report))
    rooms = _shared([part.lines for part in parts])
    for part, room in zip(parts, rooms, strict=True):
        yield Heading(part.title, 2)
        yield from part.blocks(room)
    if report.cover.clear_storage:
        yield Para(clear_words(report), Tone.OPEN)
    yield from proof(report, digest)


@dataclass(frozen=True, slots=True)
class Part:
    """A table of the protocol with everything that belongs into it."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    widths: tuple[float, ...]
    nothing: str
    tones: tuple[Tone, ...] = ()

    @property
    def lines(self) -> list[int]:
        """How many lines each row takes, roughly."""
        return [
            max(-(-len(cell) // int(WIDE * width)) or 1 for cell, width in zip(row, self.widths, strict=True))
            for row in self.rows
        ]

    def blocks(self, room: int) -> Iterator[Block]:
        """The rows that find room, and how many do not."""
        if not self.rows:
            yield Para(self.nothing, Tone.MUTED)
            return
        fit = sum(used <= room for used in accumulate(self.lines))
        yield Table(self.head, tuple(self.rows[:fit]), self.widths, tones=self.tones[:fit])
        more = len(self.rows) - fit
        if more > 0:
            text = _("… and {count} more; the go-live report tells all.")
            yield Para(text.format(count=formats.count(more)), Tone.MUTED)


def _shared(wanted: Sequence[list[int]]) -> list[int]:
    """How many lines each table gets: its fair share, then what the others leave."""
    rooms = [min(sum(lines), FAIR) for lines in wanted]
    left = ROOM - sum(rooms)
    for at, lines in enumerate(wanted):
        more = max(0, min(left, sum(lines) - rooms[at]))
        rooms[at] += more
        left -= more
    return rooms


def _done(report: Report) -> Part:
    """Runs, tests, and items that were answered as done; per item its last word."""
    rows = [_run_row(report, run) for run in report.runs]
    for trip in report.trips:
        title = _("{partner}: acceptance ticket").format(partner=trip.partner)
        mark = Tone.GOOD if trip.passed else Tone.BAD
        rows.append((trip.ended or trip.begun, title, line(trip.verdict), mark))
    rows += [(walk.ended, line(walk.title), _("guided test ended"), Tone.GOOD) for walk in report.walks]
    rows.sort(key=lambda row: row[0])
    done = [one for one in _last_words(report) if one.said == Word.DONE.value]
    rows += [(one.at, _cut(one.title), line(one.who), Tone.PLAIN) for one in done]
    return Part(
        _("Done"),
        (_("When"), _("What"), _("Result, or by whom")),
        [(_at(report, at), what, result) for at, what, result, _tone in rows],
        (0.17, 0.47, 0.36),
        _("Nothing was done."),
        tuple(mark for *_row, mark in rows),
    )


def _run_row(report: Report, run: Run) -> tuple[datetime, str, str, Tone]:
    return run.started, line(run.title), _result(run), RUN_TONES.get(run.state, Tone.OPEN)


def _result(run: Run) -> str:
    """How a run ended, and what it counts; nothing of what there is none."""
    applied, failed, left, skipped = run_counts(run)
    texts = (
        (_("{count} written"), applied),
        (_("{count} failed"), failed),
        (_("{count} left"), left),
        (_("{count} left out"), skipped),
    )
    told = [text.format(count=count) for text, count in texts if count not in ("0", DASH)]
    return f"{run.word}: {', '.join(told)}" if told else run.word


def _decided(report: Report) -> Part:
    """What was accepted or set aside, choices that were made, and guards that were lifted."""
    rows = [
        (one.at, _cut(f"{one.title.rstrip('?')}: {_decision(one)}"), line(one.who))
        for one in _last_words(report)
        if one.said in (Word.ACCEPTED.value, Word.NOT_APPLICABLE.value) or one.values
    ]
    for run in report.runs:
        for guard, count in run.lifted:
            what = _("safety guard lifted: {guard}, {count}").format(
                guard=guard_name(guard), count=formats.count(count)
            )
            rows.append((run.started, f"{line(run.title)}: {what}", _("run {run}").format(run=run.id)))
    rows.sort(key=lambda row: row[0])
    return Part(
        _("Decided"),
        (_("When"), _("What"), _("By whom")),
        [(_at(report, at), what, who) for at, what, who in rows],
        (0.17, 0.60, 0.23),
        _("Nothing was decided."),
    )


def _decision(said: Said) -> str:
    """The decision in a line: the values that were chosen, else the word with its reason."""
    if said.said == Word.DONE.value and said.values:
        return "; ".join(f"{label}: {value}" for label, value in said.values)
    return f"{said.word} ({said.note})" if said.note else said.word


def _open(report: Report) -> Part:
    """What blocks and what is open, with its owner and the day by which it is promised."""
    return Part(
        _("Open points"),
        (_("State"), _("Point"), _("Lies with"), _("By")),
        [(one.word, _cut(one.title), one.owner, by_when(one)) for one in report.open],
        (0.12, 0.55, 0.20, 0.13),
        _("Nothing is open."),
        tuple(map(tone, report.open)),
    )


def _last_words(report: Report) -> list[Said]:
    """The last word on each item, in the order in which they fell."""
    latest = {one.item: one for one in report.said}
    return sorted(latest.values(), key=lambda one: (one.at, one.item))


def _cut(text: str) -> str:
    return line(text) if len(text) <= SHORT else line(text[:SHORT].rstrip()) + "…"


def _at(report: Report, moment: datetime) -> str:
    """The time of a day, where the protocol is about one."""
    local = moment.astimezone()
    one_day = report.cover.since == local.date() == report.cover.made.astimezone().date()
    return f"{local:%H:%M}" if one_day else formats.datetime(moment)

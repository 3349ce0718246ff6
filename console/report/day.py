"""The day protocol: one page of what was done, what was decided and by whom, and what is open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from console import formats
from console.i18n import _
from console.names import guard_name
from console.report.blocks import Block, Document, Heading, Para, Table, Title, Tone, line
from console.report.chapters import clear_words, masked_words, proof
from console.report.model import Point, Report, Run, Said
from console.report.words import DASH, run_counts
from console.store.said import Said as Word

MOST = 6
"""Lines of each part, so that it stays one page."""
SHORT = 90
"""Characters of a title or note."""


def document(report: Report, digest: str) -> Document:
    """The day protocol as a document."""
    title, since = _("Day protocol"), report.cover.since
    name = line(report.cover.name)
    return Document(
        title=f"{title}: {name}",
        language=report.cover.language,
        header=f"{title} · {name} · {formats.date(since) if since else ''}",
        page=_("page {page} of {pages}"),
        blocks=tuple(_blocks(report, digest)),
        single=True,
    )


def _blocks(report: Report, digest: str) -> Iterator[Block]:
    since = formats.date(report.cover.since) if report.cover.since else DASH
    span = _("From {since} to {until}").format(since=since, until=formats.datetime(report.cover.made))
    yield Title(_("Day protocol"), line(report.cover.name), (span, masked_words(report)))
    yield Heading(_("Done"), 2)
    yield from _done(report)
    yield Heading(_("Decided"), 2)
    yield from _decided(report)
    yield Heading(_("Open points"), 2)
    yield from _open(report)
    if report.cover.clear_storage:
        yield Para(clear_words(report), Tone.OPEN)
    yield from list(proof(report, digest))[:-1]


def _done(report: Report) -> Iterator[Block]:
    """Runs, tests, and items that were answered as done; per item its last word."""
    rows = [_run_row(run) for run in report.runs]
    rows += [(_at(trip.ended or trip.begun), trip.partner, line(trip.verdict)) for trip in report.trips]
    rows += [(_at(walk.ended), line(walk.title), _("guided test ended")) for walk in report.walks]
    done = [one for one in _last_words(report) if one.said == Word.DONE.value]
    rows += [(_at(one.at), _cut(one.title), line(one.who)) for one in done]
    head = (_("When"), _("What"), _("Result, or by whom"))
    yield from _table(head, rows, (0.17, 0.45, 0.38), _("Nothing was done."))


def _run_row(run: Run) -> tuple[str, ...]:
    applied, failed, left, skipped = run_counts(run)
    text = _("{state}: {applied} written, {failed} failed, {left} left, {skipped} left out")
    words = text.format(state=run.word, applied=applied, failed=failed, left=left, skipped=skipped)
    return _at(run.started), line(run.title), words


def _decided(report: Report) -> Iterator[Block]:
    """What was accepted or set aside, choices that were made, and guards that were lifted."""
    rows = [
        (_cut(f"{one.title}: {_decision(one)}"), line(one.who), _at(one.at))
        for one in _last_words(report)
        if one.said in (Word.ACCEPTED.value, Word.NOT_APPLICABLE.value) or one.values
    ]
    for run in report.runs:
        for guard, count in run.lifted:
            what = _("safety guard lifted: {guard}, {count}").format(
                guard=guard_name(guard), count=formats.count(count)
            )
            rows.append((f"{line(run.title)}: {what}", _("run {run}").format(run=run.id), _at(run.started)))
    head = (_("What"), _("By whom"), _("When"))
    yield from _table(head, rows, (0.62, 0.21, 0.17), _("Nothing was decided."))


def _decision(said: Said) -> str:
    """The decision in a line: the values that were chosen, else the word with its reason."""
    if said.said == Word.DONE.value and said.values:
        return "; ".join(f"{label}: {value}" for label, value in said.values)
    return f"{said.word} ({said.note})" if said.note else said.word


def _open(report: Report) -> Iterator[Block]:
    """What blocks and what is open, with its owner and the day of the last word on it."""
    rows = [(one.word, _cut(one.title), one.owner, _last_day(one)) for one in report.open]
    head = (_("State"), _("Point"), _("Lies with"), _("Last word"))
    yield from _table(head, rows, (0.12, 0.53, 0.20, 0.15), _("Nothing is open."))


def _last_day(point: Point) -> str:
    return formats.date(point.said.at.astimezone()) if point.said is not None else DASH


def _last_words(report: Report) -> list[Said]:
    """The last word on each item, in the order in which they fell."""
    latest = {one.item: one for one in report.said}
    return sorted(latest.values(), key=lambda one: (one.at, one.item))


def _table(
    head: tuple[str, ...], rows: Sequence[tuple[str, ...]], widths: tuple[float, ...], nothing: str
) -> Iterator[Block]:
    if not rows:
        yield Para(nothing, Tone.MUTED)
        return
    yield Table(head, tuple(rows[:MOST]), widths)
    more = len(rows) - MOST
    if more > 0:
        yield Para(_("… and {count} more").format(count=formats.count(more)), Tone.MUTED)


def _cut(text: str) -> str:
    return line(text) if len(text) <= SHORT else line(text[:SHORT].rstrip()) + "…"


def _at(moment: datetime) -> str:
    return formats.datetime(moment)

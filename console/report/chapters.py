"""The go-live report chapter by chapter, from the model to blocks. Pure but for the language in force."""

from __future__ import annotations

from collections.abc import Iterator

from console import formats
from console.i18n import _, ngettext
from console.names import guard_name
from console.readiness import State
from console.report import appendix, drawings, samples
from console.report.blocks import (
    Block,
    Document,
    Entry,
    Figure,
    Heading,
    Para,
    Table,
    Tone,
    line,
    lines,
)
from console.report.drawings import Bar
from console.report.exhibits import Exhibits
from console.report.live import since_go_live
from console.report.model import Difference, Point, Report, Trip
from console.report.summary import summary
from console.report.words import (
    HASH,
    RUN_TONES,
    Numbers,
    by_when,
    file_words,
    numbered,
    run_counts,
    tone,
    who_words,
)


def document(report: Report, digest: str, exhibits: Exhibits | None = None) -> Document:
    """The whole report; ``exhibits`` shows its evidence."""
    title = _("Go-live report")
    return Document(
        title=f"{title}: {line(report.cover.name)}",
        language=report.cover.language,
        header=f"{title} · {line(report.cover.name)} · {formats.date(report.cover.made.astimezone())}",
        footer=_("Digest {digest}").format(digest=digest[:HASH]),
        page=_("page {page} of {pages}"),
        blocks=tuple(_blocks(report, digest, exhibits)),
    )


def _blocks(report: Report, digest: str, exhibits: Exhibits | None) -> Iterator[Block]:
    numbers = numbered(report.chapters)
    yield from summary(report)
    yield from since_go_live(report)
    yield from open_points(report)
    yield from checklists(report, numbers)
    yield from accepted(report, numbers)
    yield from runs(report)
    yield from trips(report)
    yield from samples.chapter(report)
    yield from appendix.people(report)
    yield from appendix.evidence(report, exhibits)
    yield from appendix.versions(report)
    yield from appendix.signatures(report, digest)


def open_points(report: Report) -> Iterator[Block]:
    """Everything that is open, in the order in which it is best dealt with."""
    if not report.open:
        return
    yield Heading(_("Open points"), fresh=True)
    yield Para(_("What blocks comes first, in the order in which it is best dealt with."), Tone.MUTED)
    rows = tuple((one.word, line(one.title), one.because, one.owner, by_when(one)) for one in report.open)
    head = (_("State"), _("Point"), _("What is missing"), _("Lies with"), _("By"))
    yield Table(head, rows, (0.12, 0.34, 0.24, 0.18, 0.12), tones=tuple(map(tone, report.open)))


def checklists(report: Report, numbers: Numbers) -> Iterator[Block]:
    """Every list with its answers and its evidence."""
    yield Heading(_("Checklists"))
    if not report.chapters:
        yield Para(_("No checklist concerns this customer."), Tone.MUTED)
        return
    yield Figure(drawings.bars([Bar(one.ready) for one in report.chapters]))
    for item in report.unreadable:
        text = _("The answers to {item} were sealed with another key and cannot be read.")
        yield Para(text.format(item=line(item)), Tone.BAD)
    for chapter in report.chapters:
        yield Heading(line(chapter.ready.title), 2)
        yield from (_entry(point, numbers) for point in chapter.points)


def _entry(point: Point, numbers: Numbers) -> Entry:
    about = " · ".join((point.owner, *point.rules, point.id))
    return Entry(tone(point), point.word, line(point.title), about, tuple(_details(point, numbers)))


def _details(point: Point, numbers: Numbers) -> Iterator[tuple[str, str]]:
    """What there is to say of an item: what is missing, what was found, said and attached."""
    if point.because and point.state is not State.NOT_APPLICABLE:
        yield _("Because"), point.because
    if point.finding is not None:
        at = formats.datetime(point.finding.at)
        old = " · " + _("OUT OF DATE") if point.finding.stale else ""
        yield _("Check"), f"{lines(point.finding.evidence)} ({at}){old}"
    said = point.said
    if said is None:
        return
    yield _("Answer"), who_words(said)
    if said.due is not None:
        yield _("By"), formats.date(said.due)
    for label, value in said.values:
        yield line(label), lines(value)
    if said.note:
        yield _("Note"), lines(said.note)
    for one in said.follows:
        yield _("It follows"), lines(one)
    for file in said.files:
        yield _("Evidence"), file_words(file, numbers)


def accepted(report: Report, numbers: Numbers) -> Iterator[Block]:
    """Findings and guards that somebody took upon themselves."""
    lifted = [(run, guard, count) for run in report.runs for guard, count in run.lifted]
    yield Heading(_("Accepted"))
    if not report.accepted and not lifted:
        yield Para(_("No failure was accepted and no safety guard was lifted."), Tone.MUTED)
        return
    for point in report.accepted:
        yield _entry(point, numbers)
    if lifted:
        yield Para(_("Safety guards that were lifted by naming their count:"))
        rows = tuple(
            (str(run.id), line(run.title), guard_name(guard), formats.count(count))
            for run, guard, count in lifted
        )
        head = (_("Run"), _("Use case"), _("Guard"), _("Count"))
        yield Table(head, rows, (0.10, 0.50, 0.26, 0.14), frozenset({3}))


def runs(report: Report) -> Iterator[Block]:
    """What was written, and in what both sides still differ."""
    yield Heading(_("Runs and differences"), fresh=True)
    yield Heading(_("Differences left"), 2)
    if report.differences:
        yield Figure(drawings.differences(report.differences))
        yield _difference_table(report)
    else:
        yield Para(_("Nothing has been compared and written yet."), Tone.MUTED)
    yield Heading(_("Runs"), 2)
    if not report.runs:
        yield Para(_("No runs yet."), Tone.MUTED)
        return
    environments = ", ".join(dict.fromkeys(run.environment for run in report.runs))
    yield Para(_("Environment: {names}").format(names=environments), Tone.MUTED)
    yield _run_table(report)
    if report.earlier:
        text = ngettext(
            "… and {count} earlier run: einzug runs {customer} shows it.",
            "… and {count} earlier runs: einzug runs {customer} shows them.",
            report.earlier,
        )
        told = text.format(count=formats.count(report.earlier), customer=line(report.cover.customer))
        yield Para(told, Tone.MUTED)


def _difference_table(report: Report) -> Table:
    head = (
        _("Use case"), _("As of"), _("From"),
        _("equal"), _("differing"), _("failed"), _("left out by a rule"),
    )  # fmt: skip
    rows = tuple(
        (
            line(one.title),
            formats.datetime(one.at),
            _difference_source(one),
            *map(formats.count, (one.equal, one.differing, one.failed, one.skipped)),
        )
        for one in report.differences
    )
    return Table(head, rows, (0.22, 0.17, 0.105, 0.085, 0.125, 0.165, 0.13), frozenset({3, 4, 5, 6}))


def _difference_source(one: Difference) -> str:
    """The plan or run that knows it, and the runs over a part of it since."""
    source = _("plan") if one.run is None else _("run {run}").format(run=one.run)
    later = ", ".join(map(str, one.later))
    return _("{source}, in part since: {runs}").format(source=source, runs=later) if later else source


def _run_table(report: Report) -> Table:
    """The runs, the newest first; where they were in several environments, each names its own."""
    several = len({run.environment for run in report.runs}) > 1
    head = (
        _("State"), _("Run"), _("Started"), _("Use case"),
        _("Written"), _("Failed"), _("Left"), _("Left out"),
    )  # fmt: skip
    rows = tuple(
        (
            run.word,
            str(run.id),
            formats.datetime(run.started),
            f"{line(run.title)} ({run.environment})" if several else line(run.title),
            *run_counts(run),
        )
        for run in report.runs
    )
    widths = (0.13, 0.06, 0.17, 0.26, 0.105, 0.08, 0.07, 0.125)
    tones = tuple(RUN_TONES.get(run.state, Tone.OPEN) for run in report.runs)
    return Table(head, rows, widths, frozenset({1, 4, 5, 6, 7}), tones)


def trips(report: Report) -> Iterator[Block]:
    """Acceptance tickets with their timelines, and guided tests."""
    yield Heading(_("Round trips and guided tests"))
    if not report.trips and not report.walks:
        yield Para(_("No acceptance ticket and no guided test has come to its end yet."), Tone.MUTED)
    for mark in report.unreadable_trips:
        text = _("The acceptance ticket {mark} was sealed with another key and cannot be read.")
        yield Para(text.format(mark=line(mark)), Tone.BAD)
    for trip in report.trips:
        yield from _trip(trip)
    if report.walks:
        rows = tuple((line(one.title), one.environment, formats.datetime(one.ended)) for one in report.walks)
        yield Table((_("Guided test"), _("Environment"), _("Ended")), rows, (0.5, 0.2, 0.3))


def _trip(trip: Trip) -> Iterator[Block]:
    at = formats.datetime(trip.ended or trip.begun)
    yield Heading(_("Acceptance ticket {id} with {partner}").format(id=trip.id, partner=trip.partner), 2)
    yield Para(f"{at} · {trip.verdict}", Tone.GOOD if trip.passed else Tone.BAD)
    yield Figure(drawings.timeline(trip))
    rows = tuple((line(leg.title), leg.word, line(leg.note)) for leg in trip.legs if leg.note)
    if rows:
        yield Table((_("Stage"), _("State"), _("What is known")), rows, (0.36, 0.14, 0.50))
    for text in trip.remains:
        yield Para(_("What remains: {text}").format(text=line(text)), Tone.MUTED)

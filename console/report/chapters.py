"""The go-live report chapter by chapter, from the model to blocks. Pure but for the language in force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from console import formats
from console.i18n import _, ngettext
from console.names import guard_name
from console.readiness import State
from console.report import drawings
from console.report.blocks import (
    Block,
    Document,
    Entry,
    Figure,
    Heading,
    Para,
    Signatures,
    Table,
    Tiles,
    Title,
    Tone,
    line,
    lines,
)
from console.report.live import since_go_live
from console.report.model import Chapter, Point, Report, Trip
from console.report.words import DASH, HASH, file_words, run_counts, tone, who_words
from console.safe import clean

FIRST = 6
"""Open points on the first page, that it stays one page."""
BARS = 10
PEOPLE = 4
PART = 60
"""Characters of what somebody did that the first page shows."""


def document(report: Report, digest: str) -> Document:
    """The whole report."""
    title = _("Go-live report")
    return Document(
        title=f"{title}: {line(report.cover.name)}",
        language=report.cover.language,
        header=f"{title} · {line(report.cover.name)} · {formats.date(report.cover.made.astimezone())}",
        page=_("page {page} of {pages}"),
        blocks=tuple(_blocks(report, digest)),
    )


def _blocks(report: Report, digest: str) -> Iterator[Block]:
    yield from summary(report)
    yield from since_go_live(report)
    yield from open_points(report)
    yield from checklists(report)
    yield from accepted(report)
    yield from runs(report)
    yield from trips(report)
    yield from people(report)
    yield from versions(report, digest)
    yield from signatures()


def masked_words(report: Report) -> str:
    """Whether persons are named in it."""
    if report.cover.practice:
        return _("Practice: everything in it is made up.")
    return _("Names and free texts are masked.") if report.cover.masked else _("Names are shown in full.")


def summary(report: Report) -> Iterator[Block]:
    """The first page: customer, date, readiness, use cases, people, what blocks."""
    cover, ready = report.cover, report.ready
    partners = ", ".join(map(line, cover.partners)) or DASH
    yield Title(
        _("Go-live report"),
        line(cover.name),
        (
            _("As of {date}").format(date=formats.datetime(cover.made)),
            _("ERP: {erp}. Partners: {partners}.").format(erp=line(cover.erp) or DASH, partners=partners),
            masked_words(report),
        ),
    )
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
    if report.use_cases:
        yield Figure(drawings.bars([one.ready for one in report.use_cases[:BARS]]))
    else:
        yield Para(_("No use case is configured."), Tone.MUTED)
    yield Heading(_("Open points"), 2)
    yield from _first_points(report)
    if report.people:
        yield Heading(_("People"), 2)
        yield Para(people_words(report))
    if cover.clear_storage:
        yield Para(clear_words(report), Tone.OPEN)


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


def people_words(report: Report) -> str:
    """Who is named, the first of them."""
    named = [f"{line(one.name)} ({clean(one.part, PART)})" for one in report.people[:PEOPLE]]
    more = len(report.people) - PEOPLE
    if more > 0:
        named.append(_("and {count} more").format(count=formats.count(more)))
    return ", ".join(named)


def clear_words(report: Report) -> str:
    """That answers are readable, and who agreed to it."""
    text = _("This machine has no keyring: answers and evidence are stored readable, agreed to by {who}.")
    return text.format(who=line(report.cover.clear_storage))


def _first_points(report: Report) -> Iterator[Block]:
    if not report.open:
        yield Para(_("Nothing is open."), Tone.GOOD)
        return
    desks = Counter(one.owner for one in report.open)
    yield Para(", ".join(f"{name}: {formats.count(count)}" for name, count in desks.most_common()))
    rows = tuple((one.word, line(one.title), one.owner) for one in report.open[:FIRST])
    yield Table((_("State"), _("Point"), _("Lies with")), rows, (0.14, 0.62, 0.24))
    more = len(report.open) - FIRST
    if more > 0:
        text = ngettext(
            "… and {count} more in the next chapter.", "… and {count} more in the next chapter.", more
        )
        yield Para(text.format(count=formats.count(more)), Tone.MUTED)


def open_points(report: Report) -> Iterator[Block]:
    """Everything that is open, in the order in which it is best dealt with."""
    if not report.open:
        return
    yield Heading(_("Open points"), fresh=True)
    yield Para(_("What blocks comes first, in the order in which it is best dealt with."), Tone.MUTED)
    rows = tuple((one.word, f"{line(one.title)} ({one.id})", one.because, one.owner) for one in report.open)
    yield Table(
        (_("State"), _("Point"), _("What is missing"), _("Lies with")), rows, (0.12, 0.44, 0.26, 0.18)
    )


def checklists(report: Report) -> Iterator[Block]:
    """Every list with its answers and its evidence."""
    yield Heading(_("Checklists"), fresh=True)
    if not report.chapters:
        yield Para(_("No checklist concerns this customer."), Tone.MUTED)
        return
    yield Figure(drawings.bars([one.ready for one in report.chapters]))
    for item in report.unreadable:
        text = _("The answers to {item} were sealed with another key and cannot be read.")
        yield Para(text.format(item=line(item)), Tone.BAD)
    for chapter in report.chapters:
        yield Heading(line(chapter.ready.title), 2)
        yield from _entries(chapter)


def _entries(chapter: Chapter) -> Iterator[Block]:
    for point in chapter.points:
        yield Entry(tone(point), point.word, line(point.title), _lines(point))


def _lines(point: Point) -> tuple[tuple[str, str], ...]:
    return tuple((f"{label}:" if label else "", text) for label, text in _details(point))


def _details(point: Point) -> Iterator[tuple[str, str]]:
    """What there is to say of an item: its desk, what is missing, what was found, said and attached."""
    rules = f" · {', '.join(point.rules)}" if point.rules else ""
    yield "", f"{point.id}{rules} · {point.owner}"
    if point.because and point.state is not State.NOT_APPLICABLE:
        yield "", point.because
    if point.finding is not None:
        at = formats.datetime(point.finding.at)
        old = " · " + _("OUT OF DATE") if point.finding.stale else ""
        yield _("Check"), f"{lines(point.finding.evidence)} ({at}){old}"
    said = point.said
    if said is None:
        return
    yield _("Answer"), who_words(said)
    for label, value in said.values:
        yield line(label), lines(value)
    if said.note:
        yield _("Note"), lines(said.note)
    for one in said.follows:
        yield _("It follows"), lines(one)
    for file in said.files:
        yield _("Evidence"), file_words(file)


def accepted(report: Report) -> Iterator[Block]:
    """Findings and guards that somebody took upon themselves."""
    lifted = [(run, guard, count) for run in report.runs for guard, count in run.lifted]
    yield Heading(_("Accepted"))
    if not report.accepted and not lifted:
        yield Para(_("No failure was accepted and no safety guard was lifted."), Tone.MUTED)
        return
    for point in report.accepted:
        yield Entry(Tone.OPEN, _("accepted"), line(point.title), _lines(point))
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
    yield run_table(report)


def _difference_table(report: Report) -> Table:
    head = (_("Use case"), _("As of"), _("equal"), _("differing"), _("failed"), _("left out by a rule"))
    rows = tuple(
        (
            line(one.title),
            f"{formats.datetime(one.at)} ({_difference_source(one.run)})",
            *map(formats.count, (one.equal, one.differing, one.failed, one.skipped)),
        )
        for one in report.differences
    )
    return Table(head, rows, (0.26, 0.22, 0.09, 0.13, 0.17, 0.13), frozenset({2, 3, 4, 5}))


def _difference_source(run: int | None) -> str:
    return _("plan") if run is None else _("run {run}").format(run=run)


def run_table(report: Report) -> Table:
    """The runs, the newest first."""
    head = (
        _("Run"), _("Started"), _("Use case"), _("State"),
        _("Written"), _("Failed"), _("Left"), _("Left out"),
    )  # fmt: skip
    rows = tuple(
        (
            str(run.id),
            formats.datetime(run.started),
            f"{line(run.title)} ({run.environment})",
            run.word,
            *run_counts(run),
        )
        for run in report.runs
    )
    widths = (0.06, 0.15, 0.24, 0.13, 0.10, 0.09, 0.08, 0.15)
    return Table(head, rows, widths, frozenset({0, 4, 5, 6, 7}))


def trips(report: Report) -> Iterator[Block]:
    """Acceptance tickets with their timelines, and guided tests."""
    yield Heading(_("Round trips and guided tests"))
    if not report.trips and not report.walks:
        yield Para(_("No acceptance ticket and no guided test has come to its end yet."), Tone.MUTED)
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


def people(report: Report) -> Iterator[Block]:
    """Everybody who answered or is named."""
    if not report.people:
        return
    yield Heading(_("People"))
    rows = tuple(
        (line(one.name), line(one.part), formats.count(one.answers) if one.answers else DASH)
        for one in report.people
    )
    yield Table((_("Name"), _("Named as"), _("Answers")), rows, (0.38, 0.50, 0.12), frozenset({2}))


def versions(report: Report, digest: str) -> Iterator[Block]:
    """What it was made with, and how to prove that it still agrees with the journal."""
    yield Heading(_("Versions and proof"), fresh=True)
    rows = [(line(name), line(value)) for name, value in report.versions]
    mappings = dict.fromkeys((run.title, run.mapping) for run in report.runs if run.mapping)
    rows += [(_("Field mapping of {title}").format(title=line(t)), line(m)[:HASH]) for t, m in mappings]
    yield Table((_("What"), _("Version")), tuple(rows), (0.5, 0.5))
    yield from proof(report, digest)


def proof(report: Report, digest: str) -> Iterator[Block]:
    """The journal's chain and the digest of the report."""
    journal = report.journal
    if journal.first_broken is not None:
        text = _("The journal was changed; the first broken entry is {entry}.")
        yield Para(text.format(entry=journal.first_broken), Tone.BAD)
    text = ngettext(
        "The journal has {count} entry, its chain ends with {head}.",
        "The journal has {count} entries, its chain ends with {head}.",
        journal.rows,
    )
    yield Para(text.format(count=formats.count(journal.rows), head=journal.head or DASH), Tone.MUTED)
    yield Para(_("Digest of this report: {digest}").format(digest=digest), Tone.MUTED)
    yield Para(_("einzug report --verify FILE tells whether file and journal still agree."), Tone.MUTED)


def signatures() -> Iterator[Block]:
    """Who takes note of it."""
    yield Heading(_("Signatures"), 2)
    yield Para(
        _("The undersigned have taken note of the state in this report, open and accepted points included.")
    )
    yield Signatures(
        (_("For the customer"), _("For the implementation")), _("Place, date"), _("Name, signature")
    )

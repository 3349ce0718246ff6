"""What the report tells, gathered from configuration, answers, journal and round trips; asks no partner."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING

from connectors.contract import Direction, Text
from connectors.texts import render
from connectors.ticketing import TICKETS
from console import __version__
from console.errors import ConsoleError
from console.i18n import _, language
from console.onboarding.book import Book, read
from console.onboarding.facts import use_cases
from console.onboarding.words import share
from console.readiness import Readiness, State
from console.report import model
from console.report.answers import chapters, midnight, people, point, words_since
from console.report.evidence import trips, unreadable_trips, walks
from console.report.live import lives
from console.report.samples import samples
from console.report.words import files_of
from console.store.chain import ChainReport
from console.store.counted import Counted, CountedStore
from console.store.evidence import FOLDER, EvidenceFiles
from console.store.journal import Journal
from console.store.runs import Run
from console.syncer import APPLY
from console.terminal import environment_name, run_title, state_name
from console.tickets.events import is_bad

if TYPE_CHECKING:
    from console.workspace import Workspace

RUNS = 40
"""Runs that a report lists, the newest; a day protocol lists those of its days."""
MOST = 100_000
UNCHANGED = "unchanged"
"""A count that every run has that came to its end."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants: everything or what happened since a day, and whether persons are named."""

    since: date | None = None
    unmask: bool = False


def gather(workspace: Workspace, wish: Wish = Wish(), *, now: datetime | None = None) -> model.Report:
    """The report of a customer. Blocks. Raises ConsoleError, StoreError."""
    now = now or datetime.now(UTC)
    book = read(workspace, now=now)
    practice = workspace.connections.practice
    masked = not practice and not wish.unmask
    with workspace.journal() as journal:
        chain = journal.verify()
        told, earlier = _runs(journal, wish.since)
        runs = tuple(_run(workspace, run, _counts(journal, run)) for run in told)
        differences = tuple(_differences(workspace, journal))
    every, kept = chapters(book, masked=masked), EvidenceFiles(workspace.folder / FOLDER, workspace.vault)
    found, since = lives(workspace, book, now, masked=masked)
    return model.Report(
        cover=_cover(workspace, book, now, wish, practice=practice, masked=masked),
        ready=_ready(workspace.customer.name, book.readiness),
        general=_ready(_("For all use cases"), book.general),
        partners=tuple(_partners(workspace, book)),
        use_cases=tuple(_use_cases(workspace, book)),
        people=people(book, masked=masked),
        open=tuple(_open(book, masked=masked)),
        chapters=every,
        accepted=tuple(one for chapter in every for one in chapter.points if one.accepted),
        runs=runs,
        earlier=earlier,
        differences=differences,
        trips=trips(workspace, wish.since, now),
        unreadable_trips=unreadable_trips(workspace),
        walks=walks(workspace, wish.since),
        lives=found,
        since=since,
        said=words_since(book, wish.since, masked=masked),
        unreadable=tuple(sorted(book.unreadable)),
        lost=tuple(sha256 for sha256 in files_of(every) if not kept.has(sha256)),
        versions=_versions(),
        journal=_chain(chain),
        samples=samples(workspace, wish.since, masked=masked),
    )


def _cover(
    workspace: Workspace, book: Book, now: datetime, wish: Wish, *, practice: bool, masked: bool
) -> model.Cover:
    customer, connections = workspace.customer, workspace.connections
    found = []
    for key in connections.partner_keys():
        environment = environment_name(connections.partner_config(key).environment)
        found.append(f"{connections.partner(key).name} ({environment})")
    return model.Cover(
        customer=customer.key,
        name=customer.name,
        language=language(),
        made=now,
        erp=customer.erp_product or (customer.erp.source if customer.erp else ""),
        partners=tuple(found),
        practice=practice,
        masked=masked,
        since=wish.since,
        clear_storage="" if book.consent is None else book.consent.who if not masked else "…",
    )


def _ready(title: str, found: Readiness) -> model.Ready:
    counts = (found.done, found.open, found.blocked, found.not_applicable)
    return model.Ready(title, *counts, round(share(found), 4))


def _partners(workspace: Workspace, book: Book) -> Iterator[model.Partner]:
    for key in workspace.connections.partner_keys():
        yield model.Partner(key, _ready(workspace.connections.partner(key).name, book.of_partner(key)))


def _open(book: Book, *, masked: bool) -> Iterator[model.Point]:
    """What blocks, then what is merely open."""
    for state in (State.BLOCKED, State.OPEN):
        yield from (point(one, book, masked=masked) for one in book.standings if one.state is state)


def _title(partner: str, use_case: str) -> str:
    return render(Text(f"{partner}.title_{use_case}"), language())


def _use_cases(workspace: Workspace, book: Book) -> Iterator[model.UseCase]:
    connections = workspace.connections
    arrows = {
        Direction.TO_PARTNER: _("from the ERP to {partner}"),
        Direction.TO_ERP: _("from {partner} to the ERP"),
        Direction.WITHIN: _("within {partner}"),
    }
    for key in connections.partner_keys():
        name, environment = connections.partner(key).name, connections.partner_config(key).environment
        for one in use_cases(workspace, key):
            both = _("both ways between {partner} and the ERP")
            arrow = both if one == TICKETS else arrows[connections.use_case(key, one).direction]
            own = _title(key, one)
            title = f"{name}: {own}"
            place = f"{key}/{one}"
            yield model.UseCase(
                place,
                title,
                own,
                arrow.format(partner=name),
                environment_name(environment),
                _ready(title, book.of_use_case(place)),
                _ready(title, book.before_go_live(place)),
            )


def _runs(journal: Journal, since: date | None) -> tuple[list[Run], int]:
    """The runs that are listed, and how many earlier ones there are."""
    every = journal.runs(limit=MOST)
    if since is None:
        return every[:RUNS], len(every[RUNS:])
    begin = midnight(since)
    return [run for run in every if (run.finished or run.started) >= begin], 0


def _counts(journal: Journal, run: Run) -> Mapping[str, int]:
    """Its counts; a pass over tickets counts what happened to them, so what it sent is counted here."""
    if run.use_case != TICKETS or run.finished is None:
        return run.counts
    sent = [one.ok for one in journal.outcomes(run.id)]
    left = sum(count for name, count in run.counts.items() if is_bad(name))
    return {"applied": sum(sent), "failed": len(sent) - sum(sent), "left": left, "skip": 0}


def _run(workspace: Workspace, run: Run, counts: Mapping[str, int]) -> model.Run:
    try:
        title = _title(run.partner, run.use_case)
        name = workspace.connections.partner(run.partner).name
    except (KeyError, ConsoleError):
        title, name = run.use_case, run.partner  # of a partner that is not there any more
    return model.Run(
        id=run.id,
        title=run_title(f"{name}: {title}", run),
        place=f"{run.partner}/{run.use_case}",
        environment=environment_name(run.environment),
        kind=run.kind,
        state=run.state.value,
        word=state_name(run.state),
        started=run.started,
        finished=run.finished,
        counts=dict(counts),
        lifted=tuple(sorted(run.accepted.items())),
        plan_digest=run.plan_digest,
        mapping=run.mapping_version,
    )


def _differences(workspace: Workspace, journal: Journal) -> Iterator[model.Difference]:
    """What both sides of each use case still differ in, as its last whole plan or run knows it."""
    connections = workspace.connections
    for key in connections.partner_keys():
        environment, name = connections.partner_config(key).environment, connections.partner(key).name
        for one in connections.use_cases(key):
            runs = journal.runs(key, environment, one, kind=APPLY, limit=MOST)
            whole = next((run for run in runs if not run.partial and UNCHANGED in run.counts), None)
            with workspace.store() as conn:
                counted = CountedStore(conn).last((key, environment, one))
            found = _known(whole, counted)
            if found is not None:
                at, number, counts = found
                later = tuple(run.id for run in reversed(runs) if run.started > at)
                yield _difference(f"{key}/{one}", f"{name}: {_title(key, one)}", at, number, later, counts)


def _known(run: Run | None, counted: Counted | None) -> tuple[datetime, int | None, Mapping[str, int]] | None:
    """The newer of both: its moment, the run's number, its counts."""
    ended = run.finished if run is not None else None
    if counted is not None and counted.planned and (ended is None or counted.at > ended):
        return counted.at, None, counted.planned
    return None if run is None or ended is None else (ended, run.id, run.counts)


def _difference(
    place: str, title: str, at: datetime, run: int | None, later: tuple[int, ...], counts: Mapping[str, int]
) -> model.Difference:
    count = partial(_count, counts)
    written, failed = count("applied"), count("failed")
    planned = count("create") + count("update") + count("delete")
    return model.Difference(
        place,
        title,
        at,
        run,
        later,
        equal=count(UNCHANGED) + written,
        differing=max(planned - written - failed, 0) + count("rewritten"),
        failed=failed,
        skipped=count("skip"),
    )


def _count(counts: Mapping[str, int], name: str) -> int:
    return counts.get(name, 0)


def _versions() -> tuple[tuple[str, str], ...]:
    system = f"{platform.system()} {platform.machine()}"
    return (("Einzug", __version__), ("Python", platform.python_version()), (_("system"), system))


def _chain(found: ChainReport) -> model.Journal:
    return model.Journal(found.rows, found.head, found.first_broken)

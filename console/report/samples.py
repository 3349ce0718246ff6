"""What the report tells of sample checks: seed, counts, and every record that was wrong or noted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from console import formats
from console.golive.words import title_of
from console.i18n import _
from console.masking import hidden
from console.names import entity_name, field_names
from console.report import model
from console.report.blocks import Block, Entry, Heading, Para, Table, Tone, line, lines
from console.sampling.words import mark_name
from console.store.samples import Mark, Marked, Sampled, Samples

if TYPE_CHECKING:
    from console.workspace import Workspace


def samples(workspace: Workspace, since: date | None, *, masked: bool) -> tuple[model.Sample, ...]:
    """The sample of each use case that somebody worked on last, where its partner is now.

    Blocks. Raises ConsoleError, StoreError.
    """
    connections, found = workspace.connections, []
    with workspace.store() as conn:
        store = Samples(conn, workspace.vault)
        for key in connections.partner_keys():
            environment = connections.partner_config(key).environment
            for use_case in connections.use_cases(key):
                sampled = store.latest((key, environment, use_case))
                if sampled is not None and _told(sampled, since):
                    found.append(_sample(workspace, sampled, masked=masked))
    return tuple(found)


def _told(sampled: Sampled, since: date | None) -> bool:
    said = sampled.said or sampled.at
    return since is None or said.astimezone().date() >= since


def _sample(workspace: Workspace, sampled: Sampled, *, masked: bool) -> model.Sample:
    partner, _environment, use_case = sampled.place
    counts = {mark: sampled.count(mark) for mark in Mark}
    kinds = sorted({name for _entity, _id, names in sampled.records for name in names})
    told = [one for one in sampled.marks.values() if one.mark is not Mark.RIGHT]
    return model.Sample(
        place=f"{partner}/{use_case}",
        title=title_of(workspace, partner, use_case),
        seed=sampled.seed,
        at=sampled.at,
        total=sampled.total,
        records=len(sampled.records),
        right=counts[Mark.RIGHT],
        wrong=counts[Mark.WRONG],
        noted=counts[Mark.NOTE],
        kinds=tuple(kinds),
        told=tuple(_mark(partner, one, masked=masked) for one in sorted(told, key=lambda one: one.key)),
    )


def _mark(partner: str, one: Marked, *, masked: bool) -> model.SampleMark:
    return model.SampleMark(
        record=f"{entity_name(partner, one.entity)} {one.id}",
        mark=one.mark.value,
        word=mark_name(one.mark),
        who=hidden(one.who, masked),
        at=one.at,
        note=hidden(one.note, masked),
        differs=field_names(partner, one.differs),
    )


def chapter(report: model.Report) -> Iterator[Block]:
    """The sample checks; nothing where there was none."""
    if not report.samples:
        return
    yield Heading(_("Sample checks"))
    yield Para(
        _("Drawn by chance so that every kind of record is among them; the same seed draws the same again."),
        Tone.MUTED,
    )
    head = (
        _("Use case"), _("Drawn"), _("Seed"), _("Records"),
        _("right"), _("wrong"), _("noted"), _("open"),
    )  # fmt: skip
    rows = tuple(
        (
            line(one.title),
            formats.datetime(one.at),
            str(one.seed),
            _("{count} of {all}").format(count=formats.count(one.records), all=formats.count(one.total)),
            *map(formats.count, (one.right, one.wrong, one.noted, one.left)),
        )
        for one in report.samples
    )
    widths = (0.24, 0.17, 0.1, 0.17, 0.08, 0.08, 0.08, 0.08)
    yield Table(head, rows, widths, frozenset({2, 4, 5, 6, 7}))
    for one in report.samples:
        kinds = ", ".join(map(line, one.kinds))
        yield Para(f"{line(one.title)}: {kinds}", Tone.MUTED)
        for mark in one.told:
            tone = Tone.BAD if mark.mark == Mark.WRONG else Tone.OPEN
            yield Entry(tone, mark.word, line(mark.record), "", tuple(_lines(mark)))


def _lines(mark: model.SampleMark) -> Iterator[tuple[str, str]]:
    yield _("Answer"), f"{line(mark.who)} · {formats.datetime(mark.at)}"
    if mark.note:
        yield _("Note"), lines(mark.note)
    if mark.differs:
        yield _("Both sides differ in"), line(mark.differs)

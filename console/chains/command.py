"""Chains at the command line: read each, tell what does not hold, write tables and letters."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from connectors.chains import LinkState, LinkVerdict
from console import formats
from console.chains import letters, tables, words
from console.chains.document import document
from console.chains.kept import Held
from console.chains.reading import ChainPlace, chains, read_chain
from console.chains.view import Line, View, causes_of, lines
from console.errors import ConsoleError, Exit
from console.i18n import _, ngettext
from console.onboarding.subjects import shown_subject
from console.sheets import saving
from console.terminal import TerminalProgress, note, printing, say
from console.workspace import Workspace

MOST = 200
"""Objects or causes that are told; the files have them all."""

Found = Sequence[tuple[ChainPlace, Held]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command was asked for; ``files`` are those of the table, ``letters`` is a folder."""

    by_cause: bool
    as_json: bool
    files: tuple[Path | None, ...]
    letters: Path | None
    unmask: bool


async def chain(
    workspace: Workspace, partner: str | None, wanted: Wanted, progress: TerminalProgress
) -> Exit:
    """Read the chains of a partner, or of all. Raises ConsoleError, Failure, StoreError."""
    places = _places(workspace, partner)
    _one_table(places, wanted)
    found = [(place, await read_chain(workspace, place)) for place in places]
    progress.clear()
    _write(workspace, found, wanted)
    with printing():
        if wanted.as_json:
            _say_full(workspace, places)
            text = json.dumps(document(workspace.customer.key, found), ensure_ascii=False, indent=1)
            click.echo(text)
        else:
            for line in _told(workspace, found, wanted):
                say(line)
    holds = all(row.state is LinkState.OK for _place, held in found for row in held.reading.rows)
    return Exit.OK if holds else Exit.FINDINGS


def _places(workspace: Workspace, partner: str | None) -> list[ChainPlace]:
    if partner is not None:
        workspace.connections.partner(partner)
    found = [place for place in chains(workspace) if partner in (None, place.partner)]
    if not found:
        raise ConsoleError(
            _("No use case in use has a chain here."),
            _("A chain belongs to a use case: configure it for the partner."),
        )
    return found


def _one_table(places: Sequence[ChainPlace], wanted: Wanted) -> None:
    if any(wanted.files) and len(places) > 1:
        names = ", ".join(place.partner for place in places)
        raise ConsoleError(
            _("There are several chains; a file holds one."),
            _("Name the partner: {names}.").format(names=names),
        )


def _masked(workspace: Workspace, place: ChainPlace, wanted: Wanted) -> bool:
    environment = workspace.connections.partner_config(place.partner).environment
    return environment != "practice" and not wanted.unmask


def _told(workspace: Workspace, found: Found, wanted: Wanted) -> Iterator[str]:
    for place, held in found:
        mask = _masked(workspace, place, wanted)
        name = workspace.connections.partner(place.partner).name
        yield f"{name}: {words.count_words(held.reading.rows)}"
        yield from (f"  {words.told(text)}" for text in held.reading.remarks)
        customer = workspace.customer.key
        told = _causes_told if wanted.by_cause else _objects_told
        yield from told(customer, place, lines(held.reading, place.partner, mask=mask), mask=mask)
        for letter in held.reading.letters if wanted.letters is None else ():
            yield _("Letter: {title} (--letters DIR writes it)").format(title=words.letter_title(letter))


def _objects_told(customer: str, place: ChainPlace, found: Sequence[Line], *, mask: bool) -> Iterator[str]:
    open_ = [line for line in found if line.row.first is not None]
    for line in open_[:MOST]:
        yield words.row_head(place.partner, line.row, mask=mask)
        if line.row.first is not None:
            yield from words.repair_lines(line.row.first)
            yield from _ways(customer, place, line.row.first, mask=mask)
    if len(open_) > MOST:
        more = formats.count(len(open_) - MOST)
        yield _("… and {count} more; --json, --csv and --xlsx have them all.").format(count=more)


def _causes_told(customer: str, place: ChainPlace, found: Sequence[Line], *, mask: bool) -> Iterator[str]:
    for group in causes_of(found)[:MOST]:
        yield from words.group_lines(place.partner, group, mask=mask)
        yield from _ways(customer, place, group.verdict, mask=mask)


def _ways(customer: str, place: ChainPlace, verdict: LinkVerdict, *, mask: bool) -> Iterator[str]:
    """The command that mends a link, or by which somebody confirms it."""
    item = place.item(verdict.link)
    if verdict.fix:
        yield f"    → einzug fix {customer} {place.partner} {verdict.fix.removeprefix(f'{place.partner}.')}"
    elif item and verdict.subject:
        subject = shlex.quote(shown_subject(verdict.subject, mask=mask))
        yield f"    → einzug checklist answer {customer} {item} --subject {subject}"


def _write(workspace: Workspace, found: Found, wanted: Wanted) -> None:
    """Write what files were asked for. Raises ConsoleError."""
    paths = [path for path in wanted.files if path is not None]
    if paths or wanted.letters is not None:
        _say_full(workspace, [place for place, _held in found])
    for place, held in found:
        for path in paths:
            with saving(path):
                count = tables.save_seen(place, held, View(), path, by_cause=wanted.by_cause, mask=False)
            text = ngettext("{count} row written to {path}.", "{count} rows written to {path}.", count)
            note(text.format(count=formats.count(count), path=path))
        if wanted.letters is not None:
            with saving(wanted.letters):
                written = letters.save(held.reading.letters, wanted.letters, place.partner)
            for path in written:
                note(_("Written to {path}.").format(path=path))


def _say_full(workspace: Workspace, places: Sequence[ChainPlace]) -> None:
    environments = {workspace.connections.partner_config(place.partner).environment for place in places}
    if environments - {"practice"}:
        note(_("This output holds personal data in full."))
